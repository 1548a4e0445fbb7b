"""The benchmark's contestants compute the same things; nothing here is timed."""

import json
import re
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import coursecore

HOME = Path(coursecore.__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(HOME))

from contestants import (  # noqa: E402
    PEERS,
    ByHand,
    CoursecoreNets,
    Plain,
    Products,
    installed,
    takes_part,
)
from engine import DEEP, entries, read_options, settings, summarize  # noqa: E402
from workloads import WORKLOADS, make_network  # noqa: E402

HAND = (ByHand.name, Plain.name, Products.name)
OTHERS = [name for name in installed() if name not in HAND]
CLOSE = {"float64": 1e-10, "float32": 1e-4}
IDIOM = sorted(path.stem for path in (HOME / "idiom").glob("*.py"))
MARK = re.compile(r"^.*  # autograd: (.*)$", flags=re.MULTILINE)


def pairs(kind):
    return [
        (key, name)
        for key, workload in WORKLOADS.items()
        for name in OTHERS
        if takes_part(name, workload, kind)
    ]


@cache
def by_hand(key, precision):
    return ByHand().gradient(WORKLOADS[key], precision)()


def distance(arrays, expected):
    """Return the largest difference of two lists, in multiples of each array's largest."""
    return max(
        np.max(np.abs(np.asarray(x, dtype=float) - y)) / np.max(np.abs(y))
        for x, y in zip(arrays, expected, strict=True)
    )


def leaves_of(result):
    """Flatten what a program of benchmarks/idiom returns into one list of numbers."""
    return np.concatenate([np.ravel(leaf) for leaf in coursecore.tree.leaves(result)])


def peak(contestant, workload):
    """Measure the most bytes that one step holds beyond its input: it is exact."""
    step = contestant.step(workload)
    step()
    tracemalloc.start()
    step()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_a_deep_step_needs_at_most_1_3_times_the_memory_of_hand_written_code():
    deep = replace(DEEP, make=make_network([64] * 21, 1_024))
    assert peak(CoursecoreNets(), deep) < 1.3 * peak(ByHand(), deep)


@pytest.mark.parametrize("key", [key for key in WORKLOADS if WORKLOADS[key].plain])
def test_plain_code_computes_what_code_in_place_does(key):
    value, grads = Plain().gradient(WORKLOADS[key])()
    expected, bars = by_hand(key, "float64")
    assert np.isclose(value, expected)
    assert distance(grads, bars) < 1e-12


@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize(("key", "name"), pairs("gradient"))
def test_contestants_agree_in_value_and_gradient(key, name, precision):
    workload = WORKLOADS[key]
    expected_value, expected = by_hand(key, precision)
    contestant = PEERS[name]()
    value, grads = contestant.gradient(workload, precision)()
    grads = contestant.to_numpy(grads)
    assert abs(value - expected_value) <= CLOSE[precision] * abs(expected_value)
    assert distance(grads, expected) < CLOSE[precision]
    assert [np.result_type(x) for x in grads] == [np.result_type(x) for x in expected]


# W3 is the program of W2, and slow.
@pytest.mark.parametrize(("key", "name"), [p for p in pairs("step") if p[0] != "W3"])
def test_a_step_goes_down_the_gradient(key, name):
    contestant = PEERS[name]()
    expected, losses = (
        one.to_numpy([step() for _ in range(3)])
        for one in (ByHand(), contestant)
        for step in [one.step(WORKLOADS[key])]
    )
    assert losses == pytest.approx(expected, rel=1e-10)
    assert expected[2] < expected[0]


@pytest.mark.parametrize("key", ["W1", "W4", "W5", "W7"])
@pytest.mark.parametrize("name", OTHERS)
def test_hessian_vector_products_agree_with_differences(key, name):
    workload, h = WORKLOADS[key], 1e-5
    params, data = workload.arrays()
    both = [
        workload.gradient([w * (1 + sign * h) for w in params], *map(np.copy, data))[1]
        for sign in (1, -1)
    ]
    ahead, behind = (np.concatenate([np.ravel(x) for x in grads]) for grads in both)
    expected = (ahead - behind) / (2 * h)
    contestant = PEERS[name]()
    product = contestant.to_numpy(contestant.hvp(workload)())
    product = np.concatenate([np.ravel(x) for x in product])
    assert np.max(np.abs(product - expected)) < 1e-6 * np.max(np.abs(expected)) + 1e-12


@pytest.mark.parametrize("name", OTHERS)
def test_the_deep_network_of_the_memory_row_agrees(name):
    thin = replace(DEEP, make=make_network([8] * 21, batch=16))
    contestant = PEERS[name]()
    _, grads = contestant.gradient(thin)()
    assert distance(contestant.to_numpy(grads), ByHand().gradient(thin)()[1]) < 1e-10


class Counting(np.ndarray):
    """An array that writes down the sizes of every matrix product it takes part in."""

    products = []

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
        inputs, out = ([np.asarray(x) for x in each] for each in (inputs, out))
        if ufunc is np.matmul:
            columns = inputs[1].shape[1:]
            self.products.append(tuple(sorted((*inputs[0].shape, *columns))))
        result = getattr(ufunc, method)(*inputs, out=tuple(out) or None, **kwargs)
        return result.view(Counting) if isinstance(result, np.ndarray) else result


def products_of(fun, workload):
    """List the sizes of the matrix products in fun(params, *data), sorted."""
    params, data = workload.arrays()
    Counting.products.clear()
    fun([w.view(Counting) for w in params], *[x.view(Counting) for x in data])
    return sorted(Counting.products)


@pytest.mark.parametrize("key", [key for key, w in WORKLOADS.items() if w.products])
def test_the_bare_products_are_those_of_the_gradient_by_hand(key):
    workload = WORKLOADS[key]
    needed = products_of(workload.gradient, workload)
    if key == "W4":  # adding up the bars of repeated words is no product of the model
        needed.remove((16, 250, 300))
    assert needed == products_of(workload.products, workload)


@pytest.mark.parametrize("workload", ["W1", "W6", "W8-W1"])
def test_entries_of_a_child_process_are_functions_ready_to_time(workload):
    functions = entries(workload, ["NumPy by hand", "coursecore"], "float64")
    wanted = {"W8-W1": {"coursecore", "coursecore gradient"}}
    assert set(functions) == wanted.get(workload, {"NumPy by hand", "coursecore"})
    assert all(callable(function) for function in functions.values())


def test_ratios_are_taken_round_by_round():
    seconds = {"NumPy by hand": [1.0, 2.0, 4.0], "coursecore": [2.0, 3.0, 4.0]}
    _, row = summarize(seconds, "W1")
    assert (row["low"], row["ratio"], row["high"]) == (1.25, 1.5, 1.75)
    assert row["seconds"] == 3.0


def test_hessian_ratios_are_in_the_contestants_own_gradients():
    (row,) = summarize({"coursecore": [3.0], "coursecore gradient": [1.5]}, "W8-W1")
    assert (row["contestant"], row["ratio"]) == ("coursecore", 2.0)


def test_settings_always_hold_the_base():
    chosen = settings(read_options(["--workloads", "W1", "--peers", "coursecore"]))
    assert len(chosen) == 4
    assert all(peers == ["NumPy by hand", "coursecore"] for _, peers, *_ in chosen)


def test_a_measurement_runs_in_its_own_process():
    order = {"workload": "W1", "peers": ["NumPy by hand"], "precision": "float32",
             "threads": "one", "rounds": 2, "turn": 1e-4}  # fmt: skip
    command = [sys.executable, HOME / "engine.py", "--child", json.dumps(order)]
    child = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(json.loads(child.stdout)["NumPy by hand"]) == 2


def run_program(name, swap=False):
    """Run main() of a program of benchmarks/idiom, as it stands or with autograd."""
    source = (HOME / "idiom" / f"{name}.py").read_text()
    if swap:
        source, count = MARK.subn(r"\1", source)
        assert count == 2, "the two imports, and nothing else, are exchanged"
    names = {"__name__": name}
    exec(compile(source, name, "exec"), names)
    return names["main"]()


@pytest.mark.parametrize("name", IDIOM)
def test_programs_in_autograds_idiom_learn_and_agree_with_autograd(name):
    losses, found = run_program(name)
    assert losses[-1] < 0.7 * losses[0]
    assert np.isfinite(leaves_of(found)).all()
    if find_spec("autograd"):
        numbers, expected = leaves_of((losses, found)), run_program(name, swap=True)
        np.testing.assert_allclose(numbers, leaves_of(expected), rtol=1e-6, atol=1e-9)


def test_there_are_three_programs_in_autograds_idiom():
    assert IDIOM == ["drum", "mixture", "neural_net"]
