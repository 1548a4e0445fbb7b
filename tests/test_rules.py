"""Every rule against finite differences, at orders 1 and 2.

ROWS is the one table: a program in NumPy, and what to call it on. A rule without a row
fails a test, and so does a row that does not notice when its rule is broken.
"""

import operator
from typing import NamedTuple

import numpy as np
import pytest

from coursecore import grad, make_vjp, tree
from coursecore.engine import rules
from coursecore.engine.trace import COMPOSITE, CONSTANT, RULES, Box, unbox

STEP = 1e-5


class Row(NamedTuple):
    """A program to differentiate by all of its arguments, and the rule it tests."""

    rule: object
    name: str
    args: tuple
    program: object


def row(rule, name, *args, program=None):
    return Row(rule, name, args, program or rule)


def numbers(*shape, low=0.3, high=1.7):
    """Draw numbers away from kinks and poles, distinct, of both kinds of shape."""
    rng = np.random.default_rng([17, *shape])
    size = int(np.prod(shape))
    grid = np.linspace(low, high, size) if size > 1 else np.full(size, (low + high) / 2)
    return rng.permutation(grid).reshape(shape)


def signed(*shape):
    return numbers(*shape, low=-1.55, high=1.7)


X, Y = numbers(2, 3), signed(2, 3) + 0.05
ROWS = []


def add_rows_of_two(fun, low=signed, method=None):
    """Add the rows of an elementwise function of two arguments."""
    other = low(2, 3)[::-1] * 0.83 + 0.031
    ROWS.extend([
        row(fun, "matrices", X, other),
        row(fun, "floats", 1.3, 0.7),
        row(fun, "0-d arrays", np.array(0.6), np.array(1.1)),
        row(fun, "float and matrix", 0.37, other),
        row(fun, "matrix and float", X, 0.37),
        row(fun, "0-d array and vector", np.array(0.37), other[0]),
        row(fun, "row and column", X[:1], other[:, :1]),
        row(fun, "vector and matrix", X[0], other),
        row(fun, "size-1 axis", X[:, :1], other),
        row(fun, "size-1 axes both", X[None, :, :1], other[:, None, :]),
        row(fun, "a constant", X, program=lambda x: fun(x, other)),
        row(fun, "used twice", X, program=lambda x: fun(x, x * 0.9 + 0.05)),
        row(fun, "empty", np.zeros((0, 3)), np.ones(3)),
        row(fun, "Fortran order", np.asfortranarray(X), other[:, ::-1]),
    ])  # fmt: skip
    if method:
        ROWS.extend([
            row(fun, f"operator {method.__name__}", X, other, program=method),
            row(fun, "operator with a float", X, program=lambda x: method(x, 0.37)),
            row(fun, "float with the operator", X, program=lambda x: method(0.37, x)),
            row(fun, "array with the operator", X,
                program=lambda x: method(other[0], x)),
        ])  # fmt: skip


add_rows_of_two(np.add, method=operator.add)
add_rows_of_two(np.subtract, method=operator.sub)
add_rows_of_two(np.multiply, method=operator.mul)
add_rows_of_two(np.divide, low=numbers, method=operator.truediv)
add_rows_of_two(np.power, low=numbers, method=operator.pow)
add_rows_of_two(np.remainder, low=numbers, method=operator.mod)
add_rows_of_two(np.logaddexp)
add_rows_of_two(np.maximum)
add_rows_of_two(np.minimum)

ROWS += [
    row(np.power, "exponent 2 of negative numbers", Y, program=lambda x: x**2),
    row(np.power, "exponent -1", X, program=lambda x: x**-1),
    row(np.power, "exponent 0", X, program=lambda x: x**0),
    row(np.power, "exponent 3.0", Y, program=lambda x: np.power(x, 3.0)),
    row(np.power, "array of exponents", Y, program=lambda x: x ** np.array([0, 1, 2])),
    row(np.power, "exponents 0, 1, 2 at zero", np.zeros(3),
        program=lambda x: x ** np.array([0.0, 1.0, 2.0])),
    row(np.power, "base 2", Y, program=lambda x: 2**x),
    row(np.remainder, "negative divisor", X, -numbers(2, 3)[::-1] * 0.83),
    row(np.where, "matrices", X, Y, program=lambda x, y: np.where(Y > 0, x, y)),
    row(np.where, "broadcast", X[0], 0.4, program=lambda x, y: np.where(Y > 0, x, y)),
    row(np.where, "condition of traced values", X, Y,
        program=lambda x, y: np.where(x > y, x * y, x)),
    row(np.where, "size-1 axes", X[:, :1], Y[:1],
        program=lambda x, y: np.where(Y > 0, x, y)),
]  # fmt: skip


def add_rows_of_one(fun, draw=signed, method=None):
    """Add the rows of an elementwise function of one argument."""
    x = draw(2, 3)
    ROWS.extend([
        row(fun, "matrix", x),
        row(fun, "float", float(x[0, 0])),
        row(fun, "0-d array", np.array(x[0, 1])),
        row(fun, "vector", x[0]),
        row(fun, "transposed view", x.T),
        row(fun, "empty", np.zeros((0, 2))),
    ])  # fmt: skip
    if method:
        ROWS.append(row(fun, f"operator {method.__name__}", x, program=method))


add_rows_of_one(np.negative, method=operator.neg)
add_rows_of_one(np.positive, method=operator.pos)
add_rows_of_one(np.absolute, method=operator.abs)
add_rows_of_one(np.exp)
add_rows_of_one(np.expm1)
add_rows_of_one(np.log, numbers)
add_rows_of_one(np.log1p, numbers)
add_rows_of_one(np.sqrt, numbers)
add_rows_of_one(np.square)
add_rows_of_one(np.sin)
add_rows_of_one(np.cos)
add_rows_of_one(np.tanh)

CUBE = signed(2, 3, 4)
FORMS = [
    {}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"keepdims": True},
    {"axis": 1, "keepdims": True}, {"axis": (-1, 0), "keepdims": True}, {"axis": ()},
]  # fmt: skip


def add_reductions(fun, name):
    for form in FORMS:
        shown = ", ".join(f"{key}={value}" for key, value in form.items())
        ROWS.append(row(fun, f"({shown})", CUBE, program=lambda x, f=form: fun(x, **f)))
    ROWS.extend([
        row(fun, "axis by position", CUBE, program=lambda x: fun(x, 1)),
        row(fun, "method", CUBE, program=lambda x: getattr(x, name)(axis=-1)),
        row(fun, "vector", CUBE[0, 0]),
        row(fun, "size-1 axis", CUBE[:, :1], program=lambda x: fun(x, axis=1)),
        row(fun, "Fortran order", np.asfortranarray(CUBE),
            program=lambda x: fun(x, axis=(0, 1))),
        row(fun, "of empty rows", np.zeros((0, 3)), program=lambda x: fun(x, axis=1)),
    ])  # fmt: skip


for each in ("sum", "max", "min", "mean", "var", "std"):
    add_reductions(getattr(np, each), each)
ROWS = [
    each
    for each in ROWS
    if not (each.rule is np.std and each.name in ("size-1 axis", "(axis=())"))
]  # the standard deviation of one number has no slope
ROWS += [
    row(np.sum, "0-d", 1.3),
    row(np.sum, "empty", np.zeros(0)),
    row(np.max, "0-d", np.array(1.3)),
    row(np.max, "nested", CUBE, program=lambda x: np.max(np.max(x, axis=0) ** 2)),
]


def add_products(fun, method):
    ROWS.extend([
        row(fun, "vector @ vector", X[0], Y[1]),
        row(fun, "matrix @ vector", X, Y[0]),
        row(fun, "vector @ matrix", X[:, 0], Y),
        row(fun, "matrix @ matrix", X, signed(3, 4)),
        row(fun, "matrix @ transpose", X, Y, program=lambda x, y: fun(x, y.T)),
        row(fun, "transpose @ matrix", X, Y, program=lambda x, y: fun(x.T, y)),
        row(fun, "itself", X, program=lambda x: fun(x, x.T)),
        row(fun, "empty inner axis", np.zeros((2, 0)), np.zeros((0, 3))),
        row(fun, "empty batch", np.zeros((0, 3)), signed(3, 2)),
        row(fun, "size 1", X[:1], Y[:1].T),
        row(fun, "Fortran order", np.asfortranarray(X), signed(4, 3).T),
        row(fun, "by name or method", X, signed(3, 4), program=method),
    ])  # fmt: skip


add_products(np.matmul, operator.matmul)
add_products(np.dot, lambda x, y: x.dot(y))
ROWS += [
    row(np.dot, "float · matrix", 0.7, X),
    row(np.dot, "matrix · float", X, 0.7),
    row(np.matmul, "batch @ batch", signed(2, 3, 4), signed(2, 4, 2)),
    row(np.matmul, "batch @ matrix", signed(2, 3, 4), signed(4, 2)),
    row(np.matmul, "matrix @ batch", signed(3, 4), signed(2, 4, 2)),
    row(np.matmul, "batch @ vector", signed(2, 3, 4), signed(4)),
    row(np.matmul, "vector @ batch", signed(4), signed(2, 4, 2)),
    row(np.matmul, "broadcast batches", signed(2, 1, 2, 3), signed(3, 3, 2)),
    row(np.matmul, "size-1 batch", signed(1, 2, 3), signed(2, 3, 2)),
    row(np.matmul, "array @ traced", X, program=lambda x: signed(4, 2) @ x),
    row(np.matmul, "batch @ its .T", signed(2, 2, 2), program=lambda x: x @ x.T),
    row(np.outer, "vectors", X[0], Y[1, :2]),
    row(np.outer, "matrices", X, Y),
    row(np.outer, "itself", X[0], program=lambda x: np.outer(x, x)),
]  # fmt: skip

ROWS += [
    row(np.reshape, "shape", X, program=lambda x: np.reshape(x, (3, 2))),
    row(np.reshape, "-1", X, program=lambda x: np.reshape(x, -1)),
    row(np.reshape, "method", X, program=lambda x: x.reshape(3, -1)),
    row(np.reshape, "method, tuple", X, program=lambda x: x.reshape((6, 1))),
    row(np.reshape, "to a number", np.ones(1), program=lambda x: np.reshape(x, ())),
    row(np.ravel, "matrix", X),
    row(np.ravel, "method", X, program=lambda x: x.ravel()),
    row(np.ravel, "of a transpose", X, program=lambda x: np.ravel(x.T)),
    row(np.squeeze, "all", CUBE[:, :1]),
    row(np.squeeze, "axis", CUBE[:, :1], program=lambda x: np.squeeze(x, axis=1)),
    row(np.squeeze, "method", CUBE[:1], program=lambda x: x.squeeze()),
    row(np.expand_dims, "axis 0", X, program=lambda x: np.expand_dims(x, 0)),
    row(np.expand_dims, "axes", X, program=lambda x: np.expand_dims(x, (0, -1))),
    row(np.broadcast_to, "vector", X[0], program=lambda x: np.broadcast_to(x, (2, 3))),
    row(np.broadcast_to, "column", X[:, :1],
        program=lambda x: np.broadcast_to(x, (4, 2, 3))),
    row(np.broadcast_to, "float", 0.4, program=lambda x: np.broadcast_to(x, (2, 3))),
    row(np.transpose, "matrix", X),
    row(np.transpose, "cube", CUBE),
    row(np.transpose, "axes", CUBE, program=lambda x: np.transpose(x, (2, 0, 1))),
    row(np.transpose, "negative axes", CUBE,
        program=lambda x: np.transpose(x, (-1, 0, 1))),
    row(np.transpose, ".T", CUBE, program=lambda x: x.T),
    row(np.transpose, "method", CUBE, program=lambda x: x.transpose(1, 2, 0)),
    row(np.transpose, "method, tuple", CUBE, program=lambda x: x.transpose((1, 2, 0))),
    row(np.transpose, "method, plain", CUBE, program=lambda x: x.transpose()),
    row(np.swapaxes, "first and last", CUBE, program=lambda x: np.swapaxes(x, 0, -1)),
    row(np.swapaxes, "method", CUBE, program=lambda x: x.swapaxes(1, 2)),
    row(np.astype, "to float64", X, program=lambda x: x.astype(np.float64)),
    row(np.concatenate, "axis 0", X, Y, program=lambda *a: np.concatenate(a)),
    row(np.concatenate, "axis -1", X, Y[:, :1],
        program=lambda *a: np.concatenate(a, axis=-1)),
    row(np.concatenate, "with a constant", X,
        program=lambda x: np.concatenate([Y, x, Y], axis=1)),
    row(np.concatenate, "itself", X, program=lambda x: np.concatenate([x, x * x])),
    row(np.concatenate, "three, one empty", X, np.zeros((0, 3)), Y,
        program=lambda *a: np.concatenate(a)),
    row(np.stack, "axis 0", X[0], Y[0], program=lambda *a: np.stack(a)),
    row(np.stack, "axis -1", X, Y, program=lambda *a: np.stack(a, axis=-1)),
    row(np.stack, "numbers", 0.3, 0.8, program=lambda *a: np.stack(a)),
    row(np.stack, "numbers and constants", 0.3,
        program=lambda x: np.stack([x, 1.0, x * x])),
    row(rules.join, "axis 1", X, Y, program=lambda *a: rules.join(1, *a)),
    row(rules.scatter, "slice", X[0],
        program=lambda z: rules.scatter(z, np.zeros(5), slice(1, 4))),
    row(rules.scatter, "repeated", X[0],
        program=lambda z: rules.scatter(z, np.zeros(2), np.array([0, 1, 0]))),
]  # fmt: skip

INDICES = {
    "integer": 1, "negative": -1, "slice": slice(1, None), "step": np.s_[::-2],
    "column": np.s_[:, 1], "ellipsis": np.s_[..., 0], "new axis": np.s_[:, None],
    "tuple": np.s_[2, 1], "integer array": np.array([2, 0]),
    "repeated": np.array([1, 1, 1, 0]), "list": [2, 2, 0],
    "negative integers": np.array([-1, 0, -1]),
    "two-dimensional": np.array([[0, 2], [2, 2]]),
    "pairs": (np.array([0, 1, 0]), np.array([3, 3, 3])),
    "pairs with slice": np.s_[np.array([0, 0, 2]), 1:3],
    "broadcast pairs": (np.array([[0], [2]]), np.array([0, 3, 3])),
    "boolean rows": np.array([True, False, True]), "boolean": signed(3, 4) > 0,
    "no row": np.zeros(3, dtype=bool), "empty slice": slice(0, 0),
}  # fmt: skip
for each, index in INDICES.items():
    ROWS.append(row(operator.getitem, each, signed(3, 4), program=lambda x, i=index: x[i]))
ROWS += [
    row(operator.getitem, "cube, integers apart", CUBE,
        program=lambda x: x[np.array([0, 1, 0]), :, np.array([3, 0, 3])]),
    row(operator.getitem, "by comparison", Y, program=lambda x: x[x > 0]),
    row(operator.getitem, "by argmax", Y, program=lambda x: x[1, np.argmax(x[1])]),
    row(operator.getitem, "iteration", Y, program=lambda x: sum(r * r for r in x)),
    row(operator.getitem, "unpacking", Y, program=lambda x: multiply_rows(*x)),
    row(operator.getitem, "Fortran order", np.asfortranarray(Y),
        program=lambda x: x[:, np.array([0, 0, 2])]),
]  # fmt: skip


def multiply_rows(a, b):
    return a * b


def title(each):
    return f"{each.rule.__name__}: {each.name}"


def bar_like(value, seed=3):
    """Draw a non-constant bar of the shape and type of a value."""
    return np.random.default_rng(seed).uniform(0.5, 2.0, np.shape(value))[()]


def slopes(fun, args):
    """Difference fun(*args) on both sides, for every entry of every argument."""
    result = []
    for k, arg in enumerate(args):
        by_arg = np.zeros(np.shape(arg))
        for index in np.ndindex(np.shape(arg)):
            ends = []
            for step in (STEP, -STEP):
                moved = np.array(arg, dtype=float)
                moved[index] += step
                ends.append(fun(*args[:k], moved[()], *args[k + 1 :]))
            by_arg[index] = (ends[0] - ends[1]) / (2 * STEP)
        result.append(by_arg)
    return result


def assert_slopes(fun, args):
    """Require grad of a scalar function, by all args at once, to equal differences."""
    given = grad(lambda packed: fun(*packed))(list(args))
    for came, arg, expected in zip(given, args, slopes(fun, args), strict=True):
        assert np.shape(came) == np.shape(arg)
        np.testing.assert_allclose(came, expected, rtol=1e-6, atol=1e-8, equal_nan=False)
        assert np.isfinite(expected).all()


def assert_first_order(each):
    value = each.program(*each.args)
    traced, _ = make_vjp(lambda packed: each.program(*packed), list(each.args))
    np.testing.assert_allclose(traced, value, rtol=1e-14, atol=0)
    assert np.shape(traced) == np.shape(value)
    y_bar = bar_like(value)
    assert_slopes(lambda *args: np.sum(y_bar * each.program(*args)), each.args)


def assert_second_order(each):
    """Differentiate the bars in turn: by the arguments and by the output gradient."""
    y_bar = bar_like(each.program(*each.args))

    def slope_along(y_bar, *args):
        given = make_vjp(lambda packed: each.program(*packed), list(args))[1](y_bar)
        return sum(
            np.sum(bar_like(arg, seed=k) * g)
            for k, (arg, g) in enumerate(zip(args, given, strict=True))
        )

    assert_slopes(slope_along, (y_bar, *each.args))


@pytest.mark.parametrize("each", ROWS, ids=title)
def test_rule_at_order_one(each):
    assert_first_order(each)


@pytest.mark.parametrize("each", ROWS, ids=title)
def test_rule_at_order_two(each):
    assert_second_order(each)


@pytest.mark.parametrize("each", ROWS, ids=title)
def test_gradient_of_float32_stays_float32(each):
    narrow = [np.float32(arg) for arg in each.args]
    value, vjp = make_vjp(lambda packed: each.program(*packed), narrow)
    y_bar = bar_like(value).astype(np.result_type(value))
    exact = make_vjp(lambda packed: each.program(*packed), list(each.args))[1](
        bar_like(value)
    )
    for came, expected in zip(vjp(y_bar), exact, strict=True):
        assert came.dtype == np.float32
        np.testing.assert_allclose(came, expected, rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize("each", ROWS, ids=title)
def test_layout_in_memory_does_not_matter(each):
    def gradient(args):
        value, vjp = make_vjp(lambda packed: each.program(*packed), list(args))
        return vjp(bar_like(value))

    spread_out = [
        np.repeat(np.asfortranarray(arg), 2, axis=-1)[..., ::2] if np.ndim(arg) else arg
        for arg in each.args
    ]
    for came, expected in zip(gradient(spread_out), gradient(each.args), strict=True):
        np.testing.assert_allclose(came, expected, rtol=1e-13, atol=1e-15)


def library_rules():
    """List what rules.py registers, leaving out what other tests may have added."""
    ours = ("numpy", "_operator", "operator", rules.__name__)
    return [fun for fun in RULES if (getattr(fun, "__module__", None) or "numpy") in ours]


def test_every_rule_has_a_row():
    tested = {each.rule for each in ROWS}
    missing = [f.__name__ for f in [*library_rules(), *COMPOSITE] if f not in tested]
    assert missing == []


class BrokenEach:
    """A rule for any number of arguments, broken for all of them."""

    def __init__(self, rule, how):
        self.rule, self.how = rule, how

    def __getitem__(self, argnum):
        vjp = self.rule[argnum]
        return vjp and self.how(vjp)


def broken(rule, how):
    """Return the rule with each of its VJPs in turn passed through `how`."""
    if not isinstance(rule, tuple):
        return [BrokenEach(rule, how)]
    return [
        (*rule[:k], how(vjp), *rule[k + 1 :])
        for k, vjp in enumerate(rule)
        if vjp is not None
    ]


def scaled(vjp):
    return lambda *args, **kwargs: vjp(*args, **kwargs) * 1.01


def silenced(vjp):
    return lambda *args, **kwargs: vjp(*args, **kwargs) * 0.0


def unrecorded(vjp):
    """Cut the second derivative: compute the bar from plain numbers."""
    return lambda z_bar, z, *args, **kwargs: vjp(
        z_bar, tree.map(unbox, z), *[unbox(arg) for arg in args], **kwargs
    )


def survives(check, rows):
    for each in rows:
        try:
            check(each)
        except AssertionError:
            return False
    return True


def rows_of(fun):
    """List the rows of a rule, the quickest first."""
    own = [each for each in ROWS if each.rule is fun]
    return sorted(own, key=lambda each: sum(np.size(arg) for arg in each.args))


@pytest.mark.parametrize("how", [scaled, silenced])
def test_rows_notice_every_broken_rule(how, monkeypatch):
    alive = []
    for fun in library_rules():
        for argnum, rule in enumerate(broken(RULES[fun], how)):
            with monkeypatch.context() as patch:
                patch.setitem(RULES, fun, rule)
                if survives(assert_first_order, rows_of(fun)):
                    alive.append((fun.__name__, argnum))
    assert alive == []


def test_rows_notice_a_second_derivative_that_is_cut(monkeypatch):
    curved = [
        np.multiply, np.divide, np.power, np.exp, np.expm1, np.log, np.log1p, np.sqrt,
        np.square, np.sin, np.cos, np.tanh, np.logaddexp, np.matmul,
    ]  # fmt: skip
    alive = []
    for fun in curved:
        for argnum, rule in enumerate(broken(RULES[fun], unrecorded)):
            with monkeypatch.context() as patch:
                patch.setitem(RULES, fun, rule)
                if survives(assert_second_order, rows_of(fun)):
                    alive.append((fun.__name__, argnum))
    assert alive == []


def test_functions_without_slope_give_plain_values_and_zero_gradients():
    calls = {
        np.floor_divide: lambda x: np.floor_divide(x, 0.5),
        np.full_like: lambda x: np.full_like(x, 2.0),
    }
    two = (
        np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
        np.logical_and, np.logical_or,
    )  # fmt: skip
    for fun in CONSTANT:
        call = calls.get(fun, fun)
        if fun in two:
            call = lambda x, fun=fun: fun(x, X)
        seen = []

        def cost(x, call=call, seen=seen):
            seen.append(call(x))
            return np.sum(x * 3.0) + 0.0 * np.sum(seen[-1])

        np.testing.assert_array_equal(grad(cost)(Y), np.full(Y.shape, 3.0))
        assert not isinstance(seen[-1], Box), fun
        np.testing.assert_array_equal(seen[-1], call(Y))


def test_comparison_operators_give_plain_truth_values():
    seen = []

    def cost(x):
        seen.extend([x < 1, x <= 1, x == 1, x != 1, x > 1, x >= 1, x // 0.4])
        return np.sum(x)

    grad(cost)(X)
    plain = [X < 1, X <= 1, X == 1, X != 1, X > 1, X >= 1, X // 0.4]
    for came, expected in zip(seen, plain, strict=True):
        np.testing.assert_array_equal(came, expected)
        assert type(came) is np.ndarray


def test_ties_share_the_bar():
    tied = np.array([2.0, 1.0, 2.0])
    np.testing.assert_allclose(grad(np.max)(tied), [0.5, 0.0, 0.5])
    np.testing.assert_allclose(grad(np.min)(-tied), [0.5, 0.0, 0.5])
    both = lambda x: np.sum(np.maximum(x, np.array([2.0, 2.0, 2.0])))
    np.testing.assert_allclose(grad(both)(tied), [0.5, 0.0, 0.5])
    both = lambda x: np.sum(np.minimum(x, np.array([2.0, 2.0, 2.0])))
    np.testing.assert_allclose(grad(both)(tied), [0.5, 1.0, 0.5])
    assert grad(lambda x: np.maximum(x, x))(3.0) == 1.0
    rows = np.array([[1.0, 1.0], [0.0, 2.0]])
    shared = grad(lambda x: np.sum(np.max(x, axis=1)))(rows)
    np.testing.assert_allclose(shared, [[0.5, 0.5], [0.0, 1.0]])


def test_second_derivative_through_max_is_a_number():
    x = np.array([1.0, 3.0, 2.0])
    curvature = grad(lambda x: np.sum(grad(lambda x: np.max(x) ** 3)(x)))(x)
    np.testing.assert_allclose(curvature, [0.0, 18.0, 0.0])


def test_kinks_follow_the_conventions():
    assert grad(np.absolute)(0.0) == 0.0
    assert grad(abs)(np.float64(0.0)) == 0.0
    with np.errstate(divide="ignore"):
        assert grad(np.sqrt)(np.float64(0.0)) == np.inf
        assert grad(np.log)(np.float64(0.0)) == np.inf


@pytest.mark.parametrize("fun", [np.sqrt, np.log])
def test_poles_of_python_floats_follow_ieee_too(fun):
    with np.errstate(all="ignore"):
        assert grad(fun)(0.0) == np.inf


@pytest.mark.parametrize("fun", [np.maximum, np.minimum])
def test_nan_is_never_a_quiet_zero(fun):
    x = np.array([np.nan, 1.0])
    slope = grad(lambda x: np.sum(fun(x, 0.5) ** 2))(x)
    assert np.isnan(slope[0])
    with np.errstate(invalid="ignore"):
        assert np.isnan(grad(np.max)(x)).any()


def test_repeated_reads_add_their_messages():
    reads = grad(lambda R: np.sum(R[np.array([3, 3, 0, 3])]))(np.ones((5, 2)))
    np.testing.assert_array_equal(reads[:, 0], [1.0, 0.0, 0.0, 3.0, 0.0])


def test_a_rule_may_be_linear_in_a_bar_of_integers():
    y, vjp = make_vjp(lambda x: x * 2.0, np.arange(3.0))
    assert y.shape == (3,)
    np.testing.assert_array_equal(vjp(np.array([1, 0, 2])), [2.0, 0.0, 4.0])
