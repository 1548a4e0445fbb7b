"""Validation: how well does a way of learning do on rows that it has not seen?

Folds without leakage, the mean over them, and what the expected error consists of.

    >>> X, t = np.arange(8.0).reshape(4, 2), np.arange(4)
    >>> [len(valid[1]) for train, valid in k_fold(np.random.default_rng(0), (X, t), 2)]
    [2, 2]
"""

import inspect
from dataclasses import dataclass

import numpy as np

# -------------------------------------------------------------- cross-validation


def k_fold(rng, arrays, num_folds, groups=None):
    """Yield `num_folds` pairs (train, valid) of tuples like `arrays`, shuffled by `rng`.

    Every row is in `valid` exactly once, and never in `train` of the same pair. `groups`
    (N,) names what each row belongs to, a speaker or a patient: all rows of a group stay
    together, and the folds are as even as the groups allow. Rows that occur twice leak
    too: give them one group, `np.unique(X, axis=0, return_inverse=True)[1]`.
    """
    arrays, group = _rows_and_groups(arrays, groups)
    sizes = np.bincount(group)
    if not 2 <= num_folds <= len(sizes):
        raise ValueError(
            f"k_fold needs 2 to {len(sizes)} folds for {len(group)} rows in {len(sizes)} "
            f"groups, but got num_folds={num_folds}."
        )
    # The largest groups first, each to the fold that has the fewest rows so far.
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    fold, filled = np.empty(len(sizes), dtype=int), np.zeros(num_folds, dtype=int)
    for each in order:
        fold[each] = np.argmin(filled)
        filled[fold[each]] += sizes[each]
    return _folds(arrays, group, fold[group], num_folds)


def _folds(arrays, group, fold, num_folds):
    for k in range(num_folds):
        train, valid = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        assert len(train) + len(valid) == len(fold)
        assert np.intersect1d(group[train], group[valid]).size == 0, "a group leaks"
        yield tuple(tuple(array[rows] for array in arrays) for rows in (train, valid))


def _rows_and_groups(arrays, groups):
    if isinstance(arrays, np.ndarray):
        raise TypeError("k_fold needs a tuple of arrays, (X, t) or (X,), not one array.")
    arrays = tuple(map(np.asarray, arrays))
    if groups is None:
        groups = np.arange(arrays[0].shape[0] if arrays and arrays[0].ndim else 0)
    groups = np.asarray(groups)
    lengths = {array.shape[:1] for array in (*arrays, groups)}
    if lengths != {(groups.size,)} or groups.size == 0 or groups.ndim != 1:
        raise ValueError(
            f"k_fold needs arrays with the same number of rows, at least one, and a group "
            f"for each row, but got arrays of shapes {[array.shape for array in arrays]} "
            f"and groups of shape {groups.shape}."
        )
    return arrays, np.unique(groups, return_inverse=True)[1]


def cross_validate(score, folds):
    """Return the mean of score(train, valid) over the folds and its standard error.

    `folds` are pairs as `k_fold` yields them. The result is a dict {"score",
    "standard_error"}, which the score of a search may return as it is; make the list of
    folds once, so that all settings are compared on the same rows. The training sets
    overlap, so the true error is somewhat larger (Bengio & Grandvalet 2004).
    """
    scores = np.array([float(score(train, valid)) for train, valid in folds])
    if len(scores) < 2:
        raise ValueError(
            f"cross_validate needs at least two folds, but got {len(scores)}. A generator "
            f"is empty after its first use: list(k_fold(...)) keeps them."
        )
    spread = np.std(scores, ddof=1) / np.sqrt(len(scores))
    return {"score": float(np.mean(scores)), "standard_error": float(spread)}


# ------------------------------------------------------------- bias and variance


@dataclass(frozen=True, repr=False)
class Decomposition:
    """What `bias_variance` returns: error ≈ bias² + variance + noise.

    All are means over the points x. `standard_error` has an entry for each of the three
    that are estimated; the noise is known. `predictions` (R, …) has a row a training set.
    """

    error: float
    bias_squared: float
    variance: float
    noise: float
    standard_error: dict
    predictions: np.ndarray

    def __repr__(self):
        names = ("bias_squared", "variance", "noise", "error")
        return "\n".join(
            f"{name:12} {getattr(self, name):10.4g}"
            + (f" ± {self.standard_error[name]:.2g}" if name in self.standard_error else "")
            for name in names
        )


def bias_variance(draw, fit_predict, x, truth, *, noise, rng, num_draws=200):
    """Decompose the expected squared error of a way of learning, by Monte Carlo.

    draw(rng) draws a training set; fit_predict(train, x) trains on it and returns the
    predictions at the points x, an array of the shape of `truth`, the true values there
    (or a function of x). `noise` is the standard deviation of a new target around the
    truth: a number, or one for each value of `truth`. Over training sets and new targets
    t, with p the prediction and f the truth,

        E (t - p)² = (E p - f)² + Var p + noise²

    The error on the left is measured with targets drawn for it, the parts on the right
    without them. The estimates are unbiased, so a bias² near 0 may come out below it.
    With an `rng` of the same seed, two models see the same training sets. If fit_predict
    takes `rng`, it gets one for draws of its own.
    (Larochelle, regularization; Geman, Bienenstock & Doursat 1992.)

    >>> noisy = lambda rng: 3.0 + rng.standard_normal(10)
    >>> mean = lambda train, x: np.full(1, np.mean(train))
    >>> rng = np.random.default_rng(0)
    >>> parts = bias_variance(noisy, mean, [0], [3.0], noise=1.0, rng=rng)
    >>> abs(parts.variance - 1 / 10) < 3 * parts.standard_error["variance"]
    True

    Raises ValueError for predictions of another shape than the truth, and
    FloatingPointError if they are not finite.
    """
    x, noise = np.asarray(x), np.asarray(noise, dtype=float)
    truth = np.asarray(truth(x) if callable(truth) else truth, dtype=float)
    if num_draws < 2:
        raise ValueError(f"bias_variance needs num_draws of at least 2, got {num_draws}.")
    if truth.size == 0 or truth.ndim == 0:
        raise ValueError(
            f"bias_variance needs the true values at one or more points, but truth has "
            f"shape {truth.shape}."
        )
    if noise.shape not in ((), truth.shape) or not np.all(noise >= 0):
        raise ValueError(
            f"noise is the standard deviation of a target: a number of at least 0, or one "
            f"for each true value (shape {truth.shape}), but got {noise}."
        )
    sets, own, targets = rng.spawn(3)
    options = {"rng": own} if "rng" in inspect.signature(fit_predict).parameters else {}
    predictions = np.empty((num_draws, *truth.shape))
    for r in range(num_draws):
        predictions[r] = _checked(fit_predict(draw(sets), x, **options), truth, r)

    R, middle = num_draws, np.mean(predictions, axis=0)
    new = truth + noise * targets.standard_normal(predictions.shape)
    errors = _squared_length(new - predictions)
    spreads = _squared_length(predictions - middle) * R / (R - 1)
    variance = np.mean(spreads)
    return Decomposition(
        error=float(np.mean(errors)),
        # The middle of R predictions is off by bias and by a variance of its own.
        bias_squared=float(_squared_length((middle - truth)[None])[0] - variance / R),
        variance=float(variance),
        noise=float(np.sum(np.broadcast_to(noise, truth.shape) ** 2) / len(truth)),
        standard_error={
            "error": float(np.std(errors, ddof=1) / np.sqrt(R)),
            "bias_squared": _standard_error_of_bias(predictions, middle, truth),
            "variance": float(np.std(spreads, ddof=1) / np.sqrt(R)),
        },
        predictions=predictions,
    )


def _checked(prediction, truth, r):
    prediction = np.asarray(prediction)
    if prediction.shape != truth.shape:
        raise ValueError(
            f"fit_predict must return predictions of the shape of truth, {truth.shape}, "
            f"but returned {prediction.shape}."
        )
    if not np.all(np.isfinite(prediction)):
        raise FloatingPointError(
            f"The predictions from training set {r} are not finite. Look at fit_predict: a "
            f"learning rate or a power may be too large."
        )
    return prediction


def _squared_length(misses):
    """Return Σ miss² of each draw, a mean over the points and a sum over outputs."""
    return np.sum(misses**2, axis=tuple(range(1, misses.ndim))) / misses.shape[1]


def _standard_error_of_bias(predictions, middle, truth):
    """Return the root of 4 bᵀΣb / R + 2 tr Σ² / (R (R-1)), with b = E p - f, Σ = Cov p.

    This is the variance of the estimate for predictions of any distribution. The second
    term is what remains where there is no bias. Measured with the middle of R
    predictions in place of E p, bᵀΣb comes out too large by tr Σ² / R.
    """
    R, num_points = len(predictions), len(truth)
    spread = (predictions - middle).reshape(R, -1)
    along_bias = spread @ (middle - truth).ravel() / num_points
    products = spread @ spread.T if spread.shape[1] > R else spread.T @ spread
    trace = np.sum((products / (R - 1) / num_points) ** 2)
    first = max(np.var(along_bias, ddof=1) - trace / R, 0.0)
    return float(np.sqrt(4 * first / R + 2 * trace / (R * (R - 1))))
