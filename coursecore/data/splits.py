"""Splits without leakage, and the preparation of inputs and targets.

What is learned from data is learned from the training part alone: that goes for the
mean and scale of the inputs as much as for the weights.
"""

from dataclasses import dataclass

import numpy as np


def split(rng, arrays, fractions=(0.8, 0.2), *, groups=None):
    """Deal the rows of several arrays out at random, e.g. into train, valid and test.

    Returns one tuple of arrays for each fraction. No row is in two parts, and all
    rows are used: the first part takes what rounding leaves over.

    With `groups`, an array of one value (or row of values) for each row, the distinct
    values are dealt out in these fractions, and rows follow their value in the order
    they had: copies of a sentence, or images of one person, never meet in two parts.

    >>> from coursecore import data
    >>> parts = data.split(np.random.default_rng(0), data.xor(), (0.5, 0.25, 0.25))
    >>> [len(X) for X, t in parts]
    [2, 1, 1]
    """
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1:
        raise ValueError(f"split needs arrays of one length, but got {sorted(lengths)}.")
    (num_rows,) = lengths
    if groups is None:
        dealt = _deal(rng, num_rows, fractions, "rows")
    else:
        if len(groups) != num_rows:
            raise ValueError(
                f"split needs a group for each of {num_rows} rows, got {len(groups)}."
            )
        value = _distinct(groups)
        dealt = [
            np.flatnonzero(np.isin(value, values))
            for values in _deal(rng, int(value.max(initial=-1)) + 1, fractions, "groups")
        ]
    return [tuple(array[rows] for array in arrays) for rows in dealt]


def seen(rows, among):
    """Say which rows stand, entry for entry, among other rows: (N,) of booleans.

    `seen(test, train).any()` is the leak of a split; `~seen(contexts, train_contexts)`
    are the contexts that training has never met.

    >>> seen(np.array([[1, 2], [3, 4]]), among=np.array([[3, 4], [5, 6]]))
    array([False,  True])
    """
    rows, among = np.asarray(rows), np.asarray(among)
    if rows.shape[1:] != among.shape[1:]:
        raise ValueError(
            f"seen compares rows of one shape, but got {rows.shape[1:]} and"
            f" {among.shape[1:]}."
        )
    value = _distinct(np.concatenate([among, rows]))
    return np.isin(value[len(among) :], value[: len(among)])


@dataclass(frozen=True)
class Standardiser:
    """Mean and scale of each column of a training set, ready to be used on any other."""

    mean: np.ndarray
    scale: np.ndarray

    def __call__(self, X):
        """Return (X − mean) / scale; float32 stays float32."""
        X = self._columns(X)
        return ((X - self.mean) / self.scale).astype(X.dtype, copy=False)

    def undo(self, X):
        """Return X · scale + mean: back to the units of the data."""
        X = self._columns(X)
        return (X * self.scale + self.mean).astype(X.dtype, copy=False)

    def _columns(self, X):
        X = np.asarray(X)
        if X.ndim == 0 or X.shape[-1] != len(self.mean):
            raise ValueError(
                f"This was fitted on {len(self.mean)} columns, but X has shape {X.shape}."
            )
        return X if X.dtype.kind == "f" else X.astype(np.float64)


def standardiser(X):
    """Fit mean 0 and standard deviation 1 to each column of X (N, D).

    Returns a `Standardiser`: fit it on the training inputs, call it on all. A column
    that never varies is only centred. (x̃ = (x − μ)/σ of deck T.)

    >>> standardise = standardiser(np.array([[1000.0, 7.0], [1002.0, 7.0]]))
    >>> standardise(np.array([[1003.0, 8.0]]))
    array([[2., 1.]])
    """
    X = np.asarray(X)
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f"standardiser needs X of shape (N, D), N > 0, got {X.shape}.")
    mean = X.mean(axis=0, dtype=np.float64)
    if not np.isfinite(mean).all():
        raise ValueError(
            f"standardiser found NaN or infinity in column"
            f" {int(np.argmin(np.isfinite(mean)))}: clean the data first."
        )
    varies = X.max(axis=0) > X.min(axis=0)
    return Standardiser(
        np.where(varies, mean, X[0]),
        np.where(varies, X.std(axis=0, dtype=np.float64), 1.0),
    )


def one_hot(t, num_classes=None):
    """Return a row for each integer class, 1 there and 0 elsewhere: T (N, K).

    >>> one_hot([2, 0])
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    t = np.asarray(t)
    if t.ndim != 1 or t.dtype.kind not in "iu":
        raise TypeError(
            f"one_hot needs integer classes (N,), got {t.dtype} of shape {t.shape}."
        )
    if num_classes is None:
        num_classes = int(t.max(initial=-1)) + 1
    if len(t) and not 0 <= t.min() <= t.max() < num_classes:
        raise ValueError(
            f"one_hot needs classes 0 to {num_classes - 1}, got {t.min()} to {t.max()}."
        )
    T = np.zeros((len(t), num_classes))
    T[np.arange(len(t)), t] = 1.0
    return T


def _deal(rng, num_things, fractions, things):
    if len(fractions) == 0 or min(fractions) <= 0 or not np.isclose(sum(fractions), 1.0):
        raise ValueError(f"split needs positive fractions that sum to 1, got {fractions}.")
    sizes = [int(num_things * fraction + 1e-9) for fraction in fractions[1:]]
    sizes = [num_things - sum(sizes), *sizes]
    if min(sizes) == 0:
        raise ValueError(
            f"split of {num_things} {things} into {fractions} leaves a part without a"
            f" {things.removesuffix('s')}."
        )
    return np.split(rng.permutation(num_things), np.cumsum(sizes)[:-1])


def _distinct(rows):
    """Number the distinct rows: (N,) of integers, equal where rows are equal."""
    rows = np.asarray(rows)
    _, value = np.unique(rows, axis=0, return_inverse=True)
    return value.ravel()
