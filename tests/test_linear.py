"""Linear classifiers: gradients by hand, exact minima, scikit-learn's answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from coursecore import check_grad, grad, tree
from coursecore import functional as F
from coursecore.nets import linear, perceptrons

RNG = np.random.default_rng(11)
X = RNG.normal(size=(40, 3))
t = np.where(X[:, 0] + RNG.normal(size=40) > 0.2, 1, -1)
classes = np.argmax(X + RNG.normal(size=(40, 3)), axis=1)
BINARY = ("perceptron", "hinge", "logistic")


def draw(seed=0, num_classes=None):
    rng = np.random.default_rng(seed)
    zeros = linear.init(3, num_classes)
    return tree.map(lambda leaf: rng.normal(size=np.shape(leaf)), zeros)


def targets(loss):
    return classes if loss == "softmax" else t


def parameters(loss, seed=0):
    return draw(seed, 3 if loss == "softmax" else None)


def flat(params):
    return np.concatenate([np.ravel(leaf) for leaf in tree.leaves(params)])


# ------------------------------------------------------------ decision and cost


def test_one_decision_function_for_two_classes_and_for_many():
    params = {"w": np.array([1.0, -2.0, 0.5]), "b": np.array(0.25)}
    by_hand = [sum(w * x for w, x in zip(params["w"], row, strict=True)) for row in X]
    np.testing.assert_allclose(linear.scores(params, X), np.add(by_hand, 0.25))
    layer = {"W": np.stack([params["w"], -params["w"]]), "b": np.array([0.25, -0.25])}
    z = linear.scores(params, X)
    np.testing.assert_allclose(linear.scores(layer, X), np.stack([z, -z], axis=1))
    np.testing.assert_array_equal(linear.predict(layer, X), linear.predict(params, X) < 0)


def test_the_boundary_itself_counts_as_minus_one():
    params = {"w": np.array([1.0]), "b": np.array(-1.0)}
    assert linear.predict(params, np.array([[0.0], [1.0], [2.0]])).tolist() == [-1, -1, 1]


@pytest.mark.parametrize("loss", linear.LOSSES)
def test_the_cost_is_the_mean_loss_plus_a_penalty_on_weights_alone(loss):
    params, functions = parameters(loss), {"softmax": F.cross_entropy}
    mean = functions.get(loss) or getattr(F, loss)
    w = params.get("w", params.get("W"))
    expected = mean(linear.scores(params, X), targets(loss)) + 0.35 * np.sum(w**2)
    assert np.isclose(linear.cost(params, X, targets(loss), loss, 0.7), expected)
    both = linear.cost_and_gradient(params, X, targets(loss), loss, 0.7)
    assert np.isclose(both[0], expected)


@pytest.mark.parametrize("penalty", [0.0, 0.3])
@pytest.mark.parametrize("loss", linear.LOSSES)
def test_gradients_by_hand_equal_backpropagation_and_differences(loss, penalty):
    params = parameters(loss)

    def cost(params):
        return linear.cost(params, X, targets(loss), loss, penalty)

    by_hand = linear.gradient(params, X, targets(loss), loss, penalty)
    assert check_grad(cost, params, by_hand) == flat(params).size
    np.testing.assert_allclose(flat(by_hand), flat(grad(cost)(params)), atol=1e-15)


@settings(derandomize=True, max_examples=40)
@given(st.sampled_from(list(linear.LOSSES)), st.integers(0, 99), st.booleans())
def test_a_sub_gradient_lies_below_the_cost_everywhere(loss, seed, at_zero):
    """So the cost is convex; at θ = 0 all margins lie on the perceptron's kink."""
    here, there = parameters(loss, seed), parameters(loss, seed + 1)
    here = tree.map(np.zeros_like, here) if at_zero else here
    value, slope = linear.cost_and_gradient(here, X, targets(loss), loss, 0.1)
    line = value + flat(slope) @ (flat(there) - flat(here))
    assert linear.cost(there, X, targets(loss), loss, 0.1) >= line - 1e-12


def test_the_sub_gradients_at_the_kinks():
    zero, x = linear.init(1), np.array([[2.0]])
    plus = np.array([1])
    assert linear.gradient(zero, x, plus, "perceptron") == {"w": -2.0, "b": -1.0}
    assert grad(F.perceptron)(np.zeros(1), plus) == 0.0
    at_one = {"w": np.array([0.5]), "b": np.array(0.0)}
    assert linear.gradient(at_one, x, plus, "hinge") == {"w": 0.0, "b": 0.0}


@pytest.mark.parametrize("loss", linear.LOSSES)
def test_float32_stays_float32(loss):
    params = tree.map(np.float32, parameters(loss))
    grads = linear.gradient(params, X.astype(np.float32), targets(loss), loss, 0.1)
    assert all(np.asarray(g).dtype == np.float32 for g in tree.leaves(grads))


# ------------------------------------------------------------------ minimisation


def objective_of_sklearn(model, X, t, C):
    """½‖w‖² + C Σ loss, at scikit-learn's solution, in our terms."""
    K = len(model.coef_)
    if K == 1:
        params = {"w": model.coef_[0], "b": model.intercept_[0]}
        return linear.cost(params, X, t, "logistic", 1 / (C * len(X)))
    params = {"W": model.coef_, "b": model.intercept_}
    return linear.cost(params, X, t, "softmax", 1 / (C * len(X)))


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_logistic_regression_agrees_with_scikit_learn(C):
    fit = linear.logistic_regression(X, t, penalty=1 / (C * len(X)))
    model = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, t)
    assert abs(fit.cost - objective_of_sklearn(model, X, t, C)) < 1e-9
    np.testing.assert_allclose(fit.w, model.coef_[0], atol=1e-5)
    np.testing.assert_allclose(fit.b, model.intercept_[0], atol=1e-5)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_softmax_regression_agrees_with_scikit_learn(C):
    fit = linear.softmax_regression(X, classes, penalty=1 / (C * len(X)))
    model = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, classes)
    assert abs(fit.cost - objective_of_sklearn(model, X, classes, C)) < 1e-9
    np.testing.assert_allclose(fit.w, model.coef_, atol=1e-4)


def test_logistic_regression_without_a_penalty_agrees_with_scikit_learn():
    fit = linear.logistic_regression(X, t)
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X, t)
    np.testing.assert_allclose(fit.w, model.coef_[0], atol=1e-4)


@pytest.mark.parametrize("penalty", [0.0, 0.01, 1.0])
def test_at_the_minimum_the_slope_is_zero_and_history_falls(penalty):
    for fit, loss in (
        (linear.logistic_regression(X, t, penalty=penalty), "logistic"),
        (linear.softmax_regression(X, classes, penalty=penalty), "softmax"),
    ):
        slope = flat(linear.gradient(fit.params, X, targets(loss), loss, penalty))
        np.testing.assert_allclose(slope, 0.0, atol=1e-7)
        assert len(fit.history) == fit.steps
        assert np.all(np.diff([*fit.history, fit.cost]) <= 1e-14)
        assert np.isclose(fit.history[0], np.log(len(fit.w) if loss == "softmax" else 2))


def test_softmax_of_two_classes_is_logistic_regression_with_half_the_penalty():
    """Each of two opposite weight vectors holds half of w: ‖w/2‖² + ‖w/2‖² = ½‖w‖²."""
    pair = linear.softmax_regression(X, (t + 1) // 2, penalty=0.2)
    one = linear.logistic_regression(X, t, penalty=0.1)
    np.testing.assert_allclose(pair.w[1] - pair.w[0], one.w, atol=1e-6)
    np.testing.assert_allclose(pair.b[1] - pair.b[0], one.b, atol=1e-6)


@pytest.mark.parametrize(("loss", "exact"), [
    ("logistic", linear.logistic_regression), ("softmax", linear.softmax_regression),
])  # fmt: skip
def test_gradient_descent_reaches_the_exact_minimum(loss, exact):
    zeros = linear.init(3, 3 if loss == "softmax" else None)
    options = {"loss": loss, "penalty": 0.1, "lr": 1.0, "steps": 400}
    fit = linear.descend(zeros, X, targets(loss), **options)
    best = exact(X, targets(loss), penalty=0.1)
    assert abs(fit.cost - best.cost) < 1e-9
    np.testing.assert_allclose(flat(fit.params), flat(best.params), atol=1e-4)
    assert np.all(np.diff(fit.history) <= 1e-14)
    assert not np.any(flat(zeros))


def test_an_average_of_iterates_is_weighted_by_their_number():
    def at(steps, average=False):
        options = {"loss": "logistic", "lr": lambda k: 1 / (k + 1), "average": average}
        return linear.descend(linear.init(3), X, t, steps=steps, **options)

    expected = sum((k + 1) * at(k + 1).w for k in range(5)) / 15
    np.testing.assert_allclose(at(5, average=True).w, expected)


def test_batches_come_from_the_rng():
    def run(seed, size=4):
        rng = np.random.default_rng(seed)
        return linear.svm(X, t, penalty=0.1, steps=50, batch_size=size, rng=rng).w

    assert np.array_equal(run(0), run(0))
    assert not np.array_equal(run(0), run(1))
    assert not np.array_equal(run(0), run(0, size=1))
    assert not np.array_equal(run(0), linear.svm(X, t, penalty=0.1, steps=50).w)


def test_stochastic_sub_gradients_come_close_too():
    full = linear.svm(X, t, penalty=0.1, steps=2000)
    rng = np.random.default_rng(0)
    some = linear.svm(X, t, penalty=0.1, steps=4000, batch_size=8, rng=rng)
    assert -1e-4 < some.cost - full.cost < 2e-3


def test_fits_keep_float32_and_change_no_input():
    X32 = X.astype(np.float32)
    kept, fits = X32.copy(), [
        linear.logistic_regression(X32, t, penalty=0.1),
        linear.softmax_regression(X32, classes, penalty=0.1),
        linear.svm(X32, t, penalty=0.1, steps=20),
        perceptrons.perceptron(X32, t, epochs=2),
    ]  # fmt: skip
    assert [fit.w.dtype for fit in fits] == [np.float32] * 4
    assert [np.asarray(fit.b).dtype for fit in fits] == [np.float32] * 4
    np.testing.assert_array_equal(X32, kept)


def test_one_vs_rest_stacks_binary_classifiers():
    def fit(X, signs):
        return linear.logistic_regression(X, signs, penalty=0.1)

    layer = linear.one_vs_rest(fit, X, classes)
    assert layer["W"].shape == (3, 3)
    second = fit(X, np.where(classes == 1, 1, -1))
    np.testing.assert_array_equal(layer["W"][1], second.w)
    np.testing.assert_allclose(
        linear.scores(layer, X)[:, 1], linear.scores(second.params, X)
    )


def test_units_with_thresholds_leave_examples_to_nobody_or_to_several():
    angle = 2 * np.pi * np.arange(3) / 3
    corners = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    layer = linear.one_vs_rest(perceptrons.perceptron, corners, np.arange(3))
    many = np.random.default_rng(0).normal(size=(200, 2)) * 3
    claims = F.threshold(linear.scores(layer, many)).sum(axis=1)
    assert set(claims) - {1.0}
    assert set(linear.predict(layer, many)) == {0, 1, 2}


def test_a_record_prints_itself_in_a_few_short_lines():
    shown = repr(linear.logistic_regression(X, t, penalty=0.1))
    assert shown.startswith("Fit\n  w = [")
    assert "...\n" not in shown
    assert "  cost = 0." in shown
    layer = repr(linear.softmax_regression(X, classes, penalty=0.1))
    assert "  W = [[" in layer
    assert max(map(len, layer.splitlines())) < 60


# --------------------------------------------------------------------- refusals


def test_a_loss_without_a_minimum_is_refused():
    line = np.array([[0.0], [1.0], [2.0]])
    with pytest.raises(ValueError, match=r"no minimum.*longer weights.*penalty > 0"):
        linear.logistic_regression(line, np.array([-1, 1, 1]))
    with pytest.raises(ValueError, match="softmax_regression has no minimum"):
        linear.softmax_regression(line, np.array([0, 1, 1]))
    three = np.array([[0.0], [1.0], [2.0], [1.0]])
    with pytest.raises(ValueError, match="no minimum"):  # both classes meet in one point
        linear.logistic_regression(three, np.array([-1, -1, 1, 1]))
    assert linear.logistic_regression(line, np.array([-1, 1, 1]), penalty=0.1).cost < 0.7
    assert linear.logistic_regression(line, np.array([-1, 1, -1])).cost < 0.64


def test_a_class_without_an_example_is_refused():
    with pytest.raises(ValueError, match=r"each of 2 classes, but got \[1\.?\]"):
        linear.logistic_regression(X, np.ones(40), penalty=0.1)
    with pytest.raises(ValueError, match="each of 4 classes"):
        linear.softmax_regression(X, classes, num_classes=4, penalty=0.1)


BINARY_FITS = [
    linear.logistic_regression, lambda X, t: linear.svm(X, t, penalty=0.1, steps=1),
]  # fmt: skip


@pytest.mark.parametrize("fit", BINARY_FITS)
@pytest.mark.parametrize(
    ("X", "t", "words"),
    [
        (X, (t + 1) // 2, r"-1 or \+1, but got \[0 1\].*2 \* t - 1"),
        (X, t[:5], r"shapes \(40, 3\) and \(5,\)"),
        (X[:, 0], t, r"shape \(N, D\)"),
        (X[:0], t[:0], "at least 1"),
        (np.where(X > 2, np.nan, X), t, "finite inputs, but row"),
    ],
)
def test_examples_that_do_not_fit_are_refused(fit, X, t, words):
    with pytest.raises(ValueError, match=words):
        fit(X, t)


@pytest.mark.parametrize(("t", "num_classes"), [
    (t, None), (classes, 2), (classes * 1.0, None), (classes - 1, None),
])  # fmt: skip
@pytest.mark.parametrize("fit", [linear.softmax_regression, perceptrons.multiclass])
def test_classes_that_do_not_fit_are_refused(fit, t, num_classes):
    with pytest.raises(ValueError, match=r"integer classes from 0 to K-1.*\(t \+ 1\) // 2"):
        fit(X, t, num_classes=num_classes)


def test_inputs_that_do_not_fit_the_weights_are_refused():
    with pytest.raises(ValueError, match=r"\(40, 3\) and \(2,\)"):
        linear.scores(linear.init(2), X)
    with pytest.raises(ValueError, match="takes 2 inputs"):
        linear.scores(linear.init(2, 3), X)


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match=r"one of .*'hinge'.*but got 'l1'"):
        linear.cost(draw(), X, t, "l1")
    with pytest.raises(ValueError, match="but got 'l1'"):
        linear.gradient(draw(), X, t, "l1")


@pytest.mark.parametrize("penalty", [-1.0, np.nan])
def test_a_penalty_that_is_not_one_is_refused(penalty):
    with pytest.raises(ValueError, match=f"penalty ≥ 0, but got {penalty}"):
        linear.logistic_regression(X, t, penalty=penalty)
    with pytest.raises(ValueError, match="descend needs a penalty"):
        linear.descend(linear.init(3), X, t, penalty=penalty)
    with pytest.raises(ValueError, match="svm needs a penalty > 0, but got 0"):
        linear.svm(X, t, penalty=0)


def test_steps_that_are_too_long_are_refused():
    with pytest.raises(FloatingPointError, match=r"after \d+ steps with lr = 1e\+160"):
        linear.descend(linear.init(3), X, t, penalty=1.0, lr=1e160)


def test_a_batch_size_needs_an_rng():
    with pytest.raises(ValueError, match="batch_size and rng together"):
        linear.descend(linear.init(3), X, t, batch_size=3)


def test_inputs_too_far_from_one_are_refused():
    wild = X * np.array([1e-9, 1.0, 1e9])
    with pytest.raises(FloatingPointError, match=r"slope.*order of 1"):
        linear.logistic_regression(wild, t, penalty=1e-12)
