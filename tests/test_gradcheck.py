"""The gradient checker catches what it should, lets pass what it should, and says why."""

import re

import numpy as np
import pytest

from coursecore import check_grad, grad, nn, numerical_grad, relative_error, tree
from coursecore import functional as F

RNG = np.random.default_rng(8)


def problem(sizes, num_rows):
    """Make a network's cost and parameters, with biases that matter."""
    params = nn.init_mlp(RNG, sizes)
    for layer in params:
        layer["b"] += 0.3 * RNG.standard_normal(layer["b"].shape)
    X = RNG.standard_normal((num_rows, sizes[0]))
    t = RNG.integers(0, sizes[-1], num_rows)
    return (lambda params: F.cross_entropy(nn.mlp(params, X), t)), params


SMALL, SMALL_PARAMS = problem([4, 6, 3], 10)
LARGE, LARGE_PARAMS = problem([40, 60, 5], 20)


def copies(grads):
    return tree.map(np.copy, grads)


def off_by_one_percent(grads):
    grads[0]["W"][3, 2] *= 1.01


def zeroed_entry(grads):
    grads[0]["W"][3, 2] = 0.0


def swapped_rows(grads):
    grads[0]["W"][[1, 2]] = grads[0]["W"][[2, 1]]


def slightly_scaled(grads):
    grads[0]["W"] *= 1.001


def missing_bias(grads):
    grads[1]["b"][:] = 0.0


def wrong_sign(grads):
    grads[1]["W"] *= -1.0


def sum_for_mean(grads):
    for layer in grads:
        layer["W"] *= 10
        layer["b"] *= 10


def not_a_number(grads):
    grads[0]["W"][3, 2] = np.nan


def infinite(grads):
    grads[0]["W"][3, 2] = np.inf


PLANTED = [
    (off_by_one_percent, r'\[0\]\["W"\]\[3, 2\]'),
    (zeroed_entry, r'\[0\]\["W"\]\[3, 2\]'),
    (swapped_rows, r'\[0\]\["W"\]\[[12], \d+\]'),
    (slightly_scaled, r'\[0\]\["W"\]\[\d+, \d+\]'),
    (missing_bias, r'\[1\]\["b"\]\[\d+\]'),
    (wrong_sign, r'\[1\]\["W"\]\[\d+, \d+\]'),
    (sum_for_mean, r'\[0\]\["W"\]\[\d+, \d+\]'),
    (not_a_number, r'\[0\]\["W"\]\[3, 2\]'),
    (infinite, r'\[0\]\["W"\]\[3, 2\]'),
]
NAMES = [plant.__name__ for plant, _ in PLANTED]


@pytest.mark.parametrize(("plant", "place"), PLANTED, ids=NAMES)
def test_a_planted_bug_is_caught_entry_by_entry(plant, place):
    grads = copies(grad(SMALL)(SMALL_PARAMS))
    plant(grads)
    with pytest.raises(AssertionError, match=place):
        check_grad(SMALL, SMALL_PARAMS, grads)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("plant", "place"), PLANTED, ids=NAMES)
def test_a_planted_bug_is_caught_along_random_directions(plant, place, seed):
    grads = copies(grad(LARGE)(LARGE_PARAMS))
    plant(grads)
    with pytest.raises(AssertionError, match=place):
        check_grad(LARGE, LARGE_PARAMS, grads, rng=np.random.default_rng(seed))


def test_bisection_shows_both_numbers():
    right = grad(LARGE)(LARGE_PARAMS)
    grads = copies(right)
    grads[0]["W"][3, 2] += 1.0
    with pytest.raises(AssertionError) as caught:
        check_grad(LARGE, LARGE_PARAMS, grads)
    assert f"yours      {grads[0]['W'][3, 2]:.6g}" in str(caught.value)
    assert f"numerical  {right[0]['W'][3, 2]:.4g}"[:17] in str(caught.value)
    assert "random direction" in str(caught.value)
    assert "bisection" in str(caught.value)


def test_a_right_gradient_passes_and_the_entries_are_counted():
    assert check_grad(SMALL, SMALL_PARAMS) == 4 * 6 + 6 + 6 * 3 + 3
    assert check_grad(SMALL, SMALL_PARAMS, grad(SMALL)(SMALL_PARAMS)) == 51
    assert check_grad(LARGE, LARGE_PARAMS) == 40 * 60 + 60 + 60 * 5 + 5
    assert check_grad(lambda x: np.sum(x), np.ones(0)) == 0
    assert check_grad(lambda x: x**2, 3.0) == 1


@pytest.mark.parametrize("seed", range(12))
def test_right_gradients_give_no_false_alarm(seed):
    rng = np.random.default_rng(seed)
    params = nn.init_mlp(rng, [2, 5, 3])
    X, t = rng.standard_normal((8, 2)), rng.integers(0, 3, 8)
    cost = lambda params: F.cross_entropy(nn.mlp(params, X), t) + 1e-2 * nn.l2(params)
    assert check_grad(cost, params) == 33


def test_neither_parameters_nor_gradients_are_changed():
    params, grads = copies(SMALL_PARAMS), copies(grad(SMALL)(SMALL_PARAMS))
    check_grad(SMALL, params, grads)
    for kept, now in zip(tree.leaves(SMALL_PARAMS), tree.leaves(params), strict=True):
        np.testing.assert_array_equal(kept, now)


def test_lists_of_numbers_and_float32_gradients_are_taken():
    assert check_grad(lambda x: np.sum(x**2), np.ones(2), np.array([2, 2])) == 2
    assert check_grad(lambda x: np.sum(x**2), np.ones(2, np.float32)) == 2


def test_nan_never_passes():
    nan = np.array([np.nan, 1.0])
    with pytest.raises(AssertionError, match="NaN"):
        check_grad(lambda x: np.sum(x), np.ones(2), nan)
    with pytest.raises(AssertionError):
        check_grad(lambda x: np.sum(x) * np.nan, np.ones(2), nan)
    with pytest.raises(AssertionError):
        check_grad(lambda x: np.sum(x) * np.nan, np.ones(3_000), np.full(3_000, np.nan))
    assert relative_error(nan, nan) == np.inf
    assert relative_error(np.inf, np.inf) == np.inf


def test_zero_over_zero_agrees():
    assert relative_error(0.0, 0.0) == 0.0
    assert relative_error(1e-12, -1e-12) < 1e-3
    assert relative_error([], []) == 0.0
    assert check_grad(lambda x: np.sum(x[:1] ** 2) + 1e3, np.ones(3)) == 3


def test_relative_error_by_hand():
    assert np.isclose(relative_error([1.0, 3.0], [1.0, 1.0]), 0.5)
    assert relative_error(1.0, -1.0) == 1.0
    assert relative_error(2e-9, 0.0) == 0.2
    assert relative_error(2e-9, 0.0, floor=1e-9) == 1.0


def test_relative_error_refuses_to_broadcast():
    with pytest.raises(ValueError, match=r"one shape, but got \(2,\) and \(2, 1\)"):
        relative_error(np.ones(2), np.ones((2, 1)))


def test_a_gradient_of_another_shape_is_refused():
    cost = lambda p: np.sum(p["b"] ** 2)
    with pytest.raises(AssertionError, match=r'\["b"\] has shape \(1, 2\).*shape \(2,\)'):
        check_grad(cost, {"b": np.ones(2)}, {"b": np.ones((1, 2))})
    with pytest.raises(AssertionError, match=r"leaves \[.*b.*\], but it has"):
        check_grad(cost, {"b": np.ones(2)}, {"c": np.ones(2)})
    with pytest.raises(AssertionError, match="shape"):
        check_grad(lambda x: np.sum(x), np.ones(2), 1.0)


def test_a_gradient_that_holds_no_numbers_is_refused():
    for wrong in ("text", None):
        with pytest.raises(AssertionError, match="number"):
            check_grad(lambda p: p["a"] ** 2, {"a": 1.0}, {"a": wrong})


def test_a_function_that_returns_an_array_is_refused_in_words():
    with pytest.raises((TypeError, ValueError), match=r"scalar.*\(3,\)"):
        numerical_grad(lambda x: x * 2, np.ones(3))
    with pytest.raises((TypeError, ValueError), match="scalar"):
        check_grad(lambda x: x * 2, np.ones(3), np.ones(3))


def test_the_tolerance_can_be_chosen():
    f = lambda x: np.sum(x**2)
    with pytest.raises(AssertionError):
        check_grad(f, np.ones(2), np.array([2.0, 2.0001]))
    assert check_grad(f, np.ones(2), np.array([2.0, 2.0001]), tolerance=1e-3) == 2


def test_at_a_kink_two_sided_differences_give_the_mean_slope():
    """The stated convention relu'(0) = 0 differs from the mean, ½: so the check fails."""
    with pytest.raises(AssertionError, match=r"x\[0\](.|\n)*numerical  0\.5(.|\n)*kink"):
        check_grad(lambda x: np.sum(F.relu(x)), np.array([0.0, 1.0]))
    assert check_grad(lambda x: np.sum(np.abs(x)), np.array([0.0, 1.0])) == 2
    assert check_grad(lambda x: np.sum(np.maximum(x, 0.0)), np.array([0.0, 1.0])) == 2


def line_with_a_zero():
    x = np.random.default_rng(0).standard_normal(3_000)
    x[5] = 0.0
    return x


@pytest.mark.parametrize("full", [False, True])
def test_a_kink_in_a_large_leaf_is_named_with_both_slopes(full):
    x = line_with_a_zero()
    kinked = lambda x: np.sum(3.0 * F.relu(x))
    with pytest.raises(AssertionError, match=r"x\[5\]") as caught:
        check_grad(kinked, x, full=full, rng=np.random.default_rng(0))
    assert "kink there: its slope is -0 on the left and 3 on the right" in str(caught.value)
    for fun in (np.abs, lambda x: np.maximum(x, 0.0)):  # their rules take the mean
        assert check_grad(lambda x, fun=fun: np.sum(fun(x)), x, full=full) == x.size


def test_curvature_is_no_kink():
    with pytest.raises(AssertionError) as caught:
        check_grad(lambda x: np.sum(1e3 * x**2), np.array([0.0, 1e-3]), np.ones(2))
    assert "kink" not in str(caught.value)


def test_where_fun_is_not_finite_there_is_nothing_to_compare_with():
    x = np.array([0.0, 1.0])
    with pytest.raises(AssertionError, match=r"fun\(x\) is nan.*0/0"):
        check_grad(lambda x: np.sum(np.sin(x) / x), x, np.zeros(2))
    with pytest.raises(AssertionError, match="edge of what it accepts"):
        check_grad(lambda x: np.sum(np.sqrt(x)), x, np.array([1.0, 0.5]))
    with pytest.raises(AssertionError, match=r"finite there: look for 0/0"):
        check_grad(lambda x: np.sum(x**2), x, np.array([np.nan, 2.0]))


def test_a_function_that_draws_random_numbers_is_named():
    rng = np.random.default_rng(0)
    with pytest.raises(AssertionError, match=r"fun\(x\) was .* and then .*random"):
        check_grad(lambda x: np.sum(x**2) * rng.normal(), np.ones(2), np.ones(2))


# ------------------------------------------------- complex steps, full check

X = np.random.default_rng(3).standard_normal(2_500)
X += np.copysign(0.1, X)
# Each of these leads a complex step astray in a way of its own. Function, gradient:
TRAPS = {
    "drops the imaginary part": (lambda x: np.sum(np.abs(x) * x), 2 * np.abs(X)),
    "keeps half of it": (lambda x: np.sum(np.abs(x) + x * x), np.sign(X) + 2 * X),
    "takes a norm": (
        lambda x: 9 * np.linalg.norm(x) + np.sum(np.sin(x)),
        9 * X / np.linalg.norm(X) + np.cos(X),
    ),
    "refuses complex numbers": (lambda x: np.sum(np.logaddexp(0.0, x)), F.sigmoid(X)),
    "returns a plain number": (lambda x: float(np.sum(np.real(x) ** 2)), 2 * X),
    "casts, with a warning": (lambda x: np.sum(np.array(x, dtype=float) ** 2), 2 * X),
    "conjugates": (lambda x: np.vdot(x, x).real, 2 * X),
    "is not real where reals give NaN": (
        lambda x: np.nansum(np.sqrt(x)),
        np.where(X > 0, 0.5 / np.sqrt(np.abs(X)), 0.0),
    ),
}


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", TRAPS)
def test_functions_that_do_not_survive_complex_numbers_are_checked_all_the_same(name, full):
    fun, right = TRAPS[name]
    assert check_grad(fun, X, right, full=full, tolerance=1e-5) == X.size
    wrong = right.copy()
    place = np.argmax(wrong)
    wrong[place] *= 1.1
    with pytest.raises(AssertionError, match=rf"x\[{place}\]"):
        check_grad(fun, X, wrong, full=full, tolerance=1e-5)


HIDDEN = {
    "gross": (np.abs, 1.0, 0.0),
    "a cast": (lambda x: np.array(x, dtype=float) ** 2, 1e-4, 0.0),
    "a root": (lambda x: np.nan_to_num(np.sqrt(x)) ** 2, 1e-4, 1.0),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_gradient_as_wrong_as_a_complex_step_is_caught(name):
    term, weight, slope = HIDDEN[name]
    fun = lambda x: np.sum(x**2) + weight * np.sum(term(x))
    with pytest.raises(AssertionError, match=r"x\[\d+\]"):
        check_grad(fun, X, 2 * X + weight * slope)


def test_a_small_leaf_is_not_hidden_by_a_large_one():
    fun = lambda p: np.sum(p["a"] ** 2) + 1e-3 * np.sum(np.abs(p["b"]) + p["b"] ** 2)
    x = {"a": X, "b": X + 3.0}
    right = {"a": 2 * X, "b": 1e-3 * (np.sign(x["b"]) + 2 * x["b"])}
    assert check_grad(fun, x, right) == 5_000
    wrong = {**right, "b": 2e-3 * x["b"]}  # what a complex step says as well
    with pytest.raises(AssertionError, match=r'\["b"\]\[\d+\]'):
        check_grad(fun, x, wrong)


def test_rounding_of_large_values_is_no_false_alarm():
    x = np.full(3, 1e-4)
    assert check_grad(lambda x: np.sum(x**2) + 1e4, x, 2 * x) == 3
    assert check_grad(lambda x: np.vdot(x, x).real + 1e4, x, 2 * x) == 3
    with pytest.raises(AssertionError, match=r"x\[0\]"):
        check_grad(lambda x: np.sum(x**2) + 1e4, x, 2.0002 * x)
    many = np.concatenate([X, x])
    for full in (False, True):
        right = 2 * many
        assert check_grad(lambda x: np.vdot(x, x).real, many, right, full=full) == 2_503


def test_a_small_term_hidden_from_complex_numbers_is_no_false_alarm():
    fun = lambda x: np.sum(x**2) / 1e3 + 1e-6 * np.linalg.norm(x)
    assert check_grad(fun, X) == X.size


@pytest.mark.parametrize("full", [False, True])
def test_a_single_entry_is_found_and_the_others_cleared(full):
    grads = copies(grad(LARGE)(LARGE_PARAMS))
    grads[0]["W"][59, 39] *= 1 + 2e-5
    with pytest.raises(AssertionError, match=r'\[0\]\["W"\]\[59, 39\]') as caught:
        check_grad(LARGE, LARGE_PARAMS, grads, full=full)
    assert ("All other entries of it together agree" in str(caught.value)) is not full
    grads[0]["W"][3] *= 1.1
    with pytest.raises(AssertionError) as caught:
        check_grad(LARGE, LARGE_PARAMS, grads, full=full)
    assert "All other entries" not in str(caught.value)


@pytest.mark.parametrize(("plant", "place"), PLANTED, ids=NAMES)
def test_a_planted_bug_is_caught_in_full(plant, place):
    grads = copies(grad(LARGE)(LARGE_PARAMS))
    plant(grads)
    with pytest.raises(AssertionError, match=place):
        check_grad(LARGE, LARGE_PARAMS, grads, full=True)


def test_full_holds_the_smallest_entries_to_the_tolerance():
    right = grad(LARGE)(LARGE_PARAMS)
    W_bar = np.abs(right[0]["W"])
    least = np.unravel_index(np.argmin(W_bar), W_bar.shape)
    grads = copies(right)
    grads[0]["W"][least] *= 1 + 1e-5
    place = re.escape(f'[0]["W"][{least[0]}, {least[1]}]')
    with pytest.raises(AssertionError, match=place):
        check_grad(LARGE, LARGE_PARAMS, grads, full=True)
    assert W_bar[least] < 1e-3 * W_bar.max()
    assert check_grad(LARGE, LARGE_PARAMS, right, full=True) == 40 * 60 + 60 + 60 * 5 + 5


def test_full_needs_few_calls_where_complex_numbers_are_allowed():
    calls = []
    counted = lambda p: calls.append(0) or LARGE(p)
    check_grad(counted, LARGE_PARAMS, grad(LARGE)(LARGE_PARAMS), full=True)
    assert len(calls) < 60
    calls.clear()
    check_grad(counted, LARGE_PARAMS, grad(LARGE)(LARGE_PARAMS))
    assert len(calls) == 3  # fun(x), a complex step, a difference to confirm it


@pytest.mark.parametrize("seed", range(6))
def test_right_gradients_of_large_trees_give_no_false_alarm(seed):
    rng = np.random.default_rng(seed)
    params = nn.init_mlp(rng, [50, 40, 30, 4])
    X, t = rng.standard_normal((8, 50)), rng.integers(0, 4, 8)
    for activation in (F.tanh, F.relu, F.softplus, F.sigmoid):
        scores = lambda params, activation=activation: nn.mlp(params, X, activation)
        cost = lambda p, scores=scores: F.cross_entropy(scores(p), t) + 1e-2 * nn.l2(p)
        assert check_grad(cost, tree.map(lambda w: w + 0.01, params), rng=rng) == 3_394


def test_within_the_tolerance_many_entries_may_be_a_little_off():
    grads = tree.map(lambda g: (1 + 1e-7) * g, grad(LARGE)(LARGE_PARAMS))
    assert check_grad(LARGE, LARGE_PARAMS, grads) == 2_765
    with pytest.raises(AssertionError):
        check_grad(LARGE, LARGE_PARAMS, grads, tolerance=1e-8)


def test_float32_gradients_are_compared_by_their_own_precision():
    fun = lambda x: np.sum(np.exp(np.sin(x))) ** 2
    x = X.astype(np.float32)
    assert check_grad(fun, x) == check_grad(fun, x, full=True) == X.size
    for full in (False, True):
        with pytest.raises(AssertionError, match=r"x\[\d+\]"):
            check_grad(fun, x, np.float32(1.001) * grad(fun)(x), full=full)


def test_empty_leaves_and_numbers_stand_beside_large_ones():
    params = {"none": np.ones(0), "one": 2.0, "many": X}
    cost = lambda p: p["one"] * np.sum(p["many"] ** 3) + np.sum(p["none"])
    assert check_grad(cost, params) == check_grad(cost, params, full=True) == 2_501
    wrong = {**grad(cost)(params), "one": 1.0}
    with pytest.raises(AssertionError, match=r'at \["one"\]:'):
        check_grad(cost, params, wrong)


def test_a_cost_that_cannot_be_traced_is_checked_without_a_program():
    cost = lambda x: float(np.sum(np.asarray(x) ** 2))
    with pytest.raises(AssertionError, match="wrong sign"):
        check_grad(cost, X[:5], -2 * X[:5])


# ------------------------------------------------------- numerical gradient


def test_numerical_grad_of_a_tree():
    given = numerical_grad(SMALL, SMALL_PARAMS)
    right = grad(SMALL)(SMALL_PARAMS)
    assert tree.paths(given) == tree.paths(right)
    for a, b in zip(tree.leaves(given), tree.leaves(right), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


def test_numerical_grad_takes_numbers_and_integers():
    assert np.isclose(numerical_grad(lambda x: x**3, 2.0), 12.0)
    np.testing.assert_allclose(
        numerical_grad(lambda x: np.sum(x**2), np.arange(3)), [0, 2, 4]
    )
    assert np.shape(numerical_grad(lambda x: x**3, 2.0)) == ()


def test_the_error_of_numerical_grad_is_of_second_order_in_h():
    error = lambda h: numerical_grad(np.exp, 1.0, h=h) - np.e
    assert np.isclose(error(1e-2) / error(1e-3), 100.0, rtol=1e-2)
    assert np.isclose(error(1e-3), 1e-6 * np.e / 6, rtol=1e-2)


def test_a_cost_that_changes_its_parameters_does_no_harm():
    def cost(params):
        params["b"] *= 2.0
        return np.sum(params["a"] * params["b"])

    params = {"a": np.ones(2), "b": np.ones(2)}
    np.testing.assert_allclose(numerical_grad(cost, params)["a"], [2.0, 2.0])
    np.testing.assert_array_equal(params["b"], np.ones(2))


# ------------------------------------------------------------------ diagnosis


def test_check_grad_adds_the_diagnosis():
    f = lambda x: np.sum(x**2)
    with pytest.raises(AssertionError, match="wrong sign"):
        check_grad(f, np.array([1.0, 2.0]), np.array([-2.0, -4.0]))
    with pytest.raises(AssertionError, match="2 times too small"):
        check_grad(f, np.array([1.0, 2.0]), np.array([1.0, 2.0]))


def test_large_leaves_are_diagnosed_by_projections():
    right = grad(LARGE)(LARGE_PARAMS)

    def says(change):
        grads = copies(right)
        grads[0]["W"] = change(grads[0]["W"])
        with pytest.raises(AssertionError) as caught:
            check_grad(LARGE, LARGE_PARAMS, grads)
        return str(caught.value)

    assert "Every entry has the wrong sign" in says(lambda g: -g)
    assert "1.001 times what is asked" in says(lambda g: 1.001 * g)
    assert "sum over 20 where the mean is asked" in says(lambda g: 20 * g)
    assert "zero everywhere" in says(lambda g: 0 * g)
    assert "plus 0.01 times the parameter" in says(
        lambda g: g + 0.01 * LARGE_PARAMS[0]["W"]
    )
    square = lambda x: np.sum(np.sin(x) * X.reshape(50, 50))
    x = X.reshape(50, 50)[::-1]
    with pytest.raises(AssertionError, match="transpose"):
        check_grad(square, x, grad(square)(x).T)


FORK = {"a": np.array([0.3, -1.2, 0.7]), "b": np.array([1.1, 0.4, -0.6])}


def fork(p):
    """Use a twice, and h = tanh(ab) twice."""
    h = np.tanh(p["a"] * p["b"])
    return np.sum(h * np.exp(h)) + np.sum(np.sin(p["a"]))


def fork_grads(through_product=1.0, through_exp=1.0, through_sin=1.0):
    a, b = FORK["a"], FORK["b"]
    h = np.tanh(a * b)
    h_bar = through_product * np.exp(h) + through_exp * h * np.exp(h)
    z_bar = h_bar * (1 - h**2)
    return {"a": z_bar * b + through_sin * np.cos(a), "b": z_bar * a}


@pytest.mark.parametrize(
    ("dropped", "sentence"),
    [
        (
            "through_sin",
            r'when \["a"\], which is used 2 times, gets no message from numpy.sin',
        ),
        ("through_exp", "what numpy.tanh returned, .* gets no message from numpy.exp"),
        ("through_product", "what numpy.tanh returned, .* no message from numpy.multiply"),
    ],
)
def test_a_dropped_message_at_a_fan_out_is_named(dropped, sentence):
    assert check_grad(fork, FORK, fork_grads()) == 6
    with pytest.raises(AssertionError, match=sentence):
        check_grad(fork, FORK, fork_grads(**{dropped: 0.0}))


def test_a_derivative_by_the_wrong_variable_is_named():
    right = fork_grads()
    with pytest.raises(AssertionError, match=r'the gradient by \["b"\]'):
        check_grad(fork, FORK, {"a": right["b"], "b": right["a"]})


def test_a_forgotten_penalty_is_named():
    grads = tree.map(lambda g, w: g - 0.25 * w, grad(SMALL)(SMALL_PARAMS), SMALL_PARAMS)
    with pytest.raises(AssertionError, match=r"lacks 0\.25 times the parameter"):
        check_grad(SMALL, SMALL_PARAMS, grads)
