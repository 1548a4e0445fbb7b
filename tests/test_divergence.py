"""Divergence: the bound 2/λ_max, and what a run that breaks down says."""

import re

import numpy as np
import pytest

from coursecore import functional as F
from coursecore import hessian, nn, optim, train, tree
from coursecore.training.divergence import largest_curvature

CURVATURES = np.array([0.5, 3.0, 8.0])


def quadratic(x, rows):
    return 0.5 * np.sum(CURVATURES * x * x) + 0.0 * np.sum(rows)


ROWS = (np.ones(4),)


def fit(cost, start, arrays=ROWS, optimizer=None, **options):
    options = {"epochs": 400, "batch_size": None} | options
    rng = np.random.default_rng(0)
    return train.fit(cost, start, arrays, optimizer, rng=rng, **options)


def message(*args, **options):
    with pytest.raises(FloatingPointError) as caught:
        fit(*args, **options)
    return str(caught.value)


# --------------------------------------------------------------------- λ_max


def test_the_largest_curvature_of_a_quadratic():
    cost = lambda x: quadratic(x, np.ones(1))
    found = largest_curvature(cost, np.ones(3), np.random.default_rng(0))
    assert found == pytest.approx(8.0, rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_largest_curvature_of_a_network_is_that_of_its_hessian(dtype):
    rng = np.random.default_rng(2)
    X, t = rng.standard_normal((40, 3)).astype(dtype), rng.integers(0, 2, 40)
    params = tree.map(dtype, nn.init_mlp(rng, [3, 4, 2]))
    cost = lambda params: F.cross_entropy(nn.mlp(params, X), t)
    flat = lambda theta: cost(
        [
            {"W": np.reshape(theta[:12], (4, 3)), "b": theta[12:16]},
            {"W": np.reshape(theta[16:24], (2, 4)), "b": theta[24:]},
        ]
    )
    theta = np.concatenate([np.ravel(w) for w in tree.leaves(params)]).astype(np.float64)
    exact = np.linalg.eigvalsh(hessian(flat)(theta))[-1]
    assert largest_curvature(cost, params, rng) == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(
    "cost",
    [
        lambda x: -quadratic(x, np.ones(1)),
        lambda x: np.sum(x),
        lambda x: np.sum(np.log(x - 1.0)),
        lambda x: float(np.sum(x)),
    ],
    ids=["a maximum", "a plane", "not finite", "not traceable"],
)
def test_where_it_cannot_be_had_it_is_none(cost):
    assert largest_curvature(cost, np.ones(3), np.random.default_rng(0)) is None


# ------------------------------------------------------------------- messages


def test_a_step_beyond_the_bound_diverges_and_one_below_does_not():
    bound = 2 / CURVATURES.max()
    start = np.ones(3)
    _, history = fit(quadratic, start, optimizer=optim.SGD(lr=0.99 * bound))
    assert history.train[-1] < 1e-2 * history.train[0]
    told = message(quadratic, start, optimizer=optim.SGD(lr=1.2 * bound))
    for words in ("grew to", "at step", "learning rate 0.3", "tenth", "2/λ_max ≈ 0.25"):
        assert words in told


def test_the_step_and_the_rate_of_a_schedule_are_told():
    schedule = lambda step: 0.01 if step < 7 else 1e12
    told = message(
        quadratic, np.ones(3), optimizer=optim.SGD(lr=schedule), batch_size=1, epochs=9
    )
    assert "in epoch 2, at step 8, with learning rate 1e+12." in told


def test_a_network_that_breaks_down_says_what_rate_it_could_bear():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 3))
    T = X @ rng.standard_normal((3, 1))
    params = nn.init_mlp(rng, [3, 8, 1], init="he")
    cost = lambda params, X, T: F.squared_error(nn.mlp(params, X, F.relu), T)
    told = message(cost, params, (X, T), optim.SGD(lr=5.0))
    bound = float(re.search(r"2/λ_max ≈ ([\d.e+-]+)\.", told)[1])
    assert 0.01 < bound < 5.0
    _, history = fit(cost, params, (X, T), optim.SGD(lr=0.5 * bound), epochs=50)
    assert history.train[-1] < 0.2 * history.train[0]


def test_the_hint_is_for_the_place_that_training_had_reached():
    """The curvature of x⁴ is 12 x²: where x is small now, the bound is larger."""
    fourth = lambda x, rows: np.sum(x**4) + 0.0 * np.sum(rows)
    schedule = lambda step: 0.01 if step < 20 else 1e12
    places = []
    told = message(
        fourth, np.full(1, 2.0), optimizer=optim.SGD(lr=schedule),
        callbacks=[lambda now: places.append(now.params[0])],
    )  # fmt: skip
    bound = float(re.search(r"2/λ_max ≈ ([\d.e+-]+)\.", told)[1])
    assert bound == pytest.approx(2 / (12 * places[19] ** 2), rel=0.01)


def test_the_hint_is_left_out_where_there_is_none():
    line = lambda x, rows: np.sum(x) * np.mean(rows) + np.where(x[0] < 0, np.inf, 0.0)
    told = message(line, np.ones(2), optimizer=optim.SGD(lr=0.6))
    assert "cost became inf in epoch 2, at step 2" in told
    assert "λ_max" not in told


def test_costs_with_aux_and_rng_get_a_hint_too():
    def cost(x, rows, rng=None):
        return quadratic(x, rows) + (
            0.0 if rng is None else 1e-9 * rng.standard_normal()
        ), 0

    told = message(cost, np.ones(3), optimizer=optim.SGD(lr=0.3), has_aux=True)
    assert "2/λ_max ≈ 0.25" in told


def test_data_that_are_not_finite_are_blamed_first():
    X, T = np.ones((4, 2)), np.array([[1.0], [np.nan], [1.0], [1.0]])
    cost = lambda w, X, T: F.squared_error(X @ w, T)
    told = message(cost, np.ones((2, 1)), (X, T), optim.SGD())
    assert "became nan" in told and "Array 1 of this batch holds NaN" in told
    assert "learning rate of" not in told


def test_a_first_step_is_not_the_learning_rate_s_fault():
    told = message(
        lambda x, rows: np.log(x) * np.mean(rows), 0.0, optimizer=optim.SGD(lr=0.1)
    )
    assert "-inf" in told and "No step had been taken yet" in told
    assert "tenth" not in told


def test_a_gradient_that_is_not_finite_names_its_leaf():
    def cost(params, rows):
        return np.sum(params[0]["W"]) ** 2 + np.sum(np.sqrt(params[1]["b"])) + np.sum(rows)

    params = [{"W": np.ones(2)}, {"b": np.zeros(2)}]
    told = message(cost, params, optimizer=optim.SGD())
    assert 'The gradient by params[1]["b"] was no longer finite in epoch 0' in told


def test_numpy_warns_of_nothing_in_training(recwarn):
    """The logarithm of a row that is 0 warns outside, though it is not used."""
    rows = np.array([0.0, 1.0, 2.0])
    cost = lambda x, rows: np.sum(x**2) + np.sum(np.where(rows > 0, np.log(rows), 0.0))
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        cost(np.ones(2), rows)
    recwarn.clear()
    _, history = fit(cost, np.ones(2), (rows,), optim.SGD(lr=0.1), epochs=3, valid=(rows,))
    assert np.all(np.isfinite(history.valid))
    assert list(recwarn) == []
