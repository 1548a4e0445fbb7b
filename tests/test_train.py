"""Training: batches, the loop, early stopping, optima known from elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from coursecore import data, grad, nn, optim, train, tree
from coursecore import functional as F


def cost(params, X, t):
    return F.cross_entropy(nn.mlp(params, X), t)


def fit(seed=0, **options):
    X, t = data.moons(np.random.default_rng(5), 60)
    params = nn.init_mlp(np.random.default_rng(6), [2, 5, 2])
    options = {"epochs": 4, "batch_size": 16} | options
    optimizer = options.pop("optimizer", optim.SGD(lr=0.5))
    arrays = options.pop("arrays", (X, t))
    rng = np.random.default_rng(seed)
    return train.fit(cost, params, arrays, optimizer, rng=rng, **options)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(*map(tree.leaves, (a, b)), strict=True))


# ------------------------------------------------------------- minibatches


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 9))
def test_minibatches_are_a_permutation_of_the_rows(num_rows, batch_size, seed):
    X, t = np.arange(2 * num_rows).reshape(num_rows, 2), np.arange(num_rows)
    batches = list(train.minibatches(np.random.default_rng(seed), (X, t), batch_size))
    assert len(batches) == -(-num_rows // batch_size)
    assert all(len(rows) == batch_size for rows, _ in batches[:-1])
    assert 1 <= len(batches[-1][0]) <= batch_size
    rows, targets = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert sorted(targets) == list(range(num_rows))
    np.testing.assert_array_equal(rows, X[targets])


def test_minibatches_are_shuffled_by_the_rng():
    def first(seed):
        rng = np.random.default_rng(seed)
        return [t.tolist() for (t,) in train.minibatches(rng, (np.arange(30),), 10)]

    assert first(0) == first(0)
    assert first(0) != first(1)
    assert first(0)[0] != list(range(10))


@pytest.mark.parametrize("arrays", [(np.ones(3), np.ones(4)), (np.ones(0),), ()])
def test_rows_that_do_not_match_are_refused(arrays):
    with pytest.raises(ValueError, match="same number of rows, at least one, but got"):
        list(train.minibatches(np.random.default_rng(0), arrays, 2))
    with pytest.raises(ValueError, match="same number of rows"):
        fit(arrays=arrays)


@pytest.mark.parametrize("batch_size", [0, -3])
def test_a_batch_without_rows_is_refused(batch_size):
    with pytest.raises(ValueError, match=f"at least 1, .*{batch_size}"):
        fit(batch_size=batch_size)


# ---------------------------------------------------------------------- fit


def test_fit_is_determined_by_the_rng():
    (a, first), (b, second), (c, _) = fit(0), fit(0), fit(1)
    assert same(a, b)
    assert first == second
    assert not same(a, c)


def test_fit_changes_neither_its_parameters_nor_its_data():
    X, t = data.xor()
    params = nn.init_mlp(np.random.default_rng(0), [2, 3, 2])
    kept = tree.map(np.copy, params)
    train.fit(cost, params, (X, t), optim.SGD(), rng=np.random.default_rng(0), epochs=3)
    assert same(params, kept)
    np.testing.assert_array_equal(X, data.xor()[0])


def test_one_epoch_in_one_batch_is_one_step():
    X, t = data.moons(np.random.default_rng(5), 60)
    params = nn.init_mlp(np.random.default_rng(6), [2, 5, 2])
    stepped, history = fit(epochs=1, batch_size=60, optimizer=optim.SGD(lr=0.1))
    grads = grad(cost)(params, X, t)
    expected = tree.map(lambda p, g: p - 0.1 * g, params, grads)
    for x, y in zip(tree.leaves(stepped), tree.leaves(expected), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12)
    assert np.isclose(history.train[0], cost(params, X, t))


def test_the_history_is_the_mean_cost_by_rows():
    """Batches of 50 and 10 rows count by their rows, not by their number."""
    counted = lambda params, X: params * 0.0 + np.mean(X)
    rows = np.concatenate([np.zeros(30), np.ones(30)])
    rng = np.random.default_rng(0)
    _, history = train.fit(counted, 1.0, (rows,), optim.SGD(), rng=rng, batch_size=50)
    np.testing.assert_allclose(history.train, np.full(10, 0.5))


def test_the_history_has_an_entry_an_epoch():
    X, t = data.moons(np.random.default_rng(7), 20)
    _, history = fit(epochs=5, valid=(X, t))
    assert len(history.train) == len(history.valid) == 5
    assert all(type(value) is float for value in history.train + history.valid)
    _, history = fit(epochs=5)
    assert (history.valid, history.best_epoch) == ([], 4)
    assert history.train[-1] < history.train[0]


def test_no_epoch_is_no_training():
    params, history = fit(epochs=0)
    assert same(params, nn.init_mlp(np.random.default_rng(6), [2, 5, 2]))
    assert history == train.History()


def test_xor_is_learnt():
    X, t = data.xor()
    params = nn.init_mlp(np.random.default_rng(0), [2, 8, 2])
    rng = np.random.default_rng(1)
    params, history = train.fit(
        cost, params, (X, t), optim.SGD(lr=0.5, momentum=0.9), rng=rng, epochs=150
    )
    assert nn.accuracy(params, X, t) == 1.0
    assert history.train[-1] < 0.05


def test_xor_is_not_learnt_without_a_hidden_layer():
    X, t = data.xor()
    rng = np.random.default_rng(1)
    start = nn.init_mlp(rng, [2, 2])
    params, history = train.fit(cost, start, (X, t), optim.SGD(lr=0.5), rng=rng, epochs=300)
    assert np.isclose(history.train[-1], np.log(2.0), atol=1e-3)
    assert nn.accuracy(params, X, t) <= 0.75


def test_logistic_regression_reaches_the_optimum_of_scikit_learn():
    """scikit-learn minimises C Σ loss + ½‖w‖², which is N C times our cost."""
    rng = np.random.default_rng(3)
    X, t = data.blobs(rng, 80, num_classes=2, spread=1.5)
    strength = 0.05

    def cost(layer, X, t):
        scores = nn.linear(layer, X)[:, 0]
        return F.binary_cross_entropy(scores, t) + strength * nn.l2(layer)

    layer = nn.init_linear(rng, 2, 1)
    optimizer = optim.SGD(lr=0.5, momentum=0.5)
    layer, _ = train.fit(
        cost, layer, (X, t), optimizer, rng=rng, epochs=400, batch_size=len(X)
    )
    peer = LogisticRegression(C=1 / (strength * len(X)), tol=1e-10).fit(X, t)
    np.testing.assert_allclose(layer["W"], peer.coef_, rtol=1e-4)
    np.testing.assert_allclose(layer["b"], peer.intercept_, atol=1e-4)


# ------------------------------------------------------------- early stopping


def walk(valid_costs, patience=None):
    """Fit a counter that goes up by 1 an epoch, with a prescribed validation cost."""

    def cost(x, rows, table=None):
        if np.ndim(rows) == 1:
            return -x + 0.0 * np.sum(rows)
        return valid_costs[round(float(x)) - 1]

    return train.fit(
        cost, 0.0, (np.ones(3),), optim.SGD(lr=1.0), rng=np.random.default_rng(0),
        epochs=len(valid_costs), valid=(np.ones((1, 1)),), patience=patience,
    )  # fmt: skip


def test_the_parameters_of_the_best_epoch_come_back():
    params, history = walk([5.0, 3.0, 1.0, 2.0, 4.0])
    assert params == 3.0
    assert history.best_epoch == 2
    assert history.valid == [5.0, 3.0, 1.0, 2.0, 4.0]


def test_patience_stops_after_that_many_epochs_without_gain():
    params, history = walk([5.0, 3.0, 4.0, 4.0, 0.0, 0.0], patience=2)
    assert history.valid == [5.0, 3.0, 4.0, 4.0]
    assert (params, history.best_epoch) == (2.0, 1)
    params, history = walk([5.0, 3.0, 4.0, 4.0, 0.0, 0.0], patience=3)
    assert (params, history.best_epoch) == (5.0, 4)


def test_an_equal_cost_is_nothing_better():
    params, history = walk([5.0, 3.0, 3.0, 3.0, 3.0, 3.0], patience=2)
    assert (params, history.best_epoch) == (2.0, 1)
    assert len(history.valid) == 4


def test_patience_needs_a_validation_set():
    with pytest.raises(ValueError, match=r"valid=\(X, t\)"):
        fit(patience=3)


# ----------------------------------------------------------------- refusals


def test_divergence_names_the_learning_rate():
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError) as caught:
        train.fit(
            lambda x, rows: np.sum(x**4) + 0.0 * np.sum(rows), np.full(2, 10.0),
            (np.ones(4),), optim.SGD(lr=30.0), rng=np.random.default_rng(0),
        )  # fmt: skip
    for word in ("epoch", "SGD(lr=30.0", "learning rate", "tenth"):
        assert word in str(caught.value)


def test_data_with_nan_are_noticed():
    X, t = data.xor()
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="nan"):
        fit(arrays=(X * np.nan, t))


def test_a_validation_cost_that_is_not_finite_is_noticed():
    with pytest.raises(FloatingPointError, match="valid"):
        walk([5.0, np.nan, 3.0])


def test_a_cost_that_is_no_scalar_is_refused():
    with pytest.raises(TypeError, match="scalar"):
        train.fit(
            lambda w, X: w * X, 1.0, (np.ones(4),), optim.SGD(),
            rng=np.random.default_rng(0),
        )  # fmt: skip
