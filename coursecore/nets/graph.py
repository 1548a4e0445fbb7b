"""Flow graphs: a network as boxes that each know how to go forward and backward.

Deck L draws a network as boxes and arrows. Each box is an object with two methods:
`fprop` computes its value from the values of its inputs, `bprop` sends each input the
bar it is owed: its own bar times the derivative by that input, written by hand. Calling
every fprop in the right order is forward propagation; calling every bprop in the reverse
order is backpropagation. Only the parameters need their bars, so bprop keeps to boxes
on a path from a parameter: no bar is computed for the data or for the targets.

    >>> x, w = Input(np.array([[3.0, 1.0]])), Parameter(np.array([[2.0, 0.0]]))
    >>> b, t = Parameter(np.array([1.0])), Input(np.array([[5.0]]))
    >>> network = FlowGraph(SquaredError(Affine(x, w, b), t))
    >>> network.fprop()
    np.float64(2.0)
    >>> network.bprop()
    >>> w.bar, b.bar, x.bar
    (array([[6., 2.]]), array([2.]), None)

What a box is computed from are here its *inputs*: deck L calls them its children, the
rest of the course parents. `grad` finds the same bars without a line of this module.
"""

import numpy as np

from . import functional as F
from . import nn


class FlowBox:
    """A box of a flow graph: its inputs, a value, and the bar of that value.

    A new kind of box defines `fprop`, which sets `self.value`, and `bprop`, which calls
    `receive` on the inputs that learn: those that are a parameter or depend on one.
    Raises TypeError if an input is not a box.
    """

    def __init__(self, *inputs, name=None):
        for box in inputs:
            if not isinstance(box, FlowBox):
                raise TypeError(
                    f"{type(self).__name__} needs boxes as inputs, but one is of type "
                    f"{type(box).__name__}. Put arrays into Input(...) or Parameter(...)."
                )
        self.inputs = inputs
        self.name = type(self).__name__ if name is None else name
        self.value = None
        self.bar = None
        self.learns = any(box.learns for box in inputs)

    def fprop(self):
        """Compute the value from the values of the inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no fprop: define one.")

    def bprop(self):
        """Send each input that learns its share of the bar."""
        raise NotImplementedError(f"{type(self).__name__} has no bprop: define one.")

    def receive(self, bar):
        """Add a bar to this box's own: where a value is used twice, two bars meet."""
        self.bar = bar if self.bar is None else self.bar + bar


class FlowGraph:
    """The boxes that `end` depends on, in an order in which they can be computed.

    `boxes` lists them, every box after its inputs; `learning` lists those that bprop
    visits, in its order: the reverse one, without what depends on no parameter.
    """

    def __init__(self, end):
        self.end = end
        self.boxes = _inputs_first(end)
        self.learning = [box for box in reversed(self.boxes) if box.learns]

    def fprop(self):
        """Run every fprop, inputs first, and return the value of `end`."""
        for box in self.boxes:
            box.fprop()
        return self.end.value

    def bprop(self, end_bar=1.0):
        """Run every bprop, from the end to the parameters, and leave the bars in `bar`.

        `end_bar` is the bar of the end; 1 for a loss.

        Raises ValueError before fprop, and where the end is not a number and no
        `end_bar` of its shape is given.
        """
        if self.end.value is None:
            raise ValueError("bprop needs the values of the boxes: call fprop first.")
        if np.shape(end_bar) != np.shape(self.end.value):
            raise ValueError(
                f"bprop needs a bar of the end's shape {np.shape(self.end.value)}, but "
                f"got one of shape {np.shape(end_bar)}. Pass end_bar, or end in a loss."
            )
        for box in self.boxes:
            box.bar = None
        self.end.bar = end_bar
        for box in self.learning:
            box.bprop()

    def __str__(self):
        """List the boxes, a line each, in the order of fprop: name, inputs, shape, bar."""
        rows = [("box", "inputs", "shape", "bprop")]
        for box in self.boxes:
            shape = "" if box.value is None else str(np.shape(box.value))
            inputs = ", ".join(source.name for source in box.inputs)
            turn = str(self.learning.index(box) + 1) if box.learns else "-"
            rows.append((box.name, inputs, shape, turn))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _inputs_first(end):
    """Order the boxes below `end`: a box is done when all of its inputs are."""
    order, seen, waiting = [], set(), [(end, False)]
    while waiting:
        box, inputs_are_done = waiting.pop()
        if inputs_are_done:
            order.append(box)
        elif box not in seen:
            seen.add(box)
            waiting.append((box, True))
            waiting += [(source, False) for source in reversed(box.inputs)]
    return order


# ------------------------------------------------------- where a graph begins


class Input(FlowBox):
    """Data or targets: a value that is given, and gets no bar."""

    def __init__(self, value=None, name=None):
        super().__init__(name=name)
        self.value = value

    def fprop(self):
        if self.value is None:
            raise ValueError(f"The box {self.name} has no value yet. Set its .value.")


class Parameter(Input):
    """A value that is learnt: bprop ends here, and leaves its bar."""

    def __init__(self, value=None, name=None):
        super().__init__(value, name)
        self.learns = True

    def bprop(self):
        """Keep the bar that has arrived, in the precision of the value."""
        self.bar = np.asarray(self.bar, dtype=np.result_type(self.value))


# --------------------------------------------------------- layers, one a box


class Affine(FlowBox):
    """Z = X Wᵀ + b for boxes X (N, D), W (M, D), b (M,)."""

    def __init__(self, X, W, b, name=None):
        super().__init__(X, W, b, name=name)

    def fprop(self):
        X, W, b = self.inputs
        self.value = nn.linear({"W": W.value, "b": b.value}, X.value)

    def bprop(self):
        """Send X_bar = Z_bar W, W_bar = Z_barᵀ X, and b_bar, the sum over the rows."""
        X, W, b = self.inputs
        if X.learns:
            X.receive(self.bar @ W.value)
        if W.learns:
            W.receive(self.bar.T @ X.value)
        if b.learns:
            b.receive(np.sum(self.bar, axis=0))


# name          value          z_bar, from h_bar, z and h = value
# fmt: off
ACTIVATIONS = {
    "linear":     (F.linear,     lambda h_bar, z, h: h_bar),
    "relu":       (F.relu,       lambda h_bar, z, h: np.where(z <= 0, 0.0, h_bar)),
    "leaky_relu": (F.leaky_relu, lambda h_bar, z, h: np.where(z <= 0, 0.1 * h_bar, h_bar)),
    "softplus":   (F.softplus,   lambda h_bar, z, h: h_bar * F.sigmoid(z)),
    "sigmoid":    (F.sigmoid,    lambda h_bar, z, h: h_bar * h * (1 - h)),
    "tanh":       (F.tanh,       lambda h_bar, z, h: h_bar * (1 - h**2)),
    "threshold":  (F.threshold,  lambda h_bar, z, h: 0.0 * h_bar),
    "softmax":    (F.softmax,    lambda h_bar, z, h: h * (h_bar - _row_sums(h_bar * h))),
}
# fmt: on


class Activation(FlowBox):
    """H = σ(Z) for one of the activations in ACTIVATIONS, by name."""

    def __init__(self, Z, activation, name=None):
        super().__init__(Z, name=activation if name is None else name)
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"There is no activation {activation!r}. Choose from {[*ACTIVATIONS]}."
            )
        self.activation = activation
        self._value, self._z_bar = ACTIVATIONS[activation]

    def fprop(self):
        self.value = self._value(self.inputs[0].value)

    def bprop(self):
        """Send Z_bar = H_bar ⊙ σ'(Z); for softmax, where scores compete, the full VJP."""
        (Z,) = self.inputs
        Z.receive(self._z_bar(self.bar, Z.value, self.value))


class Dropout(FlowBox):
    """H with entries silenced at random, at the given rate, and the rest scaled up.

    Each fprop draws a mask from `rng`, and bprop uses the same; while `rng` is None,
    which means evaluation, H passes as it is.
    """

    def __init__(self, H, rate, rng=None, name=None):
        super().__init__(H, name=name)
        self.rate, self.rng = rate, rng

    def fprop(self):
        H = self.inputs[0].value
        self._mask = nn.dropout(self.rng, np.ones_like(H), self.rate)
        self.value = H * self._mask

    def bprop(self):
        self.inputs[0].receive(self.bar * self._mask)


class Flatten(FlowBox):
    """Lay the numbers of each example out in one row: (N, …) becomes (N, D)."""

    def fprop(self):
        X = self.inputs[0].value
        self.value = np.reshape(X, (len(X), -1))

    def bprop(self):
        (X,) = self.inputs
        X.receive(np.reshape(self.bar, np.shape(X.value)))


class Add(FlowBox):
    """The sum of boxes of one shape: a loss and its penalties, or a layer and a bypass."""

    def fprop(self):
        shapes = [np.shape(box.value) for box in self.inputs]
        if len(set(shapes)) != 1:
            raise ValueError(f"Add needs boxes of one shape, but got {shapes}.")
        self.value = sum(box.value for box in self.inputs)

    def bprop(self):
        for box in self.inputs:
            if box.learns:
                box.receive(self.bar)


class Scale(FlowBox):
    """A box times a constant factor."""

    def __init__(self, box, factor, name=None):
        super().__init__(box, name=name)
        self.factor = factor

    def fprop(self):
        self.value = self.factor * self.inputs[0].value

    def bprop(self):
        self.inputs[0].receive(self.factor * self.bar)


# ------------------------------------------------------ losses and penalties


class Loss(FlowBox):
    """A mean over the batch, of outputs (N, K) and targets; the targets get no bar.

    A kind of loss gives `mean`, the function, and `slope`, row by row its derivative.
    """

    def __init__(self, outputs, targets, name=None):
        super().__init__(outputs, targets, name=name)
        if targets.learns:
            raise ValueError(
                f"{type(self).__name__} needs targets that are given, but these depend on "
                f"a parameter. Pass the outputs first, then the targets."
            )

    def fprop(self):
        outputs, targets = self.inputs
        self.value = self.mean(outputs.value, targets.value)

    def bprop(self):
        outputs, targets = self.inputs
        Y = outputs.value
        slope = self.slope(Y, np.asarray(targets.value)).astype(Y.dtype, copy=False)
        outputs.receive((self.bar / len(Y)) * slope)


class SquaredError(Loss):
    """The mean of ½‖y - t‖² for outputs Y and targets T of one shape."""

    mean = staticmethod(F.squared_error)
    slope = staticmethod(lambda Y, T: Y - T)


class SoftmaxCrossEntropy(Loss):
    """The mean of -log softmax(Z)[t], t being classes or rows of K probabilities.

    Two boxes in one: no logarithm of 0, and a bar that is a difference.
    """

    mean = staticmethod(F.cross_entropy)

    @staticmethod
    def slope(Z, t):
        """Return softmax(z) - t, row by row, t as a one-hot row."""
        P = F.softmax(Z)
        if t.ndim == 2:
            return P - t
        P[np.arange(len(t)), t] -= 1.0
        return P


class SigmoidCrossEntropy(Loss):
    """The mean of -t log σ(z) - (1-t) log(1-σ(z)) from scores z, targets in [0, 1].

    Where a row has K scores, for K questions answered by yes or no, their losses add.
    """

    mean = staticmethod(F.binary_cross_entropy)
    slope = staticmethod(lambda Z, T: F.sigmoid(Z) - T)


class L2(FlowBox):
    """½ ‖W‖², the penalty on weights; Scale(L2(W), λ) gives it its own weight λ."""

    def fprop(self):
        self.value = 0.5 * np.sum(self.inputs[0].value ** 2)

    def bprop(self):
        self.inputs[0].receive(self.bar * self.inputs[0].value)


def _row_sums(values):
    return np.sum(values, axis=-1, keepdims=True)
