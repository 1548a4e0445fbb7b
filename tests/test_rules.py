"""Every rule against finite differences, at orders 1 and 2.

ROWS is the one table: a program in NumPy, and what to call it on. A rule without a row
fails a test, and so does a row that does not notice when its rule is broken.
"""

import operator
import re
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import (
    digamma,
    erf,
    erfc,
    expit,
    gamma,
    gammaln,
    log_expit,
    logit,
)
from scipy.special import logsumexp as scipy_logsumexp

from coursecore import grad, make_vjp, tree
from coursecore.engine import linalg, memory, protocol, rules, shapes, special
from coursecore.engine.derivatives import make_jvp
from coursecore.engine.protocol import COMPOSITE
from coursecore.engine.trace import CONSTANT, RULES, Box, unbox

STEP = 1e-5
special.register()


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


def fractions(*shape):
    return numbers(*shape, low=-0.8, high=0.83)


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
        row(fun, "a float on the left", X, program=lambda x: fun(0.37, x)),
        row(fun, "a float on the right", X, program=lambda x: fun(x, 0.37)),
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
add_rows_of_two(np.fmax)
add_rows_of_two(np.fmin)
add_rows_of_two(np.arctan2)
add_rows_of_two(np.hypot)

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
    row(np.where, "condition of integers", X, Y,
        program=lambda x, y: np.where(np.array([0, 2, -1]), x, y)),
    row(np.where, "condition in a list", X, Y,
        program=lambda x, y: np.where([[True], [False]], x, y)),
    row(np.where, "one condition for all", X, Y,
        program=lambda x, y: np.where(True, x, y) * np.where(0, x, y)),
    row(np.where, "empty", np.zeros((0, 3)), 0.7,
        program=lambda x, y: np.where(x > 0, x, y)),
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
add_rows_of_one(np.fabs)
add_rows_of_one(np.reciprocal, numbers)
add_rows_of_one(np.cbrt, numbers)
add_rows_of_one(np.exp2)
add_rows_of_one(np.log2, numbers)
add_rows_of_one(np.log10, numbers)
add_rows_of_one(np.tan, fractions)
add_rows_of_one(np.arcsin, fractions)
add_rows_of_one(np.arccos, fractions)
add_rows_of_one(np.arctan)
add_rows_of_one(np.sinh)
add_rows_of_one(np.cosh)
add_rows_of_one(np.arcsinh)
add_rows_of_one(np.arccosh, lambda *shape: 1.0 + numbers(*shape))
add_rows_of_one(np.arctanh, fractions)
add_rows_of_one(np.copy)
add_rows_of_one(expit)
add_rows_of_one(logit, lambda *shape: 0.5 + fractions(*shape) / 2)
add_rows_of_one(log_expit)
add_rows_of_one(erf)
add_rows_of_one(erfc)
add_rows_of_one(gammaln, numbers)
add_rows_of_one(gamma, numbers)
add_rows_of_one(digamma, lambda *shape: 1.0 + numbers(*shape))

polygamma = next(f for f in RULES if getattr(f, "__name__", "") == "polygamma")
for order in (1, 2):
    ROWS.append(
        row(
            polygamma, f"order {order}", 1.0 + X, program=lambda x, n=order: polygamma(n, x)
        )
    )

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
        row(fun, "vector", CUBE[0, 0]),
        row(fun, "size-1 axis", CUBE[:, :1], program=lambda x: fun(x, axis=1)),
        row(fun, "Fortran order", np.asfortranarray(CUBE),
            program=lambda x: fun(x, axis=(0, 1))),
        row(fun, "of empty rows", np.zeros((0, 3)), program=lambda x: fun(x, axis=1)),
    ])  # fmt: skip
    if name:
        ROWS.append(row(fun, "method", CUBE, program=lambda x: getattr(x, name)(axis=-1)))


for each in ("sum", "max", "min", "mean", "var", "std"):
    add_reductions(getattr(np, each), each)
for fun in (np.prod, np.amax, np.amin, special.logsumexp):
    add_reductions(fun, None)
ROWS = [
    each
    for each in ROWS
    if not (each.rule is np.std and each.name in ("size-1 axis", "(axis=())"))
]  # the standard deviation of one number has no slope
ROWS += [
    row(np.sum, "0-d", 1.3),
    row(np.sum, "empty", np.zeros(0)),
    row(np.max, "0-d", np.array(1.3)),
    row(np.var, "ddof", CUBE, program=lambda x: np.var(x, axis=(0, 2), ddof=1)),
    row(np.var, "ddof of all", X, program=lambda x: np.var(x, ddof=2, keepdims=True)),
    row(np.std, "ddof", CUBE, program=lambda x: np.std(x, axis=1, ddof=1)),
    row(np.std, "0-d of two", X[0, :2]),
    row(np.prod, "one zero", np.array([0.0, 2.0, 3.0])),
    row(np.prod, "two zeros", np.array([0.0, 2.0, 0.0, 3.0])),
    row(np.prod, "three zeros", np.zeros(3)),
    row(
        np.prod,
        "zeros in rows",
        np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]]),
        program=lambda x: np.prod(x, axis=-1),
    ),
    row(
        np.prod,
        "zeros in columns",
        np.array([[0.0, 2.0, 0.5], [1.0, 0.0, 3.0]]),
        program=lambda x: np.prod(x, axis=0, keepdims=True),
    ),
    row(
        np.prod,
        "zeros, two axes",
        np.where(CUBE > 1.5, 0.0, CUBE),
        program=lambda x: np.prod(x, axis=(0, 2)),
    ),
    row(np.prod, "a number", 1.3),
    row(np.cumsum, "vector", X[0]),
    row(np.cumsum, "of all", X),
    row(np.cumsum, "axis 0", CUBE, program=lambda x: np.cumsum(x, axis=0)),
    row(np.cumsum, "axis -1", CUBE, program=lambda x: np.cumsum(x, axis=-1)),
    row(np.cumsum, "empty", np.zeros((2, 0)), program=lambda x: np.cumsum(x, axis=1)),
    row(np.cumsum, "size-1 axis", X[:, :1], program=lambda x: np.cumsum(x, axis=1)),
    row(np.cumsum, "a number", 1.3),
    row(special.logsumexp, "large", 1000.0 + X),
    row(np.clip, "both bounds", Y, program=lambda x: np.clip(x, -0.4, 0.8)),
    row(np.clip, "one bound", Y, program=lambda x: np.clip(x, None, 0.8)),
    row(np.clip, "the other", Y, program=lambda x: np.clip(x, 0.1, None)),
    row(np.clip, "traced bounds", Y, 0.1, np.array([0.7, 0.8, 0.9]), program=np.clip),
    row(np.clip, "by keyword", Y, program=lambda x: np.clip(x, min=-0.4, max=0.8)),
    row(np.clip, "a number", 1.3, program=lambda x: np.clip(x, 0.0, 2.0)),
    row(np.clip, "empty", np.zeros((0, 2)), program=lambda x: np.clip(x, 0.0, 2.0)),
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
    row(shapes.join, "axis 1", X, Y, program=lambda *a: shapes.join(1, *a)),
    row(shapes.scatter, "slice", X[0],
        program=lambda z: shapes.scatter(z, np.zeros(5), slice(1, 4))),
    row(shapes.scatter, "repeated", X[0],
        program=lambda z: shapes.scatter(z, np.zeros(2), np.array([0, 1, 0]))),
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
    row(np.full_like, "a number", Y, 0.7, program=np.full_like),
    row(shapes.scatter_parts, "repeated", X[0],
        program=lambda z: shapes.scatter_parts(z, Y, *np.array([[1, 0, 1], [0, 2, 0]]))),
    row(operator.getitem, "Fortran order", np.asfortranarray(Y),
        program=lambda x: x[:, np.array([0, 0, 2])]),
]  # fmt: skip


def add_matrix_rows(fun, x, name=""):
    """Add the rows of a function of one matrix, or of each matrix of a stack."""
    stack = np.stack([x, x.T + 0.3 * np.eye(len(x))])
    ROWS.extend([
        row(fun, f"matrix{name}", x),
        row(fun, f"stack{name}", stack),
        row(fun, f"stack of stacks{name}", stack[:, None]),
        row(fun, f"size 1{name}", x[:1, :1]),
        row(fun, f"no matrix{name}", stack[:0]),
        row(fun, f"Fortran order{name}", np.asfortranarray(x)),
    ])  # fmt: skip


A = signed(3, 3) + 2.5 * np.eye(3)
SYMMETRIC = A + A.T
POSITIVE = A @ A.T
add_matrix_rows(np.linalg.inv, A)
add_matrix_rows(np.linalg.det, A)
add_matrix_rows(np.linalg.cholesky, POSITIVE)
add_matrix_rows(np.linalg.eigvalsh, SYMMETRIC)
add_matrix_rows(linalg.log_abs_det, A)
add_matrix_rows(linalg.eigensystem, SYMMETRIC)
for k, each in enumerate(("sign", "log")):
    ROWS.append(row(np.linalg.slogdet, each, A, program=lambda x, k=k:
                    np.sum(x) * np.linalg.slogdet(x)[k]))  # fmt: skip
ROWS += [
    row(np.linalg.slogdet, "negative, by name", -A,
        program=lambda x: np.linalg.slogdet(x).logabsdet),
    row(np.linalg.slogdet, "stack", np.stack([A, -A]),
        program=lambda x: np.linalg.slogdet(x)[1]),
    row(np.linalg.eigh, "values", SYMMETRIC, program=lambda x: np.linalg.eigh(x)[0]),
    row(np.linalg.eigh, "vectors", SYMMETRIC,
        program=lambda x: np.linalg.eigh(x).eigenvectors),
    row(np.linalg.eigh, "both", SYMMETRIC,
        program=lambda x: put_together(*np.linalg.eigh(x))),
    row(np.linalg.eigh, "only the lower triangle is read", A,
        program=lambda x: put_together(*np.linalg.eigh(x))),
    row(np.linalg.eigh, "stack", np.stack([SYMMETRIC, A]),
        program=lambda x: put_together(*np.linalg.eigh(x))),
    row(linalg.solve_each, "matrices", A, X.T),
    row(np.linalg.solve, "vector", A, X[0]),
    row(np.linalg.solve, "matrix", A, X.T),
    row(np.linalg.solve, "stack and vector", np.stack([A, A.T]), X[0]),
    row(np.linalg.solve, "stack and matrix", np.stack([A, A.T]), X.T),
    row(np.linalg.solve, "matrix and stack", A, np.stack([X.T, Y.T])),
    row(np.linalg.solve, "stacks", np.stack([A, A.T]), np.stack([X.T, Y.T])),
    row(np.linalg.solve, "size-1 stack", A[None], np.stack([X.T, Y.T])),
    row(np.linalg.solve, "one unknown", A[:1, :1], X[0, :1]),
    row(np.linalg.solve, "no right side", A, np.zeros((3, 0))),
    row(np.linalg.solve, "no system", np.zeros((0, 3, 3)), np.zeros((0, 3, 2))),
    row(np.linalg.solve, "a constant matrix", X[0],
        program=lambda b: np.linalg.solve(A, b)),
    row(np.linalg.solve, "itself", A, program=lambda a: np.linalg.solve(a, a @ a)),
]  # fmt: skip

for order in (None, 1, 2, 3, 1.5, np.inf, -np.inf, -1):
    ROWS.extend([
        row(np.linalg.norm, f"vector, {order}", Y[0],
            program=lambda x, p=order: np.linalg.norm(x, p)),
        row(np.linalg.norm, f"along an axis, {order}", CUBE,
            program=lambda x, p=order: np.linalg.norm(x, p, axis=1)),
        row(np.linalg.norm, f"keepdims, {order}", Y,
            program=lambda x, p=order: np.linalg.norm(x, p, axis=(-1,), keepdims=True)),
    ])  # fmt: skip
for order in (None, "fro", 1, -1, np.inf, -np.inf):
    ROWS.extend([
        row(np.linalg.norm, f"matrix, {order}", Y,
            program=lambda x, p=order: np.linalg.norm(x, p)),
        row(np.linalg.norm, f"matrix, keepdims, {order}", Y,
            program=lambda x, p=order: np.linalg.norm(x, p, keepdims=True)),
        row(np.linalg.norm, f"matrices, {order}", CUBE,
            program=lambda x, p=order: np.linalg.norm(x, p, axis=(2, 0))),
        row(np.linalg.norm, f"matrices, keepdims, {order}", CUBE,
            program=lambda x, p=order: np.linalg.norm(x, p, axis=(0, 1), keepdims=True)),
    ])  # fmt: skip
ROWS += [
    row(np.linalg.norm, "of everything", CUBE),
    row(np.linalg.norm, "size 1", Y[0, :1]),
    row(np.linalg.norm, "of no vector", np.zeros((0, 3)),
        program=lambda x: np.linalg.norm(x, axis=1)),
    row(np.dot, "cube · vector", CUBE, signed(4)),
    row(np.dot, "vector · cube", signed(3), CUBE),
    row(np.dot, "cube · matrix", CUBE, signed(4, 2)),
    row(np.dot, "cube · cube", CUBE, signed(2, 4, 2)),
    row(np.inner, "vectors", X[0], Y[1]),
    row(np.inner, "matrices", X, Y),
    row(np.inner, "matrix and vector", X, Y[0]),
    row(np.inner, "vector and matrix", X[0], Y),
    row(np.inner, "cube and matrix", CUBE, signed(2, 4)),
    row(np.inner, "cubes", CUBE, signed(2, 2, 4)),
    row(np.inner, "number and matrix", 0.7, Y),
    row(np.inner, "empty", np.zeros((0, 3)), Y),
    row(np.tensordot, "two axes", CUBE, signed(3, 4, 2)),
    row(np.tensordot, "one axis", CUBE, signed(4, 2),
        program=lambda x, y: np.tensordot(x, y, 1)),
    row(np.tensordot, "outer", X, Y[0], program=lambda x, y: np.tensordot(x, y, axes=0)),
    row(np.tensordot, "lists", CUBE, signed(4, 2, 3),
        program=lambda x, y: np.tensordot(x, y, axes=([0, 2], [1, 0]))),
    row(np.tensordot, "numbers", CUBE, signed(3, 2),
        program=lambda x, y: np.tensordot(x, y, axes=(-2, 0))),
    row(np.tensordot, "everything", X, Y),
    row(np.tensordot, "empty", np.zeros((2, 0)), np.zeros((0, 3)),
        program=lambda x, y: np.tensordot(x, y, 1)),
    row(np.kron, "matrices", X, signed(2, 2)),
    row(np.kron, "vectors", X[0], Y[0, :2]),
    row(np.kron, "vector and matrix", X[0, :2], signed(2, 2)),
    row(np.kron, "matrix and vector", X, Y[0, :2]),
    row(np.kron, "number and matrix", 0.7, X),
    row(np.kron, "itself", X[:, :2], program=lambda x: np.kron(x, x)),
    row(np.kron, "empty", np.zeros((0, 2)), X),
]  # fmt: skip

SUMS = {
    "ij,jk->ik": [X, signed(3, 4)], "ij,jk": [X, signed(3, 4)], "ba": [X], "ij->": [X],
    "ij->j": [X], "ij->ji": [X], "i,i": [X[0], Y[0]], "i,j->ij": [X[0], Y[0]],
    "ii": [A], "ii->i": [A], "iij->j": [signed(2, 2, 3)], "iji->ij": [signed(2, 3, 2)],
    "iii->i": [signed(2, 2, 2)], "ii,ij->j": [A, signed(3, 2)],
    "i,ij,j->": [X[0], A, Y[0]], "bij,bjk->bik": [signed(2, 2, 3), signed(2, 3, 2)],
    "...ij,...jk->...ik": [signed(2, 2, 3), signed(3, 2)], "...i->...": [CUBE],
    "...i,...i": [CUBE, signed(4)], "i...->...": [X], "...": [X],
    "ij, j -> i": [X, Y[0]], "ij,k->i": [X, Y[0]], "ij,ij->ij": [X[:1], Y],
    "...j,...j->...": [signed(1, 3), signed(2, 3)], ",ij->ij": [0.7, X],
    "ij,jk,kl->il": [X, A, signed(3, 2)], "i,i->i": [np.zeros(0), np.zeros(0)],
}  # fmt: skip
for subscripts, operands in SUMS.items():
    ROWS.append(row(np.einsum, subscripts, *operands,
                    program=lambda *x, s=subscripts: np.einsum(s, *x)))  # fmt: skip
ROWS += [
    row(np.einsum, "optimized", X, A, signed(3, 2),
        program=lambda *x: np.einsum("ij,jk,kl->il", *x, optimize=True)),
    row(np.einsum, "a constant operand", X,
        program=lambda x: np.einsum("ij,kj->ik", Y, x)),
    row(np.einsum, "itself", A, program=lambda x: np.einsum("ij,jk->ik", x, x)),
    row(linalg.contract, "three", X, A, Y,
        program=lambda *x: linalg.contract("ij,jk,lk->il", *x)),
]  # fmt: skip

EMPTY = np.zeros((0, 3))
ROWS += [
    row(np.moveaxis, "one", CUBE, program=lambda x: np.moveaxis(x, 0, -1)),
    row(np.moveaxis, "two", CUBE, program=lambda x: np.moveaxis(x, (0, 1), (2, 0))),
    row(np.moveaxis, "empty", EMPTY, program=lambda x: np.moveaxis(x, 0, 1)),
    row(np.matrix_transpose, "cube", CUBE),
    row(np.matrix_transpose, "size-1 axis", X[:, :1]),
    row(np.flip, "all", CUBE),
    row(np.flip, "axis", CUBE, program=lambda x: np.flip(x, 1)),
    row(np.flip, "axes", CUBE, program=lambda x: np.flip(x, axis=(0, -1))),
    row(np.flip, "empty", EMPTY),
    row(np.roll, "all", X, program=lambda x: np.roll(x, 2)),
    row(np.roll, "axis", CUBE, program=lambda x: np.roll(x, -1, axis=2)),
    row(np.roll, "axes", CUBE, program=lambda x: np.roll(x, (1, 2), axis=(0, 1))),
    row(np.roll, "empty", EMPTY, program=lambda x: np.roll(x, 1, axis=1)),
    row(np.tril, "matrix", CUBE),
    row(np.tril, "offset", X, program=lambda x: np.tril(x, -1)),
    row(np.triu, "matrix", CUBE),
    row(np.triu, "offset", X, program=lambda x: np.triu(x, k=1)),
    row(np.tile, "number", X, program=lambda x: np.tile(x, 2)),
    row(np.tile, "more axes", X[0], program=lambda x: np.tile(x, (2, 2))),
    row(np.tile, "fewer axes", CUBE, program=lambda x: np.tile(x, [3, 1])),
    row(np.tile, "of a number", 0.7, program=lambda x: np.tile(x, 3)),
    row(np.tile, "never", X, program=lambda x: np.tile(x, 0)),
    row(np.tile, "size-1 axis", X[:, :1], program=lambda x: np.tile(x, (1, 3))),
    row(np.repeat, "all", X, program=lambda x: np.repeat(x, 2)),
    row(np.repeat, "axis", X, program=lambda x: np.repeat(x, 3, axis=-1)),
    row(np.repeat, "by row", X, program=lambda x: np.repeat(x, [2, 1], axis=0)),
    row(np.repeat, "of a number", 0.7, program=lambda x: np.repeat(x, 3)),
    row(np.repeat, "empty", EMPTY, program=lambda x: np.repeat(x, 2, axis=1)),
    row(shapes.surround, "columns", X,
        program=lambda x: shapes.surround(x, [(0, 0), (1, 2)], 0.5)),
    row(np.pad, "number", X, program=lambda x: np.pad(x, 1)),
    row(np.pad, "pair", X, program=lambda x: np.pad(x, (1, 2))),
    row(np.pad, "pairs", X, program=lambda x: np.pad(x, ((1, 0), (0, 2)))),
    row(np.pad, "constant", X,
        program=lambda x: np.pad(x, 1, mode="constant", constant_values=2.0)),
    row(np.pad, "empty", EMPTY, program=lambda x: np.pad(x, ((1, 0), (0, 0)))),
    row(np.sort, "vector", Y[0]),
    row(np.sort, "axis 0", CUBE, program=lambda x: np.sort(x, axis=0)),
    row(np.sort, "all", CUBE, program=lambda x: np.sort(x, axis=None)),
    row(np.sort, "empty", EMPTY),
    row(np.take, "all", X, program=lambda x: np.take(x, [0, 5, 5])),
    row(np.take, "axis", CUBE, program=lambda x: np.take(x, [[0, 1], [1, 1]], axis=1)),
    row(np.take, "integer", CUBE, program=lambda x: np.take(x, -1, axis=-1)),
    row(np.take, "nothing", X, program=lambda x: np.take(x, np.zeros(0, int), axis=0)),
    row(np.take_along_axis, "argsort", CUBE,
        program=lambda x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1)),
    row(np.take_along_axis, "of a vector", X[0],
        program=lambda x: np.take_along_axis(x, np.array([2, 0, 2]))),
    row(np.take_along_axis, "the last", X,
        program=lambda x: np.take_along_axis(x, np.array([[0, 0], [2, 1]]))),
    row(np.take_along_axis, "one for all rows", X,
        program=lambda x: np.take_along_axis(x, np.array([[1, 1]]), axis=-1)),
    row(np.take_along_axis, "of all", X,
        program=lambda x: np.take_along_axis(x, np.array([4, 0, 4]), axis=None)),
    row(np.split, "halves", signed(4, 2), program=lambda x: multiply_rows(*np.split(x, 2))),
    row(np.split, "columns", CUBE,
        program=lambda x: multiply_rows(*np.split(x, 2, axis=-1))),
    row(np.split, "at places", signed(5), program=lambda x: np.split(x, [1, 1, 3])[2]),
    row(np.split, "an empty piece", signed(5), program=lambda x: np.split(x, [1, 1])[1]),
    row(np.hstack, "vectors", X[0], Y[0, :2], program=lambda *a: np.hstack(a)),
    row(np.hstack, "matrices", X, Y[:, :1], program=lambda *a: np.hstack(a)),
    row(np.hstack, "numbers", 0.3, 0.8, program=lambda *a: np.hstack(a)),
    row(np.vstack, "vectors", X[0], Y[0], program=lambda *a: np.vstack(a)),
    row(np.vstack, "vector and matrix", X[0], Y, program=lambda *a: np.vstack(a)),
    row(np.vstack, "numbers", 0.3, 0.8, program=lambda *a: np.vstack(a)),
    row(np.vstack, "one empty", EMPTY, X, program=lambda *a: np.vstack(a)),
    row(np.concatenate, "everything", X, Y,
        program=lambda *a: np.concatenate(a, axis=None)),
    row(np.diagonal, "matrix", A),
    row(np.diagonal, "offset", X, program=lambda x: np.diagonal(x, 1)),
    row(np.diagonal, "below", X, program=lambda x: np.diagonal(x, offset=-1)),
    row(np.diagonal, "axes", CUBE, program=lambda x: np.diagonal(x, 0, 0, 2)),
    row(np.diagonal, "beyond the corner", X, program=lambda x: np.diagonal(x, 7)),
    row(np.diag, "matrix", A),
    row(np.diag, "vector", X[0]),
    row(np.diag, "above", X[0], program=lambda x: np.diag(x, 2)),
    row(np.diag, "below", X[0], program=lambda x: np.diag(x, k=-1)),
    row(np.diag, "empty", np.zeros(0)),
    row(np.trace, "matrix", A),
    row(np.trace, "offset", X, program=lambda x: np.trace(x, offset=1)),
    row(np.trace, "stack", CUBE, program=lambda x: np.trace(x, 0, 1, 2)),
    row(shapes.scatter, "few of many", X[0],
        program=lambda z: shapes.scatter(z, np.zeros(99), np.array([7, 0, 7]))),
]  # fmt: skip


def multiply_rows(a, b):
    return a * b


def put_together(values, vectors):
    return np.sum(values, axis=-1) * np.sum(vectors**3, axis=(-1, -2))


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


def packed(each):
    """Return the program as a function of the list of its arguments."""
    return lambda args: each.program(*args)


def run(each, args):
    """Return the value of the program and its VJP by all the arguments."""
    return make_vjp(packed(each), list(args))


def assert_first_order(each):
    value = each.program(*each.args)
    traced, _ = run(each, each.args)
    np.testing.assert_allclose(traced, value, rtol=1e-14, atol=0)
    assert np.shape(traced) == np.shape(value)
    y_bar = bar_like(value)
    assert_slopes(lambda *args: np.sum(y_bar * each.program(*args)), each.args)


def assert_second_order(each):
    """Differentiate the bars in turn: by the arguments and by the output gradient."""
    y_bar = bar_like(each.program(*each.args))

    def slope_along(y_bar, *args):
        given = run(each, args)[1](y_bar)
        return sum(
            np.sum(bar_like(arg, seed=k) * g)
            for k, (arg, g) in enumerate(zip(args, given, strict=True))
        )

    assert_slopes(slope_along, (y_bar, *each.args))


BY_RULE = {}
for each in ROWS:
    BY_RULE.setdefault(each.rule.__name__, []).append(each)


@pytest.mark.parametrize("each", ROWS, ids=title)
def test_rule_at_order_one(each):
    assert_first_order(each)


@pytest.mark.parametrize("each", ROWS, ids=title)
def test_rule_at_order_two(each):
    assert_second_order(each)


@pytest.mark.parametrize("rule", BY_RULE)
def test_rules_read_no_more_than_they_say(rule, monkeypatch):
    for each in BY_RULE[rule]:
        y_bar = bar_like(each.program(*each.args))
        slope = grad(lambda args, e=each, b=y_bar: np.sum(b * e.program(*args)))
        expected = slope(list(each.args))
        with monkeypatch.context() as patch:
            for module in (protocol, memory):
                patch.setattr(module, "LARGE", -1)
            np.testing.assert_equal(slope(list(each.args)), expected)


@pytest.mark.parametrize("rule", BY_RULE)
def test_gradient_of_float32_stays_float32(rule):
    for each in BY_RULE[rule]:
        narrow = [np.float32(arg) for arg in each.args]
        value, vjp = run(each, narrow)
        y_bar = bar_like(value).astype(np.result_type(value))
        exact = run(each, each.args)[1](bar_like(value))
        for came, expected in zip(vjp(y_bar), exact, strict=True):
            assert came.dtype == np.float32
            np.testing.assert_allclose(
                came, expected, rtol=2e-3, atol=1e-4, err_msg=each.name
            )


@pytest.mark.parametrize("rule", BY_RULE)
def test_layout_in_memory_does_not_matter(rule):
    def gradient(each, args):
        value, vjp = run(each, args)
        return vjp(bar_like(value))

    for each in BY_RULE[rule]:
        spread_out = [
            np.repeat(np.asfortranarray(arg), 2, axis=-1)[..., ::2] if np.ndim(arg) else arg
            for arg in each.args
        ]
        for came, expected in zip(
            gradient(each, spread_out), gradient(each, each.args), strict=True
        ):
            np.testing.assert_allclose(
                came, expected, rtol=1e-13, atol=1e-15, err_msg=each.name
            )


def test_the_pages_list_every_function():
    listed = set()
    for module in (rules, shapes, linalg, special):
        listed.update(re.findall(r"\w+", module.__doc__))
    own = {"join", "scatter", "surround", "contract", "solve_each", "log_abs_det"}
    own |= {
        "eigensystem",
        "polygamma",
        "pick",
        "scatter_parts",
    }  # steps that a program calls by NumPy's names
    registered = {fun.__name__ for fun in [*library_rules(), *COMPOSITE]}
    assert registered - own - listed == set()
    assert len(registered - own) >= 100


@pytest.mark.parametrize("rule", BY_RULE)
def test_bars_are_linear_in_the_bar_that_came_in(rule):
    for each in BY_RULE[rule]:
        value, vjp = run(each, each.args)
        a, b = bar_like(value, seed=5), bar_like(value, seed=6)
        parts = zip(vjp(a - 3.0 * b), vjp(a), vjp(b), strict=True)
        for both, of_a, of_b in parts:
            np.testing.assert_allclose(
                both, of_a - 3.0 * of_b, rtol=1e-9, atol=1e-9, err_msg=each.name
            )


@pytest.mark.parametrize("rule", BY_RULE)
def test_forward_mode_is_the_transpose(rule):
    for each in BY_RULE[rule]:
        value, vjp = run(each, each.args)
        y_bar = bar_like(value, seed=5)
        x_dots = [bar_like(arg, seed=7 + k) for k, arg in enumerate(each.args)]
        y_dot = make_jvp(packed(each), list(each.args))[1](x_dots)
        assert np.shape(y_dot) == np.shape(value)
        backward = sum(np.sum(g * d) for g, d in zip(vjp(y_bar), x_dots, strict=True))
        np.testing.assert_allclose(
            np.sum(y_bar * y_dot), backward, rtol=1e-9, atol=1e-9, err_msg=each.name
        )


def test_every_bar_of_float32_is_float32(monkeypatch):
    """Look inside: a bar that is widened on its way is cast only at the very end."""
    wide = []

    def watched(fun, vjp):
        def watch(z_bar, z, *args, **kwargs):
            x_bar = vjp(z_bar, z, *args, **kwargs)
            bars = x_bar if isinstance(x_bar, list) else [x_bar]
            wide.extend(
                (fun.__name__, type(bar))
                for bar in bars
                if bar is not None and np.result_type(bar) != np.float32
            )
            return x_bar

        return watch

    for fun in library_rules():
        rule = RULES[fun]
        if isinstance(rule, tuple):
            rule = tuple(vjp and watched(fun, vjp) for vjp in rule)
        else:
            rule = watched(fun, rule)
        monkeypatch.setitem(RULES, fun, rule)
    for each in ROWS:
        narrow = [np.float32(arg) for arg in each.args]
        value, vjp = run(each, narrow)
        if np.result_type(value) == np.float32:
            vjp(np.float32(bar_like(value)))
    assert wide == []


def library_rules():
    """List the rules of these modules, leaving out what other tests may have added."""
    modules = [module.__name__ for module in (rules, shapes, linalg, special)]
    ours = ("numpy", "numpy.linalg", "_operator", "operator", *modules)
    return [fun for fun in RULES if (getattr(fun, "__module__", None) or "numpy") in ours]


def test_every_rule_has_a_row():
    tested = {each.rule for each in ROWS}
    missing = [f.__name__ for f in [*library_rules(), *COMPOSITE] if f not in tested]
    assert missing == []


def broken(rule, how):
    """Return the rule with each of its VJPs in turn passed through `how`."""
    if not isinstance(rule, tuple):  # one joint VJP: break the bars of all arguments
        return [
            lambda *args, **kwargs: [
                bar if bar is None else how(lambda *_, bar=bar, **__: bar)(*args, **kwargs)
                for bar in rule(*args, **kwargs)
            ]
        ]
    return [
        (*rule[:k], how(vjp), *rule[k + 1 :])
        for k, vjp in enumerate(rule)
        if vjp is not None
    ]


# Their VJPs multiply the bar by what does not depend on the arguments. Those for z_bar
# remain, but they are what `test_bars_are_linear_in_the_bar_that_came_in` is for.
STRAIGHT = {
    np.add, np.subtract, np.negative, np.positive, np.remainder, np.absolute, np.fabs,
    np.maximum, np.minimum, np.fmax, np.fmin, np.max, np.min, np.where, np.sum, np.mean,
    np.cumsum, np.broadcast_to, np.reshape, np.ravel, np.squeeze, np.expand_dims, np.flip,
    np.transpose, np.swapaxes, np.moveaxis, np.roll, np.tril, np.triu, np.copy, np.astype,
    operator.getitem, shapes.join, shapes.scatter, shapes.scatter_parts, shapes.surround,
}  # fmt: skip


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
                # The 33 operands of einsum are one rule: no row has so many.
                no_row = fun is linalg.contract and argnum > 2
                if survives(assert_first_order, rows_of(fun)) and not no_row:
                    alive.append((fun.__name__, argnum))
    assert alive == []


def test_rows_notice_a_second_derivative_that_is_cut(monkeypatch):
    alive = []
    for fun in set(library_rules()) - STRAIGHT:
        for argnum, rule in enumerate(broken(RULES[fun], unrecorded)):
            with monkeypatch.context() as patch:
                patch.setitem(RULES, fun, rule)
                no_row = fun is linalg.contract and argnum > 2
                if survives(assert_second_order, rows_of(fun)) and not no_row:
                    alive.append((fun.__name__, argnum))
    assert alive == []


def test_functions_without_slope_give_plain_values_and_zero_gradients():
    calls = {
        np.floor_divide: lambda x: np.floor_divide(x, 0.5),
        protocol.cast: lambda x: x.astype(int),
    }
    two = (
        np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
        np.logical_and, np.logical_or, np.logical_xor, np.isclose, np.allclose,
        np.array_equal, np.isin,
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


def test_ties_of_clip_and_of_norms_share_too():
    clipped = grad(lambda x: np.sum(np.clip(x, 0.0, 1.0)))
    np.testing.assert_array_equal(clipped(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])),
                                  [0.0, 0.5, 1.0, 0.5, 0.0])  # fmt: skip
    largest = grad(lambda x: np.linalg.norm(x, np.inf))
    np.testing.assert_array_equal(largest(np.array([-2.0, 1.0, 2.0])), [-0.5, 0.0, 0.5])
    assert grad(lambda x: np.fmax(x, x))(3.0) == grad(lambda x: np.fmin(x, x))(3.0) == 1.0


def test_fmax_and_fmin_leave_nan_aside():
    x, y = np.array([np.nan, 1.0, 2.0]), np.array([3.0, np.nan, 1.0])
    for fun, expected in ((np.fmax, [0.0, 1.0, 1.0]), (np.fmin, [0.0, 1.0, 0.0])):
        np.testing.assert_array_equal(grad(lambda x, f=fun: np.sum(f(x, y)))(x), expected)


def test_second_derivative_through_max_is_a_number():
    x = np.array([1.0, 3.0, 2.0])
    curvature = grad(lambda x: np.sum(grad(lambda x: np.max(x) ** 3)(x)))(x)
    np.testing.assert_allclose(curvature, [0.0, 18.0, 0.0])


def test_kinks_follow_the_conventions():
    assert grad(np.absolute)(0.0) == grad(np.fabs)(0.0) == 0.0
    assert grad(abs)(np.float64(0.0)) == 0.0
    with np.errstate(divide="ignore"):
        assert grad(np.sqrt)(np.float64(0.0)) == np.inf
        assert grad(np.log)(np.float64(0.0)) == np.inf


def test_zero_over_zero_is_nan():
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.isnan(grad(np.std)(np.ones(3))).all()
        assert np.isnan(grad(np.linalg.norm)(np.zeros(3))).all()
        assert np.isnan(grad(np.hypot)(0.0, 0.0))
        assert np.isnan(grad(np.arctan2)(0.0, 0.0))


def test_the_mean_of_nothing_and_the_variance_of_one_raise_no_error():
    with np.errstate(all="ignore"):
        assert RULES[np.mean][0](1.0, np.nan, np.zeros(0)).shape == (0,)
        assert np.isnan(RULES[np.var][0](1.0, np.nan, np.ones(1), ddof=1)).all()


def test_a_power_of_zero_is_constant_in_its_exponent():
    slopes = [grad(lambda y: 0.0**y)(y) for y in (0.0, 0.5, 2.0)]
    assert slopes == [0.0, 0.0, 0.0]


def test_a_power_has_a_pole_at_zero_only_below_one():
    with np.errstate(divide="ignore"):
        for zero in (0.0, np.float64(0.0)):
            assert grad(lambda x: x**0.5)(zero) == np.inf
    slopes = [grad(lambda x, y=y: x**y)(0.0) for y in (0, 1, 1.0, 1.5, 2, 2.0, 3)]
    assert slopes == [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]


POLES = [np.sqrt, np.log, np.log2, np.log10, np.cbrt]


@pytest.mark.parametrize("fun", POLES)
def test_poles_of_python_floats_follow_ieee_too(fun):
    with np.errstate(all="ignore"):
        assert grad(fun)(0.0) == np.inf


def test_a_tie_in_one_row_does_not_hide_nan_in_another():
    x = np.array([[1.0, 1.0], [np.nan, 2.0]])
    with np.errstate(invalid="ignore"):
        shared = grad(lambda x: np.sum(np.max(x, axis=1)))(x)
    np.testing.assert_array_equal(shared[0], [0.5, 0.5])
    assert np.isnan(shared[1]).any()


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


def test_reading_a_few_of_many_entries_gives_the_same_gradient():
    index = np.array([[3, -1], [3, 0]])
    few, many = (
        grad(lambda R: np.sum(R[index] * np.arange(8.0).reshape(2, 2, 2)))(np.ones((V, 2)))
        for V in (5, 500)
    )
    np.testing.assert_array_equal(few[[0, 3, -1]], many[[0, 3, -1]])
    np.testing.assert_array_equal(few[[0, 3, -1], 0], [6.0, 4.0, 2.0])
    assert np.count_nonzero(many) == np.count_nonzero(few) == 6


def test_the_bar_of_a_sum_takes_no_memory_and_cannot_be_changed():
    bar = RULES[np.sum][0](2.0, None, X)
    assert bar.strides == (0, 0)
    assert not bar.flags.writeable
    np.testing.assert_array_equal(bar, np.full(X.shape, 2.0))


def test_functions_that_read_the_lower_triangle_send_nothing_above():
    for fun in (np.linalg.cholesky, np.linalg.eigvalsh):
        bar = grad(lambda x, f=fun: np.sum(np.sin(f(x))))(POSITIVE)
        assert np.all(bar[np.triu_indices(3, 1)] == 0.0)
        assert np.all(bar[np.tril_indices(3)] != 0.0)


def test_equal_eigenvalues():
    values = grad(lambda x: np.sum(np.linalg.eigh(x)[0] ** 2))(np.eye(3))
    np.testing.assert_allclose(values, 2.0 * np.eye(3), atol=1e-15)
    with np.errstate(divide="ignore", invalid="ignore"):
        vectors = grad(lambda x: np.sum(np.linalg.eigh(x)[1] ** 3 + 2.0))(np.eye(3))
        mixed = grad(lambda x: np.linalg.eigh(x)[1][0, 1])(np.eye(3))
    np.testing.assert_array_equal(vectors, 0.0)  # at an axis a cube is flat
    assert not np.isfinite(mixed).all()


def test_the_determinant_of_a_singular_matrix_has_no_rule():
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        grad(np.linalg.det)(np.ones((2, 2)))


REFUSED = {
    "einsum with lists": (NotImplementedError, "subscripts in a string",
                          lambda x: np.einsum(x, [0, 1])),
    "einsum, too few": (ValueError, "each of its 2 subscripts 'ij,jk', but got 1",
                        lambda x: np.einsum("ij,jk", x)),
    "tensordot": (ValueError, r"different sizes, \[3\] and \[2\]",
                  lambda x: np.tensordot(x, X, axes=1)),
    "tensordot, same product": (ValueError, r"\[2, 3\] and \[3, 2\]",
                                lambda x: np.tensordot(x, X.T, axes=2)),
    "pad": (NotImplementedError, "mode='edge'", lambda x: np.pad(x, 1, mode="edge")),
    "nuclear norm": (NotImplementedError, "ord='nuc'.*matrices.*'fro'",
                     lambda x: np.linalg.norm(x, "nuc")),
    "largest singular value": (NotImplementedError, "ord=2 has no VJP for matrices",
                               lambda x: np.linalg.norm(x, 2)),
    "number of non-zeros": (NotImplementedError, "ord=0.*vectors.*any other power",
                            lambda x: np.linalg.norm(x, 0, axis=1)),
    "norm of three axes": (ValueError, "got 3 axes",
                           lambda x: np.linalg.norm(x[None], axis=(0, 1, 2))),
    "another norm of three axes": (ValueError, "got 3 axes",
                                   lambda x: np.linalg.norm(x[None], 1)),
    "logsumexp of SciPy": (TypeError, "plain array", lambda x: scipy_logsumexp(x)),
    "mean in float32": (NotImplementedError, "dtype=", lambda x: np.mean(x, dtype=float)),
    "clip into": (TypeError, "existing array", lambda x: np.clip(x, 0, 1, out=X.copy())),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_rule_is_refused_in_words(case):
    error, words, fun = REFUSED[case]
    with pytest.raises(error, match=words):
        grad(lambda x: np.sum(fun(x)))(X)


def test_logsumexp_at_infinity():
    x = np.array([-np.inf, 0.0, 0.0])
    np.testing.assert_allclose(grad(special.logsumexp)(x), [0.0, 0.5, 0.5])
    assert special.logsumexp(np.full(3, -np.inf)) == -np.inf
    assert special.logsumexp(np.array([np.inf, 1.0])) == np.inf
    assert special.logsumexp(np.zeros((3, 0)), axis=0).shape == (0,)
    assert np.all(special.logsumexp(np.zeros((3, 0)), axis=1) == -np.inf)
    np.testing.assert_allclose(
        special.logsumexp(CUBE, (0, 2)), scipy_logsumexp(CUBE, (0, 2))
    )


def run_python(code):
    """Run a program in a new process and return what it printed."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_scipy_is_loaded_by_the_first_function_of_its_own():
    seen = run_python(
        "import sys; from coursecore import grad; before = 'scipy' in sys.modules;"
        "from scipy.special import expit, gammaln; slope = grad(expit)(0.0);"
        "print(before, slope, grad(grad(gammaln))(1.0).round(6))"
    )
    assert seen.split() == ["False", "0.25", "1.644934"]


def test_without_scipy_the_refusal_is_the_usual_one():
    seen = run_python(
        "import sys; sys.modules['scipy'] = None\n"
        "import numpy as np; from coursecore import grad\n"
        "try: grad(np.sinc)(1.0)\n"
        "except NotImplementedError as error: print(error)"
    )
    assert seen.startswith("No VJP is registered for numpy.sinc.")


def test_a_rule_may_be_linear_in_a_bar_of_integers():
    y, vjp = make_vjp(lambda x: x * 2.0, np.arange(3.0))
    assert y.shape == (3,)
    np.testing.assert_array_equal(vjp(np.array([1, 0, 2])), [2.0, 0.0, 4.0])
