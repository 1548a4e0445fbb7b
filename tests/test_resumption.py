"""Resumption: a run in parts is the run in one piece, bit for bit."""

import os

import numpy as np
import pytest

from coursecore import data, nn, optim, train, tree
from coursecore import functional as F

X, T = data.moons(np.random.default_rng(5), 60)
VALID = data.moons(np.random.default_rng(6), 30)


def cost(params, X, t, rng=None):
    H = nn.dropout(rng, np.tanh(nn.linear(params[0], X)), 0.2)
    return F.cross_entropy(nn.linear(params[1], H), t)


def start(hidden=5):
    return nn.init_mlp(np.random.default_rng(7), [2, hidden, 2])


def fit(path=None, optimizer=None, params=None, rng=None, **options):
    """Return everything that a run leaves: parameters, history, the rng's state."""
    rng = rng or np.random.default_rng(8)
    options = {"epochs": 10, "batch_size": 16} | options
    optimizer = optimizer or optim.SGD(lr=0.5, momentum=0.9)
    run = options.pop("cost", cost)
    params = start() if params is None else params
    arrays = options.pop("arrays", (X, T))
    params, history = train.fit(
        run, params, arrays, optimizer, rng=rng, checkpoint=path, **options
    )
    return params, history, rng.bit_generator.state


def same(a, b):
    return len(tree.leaves(a)) == len(tree.leaves(b)) and all(
        np.array_equal(x, y) and np.result_type(x) == np.result_type(y)
        for x, y in zip(tree.leaves(a), tree.leaves(b), strict=True)
    )


def content(path):
    """Return the bytes of a file once its times are taken out."""
    stored = train.load(path)
    del stored["history"]["seconds"]
    train.save(path, stored)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.npz"


OPTIMIZERS = {
    "plain": optim.SGD(lr=0.5),
    "momentum": optim.SGD(lr=0.5, momentum=0.9),
    "in place": optim.SGD(lr=0.5, momentum=0.9, in_place=True),
    "adam": optim.Adam(lr=0.05),
    "schedule": optim.RMSprop(lr=lambda step: 0.1 / (1 + step)),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("valid", [None, VALID], ids=["alone", "validated"])
def test_four_epochs_and_six_are_ten(path, optimizer, valid):
    options = {"optimizer": optimizer, "valid": valid}
    if valid:
        options |= {"metrics": {"accuracy": nn.accuracy}, "patience": 4}
    whole = path.with_name("whole.npz")
    expected = fit(whole, **options)
    fit(path, epochs=4, **options)
    # Another start and another rng: the file knows better.
    rng = np.random.default_rng(99)
    found = fit(path, rng=rng, params=tree.map(np.zeros_like, start()), **options)
    assert same(found[0], expected[0])
    assert found[1:] == expected[1:]
    assert len(found[1].seconds) == len(found[1].train)
    assert same(found[0], fit(None, **options)[0])
    assert content(path) == content(whole)


def test_a_schedule_may_be_defined_again(path):
    """A function is printed with its address, which is another in every session."""
    make = lambda: optim.SGD(lr=lambda step: 0.5 / (1 + step))
    kept = make()
    expected = fit(None, kept)
    fit(path, kept, epochs=3)
    found = fit(path, make())
    assert same(found[0], expected[0]) and found[1] == expected[1]


@pytest.mark.parametrize("kind", ["MT19937", "Philox", "SFC64"])
def test_any_generator_goes_on(path, kind):
    make = lambda: np.random.Generator(getattr(np.random, kind)(3))
    expected = fit(None, rng=make())
    fit(path, rng=make(), epochs=1)
    found = fit(path, rng=make())
    assert same(found[0], expected[0]) and found[1] == expected[1]


def test_a_run_that_was_killed_goes_on_from_its_last_epoch(path):
    def kill(now):
        if now.number == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(path, callbacks=[kill], valid=VALID)
    assert len(train.load(path)["history"]["train"]) == 5
    found, expected = fit(path, valid=VALID), fit(valid=VALID)
    assert same(found[0], expected[0]) and found[1] == expected[1]


def test_an_epoch_more_each_time(path):
    for epochs in range(1, 11):
        found = fit(path, epochs=epochs, valid=VALID)
    expected = fit(valid=VALID)
    assert same(found[0], expected[0]) and found[1] == expected[1]


def test_a_run_that_is_over_stays_as_it_is(path):
    calls = []
    first = fit(path, callbacks=[lambda now: now.number == 2])
    written = path.read_bytes()
    again = fit(path, callbacks=[calls.append], epochs=50)
    assert same(first[0], again[0]) and first[1:] == again[1:]
    assert (again[1].stopped, calls, path.read_bytes()) == ("callback", [], written)
    shorter = fit(path, epochs=1)
    assert same(first[0], shorter[0])


def test_the_limit_of_divergence_is_that_of_the_first_step(path):
    square = lambda x, rows: x * x + 0.0 * np.sum(rows)
    options = {"cost": square, "params": 1.0, "arrays": (np.ones(3),)}
    options |= {"optimizer": optim.SGD(lr=1.5)}  # x doubles at every step
    fit(path, epochs=10, **options)
    for checkpoint in (path, None):
        with pytest.raises(FloatingPointError, match="epoch 14, at step 14"):
            fit(checkpoint, epochs=60, **options)


def test_a_tree_with_named_tuples_goes_on(path):
    params = train.LearningRates(np.ones(2), np.ones(2), np.ones(2))
    bowl = lambda p, rows: np.sum(p.lrs**2 + p.costs * p.suggestion) * np.mean(rows)
    options = {"cost": bowl, "params": params, "arrays": (np.ones(3),)}
    expected = fit(optimizer=optim.SGD(lr=0.01), **options)
    fit(path, epochs=2, optimizer=optim.SGD(lr=0.01), **options)
    found = fit(path, optimizer=optim.SGD(lr=0.01), **options)
    assert type(found[0]) is train.LearningRates
    assert same(found[0], expected[0])


# --------------------------------------------------------- what is refused


def other_cost(params, X, t):
    return cost(params, X, t)


OTHERS = {
    "optimizer": (
        {"optimizer": optim.SGD(lr=0.5)},
        r"optimizer = SGD\(lr=0.5, momentum=0.9",
    ),
    "state": ({"optimizer": optim.Adam()}, r"now it is Adam\("),
    "cost": ({"cost": other_cost}, "cost = cost, but now it is other_cost"),
    "shape": ({"params": start(6)}, r'params\[0\]\["W"\] = float64 \(5, 2\).*\(6, 2\)'),
    "leaf": ({"params": [*start(), 1.0]}, r"params\[2\] = None, but now it is float64"),
    "dtype": ({"params": tree.map(np.float32, start())}, "float64 .* now it is float32"),
    "batch": ({"batch_size": 10}, "batch_size = 16, but now it is 10"),
    "dropped": ({"drop_last": True}, "drop_last = False, but now it is True"),
    "rows": ({"arrays": (X[1:], T[1:])}, r"arrays = .*60.*59"),
    "valid": ({"valid": VALID}, r"valid = None, but now it is .*30"),
    "rng": ({"rng": np.random.Generator(np.random.SFC64(1))}, "rng = PCG64, .* SFC64"),
}


@pytest.mark.parametrize(("change", "words"), OTHERS.values(), ids=OTHERS)
def test_another_run_is_refused_and_kept(path, change, words):
    fit(path, epochs=2)
    written = path.read_bytes()
    rng = change.get("rng", np.random.default_rng(0))
    before = rng.bit_generator.state
    with pytest.raises(ValueError, match=rf"cannot go on from .*run\.npz.*{words}"):
        fit(path, **({"rng": rng} | change))
    assert path.read_bytes() == written
    assert str(rng.bit_generator.state) == str(before)


@pytest.mark.parametrize("stored", [start(), {"plan": {}}, 3])
def test_a_file_without_a_run_is_refused(path, stored):
    train.save(path, stored)
    with pytest.raises(ValueError, match=r"run\.npz.*no run of training.*another file"):
        fit(path)


def test_a_damaged_checkpoint_is_refused_and_kept(path):
    fit(path, epochs=1)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"run\.npz.*cut short or damaged"):
        fit(path)
    assert os.listdir(path.parent) == ["run.npz"]
