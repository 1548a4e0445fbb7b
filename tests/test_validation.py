"""Validation: folds without leakage, and bias and variance against their formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursecore.training.selection import grid_search
from coursecore.training.validation import bias_variance, cross_validate, k_fold


def fresh(seed=0):
    return np.random.default_rng(seed)


# ------------------------------------------------------------------------ folds


@given(st.integers(2, 40), st.integers(2, 10), st.integers(0, 9))
def test_every_row_is_validated_once_and_never_trained_on(num_rows, num_folds, seed):
    num_folds = min(num_folds, num_rows)
    X, t = np.arange(2 * num_rows).reshape(num_rows, 2), np.arange(num_rows)
    folds = list(k_fold(fresh(seed), (X, t), num_folds))
    assert len(folds) == num_folds
    for (X_train, train), (X_valid, valid) in folds:
        assert set(train) | set(valid) == set(range(num_rows))
        assert len(train) + len(valid) == num_rows
        np.testing.assert_array_equal(X_train, X[train])
        np.testing.assert_array_equal(X_valid, X[valid])
    sizes = [len(valid) for _, (_, valid) in folds]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(np.concatenate([valid for _, (_, valid) in folds])) == list(t)


@given(st.lists(st.integers(0, 7), min_size=2, max_size=40), st.integers(0, 9))
def test_groups_never_straddle_and_sizes_stay_even(groups, seed):
    groups = np.array([*groups, 8])  # two groups at least
    num_folds = min(3, len(set(groups.tolist())))
    rows = np.arange(len(groups))
    sizes = []
    for (train,), (valid,) in k_fold(fresh(seed), (rows,), num_folds, groups):
        assert not set(groups[train]) & set(groups[valid])
        sizes.append(len(valid))
    assert sum(sizes) == len(rows)
    assert min(sizes) >= 1
    # The fullest fold got its last, smallest group when it was the emptiest.
    assert max(sizes) - min(sizes) <= np.bincount(groups).max()


@pytest.mark.parametrize("seed", range(5))
def test_large_groups_are_dealt_first_so_that_small_ones_even_out(seed):
    groups = np.repeat(np.arange(6), [1, 4, 1, 1, 1, 2])
    folds = k_fold(fresh(seed), (groups,), 2, groups)
    assert [len(valid) for _, (valid,) in folds] == [5, 5]


def test_groups_may_be_words_and_repeated_rows_a_group():
    X = np.array([[0.0, 1.0], [2.0, 3.0], [0.0, 1.0], [4.0, 5.0]])
    same = np.unique(X, axis=0, return_inverse=True)[1]
    for groups in (same, np.array(["anna", "ben", "anna", "carl"])):
        for (train,), (valid,) in k_fold(fresh(), (X,), 3, groups):
            assert not {tuple(x) for x in train} & {tuple(x) for x in valid}


def test_folds_follow_the_rng():
    def folds(seed):
        return [valid.tolist() for _, (valid,) in k_fold(fresh(seed), (np.arange(20),), 4)]

    assert folds(0) == folds(0)
    assert folds(0) != folds(1)
    assert folds(0)[0] != list(range(5))


def test_the_parts_of_a_fold_are_copies_and_lists_will_do():
    t = np.arange(6)
    for (train,), (valid,) in k_fold(fresh(), (t,), 2):
        train[:], valid[:] = -1, -1
    np.testing.assert_array_equal(t, np.arange(6))
    assert len(list(k_fold(fresh(), ([1, 2, 3], ["a", "b", "c"]), 3))) == 3


@pytest.mark.parametrize("num_folds", [0, 1, 5])
def test_too_few_or_too_many_folds_are_refused_at_once(num_folds):
    message = f"2 to 4 folds for 4 rows in 4 groups, but got num_folds={num_folds}"
    with pytest.raises(ValueError, match=message):
        k_fold(fresh(), (np.arange(4),), num_folds)
    with pytest.raises(ValueError, match="2 to 2 folds for 4 rows in 2 groups"):
        k_fold(fresh(), (np.arange(4),), 3, groups=[0, 0, 1, 1])


@pytest.mark.parametrize(
    ("arrays", "groups"),
    [
        ((np.ones(3), np.ones(4)), None), ((), None), ((np.ones(0),), None),
        ((np.float64(1.0),), None), ((np.ones(3),), [0, 1]), ((np.ones(3),), np.eye(3)),
    ],
)  # fmt: skip
def test_rows_and_groups_that_do_not_match_are_refused(arrays, groups):
    with pytest.raises(ValueError, match="same number of rows, at least one, and a group"):
        k_fold(fresh(), arrays, 2, groups)


def test_one_array_alone_is_refused():
    with pytest.raises(TypeError, match=r"tuple of arrays, \(X, t\)"):
        k_fold(fresh(), np.ones((4, 2)), 2)


def test_cross_validation_is_the_mean_over_folds():
    t = fresh(1).standard_normal(12)
    folds = list(k_fold(fresh(), (t,), 4))
    score = lambda train, valid: np.mean((valid[0] - np.mean(train[0])) ** 2)
    each = [score(*fold) for fold in folds]
    result = cross_validate(score, folds)
    assert result["score"] == pytest.approx(np.mean(each), rel=1e-12)
    assert result["standard_error"] == pytest.approx(np.std(each, ddof=1) / 2, rel=1e-12)


def test_leaving_one_out_has_a_closed_form():
    """A mean's miss of the row left out is N/(N-1) times its miss with the row."""
    t = fresh(1).standard_normal(9)
    score = lambda train, valid: np.mean((valid[0] - np.mean(train[0])) ** 2)
    result = cross_validate(score, k_fold(fresh(), (t,), 9))
    expected = np.mean((t - np.mean(t)) ** 2) * (9 / 8) ** 2
    assert result["score"] == pytest.approx(expected, rel=1e-12)


def test_cross_validation_agrees_with_scikit_learn_and_serves_a_search():
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import PredefinedSplit, cross_val_score

    X = fresh(1).standard_normal((30, 4))
    t = X @ np.arange(4.0) + 2 * fresh(2).standard_normal(30)
    folds = list(k_fold(fresh(), (X, t, np.arange(30)), 5))
    place = np.empty(30, dtype=int)
    for k, (_, (_, _, rows)) in enumerate(folds):
        place[rows] = k

    def ridge(train, valid, penalty):
        A = train[0].T @ train[0] + penalty * np.eye(4)
        w = np.linalg.solve(A, train[0].T @ train[1])
        return np.mean((valid[0] @ w - valid[1]) ** 2)

    def score(penalty):
        return cross_validate(lambda train, valid: ridge(train, valid, penalty), folds)

    results = grid_search(score, {"penalty": [0.1, 10.0, 1000.0]})
    assert list(results.best.scores) == ["score", "standard_error"]
    for penalty, value in zip([0.1, 10.0, 1000.0], results.column("score"), strict=True):
        peer = cross_val_score(
            Ridge(alpha=penalty, fit_intercept=False), X, t,
            cv=PredefinedSplit(place), scoring="neg_mean_squared_error",
        )  # fmt: skip
        assert value == pytest.approx(-peer.mean(), rel=1e-10)


def test_folds_that_are_used_up_are_noticed():
    folds = k_fold(fresh(), (np.arange(4.0),), 2)
    score = lambda train, valid: 1.0
    cross_validate(score, folds)
    with pytest.raises(ValueError, match=r"got 0\. A generator is empty.*list\(k_fold"):
        cross_validate(score, folds)


# ------------------------------------------------------------- bias and variance


def close(parts, name, expected, num_errors=4.0):
    miss = abs(getattr(parts, name) - expected)
    return miss < num_errors * parts.standard_error[name]


@pytest.mark.parametrize("shrink", [1.0, 0.8, 0.0])
def test_a_shrunken_mean_has_the_bias_and_variance_of_its_formula(shrink):
    """a·mean of n draws N(m, s²): bias² (a-1)² m², variance a² s²/n."""
    m, s, n = 3.0, 2.0, 10
    parts = bias_variance(
        lambda rng: m + s * rng.standard_normal(n),
        lambda train, x: np.full(1, shrink * np.mean(train)),
        [0.0], [m], noise=s, rng=fresh(), num_draws=2000,
    )  # fmt: skip
    expected = {
        "bias_squared": (shrink - 1) ** 2 * m**2,
        "variance": shrink**2 * s**2 / n,
        "error": (shrink - 1) ** 2 * m**2 + shrink**2 * s**2 / n + s**2,
    }
    if shrink:
        assert all(close(parts, name, value) for name, value in expected.items())
        assert parts.standard_error["variance"] < 0.05
    else:  # predicts 0 always: exact, without a standard error
        assert parts.bias_squared == pytest.approx(m**2, rel=1e-12)
        assert parts.variance == pytest.approx(0.0, abs=1e-12)
        assert close(parts, "error", expected["error"])
    assert parts.noise == s**2


def ridge_problem(penalty, seed=5):
    """Return draw, fit_predict, x and truth of a ridge regression, and its two parts."""
    X, x = fresh(seed).standard_normal((12, 5)), fresh(seed + 1).standard_normal((7, 5))
    w, noise = np.arange(1.0, 6.0), 1.5
    A = np.linalg.solve(X.T @ X + penalty * np.eye(5), X.T)
    draw = lambda rng: X @ w + noise * rng.standard_normal(12)
    fit_predict = lambda t, x: x @ (A @ t)
    bias_squared = np.mean((x @ (A @ X @ w - w)) ** 2)
    variance = noise**2 * np.mean(np.sum((x @ A) ** 2, axis=1))
    return (draw, fit_predict, x, x @ w), noise, bias_squared, variance


@pytest.mark.parametrize("penalty", [0.0, 1.0, 30.0])
def test_ridge_has_the_bias_and_variance_of_its_formula(penalty):
    problem, noise, bias_squared, variance = ridge_problem(penalty)
    parts = bias_variance(*problem, noise=noise, rng=fresh(), num_draws=1000)
    assert close(parts, "bias_squared", bias_squared)
    assert close(parts, "variance", variance)
    assert close(parts, "error", bias_squared + variance + noise**2)
    assert parts.standard_error["variance"] < 0.1 * variance


def test_estimates_are_unbiased_and_standard_errors_true():
    """Over 200 runs the misses in standard errors have mean 0 and spread 1."""
    problem, noise, bias_squared, variance = ridge_problem(penalty=3.0)
    expected = {
        "bias_squared": bias_squared,
        "variance": variance,
        "error": bias_squared + variance + noise**2,
    }
    runs = [
        bias_variance(*problem, noise=noise, rng=fresh(seed), num_draws=40)
        for seed in range(200)
    ]
    for name, value in expected.items():
        misses = np.array([getattr(parts, name) - value for parts in runs])
        assert abs(np.mean(misses)) < 4 * np.std(misses) / np.sqrt(len(runs)), name
        claimed = np.mean([parts.standard_error[name] for parts in runs])
        assert 0.8 < np.std(misses) / claimed < 1.2, name


def test_without_bias_the_standard_error_stays():
    problem, noise, bias_squared, _ = ridge_problem(penalty=0.0)
    runs = [
        bias_variance(*problem, noise=noise, rng=fresh(seed), num_draws=40)
        for seed in range(200)
    ]
    values = np.array([parts.bias_squared for parts in runs])
    assert bias_squared < 1e-20
    assert values.min() < 0 < values.max()
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(len(runs))
    claimed = np.mean([parts.standard_error["bias_squared"] for parts in runs])
    assert 0.9 < claimed / np.std(values) < 1.5
    least = min(parts.standard_error["bias_squared"] for parts in runs)
    assert least > claimed / 3


def test_the_parts_sum_to_the_error():
    problem, noise, _, _ = ridge_problem(penalty=10.0)
    parts = bias_variance(*problem, noise=noise, rng=fresh(), num_draws=500)
    total = parts.bias_squared + parts.variance + parts.noise
    assert abs(total - parts.error) < 4 * parts.standard_error["error"]
    # Without noise the sum is no estimate: it is the mean squared distance.
    parts = bias_variance(*problem, noise=0.0, rng=fresh(), num_draws=50)
    distance = np.mean((parts.predictions - problem[3]) ** 2)
    assert parts.bias_squared + parts.variance == pytest.approx(distance, rel=1e-12)
    assert parts.error == pytest.approx(distance, rel=1e-12)


def polynomials(degree):
    f = lambda x: np.sin(3 * x)
    X = np.linspace(-1, 1, 15)
    return bias_variance(
        lambda rng: f(X) + 0.3 * rng.standard_normal(15),
        lambda t, x: np.polyval(np.polyfit(X, t, degree), x),
        np.linspace(-0.9, 0.9, 40), f, noise=0.3, rng=fresh(), num_draws=300,
    )  # fmt: skip


def test_bias_falls_and_variance_rises_with_the_degree():
    degrees = [0, 1, 3, 5, 7, 9]
    parts = [polynomials(degree) for degree in degrees]
    # The sine is odd: each degree adds a term that it needs, until noise is all.
    bias = [each.bias_squared for each in parts]
    assert all(np.diff(bias[:4]) < 0)
    assert bias[0] > 0.4
    assert all(abs(value) < 1e-3 for value in bias[3:])
    assert all(np.diff([each.variance for each in parts]) > 0)
    errors = [each.error for each in parts]
    assert 0 < np.argmin(errors) < len(degrees) - 1


def test_the_variance_of_a_polynomial_is_the_noise_by_its_number_of_terms():
    """At the training inputs, Σ variance = noise² times the terms (trace of the hat)."""
    X = np.linspace(-1, 1, 15)
    parts = bias_variance(
        lambda rng: 0.3 * rng.standard_normal(15),
        lambda t, x: np.polyval(np.polyfit(X, t, 4), x),
        X, np.zeros(15), noise=0.3, rng=fresh(), num_draws=500,
    )  # fmt: skip
    assert close(parts, "variance", 0.3**2 * 5 / 15)


def test_several_outputs_add_up():
    draw = lambda rng: rng.standard_normal((8, 2)) * [1.0, 2.0]
    fit_predict = lambda train, x: (
        np.tile(np.mean(train, axis=0), (3, 1)) + np.array([0.0, 1.0])
    )
    truth, noise = np.zeros((3, 2)), np.tile([1.0, 2.0], (3, 1))
    parts = bias_variance(
        draw, fit_predict, np.zeros(3), truth, noise=noise, rng=fresh(), num_draws=1000
    )
    assert parts.noise == 5.0
    assert close(parts, "variance", 5.0 / 8)
    assert close(parts, "bias_squared", 1.0)
    assert close(parts, "error", 5.0 + 5.0 / 8 + 1.0)


def test_noise_may_differ_from_point_to_point():
    parts = bias_variance(
        lambda rng: None, lambda train, x: x, [1.0, 2.0], lambda x: x,
        noise=[0.0, 2.0], rng=fresh(), num_draws=500,
    )  # fmt: skip
    assert parts.noise == 2.0
    assert (parts.bias_squared, parts.variance) == (0.0, 0.0)
    assert close(parts, "error", 2.0)


def test_a_seed_gives_all_models_the_same_training_sets():
    seen = {}

    def watch(name, train, rng=None):
        seen.setdefault(name, []).append(train.tolist())
        return np.zeros(1) if rng is None else rng.standard_normal(1)

    draw = lambda rng: rng.standard_normal(2)
    options = {"noise": 1.0, "num_draws": 3}
    models = {
        "calm": lambda train, x: watch("calm", train),
        "random": lambda train, x, rng: watch("random", train, rng),
    }
    parts = {
        name: bias_variance(draw, fit_predict, [0], [0.0], rng=fresh(), **options)
        for name, fit_predict in models.items()
    }
    assert seen["calm"] == seen["random"]
    assert len(np.unique(parts["random"].predictions)) == 3
    again = bias_variance(draw, models["random"], [0], [0.0], rng=fresh(), **options)
    assert again.error == parts["random"].error


def test_a_decomposition_prints_its_parts():
    parts = bias_variance(
        lambda rng: rng.standard_normal(4), lambda t, x: np.full(1, t.mean()), [0], [0.0],
        noise=1.0, rng=fresh(), num_draws=20,
    )  # fmt: skip
    lines = str(parts).splitlines()
    assert [line.split()[0] for line in lines] == [
        "bias_squared", "variance", "noise", "error",
    ]  # fmt: skip
    assert all("±" in line for line in lines if "noise" not in line)
    assert f"{parts.variance:.4g}" in lines[1]


# --------------------------------------------------------------------- refusals


def decompose(truth=(0.0, 0.0), prediction=(1.0, 1.0), **options):
    options = {"noise": 1.0, "rng": fresh(), "num_draws": 3} | options
    fit_predict = lambda train, x: np.array(prediction)
    return bias_variance(lambda rng: None, fit_predict, [0, 1], truth, **options)


def test_too_few_draws_are_refused():
    with pytest.raises(ValueError, match="num_draws of at least 2, got 1"):
        decompose(num_draws=1)


@pytest.mark.parametrize("truth", [0.0, []])
def test_truth_without_points_is_refused(truth):
    with pytest.raises(ValueError, match="one or more points, but truth has shape"):
        decompose(truth=truth)


@pytest.mark.parametrize("noise", [-1.0, [1.0, 2.0, 3.0], [1.0, -2.0], np.nan])
def test_noise_that_is_no_standard_deviation_is_refused(noise):
    with pytest.raises(ValueError, match=r"noise is the standard deviation .*\(2,\)"):
        decompose(noise=noise)


def test_predictions_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"shape of truth, \(2,\), but returned \(2, 1\)"):
        decompose(prediction=((1.0,), (1.0,)))


def test_predictions_that_are_not_finite_are_refused():
    with pytest.raises(FloatingPointError, match="training set 0 are not finite"):
        decompose(prediction=(1.0, np.inf))
