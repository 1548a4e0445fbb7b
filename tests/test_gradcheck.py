"""The gradient checker catches what it should, lets pass what it should, and says why."""

import re

import numpy as np
import pytest

from coursecore import check_grad, diagnose, grad, nn, numerical_grad, relative_error, tree
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
    with pytest.raises(AssertionError, match=r"x\[0\](.|\n)*numerical  0\.5"):
        check_grad(lambda x: np.sum(F.relu(x)), np.array([0.0, 1.0]))
    assert check_grad(lambda x: np.sum(np.abs(x)), np.array([0.0, 1.0])) == 2
    assert check_grad(lambda x: np.sum(np.maximum(x, 0.0)), np.array([0.0, 1.0])) == 2


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

G = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.75], [1.5, 4.0, -2.5]])
ONE_WRONG = G.copy()
ONE_WRONG[1, 2] = 9.0
SIZES = {"N": 5, "K": 3}

MISTAKES = [
    (G, -G, "wrong sign"),
    (G, G.T, "transpose"),
    (G[:2], G[:2].T, "transpose"),
    (G, 0 * G, "zero everywhere"),
    (G, 5 * G, "N times too large. Sum instead of mean"),
    (G, G / 5, "N times too small. Divided by N once too often"),
    (G, 3 * G, "K times too large"),
    (G, G / 3, "K times too small"),
    (G, 2 * G, "2 times too large"),
    (G, -G / 2, "2 times too small, and of the wrong sign"),
    (G, -5 * G, "N times too large, and of the wrong sign. Sum instead of mean"),
    (G, 0.7 * G, "Every entry is 0.7 times what is asked"),
    (G, G + 1, "Every entry is off by 1"),
    (G, G[::-1], "another order"),
    (G, ONE_WRONG, r"1 of 9 entries are wrong, first at \[1, 2\]"),
    (G[0], G, ""),
    (G.sum(axis=0), G, "forget the batch sum"),
    (G.reshape(9), G, "only the shape differs"),
    (G, np.where(G == 4.0, np.nan, G), r"NaN or infinity, first at \[2, 1\]"),
    (G, np.where(G == 4.0, np.inf, G), r"NaN or infinity, first at \[2, 1\]"),
    (np.array(3.0), np.array(6.0), "2 times too large"),
    (np.array(3.0), np.array(-3.0), "wrong sign"),
    (np.array(3.0), np.array(np.nan), "its only entry"),
    (np.array([3, 4]), np.array([6, 8]), "2 times too large"),
    (G, G**3 + 17 * G.T, "^$"),
    (np.ones(0), np.ones(0), "^$"),
    (G, G, "^$"),
    (np.array([True, False]), np.array([True, True]), r"1 of 2 entries.*\[1\]"),
    (np.zeros(3), np.ones(3), "off by 1"),
]


@pytest.mark.parametrize(("expected", "yours", "sentence"), MISTAKES)
def test_diagnose_names_the_mistake(expected, yours, sentence):
    assert re.search(sentence, diagnose(yours, expected, SIZES))


def test_diagnose_tries_the_hints_first():
    hints = {"Did you forget the bias?": 2 * G, "Unlike": 7 * G}
    assert diagnose(2 * G, G, hints=hints) == "Did you forget the bias?"
    assert "wrong sign" in diagnose(-G, G, hints=hints)


def test_a_hint_that_is_the_right_answer_says_nothing():
    assert "hint" not in diagnose(2 * G, G, hints={"a hint": G})
    assert "hint" not in diagnose(G, G, hints={"a hint": G})


def test_check_grad_adds_the_diagnosis():
    f = lambda x: np.sum(x**2)
    with pytest.raises(AssertionError, match="wrong sign"):
        check_grad(f, np.array([1.0, 2.0]), np.array([-2.0, -4.0]))
    with pytest.raises(AssertionError, match="2 times too small"):
        check_grad(f, np.array([1.0, 2.0]), np.array([1.0, 2.0]))
