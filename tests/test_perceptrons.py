"""Perceptrons: they converge or cycle, as a linear program says they must."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursecore import data
from coursecore.nets import linear, margins
from coursecore.nets.perceptrons import mistake_bound, multiclass, perceptron

CORNERS, odd = data.xor()
XOR, AND = 2 * odd - 1, np.array([-1, -1, -1, 1])


def cloud(seed, num_examples=30, D=2, margin=0.2):
    """Draw points with a given margin from a random hyperplane."""
    rng = np.random.default_rng(seed)
    w = rng.normal(size=D)
    w = w / np.linalg.norm(w)
    X = rng.normal(size=(num_examples, D))
    t = np.where(X @ w > 0.3, 1, -1)
    t[0], t[1] = 1, -1
    return X + np.outer(t * margin - np.minimum(t * (X @ w - 0.3), 0) * t, w), t


grids = st.lists(
    st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.sampled_from((-1, 1))),
    min_size=2, max_size=7,
).map(np.array)  # fmt: skip


# ------------------------------------------------------------- converge or cycle


def test_and_is_learned_and_xor_cycles():
    learned, cycling = perceptron(CORNERS, AND), perceptron(CORNERS, XOR)
    assert (learned.outcome, cycling.outcome) == ("converged", "cycles")
    np.testing.assert_array_equal(linear.predict(learned.params, CORNERS), AND)
    assert learned.history[-1] == 0
    assert learned.cycle is None


def test_the_cycle_of_xor_says_that_both_diagonals_meet_in_the_middle():
    cycle = perceptron(CORNERS, XOR).cycle
    assert cycle.tolist() == [1, 1, 1, 1]
    for sign in (-1, 1):
        weights = cycle * (sign == XOR)
        assert (weights @ CORNERS / weights.sum()).tolist() == [0.5, 0.5]


@settings(derandomize=True, max_examples=120, deadline=None)
@given(grids, st.booleans())
def test_on_integers_the_outcome_is_what_a_linear_program_finds(rows, shuffled):
    X, t = rows[:, :2], rows[:, 2]
    if len(set(t)) < 2:
        t[0] = -t[0]
    rng = np.random.default_rng(0) if shuffled else None
    found = perceptron(X, t, epochs=3000, rng=rng)
    separable = margins.separation(X, t).separable
    assert found.outcome == ("converged" if separable else "cycles")
    if separable:
        assert np.all(t * linear.scores(found.params, X) > 0)
    else:
        inputs = np.column_stack([X, np.ones_like(t)])
        assert found.cycle.sum() > 0
        assert not np.any((found.cycle * t) @ inputs)


def test_every_order_of_the_same_examples_ends_alike():
    X, t = cloud(3)
    for seed in range(5):
        found = perceptron(X, t, rng=np.random.default_rng(seed))
        assert found.outcome == "converged"
        np.testing.assert_array_equal(linear.predict(found.params, X), t)
    one, other = (perceptron(X, t, rng=np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.w, other.w)
    assert not np.array_equal(one.w, perceptron(X, t).w)


def test_too_few_epochs_leave_it_undecided():
    X, t = cloud(0, margin=0.01)
    need = perceptron(X, t, epochs=10_000).epochs
    assert need > 2
    short = perceptron(X, t, epochs=need - 1)
    assert short.outcome == "undecided"
    assert (short.epochs, len(short.history)) == (need - 1, need - 1)


def test_weights_that_come_back_by_rounding_alone_prove_nothing():
    """2⁵³ + 1 is not a double: what one example adds can be lost in another."""
    X = np.array([[2.0], [-2.0], [3 * 2.0**53]])
    t = np.array([1, -1, -1])
    runs = [perceptron(X, t, epochs=epochs) for epochs in range(1, 12)]
    assert any(
        np.array_equal(a.w, b.w) and a.b == b.b
        for a, b in zip(runs[1:], runs[:-1], strict=True)
    )
    assert {run.outcome for run in runs} == {"undecided"}


def test_weights_are_a_sum_of_the_mistaken_examples():
    X, t = cloud(1)
    found = perceptron(X, t)
    np.testing.assert_allclose((found.mistakes * t) @ X, found.w)
    assert np.isclose(found.mistakes @ t, found.b)
    assert found.mistakes.sum() == sum(found.history)
    assert found.epochs == len(found.history)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(1, 6), st.sampled_from([0.05, 0.2, 1.0]))
def test_novikoff_bounds_the_mistakes(seed, D, margin):
    X, t = cloud(seed, D=D, margin=margin)
    found = perceptron(X, t, epochs=20_000, rng=np.random.default_rng(seed))
    assert found.outcome == "converged"
    best = margins.hard_margin(X, t).params
    assert found.mistakes.sum() <= mistake_bound(best, X, t)
    assert found.mistakes.sum() <= mistake_bound(found.params, X, t)


def test_the_bound_by_hand_and_that_it_ignores_the_length_of_w():
    X, t = np.array([[2.0], [-2.0]]), np.array([1, -1])
    params = {"w": np.array([1.0]), "b": np.array(0.0)}
    assert mistake_bound(params, X, t) == 5 / 4
    assert mistake_bound({"w": 10 * params["w"], "b": params["b"]}, X, t) == 5 / 4
    beside = {"w": np.array([1.0]), "b": np.array(-1.0)}
    assert mistake_bound(beside, X + 1.0, t) == 10 * 2 / 2**2


# ------------------------------------------------------------- rule and loss


def test_the_rule_is_gradient_descent_on_the_loss_of_one_example():
    X, t = cloud(5)
    params = linear.init(2)
    found = perceptron(X, t, epochs=3)
    for _ in range(found.epochs):
        for n in range(len(X)):
            one = linear.gradient(params, X[n : n + 1], t[n : n + 1], "perceptron")
            params = {key: params[key] - one[key] for key in params}
    np.testing.assert_array_equal(params["w"], found.w)
    assert params["b"] == found.b


def test_descent_on_the_loss_of_all_examples_separates_too():
    X, t = cloud(6)
    options = {"loss": "perceptron", "lr": 1.0, "steps": 500}
    fit = linear.descend(linear.init(2), X, t, **options)
    assert fit.cost == 0.0
    np.testing.assert_array_equal(linear.predict(fit.params, X), t)


# ----------------------------------------------------------------- more classes


@pytest.mark.parametrize("t", [AND, XOR])
def test_with_two_classes_the_difference_of_the_scores_is_the_perceptrons(t):
    pair, one = multiclass(CORNERS, (t + 1) // 2), perceptron(CORNERS, t)
    np.testing.assert_array_equal(pair.w[1] - pair.w[0], 2 * one.w)
    assert pair.b[1] - pair.b[0] == 2 * one.b
    assert (pair.outcome, pair.history) == (one.outcome, one.history)


def test_three_classes_are_learned():
    X, t = data.blobs(np.random.default_rng(0), 60, 3, spread=0.3)
    for rng in (None, np.random.default_rng(1)):
        found = multiclass(X, t, rng=rng)
        assert found.outcome == "converged"
        np.testing.assert_array_equal(linear.predict(found.params, X), t)
        np.testing.assert_allclose(found.w.sum(axis=0), 0.0, atol=1e-12)
        assert found.mistakes.sum() == sum(found.history)
    assert linear.init(2, 4)["W"].shape == multiclass(X, t, num_classes=4).w.shape


def test_three_classes_on_a_line_are_learned_though_one_against_the_rest_is_not():
    X, t = np.array([[-1.0], [0.0], [1.0]]), np.array([0, 1, 2])
    assert multiclass(X, t).outcome == "converged"
    assert perceptron(X, np.array([-1, 1, -1])).outcome == "cycles"


def test_classes_that_share_a_point_cycle():
    X, t = np.array([[1.0], [1.0], [3.0]]), np.array([0, 1, 2])
    found = multiclass(X, t)
    assert found.outcome == "cycles"
    assert found.cycle.sum() > 0


# ------------------------------------------------------------ records, refusals


def test_a_perceptron_prints_its_outcome():
    shown = repr(perceptron(CORNERS, XOR))
    assert shown.startswith("Perceptron\n  w = [0. 0.]\n  b = 0\n  outcome = 'cycles'")
    assert "cycle = [1 1 1 1]" in shown


def test_targets_of_zero_and_one_are_refused():
    with pytest.raises(
        ValueError, match=r"perceptron needs targets of -1 or \+1.*2 \* t - 1"
    ):
        perceptron(CORNERS, odd)
    with pytest.raises(
        ValueError, match=r"multiclass needs integer classes.*\(t \+ 1\) // 2"
    ):
        multiclass(CORNERS, XOR)


@pytest.mark.parametrize("learn", [perceptron, lambda X, t, **options: multiclass(
    X, (t + 1) // 2, **options)])  # fmt: skip
def test_no_epochs_are_refused(learn):
    with pytest.raises(ValueError, match="at least 1 epoch, but got 0"):
        learn(CORNERS, AND, epochs=0)


def test_a_bound_without_a_separating_hyperplane_is_refused():
    with pytest.raises(ValueError, match=r"parameters that separate.*margin t z is"):
        mistake_bound({"w": np.ones(2), "b": np.array(-0.5)}, CORNERS, XOR)
