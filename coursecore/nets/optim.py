"""Optimizers: how a step is made from a gradient.

An optimizer is a record of settings with two pure functions. `init(params)` makes its
state; `step(params, grads, state)` returns new parameters and the new state. Nothing
is changed in place, so that a run can be replayed, compared and plotted.
"""

from dataclasses import dataclass

import numpy as np

from ..engine import tree


@dataclass(frozen=True)
class SGD:
    """Gradient descent with momentum: p ← μ p - α g, θ ← θ + p.

    `lr` is the learning rate α > 0, `momentum` is μ in [0, 1). With μ = 0 this is
    plain gradient descent. (Toronto CSC421 lecture 3.)

    >>> SGD(lr=0.1).step(np.array([1.0]), np.array([2.0]), None)[0]
    array([0.8])
    """

    lr: float = 0.1
    momentum: float = 0.0

    def __post_init__(self):
        if not self.lr > 0:
            raise ValueError(f"SGD needs a learning rate lr > 0, but got {self.lr}.")
        if not 0 <= self.momentum < 1:
            raise ValueError(
                f"SGD needs a momentum in [0, 1), but got {self.momentum}. At 1 nothing "
                f"brakes the motion and it never settles."
            )

    def init(self, params):
        """Return the state: a momentum of zero for every leaf, or None without momentum."""
        return tree.map(np.zeros_like, params) if self.momentum else None

    def step(self, params, grads, state):
        """Return the parameters after one step, and the new state."""
        if not self.momentum:
            return tree.map(lambda w, g: w - self.lr * g, params, grads), None
        state = tree.map(lambda p, g: self.momentum * p - self.lr * g, state, grads)
        return tree.map(lambda w, p: w + p, params, state), state
