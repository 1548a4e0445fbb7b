"""Activations and losses in plain NumPy, stable for scores of any size.

Rows are examples. Scores Z have shape (N, K), one column for each class; a target t
is an integer class in 0…K-1, or a row of K probabilities. Losses are means over the
batch, in nats, and have the precision of the scores: float32 stays float32. Nothing
here knows about differentiation: `grad` runs these functions as they stand.

Each docstring says whether the function is convex, that is, whether no chord runs below
its graph. A loss that is convex in the scores is convex in the parameters of a linear
model too, for there the scores are a linear function of them (Toronto CSC421 lecture 3).

    >>> import numpy as np
    >>> softmax(np.array([[0.0, 1000.0]]))
    array([[0., 1.]])
"""

import numpy as np

# ------------------------------------------------------------------ activations


def linear(z):
    """Return z: the activation of an output unit for regression.

    Convex and concave at once, as only linear functions are.
    """
    return z


def relu(z):
    """Return max(z, 0), with derivative 0 at 0; NaN stays NaN. Convex."""
    return np.where(z <= 0, 0.0, z)


def leaky_relu(z, slope=0.1):
    """Return z where it is positive and slope·z elsewhere (Brown 1470: slope 0.1).

    At 0 the derivative is `slope`. Convex for slopes up to 1.
    """
    return np.where(z <= 0, slope * z, z)


def softplus(z):
    """Return log(1 + eᶻ), the smooth ReLU; its derivative is the sigmoid. Convex."""
    return np.logaddexp(0.0, z)


def sigmoid(z):
    """Return 1 / (1 + e⁻ᶻ), the logistic function, by way of tanh: it cannot overflow.

    Its derivative is σ (1 - σ). Neither convex nor concave: it bends up left of 0 and
    down right of it.
    """
    return 0.5 * (np.tanh(0.5 * z) + 1.0)


def tanh(z):
    """Return (eᶻ - e⁻ᶻ) / (eᶻ + e⁻ᶻ), which is 2 σ(2z) - 1.

    Its derivative is 1 - tanh². Neither convex nor concave, as the sigmoid.
    """
    return np.tanh(z)


def threshold(z):
    """Return 1.0 where z > 0 and 0.0 elsewhere. The derivative is 0: it cannot learn.

    Neither convex nor concave.
    """
    return np.where(z > 0, 1.0, np.zeros_like(z))  # the zeros carry the precision of z


def softmax(Z):
    """Turn scores (…, K) into probabilities P that sum to 1 over the last axis.

    Shifting a row of scores changes nothing. The Jacobian of a row is diag(p) - p pᵀ.
    Neither convex nor concave.
    """
    return np.exp(log_softmax(Z))


def log_softmax(Z):
    """Return log softmax(Z), shape (…, K), without ever taking the logarithm of 0.

    Concave: it is the score less log Σ eᶻ, which is convex.
    """
    # A shift near the maximum changes nothing, and no power of e can overflow. Rounded, the
    # shift is constant almost everywhere, which spares the backward pass the maximum.
    Z = Z - np.rint(np.max(Z, axis=-1, keepdims=True))
    return Z - np.log(np.sum(np.exp(Z), axis=-1, keepdims=True))


# ---------------------------------------------------------------------- losses


def squared_error(Y, T):
    """Return the mean over the batch of ½‖y - t‖². Y and T: (N,) or (N, K).

    Its slope is (Y - T) / N. Convex in Y, but not in scores that a sigmoid or softmax
    turned into Y: far on the wrong side it is flat (a plateau).
    """
    _require_same_shape("squared_error", Y, T)
    T = _as_precise_as(Y, T)
    return 0.5 * np.sum((Y - T) ** 2) / _batch(Y)


def cross_entropy(Z, t, smoothing=0.0):
    """Return the mean of -log softmax(Z)[t] from scores Z (N, K).

    t holds N integer classes, or N rows of K target probabilities (one-hot or soft).
    `smoothing` ε moves that share of every target row evenly to all K classes, so that
    no score is pushed to infinity (Szegedy et al. 2016). The slope in Z is
    (softmax(Z) - target rows) / N. Convex: the Hessian of a row is diag(p) - p pᵀ.

    Raises ValueError if t does not fit Z, or names a class outside 0…K-1.
    """
    if not 0 <= smoothing <= 1:
        raise ValueError(f"cross_entropy needs a smoothing in [0, 1], but got {smoothing}.")
    t = _array(t)
    if np.ndim(Z) == 2 and t.shape == np.shape(Z):
        _require_distributions("cross_entropy", t)
        log_P = log_softmax(Z)
        loss = -np.sum(_as_precise_as(Z, t) * log_P) / _batch(Z)
    else:
        rows = _rows_and_classes("cross_entropy", Z, t)
        log_P = log_softmax(Z)
        loss = -np.sum(log_P[rows]) / _batch(Z)
    if smoothing == 0:
        return loss
    return (1 - smoothing) * loss - smoothing * np.mean(log_P)


def binary_cross_entropy(z, t):
    """Return the mean of -t log σ(z) - (1-t) log(1-σ(z)) from scores z (N,).

    t holds N numbers in [0, 1]. Written as softplus(z) - t z, which never takes log 0.
    The slope is (σ(z) - t) / N. Convex. For targets of -1 or +1 this is `logistic`.
    """
    t = _array(t)
    _require_same_shape("binary_cross_entropy", z, t)
    if t.size and not (t.min() >= 0 and t.max() <= 1):
        raise ValueError(
            f"binary_cross_entropy needs targets in [0, 1], but they run from {t.min()} "
            f"to {t.max()}. From targets of -1 or +1 use (t + 1) / 2."
        )
    return np.sum(softplus(z) - _as_precise_as(z, t) * z) / _batch(z)


def zero_one(Z, t):
    """Return the fraction of rows that are classified wrongly.

    Either Z is (N, K) and t holds integer classes: then the largest score decides, the
    first of equals. Or Z is (N,) and t holds -1 or +1: then the sign decides, and a
    score of 0, which decides nothing, counts as a mistake.

    Not convex, and its slope is 0 wherever it has one, so it cannot be learnt from.
    """
    if np.ndim(Z) == 1 and np.shape(t) == np.shape(Z):
        return np.sum(_signs("zero_one", Z, t) * Z <= 0) / _batch(Z)
    _, t = _rows_and_classes("zero_one", Z, t)
    return np.sum(np.argmax(Z, axis=-1) != t) / _batch(Z)


def hinge(z, t):
    """Return the mean of max(0, 1 - t z) for scores z (N,) and targets t of -1 or +1.

    The slope of a row is -t where t z < 1 and 0 elsewhere, at the kink as well: there
    0 is one of the sub-gradients. Convex. (NYU CS-GY 6923 lecture 10.)
    """
    t = _signs("hinge", z, t)
    return np.sum(relu(1.0 - t * z)) / _batch(z)


def squared_hinge(z, t):
    """Return the mean of max(0, 1 - t z)² for scores z (N,) and targets t of -1 or +1.

    The slope of a row is -2 t max(0, 1 - t z): no kink is left. Convex.
    """
    t = _signs("squared_hinge", z, t)
    return np.sum(relu(1.0 - t * z) ** 2) / _batch(z)


def logistic(z, t):
    """Return the mean of log(1 + e^(-t z)) for scores z (N,) and targets t of -1 or +1.

    The slope of a row is -t σ(-t z). Convex. It is binary_cross_entropy(z, (t + 1) / 2):
    log(1 + eᶻ) - z = log(1 + e⁻ᶻ) where t = 1. (NYU CS-GY 6923 lecture 10.)
    """
    t = _signs("logistic", z, t)
    return np.sum(softplus(-t * z)) / _batch(z)


def perceptron(z, t):
    """Return the mean of max(0, -t z) for scores z (N,) and targets t of -1 or +1.

    The slope of a row is -t where t z < 0 and 0 elsewhere: only mistakes count. Convex.
    """
    t = _signs("perceptron", z, t)
    return np.sum(relu(-t * z)) / _batch(z)


def _batch(Z):
    if np.ndim(Z) == 0 or np.shape(Z)[0] == 0:
        raise ValueError(
            f"A loss is a mean over a batch and needs at least one row, but the scores "
            f"have shape {np.shape(Z)}. For one example pass Z[None]."
        )
    return np.shape(Z)[0]


def _array(t):
    return t if hasattr(t, "dtype") else np.asarray(t)


def _as_precise_as(Z, t):
    """Give targets the precision of the scores: int64 or float64 would widen float32."""
    t, dtype = _array(t), getattr(Z, "dtype", np.dtype(float))
    return t.astype(dtype) if dtype.kind == "f" else t


def _require_same_shape(loss, Z, T):
    if np.shape(Z) != np.shape(T):
        raise ValueError(
            f"{loss} needs outputs and targets of one shape, but got {np.shape(Z)} and "
            f"{np.shape(T)}. Broadcasting would compare every row with every other."
        )


def _signs(loss, z, t):
    t = _array(t)
    _require_same_shape(loss, z, t)
    if not np.all(np.isin(t, (-1, 1))):
        raise ValueError(
            f"{loss} needs targets of -1 or +1, but got {np.unique(t)[:5]}. "
            f"From targets of 0 or 1 use 2 * t - 1."
        )
    return _as_precise_as(z, t)


def _require_distributions(loss, T):
    if not np.allclose(np.sum(T, axis=1), 1.0):
        raise ValueError(
            f"{loss} needs target rows that are probabilities, but some do not sum to 1."
        )
    if T.size and T.min() < 0:
        raise ValueError(
            f"{loss} needs target rows that are probabilities, but the smallest is "
            f"{T.min()}."
        )


def _rows_and_classes(loss, Z, t):
    t = _array(t)
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
