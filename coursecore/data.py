"""Data: seeded toy sets, scikit-learn's digits, splits.

Inputs X have shape (N, D), rows are examples; targets t are integer classes (N,).
Every draw comes from the `rng` that is passed in.
"""

import numpy as np


def xor():
    """Return the four points of XOR, X (4, 2) and t (4,): no line separates them."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([0, 1, 1, 0])


def blobs(rng, num_examples, num_classes=3, spread=0.5, radius=2.0):
    """Draw Gaussian blobs whose means lie evenly on a circle: X (N, 2), t (N,)."""
    t = _balanced_classes(rng, num_examples, num_classes)
    angle = 2 * np.pi * t / num_classes
    means = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return means + spread * rng.standard_normal((num_examples, 2)), t


def moons(rng, num_examples, noise=0.1):
    """Draw two interleaved half circles of radius 1: X (N, 2), t (N,) of 0 and 1."""
    t = _balanced_classes(rng, num_examples, 2)
    angle = np.pi * rng.uniform(size=num_examples)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X = np.where(t[:, None] == 0, upper, np.array([1.0, 0.5]) - upper)
    return X + noise * rng.standard_normal(X.shape), t


def spirals(rng, num_examples, num_classes=2, noise=0.05, turns=0.75):
    """Draw spiral arms from the origin to radius 1: X (N, 2), t (N,)."""
    t = _balanced_classes(rng, num_examples, num_classes)
    radius = np.sqrt(rng.uniform(0.01, 1.0, size=num_examples))
    angle = 2 * np.pi * (turns * radius + t / num_classes)
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + noise * rng.standard_normal(X.shape), t


def digits():
    """Return scikit-learn's 1,797 handwritten digits: X (1797, 64) in [0, 1], t (1797,).

    Each row is an 8×8 image; X[i].reshape(8, 8) shows it. (UCI, Alpaydin & Kaynak 1998.)
    """
    from sklearn.datasets import load_digits

    X, t = load_digits(return_X_y=True)
    return X / 16.0, t


def split(rng, arrays, fractions=(0.8, 0.2)):
    """Deal the rows of several arrays out at random, e.g. into train, valid and test.

    Returns one tuple of arrays for each fraction. No row is in two parts, and all
    rows are used: the first part takes what rounding leaves over.

    >>> parts = split(np.random.default_rng(0), xor(), (0.5, 0.25, 0.25))
    >>> [len(X) for X, t in parts]
    [2, 1, 1]
    """
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1:
        raise ValueError(f"split needs arrays of one length, but got {sorted(lengths)}.")
    if min(fractions) <= 0 or not np.isclose(sum(fractions), 1.0):
        raise ValueError(f"split needs positive fractions that sum to 1, got {fractions}.")
    (num_rows,) = lengths
    sizes = [int(num_rows * fraction + 1e-9) for fraction in fractions[1:]]
    if min([num_rows - sum(sizes), *sizes]) == 0:
        raise ValueError(
            f"split of {num_rows} rows into {fractions} leaves a part without a row."
        )
    order = rng.permutation(num_rows)
    parts = np.split(order, np.cumsum([num_rows - sum(sizes), *sizes])[:-1])
    return [tuple(array[rows] for array in arrays) for rows in parts]


def _balanced_classes(rng, num_examples, num_classes):
    if num_examples < num_classes:
        raise ValueError(
            f"{num_classes} classes need at least as many examples, got {num_examples}."
        )
    return rng.permutation(np.arange(num_examples) % num_classes)
