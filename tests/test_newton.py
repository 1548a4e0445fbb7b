"""Second-order methods: quadratics, least squares, saddles, and SciPy as a peer."""

import numpy as np
import pytest
from scipy import linalg, optimize

from coursecore import data, grad, hessian, nn, tree
from coursecore import functional as F
from coursecore.training import newton

RNG = np.random.default_rng(0)
METHODS = ["newton", "damped", "lbfgs"]


def spd(num, rng=RNG, low=0.5, high=20.0):
    Q = linalg.qr(rng.normal(size=(num, num)))[0]
    return Q @ np.diag(np.linspace(low, high, num)) @ Q.T


A, B = spd(6), RNG.normal(size=6)
SOLUTION = np.linalg.solve(A, B)
X, T = RNG.normal(size=(40, 3)), RNG.normal(size=40)


def bowl(x):
    return 0.5 * x @ A @ x - B @ x


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def rosenbrock_residuals(x):
    return np.sqrt(2) * np.stack([1 - x[0], 10 * (x[1] - x[0] ** 2)])


def saddle(x):
    """Minima at (0, ±1), and a saddle at 0 with the curvatures 2 and -1."""
    return x[0] ** 2 - 0.5 * x[1] ** 2 + 0.25 * x[1] ** 4


def errors(params, X, t):
    return X @ params["w"] + params["b"] - t


def half_square(params, X, t):
    return 0.5 * np.sum(errors(params, X, t) ** 2)


def network_cost(params, X, t):
    return F.cross_entropy(nn.mlp(params, X), t) + 0.01 * nn.l2(params)


LINE = {"w": np.array([3.0, -1.0, 2.0]), "b": 5.0}

# ------------------------------------------------------- conjugate gradients


@pytest.mark.parametrize("num", [1, 2, 5, 12])
def test_conjugate_gradients_solve_in_at_most_d_steps(num):
    rng = np.random.default_rng(num)
    matrix, b = spd(num, rng), rng.normal(size=num)
    found = newton.conjugate_gradients(lambda v: matrix @ v, b, tolerance=1e-8)
    assert found.num_steps <= num
    np.testing.assert_allclose(found.x, np.linalg.solve(matrix, b), atol=1e-7)
    assert 0.5 - 1e-9 <= found.curvature <= 20.0


def test_conjugate_gradients_need_a_step_for_each_different_eigenvalue():
    matrix = np.diag([1.0, 1.0, 1.0, 7.0, 7.0, 30.0])
    found = newton.conjugate_gradients(lambda v: matrix @ v, np.ones(6))
    assert found.num_steps == 3
    np.testing.assert_allclose(matrix @ found.x, 1.0)


def test_conjugate_gradients_stop_where_they_are_told():
    products = []
    product = lambda v: products.append(v) or A @ v
    found = newton.conjugate_gradients(product, B, max_steps=3)
    assert (found.num_steps, len(products)) == (3, 3)
    for v, w in [(0, 1), (0, 2), (1, 2)]:
        assert abs(products[v] @ A @ products[w]) < 1e-10
    loose = newton.conjugate_gradients(product, B, tolerance=0.1)
    assert np.linalg.norm(A @ loose.x - B) <= 0.1 * np.linalg.norm(B)
    assert newton.conjugate_gradients(product, np.zeros(6)).num_steps == 0


def test_conjugate_gradients_say_that_the_curvature_is_negative():
    matrix = np.diag([3.0, 1.0, -2.0])
    found = newton.conjugate_gradients(lambda v: matrix @ v, np.ones(3))
    assert -2.0 <= found.curvature <= 0.0
    first = newton.conjugate_gradients(lambda v: matrix @ v, np.array([0.0, 0.0, 1.0]))
    assert (first.num_steps, first.curvature) == (1, -2.0)
    np.testing.assert_array_equal(first.x, 0.0)


# ------------------------------------------------------------ known answers


@pytest.mark.parametrize("start", [np.zeros(6), np.full(6, 100.0), -SOLUTION])
def test_newton_solves_a_quadratic_in_one_step(start):
    x, record = newton.minimize(bowl, start)
    np.testing.assert_allclose(x, SOLUTION, rtol=1e-9, atol=1e-9)
    assert len(record.cost) == len(record.slope) == 2
    assert record.converged
    assert np.isclose(record.curvature[0], 0.5)
    assert np.isclose(record.cost[-1], -0.5 * B @ SOLUTION)


def test_one_newton_step_is_the_solution_with_the_hessian():
    start = np.array([-1.2, 1.0])
    x, record = newton.minimize(rosenbrock, start, max_steps=1)
    step = np.linalg.solve(hessian(rosenbrock)(start), -grad(rosenbrock)(start))
    np.testing.assert_allclose(x, start + step)
    assert not record.converged
    assert "not vanished after 1 step" in record.message


def test_newton_converges_quadratically():
    """The digits double: each error is about the square of the one before."""
    _, record = newton.minimize(lambda x: np.exp(x) - 2 * x, 2.0, tolerance=1e-14)
    slopes = np.array(record.slope)[2:5]
    assert np.all(slopes[1:] < slopes[:-1] ** 2)
    assert len(record.cost) <= 8


def test_gauss_newton_equals_newton_on_linear_least_squares():
    by_hessian, first = newton.minimize(half_square, LINE, (X, T))
    by_residuals, second = newton.minimize(errors, LINE, (X, T), method="gauss_newton")
    solution = np.linalg.lstsq(np.column_stack([X, np.ones(40)]), T, rcond=None)[0]
    for params in (by_hessian, by_residuals):
        np.testing.assert_allclose(params["w"], solution[:3])
        assert np.isclose(params["b"], solution[3])
        assert type(params["b"]) is float
    np.testing.assert_allclose(first.cost, second.cost)
    assert len(second.cost) == 2


def test_gauss_newton_leaves_out_the_second_derivatives_of_the_residuals():
    residuals = lambda x: np.stack([x[0] ** 2 - 1, x[0] * x[1], np.sin(x[1])])
    start = np.array([0.7, 0.4])
    x, _ = newton.minimize(residuals, start, method="gauss_newton", max_steps=1)
    J = np.array([[1.4, 0.0], [0.4, 0.7], [0.0, np.cos(0.4)]])
    expected = np.linalg.lstsq(J, -residuals(start), rcond=None)[0]
    np.testing.assert_allclose(x - start, expected)


@pytest.mark.parametrize("max_formed", [200, 0])
@pytest.mark.parametrize("method", ["damped", "levenberg_marquardt"])
def test_damped_methods_cross_the_valley_of_rosenbrock(method, max_formed):
    cost = rosenbrock if method == "damped" else rosenbrock_residuals
    start = np.array([-1.2, 1.0])
    x, record = newton.minimize(cost, start, method=method, max_formed=max_formed)
    np.testing.assert_allclose(x, 1.0, atol=1e-6)
    assert record.converged
    assert np.all(np.diff(record.cost) <= 1e-15)
    assert np.isclose(record.cost[0], rosenbrock(start))


def test_a_large_damping_is_gradient_descent():
    start = np.full(6, 3.0)
    x, record = newton.minimize(bowl, start, method="damped", damping=1e6, max_steps=1)
    np.testing.assert_allclose(x - start, -grad(bowl)(start) / 1e6, rtol=1e-4)
    assert record.damping == [1e6]


# --------------------------------------------------------- without a matrix


@pytest.mark.parametrize("method", ["newton", "damped"])
def test_products_alone_lead_to_the_same_minimum(method):
    x, record = newton.minimize(bowl, np.zeros(6), method=method, max_formed=0)
    np.testing.assert_allclose(x, SOLUTION, atol=1e-7)
    assert 1 <= record.num_products <= 40
    assert all(0.5 - 1e-9 <= curvature <= 20.0 for curvature in record.curvature)


def test_the_curvature_in_the_record_is_without_the_damping():
    _, record = newton.minimize(
        bowl, np.zeros(6), method="damped", damping=1e3, max_formed=0, max_steps=2
    )
    assert record.damping[0] == 1e3
    assert all(0.5 - 1e-9 <= curvature <= 20.0 for curvature in record.curvature)


def test_no_matrix_is_formed_above_the_size():
    """Of 100,000 parameters the matrix would fill 80 GB."""
    scale = np.linspace(1.0, 2.0, 100_000)
    cost = lambda x: np.sum(scale * (x - 1.0) ** 2) + np.sum((x - 1.0) ** 4)
    x, record = newton.minimize(cost, np.full(100_000, 1.5), tolerance=1e-6)
    np.testing.assert_allclose(x, 1.0, atol=1e-6)
    assert record.converged
    assert record.num_products < 100
    assert len(record.cost) <= 8


def test_the_number_of_products_of_a_step_is_bounded():
    _, record = newton.minimize(
        bowl, np.full(6, 9.0), method="damped", max_formed=0, max_products=2, max_steps=5
    )
    assert record.num_products <= 2 * len(record.damping)
    assert record.cost[-1] < record.cost[0]


@pytest.mark.parametrize("method", ["damped", "lbfgs"])
@pytest.mark.parametrize("max_formed", [200, 0])
def test_a_network_is_trained_to_a_minimum(method, max_formed):
    X, t = data.moons(np.random.default_rng(1), 30)
    params = nn.init_mlp(np.random.default_rng(2), [2, 4, 2])
    found, record = newton.minimize(
        network_cost, params, (X, t), method=method, max_formed=max_formed,
        tolerance=1e-6, max_steps=300,
    )  # fmt: skip
    assert record.converged
    assert tree.paths(found) == tree.paths(params)
    grads = tree.leaves(grad(network_cost)(found, X, t))
    assert max(np.max(np.abs(g)) for g in grads) <= 1e-6
    assert record.cost[-1] < 0.6 * record.cost[0]


def test_lbfgs_is_that_of_scipy():
    start = np.array([-1.2, 1.0])
    x, record = newton.minimize(rosenbrock, start, method="lbfgs", tolerance=1e-9)
    peer = optimize.minimize(
        rosenbrock, start, jac=grad(rosenbrock), method="L-BFGS-B",
        options={"gtol": 1e-9, "ftol": 0.0},
    )  # fmt: skip
    np.testing.assert_array_equal(x, peer.x)
    assert (len(record.cost) - 1, record.cost[-1]) == (peer.nit, peer.fun)
    assert record.converged


@pytest.mark.parametrize("method", [*METHODS, "levenberg_marquardt"])
def test_params_stay_as_they_are_and_float32_stays_float32(method):
    start = {"w": np.float32([3.0, -1.0, 2.0]), "b": np.float32(5.0)}
    kept = tree.map(np.copy, start)
    cost = errors if method == "levenberg_marquardt" else half_square
    found, _ = newton.minimize(cost, start, (X, T), method=method, max_steps=5)
    for before, copy, after in zip(*map(tree.leaves, (start, kept, found)), strict=True):
        np.testing.assert_array_equal(before, copy)
        assert after.dtype == np.float32
        assert after.shape == before.shape


# ------------------------------------------------------- negative curvature


def test_newton_goes_to_a_saddle_and_says_so():
    x, record = newton.minimize(saddle, np.array([0.8, 0.2]))
    np.testing.assert_allclose(x, 0.0, atol=1e-8)
    assert np.isclose(record.curvature[-1], -1.0)
    assert "saddle" in record.message


def test_damped_newton_leaves_the_neighbourhood_of_a_saddle():
    for max_formed in (200, 0):
        x, record = newton.minimize(
            saddle, np.array([0.8, 0.2]), method="damped", max_formed=max_formed
        )
        np.testing.assert_allclose(x, [0.0, 1.0], atol=1e-8)
        assert record.converged
        assert "saddle" not in record.message
    x, record = newton.minimize(saddle, np.array([0.1, 0.2]), method="damped")
    assert min(record.curvature) < 0
    assert record.damping[0] > 0.5
    assert "Negative curvature was met on the way" in record.message


def test_the_damping_jumps_past_the_negative_curvature_it_has_met():
    steep = lambda x: 1e6 * saddle(x)
    _, record = newton.minimize(
        steep, np.array([0.0, 0.2]), method="damped", max_formed=0, max_steps=1
    )
    assert record.damping[0] >= -record.curvature[0] > 1e5
    assert record.num_products <= 8


def test_by_products_newton_refuses_negative_curvature():
    with pytest.raises(ValueError, match=r"negative curvature -.*method='damped'"):
        newton.minimize(saddle, np.array([0.1, 0.2]), max_formed=0)


def test_a_flat_direction_is_refused_undamped_and_left_alone_damped():
    valley = lambda x: (x[0] + x[1] - 1.0) ** 2
    start = np.array([4.0, 0.0])
    with pytest.raises(ValueError, match="singular, with eigenvalues from"):
        newton.minimize(valley, start)
    x, record = newton.minimize(valley, start, method="damped")
    assert record.converged
    np.testing.assert_allclose(x, [2.5, -1.5], atol=1e-6)


def test_gauss_newton_never_meets_negative_curvature():
    residuals = lambda x: np.stack([np.sin(3 * x[0]), x[0] * x[1], x[1] - 1.0])
    cost = lambda x: 0.5 * np.sum(residuals(x) ** 2)
    start = np.array([0.5, 0.5])
    assert np.linalg.eigvalsh(hessian(cost)(start))[0] < 0
    _, record = newton.minimize(residuals, start, method="levenberg_marquardt")
    assert min(record.curvature) >= -1e-12
    assert record.converged


# ------------------------------------------------------------------ refusals


def test_an_unknown_method_is_refused_with_the_list():
    with pytest.raises(ValueError, match="'lbfgs'], but got 'bfgs'"):
        newton.minimize(bowl, np.zeros(6), method="bfgs")


@pytest.mark.parametrize("damping", [0.0, -1.0, np.nan])
def test_a_damping_that_is_not_positive_is_refused(damping):
    with pytest.raises(ValueError, match=f"damping > 0, but got {damping}"):
        newton.minimize(bowl, np.zeros(6), method="damped", damping=damping)


def test_arguments_that_are_no_tuple_are_refused():
    with pytest.raises(TypeError, match=r"as a tuple, such as .*but got ndarray"):
        newton.minimize(half_square, LINE, X)


def test_gauss_newton_needs_residuals():
    with pytest.raises(TypeError, match="returns the residuals"):
        newton.minimize(half_square, LINE, (X, T), method="gauss_newton")


@pytest.mark.parametrize("method", METHODS)
def test_a_cost_that_is_not_finite_is_noticed(method):
    cost = lambda x: np.sum(np.log(x))
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="nan"):
        newton.minimize(cost, np.array([-1.0]), method=method)


@pytest.mark.parametrize("max_formed", [200, 0])
def test_a_curvature_that_is_not_finite_is_noticed(max_formed):
    """|x| to the power 3/2 has slope 0 at 0, and an infinite curvature."""
    cost = lambda x: np.sum(np.abs(x) ** 1.5 + x)
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match="root or a power"),
    ):
        newton.minimize(cost, np.zeros(2), method="damped", max_formed=max_formed)


def test_a_cost_that_falls_for_ever_ends_with_the_number_of_steps():
    _, record = newton.minimize(lambda x: np.exp(-x), 0.0, max_steps=7, tolerance=1e-30)
    assert not record.converged
    assert "not vanished after 7 steps" in record.message
    np.testing.assert_allclose(record.cost, np.exp(-np.arange(8.0)))


def test_a_damped_run_ends_where_no_step_lowers_the_cost():
    """Its gradient is 1, but everywhere else this cost is nan."""
    cost = lambda x: np.where(x == 1.0, x, np.nan)
    x, record = newton.minimize(cost, 1.0, method="damped")
    assert x == 1.0
    assert not record.converged
    assert "No step, however short, lowered the cost" in record.message
