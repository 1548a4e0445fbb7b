"""Toy sets: small, seeded, each made to show one thing.

To classify: `xor` and `patterns` (no linear unit can), `separable` (one can, with a
given margin), `blobs`, `moons`, `spirals`, and noisy versions of the first two.
To fit: `line` and `wave`. To descend: `bowl`.
"""

import numpy as np

# Two patterns of 16 pixels, 4 of them black, for deck G's argument about translations.
# All it needs of them is that each has 16 different translations.
SQUARE = np.array(
    [
        [1.0, 1.0, 0.0, 0.0],
        [1.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
    ]
)
TEE = np.array(
    [
        [1.0, 1.0, 1.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
    ]
)
for _image in (SQUARE, TEE):
    _image.flags.writeable = False


# ------------------------------------------------------------------ to classify


def xor():
    """Return the four points of XOR, X (4, 2) and t (4,): no line separates them."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([0, 1, 1, 0])


def noisy_xor(rng, num_examples, noise=0.25):
    """Draw Gaussian clouds around the four points of XOR: X (N, 2), t (N,)."""
    t = _balanced_classes(rng, num_examples, 2)
    first = rng.integers(0, 2, size=num_examples)
    corners = np.stack([first, first ^ t], axis=1)
    return corners + noise * rng.standard_normal((num_examples, 2)), t


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


def separable(rng, num_examples, margin=0.2, weights=(1.0, 1.0), bias=0.0):
    """Draw two classes that the plane w·x + b = 0 separates with exactly this margin.

    X (N, D) for D weights, t (N,) of 0 and 1; class 1 lies where w·x + b > 0. No
    example is nearer to the plane than `margin`, and one pair of examples faces each
    other across it, 2·margin apart: so no other plane has a wider margin, and the
    maximum-margin classifier is known. With bias 0, a perceptron without a bias corrects
    itself at most (R/margin)² times, R the longest row of X (Novikoff 1962).
    """
    weights = np.asarray(weights, dtype=float)
    length = np.linalg.norm(weights)
    if margin <= 0:
        raise ValueError(f"separable needs a margin above 0, got {margin}.")
    if weights.ndim != 1 or length == 0:
        raise ValueError(
            f"separable needs a vector of weights that is not 0, got {weights.tolist()}."
        )
    t = _balanced_classes(rng, num_examples, 2)
    normal, offset = weights / length, bias / length
    X = rng.uniform(-1.0, 1.0, size=(num_examples, len(weights)))
    distance = X @ normal + offset
    on_plane = X - distance[:, None] * normal
    # The pair that faces each other: the first example of each class.
    pair = [np.argmax(t == 0), np.argmax(t == 1)]
    distance[pair] = 0.0
    on_plane[pair] = on_plane[pair[0]]
    reach = (2 * t - 1) * (np.abs(distance) + margin)
    return on_plane + reach[:, None] * normal, t


# ----------------------------------------------------- patterns and their shifts


def translations(image):
    """Return every translation of an image with wrap-around, one flat row each: (n, n).

    `image` has n pixels in any number of dimensions: a 4×4 array, or a strip of 16.

    >>> translations([1, 0, 0])
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    image = np.asarray(image, dtype=float)
    axes = tuple(range(image.ndim))
    shifts = np.ndindex(*image.shape)
    return np.stack([np.roll(image, shift, axis=axes).ravel() for shift in shifts])


def patterns():
    """Return all translations of deck G's two patterns: X (32, 16), t (32,) of 0 and 1.

    Row i reshapes to a 4×4 image: `SQUARE` moved with wrap-around where t is 0, `TEE`
    where it is 1. The mean of either class is 0.25 at every pixel, so no linear unit
    tells them apart (deck G, "a more troubling example").
    """
    X = np.concatenate([translations(SQUARE), translations(TEE)])
    return X, np.repeat([0, 1], 16)


def noisy_patterns(rng, num_examples, flip=0.05):
    """Draw translated patterns with each pixel flipped at chance `flip`: X (N, 16), t."""
    if not 0 <= flip <= 1:
        raise ValueError(f"noisy_patterns needs a chance to flip in [0, 1], got {flip}.")
    t = _balanced_classes(rng, num_examples, 2)
    X, _ = patterns()
    X = X[16 * t + rng.integers(0, 16, size=num_examples)]
    return np.where(rng.uniform(size=X.shape) < flip, 1.0 - X, X), t


def digits():
    """Return scikit-learn's 1,797 handwritten digits: X (1797, 64) in [0, 1], t (1797,).

    Each row is an 8×8 image; X[i].reshape(8, 8) shows it. (UCI, Alpaydin & Kaynak 1998.)
    """
    from sklearn.datasets import load_digits

    X, t = load_digits(return_X_y=True)
    return X / 16.0, t


# ------------------------------------------------------------ to fit, to descend


def line(rng, num_examples, weights=(2.0,), bias=-1.0, noise=0.3):
    """Draw numbers that lie on a line or plane, but for noise: X (N, D), t (N,).

    t = w·x + b + noise·ε with x uniform in [−1, 1]^D and ε standard Gaussian. No model's
    mean squared error (t − y)² is below noise² on new examples.
    """
    weights = np.asarray(weights, dtype=float)
    X = rng.uniform(-1.0, 1.0, size=(num_examples, len(weights)))
    return X, X @ weights + bias + noise * rng.standard_normal(num_examples)


def wave(rng, num_examples, noise=0.3):
    """Draw noisy values of one wave, t = sin(2πx) + noise·ε: X (N, 1), t (N,).

    x is uniform in [0, 1]. The noise is drawn last, so `noise=0` with the same rng gives
    the true values at the same places: what bias and variance are measured against.
    """
    X = rng.uniform(size=(num_examples, 1))
    return X, np.sin(2 * np.pi * X[:, 0]) + noise * rng.standard_normal(num_examples)


def bowl(rng, eigenvalues):
    """Draw a symmetric matrix with these eigenvalues, turned at random: A (D, D).

    ½ θᵀAθ is a bowl if all are positive, a ravine if they differ much, a saddle if their
    signs differ.
    """
    eigenvalues = np.asarray(eigenvalues, dtype=float)
    if eigenvalues.ndim != 1 or len(eigenvalues) == 0:
        raise ValueError(
            f"bowl needs a vector of eigenvalues, got shape {eigenvalues.shape}."
        )
    Q, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))
    A = (Q * eigenvalues) @ Q.T
    return (A + A.T) / 2


def _balanced_classes(rng, num_examples, num_classes):
    if num_examples < num_classes:
        raise ValueError(
            f"{num_classes} classes need at least as many examples, got {num_examples}."
        )
    return rng.permutation(np.arange(num_examples) % num_classes)
