"""Toy sets, their best errors, digits, splits: shapes, geometry, no leakage."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, LinearSVC

from coursecore import data

DRAWN = {
    "blobs": data.blobs,
    "moons": data.moons,
    "spirals": data.spirals,
    "noisy_xor": data.noisy_xor,
    "separable": data.separable,
}


def rng(seed=0):
    return np.random.default_rng(seed)


def test_xor_is_the_parity_of_its_inputs():
    X, t = data.xor()
    np.testing.assert_array_equal(t, X.sum(axis=1) % 2)
    assert len({tuple(row) for row in X}) == 4
    X[:] = 7.0
    assert data.xor()[0].max() == 1.0


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_drawn_sets_follow_the_rng_and_are_balanced(draw):
    X, t = draw(rng(), 101)
    again, targets = draw(rng(), 101)
    assert X.shape == (101, 2)
    assert X.dtype == np.float64
    assert t.dtype.kind == "i"
    np.testing.assert_array_equal(X, again)
    np.testing.assert_array_equal(t, targets)
    assert not np.array_equal(X, draw(rng(1), 101)[0])
    counts = np.bincount(t)
    assert counts.max() - counts.min() <= 1
    assert np.any(np.diff(t) < 0)


def test_blobs_lie_around_their_means():
    X, t = data.blobs(rng(), 600, num_classes=4, spread=0.1, radius=3.0)
    for k, mean in enumerate([(3, 0), (0, 3), (-3, 0), (0, -3)]):
        np.testing.assert_allclose(X[t == k].mean(axis=0), mean, atol=0.05)
        np.testing.assert_allclose(X[t == k].std(axis=0), 0.1, rtol=0.2)


def test_moons_lie_on_half_circles():
    X, t = data.moons(rng(), 200, noise=0.0)
    np.testing.assert_allclose(np.linalg.norm(X[t == 0], axis=1), 1.0)
    np.testing.assert_allclose(np.linalg.norm(X[t == 1] - [1.0, 0.5], axis=1), 1.0)
    assert (X[t == 0, 1] >= 0).all()
    assert (X[t == 1, 1] <= 0.5).all()
    assert not np.allclose(X, data.moons(rng(), 200)[0])


def test_spirals_wind_from_the_origin_to_radius_one():
    X, t = data.spirals(rng(), 300, num_classes=3, noise=0.0)
    radius = np.linalg.norm(X, axis=1)
    assert 0.1 <= radius.min() < 0.15
    assert 0.95 < radius.max() <= 1.0
    turned = np.arctan2(X[:, 1], X[:, 0]) - 2 * np.pi * (0.75 * radius + t / 3)
    np.testing.assert_allclose(np.cos(turned), 1.0)
    linear = LogisticRegression().fit(X, t)
    assert linear.score(X, t) < 0.8


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_too_few_examples_are_refused(draw):
    with pytest.raises(ValueError, match=r"[23] classes need at least .*got 1"):
        draw(rng(), 1)


# ------------------------------------------------------------ xor with noise


def test_noisy_xor_lies_around_its_four_corners():
    X, t = data.noisy_xor(rng(), 2000, noise=0.1)
    corners = np.round(X).astype(int)
    np.testing.assert_array_equal(corners[:, 0] ^ corners[:, 1], t)
    assert len(np.unique(corners, axis=0)) == 4
    np.testing.assert_allclose((X - corners).std(axis=0), 0.1, rtol=0.1)


# ---------------------------------------------------------------- separable


@given(
    st.floats(0.05, 1.0),
    st.lists(st.floats(0.5, 3.0), min_size=1, max_size=4),
    st.floats(-1.0, 1.0),
    st.integers(0, 9),
)
def test_no_example_is_nearer_to_the_plane_than_the_margin(margin, weights, bias, seed):
    X, t = data.separable(rng(seed), 30, margin, weights, bias)
    distance = (2 * t - 1) * (X @ weights + bias) / np.linalg.norm(weights)
    assert X.shape == (30, len(weights))
    assert distance.min() == pytest.approx(margin)
    np.testing.assert_allclose(np.sort(distance)[:2], margin)


@pytest.mark.parametrize("margin", [0.1, 0.5])
def test_the_margin_is_that_of_a_support_vector_machine(margin):
    X, t = data.separable(rng(3), 60, margin, weights=(2.0, -1.0), bias=0.5)
    hard = SVC(kernel="linear", C=1e6, tol=1e-8).fit(X, t)
    w = hard.coef_[0]
    assert 1 / np.linalg.norm(w) == pytest.approx(margin, rel=1e-4)
    np.testing.assert_allclose(w / np.linalg.norm(w), [0.8944, -0.4472], atol=1e-3)


def test_a_perceptron_keeps_within_its_bound():
    X, t = data.separable(rng(1), 100, margin=0.1)
    signs, w, mistakes = 2 * t - 1, np.zeros(2), 0
    for n in list(range(100)) * 50:
        if signs[n] * (w @ X[n]) <= 0:
            w, mistakes = w + signs[n] * X[n], mistakes + 1
    assert ((X @ w > 0) == t).all()
    assert 0 < mistakes <= (np.linalg.norm(X, axis=1).max() / 0.1) ** 2


def test_a_margin_or_plane_that_is_none_is_refused():
    with pytest.raises(ValueError, match="margin above 0, got 0"):
        data.separable(rng(), 10, margin=0)
    with pytest.raises(ValueError, match=r"vector of weights .*got \[0.0, 0.0\]"):
        data.separable(rng(), 10, weights=(0.0, 0.0))
    with pytest.raises(ValueError, match="vector of weights"):
        data.separable(rng(), 10, weights=np.ones((2, 2)))


# ----------------------------------------------------------------- patterns


def test_a_strip_moves_around():
    strip = np.arange(5.0)
    X = data.translations(strip)
    for shift in range(5):
        np.testing.assert_array_equal(X[shift], np.roll(strip, shift))


def test_every_translation_of_a_pattern_is_there_once():
    X, t = data.patterns()
    assert X.shape == (32, 16)
    assert len(np.unique(X, axis=0)) == 32
    for k, image in enumerate([data.SQUARE, data.TEE]):
        rows = {tuple(row) for row in X[t == k]}
        for down in range(4):
            for right in range(4):
                moved = np.roll(np.roll(image, down, axis=0), right, axis=1)
                assert tuple(moved.ravel()) in rows


def test_no_linear_unit_tells_the_patterns_apart():
    X, t = data.patterns()
    for k in (0, 1):
        np.testing.assert_array_equal(X[t == k].mean(axis=0), np.full(16, 0.25))
    signed = (2 * t - 1)[:, None] * np.column_stack([X, np.ones(32)])
    # Is there (w, b) with sign·(w·x + b) >= 1 for all? A linear program says no.
    program = optimize.linprog(np.zeros(17), -signed, -np.ones(32), bounds=(None, None))
    assert program.status == 2
    assert LinearSVC(C=100.0, max_iter=100_000).fit(X, t).score(X, t) < 1.0


def test_the_patterns_of_the_deck_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        data.SQUARE[0, 0] = 0.0


def test_noisy_patterns_differ_from_patterns_in_the_flipped_pixels():
    clean, classes = data.patterns()
    X, t = data.noisy_patterns(rng(), 200, flip=0.0)
    assert data.seen(X[t == 1], among=clean[classes == 1]).all()
    assert data.seen(clean, among=X).all()
    X, t = data.noisy_patterns(rng(), 500, flip=0.05)
    nearest = np.abs(X[:, None] - clean).sum(axis=2).min(axis=1)
    assert 0.03 < nearest.mean() / 16 < 0.05
    assert set(np.unique(X)) == {0.0, 1.0}
    assert np.bincount(t).tolist() == [250, 250]


def test_a_chance_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"chance to flip in \[0, 1\], got 1.5"):
        data.noisy_patterns(rng(), 10, flip=1.5)


# ------------------------------------------------------- to fit, to descend


def test_a_line_is_found_again_by_least_squares():
    X, t = data.line(rng(), 4000, weights=(2.0, -0.5), bias=1.5, noise=0.3)
    design = np.column_stack([X, np.ones(len(X))])
    solution, residual, *_ = np.linalg.lstsq(design, t)
    np.testing.assert_allclose(solution, [2.0, -0.5, 1.5], atol=0.03)
    assert residual[0] / len(X) == pytest.approx(0.09, rel=0.1)
    X, t = data.line(rng(), 10, noise=0)
    np.testing.assert_allclose(t, 2 * X[:, 0] - 1)


def test_a_wave_without_noise_has_the_same_places():
    X, t = data.wave(rng(), 1000)
    places, truth = data.wave(rng(), 1000, noise=0)
    np.testing.assert_array_equal(X, places)
    np.testing.assert_allclose(truth, np.sin(2 * np.pi * X[:, 0]))
    assert (t - truth).std() == pytest.approx(0.3, rel=0.1)
    assert (X.min() >= 0, X.max() <= 1) == (True, True)


@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=5), st.integers(0, 9))
def test_a_bowl_has_the_eigenvalues_asked_for(eigenvalues, seed):
    A = data.bowl(rng(seed), eigenvalues)
    np.testing.assert_array_equal(A, A.T)
    np.testing.assert_allclose(np.linalg.eigvalsh(A), np.sort(eigenvalues), atol=1e-12)


def test_a_bowl_is_turned_at_random_and_needs_eigenvalues():
    A = data.bowl(rng(), [1.0, 10.0])
    assert abs(A[0, 1]) > 0.1
    assert not np.allclose(A, data.bowl(rng(1), [1.0, 10.0]))
    turns = [np.sign(data.bowl(rng(seed), [1.0, 10.0])[0, 1]) for seed in range(20)]
    assert set(turns) == {-1.0, 1.0}
    with pytest.raises(ValueError, match=r"vector of eigenvalues, got shape \(0,\)"):
        data.bowl(rng(), [])


# -------------------------------------------------------------- Bayes error

NOISY = {
    "noisy_xor": (data.noisy_xor, {"noise": 0.4}),
    "two blobs": (data.blobs, {"num_classes": 2, "spread": 1.5}),
    "five blobs": (data.blobs, {"num_classes": 5, "spread": 0.9}),
    "moons": (data.moons, {"noise": 0.3}),
    "spirals": (data.spirals, {"num_classes": 3, "noise": 0.15}),
    "patterns": (data.noisy_patterns, {"flip": 0.1}),
}


@pytest.mark.parametrize("draw, options", NOISY.values(), ids=NOISY)
def test_the_classifier_of_bayes_errs_as_often_as_predicted(draw, options):
    X, t = draw(rng(11), 4000, **options)
    P = data.posterior(draw, X, **options)
    error = data.bayes_error(draw, **options)
    np.testing.assert_allclose(P.sum(axis=1), 1.0)
    deviation = np.sqrt(error * (1 - error) / len(X))
    assert 0.02 < error < 0.5
    assert np.mean(P.argmax(axis=1) != t) == pytest.approx(error, abs=3 * deviation)
    # What the posterior itself expects to get wrong has a smaller variance.
    expected = 1 - P.max(axis=1)
    tolerance = 3 * expected.std() / np.sqrt(len(X))
    assert expected.mean() == pytest.approx(error, abs=tolerance)
    # Calibrated: where it says 70 %, it is right in 70 % of cases.
    sure = np.abs(P[:, 1] - 0.7) < 0.1
    assert np.mean(t[sure] == 1) == pytest.approx(P[sure, 1].mean(), abs=0.1)


@pytest.mark.parametrize("name", ["noisy_xor", "moons", "spirals", "patterns"])
def test_no_learner_beats_bayes(name):
    draw, options = NOISY[name]
    train, test = draw(rng(1), 600, **options), draw(rng(2), 2000, **options)
    learner = SVC(gamma="scale").fit(*train)
    error = 1 - learner.score(*test)
    best = data.bayes_error(draw, **options)
    assert best - 0.03 < error < best + 0.12


def test_two_blobs_err_by_the_tail_of_a_gaussian():
    for spread in (0.3, 1.0, 4.0):
        error = data.bayes_error(data.blobs, num_classes=2, spread=spread, radius=1.5)
        assert error == pytest.approx(stats.norm.sf(1.5 / spread), rel=1e-10)


def test_four_blobs_err_as_two_independent_bits():
    error = data.bayes_error(data.blobs, num_classes=4, spread=0.8, radius=1.0)
    bit = stats.norm.sf(np.sqrt(0.5) / 0.8)
    assert error == pytest.approx(1 - (1 - bit) ** 2, rel=1e-10)


def test_blobs_at_one_place_are_guessed():
    assert data.bayes_error(data.blobs, num_classes=5, radius=0.0) == pytest.approx(0.8)
    assert data.bayes_error(data.blobs, num_classes=1) == 0.0


def gaussian(x, mean, noise):
    return np.exp(-0.5 * np.sum((x - mean) ** 2) / noise**2)


@pytest.mark.parametrize("x", [(0.4, 0.3), (1.0, 0.2), (-0.5, -0.5), (5.0, 5.0)])
def test_the_posterior_of_moons_is_that_of_adaptive_integration(x):
    def density(k):
        def bump(a):
            arc = np.array([np.cos(a), np.sin(a)])
            return gaussian(x, arc if k == 0 else [1.0, 0.5] - arc, 1.0)

        return integrate.quad(bump, 0, np.pi, epsabs=0)[0]

    zero, one = density(0), density(1)
    P = data.posterior(data.moons, [x], noise=1.0)
    np.testing.assert_allclose(P, [[zero / (zero + one), one / (zero + one)]], rtol=1e-9)


@pytest.mark.parametrize("x", [(0.4, 0.3), (0.0, 0.1), (-0.5, -0.5)])
def test_the_posterior_of_spirals_is_that_of_adaptive_integration(x):
    def density(k):
        def bump(square):
            r = np.sqrt(square)
            angle = 2 * np.pi * (0.6 * r + k / 3)
            return gaussian(x, r * np.array([np.cos(angle), np.sin(angle)]), 0.3)

        return integrate.quad(bump, 0.01, 1.0, epsabs=0, limit=200)[0]

    densities = np.array([density(k) for k in range(3)])
    P = data.posterior(data.spirals, [x], num_classes=3, noise=0.3, turns=0.6)
    np.testing.assert_allclose(P[0], densities / densities.sum(), rtol=1e-9)


@pytest.mark.parametrize("name", ["noisy_xor", "two blobs", "five blobs"])
def test_the_integral_over_the_plane_agrees_with_the_formulas(name):
    draw, options = NOISY[name]
    bayes = inspect.getmodule(data.bayes_error)
    filled = bayes._options(draw, options)
    noise_option, centres = bayes._MIXTURES[draw]
    integral = bayes._error_in_the_plane(centres(**filled), filled[noise_option])
    assert integral == pytest.approx(data.bayes_error(draw, **options), rel=2e-3)


def test_patterns_err_as_counted_image_by_image():
    flip, (clean, classes) = 0.2, data.patterns()
    numbers = np.arange(2**16, dtype=np.uint16)
    images = np.unpackbits(numbers.view(np.uint8).reshape(-1, 2), axis=1)
    chances = np.zeros((2**16, 2))
    for pattern, k in zip(clean, classes, strict=True):
        flips = np.sum(images != pattern, axis=1)
        chances[:, k] += flip**flips * (1 - flip) ** (16 - flips) / 32
    assert chances.sum() == pytest.approx(1.0)
    error = data.bayes_error(data.noisy_patterns, flip=flip)
    assert error == pytest.approx(chances.min(axis=1).sum(), rel=1e-12)
    P = data.posterior(data.noisy_patterns, images[::997], flip=flip)
    np.testing.assert_allclose(P, (chances / chances.sum(axis=1)[:, None])[::997])


def test_more_noise_makes_more_errors_up_to_a_guess():
    for draw, option in [
        (data.moons, "noise"),
        (data.spirals, "noise"),
        (data.noisy_xor, "noise"),
        (data.noisy_patterns, "flip"),
    ]:
        levels = (0.0, 0.1, 0.5)
        errors = [data.bayes_error(draw, **{option: level}) for level in levels]
        assert errors[0] == 0.0
        assert errors == sorted(errors)
        assert errors[-1] <= 0.5 + 1e-12
    assert data.bayes_error(data.noisy_patterns, flip=0.5) == pytest.approx(0.5)
    assert data.bayes_error(data.noisy_patterns, flip=1.0) == 0.0
    assert data.bayes_error(data.separable, margin=0.3) == 0.0


def test_a_posterior_far_away_is_still_a_distribution():
    P = data.posterior(data.moons, [[300.0, 0.0], [-300.0, 0.0]], noise=0.05)
    np.testing.assert_allclose(P, [[0.0, 1.0], [1.0, 0.0]], atol=1e-12)
    assert data.posterior(data.moons, np.empty((0, 2))).shape == (0, 2)


def test_the_best_error_is_asked_for_a_set_and_an_option_that_exist():
    with pytest.raises(ValueError, match=r"known for noisy_xor, .*got digits"):
        data.bayes_error(data.digits)
    with pytest.raises(TypeError, match="moons has no option spread"):
        data.bayes_error(data.moons, spread=0.1)
    with pytest.raises(TypeError, match="separable has no option noise"):
        data.bayes_error(data.separable, noise=0.1)
    with pytest.raises(ValueError, match=r"noise of at least 0.01, got 0.001"):
        data.bayes_error(data.moons, noise=0.001)
    with pytest.raises(ValueError, match="noise of at least 0, got -1"):
        data.bayes_error(data.moons, noise=-1)
    with pytest.raises(ValueError, match=r"flip in \[0, 1\], got 2"):
        data.bayes_error(data.noisy_patterns, flip=2)


def test_a_posterior_needs_noise_and_inputs_of_its_size():
    with pytest.raises(ValueError, match=r"noise above 0 .*got 0: without noise"):
        data.posterior(data.moons, np.zeros((3, 2)), noise=0)
    with pytest.raises(ValueError, match=r"below 1.*got 1.0"):
        data.posterior(data.noisy_patterns, data.patterns()[0], flip=1.0)
    with pytest.raises(ValueError, match=r"noise of at least 0.01, got 1e-09"):
        data.posterior(data.spirals, np.zeros((3, 2)), noise=1e-9)
    with pytest.raises(ValueError, match="separable has no noise"):
        data.posterior(data.separable, np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"shape \(N, 16\), got \(3, 2\)"):
        data.posterior(data.noisy_patterns, np.zeros((3, 2)))


# ------------------------------------------------------------------- digits


def test_digits_are_images_between_zero_and_one():
    X, t = data.digits()
    assert X.shape == (1797, 64)
    assert (X.min(), X.max()) == (0.0, 1.0)
    assert sorted(set(t)) == list(range(10))
    mean = X[t == 0].mean(axis=0).reshape(8, 8)
    assert mean[3:5, 3:5].max() < 0.2 < mean[1:7, 2].mean()


# --------------------------------------------------------------------- split

rows = st.integers(10, 60)


@given(rows, st.sampled_from([(0.8, 0.2), (0.5, 0.25, 0.25), (1.0,), (0.4, 0.3, 0.2, 0.1)]))
def test_a_split_deals_out_every_row_once(num_rows, fractions):
    X, t = np.arange(2.0 * num_rows).reshape(num_rows, 2), np.arange(num_rows)
    parts = data.split(rng(), (X, t), fractions)
    assert len(parts) == len(fractions)
    dealt = [set(part[1].tolist()) for part in parts]
    assert sum(len(part) for part in dealt) == num_rows
    assert set.union(*dealt) == set(range(num_rows))
    for (X_part, t_part), fraction in zip(parts[1:], fractions[1:], strict=True):
        np.testing.assert_array_equal(X_part, X[t_part])
        assert len(t_part) == int(num_rows * fraction + 1e-9)


def test_sizes_of_parts_are_not_cut_by_rounding():
    parts = data.split(rng(), (np.arange(100),), (0.42, 0.29, 0.29))
    assert [len(part) for (part,) in parts] == [42, 29, 29]


def test_a_split_follows_the_rng():
    t = np.arange(50)
    (first,), _ = data.split(rng(), (t,))
    (again,), _ = data.split(rng(), (t,))
    (other,), _ = data.split(rng(1), (t,))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, np.sort(first))
    assert len(first) == 40


def test_parts_of_a_split_are_copies():
    t = np.arange(10)
    (first,), _ = data.split(rng(), (t,))
    first[:] = -1
    np.testing.assert_array_equal(t, np.arange(10))


def test_rows_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match=r"one length, but got \[3, 4\]"):
        data.split(rng(), (np.ones(3), np.ones(4)))


@pytest.mark.parametrize(
    "fractions", [(), (0.8, 0.3), (1.2, -0.2), (0.5, 0.5, 0.0), (8, 2)]
)
def test_fractions_that_do_not_sum_to_one_are_refused(fractions):
    with pytest.raises(ValueError, match="positive fractions that sum to 1, got"):
        data.split(rng(), (np.ones(10),), fractions)


@pytest.mark.parametrize("fractions", [(0.999, 0.001), (0.5, 0.3, 0.2)])
def test_a_part_without_rows_is_refused(fractions):
    with pytest.raises(ValueError, match="row"):
        data.split(rng(), (np.ones(3),), fractions)


# --------------------------------------------------------- splits by group


@given(st.lists(st.integers(0, 12), min_size=20, max_size=80), st.integers(0, 9))
def test_a_group_is_never_in_two_parts(groups, seed):
    groups = np.array([*groups, *range(10)])
    rows = np.arange(len(groups))
    parts = data.split(rng(seed), (rows, groups), (0.6, 0.2, 0.2), groups=groups)
    dealt = [set(part[1].tolist()) for part in parts]
    assert sum(map(len, dealt)) == len(set(groups.tolist()))
    assert set.union(*dealt) == set(groups.tolist())
    assert sorted(np.concatenate([part[0] for part in parts])) == rows.tolist()
    for part, values in parts:
        assert (np.diff(part) > 0).all()
        np.testing.assert_array_equal(values, groups[part])


def test_groups_are_dealt_in_the_fractions_asked_for():
    sentences = np.array(["he is here", "so what", "no", "who is it"] * 5 + ["no"] * 50)
    (train,), (test,) = data.split(rng(), (sentences,), (0.75, 0.25), groups=sentences)
    assert (len(set(train)), len(set(test))) == (3, 1)
    assert len(train) + len(test) == 70
    others = {test[0]}
    for seed in range(9):
        _, (test,) = data.split(rng(seed), (sentences,), (0.75, 0.25), groups=sentences)
        others.add(test[0])
    assert len(others) > 1


def test_rows_of_numbers_may_be_groups():
    contexts = np.array([[1, 2], [1, 3], [1, 2], [2, 1], [1, 3], [4, 4]])
    (train,), (test,) = data.split(rng(), (contexts,), (0.5, 0.5), groups=contexts)
    assert not data.seen(test, among=train).any()
    assert len(train) + len(test) == 6


def test_groups_must_fit_the_rows_and_fill_the_parts():
    with pytest.raises(ValueError, match="group for each of 3 rows, got 2"):
        data.split(rng(), (np.ones(3),), groups=[0, 1])
    with pytest.raises(ValueError, match=r"1 groups .*without a group"):
        data.split(rng(), (np.ones(3),), groups=[5, 5, 5])


def test_seen_finds_the_rows_that_leak():
    X, t = data.digits()
    (train, _), (test, _) = data.split(rng(), (X, t))
    assert not data.seen(test, among=train).any()
    copied = np.concatenate([test, train[:3]])
    assert data.seen(copied, among=train).tolist() == [False] * len(test) + [True] * 3
    assert data.seen(["a", "b"], among=["b", "c"]).tolist() == [False, True]
    assert data.seen(np.empty((0, 2)), among=np.ones((3, 2))).shape == (0,)
    with pytest.raises(ValueError, match=r"one shape, but got \(2,\) and \(3,\)"):
        data.seen(np.ones((4, 2)), among=np.ones((4, 3)))


# ------------------------------------------------------------- preparation


def test_standardised_inputs_have_mean_zero_and_deviation_one():
    X = rng().normal([100.0, 0.003], [90.0, 0.001], size=(500, 2))
    standardise = data.standardiser(X)
    np.testing.assert_allclose(standardise(X).mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(standardise(X).std(axis=0), 1.0)
    np.testing.assert_allclose(standardise.undo(standardise(X)), X)


def test_other_inputs_are_standardised_by_the_training_set():
    train, valid = rng().normal(size=(50, 3)), rng(1).normal(5.0, size=(20, 3))
    standardise = data.standardiser(train)
    expected = (valid - train.mean(axis=0)) / train.std(axis=0)
    np.testing.assert_allclose(standardise(valid), expected)
    np.testing.assert_allclose(standardise(valid[0]), expected[0])


@pytest.mark.parametrize("value", [0.0, 0.1, 1e8, -3.3])
def test_a_column_that_never_varies_is_only_centred(value):
    X = np.column_stack([np.full(7, value), np.arange(7.0)])
    standardise = data.standardiser(X)
    np.testing.assert_array_equal(standardise(X)[:, 0], 0.0)
    np.testing.assert_array_equal(standardise(X + 2.0)[:, 0], value + 2.0 - value)
    X, _ = data.digits()
    assert np.isfinite(data.standardiser(X)(X)).all()


def test_float32_stays_float32_and_integers_become_float64():
    X = (1000 + rng().standard_normal((200, 2))).astype(np.float32)
    Z = data.standardiser(X)(X)
    assert Z.dtype == np.float32
    np.testing.assert_allclose(Z.std(axis=0), 1.0, rtol=1e-4)
    Z = data.standardiser([[1, 2], [3, 4]])([[2, 2]])
    assert (Z.dtype, Z.tolist()) == (np.float64, [[0.0, -1.0]])


def test_what_cannot_be_standardised_is_refused():
    with pytest.raises(ValueError, match=r"shape \(N, D\), N > 0, got \(3,\)"):
        data.standardiser(np.ones(3))
    with pytest.raises(ValueError, match=r"got \(0, 3\)"):
        data.standardiser(np.ones((0, 3)))
    with pytest.raises(ValueError, match="NaN or infinity in column 1"):
        data.standardiser([[1.0, np.nan], [2.0, 3.0]])
    with pytest.raises(ValueError, match=r"fitted on 2 columns, but X has shape \(4, 3\)"):
        data.standardiser(np.eye(2))(np.ones((4, 3)))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_a_one_hot_row_points_at_its_class(t):
    T = data.one_hot(t, 7)
    assert T.shape == (len(t), 7)
    np.testing.assert_array_equal(T.argmax(axis=1), t)
    np.testing.assert_array_equal(T.sum(axis=1), 1.0)
    np.testing.assert_array_equal(data.one_hot(t), T[:, : max(t) + 1])


def test_targets_that_are_no_classes_are_refused():
    with pytest.raises(TypeError, match=r"integer classes .*got float64"):
        data.one_hot([0.0, 1.0])
    with pytest.raises(TypeError, match=r"shape \(2, 2\)"):
        data.one_hot(np.eye(2, dtype=int))
    with pytest.raises(ValueError, match="classes 0 to 2, got 0 to 3"):
        data.one_hot([0, 3], 3)
    with pytest.raises(ValueError, match="got -1 to 1"):
        data.one_hot([-1, 1])
