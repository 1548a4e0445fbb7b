"""Toy sets, digits, splits: shapes, geometry, no leakage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from coursecore import data

DRAWN = {"blobs": data.blobs, "moons": data.moons, "spirals": data.spirals}


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


@pytest.mark.parametrize("fractions", [(0.8, 0.3), (1.2, -0.2), (0.5, 0.5, 0.0), (8, 2)])
def test_fractions_that_do_not_sum_to_one_are_refused(fractions):
    with pytest.raises(ValueError, match="positive fractions that sum to 1, got"):
        data.split(rng(), (np.ones(10),), fractions)


@pytest.mark.parametrize("fractions", [(0.999, 0.001), (0.5, 0.3, 0.2)])
def test_a_part_without_rows_is_refused(fractions):
    with pytest.raises(ValueError, match="row"):
        data.split(rng(), (np.ones(3),), fractions)
