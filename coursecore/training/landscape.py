"""Landscapes: how a cost bends around a point, and what that does to gradient descent.

The height is the cost, the ground its parameters θ. Gradients say which way is down;
the Hessian H says how the way bends: its eigenvalues are the curvatures along its
eigenvectors, and the largest of them, λ_max, is the one that limits the learning rate.
A cost is a function cost(params, *arrays) of a tree of parameters, as in `train.fit`.

    >>> ravine = lambda theta: 0.5 * (theta[0] ** 2 + 100 * theta[1] ** 2)
    >>> curvatures, _ = spectrum(ravine, np.zeros(2))
    >>> print(curvatures, condition_number(curvatures), max_learning_rate(curvatures))
    [  1. 100.] 100.0 0.02
"""

import math
from typing import NamedTuple

import numpy as np

from ..engine import tree
from ..engine.autodiff import grad, value_and_grad
from ..engine.derivatives import hessian, make_jvp

MAX_PARAMETERS = 2_000  # of a full Hessian: 32 MB, and one backward pass for each row


class Ritz(NamedTuple):
    """What Lanczos' method found in m steps: eigenvalues, or nearly so, ascending.

    eigenvalues (m,); eigenvectors (P, m), the columns; errors (m,): that close to each
    value lies an exact eigenvalue; weights (m,): the share of the spectrum that a
    value stands for, estimated from one random vector; they sum to 1.
    """

    eigenvalues: np.ndarray
    eigenvectors: np.ndarray
    errors: np.ndarray
    weights: np.ndarray


class Path(NamedTuple):
    """Gradient descent on a quadratic: the points, and the same in the eigenbasis.

    points (k+1, D); modes (k+1, D): coordinates along the eigenvectors, measured from
    the minimum; factors (D,): 1 - αλ, by which a step multiplies each mode;
    eigenvalues (D,), ascending; eigenvectors (D, D), the columns.
    """

    points: np.ndarray
    modes: np.ndarray
    factors: np.ndarray
    eigenvalues: np.ndarray
    eigenvectors: np.ndarray


# -------------------------------------------------------------------- curvature


def flatten(params):
    """Return the parameters as one vector (P,), and the function that undoes it.

    >>> vector, restore = flatten({"W": np.ones((2, 3)), "b": np.zeros(2)})
    >>> vector.shape, restore(vector)["W"].shape
    ((8,), (2, 3))
    """
    if sum(np.size(leaf) for leaf in tree.leaves(params)) == 0:
        raise ValueError(f"flatten needs at least one number, but got {params!r}.")
    return tree.ravel(params), lambda vector: tree.unravel(params, vector)


def hessian_matrix(cost, params, *arrays):
    """Return the Hessian by all parameters as one symmetric matrix (P, P).

    Rounding leaves H and Hᵀ apart in the last bits; their mean is returned. Raises
    ValueError above `MAX_PARAMETERS`, where `lanczos` does without the matrix.
    """
    theta, restore = flatten(params)
    if theta.size > MAX_PARAMETERS:
        raise ValueError(
            f"The full Hessian of {theta.size} parameters would be {theta.size} × "
            f"{theta.size}; the limit is {MAX_PARAMETERS} parameters. Use "
            f"landscape.lanczos(cost, params, ..., rng=rng): it needs only products H v."
        )
    H = hessian(lambda vector: cost(restore(vector), *arrays))(theta)
    return 0.5 * (H + H.T)


def spectrum(cost, params, *arrays):
    """Return the Hessian's eigenvalues (P,), ascending, and eigenvectors Q: H = Q Λ Qᵀ.

    Column i of Q (P, P) belongs to eigenvalue i; `flatten(params)[1]` makes a tree of it.
    """
    return np.linalg.eigh(hessian_matrix(cost, params, *arrays))


def curvature(cost, params, direction, *arrays):
    """Return vᵀHv / ‖v‖², the second derivative of the cost along a direction v.

    `direction` is a tree shaped as `params`; its length does not matter.
    """
    squared_length = tree.dot(direction, direction)
    if not squared_length > 0:
        raise ValueError(
            f"A direction needs a length above 0, but its square is {squared_length}."
        )
    _, product = _make_hvp(cost, params, arrays)
    return tree.dot(direction, product(direction)) / squared_length


def taylor(cost, params, *arrays):
    """Make the second-order model m(s) = J(θ) + gᵀs + ½ sᵀHs of the cost near `params`.

    The step s is a tree shaped as `params`. J(θ + s) - m(s) is O(‖s‖³).
    """
    value, _ = value_and_grad(cost)(params, *arrays)
    grads, product = _make_hvp(cost, params, arrays)
    return lambda step: value + tree.dot(grads, step) + 0.5 * tree.dot(step, product(step))


def lanczos(cost, params, *arrays, rng, num_steps=40):
    """Approximate the Hessian's spectrum by `num_steps` products H v (Lanczos 1950).

    In the basis of v, Hv, H²v …, made orthonormal, H is a small tridiagonal matrix
    whose eigenvalues soon agree with the extremes of H. Every new vector is made
    orthogonal to all earlier ones, twice, or rounding would find eigenvalues again.
    """
    if num_steps < 1:
        raise ValueError(f"lanczos needs num_steps of at least 1, but got {num_steps}.")
    theta, restore = flatten(params)
    _, product = _make_hvp(cost, params, arrays)
    v = rng.standard_normal(theta.size)
    basis, diagonal, beside = [v / np.linalg.norm(v)], [], []
    for _ in range(min(num_steps, theta.size)):
        w = flatten(product(restore(basis[-1])))[0].astype(float)
        if not np.all(np.isfinite(w)):
            raise FloatingPointError(
                "A product of the Hessian with a vector is not finite, so there is no "
                "spectrum. Look at the cost, and at the data, of this point."
            )
        diagonal.append(basis[-1] @ w)
        Q = np.stack(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beside.append(np.linalg.norm(w))
        if beside[-1] <= 1e-10 * max(np.abs(diagonal).max(), max(beside)):
            break  # the basis holds all of H that v can reach
        basis.append(w / beside[-1])
    T = np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1)
    values, S = np.linalg.eigh(T)
    return Ritz(values, Q.T @ S, beside[-1] * np.abs(S[-1]), S[0] ** 2)


def condition_number(eigenvalues):
    """Return λ_max / λ_min of a Hessian without negative eigenvalues; ∞ if it is singular.

    The larger it is, the narrower the ravine. Eigenvalues that rounding cannot tell
    from 0 count as 0.
    """
    values = np.asarray(eigenvalues, dtype=float)
    low, high = values.min(), values.max()
    noise = np.finfo(float).eps * values.size * np.abs(values).max()
    if low < -noise:
        raise ValueError(
            f"A condition number needs eigenvalues of one sign, but they run from "
            f"{low:.3g} to {high:.3g}: the cost is not convex here."
        )
    return high / low if low > noise else np.inf


def max_learning_rate(eigenvalues):
    """Return 2 / λ_max, above which descent on a quadratic diverges; ∞ if λ_max ≤ 0."""
    top = np.max(eigenvalues)
    return 2.0 / top if top > 0 else np.inf


def classify(eigenvalues, tolerance=1e-8):
    """Name a stationary point by the signs of its Hessian's eigenvalues.

    "minimum", "maximum", "saddle", "plateau" where all lie within `tolerance` of 0, and
    "undecided" where some do and the others agree: there higher orders decide.
    """
    values = np.asarray(eigenvalues)
    up, down = values > tolerance, values < -tolerance
    if up.any() and down.any():
        return "saddle"
    if up.all() or down.all():
        return "minimum" if up.all() else "maximum"
    return "undecided" if up.any() or down.any() else "plateau"


def stationary_point(cost, params, *arrays, tolerance=1e-6):
    """Classify a point; raise ValueError if its gradient exceeds `tolerance`."""
    slope = np.abs(flatten(grad(cost)(params, *arrays))[0]).max()
    if not slope <= tolerance:
        raise ValueError(
            f"Only a stationary point has a kind, but an entry of its gradient has the "
            f"size {slope:.3g}, above {tolerance}. Go on descending, or raise tolerance."
        )
    return classify(spectrum(cost, params, *arrays).eigenvalues, tolerance)


# ------------------------------------------------- gradient descent on a quadratic


def quadratic_path(A, start, lr, num_steps, minimum=0.0):
    """Return the exact path of gradient descent on ½ (θ - m)ᵀ A (θ - m), without a loop.

    θ_k - m = (I - αA)ᵏ (θ_0 - m); in the eigenbasis of the symmetric A each coordinate
    is multiplied by 1 - αλ a step. (Toronto CSC421 lecture 3.)
    """
    A, start = np.asarray(A, dtype=float), np.asarray(start, dtype=float)
    if A.shape != (start.size, start.size) or not np.allclose(A, A.T):
        raise ValueError(
            f"A quadratic needs a symmetric A ({start.size}, {start.size}) for a start of "
            f"shape {start.shape}, but got A of shape {A.shape}. Use (A + A.T) / 2: "
            f"only the symmetric part counts."
        )
    eigenvalues, Q = np.linalg.eigh(A)
    factors = 1.0 - lr * eigenvalues
    powers = factors ** np.arange(num_steps + 1)[:, None]
    modes = powers * (Q.T @ (start - minimum))
    return Path(minimum + modes @ Q.T, modes, factors, eigenvalues, Q)


def regime(factor):
    """Say what a mode does that a step multiplies by `factor` = 1 - αλ.

    >>> [regime(1.0 - 0.5 * curvature) for curvature in (1.0, 3.0, 5.0, 0.0)]
    ['decays', 'oscillates', 'diverges', 'stays']
    """
    if abs(factor) > 1.0:
        return "diverges"
    return "stays" if factor == 1.0 else "decays" if factor >= 0.0 else "oscillates"


# -------------------------------------------------------------- symmetric minima


def permute_hidden(params, layer, order, signs=None):
    """Return an MLP that computes the same with its hidden units in another order.

    `layer` counts hidden layers from 0; unit i of the new network is unit order[i] of
    the old. `signs` of ±1 also turn units over, which an odd activation such as tanh
    does not notice either.
    """
    if not 0 <= layer < len(params) - 1:
        raise ValueError(
            f"This network has hidden layers 0…{len(params) - 2}, but got layer={layer}."
        )
    num_units, order = len(params[layer]["b"]), np.asarray(order)
    signs = np.ones(num_units) if signs is None else np.asarray(signs, dtype=float)
    if sorted(order) != list(range(num_units)) or signs.shape != (num_units,):
        raise ValueError(
            f"Layer {layer} has {num_units} units and needs an order of 0…{num_units - 1} "
            f"and as many signs, but got the order {order} and signs {signs.shape}."
        )
    if not np.all(np.abs(signs) == 1.0):
        raise ValueError(f"The signs of units are -1 or +1, but got {np.unique(signs)}.")
    into, out = params[layer], params[layer + 1]
    turned = {"W": signs[:, None] * into["W"][order], "b": signs * into["b"][order]}
    after = out | {"W": out["W"][:, order] * signs}
    return [*params[:layer], turned, after, *params[layer + 2 :]]


def num_symmetric_minima(sizes, odd=True):
    """Count the parameters that compute one function: Π h! 2ʰ over the hidden layers.

    `sizes` as in `nn.init_mlp`; with odd=False (ReLU, sigmoid) only the h! orders count.

    >>> num_symmetric_minima([2, 3, 1]), num_symmetric_minima([2, 3, 1], odd=False)
    (48, 6)
    """
    return math.prod(math.factorial(h) * (2**h if odd else 1) for h in sizes[1:-1])


# ----------------------------------------------------------------------- slices


def random_direction(rng, params, by_filter=True):
    """Draw a Gaussian direction, a tree shaped as `params`.

    With `by_filter` each row of a matrix gets the length of that row in `params`, and
    biases stand still: slices through networks of other scales can then be compared
    (Li et al. 2018). Otherwise the whole direction has length 1.
    """

    def draw(leaf):
        noise = rng.standard_normal(np.shape(leaf))
        if not by_filter:
            return noise
        if np.ndim(leaf) < 2:
            return np.zeros_like(noise)
        inputs = tuple(range(1, np.ndim(leaf)))
        length = lambda x: np.sqrt(np.sum(np.square(x), axis=inputs, keepdims=True))
        return noise * length(leaf) / length(noise)

    direction = tree.map(draw, params)
    if by_filter:
        return direction
    scale = np.sqrt(tree.dot(direction, direction))
    return tree.map(lambda part: part / scale, direction)


def grid(cost, x, y):
    """Return cost(θ) for θ = (x[j], y[i]) as values[i, j], shape (len(y), len(x))."""
    return np.array([[float(cost(np.array([a, b]))) for a in x] for b in y])


def loss_slice(cost, params, directions, *arrays, reach=1.0, num_steps=25):
    """Return a, b and values[i, j], the cost at θ + a[j] u + b[i] v.

    `directions` are the trees u and v; a and b run from -reach to reach.
    """
    steps = np.linspace(-reach, reach, num_steps)

    def at(c):
        return cost(
            tree.map(lambda p, u, v: p + c[0] * u + c[1] * v, params, *directions), *arrays
        )

    return steps, steps, grid(at, steps, steps)


def interpolate(cost, start, end, *arrays, num_steps=41, beyond=0.0):
    """Return fractions f (num_steps,) and the cost at (1 - f) start + f end.

    The line runs on by `beyond` of its length at both ends. (Goodfellow et al. 2015.)
    """
    fractions = np.linspace(-beyond, 1.0 + beyond, num_steps)
    between = lambda f: tree.map(lambda p, q: (1.0 - f) * p + f * q, start, end)
    return fractions, np.array([float(cost(between(f), *arrays)) for f in fractions])


def _make_hvp(cost, params, arrays):
    """Return the gradient and the function v -> H v; one tape serves every v."""
    return make_jvp(grad(lambda p: cost(p, *arrays)), params)
