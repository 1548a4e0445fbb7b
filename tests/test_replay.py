"""Replay: the same bits as the function itself, whatever comes."""

import functools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from test_autodiff import programs, run, vectors

from coursecore import functional as F
from coursecore import grad, hvp, nn, optim, replay, tree, value_and_grad
from coursecore.engine.replay import record

RNG = np.random.default_rng(8)


def draw_batch(num_rows=32, num_inputs=30, num_classes=4):
    X = RNG.standard_normal((num_rows, num_inputs))
    return X, RNG.integers(num_classes, size=num_rows)


def assert_same(came, expected):
    assert tree.paths(came) == tree.paths(expected)
    for a, b in zip(tree.leaves(came), tree.leaves(expected), strict=True):
        assert type(a) is type(b)
        np.testing.assert_array_equal(a, b, strict=isinstance(b, np.ndarray))


def counted(fun):
    """Count how often the Python of a function is run: once for each recording."""

    @functools.wraps(fun)
    def counting(*args):
        counting.calls += 1
        return fun(*args)

    counting.calls = 0
    return counting


@pytest.mark.parametrize("activation", [F.tanh, F.relu, F.sigmoid, F.leaky_relu])
@pytest.mark.parametrize("hidden", [5, 200])  # small results are copied, large are new
def test_training_by_replay_gives_the_same_bits(activation, hidden):
    params = nn.init_mlp(np.random.default_rng(0), [30, hidden, 4])
    cost = lambda params, X, t: F.cross_entropy(nn.mlp(params, X, activation), t)
    plain = value_and_grad(counted(cost))
    quick = replay(value_and_grad(once := counted(cost)))
    sgd = optim.SGD(lr=0.1)
    for _ in range(6):
        batch = draw_batch()
        expected = plain(params, *batch)
        assert_same(quick(params, *batch), expected)
        params, _ = sgd.step(params, expected[1], None)
    assert once.calls == 1


@pytest.mark.parametrize(
    "loss", [F.hinge, F.squared_hinge, F.logistic, F.perceptron, F.binary_cross_entropy]
)
def test_losses_can_be_replayed(loss):
    def cost(w, X, t):
        return loss(X @ w, t) + 0.1 * np.sum(w**2)

    w, quick = RNG.standard_normal(30), replay(value_and_grad(cost))
    for _ in range(4):
        X, t = draw_batch(num_classes=2)
        t = t * 1.0 if loss is F.binary_cross_entropy else 2 * t - 1
        assert_same(quick(w, X, t), value_and_grad(cost)(w, X, t))


@settings(max_examples=60)
@given(programs, vectors, vectors, vectors)
def test_random_programs_replay_bit_for_bit(steps, x, y, w):
    f = value_and_grad(lambda x: np.sum(w * run(steps, x)))
    quick = replay(f)
    with np.errstate(all="ignore"):
        for each in (x, y, x, w):
            assert_same(quick(each), f(each))


@settings(max_examples=25)
@given(programs, vectors, vectors)
def test_hessian_vector_products_of_random_programs_replay(steps, x, v):
    f = hvp(lambda x: np.sum(np.tanh(run(steps, x))))
    quick = replay(f)
    with np.errstate(all="ignore"):
        for each in (x, v):
            assert_same(quick(each, v), f(each, v))


def test_a_branch_that_depends_on_a_value_is_followed():
    def f(x):
        if x[0] > 0:
            return np.sum(x**2)
        while np.sum(x) < 1.0:
            x = x + 1.0
        return np.sum(np.exp(x))

    once = counted(f)
    quick = replay(grad(once))
    for first in (1.0, 2.0, -1.0, -2.5, -2.0, 3.0):
        x = np.array([first, 0.5])
        assert_same(quick(x), grad(f)(x))
    assert 2 <= once.calls <= 5


def test_ties_which_a_rule_treats_apart_are_noticed():
    f = grad(lambda x: np.sum(np.maximum(x, 0.0)) + np.max(x))
    quick = replay(f)
    for x in ([1.0, -1.0], [0.0, 1.0], [2.0, 2.0], [3.0, -2.0]):
        assert_same(quick(np.array(x)), f(np.array(x)))


def test_other_shapes_dtypes_and_flags_are_recorded_apart():
    f = counted(lambda x, squared: np.sum(x**2 if squared else np.sin(x)))
    quick, plain = replay(grad(f)), grad(f.__wrapped__)
    arrays = [np.ones(3), np.ones((2, 2)), np.ones(3, np.float32), np.ones((4, 6))[:, ::2]]
    for _ in range(2):
        for x in arrays:
            for squared in (True, False):
                assert_same(quick(x, squared), plain(x, squared))
    assert f.calls == 8


def test_results_are_new_arrays_that_the_next_call_leaves_alone():
    quick = replay(lambda x: {"same": x, "twice": [x * 2, x * 2], "part": (x + 1)[1:]})
    for size in (3, 5_000):
        x = np.arange(float(size))
        first = quick(x)
        kept = tree.map(np.copy, first)
        second = quick(x + 1)
        assert_same(first, kept)
        leaves = [*tree.leaves(first), *tree.leaves(second), x]
        for i, a in enumerate(leaves):
            assert not any(np.shares_memory(a, b) for b in leaves[i + 1 :])


def test_an_argument_that_was_changed_in_place_is_read_anew():
    f = replay(lambda x, y: np.sum(x * 2) + y)
    for size in (3, 5_000):
        x = np.ones(size)
        assert f(x, 1.0) == 2 * size + 1
        x[0] = 6.0
        assert f(x, 3.0) == 2 * size + 13


def test_numbers_come_back_as_they_would_without_replay():
    f = lambda x: (x * 2.0, np.sum(np.ones(3) * x), 7)
    quick = replay(f)
    for x in (1.5, 2.5):
        assert_same(quick(x), f(x))


def test_integer_arguments_may_index():
    def f(R, words, t):
        Z = np.tanh(np.reshape(R[words], (len(t), -1)))
        return -np.mean(Z[np.arange(len(t)), t]) + np.sum(R[:, t[0]] ** 2)

    R, quick = RNG.standard_normal((20, 3)), replay(value_and_grad(f))
    for _ in range(4):
        words, t = RNG.integers(20, size=(5, 2)), RNG.integers(3, size=5)
        assert_same(quick(R, words, t), value_and_grad(f)(R, words, t))


def test_what_leads_to_no_result_is_left_out_and_places_are_used_again():
    def f(x):
        np.exp(x)
        for _ in range(10):
            x = np.tanh(x * 0.5)
        return np.sum(x)

    x = RNG.standard_normal(3_000)
    _, recording = record(f, (x,), [x])
    assert len(recording.lines) == 23
    recording.run([x])
    assert len(recording.steps) == 21
    large = {id(place) for place in recording.slots if np.size(place) == 3_000}
    assert len(large) == 2  # the argument, and one that all results are written over


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: replay(np.random.Generator.normal)(np.random.default_rng(0)),
         TypeError, "same random numbers.*Draw them outside"),
        (lambda: grad(replay(np.sum))(np.ones(2)), TypeError, r"replay\(grad\(f\)\)"),
        (lambda: replay(np.nonzero)(np.ones(2)), NotImplementedError,
         "numpy.nonzero returns a tuple.*without replay"),
        (lambda: replay(lambda x: float(x) * 2)(1.0), TypeError, "plain array"),
    ],
    ids=["generator", "traced", "tuple", "float"],
)  # fmt: skip
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_old_recordings_are_forgotten():
    f = counted(lambda x: np.sum(x))
    quick = replay(f)
    for size in [*range(1, 45), 1]:
        assert quick(np.ones(size)) == size
    assert f.calls == 45


def test_arguments_that_nobody_reads_and_flags_of_another_type_do_no_harm():
    f = lambda x, unused, how: np.sum(x) * (2 if how is True else 3)
    quick = replay(f)
    for how in (True, 1, True, 1):
        for size in (3, 5_000):
            x = np.ones(size)
            assert quick(x, np.zeros(size), how) == f(x, None, how)


def test_the_place_of_an_argument_in_its_tree_counts():
    quick = replay(lambda p: p["a"] * 10 + p["b"])
    assert quick({"a": 1.0, "b": 2.0}) == 12.0
    assert quick({"b": 1.0, "a": 2.0}) == 21.0
    assert quick({"a": 3.0, "b": 4.0}) == 34.0


def test_a_recording_holds_no_more_than_the_places_of_its_results():
    def f(x):
        for _ in range(20):
            x = np.tanh(x)
        return np.sum(x)

    x = np.ones(100_000)
    quick = replay(f)
    quick(x)
    tracemalloc.start()
    quick = replay(f)
    quick(x)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1.2 * x.nbytes
