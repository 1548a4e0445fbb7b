"""Landscapes: spectra, slices and descent on quadratics, by laws and by known answers."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import LinearOperator, eigsh

from coursecore import data, grad, hvp, nn, optim, tree
from coursecore import functional as F
from coursecore.training import landscape

RNG = np.random.default_rng
X, T = data.moons(RNG(5), 30)
PARAMS = nn.init_mlp(RNG(6), [2, 6, 2])
SIZE = 2 * 6 + 6 + 6 * 2 + 2


def cost(params, X, t):
    return F.cross_entropy(nn.mlp(params, X), t) + 0.01 * nn.l2(params)


def quadratic(A, minimum=0.0):
    return lambda theta: 0.5 * (theta - minimum) @ A @ (theta - minimum)


def symmetric(seed, eigenvalues):
    """Return a symmetric matrix with these eigenvalues and random eigenvectors."""
    Q, _ = np.linalg.qr(RNG(seed).standard_normal((len(eigenvalues), len(eigenvalues))))
    return Q * eigenvalues @ Q.T


def moved(params, step, size=1.0):
    return tree.map(lambda p, s: p + size * s, params, step)


# ------------------------------------------------------------------ parameters


def test_flatten_and_restore_undo_each_other():
    vector, restore = landscape.flatten(PARAMS)
    assert vector.shape == (SIZE,)
    for old, new in zip(tree.leaves(PARAMS), tree.leaves(restore(vector)), strict=True):
        np.testing.assert_array_equal(old, new)
    vector, restore = landscape.flatten({"a": 2.0, "b": (np.ones((2, 2)), 3.0)})
    np.testing.assert_array_equal(vector, [2, 1, 1, 1, 1, 3])
    assert restore(2 * vector)["b"][1] == 6.0


@pytest.mark.parametrize("params", [{}, [], {"W": np.zeros((0, 3))}])
def test_a_tree_without_numbers_is_refused(params):
    with pytest.raises(ValueError, match="at least one number"):
        landscape.flatten(params)


# -------------------------------------------------------------------- spectrum


@given(st.integers(0, 50), st.lists(st.floats(-10, 10), min_size=1, max_size=6))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_the_spectrum_of_a_quadratic_is_that_of_its_matrix(seed, eigenvalues):
    A = symmetric(seed, np.array(eigenvalues))
    values, Q = landscape.spectrum(quadratic(A), RNG(seed).normal(size=len(A)))
    np.testing.assert_allclose(values, np.sort(eigenvalues), atol=1e-9)
    np.testing.assert_allclose(Q * values @ Q.T, 0.5 * (A + A.T), atol=1e-9)


def test_the_hessian_of_a_network_is_symmetric_and_agrees_with_differences():
    H = landscape.hessian_matrix(cost, PARAMS, X, T)
    np.testing.assert_array_equal(H, H.T)
    theta, restore = landscape.flatten(PARAMS)
    gradient = lambda v: landscape.flatten(grad(cost)(restore(v), X, T))[0]
    h = 1e-5
    for i in (0, 7, 14, 25, SIZE - 1):
        step = h * np.eye(SIZE)[i]
        slope = (gradient(theta + step) - gradient(theta - step)) / (2 * h)
        np.testing.assert_allclose(H[i], slope, atol=1e-8)


def test_eigenvectors_restored_to_trees_have_their_curvature():
    values, Q = landscape.spectrum(cost, PARAMS, X, T)
    _, restore = landscape.flatten(PARAMS)
    for i in (0, SIZE // 2, SIZE - 1):
        along = landscape.curvature(cost, PARAMS, restore(3.0 * Q[:, i]), X, T)
        np.testing.assert_allclose(along, values[i], atol=1e-12)


def test_a_hessian_above_the_limit_is_refused():
    many = np.zeros(landscape.MAX_PARAMETERS + 1)
    with pytest.raises(ValueError, match=r"2001 × 2001.*limit is 2000.*lanczos"):
        landscape.spectrum(lambda theta: np.sum(theta**2), many)


def test_a_cost_without_curvature_has_a_spectrum_of_zeros():
    line = lambda theta: np.sum(3.0 * theta)
    np.testing.assert_array_equal(landscape.spectrum(line, np.ones(2)).eigenvalues, 0.0)
    ritz = landscape.lanczos(line, np.ones(2), rng=RNG(0))
    np.testing.assert_array_equal(ritz.eigenvalues, [0.0])


# --------------------------------------------------------------------- lanczos


def test_lanczos_finds_the_extremes_of_the_full_spectrum():
    exact = landscape.spectrum(cost, PARAMS, X, T).eigenvalues
    ritz = landscape.lanczos(cost, PARAMS, X, T, rng=RNG(0), num_steps=20)
    assert ritz.eigenvalues.shape == (20,)
    np.testing.assert_allclose(ritz.eigenvalues[[0, -1]], exact[[0, -1]], rtol=1e-6)


def test_lanczos_agrees_with_scipy_on_a_network_of_digits():
    params = nn.init_mlp(RNG(1), [64, 12, 10])
    images, classes = (array[:20] for array in data.digits())
    ritz = landscape.lanczos(cost, params, images, classes, rng=RNG(0), num_steps=25)
    theta, restore = landscape.flatten(params)
    product = hvp(lambda p: cost(p, images, classes))
    operator = LinearOperator(
        (theta.size, theta.size),
        matvec=lambda v: landscape.flatten(product(params, restore(v)))[0],
        dtype=float,
    )
    top = eigsh(operator, k=1, which="LA", v0=np.ones(theta.size), tol=1e-6)[0]
    np.testing.assert_allclose(ritz.eigenvalues[-1:], top, rtol=1e-5)


@pytest.mark.parametrize("num_steps", [3, 8, 15])
def test_every_ritz_value_has_an_eigenvalue_within_its_error(num_steps):
    exact = landscape.spectrum(cost, PARAMS, X, T).eigenvalues
    ritz = landscape.lanczos(cost, PARAMS, X, T, rng=RNG(2), num_steps=num_steps)
    distance = np.abs(ritz.eigenvalues[:, None] - exact).min(axis=1)
    assert np.all(distance <= ritz.errors + 1e-12)
    assert ritz.errors.max() > 1e-6
    np.testing.assert_allclose(ritz.weights.sum(), 1.0)


def test_lanczos_vectors_are_orthonormal_and_have_their_curvature():
    A = symmetric(3, np.logspace(-6, 3, 30))
    ritz = landscape.lanczos(quadratic(A), np.zeros(30), rng=RNG(1), num_steps=30)
    Y = ritz.eigenvectors
    np.testing.assert_allclose(Y.T @ Y, np.eye(len(ritz.eigenvalues)), atol=1e-12)
    np.testing.assert_allclose(np.diag(Y.T @ A @ Y), ritz.eigenvalues, atol=1e-9)


def test_lanczos_stops_when_it_has_seen_every_eigenvalue():
    """With k distinct eigenvalues the vectors v, Hv, H²v … span k dimensions."""
    A = symmetric(4, np.repeat([1.0, 5.0, 20.0], 10))
    ritz = landscape.lanczos(quadratic(A), np.ones(30), rng=RNG(1))
    np.testing.assert_allclose(ritz.eigenvalues, [1.0, 5.0, 20.0])
    np.testing.assert_allclose(ritz.errors, 0.0, atol=1e-7)


def test_the_weights_of_lanczos_estimate_the_share_of_the_spectrum():
    A = symmetric(4, np.repeat([1.0, 9.0], [150, 50]))
    draws = [
        landscape.lanczos(quadratic(A), np.ones(200), rng=RNG(seed)).weights
        for seed in range(10)
    ]
    np.testing.assert_allclose(np.mean(draws, axis=0), [0.75, 0.25], atol=0.03)


def test_lanczos_is_determined_by_its_rng():
    runs = [landscape.lanczos(cost, PARAMS, X, T, rng=RNG(seed)) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(runs[0].weights, runs[1].weights)
    assert not np.array_equal(runs[0].weights, runs[2].weights)


def test_lanczos_refuses_no_steps_and_costs_that_are_not_finite():
    with pytest.raises(ValueError, match="at least 1, but got 0"):
        landscape.lanczos(cost, PARAMS, X, T, rng=RNG(0), num_steps=0)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="not finite"):
        landscape.lanczos(cost, PARAMS, X * np.nan, T, rng=RNG(0))


# ---------------------------------------------------------- curvature and Taylor


def test_curvature_is_a_rayleigh_quotient_whatever_the_length():
    A = symmetric(0, np.array([-1.0, 2.0, 7.0]))
    v = np.array([1.0, -2.0, 0.5])
    expected = v @ A @ v / (v @ v)
    for scale in (1.0, 1e-3, -40.0):
        along = landscape.curvature(quadratic(A), np.ones(3), scale * v)
        np.testing.assert_allclose(along, expected)


def test_a_direction_without_length_is_refused():
    with pytest.raises(ValueError, match="length above 0"):
        landscape.curvature(np.sum, np.ones(3), np.zeros(3))


def test_the_error_of_the_taylor_model_is_of_third_order():
    """Half the step, an eighth of the error."""
    model = landscape.taylor(cost, PARAMS, X, T)
    step = landscape.random_direction(RNG(3), PARAMS, by_filter=False)

    def error(h):
        return abs(cost(moved(PARAMS, step, h), X, T) - model(moved(step, step, h - 1.0)))

    ratios = [error(h) / error(h / 2) for h in (0.2, 0.1, 0.05)]
    np.testing.assert_allclose(ratios, 8.0, rtol=0.1)
    assert model(tree.map(np.zeros_like, PARAMS)) == cost(PARAMS, X, T)


def test_the_taylor_model_of_a_quadratic_is_the_quadratic():
    A = symmetric(0, np.array([-1.0, 2.0, 7.0]))
    start, step = RNG(1).normal(size=(2, 3))
    model = landscape.taylor(quadratic(A), start)
    np.testing.assert_allclose(model(step), quadratic(A)(start + step), rtol=1e-12)


# -------------------------------------------------- what the eigenvalues say


def test_condition_number_agrees_with_numpy():
    A = symmetric(1, np.array([0.5, 3.0, 40.0]))
    eigenvalues = landscape.spectrum(quadratic(A), np.zeros(3)).eigenvalues
    condition = landscape.condition_number(eigenvalues)
    np.testing.assert_allclose(condition, np.linalg.cond(A))
    assert landscape.condition_number([0.0, 1.0]) == np.inf
    assert landscape.condition_number([-1e-17, 1.0]) == np.inf
    with pytest.raises(ValueError, match=r"from -1 to 4.*not convex"):
        landscape.condition_number([4.0, -1.0])


@pytest.mark.parametrize(("share", "grows"), [(0.999, False), (1.001, True)])
def test_gradient_descent_diverges_exactly_past_the_largest_learning_rate(share, grows):
    A = symmetric(1, np.array([0.5, 3.0, 40.0]))
    limit = landscape.max_learning_rate(np.linalg.eigvalsh(A))
    np.testing.assert_allclose(limit, 2 / 40)
    theta, sgd = np.ones(3), optim.SGD(lr=share * limit)
    for _ in range(8_000):
        theta, _ = sgd.step(theta, A @ theta, None)
    assert (np.linalg.norm(theta) > 1e3) == grows
    assert (np.linalg.norm(theta) < 1e-5) == (not grows)


def test_without_positive_curvature_nothing_limits_the_learning_rate():
    assert landscape.max_learning_rate([-3.0, 0.0]) == np.inf


@pytest.mark.parametrize(
    ("eigenvalues", "kind"),
    [
        ([1.0, 2.0], "minimum"), ([-1.0, -2.0], "maximum"), ([1.0, -2.0], "saddle"),
        ([1.0, 0.0, -2.0], "saddle"), ([0.0, 1e-9], "plateau"), ([0.0, 1.0], "undecided"),
        ([-1.0, 0.0], "undecided"),
    ],
)  # fmt: skip
def test_signs_of_eigenvalues_name_the_point(eigenvalues, kind):
    assert landscape.classify(eigenvalues) == kind


def test_stationary_points_of_a_curved_surface():
    """x⁴/4 - x²/2 + y²/2: two minima and a saddle; its negative has two maxima."""
    surface = lambda t: t[0] ** 4 / 4 - t[0] ** 2 / 2 + t[1] ** 2 / 2
    kind = lambda x, f=surface: landscape.stationary_point(f, np.array([x, 0.0]))
    assert [kind(-1.0), kind(0.0), kind(1.0)] == ["minimum", "saddle", "minimum"]
    assert kind(1.0, lambda t: -surface(t)) == "maximum"
    assert kind(0.0, lambda t: np.sum(t**4)) == "plateau"
    with pytest.raises(ValueError, match=r"size 1.5, above 1e-06"):
        kind(0.5 + 1.0, lambda t: 0.5 * np.sum(t**2))


def test_equal_hidden_units_are_a_saddle_of_the_network():
    """With all weights 0 no gradient reaches W; the point is no minimum (deck L)."""
    product = lambda w: 0.5 * (w[0] * w[1] - 1.0) ** 2
    assert landscape.stationary_point(product, np.zeros(2)) == "saddle"


# ------------------------------------------------- gradient descent on quadratics


@given(st.integers(0, 99), st.integers(1, 6), st.floats(0.001, 0.11))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_the_closed_form_is_the_path_of_gradient_descent(seed, size, lr):
    A = symmetric(seed, RNG(seed).uniform(0.0, 20.0, size))
    start, minimum = RNG(seed + 1).normal(size=(2, size))
    path = landscape.quadratic_path(A, start, lr, 25, minimum)
    theta, sgd = start, optim.SGD(lr=lr)
    for k, point in enumerate(path.points):
        scale = max(1.0, np.abs(theta).max())
        np.testing.assert_allclose(point, theta, atol=1e-12 * scale, err_msg=f"step {k}")
        theta, _ = sgd.step(theta, grad(quadratic(0.5 * (A + A.T), minimum))(theta), None)


def test_a_step_multiplies_every_mode_by_its_factor():
    A, start = symmetric(2, np.array([1.0, 4.0, 9.0])), np.ones(3)
    path = landscape.quadratic_path(A, start, 0.2, 10, minimum=2.0)
    np.testing.assert_allclose(path.factors, 1.0 - 0.2 * np.array([1.0, 4.0, 9.0]))
    np.testing.assert_allclose(path.modes[1:], path.factors * path.modes[:-1])
    np.testing.assert_allclose(path.points, 2.0 + path.modes @ path.eigenvectors.T)
    expected = 2.0 + np.linalg.matrix_power(np.eye(3) - 0.2 * A, 10) @ (start - 2.0)
    np.testing.assert_allclose(path.points[10], expected, atol=1e-12)


@pytest.mark.parametrize(
    ("product", "name"),
    [
        (0.0, "stays"), (0.5, "decays"), (1.0, "decays"), (1.5, "oscillates"),
        (2.0, "oscillates"), (2.0000001, "diverges"), (-0.1, "diverges"),
    ],
)  # fmt: skip
def test_regimes_of_a_mode(product, name):
    assert landscape.regime(1.0 - product) == name


@pytest.mark.parametrize("A", [np.ones((2, 3)), np.array([[1.0, 2.0], [0.0, 1.0]])])
def test_a_matrix_that_is_not_symmetric_is_refused(A):
    with pytest.raises(ValueError, match=r"symmetric A \(2, 2\).*\(A \+ A.T\) / 2"):
        landscape.quadratic_path(A, np.ones(2), 0.1, 3)


# -------------------------------------------------------------- symmetric minima

DEEP = nn.init_mlp(RNG(7), [2, 4, 3, 2])
DEEP = tree.map(lambda p: p + RNG(8).normal(size=p.shape), DEEP)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("activation", [F.tanh, F.relu, F.sigmoid])
def test_a_permuted_network_computes_the_same(layer, activation):
    num_units = len(DEEP[layer]["b"])
    expected = nn.mlp(DEEP, X, activation)
    for order in permutations(range(num_units)):
        permuted = landscape.permute_hidden(DEEP, layer, order)
        np.testing.assert_allclose(nn.mlp(permuted, X, activation), expected, atol=1e-12)
        np.testing.assert_array_equal(permuted[layer]["b"], DEEP[layer]["b"][list(order)])


def test_all_symmetric_minima_have_one_cost_and_are_distinct():
    """3! orders times 2³ signs of three tanh units: 48 networks, one function."""
    params = nn.init_mlp(RNG(9), [2, 3, 2])
    found = [
        landscape.permute_hidden(params, 0, order, signs)
        for order in permutations(range(3))
        for signs in np.stack(np.meshgrid(*[[-1, 1]] * 3), axis=-1).reshape(-1, 3)
    ]
    vectors = {tuple(landscape.flatten(each)[0]) for each in found}
    sizes = [2, 3, 2]
    assert len(vectors) == 48 == landscape.num_symmetric_minima(sizes)
    np.testing.assert_allclose(
        [cost(each, X, T) for each in found], cost(params, X, T), rtol=1e-12
    )


def test_turned_units_need_an_odd_activation():
    turned = landscape.permute_hidden(DEEP, 0, range(4), [-1, 1, 1, 1])
    np.testing.assert_allclose(nn.mlp(turned, X), nn.mlp(DEEP, X), atol=1e-12)
    assert not np.allclose(nn.mlp(turned, X, F.relu), nn.mlp(DEEP, X, F.relu))


def test_permuting_leaves_the_given_network_alone():
    kept = tree.map(np.copy, DEEP)
    landscape.permute_hidden(DEEP, 0, [3, 2, 1, 0], [-1, -1, 1, 1])
    pairs = zip(tree.leaves(kept), tree.leaves(DEEP), strict=True)
    assert all(np.array_equal(old, new) for old, new in pairs)


def test_count_of_symmetric_minima():
    assert landscape.num_symmetric_minima([5, 4, 3, 2]) == 24 * 16 * 6 * 8
    assert landscape.num_symmetric_minima([5, 4, 3, 2], odd=False) == 24 * 6
    large = landscape.num_symmetric_minima([784, 100, 10])
    assert large == math.factorial(100) * 2**100


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((2, [0, 1]), "hidden layers 0…1, but got layer=2"),
        ((-1, [0, 1]), "layer=-1"),
        ((0, [0, 1, 2, 2]), r"order of 0…3.*\[0 1 2 2\]"),
        ((1, [0, 1]), "3 units"),
        ((1, [0, 1, 2], [1, 1]), r"signs \(2,\)"),
        ((1, [0, 1, 2], [1, 1, 2]), r"-1 or \+1"),
    ],
)
def test_wrong_orders_and_signs_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        landscape.permute_hidden(DEEP, *arguments)


# ----------------------------------------------------------------------- slices


def test_filter_normalised_directions_have_the_lengths_of_the_rows():
    direction = landscape.random_direction(RNG(0), DEEP)
    for part, layer in zip(direction, DEEP, strict=True):
        lengths = np.linalg.norm(part["W"], axis=1)
        np.testing.assert_allclose(lengths, np.linalg.norm(layer["W"], axis=1))
        np.testing.assert_array_equal(part["b"], 0.0)


def test_slices_by_filter_do_not_see_the_scale_of_a_relu_layer():
    """ReLU layers times 10 and 1/10 compute the same, and have the same slice."""
    params = tree.map(np.copy, nn.init_mlp(RNG(2), [2, 6, 2]))
    scaled = [
        {"W": 10.0 * params[0]["W"], "b": 10.0 * params[0]["b"]},
        {"W": params[1]["W"] / 10.0, "b": params[1]["b"]},
    ]
    J = lambda p: F.cross_entropy(nn.mlp(p, X, F.relu), T)

    def slice_of(params, by_filter):
        rng = RNG(4)
        pair = [landscape.random_direction(rng, params, by_filter) for _ in range(2)]
        return landscape.loss_slice(J, params, pair, num_steps=5)[2]

    np.testing.assert_allclose(slice_of(params, True), slice_of(scaled, True), rtol=1e-9)
    assert not np.allclose(slice_of(params, False), slice_of(scaled, False), rtol=0.01)


def test_directions_not_by_filter_have_length_one():
    direction = landscape.random_direction(RNG(0), DEEP, by_filter=False)
    np.testing.assert_allclose(np.linalg.norm(landscape.flatten(direction)[0]), 1.0)


def test_a_slice_holds_the_costs_of_its_points():
    u, v = (landscape.random_direction(RNG(seed), PARAMS) for seed in (1, 2))
    a, b, values = landscape.loss_slice(cost, PARAMS, (u, v), X, T, reach=0.5, num_steps=5)
    np.testing.assert_allclose(a, [-0.5, -0.25, 0.0, 0.25, 0.5])
    np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(values[2, 2], cost(PARAMS, X, T))
    np.testing.assert_allclose(values[2, 4], cost(moved(PARAMS, u, 0.5), X, T))
    np.testing.assert_allclose(values[0, 2], cost(moved(PARAMS, v, -0.5), X, T))


def test_a_grid_has_rows_for_y_and_columns_for_x():
    values = landscape.grid(lambda t: 10 * t[1] + t[0], [1, 2, 3], [4, 5])
    np.testing.assert_array_equal(values, [[41, 42, 43], [51, 52, 53]])


def test_interpolation_runs_from_start_to_end_and_beyond():
    J = quadratic(np.eye(2))
    start, end = np.array([1.0, 1.0]), np.array([3.0, 1.0])
    fractions, values = landscape.interpolate(J, start, end, num_steps=5, beyond=0.5)
    np.testing.assert_allclose(fractions, [-0.5, 0.0, 0.5, 1.0, 1.5])
    np.testing.assert_allclose(values, 0.5 * (np.array([0.0, 1, 2, 3, 4]) ** 2 + 1))


def test_between_two_orders_of_one_network_lies_a_barrier():
    """Were the cost convex, the mean of all orders would be no worse (deck G)."""
    solution = [
        {"W": np.array([[3.0, 1.0], [-1.0, 2.0]]), "b": np.array([0.5, -0.5])},
        {"W": np.array([[2.0, -3.0]]), "b": np.zeros(1)},
    ]
    targets = nn.mlp(solution, X)
    J = lambda params: F.squared_error(nn.mlp(params, X), targets)
    swapped = landscape.permute_hidden(solution, 0, [1, 0])
    _, values = landscape.interpolate(J, solution, swapped)
    np.testing.assert_allclose(values[[0, -1]], 0.0, atol=1e-20)
    assert values[20] > 0.1


def test_a_float32_network_is_measured_too():
    small = tree.map(lambda p: p.astype(np.float32), PARAMS)
    exact = landscape.spectrum(cost, PARAMS, X, T).eigenvalues[-1]
    ritz = landscape.lanczos(cost, small, X, T, rng=RNG(0))
    np.testing.assert_allclose(ritz.eigenvalues[-1], exact, rtol=1e-3)
