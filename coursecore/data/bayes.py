"""The best that any classifier can do: posteriors and Bayes errors of the toy sets.

Whoever knows how the data are drawn knows p(x | class), and by Bayes' rule P(class | x).
To answer with the most probable class is the best there is; how often even that is wrong
is the Bayes error. A network trained on these sets can be measured against it.

Every toy set is a mixture: an example starts at a *centre* of its class (the mean of a
blob, a point on an arc, a translation of a pattern) and noise moves it. All classes are
equally probable.
"""

import inspect
import math

import numpy as np

from . import toys

# Arcs are integrated for noise of at least this size: below, it takes too many places.
LEAST_NOISE = 0.01


def posterior(draw, X, **options):
    """Return P(class | x), (N, K), for examples drawn by `draw(rng, N, **options)`.

    `draw` is one of `noisy_xor`, `blobs`, `moons`, `spirals`, `noisy_patterns`.

    >>> posterior(toys.noisy_xor, [[0.5, 0.5]], noise=0.3)
    array([[0.5, 0.5]])
    """
    options = _options(draw, options)
    if draw is toys.separable:
        raise ValueError("separable has no noise, so no posterior but 0 and 1.")
    noise_option, centres = _MIXTURES[draw]
    noise = options[noise_option]
    if noise <= 0 or (draw is toys.noisy_patterns and noise >= 1):
        raise ValueError(
            f"posterior needs noise above 0 (a chance to flip also below 1), got {noise}:"
            " without noise some x belong to no class."
        )
    X = np.asarray(X, dtype=float)
    classes = centres(**options)
    num_centres, D = classes[0][0].shape
    if X.ndim != 2 or X.shape[1] != D:
        raise ValueError(
            f"posterior of {draw.__name__} needs X of shape (N, {D}), got {X.shape}."
        )
    size = max(1, 2**20 // (num_centres * D))  # rows at once: 8 MB of offsets
    blocks = [X[start : start + size] for start in range(0, len(X), size)] or [X]
    return np.concatenate([_posterior(draw, block, classes, noise) for block in blocks])


def bayes_error(draw, **options):
    """Return the error rate of the best classifier for `draw(rng, N, **options)`.

    Exact for `noisy_xor`, `noisy_patterns`, and, but for one integral over an angle,
    `blobs`; integrated over the plane to about 3 digits for `moons` and `spirals`;
    0 for `separable`.

    >>> from coursecore import data
    >>> round(data.bayes_error(data.blobs, num_classes=2, spread=1.0, radius=1.0), 4)
    0.1587
    """
    options = _options(draw, options)
    if draw is toys.separable:
        return 0.0
    noise_option, centres = _MIXTURES[draw]
    noise = options[noise_option]
    if noise < 0:
        raise ValueError(f"bayes_error needs noise of at least 0, got {noise}.")
    if draw is toys.noisy_patterns:
        return _error_of_patterns(**options)
    if noise == 0:
        return 0.0
    if draw is toys.noisy_xor:
        # The best boundary is the cross x₁ = ½, x₂ = ½. A Gaussian tail is on the wrong
        # side of a line, and one wrong side of the two makes a wrong answer.
        wrong_side = math.erfc(0.5 / noise / math.sqrt(2)) / 2
        return 2 * wrong_side * (1 - wrong_side)
    if draw is toys.blobs:
        return _error_of_blobs(**options)
    return _error_in_the_plane(centres(**options), noise)


def _options(draw, options):
    """Fill in the defaults of the toy set, and refuse what it has no option for."""
    if draw is not toys.separable and draw not in _MIXTURES:
        known = ", ".join(fun.__name__ for fun in [*_MIXTURES, toys.separable])
        raise ValueError(
            f"The best error is known for {known}, got {getattr(draw, '__name__', draw)}."
        )
    parameters = list(inspect.signature(draw).parameters.values())[2:]
    unknown = sorted(set(options) - {parameter.name for parameter in parameters})
    if unknown:
        raise TypeError(f"{draw.__name__} has no option {', '.join(unknown)}.")
    return {parameter.name: parameter.default for parameter in parameters} | options


# ------------------------------------------------------------- centres of classes
# Each function lists for each class its centres (J, D) and their probabilities (J,).


def _xor_centres(noise):
    X, t = toys.xor()
    return [(X[t == k], np.full(2, 0.5)) for k in (0, 1)]


def _blob_centres(num_classes, spread, radius):
    angle = 2 * np.pi * np.arange(num_classes) / num_classes
    means = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return [(mean[None, :], np.ones(1)) for mean in means]


def _moon_centres(noise):
    angle, weights = _quadrature(0.0, np.pi, length=np.pi, noise=noise)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return [(upper, weights / np.pi), (np.array([1.0, 0.5]) - upper, weights / np.pi)]


def _spiral_centres(num_classes, noise, turns):
    # The square of the radius is uniform from 0.01 to 1, so the radius has density 2r/0.99.
    length = 0.9 * (1 + 2 * np.pi * abs(turns))
    radius, weights = _quadrature(0.1, 1.0, length, noise)
    weights = weights * 2 * radius / 0.99
    arms = []
    for k in range(num_classes):
        angle = 2 * np.pi * (turns * radius + k / num_classes)
        arm = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        arms.append((arm, weights))
    return arms


def _pattern_centres(flip):
    X, t = toys.patterns()
    return [(X[t == k], np.full(16, 1 / 16)) for k in (0, 1)]


def _quadrature(low, high, length, noise):
    """Return places and weights that integrate along a curve of this length.

    Gauss–Legendre with 16 places on each stretch of 4 standard deviations: what is
    integrated is a Gaussian bump of that width.
    """
    if noise < LEAST_NOISE:
        raise ValueError(
            f"Arcs are integrated for noise of at least {LEAST_NOISE}, got {noise}. Without"
            " noise the Bayes error is 0."
        )
    nodes, weights = np.polynomial.legendre.leggauss(16)
    ends = np.linspace(low, high, max(8, math.ceil(length / (4 * noise))) + 1)
    half = np.diff(ends)[:, None] / 2
    places = (ends[:-1, None] + half) + half * nodes
    return places.ravel(), (half * weights).ravel()


# The option that is the size of the noise, and the centres that it moves away from.
_MIXTURES = {
    toys.noisy_xor: ("noise", _xor_centres),
    toys.blobs: ("spread", _blob_centres),
    toys.moons: ("noise", _moon_centres),
    toys.spirals: ("noise", _spiral_centres),
    toys.noisy_patterns: ("flip", _pattern_centres),
}


# ------------------------------------------------------------ posteriors and errors


def _posterior(draw, X, classes, noise):
    log_density = _log_flips if draw is toys.noisy_patterns else _log_gaussian
    log_joint = np.stack(
        [
            _log_sum_exp(log_density(X, centres, noise) + np.log(weights))
            for centres, weights in classes
        ],
        axis=1,
    )
    return np.exp(log_joint - _log_sum_exp(log_joint)[:, None])


def _log_gaussian(X, centres, noise):
    offsets = X[:, None, :] - centres
    return -0.5 * np.sum((offsets / noise) ** 2, axis=2)


def _log_flips(X, centres, flip):
    flipped = np.abs(X[:, None, :] - centres).sum(axis=2)
    return flipped * np.log(flip) + (X.shape[1] - flipped) * np.log1p(-flip)


def _log_sum_exp(rows):
    highest = rows.max(axis=1)
    return highest + np.log(np.sum(np.exp(rows - highest[:, None]), axis=1))


def _error_of_blobs(num_classes, spread, radius):
    """Integrate the tail beyond the two rays that bound a blob's own sector.

    This is the symbol error rate of phase-shift keying, in the form of Craig (1991):
    P(error) = 1/π ∫ exp(−ρ sin²(π/K) / sin²θ) dθ from 0 to π(K−1)/K, ρ = radius²/2σ².
    """
    from scipy import integrate

    energy = 0.5 * (radius * np.sin(np.pi / num_classes) / spread) ** 2
    tail, _ = integrate.quad(
        lambda theta: math.exp(-energy / math.sin(theta) ** 2),
        0.0, np.pi * (num_classes - 1) / num_classes, epsabs=0.0, epsrel=1e-12,
    )  # fmt: skip
    return tail / np.pi


def _error_of_patterns(flip):
    """Add up min over the classes of P(x, class) over all 65,536 images x."""
    if flip > 1:
        raise ValueError(f"bayes_error needs a chance to flip in [0, 1], got {flip}.")
    X = (np.arange(2**16)[:, None] >> np.arange(16)) & 1
    joint = []
    for centres, weights in _pattern_centres(flip):
        differing = X.sum(axis=1)[:, None] + centres.sum(axis=1) - 2 * X @ centres.T
        joint.append((flip**differing * (1 - flip) ** (16 - differing)) @ weights / 2)
    return float(np.minimum(*joint).sum())


def _error_in_the_plane(classes, noise):
    """Integrate what all classes but the most probable have at x, over a grid of x.

    The density of a Gaussian bump is a product of one factor for each axis, so the
    density on the whole grid is a product of two matrices.
    """
    step = noise / 16
    every = np.concatenate([centres for centres, _ in classes])
    low, high = every.min(axis=0) - 8 * noise, every.max(axis=0) + 8 * noise
    x, y = (np.arange(a, b + step, step) for a, b in zip(low, high, strict=True))

    def bumps(grid, centres):
        return np.exp(-0.5 * ((grid[:, None] - centres) / noise) ** 2)

    factors = [
        (bumps(x, centres[:, 0]) * weights, bumps(y, centres[:, 1]).T)
        for centres, weights in classes
    ]
    total = 0.0
    for start in range(0, len(x), 128):
        densities = np.stack(
            [along_x[start : start + 128] @ along_y for along_x, along_y in factors]
        )
        total += np.sum(densities.sum(axis=0) - densities.max(axis=0))
    return float(total * step**2 / (2 * np.pi * noise**2) / len(classes))
