"""Margins: brute force, duality, scikit-learn, and the three forms of one objective."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import SVC, LinearSVC

from coursecore import data
from coursecore.nets import linear, margins

RNG = np.random.default_rng(8)
t = np.where(np.arange(40) % 2, 1, -1)
NEAR = RNG.normal(size=(40, 2)) + 0.8 * t[:, None]
FAR = RNG.normal(size=(40, 2)) + 3.0 * t[:, None]
CORNERS, odd = data.xor()


def objective(params, X, t, C):
    """½‖w‖² + C Σ max(0, 1 - t z), written out."""
    z = X @ params["w"] + params["b"]
    return 0.5 * params["w"] @ params["w"] + C * np.sum(np.maximum(0, 1 - t * z))


def params_of(model):
    return {"w": model.coef_[0], "b": np.ravel(model.intercept_)[0]}


def require_optimal(machine, X, t):
    """Check the Karush-Kuhn-Tucker conditions, which a convex minimum alone meets."""
    alpha, xi, length = machine.multipliers, machine.slacks, np.linalg.norm(machine.w)
    m = t * (X @ machine.w + machine.b)
    np.testing.assert_allclose((alpha * t) @ X, machine.w, atol=1e-5 * length)
    assert abs(alpha @ t) <= 1e-6 * alpha.sum()
    assert np.all(m >= 1 - xi - 1e-9)
    assert np.all(xi >= 0)
    assert np.all((alpha >= 0) & (alpha <= machine.C))
    np.testing.assert_allclose(alpha * (m - 1 + xi), 0, atol=1e-5 * alpha.max())
    if np.isfinite(machine.C):
        np.testing.assert_allclose((machine.C - alpha) * xi, 0, atol=1e-5 * machine.C)
    dual = alpha.sum() - 0.5 * np.sum(((alpha * t) @ X) ** 2)
    assert abs(machine.objective - dual) <= 1e-6 * machine.objective


# ---------------------------------------------------------------------- margins


def test_margins_by_hand():
    """The line 3x + 4y = 5 is 1 away from the origin."""
    params = {"w": np.array([3.0, 4.0]), "b": np.array(-5.0)}
    X, signs = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 0.5]]), np.array([-1, 1, 1])
    assert margins.functional_margins(params, X, signs).tolist() == [5.0, 20.0, 0.0]
    assert margins.geometric_margins(params, X, signs).tolist() == [1.0, 4.0, 0.0]
    assert margins.slacks(params, X, signs).tolist() == [0.0, 0.0, 1.0]
    assert margins.support_vectors(params, X, signs).tolist() == [2]
    assert margins.slacks(params, X, -signs).tolist() == [6.0, 21.0, 1.0]


def test_the_geometric_margin_is_a_distance():
    params = {"w": np.array([1.0, -2.0]), "b": np.array(0.7)}
    distances = margins.geometric_margins(params, NEAR, t)
    foot = NEAR - (t * distances)[:, None] * params["w"] / np.sqrt(5.0)
    np.testing.assert_allclose(linear.scores(params, foot), 0.0, atol=1e-12)
    longer = {key: 7.0 * value for key, value in params.items()}
    np.testing.assert_allclose(margins.geometric_margins(longer, NEAR, t), distances)


def test_a_slack_measures_how_far_an_example_is_past_the_margin():
    machine = margins.soft_margin(NEAR, t, C=1.0)
    past = machine.slacks > 0
    distances = margins.geometric_margins(machine.params, NEAR, t)
    np.testing.assert_allclose(
        machine.slacks[past] * machine.margin, (machine.margin - distances)[past]
    )
    wrong = linear.predict(machine.params, NEAR) != t
    np.testing.assert_array_equal(machine.slacks > 1, wrong)
    assert 0 < wrong.sum() < past.sum()


# ------------------------------------------------------------------- separation


def test_xor_is_not_separable_and_the_proof_is_its_middle():
    proof = margins.separation(CORNERS, 2 * odd - 1)
    assert not proof.separable
    np.testing.assert_allclose(proof.point, [0.5, 0.5])
    np.testing.assert_allclose(proof.weights, 0.5)
    assert "separable = False\n  point = [0.5 0.5]" in repr(proof)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 4), st.sampled_from([0.3, 1.0, 2.0]))
def test_separation_returns_a_hyperplane_or_a_proof(seed, D, shift):
    rng = np.random.default_rng(seed)
    signs = np.array([1, -1] * 6)
    X = 100.0 + rng.normal(size=(12, D)) + shift * signs[:, None]
    found = margins.separation(X, signs)
    if found.separable:
        assert np.all(signs * linear.scores(found.params, X) > 0)
        return
    assert np.all(found.weights >= 0)
    assert found.gap < 1e-6
    for sign in (-1, 1):
        weights = found.weights[signs == sign]
        assert np.isclose(weights.sum(), 1.0)
        np.testing.assert_allclose(weights @ X[signs == sign], found.point, atol=1e-6)


def test_classes_that_touch_are_not_separable():
    X, signs = np.array([[0.0], [1.0], [1.0], [2.0]]), np.array([-1, -1, 1, 1])
    found = margins.separation(X, signs)
    assert not found.separable
    np.testing.assert_allclose(found.point, [1.0])
    assert margins.separation(X + np.array([[0.0], [0.0], [1e-5], [0.0]]), signs).separable


def test_shifted_patterns_have_one_mean_and_no_separating_hyperplane():
    """Sixteen pixels: every shift of A against every shift of B, with wrap-around."""
    A, B = np.zeros((4, 4)), np.zeros((4, 4))
    A[0, :], B[[0, 0, 1, 1], [0, 1, 0, 1]] = 1.0, 1.0
    X = np.array([np.roll(p, (i, j), (0, 1)).ravel()
                  for p in (A, B) for i in range(4) for j in range(4)])  # fmt: skip
    signs = np.repeat([1, -1], 16)
    assert np.array_equal(X[signs > 0].mean(axis=0), X[signs < 0].mean(axis=0))
    found = margins.separation(X, signs)
    assert not found.separable
    assert found.gap < 1e-9


# ------------------------------------------------------------------ hard margin


def test_brute_force_over_directions_finds_the_same_margin():
    """Along a direction u the best hyperplane lies midway between the classes."""
    machine = margins.hard_margin(FAR, t)
    gaps = FAR[t > 0][:, None] - FAR[t < 0]  # from each example to each of the others
    angles, width = np.linspace(-np.pi, np.pi, 10_000), 1e-3
    for _ in range(2):
        directions = np.stack([np.cos(angles), np.sin(angles)])
        apart = np.min(gaps.reshape(-1, 2) @ directions, axis=0)
        best = angles[np.argmax(apart)]
        angles = np.linspace(best - width, best + width, 10_000)
    assert abs(apart.max() / 2 - machine.margin) < 1e-6
    u = [np.cos(best), np.sin(best)]
    np.testing.assert_allclose(machine.w * machine.margin, u, atol=1e-6)


def test_the_hard_margin_is_one_over_the_length_of_w():
    machine = margins.hard_margin(FAR, t)
    distances = margins.geometric_margins(machine.params, FAR, t)
    assert np.isclose(machine.margin, 1 / np.linalg.norm(machine.w))
    assert np.isclose(machine.objective, 0.5 / machine.margin**2)
    assert np.isinf(machine.C)
    assert not machine.slacks.any()
    np.testing.assert_allclose(distances[machine.support], machine.margin, rtol=1e-4)
    assert 2 <= len(machine.support) <= 3
    assert np.isclose(distances.min(), machine.margin, rtol=1e-13)
    require_optimal(machine, FAR, t)


@pytest.mark.parametrize(("unit", "shift"), [(1e-3, 0.0), (1.0, 50.0), (1e3, -1e4)])
@pytest.mark.parametrize("D", [1, 2, 5, 60])
def test_the_hard_margin_does_not_care_for_units_and_origin(D, unit, shift):
    rng = np.random.default_rng(D)
    X = rng.normal(size=(40, D)) + 4.0 * t[:, None]
    here, there = margins.hard_margin(X, t), margins.hard_margin(unit * X + shift, t)
    assert np.isclose(there.margin, unit * here.margin, rtol=1e-6)
    require_optimal(there, unit * X + shift, t)


def test_the_hard_margin_agrees_with_scikit_learn():
    for X in (FAR, RNG.normal(size=(40, 60))):
        machine = margins.hard_margin(X, t)
        oracle = params_of(SVC(kernel="linear", C=1e6, tol=1e-8).fit(X, t))
        assert np.isclose(machine.objective, objective(oracle, X, t, 0.0), rtol=1e-4)


def test_one_outlier_turns_the_hard_margin():
    before = margins.hard_margin(FAR, t)
    u = before.w * before.margin
    across = np.array([-u[1], u[0]])
    outlier = FAR[t > 0].mean(axis=0) + 8 * across
    outlier = (
        outlier - (linear.scores(before.params, outlier[None])[0] - 0.2) * u * before.margin
    )
    after = margins.hard_margin(np.vstack([FAR, outlier]), np.append(t, 1))
    cosine = after.w @ before.w * after.margin * before.margin
    assert np.degrees(np.arccos(cosine)) > 3
    assert after.margin < before.margin
    soft = [margins.soft_margin(X, s, C=0.01) for X, s in (
        (FAR, t), (np.vstack([FAR, outlier]), np.append(t, 1)))]  # fmt: skip
    assert soft[0].w @ soft[1].w * soft[0].margin * soft[1].margin > cosine


def test_without_a_hyperplane_there_is_no_hard_margin():
    with pytest.raises(ValueError, match=r"point \[0\.5 0\.5\] lies.*both.*`soft_margin`"):
        margins.hard_margin(CORNERS, 2 * odd - 1)


# ------------------------------------------------------------------ soft margin


@pytest.mark.parametrize("C", [1e-3, 0.1, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("X", [NEAR, FAR], ids=["near", "far"])
def test_the_soft_margin_agrees_with_scikit_learn_and_proves_itself(X, C):
    machine = margins.soft_margin(X, t, C=C)
    assert np.isclose(machine.objective, objective(machine.params, X, t, C))
    require_optimal(machine, X, t)
    oracle = params_of(SVC(kernel="linear", C=C, tol=1e-8).fit(X, t))
    theirs = objective(oracle, X, t, C)
    assert machine.objective <= (1 + 1e-6) * theirs
    if C <= 10:  # above, rounding in SVC's slacks, times C, is what remains of them
        assert theirs <= (1 + 1e-4) * machine.objective
    np.testing.assert_allclose(machine.w, oracle["w"], rtol=1e-2, atol=1e-3)


def test_linear_svc_penalises_the_bias_and_agrees_where_that_weighs_nothing():
    """With a constant input of 1000 instead of 1, its weight, b/1000, costs nothing."""
    for C in (0.1, 1.0):
        machine = margins.soft_margin(NEAR, t, C=C)

        def fit(scaling, C=C):
            return LinearSVC(
                loss="hinge", C=C, intercept_scaling=scaling, tol=1e-9,
                max_iter=1_000_000, random_state=0,
            ).fit(NEAR, t)  # fmt: skip

        freed, held = (objective(params_of(fit(s)), NEAR, t, C) for s in (30.0, 1.0))
        assert abs(freed - machine.objective) <= 1e-4 * machine.objective
        assert held >= machine.objective


@pytest.mark.parametrize("C", [0.05, 1.0])
def test_three_forms_of_the_objective_have_one_minimum(C):
    penalty = margins.penalty_of(C, 40)
    constrained = margins.soft_margin(NEAR, t, C=C)
    descended = linear.svm(NEAR, t, penalty=penalty, steps=4000)
    by_mean = linear.cost(constrained.params, NEAR, t, "hinge", penalty)
    assert np.isclose(constrained.objective, C * 40 * by_mean)
    assert 0 <= descended.cost - by_mean < 1e-4
    assert abs(objective(descended.params, NEAR, t, C) / constrained.objective - 1) < 1e-4
    np.testing.assert_allclose(descended.w, constrained.w, atol=0.01)


def test_inputs_that_say_nothing_leave_w_at_zero():
    same = np.ones((6, 2))
    machine = margins.soft_margin(same, np.array([1, -1, 1, -1, 1, 1]), C=1.0)
    assert np.isclose(machine.objective, 4.0)
    assert machine.margin > 1e6


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 6), st.floats(-2, 3), st.integers(-3, 3))
def test_soft_margins_of_all_kinds_are_proved(seed, D, log_C, log_unit):
    rng = np.random.default_rng(seed)
    signs = np.array([1, -1] * 8)
    X = 10.0**log_unit * (rng.normal(size=(16, D)) + 0.7 * signs[:, None])
    machine = margins.soft_margin(X, signs, C=10.0 ** (log_C - 2 * log_unit))
    require_optimal(machine, X, signs)


def test_a_slack_of_the_solution_is_the_least_that_is_allowed():
    machine = margins.soft_margin(NEAR, t, C=1.0)
    np.testing.assert_array_equal(machine.slacks, margins.slacks(machine.params, NEAR, t))
    assert set(np.flatnonzero(machine.slacks > 0)) <= set(machine.support)
    assert set(np.flatnonzero(machine.multipliers)) <= set(machine.support)


def test_support_vectors_alone_determine_the_machine():
    machine = margins.soft_margin(NEAR, t, C=1.0)
    kept = machine.support
    assert len(kept) < 40
    again = margins.soft_margin(NEAR[kept], t[kept], C=1.0)
    np.testing.assert_allclose(again.w, machine.w, atol=1e-4)
    assert np.isclose(again.objective, machine.objective, rtol=1e-6)


def test_a_larger_C_narrows_the_street_until_it_is_the_hard_margin():
    prices = [1e-3, 1e-2, 0.1, 1.0, 10.0, 1e4]
    machines = [margins.soft_margin(FAR, t, C=C) for C in prices]
    assert np.all(np.diff([m.margin for m in machines]) <= 1e-6)
    assert len(machines[0].support) > len(machines[-1].support)
    hard = margins.hard_margin(FAR, t)
    assert np.isclose(machines[-1].margin, hard.margin, rtol=1e-6)
    assert machines[-1].C == 1e4
    assert np.isinf(hard.C)
    shortfall = [m.slacks.sum() for m in machines]
    assert np.all(np.diff(shortfall) <= 1e-6)


def test_below_the_largest_multiplier_a_soft_margin_begins_to_give():
    price = margins.hard_margin(FAR, t).multipliers.max()
    assert margins.soft_margin(FAR, t, C=1.01 * price).slacks.max() < 1e-6
    assert margins.soft_margin(FAR, t, C=0.9 * price).slacks.max() > 1e-3


def test_in_the_decks_form_C_is_twice_as_large():
    machine = margins.soft_margin(NEAR, t, C=1.0)

    def deck(params):
        return params["w"] @ params["w"] + 2.0 * np.sum(margins.slacks(params, NEAR, t))

    rng = np.random.default_rng(0)
    least = deck(machine.params)
    assert np.isclose(least, 2 * machine.objective)
    for size in (1e-3, 0.1, 1.0):
        moved = {"w": machine.w + size * rng.normal(size=2), "b": machine.b + size}
        assert deck(moved) >= least - 1e-6


@given(st.floats(1e-6, 1e6), st.integers(1, 10_000))
def test_C_and_the_penalty_are_two_names_of_one_number(C, N):
    assert np.isclose(margins.C_of(margins.penalty_of(C, N), N), C)
    assert np.isclose(margins.penalty_of(C, N) * C * N, 1.0)


def test_a_machine_prints_itself():
    shown = repr(margins.soft_margin(NEAR, t, C=1.0))
    assert shown.startswith("Machine\n  w = [")
    assert "\n  C = 1\n  margin = " in shown
    assert len(shown.splitlines()) == 9


# --------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "solve", [margins.separation, margins.hard_margin, margins.soft_margin]
)
def test_targets_that_do_not_fit_are_refused(solve):
    with pytest.raises(ValueError, match=rf"{solve.__name__} needs.*\+1.*2 \* t - 1"):
        solve(CORNERS, odd)
    with pytest.raises(ValueError, match=f"{solve.__name__}.*both classes, but all are -1"):
        solve(CORNERS, -np.ones(4))
    with pytest.raises(ValueError, match=r"shapes \(4, 2\) and \(3,\)"):
        solve(CORNERS, odd[:3])


@pytest.mark.parametrize("C", [0.0, -1.0, np.inf, np.nan])
def test_a_price_that_is_not_one_is_refused(C):
    with pytest.raises(ValueError, match=f"C > 0, finite.*but got {C}"):
        margins.soft_margin(NEAR, t, C=C)
    with pytest.raises(ValueError, match="penalty > 0"):
        margins.C_of(C, 40)
    with pytest.raises(ValueError, match=r"at least 1 example, but got 1\.0 and 0"):
        margins.penalty_of(1.0, 0)


def test_without_a_direction_there_is_no_distance():
    with pytest.raises(ValueError, match="w that is not 0"):
        margins.geometric_margins(linear.init(2), NEAR, t)


def test_a_solution_that_cannot_be_proved_is_refused(monkeypatch):
    monkeypatch.setattr(margins, "_slsqp", lambda *given: 0.5 * np.ones(43))
    with pytest.raises(FloatingPointError, match=r"multipliers prove only.*C nearer to 1"):
        margins.soft_margin(NEAR, t, C=1.0)
