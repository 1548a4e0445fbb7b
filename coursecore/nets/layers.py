"""Layers of a model: descriptions, from which a model makes the boxes of a flow graph.

    >>> layer = Dense(units=8, activation="relu", input_shape=(2,))
    >>> part = layer.attach(np.random.default_rng(0), graph.Input(np.ones((5, 2))), (2,))
    >>> graph.FlowGraph(part.output).fprop().shape
    (5, 8)

A layer keeps no weights: they are drawn by `attach` and belong to the model.
"""

import difflib
from typing import NamedTuple

import numpy as np

from . import graph, nn


class Part(NamedTuple):
    """What one layer adds to the flow graph of a model."""

    output: graph.FlowBox
    shape: tuple  # of the output, for one example
    parameters: dict  # boxes by name
    penalties: list  # boxes, to be added to the loss


class Layer:
    """A layer of a model: a description, from which `attach` makes boxes.

    The first layer of a model may say what it takes: `input_shape` is the shape of one
    example, `input_dim` its length where it is a row of numbers.
    """

    def __init__(self, input_shape=None, input_dim=None, name=None):
        if input_shape is None and input_dim is not None:
            input_shape = (input_dim,)
        if input_shape is not None and np.ndim(input_shape) == 0:
            input_shape = (input_shape,)
        self.input_shape = None if input_shape is None else tuple(input_shape)
        for size in self.input_shape or ():
            require_count(f"The input_shape of {type(self).__name__}", size)
        self.name = name

    def attach(self, rng, box, shape):
        """Return the Part that this layer adds after `box`, whose rows have `shape`."""
        raise NotImplementedError(f"{type(self).__name__} has no attach: define one.")


KERAS_INITIALISATIONS = {
    "glorot_uniform": "glorot",
    "he_uniform": "he",
    "zeros": "zero",
}


class Dense(Layer):
    """A layer whose `units` are each connected to all inputs: σ(X Wᵀ + b).

    `activation` is one of the names in `graph.ACTIVATIONS`; None is "linear". The initial
    weights are drawn as `kernel_initializer` says: "glorot_uniform", "he_uniform", or any
    init of `nn.init_linear`. `l2` is the λ of a penalty ½ λ ‖W‖², part of the loss.
    """

    def __init__(
        self, units, activation=None, *, kernel_initializer="glorot_uniform", l2=0.0,
        input_shape=None, input_dim=None, name=None,
    ):  # fmt: skip
        super().__init__(input_shape, input_dim, name)
        require_count("The number of units of Dense", units)
        if not l2 >= 0:
            raise ValueError(f"Dense needs a penalty l2 of at least 0, but got {l2}.")
        self.units, self.l2 = units, l2
        self.activation = "linear" if activation is None else activation
        look_up("activation", self.activation, graph.ACTIVATIONS)
        self.init = KERAS_INITIALISATIONS.get(kernel_initializer, kernel_initializer)

    def attach(self, rng, box, shape):
        """Draw W and b, and make the boxes of scores, activation and penalty."""
        if len(shape) != 1:
            raise ValueError(
                f"Dense takes rows of numbers, but what comes before it has shape "
                f"{('N', *shape)}. Put a Flatten() in between."
            )
        layer = nn.init_linear(rng, shape[0], self.units, self.init)
        parameters = {key: graph.Parameter(value, key) for key, value in layer.items()}
        output = graph.Affine(box, parameters["W"], parameters["b"])
        if self.activation != "linear":
            output = graph.Activation(output, self.activation)
        penalty = graph.Scale(graph.L2(parameters["W"]), self.l2)
        return Part(output, (self.units,), parameters, [penalty] if self.l2 else [])


class Activation(Layer):
    """An activation as a layer of its own: Dense(8), then Activation("relu")."""

    def __init__(self, activation, **options):
        super().__init__(**options)
        look_up("activation", activation, graph.ACTIVATIONS)
        self.activation = activation

    def attach(self, rng, box, shape):
        """Make the box of the activation."""
        return Part(graph.Activation(box, self.activation), shape, {}, [])


class Dropout(Layer):
    """Silence inputs at random in training, at `rate`; in evaluation pass them on."""

    def __init__(self, rate, **options):
        super().__init__(**options)
        if not 0 <= rate < 1:
            raise ValueError(f"Dropout needs a rate in [0, 1), but got {rate}.")
        self.rate = rate

    def attach(self, rng, box, shape):
        """Make the box of the mask."""
        return Part(graph.Dropout(box, self.rate), shape, {}, [])


class Flatten(Layer):
    """Lay each example, such as an image of 28 × 28, out in a row."""

    def attach(self, rng, box, shape):
        """Make the box that changes the shape."""
        return Part(graph.Flatten(box), (int(np.prod(shape)),), {}, [])


def look_up(kind, name, known):
    """Return what `known` has under a name; refuse another with the nearest spelling."""
    if isinstance(name, str) and name in known:
        return known[name]
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
    question = f"Did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"There is no {kind} {name!r}. {question}Known are {', '.join(map(repr, known))}."
    )


def require_count(what, number):
    """Refuse what is not a positive whole number."""
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
        raise ValueError(f"{what} must be a positive whole number, but got {number!r}.")
