"""Optimizers: how a step is made from a gradient.

An optimizer is a record of settings with two pure functions. `init(params)` makes its
state; `step(params, grads, state)` returns new parameters and the new state. Nothing is
changed in place, so that a run can be replayed, compared and plotted, unless one asks for
`in_place=True`: then parameters and state are overwritten and no others are allocated.

The learning rate `lr` is a number, or a schedule: a function of the number of the step,
counted from 0. Each optimizer is one `rule`, written for one array as in the textbooks;
walking through the tree is the same for all and stands in `descent`.

    >>> params, grads = {"w": np.array([1.0, 1.0])}, {"w": np.array([30.0, -0.2])}
    >>> adam = Adam(lr=0.1)
    >>> params, state = adam.step(params, grads, adam.init(params))
    >>> params["w"].round(6), state["step"]
    (array([0.9, 1.1]), 1)
"""

from dataclasses import dataclass
from itertools import repeat

import numpy as np

from ..engine import tree
from .descent import Optimizer, option
from .descent import clip as clip  # part of this module's interface
from .descent import clip_values as clip_values
from .descent import global_norm as global_norm


@dataclass(frozen=True, repr=False)
class SGD(Optimizer):
    """Gradient descent with momentum: p ← μ p - α g, θ ← θ + p.

    `lr` is the learning rate α > 0, `momentum` is μ in [0, 1). With μ = 0 this is
    plain gradient descent. (Toronto CSC421 lecture 3.)

    With `average=True` the memory is the exponential average of the gradients (without the
    factor 1 - μ), m ← μ m + g, θ ← θ - α m, as in Larochelle's course and in torch.optim.
    Then p = -α m: while α is constant, both forms walk the same path. A schedule
    tells them apart: p keeps the rates its gradients came with, α m has today's.

    >>> SGD(lr=0.1).step(np.array([1.0]), np.array([2.0]), None)[0]
    array([0.8])
    """

    lr: float = 0.1
    momentum: float = 0.0
    average: bool = option(False)

    def __post_init__(self):
        super().__post_init__()
        why = " At 1 nothing brakes the motion and it never settles."
        self._require("momentum", lambda mu: 0 <= mu < 1, "a momentum in [0, 1)", why)

    @property
    def memory(self):
        """Name the memory: the momentum, if there is one."""
        return ("momentum",) if self.momentum else ()

    def rule(self, lr, step):
        """Return the change of one array: gradient, momentum or average."""
        mu, times, plus = self.momentum, self.times, self.plus

        def plain(w, g):
            return (-lr * g,)

        def push(w, g, p):
            p = plus(times(p, mu), -lr * g)
            return p, p

        def average(w, g, m):
            m = plus(times(m, mu), g)
            return -lr * m, m

        if not mu:
            return plain
        return average if self.average else push


@dataclass(frozen=True, repr=False)
class Nesterov(SGD):
    """Descend with momentum, and with the gradient at the point that p leads to.

    Nesterov's method takes the gradient at θ + μ p instead of θ. Here, as in torch.optim,
    the parameters *are* these points ahead, so that the gradient is theirs as usual:
    p ← μ p - α g, θ ← θ + μ p - α g. (Nesterov 1983; Sutskever et al. 2013.)
    """

    momentum: float = 0.9

    def rule(self, lr, step):
        """Return the change of one array: momentum once more, and the gradient."""
        mu, times, plus = self.momentum, self.times, self.plus

        def push(w, g, p):
            change = -lr * g
            p = plus(times(p, mu), change)
            return mu * p + change, p

        def average(w, g, m):
            m = plus(times(m, mu), g)
            return -lr * (mu * m + g), m

        if not mu:
            return super().rule(lr, step)
        return average if self.average else push


@dataclass(frozen=True, repr=False)
class AdaGrad(Optimizer):
    """Divide each entry of the gradient by the root of the sum of its squares so far.

    s ← s + g², θ ← θ - α g / (√s + ε). The steps shrink as 1/√t. (Duchi et al. 2011;
    torch.optim.Adagrad is the same.) With `inside=True` the denominator is √(s + ε).
    """

    lr: float = 0.1
    epsilon: float = 1e-10
    inside: bool = option(False)

    memory = ("square",)

    def __post_init__(self):
        super().__post_init__()
        self._require("epsilon", lambda e: 0 < e < np.inf, "an epsilon > 0")

    def rule(self, lr, step):
        """Return the change of one array."""
        plus, root = self.plus, _root(self.epsilon, self.inside)

        def change(w, g, s):
            s = plus(s, g * g)
            return -lr * g / root(s), s

        return change


@dataclass(frozen=True, repr=False)
class RMSprop(Optimizer):
    """Divide each entry of the gradient by its root mean square of late.

    s ← (1-γ) s + γ g², θ ← θ - α g / √(s + ε), so that each entry of a step has size α on
    average. γ in (0, 1] is the weight of the newest square. (Toronto CSC421 lecture 3.)

    torch.optim.RMSprop writes 1-γ as alpha and puts ε outside the root, √s + ε: that is
    `inside=False`, and the paths are then the same. Inside, ε counts for more: where g is
    near 0 the denominator is 1e-4 and not 1e-8.
    """

    lr: float = 0.01
    gamma: float = 0.1
    epsilon: float = 1e-8
    inside: bool = option(True)

    memory = ("square",)

    def __post_init__(self):
        super().__post_init__()
        self._require("gamma", lambda gamma: 0 < gamma <= 1, "a gamma in (0, 1]")
        self._require("epsilon", lambda e: 0 < e < np.inf, "an epsilon > 0")

    def rule(self, lr, step):
        """Return the change of one array."""
        gamma, root = self.gamma, _root(self.epsilon, self.inside)
        times, plus = self.times, self.plus

        def change(w, g, s):
            s = plus(times(s, 1 - gamma), gamma * (g * g))
            return -lr * g / root(s), s

        return change


@dataclass(frozen=True, repr=False)
class Adam(Optimizer):
    """Follow the running mean of the gradient, over the running root of its square.

    m ← β₁ m + (1-β₁) g, s ← β₂ s + (1-β₂) g², θ ← θ - α m̂ / (√ŝ + ε). Both means start from
    0 and are too small at first: m̂ = m / (1-β₁ᵗ) and ŝ = s / (1-β₂ᵗ) correct that at step
    t = 1, 2, …, so that the first step is α times the sign of the gradient. With
    `bias_correction=False`, m̂ = m and ŝ = s. (Kingma & Ba 2015; torch.optim.Adam, which
    always corrects, is the same.)
    """

    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    bias_correction: bool = option(True)

    memory = ("mean", "square")
    counts = True

    def __post_init__(self):
        super().__post_init__()
        self._require("beta1", lambda beta: 0 <= beta < 1, "a beta1 in [0, 1)")
        self._require("beta2", lambda beta: 0 <= beta < 1, "a beta2 in [0, 1)")
        self._require("epsilon", lambda e: 0 < e < np.inf, "an epsilon > 0")

    def rule(self, lr, step):
        """Return the change of one array."""
        beta1, beta2, epsilon = self.beta1, self.beta2, self.epsilon
        times, plus = self.times, self.plus
        if self.bias_correction:
            # To correct both means is to correct α and ε, which are mere numbers.
            root = (1 - beta2 ** (step + 1)) ** 0.5
            lr, epsilon = lr * (root / (1 - beta1 ** (step + 1))), epsilon * root

        def change(w, g, m, s):
            m = plus(times(m, beta1), (1 - beta1) * g)
            s = plus(times(s, beta2), (1 - beta2) * (g * g))
            return -lr * m / (np.sqrt(s) + epsilon), m, s

        return change


@dataclass(frozen=True, repr=False)
class AdamW(Adam):
    """Step as Adam does, and shrink the weights: θ ← θ - α λ θ beside the gradient's step.

    The decay λ is not divided by √ŝ as the gradient of an L2 penalty would be. It acts on
    weights, the leaves under a key "W", and spares biases and gains; with `decay_all=True`
    it acts on every leaf, as in torch.optim.AdamW. (Loshchilov & Hutter 2019.)
    """

    weight_decay: float = 0.01
    decay_all: bool = option(False)

    def __post_init__(self):
        super().__post_init__()
        self._require("weight_decay", lambda x: 0 <= x < np.inf, "a weight_decay >= 0")

    def init(self, params):
        """Return the state; ValueError if no leaf would decay."""
        if not (self.decay_all or any(_are_weights(params))):
            raise ValueError(
                f'AdamW shrinks the leaves under a key "W", but these parameters have only '
                f"{tree.paths(params)}. Pass decay_all=True to shrink them all."
            )
        return super().init(params)

    def rules(self, params, lr, step):
        """Give the rule for each leaf in turn: with decay for weights, else Adam's."""
        adam, shrink = self.rule(lr, step), lr * self.weight_decay

        def decayed(w, *arrays):
            change, *memory = adam(w, *arrays)
            return change - shrink * w, *memory

        if self.decay_all:
            return repeat(decayed)
        return [decayed if is_weight else adam for is_weight in _are_weights(params)]


def _root(epsilon, inside):
    """Return the denominator as a function of the squares s: √(s + ε) or √s + ε."""
    if inside:
        return lambda s: np.sqrt(s + epsilon)
    return lambda s: np.sqrt(s) + epsilon


def _are_weights(params, key=None):
    """List for each leaf whether the nearest key above it is "W"."""
    if isinstance(params, dict):
        parts = [_are_weights(child, key) for key, child in params.items()]
    elif isinstance(params, (list, tuple)):
        parts = [_are_weights(child, key) for child in params]
    else:
        return [key == "W"]
    return [is_weight for part in parts for is_weight in part]
