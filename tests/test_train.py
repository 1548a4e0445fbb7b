"""Training: batches, the loop, early stopping, optima known from elsewhere."""

import json

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


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_dropping_the_last_batch_leaves_full_ones(num_rows, batch_size, seed):
    if batch_size > num_rows:
        with pytest.raises(ValueError, match=f"nothing of {num_rows} rows"):
            list(
                train.minibatches(
                    np.random.default_rng(seed), (np.ones(num_rows),), 50, True
                )
            )
        return
    full, every = (
        [t for (t,) in train.minibatches(rng, (np.arange(num_rows),), batch_size, drop)]
        for rng, drop in [(np.random.default_rng(seed), drop) for drop in (True, False)]
    )
    assert [len(rows) for rows in full] == [batch_size] * (num_rows // batch_size)
    assert all(np.array_equal(a, b) for a, b in zip(full, every, strict=False))


def test_all_rows_at_once_are_not_shuffled():
    rng = np.random.default_rng(0)
    X, t = data.xor()
    ((rows, targets),) = train.minibatches(rng, (X, t), None)
    assert rows is X and targets is t
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


def test_fit_leaves_out_the_rows_of_a_batch_that_is_dropped():
    counted = lambda x, rows: 0.0 * x + np.mean(rows) + len(rows)
    _, history = train.fit(
        counted, 1.0, (np.ones(7),), optim.SGD(), rng=np.random.default_rng(0),
        batch_size=3, drop_last=True, epochs=2,
    )  # fmt: skip
    assert history.train == [4.0, 4.0]
    assert history.steps == [2, 4]


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


def test_patience_must_let_an_epoch_pass():
    with pytest.raises(ValueError, match="at least 1 epoch, but got 0"):
        walk([1.0], patience=0)


def test_metrics_are_measured_on_the_validation_set():
    X, t = data.moons(np.random.default_rng(8), 30)
    metrics = {"accuracy": nn.accuracy, "cost": cost}
    params, history = fit(valid=(X, t), metrics=metrics, epochs=3)
    assert history.metrics["cost"] == history.valid
    assert history.metrics["accuracy"][history.best_epoch] == nn.accuracy(params, X, t)
    assert all(type(value) is float for value in history.metrics["accuracy"])
    with pytest.raises(ValueError, match=r"measure \['accuracy'\] on: pass valid"):
        fit(metrics={"accuracy": nn.accuracy})


# ------------------------------------------------------------ what is recorded


def test_the_history_of_steps_rates_and_gradients():
    X, t = data.moons(np.random.default_rng(5), 60)
    schedule = lambda step: 0.1 / (1 + step)
    _, history = fit(epochs=3, optimizer=optim.SGD(lr=schedule), batch_size=32)
    assert history.steps == [2, 4, 6]
    assert history.learning_rates == [schedule(1), schedule(3), schedule(5)]
    assert len(history.seconds) == 3 and min(history.seconds) > 0
    start = nn.init_mlp(np.random.default_rng(6), [2, 5, 2])
    _, history = fit(epochs=1, batch_size=None)
    flat = np.concatenate([g.ravel() for g in tree.leaves(grad(cost)(start, X, t))])
    np.testing.assert_allclose(history.grad_norms, [np.linalg.norm(flat)])
    assert history.learning_rates == [0.5]


def test_the_history_is_plain():
    X, t = data.moons(np.random.default_rng(7), 20)
    _, history = fit(valid=(X, t), metrics={"accuracy": nn.accuracy})
    assert json.loads(json.dumps(vars(history))) == vars(history)


def test_an_optimizer_may_have_no_learning_rate():
    class Halve:
        def init(self, params):
            return None

        def step(self, params, grads, state):
            return 0.5 * params, None

    x, history = train.fit(
        lambda x, rows: x * np.mean(rows), 8.0, (np.ones(2),), Halve(),
        rng=np.random.default_rng(0), epochs=3,
    )  # fmt: skip
    assert (x, history.learning_rates) == (1.0, [None] * 3)


def test_callbacks_are_told_every_epoch():
    told = []
    params, history = fit(callbacks=[told.append], epochs=3)
    assert [epoch.number for epoch in told] == [0, 1, 2]
    assert told[-1].history is history
    assert same(told[-1].params, params) and same(told[-1].best, params)
    assert not same(told[0].params, told[1].params)


@pytest.mark.parametrize("yes", [True, np.True_])
def test_a_callback_that_returns_true_ends_the_run(yes):
    also = []
    _, history = fit(callbacks=[lambda now: yes if now.number == 1 else None, also.append])
    assert (len(history.train), history.stopped, len(also)) == (2, "callback", 2)


@pytest.mark.parametrize("answer", [None, False, 1, "no", np.ones(2), [0]])
def test_no_other_answer_of_a_callback_counts(answer):
    _, history = fit(callbacks=[lambda now: answer], epochs=2)
    assert (len(history.train), history.stopped) == (2, None)


def test_an_error_in_a_callback_is_passed_on():
    def fail(now):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        fit(callbacks=[fail])


def test_in_place_and_pure_optimizers_agree_and_nothing_kept_is_overwritten():
    X, t = data.moons(np.random.default_rng(7), 20)
    start = nn.init_mlp(np.random.default_rng(6), [2, 5, 2])
    kept, runs = tree.map(np.copy, start), []
    for in_place in (False, True):
        told = []
        optimizer = optim.SGD(lr=3.0, momentum=0.9, in_place=in_place)
        params, history = train.fit(
            cost, start, (X, t), optimizer, rng=np.random.default_rng(0), epochs=6,
            batch_size=5, valid=(X, t), callbacks=[told.append], tolerance=1e-9,
        )  # fmt: skip
        assert same(start, kept)
        assert same(params, told[history.best_epoch].params)
        assert not same(told[0].params, told[1].params)
        runs.append((params, told[-1].params, history))
    assert same(runs[0][:2], runs[1][:2])
    assert runs[0][2] == runs[1][2]


# --------------------------------------------------------------- tolerance


def test_descent_stops_where_a_step_is_shorter_than_the_tolerance():
    """On x²/2 a step of rate α has length α|x|, and x shrinks by 1 - α."""
    x, history = train.fit(
        lambda x, rows: 0.5 * x * x + 0.0 * np.sum(rows), 1.0, (np.ones(1),),
        optim.SGD(lr=0.5), rng=np.random.default_rng(0), epochs=100, tolerance=1e-3,
    )  # fmt: skip
    assert x == 0.5**10  # 0.5¹⁰ < 1e-3 <= 0.5⁹
    assert (len(history.train), history.stopped) == (10, "tolerance")


def test_the_tolerance_is_for_all_leaves_together():
    def square(params, rows):
        return 0.5 * (params["a"] ** 2 + np.sum(params["b"] ** 2)) + 0.0 * np.sum(rows)

    def run(tolerance):
        params = {"a": 3.0, "b": np.array([0.0, 4.0])}
        return train.fit(
            square, params, (np.ones(4),), optim.SGD(lr=1.0), rng=np.random.default_rng(0),
            epochs=2, tolerance=tolerance,
        )[1]  # fmt: skip

    assert [len(run(tolerance).train) for tolerance in (5.0, 5.001)] == [2, 1]


# --------------------------------------------- what a cost may ask for, and give


def test_a_cost_with_rng_is_given_it_in_training_alone():
    given = []

    def noisy(x, rows, rng=None):
        given.append(rng)
        noise = 0.0 if rng is None else rng.standard_normal()
        return x * x + 0.0 * np.sum(rows) + noise

    rng = np.random.default_rng(0)
    train.fit(
        noisy, 1.0, (np.ones(4),), optim.SGD(), rng=rng, epochs=2, batch_size=2,
        valid=(np.ones(3),),
    )  # fmt: skip
    assert given == [rng, rng, None, rng, rng, None]


def test_dropout_trains():
    X, t = data.moons(np.random.default_rng(5), 60)

    def cost(params, X, t, rng=None):
        H = nn.dropout(rng, np.tanh(nn.linear(params[0], X)), 0.3)
        return F.cross_entropy(nn.linear(params[1], H), t)

    start = nn.init_mlp(np.random.default_rng(6), [2, 20, 2])
    params, history = train.fit(
        cost, start, (X, t), optim.SGD(lr=0.5), rng=np.random.default_rng(0), epochs=30,
        valid=(X, t),
    )  # fmt: skip
    assert history.valid[-1] == pytest.approx(cost(params, X, t), rel=0.2)
    assert history.valid[-1] < 0.6 * cost(start, X, t)


def test_a_projection_after_each_step():
    project = lambda x: np.clip(x, 0.0, 1.0)
    x, _ = train.fit(
        lambda x, rows: np.sum((x - 3.0) ** 2) + 0.0 * np.sum(rows), np.zeros(2),
        (np.ones(2),), optim.SGD(lr=0.5), rng=np.random.default_rng(0), after_step=project,
    )  # fmt: skip
    np.testing.assert_array_equal(x, [1.0, 1.0])


def test_what_a_cost_returns_beside_its_value_reaches_after_step():
    """A running mean of the rows, kept in the tree as batch norm keeps its own."""

    def cost(params, rows):
        return params["x"] ** 2 + 0.0 * params["mean"], {"mean": np.mean(rows)}

    def remember(params, aux):
        return params | {"mean": 0.5 * params["mean"] + 0.5 * aux["mean"]}

    params, history = train.fit(
        cost, {"x": 1.0, "mean": 0.0}, (np.full(4, 8.0),), optim.SGD(lr=0.25), has_aux=True,
        rng=np.random.default_rng(0), epochs=3, after_step=remember, valid=(np.ones(2),),
    )  # fmt: skip
    assert params == {"x": 0.125, "mean": 7.0}
    assert history.valid == [0.25, 0.0625, 0.015625]


def test_float32_stays_float32():
    X, t = data.moons(np.random.default_rng(5), 60)
    start = tree.map(np.float32, nn.init_mlp(np.random.default_rng(6), [2, 5, 2]))
    params, history = train.fit(
        cost, start, (np.float32(X), t), optim.SGD(lr=0.5, momentum=0.5),
        rng=np.random.default_rng(0),
    )  # fmt: skip
    assert {w.dtype for w in tree.leaves(params)} == {np.dtype(np.float32)}
    assert all(type(value) is float for value in history.train + history.grad_norms)


# --------------------------------------------------------- learning-rate finder


def quadratic(x, rows):
    return 0.5 * np.sum(np.array([1.0, 10.0]) * x * x) + 0.0 * np.sum(rows)


def test_the_learning_rate_that_is_found_is_stable_and_not_slow():
    found = train.find_lr(
        quadratic, np.ones(2), (np.ones(4),), optim.SGD(), np.random.default_rng(0)
    )
    assert 1e-3 < found.suggestion < 2 / 10
    assert len(found.lrs) == len(found.costs) < 100
    assert all(np.isfinite(found.costs))
    x, _ = train.fit(
        quadratic, np.ones(2), (np.ones(4),), optim.SGD(lr=found.suggestion),
        rng=np.random.default_rng(0), epochs=1000,
    )  # fmt: skip
    assert np.linalg.norm(x) < 1e-3


def test_the_costs_that_were_seen_come_back():
    X, t = data.moons(np.random.default_rng(5), 60)
    start = nn.init_mlp(np.random.default_rng(6), [2, 8, 2])
    kept = tree.map(np.copy, start)
    for optimizer in (optim.SGD(momentum=0.9), optim.Adam(in_place=True)):
        runs = [
            train.find_lr(cost, start, (X, t), optimizer, np.random.default_rng(0))
            for _ in range(2)
        ]
        lrs, costs, suggestion = runs[0]
        assert runs[0] == runs[1]
        assert same(start, kept)
        assert len(lrs) == len(costs) <= 100
        np.testing.assert_allclose(np.diff(np.log(lrs)), np.log(1e7) / 99)
        assert np.argmin(np.abs(np.log(lrs) - np.log(10 * suggestion))) > 20
        assert max(costs) < 5 * costs[0]


def test_the_finder_takes_what_fit_takes():
    def cost(x, rows, rng=None):
        return np.sum(x * x) + 0.0 * rng.standard_normal(), {"seen": np.sum(rows)}

    seen = []

    def after_step(x, aux):
        seen.append(float(aux["seen"]))
        return x

    found = train.find_lr(
        cost, np.ones(2), (np.ones(4),), optim.SGD(lr=lambda step: 1.0),
        rng=np.random.default_rng(0), has_aux=True, after_step=after_step, batch_size=None,
        highest=0.5, num_steps=30,
    )  # fmt: skip
    assert seen == [4.0] * 30
    assert found.lrs[-1] == pytest.approx(0.5)


def test_the_finder_says_what_is_wrong():
    arrays, rng = (np.ones(4),), np.random.default_rng(0)
    with pytest.raises(
        ValueError, match=r"no cost lower than the first.* smaller `lowest`"
    ):
        train.find_lr(quadratic, np.ones(2), arrays, optim.SGD(), rng, lowest=1.0)
    with pytest.raises(ValueError, match="lower than the first, nan"):
        train.find_lr(quadratic, np.full(2, np.nan), arrays, optim.SGD(), rng)
    with pytest.raises(ValueError, match=r"0 < lowest < highest .*lowest=2"):
        train.find_lr(quadratic, np.ones(2), arrays, optim.SGD(), rng, lowest=2, highest=1)
    with pytest.raises(TypeError, match="field lr, but got None"):
        train.find_lr(quadratic, np.ones(2), arrays, None, rng)


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


@pytest.mark.parametrize("has_aux", [False, True])
def test_a_replayed_run_ends_bit_for_bit_where_the_other_does(has_aux):
    X, t = data.spirals(np.random.default_rng(0), 70)
    params = nn.init_mlp(np.random.default_rng(1), [2, 9, 2])

    def cost(params, X, t):
        loss = F.cross_entropy(nn.mlp(params, X), t)
        return (loss, {"mean": np.mean(X, axis=0)}) if has_aux else loss

    runs = [
        train.fit(
            cost, params, (X, t), optim.Adam(lr=0.01), rng=np.random.default_rng(2),
            epochs=3, batch_size=16, has_aux=has_aux, replayed=replayed,
        )
        for replayed in (False, True)
    ]  # fmt: skip
    assert runs[0][1] == runs[1][1]
    for a, b in zip(tree.leaves(runs[0][0]), tree.leaves(runs[1][0]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_cost_that_draws_is_not_replayed():
    cost = lambda w, x, rng: np.sum(w * x)
    with pytest.raises(ValueError, match="cannot be replayed"):
        train.fit(cost, 1.0, (np.ones(3),), optim.SGD(), rng=None, replayed=True)
