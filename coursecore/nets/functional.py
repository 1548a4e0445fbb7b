"""Activations and losses in plain NumPy, stable for scores of any size.

Rows are examples. Scores Z have shape (N, K), one column for each class; a target t
is an integer class in 0…K-1, or a row of K probabilities. Losses are means over the
batch, in nats. Nothing here knows about differentiation: `grad` runs these functions
as they stand.

    >>> import numpy as np
    >>> softmax(np.array([[0.0, 1000.0]]))
    array([[0., 1.]])
"""

import numpy as np

# ------------------------------------------------------------------ activations


def linear(z):
    """Return z: the activation of an output unit for regression."""
    return z


def relu(z):
    """Return max(z, 0), with derivative 0 at 0; NaN stays NaN."""
    return np.where(z <= 0, 0.0, z)


def leaky_relu(z, slope=0.1):
    """Return z where it is positive and slope·z elsewhere (Brown 1470: slope 0.1)."""
    return np.where(z <= 0, slope * z, z)


def softplus(z):
    """Return log(1 + eᶻ), the smooth ReLU; its derivative is the sigmoid."""
    return np.logaddexp(0.0, z)


def sigmoid(z):
    """Return 1 / (1 + e⁻ᶻ), the logistic function, by way of tanh: it cannot overflow."""
    return 0.5 * (np.tanh(0.5 * z) + 1.0)


def tanh(z):
    """Return (eᶻ - e⁻ᶻ) / (eᶻ + e⁻ᶻ)."""
    return np.tanh(z)


def threshold(z):
    """Return 1.0 where z > 0 and 0.0 elsewhere. The derivative is 0: it cannot learn."""
    return np.where(z > 0, 1.0, 0.0)


def softmax(Z):
    """Turn scores (…, K) into probabilities that sum to 1 over the last axis."""
    return np.exp(log_softmax(Z))


def log_softmax(Z):
    """Return log softmax(Z). Shifting a row of scores by its maximum changes nothing."""
    Z = Z - np.max(Z, axis=-1, keepdims=True)
    return Z - np.log(np.sum(np.exp(Z), axis=-1, keepdims=True))


# ---------------------------------------------------------------------- losses


def squared_error(Y, T):
    """Return the mean over the batch of ½‖y - t‖². Y and T: (N,) or (N, K)."""
    T = np.asarray(T)
    _require_same_shape("squared_error", Y, T)
    return 0.5 * np.sum((Y - T) ** 2) / _batch(Y)


def cross_entropy(Z, t):
    """Return the mean of -log softmax(Z)[t] from scores Z (N, K).

    t holds N integer classes, or N rows of K target probabilities (one-hot or soft).

    Raises ValueError if t does not fit Z, or names a class outside 0…K-1.
    """
    t = np.asarray(t)
    if np.ndim(Z) == 2 and t.shape == np.shape(Z):
        if not np.allclose(np.sum(t, axis=1), 1.0):
            raise ValueError(
                "cross_entropy needs target rows that are probabilities, but some do "
                "not sum to 1."
            )
        return -np.sum(t * log_softmax(Z)) / _batch(Z)
    rows = _rows_and_classes("cross_entropy", Z, t)
    return -np.sum(log_softmax(Z)[rows]) / _batch(Z)


def binary_cross_entropy(z, t):
    """Return the mean of -t log σ(z) - (1-t) log(1-σ(z)) from scores z (N,).

    t holds N numbers in [0, 1]. Written as softplus(z) - t z, which never takes log 0.
    """
    t = np.asarray(t)
    _require_same_shape("binary_cross_entropy", z, t)
    if t.size and not (t.min() >= 0 and t.max() <= 1):
        raise ValueError(
            f"binary_cross_entropy needs targets in [0, 1], but they run from {t.min()} "
            f"to {t.max()}. From targets of -1 or +1 use (t + 1) / 2."
        )
    return np.sum(softplus(z) - t * z) / _batch(z)


def zero_one(Z, t):
    """Return the fraction of rows whose largest score is not the target's."""
    _, t = _rows_and_classes("zero_one", Z, t)
    return np.sum(np.argmax(Z, axis=-1) != t) / _batch(Z)


def hinge(z, t):
    """Return the mean of max(0, 1 - t z) for scores z (N,) and targets t of -1 or +1."""
    t = _signs("hinge", z, t)
    return np.sum(relu(1.0 - t * z)) / _batch(z)


def logistic(z, t):
    """Return the mean of log(1 + e^(-t z)) for scores z (N,) and targets t of -1 or +1."""
    t = _signs("logistic", z, t)
    return np.sum(softplus(-t * z)) / _batch(z)


def perceptron(z, t):
    """Return the mean of max(0, -t z) for scores z (N,) and targets t of -1 or +1."""
    t = _signs("perceptron", z, t)
    return np.sum(relu(-t * z)) / _batch(z)


def _batch(Z):
    if np.ndim(Z) == 0 or np.shape(Z)[0] == 0:
        raise ValueError(
            f"A loss is a mean over a batch and needs at least one row, but the scores "
            f"have shape {np.shape(Z)}. For one example pass Z[None]."
        )
    return np.shape(Z)[0]


def _require_same_shape(loss, Z, T):
    if np.shape(Z) != np.shape(T):
        raise ValueError(
            f"{loss} needs outputs and targets of one shape, but got {np.shape(Z)} and "
            f"{np.shape(T)}. Broadcasting would compare every row with every other."
        )


def _signs(loss, z, t):
    t = np.asarray(t)
    _require_same_shape(loss, z, t)
    if not np.all(np.isin(t, (-1, 1))):
        raise ValueError(
            f"{loss} needs targets of -1 or +1, but got {np.unique(t)[:5]}. "
            f"From targets of 0 or 1 use 2 * t - 1."
        )
    return t


def _rows_and_classes(loss, Z, t):
    t = np.asarray(t)
    if np.ndim(Z) != 2 or t.shape != np.shape(Z)[:1]:
        raise ValueError(
            f"{loss} needs scores (N, K) and N targets, but got scores of shape "
            f"{np.shape(Z)} and targets of shape {t.shape}."
        )
    if t.dtype.kind not in "iu":
        raise ValueError(
            f"{loss} needs integer classes, but the targets have dtype {t.dtype}. "
            f"Use t.astype(int), or pass rows of K probabilities."
        )
    if t.size and not (t.min() >= 0 and t.max() < np.shape(Z)[1]):
        raise ValueError(
            f"{loss} needs classes in 0…{np.shape(Z)[1] - 1}, but the targets run from "
            f"{t.min()} to {t.max()}."
        )
    return np.arange(len(t)), t
