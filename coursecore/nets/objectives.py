"""What the names of losses mean that a model is compiled with.

    >>> sorted(LOSSES)[:2]
    ['binary_crossentropy', 'categorical_crossentropy']

Cross-entropies start from the scores below the last activation, so that no probability of
0 meets a logarithm. Our losses add over the outputs of an example; "mse" and
"binary_crossentropy" are means over the outputs too, as they are in Keras.
"""

from typing import NamedTuple

import numpy as np

from . import graph


class Objective(NamedTuple):
    """A loss of a model: its box, the last activation that it needs, and a factor.

    `scale` gives the factor of the box for K outputs; `one_number` says whether a target
    is one integer, where other losses take a row of K numbers.
    """

    name: str
    box: type
    activation: str | None = None
    scale: object = lambda K: 1.0
    one_number: bool = False

    def attach(self, output, target, num_outputs):
        """Return the box of the loss, on top of the boxes of output and target.

        Raises ValueError if the last activation is not the one that the loss needs.
        """
        if self.activation is not None:
            activation = getattr(output, "activation", "linear")
            if activation != self.activation:
                raise ValueError(
                    f"The loss {self.name!r} needs a last layer with activation "
                    f"{self.activation!r}, but here it is {activation!r}."
                )
            if activation == "softmax" and num_outputs == 1:
                raise ValueError(
                    "A softmax over one unit is always 1. For two classes use 2 units, or "
                    "1 unit with activation 'sigmoid' and loss 'binary_crossentropy'."
                )
            (output,) = output.inputs
        return graph.Scale(self.box(output, target), self.scale(num_outputs))

    def targets(self, y, num_outputs):
        """Return the targets y as the loss takes them: (N,) classes, or rows (N, K).

        A column (N, 1) of classes will do for (N,), and (N,) for (N, 1) numbers. Raises
        ValueError for all else, before any training.
        """
        y = np.asarray(y)
        if self.one_number and y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        elif not self.one_number and y.ndim == 1 and num_outputs == 1:
            y = y[:, None]
        shape = y.shape[:1] if self.one_number else (*y.shape[:1], num_outputs)
        if y.shape != shape or y.dtype.kind not in "biuf":
            asked = "(N,), integer classes" if self.one_number else f"(N, {num_outputs})"
            sister = self.name.removeprefix("sparse_")
            sister = sister if self.one_number else f"sparse_{sister}"
            advice = f" Is {sister!r} meant?" if sister in LOSSES else ""
            raise ValueError(
                f"The loss {self.name!r} needs targets y of shape {asked}, but got shape "
                f"{y.shape} and dtype {y.dtype}.{advice}"
            )
        loss = self.box.mean(np.zeros((len(y), num_outputs)), y)  # refuses other mistakes
        if not np.isfinite(loss):
            raise ValueError("The targets y hold NaN or infinity: look at the data.")
        return y

    def accuracy(self, outputs, y):
        """Return the fraction of targets that the outputs, probabilities, get right."""
        if self.activation == "sigmoid":
            return np.mean((outputs > 0.5) == (y > 0.5))
        classes = y if y.ndim == 1 else np.argmax(y, axis=-1)
        return np.mean(np.argmax(outputs, axis=-1) == classes)


LOSSES = {
    objective.name: objective
    for objective in (
        Objective(
            "sparse_categorical_crossentropy", graph.SoftmaxCrossEntropy, "softmax",
            one_number=True,
        ),
        Objective("categorical_crossentropy", graph.SoftmaxCrossEntropy, "softmax"),
        Objective(
            "binary_crossentropy", graph.SigmoidCrossEntropy, "sigmoid", lambda K: 1 / K
        ),
        Objective("mse", graph.SquaredError, scale=lambda K: 2 / K),
        Objective("mean_squared_error", graph.SquaredError, scale=lambda K: 2 / K),
    )
}  # fmt: skip
