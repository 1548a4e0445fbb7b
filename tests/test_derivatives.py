"""Jacobians, forward mode, Hessian-vector products and checkpoints against each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursecore import (
    checkpoint,
    elementwise_grad,
    grad,
    graph,
    hessian,
    hvp,
    jacobian,
    jvp,
    make_jvp,
    make_vjp,
    nn,
    stop_gradient,
    tree,
    value_and_grad,
)
from coursecore import functional as F
from coursecore.engine.trace import RULES

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 3))
FUNCTIONS = {
    "entry by entry": lambda x: np.tanh(x) * np.exp(x) + 2.0 / (3.0 + x**2),
    "broadcasting": lambda x: x * x[0] + np.mean(x, axis=1, keepdims=True),
    "products": lambda x: x @ x.T + np.dot(x[0], x[1]) + np.outer(x[0], x[2]),
    "reductions": lambda x: np.stack(
        [np.sum(x, axis=0), np.max(x, axis=1), np.std(x, axis=0)]
    ),
    "rearranged": lambda x: np.concatenate(
        [x[::-1], np.transpose(x)[:, [0, 0, 1]]], axis=1
    ),
    "kinks": lambda x: np.where(x > 0.1, x**2, -x) + np.maximum(x, 0.2) + np.abs(x),
    "softmax": F.log_softmax,
}


@pytest.mark.parametrize("fun", FUNCTIONS.values(), ids=FUNCTIONS)
def test_forward_mode_is_the_jacobian_times_a_direction(fun):
    v = RNG.normal(size=X.shape)
    y, along = jvp(fun, X, v)
    np.testing.assert_allclose(y, fun(X))
    np.testing.assert_allclose(along, np.tensordot(jacobian(fun)(X), v, 2), atol=1e-12)


@pytest.mark.parametrize("fun", FUNCTIONS.values(), ids=FUNCTIONS)
def test_forward_and_reverse_mode_are_adjoint(fun):
    y, vjp = make_vjp(fun, X)
    u, v = RNG.normal(size=np.shape(y)), RNG.normal(size=X.shape)
    np.testing.assert_allclose(np.sum(u * make_jvp(fun, X)[1](v)), np.sum(vjp(u) * v))


@pytest.mark.parametrize("fun", FUNCTIONS.values(), ids=FUNCTIONS)
def test_hvp_is_the_hessian_times_a_direction(fun):
    cost = lambda x: np.sum(np.sin(fun(x)))
    v = RNG.normal(size=X.shape)
    expected = np.tensordot(hessian(cost)(X), v, 2)
    np.testing.assert_allclose(hvp(cost)(X, v), expected, atol=1e-11)


@given(st.integers(0, 2**32 - 1))
def test_the_hessian_is_symmetric(seed):
    rng = np.random.default_rng(seed)
    params = nn.init_mlp(rng, [2, 3, 2])
    X, t = rng.normal(size=(4, 2)), rng.integers(2, size=4)
    cost = lambda p: F.cross_entropy(nn.mlp(p, X), t)
    u, v = (tree.map(lambda w: rng.normal(size=w.shape), params) for _ in "uv")
    product = lambda a, b: sum(
        np.sum(x * y) for x, y in zip(tree.leaves(a), tree.leaves(b), strict=True)
    )
    left, right = product(u, hvp(cost)(params, v)), product(v, hvp(cost)(params, u))
    np.testing.assert_allclose(left, right, atol=1e-10)


def test_forward_mode_takes_and_returns_trees():
    fun = lambda p: {"sum": p["a"] + p["b"], "constant": 3.0}
    y, along = jvp(fun, {"a": 1.0, "b": X}, {"a": 2.0, "b": np.ones((3, 3))})
    np.testing.assert_allclose(y["sum"], 1.0 + X)
    np.testing.assert_allclose(along["sum"], 3.0)
    assert along["constant"] == 0.0


def test_forward_mode_through_forward_mode():
    second = jvp(lambda x: jvp(np.sin, x, 1.0)[1], 0.7, 1.0)[1]
    assert np.isclose(second, -np.sin(0.7))


@pytest.mark.parametrize("direction", [np.ones(3), {"a": X}, [X]])
def test_a_direction_of_another_shape_is_refused(direction):
    with pytest.raises(ValueError, match="direction"):
        jvp(np.sin, X, direction)


def test_slopes_entry_by_entry():
    np.testing.assert_allclose(elementwise_grad(np.tanh)(X), 1 - np.tanh(X) ** 2)
    np.testing.assert_allclose(elementwise_grad(np.multiply, 1)(X, 2 * X), X)


def test_gradients_by_several_arguments():
    fun = lambda a, b, c=2.0: a * b**2 * c
    assert grad(fun, (0, 1))(3.0, 5.0) == (50.0, 60.0)
    assert grad(fun, (1, 0))(3.0, 5.0) == (60.0, 50.0)
    assert grad(fun, "c")(3.0, 5.0, c=4.0) == 75.0
    assert grad(fun, (0, "c"))(3.0, 5.0, c=4.0) == (100.0, 75.0)


def test_the_same_argument_twice_gives_the_same_gradient_twice():
    first, second = grad(lambda a, b: np.sum(a * b), (0, 1))(X, X)
    np.testing.assert_array_equal(first, second)
    first *= 0
    assert second.any()


def test_aux_comes_back_as_it_is():
    fun = lambda x: (np.sum(x**2), {"twice": 2 * x, "word": "kept"})
    (y, aux), gradient = value_and_grad(fun, has_aux=True)(X)
    assert y == np.sum(X**2)
    assert type(aux["twice"]) is np.ndarray
    assert aux["word"] == "kept"
    again, _ = grad(fun, has_aux=True)(X)
    np.testing.assert_array_equal(gradient, again)


def test_nothing_flows_through_a_stopped_value():
    assert grad(lambda x: x * stop_gradient(x))(3.0) == 3.0
    gradient = grad(lambda p: p["a"] * stop_gradient(p)["b"])({"a": 2.0, "b": 5.0})
    assert gradient == {"a": 5.0, "b": 0.0}


def layer(p, X):
    return np.tanh(X @ p["W"].T + p["b"])


def test_a_checkpoint_changes_nothing_but_the_tape():
    params = {"W": X, "b": np.ones(3)}
    plain = lambda p: np.sum(layer(p, layer(p, X)) ** 2)
    kept = checkpoint(layer)
    saved = lambda p: np.sum(kept(p, kept(p, X)) ** 2)
    for expected, got in zip(
        tree.leaves(grad(plain)(params)), tree.leaves(grad(saved)(params)), strict=True
    ):
        np.testing.assert_allclose(got, expected)
    v = tree.map(np.ones_like, params)
    for expected, got in zip(
        tree.leaves(hvp(plain)(params, v)), tree.leaves(hvp(saved)(params, v)), strict=True
    ):
        np.testing.assert_allclose(got, expected, atol=1e-12)
    assert len(graph(lambda W: saved({"W": W, "b": np.ones(3)}))(X)) < 6


def test_a_checkpoint_takes_integers_and_leaves_no_rule_behind():
    before = len(RULES)
    fun = checkpoint(lambda x, i: np.sum(x[i] ** 2))
    np.testing.assert_allclose(grad(fun)(np.arange(3.0), np.array([1, 1])), [0.0, 4.0, 0.0])
    assert len(RULES) == before


def test_a_value_that_outlives_its_trace_is_refused():
    kept = []

    def leaky(x):
        kept.append(x)
        return x * 2.0

    grad(leaky)(1.0)
    for use in (lambda x: x * 2.0, lambda x: 2.0 * x, np.tanh, lambda x: x + kept[0]):
        with pytest.raises(TypeError, match="outlived"):
            use(kept[0])
    with pytest.raises(TypeError, match="outlived"):
        grad(lambda x: x * kept[0])(1.0)


def test_a_generator_is_no_result():
    with pytest.raises(TypeError, match="generator"):
        grad(lambda x: (x * k for k in range(3)))(1.0)


def test_a_hundred_thousand_steps_in_a_row():
    def chain(x):
        for _ in range(100_000):
            x = x * 0.99999 + 1e-6
        return x

    assert np.isclose(grad(chain)(1.0), 0.99999**100_000)


def test_a_hundred_thousand_uses_of_one_value():
    def fan_out(x):
        total = 0.0
        for k in range(100_000):
            total = total + x * (k % 3)
        return total

    assert grad(fan_out)(1.0) == sum(k % 3 for k in range(100_000))


def test_a_checkpoint_that_draws_anew_is_refused():
    rng = np.random.default_rng(0)
    noisy = checkpoint(lambda x: np.sum(x * rng.random(3)))
    with pytest.raises(ValueError, match=r"another value the second time.*outside"):
        grad(noisy)(np.ones(3))


def test_a_checkpoint_takes_other_things_beside_arrays():
    by_name = checkpoint(lambda x, how, _: np.sum(getattr(np, how)(x)))
    assert grad(by_name)(np.zeros(2), "sin", None).tolist() == [1.0, 1.0]
