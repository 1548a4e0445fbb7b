"""The contestants of the training benchmark agree; nothing here is timed."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import coursecore
from coursecore import data, tree

HOME = Path(coursecore.__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(HOME))

import steps  # noqa: E402
import training  # noqa: E402
from trainers import CLASSIFIERS, TRAINERS, ByHand, Jax, JaxScan, installed  # noqa: E402

BASE = ByHand.name
TIMED = installed(TRAINERS)
CLOSE = {"float64": 1e-10, "float32": 1e-4}


@cache
def problem(precision="float64", num_rows=30):
    """Draw a small network and rows for it: params, X, t."""
    rng = np.random.default_rng(0)
    params = [w.astype(precision) for w in ByHand().init(rng, [6, 5, 3])]
    X = rng.standard_normal((num_rows, 6)).astype(precision)
    return params, X, rng.integers(3, size=num_rows)


def train(name, precision="float64", num_rows=30, epochs=3):
    params, X, t = problem(precision, num_rows)
    start = [w.copy() for w in params]
    run = TRAINERS[name]().trainer(params, X, t, batch_size=10)
    result = run(epochs, np.random.default_rng(1))
    assert all(np.array_equal(w, v) for w, v in zip(params, start, strict=True))
    return run, result


@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize("name", TIMED)
def test_contestants_end_at_the_same_weights_and_cost(name, precision):
    _, (expected, expected_cost) = train(BASE, precision)
    _, (params, cost) = train(name, precision)
    assert cost == pytest.approx(expected_cost, rel=CLOSE[precision])
    for w, v in zip(params, expected, strict=True):
        assert np.asarray(w).dtype == v.dtype == precision
        np.testing.assert_allclose(w, v, rtol=0, atol=CLOSE[precision])


@pytest.mark.parametrize("name", [name for name in TIMED if name != JaxScan.name])
def test_contestants_agree_where_the_last_batch_is_smaller(name):
    _, (_, expected) = train(BASE, num_rows=34)
    assert train(name, num_rows=34)[1][1] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("name", TIMED)
def test_every_call_trains_from_the_same_start_and_does_learn(name):
    run, (_, cost) = train(name)
    assert run(3, np.random.default_rng(1))[1] == cost
    assert run(30, np.random.default_rng(1))[1] < cost


@pytest.mark.parametrize("sizes", [[4, 3, 3, 3, 2], [300, 300]])  # the latter in blocks
@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize("optimizer", steps.OPTIMIZERS)
def test_steps_by_hand_are_those_of_the_optimizers(optimizer, precision, sizes):
    functions = steps.entries(optimizer, sizes, precision)
    for _ in range(5):
        ended = {name: tree.leaves(step()) for name, step in functions.items()}
    expected = ended.pop(BASE)
    assert set(ended) == {"coursecore", "coursecore in place"}
    for leaves in ended.values():
        for w, v in zip(leaves, expected, strict=True):
            assert w.dtype == v.dtype == precision
            np.testing.assert_allclose(w, v, rtol=0, atol=0.1 * CLOSE[precision])


@pytest.mark.parametrize("optimizer", steps.OPTIMIZERS)
def test_a_step_by_hand_writes_over_the_parameters_and_keeps_the_gradients(optimizer):
    by_hand, _ = steps.OPTIMIZERS[optimizer]
    params, grads = [np.ones(3)], [np.full(3, 2.0)]
    (w,) = params
    by_hand(params)(grads)
    assert params[0] is w and np.all(w < 1)
    assert np.all(grads[0] == 2)


def test_the_trees_to_step_on_are_those_they_are_called():
    leaves = {
        name: tree.leaves(steps.entries("SGD", sizes, "float32")[BASE]())
        for name, sizes in steps.TREES.items()
    }
    assert len(leaves["8 small leaves"]) == len(leaves["8 leaves"]) == 8
    total = {name: sum(w.size for w in found) for name, found in leaves.items()}
    assert total["8 small leaves"] < 20_000 < total["8 leaves"] < 300_000
    assert max(w.size for w in leaves["large leaves"]) > 2_000_000


@pytest.mark.parametrize("name", installed(CLASSIFIERS))
def test_classifiers_learn_the_digits(name):
    X, t = data.digits()
    rng = np.random.default_rng(0)
    budget = {"num_units": 30, "epochs": 12, "batch_size": 10}
    classes = CLASSIFIERS[name]().classify(rng, X[:600], t[:600], X[600:900], **budget)
    assert classes.shape == (300,)
    assert np.mean(classes == t[600:900]) > 0.7


def test_all_classifiers_see_the_same_rows(monkeypatch):
    class Remembering:
        def __init__(self):
            seen.append([])

        def classify(self, rng, X, t, X_test, **budget):
            seen[-1] += [X[0, :].tolist(), X_test.shape, rng.random(), budget]
            return np.zeros(len(X_test))

    seen, budget = [], {"epochs": 1}
    monkeypatch.setattr(training, "CLASSIFIERS", {"A": Remembering, "B": Remembering})
    found = training.accuracies(["A", "B"], 2, budget)
    assert seen[0] == seen[1] != seen[2] == seen[3]
    assert found["A"] == found["B"] and len(found["A"]) == 2


def test_leads_are_taken_seed_by_seed():
    ours, other = training.compare({"coursecore": [0.9, 0.7], "other": [0.8, 0.6]})
    assert (ours["mean"], ours["lead"], ours["error"]) == pytest.approx((0.8, 0.0, 0.0))
    assert other["std"] == pytest.approx(0.1 * 2**0.5)
    assert (other["lead"], other["error"]) == pytest.approx((0.1, 0.0))
    assert "+10.00 ± 0.00" in training.write_accuracies([ours, other], 2, training.BUDGET)


def test_without_mnist_the_images_are_random_and_it_is_said(monkeypatch):
    def refuse(parts):
        raise OSError("no network")

    monkeypatch.setattr(data, "mnist", refuse)
    assert training.available() == training.RANDOM
    X, t = training.images(training.RANDOM)
    assert (X.shape, t.shape) == ((10_000, 784), (10_000,))
    assert 0 <= X.min() < X.max() <= 1
    assert set(t) == set(range(10))


def test_settings_hold_threads_for_epochs_and_one_for_steps():
    chosen = training.settings(training.read_options([]))
    assert [s["threads"] for s in chosen if s["part"] == "epoch"] == ["one", "default"] * 2
    others = [s for s in chosen if s["part"] == "steps"]
    assert len(others) == len(steps.TREES) * len(steps.OPTIMIZERS) * 2
    assert {s["threads"] for s in others} == {"one"}
    quick = training.settings(training.read_options(["--quick", "--parts", "epoch"]))
    assert [s["precision"] for s in quick] == ["float64", "float32"]


def test_one_seed_is_refused(capsys):
    with pytest.raises(SystemExit):
        training.read_options(["--seeds", "1"])
    assert "at least 2 seeds" in capsys.readouterr().err


@pytest.mark.parametrize("part", ["epoch", "steps"])
def test_a_measurement_runs_in_its_own_process(part):
    workload = {"epoch": "epoch", "steps": "Adam, 8 leaves"}[part]
    order = {"part": part, "workload": workload, "precision": "float32", "threads": "one",
             "peers": [BASE, "coursecore fit"], "rounds": 2, "turn": 1e-5,
             "source": training.RANDOM, "images": 200}  # fmt: skip
    command = [sys.executable, HOME / "training.py", "--child", json.dumps(order)]
    child = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = json.loads(child.stdout)
    assert BASE in seconds and {len(times) for times in seconds.values()} == {2}


def test_results_are_drawn(tmp_path):
    rows = [
        {"part": part, "workload": "SGD, 8 leaves", "precision": "float64",
         "threads": "one", "contestant": "coursecore", "ratio": 1.2, "low": 1.1,
         "high": 1.3, "seconds": 1.0}
        for part in ("epoch", "steps")
    ]  # fmt: skip
    accuracy = training.compare({"coursecore": [0.9, 0.8]})
    training.draw({"rows": rows, "accuracy": accuracy}, tmp_path / "training.png")
    assert (tmp_path / "training.png").stat().st_size > 10_000
    assert "1.20 (1.10–1.30)" in training.write_table(rows)


@pytest.mark.skipif(Jax.name not in TIMED, reason="needs JAX: an epoch as one scan")
def test_a_scan_needs_batches_of_one_size():
    with pytest.raises(ValueError, match="same shape"):
        train(JaxScan.name, num_rows=34)
