"""Rules: the derivative of each NumPy function, one aligned line each.

Every rule is a vector-Jacobian product. For z = f(x, y) it takes `z_bar`, the
derivative of the final output with respect to z, and returns `x_bar`, the same for
x. The Jacobian itself is never built. Rules are written in NumPy, so they can be
traced in turn: that is all it takes for second derivatives to work.

On this page, in this order:

- arithmetic: add, subtract, multiply, divide, power, remainder, negative, positive
- functions of one number: absolute, fabs, reciprocal, square, sqrt, cbrt, exp, exp2,
  expm1, log, log2, log10, log1p, sin, cos, tan, arcsin, arccos, arctan, sinh, cosh, tanh,
  arcsinh, arccosh, arctanh
- functions of two numbers: arctan2, hypot, logaddexp, maximum, minimum, fmax, fmin,
  where, clip
- reductions: sum, mean, var, std, prod, max, min, amax, amin; cumsum; broadcast_to,
  full_like
- the matrix product: matmul
- what is constant almost everywhere: comparisons, sign, floor, argmax and the like

`shapes` has the functions that move entries about, `linalg` linear algebra, `special`
those of SciPy.

Conventions at points where no derivative exists: entries that tie in `max`, `min`,
`maximum`, `minimum` or `clip` share the bar equally; `abs` and `sign` pass 0 at 0. At a
pole (sqrt'(0), log'(0)) and at 0/0 (hypot and arctan2 at the origin, std of equal
entries) a rule says what IEEE arithmetic says, inf or nan, never a quiet 0.
"""

import math

import numpy as np

from . import linalg, shapes, special  # noqa: F401 - importing them registers their rules
from .protocol import COMPOSITE, defcomposite
from .trace import Box, defconstant, defvjp, unbox

LOG_2, LOG_10 = math.log(2), math.log(10)  # Python floats keep float32 as it is


# ---------------------------------------------------------------------- broadcasting
def unbroadcast(x_bar, x):
    """Sum `x_bar` over the axes along which `x` was repeated, back to the shape of x.

    A number that was added to N entries receives N messages; they are summed.
    """
    if type(x_bar) is float:
        return x_bar
    shape = x.shape if type(x) is np.ndarray else np.shape(x)
    if x_bar.shape == shape:
        return x_bar
    extra = x_bar.ndim - len(shape)
    repeated = tuple(range(extra))
    if x_bar.shape[extra:] != shape:
        repeated += tuple(extra + i for i, size in enumerate(shape) if size == 1)
    sum_over = np.add.reduce if type(x_bar) is np.ndarray else np.sum
    x_bar = sum_over(x_bar, axis=repeated)  # what np.sum calls in the end
    return x_bar if x_bar.shape == shape else np.reshape(x_bar, shape)


def spread(z_bar, x, axis, keepdims):
    """Repeat the bar of a reduction over the axes that were reduced away.

    The result is a view in which all repetitions are one place in memory.
    """
    if axis is None and type(z_bar) is not Box:
        shape = np.shape(x)
        if shape == ():
            return z_bar
        z_bar = np.asarray(z_bar)
        view = np.ndarray(shape, z_bar.dtype, z_bar, strides=(0,) * len(shape))
        view.setflags(write=False)
        return view
    if axis is not None and not keepdims:
        z_bar = np.expand_dims(z_bar, axis)
    return np.broadcast_to(z_bar, np.shape(x))


def axes_of(x, axis):
    """List the axes that a reduction does away with."""
    if axis is None:
        return tuple(range(np.ndim(x)))
    return axis if isinstance(axis, tuple) else (axis,)


def count(x, axis):
    """Count the entries of x that a reduction makes one of."""
    if axis is None:
        return np.size(x)
    return math.prod(np.shape(x)[each] for each in axes_of(x, axis))


# --------------------------------------------------------------- functions with kinks
def choose(z_bar, loses, ties):
    """Pass the bar where this argument wins, half of it where the two tie.

    NaN neither loses nor ties, so that it passes the bar on and is seen.
    """
    if np.any(ties):
        z_bar = np.where(ties, z_bar / 2, z_bar)
    return z_bar * np.logical_not(loses)


def share(z_bar, z, x, axis=None, *, keepdims=False):
    """Hand the bar of max or min to the entries that attain it, in equal shares."""
    if axis is not None and not keepdims:
        z_bar, z = np.expand_dims(z_bar, axis), np.expand_dims(z, axis)
    winners = np.equal(x, z)
    if np.count_nonzero(winners) == np.size(z) and np.all(z == z):
        return z_bar * winners  # no ties and no nan
    winners = winners.astype(z.dtype)
    return z_bar * (winners / np.sum(winners, axis, keepdims=True))


def power_back(z_bar, z, x, y):
    """Return the bar of the base; x**0 is constant, even at x = 0."""
    if type(y) not in (int, float):
        return unbroadcast(z_bar * y * x ** np.where(y == 0, y, y - 1), x)
    if y == 2:
        return z_bar * (2 * x)
    if y != 0 and y < 1:  # a pole at 0, where Python's own power would raise an error
        return z_bar * (y * np.power(x, y - 1))
    return z_bar * (y * x ** (y - 1 if y else y))


def log_of_base(x, z):
    """Return log x in the precision of z = x**y, and 0 where x is 0."""
    return np.log(np.where(x == 0, 1.0, x * np.ones_like(z)))


# ------------------------------------------------------------------------- reductions
def prod_back(z_bar, z, x, axis=None, *, keepdims=False):
    """Return z_bar times the product of all the other entries, zeros or not.

    Where z / x is 0/0, that product is formed anew: each row of reduced entries is
    repeated, with a 1 in place of one entry after the other.
    """
    if np.all(x != 0):
        return spread(z_bar * z, x, axis, keepdims) / x
    axes = axes_of(x, axis)
    last = range(-len(axes), 0)
    rows = np.moveaxis(x, axes, last)
    shape = np.shape(rows)
    rows = np.reshape(rows, (*shape[: len(shape) - len(axes)], 1, count(x, axis)))
    others = np.prod(np.where(np.eye(count(x, axis)) == 1, 1.0, rows), axis=-1)
    others = np.moveaxis(np.reshape(others, shape), last, axes)
    return spread(z_bar, x, axis, keepdims) * others


def var_back(z_bar, z, x, axis=None, *, ddof=0, keepdims=False):
    deviation = x - np.mean(x, axis=axis, keepdims=True)
    slope = np.divide(2 * z_bar, count(x, axis) - ddof)
    return spread(slope, x, axis, keepdims) * deviation


def std_back(z_bar, z, x, axis=None, *, ddof=0, keepdims=False):
    return var_back(z_bar / (2 * z), z, x, axis, ddof=ddof, keepdims=keepdims)


def cumsum_back(z_bar, z, x, axis=None):
    """Add up from the end: entry i is part of the sums i, i + 1, …."""
    along = 0 if axis is None else axis
    sums = np.flip(np.cumsum(np.flip(z_bar, along), along), along)
    return np.reshape(sums, np.shape(x))


# --------------------------------------------------------------------- matrix product
def transposed(x):
    """Transpose each matrix of a stack."""
    return np.swapaxes(x, -1, -2)


def are_matrices(z_bar, x, y):
    """Say whether all are plain matrices: no boxes, no vectors, no stacks."""
    plain = type(x) is type(y) is type(z_bar) is np.ndarray
    return plain and x.ndim == y.ndim == z_bar.ndim == 2


def matmul_left(z_bar, z, x, y):
    """Return x_bar for z = x @ y: z_bar yᵀ, for vectors, matrices and batches alike."""
    if are_matrices(z_bar, x, y):
        return z_bar @ y.T
    if np.ndim(y) == 1:
        return unbroadcast(np.expand_dims(z_bar, -1) * y, x)
    if np.ndim(x) == 1:
        return unbroadcast(np.sum(y * np.expand_dims(z_bar, -2), axis=-1), x)
    return unbroadcast(z_bar @ transposed(y), x)


def matmul_right(z_bar, z, x, y):
    """Return y_bar for z = x @ y: xᵀ z_bar, for vectors, matrices and batches alike."""
    if are_matrices(z_bar, x, y):  # y_bar is laid out as y is: y may be some Wᵀ
        return x.T @ z_bar if y.flags.c_contiguous else (z_bar.T @ x).T
    if np.ndim(y) == 1:
        if np.ndim(x) == 2:
            return transposed(x) @ z_bar
        return unbroadcast(x * np.expand_dims(z_bar, -1), y)
    if np.ndim(x) == 1:
        return unbroadcast(np.expand_dims(x, -1) * np.expand_dims(z_bar, -2), y)
    if np.ndim(x) == np.ndim(y) == 2 and not unbox(y).flags.c_contiguous:
        return transposed(transposed(z_bar) @ x)
    return unbroadcast(transposed(x) @ z_bar, y)


# fmt: off
# ------------------------------------------------------------------ arithmetic
defvjp(np.add,        lambda z_bar, z, x, y: unbroadcast(z_bar, x),
                      lambda z_bar, z, x, y: unbroadcast(z_bar, y), reads="")
defvjp(np.subtract,   lambda z_bar, z, x, y: unbroadcast(z_bar, x),
                      lambda z_bar, z, x, y: -unbroadcast(z_bar, y), reads="")
defvjp(np.multiply,   lambda z_bar, z, x, y: unbroadcast(z_bar * y, x),
                      lambda z_bar, z, x, y: unbroadcast(z_bar * x, y), reads="x y")
defvjp(np.divide,     lambda z_bar, z, x, y: unbroadcast(z_bar / y, x),
                      lambda z_bar, z, x, y: unbroadcast(-z_bar * z / y, y), reads="y z")
defvjp(np.power,      power_back,
                      lambda z_bar, z, x, y: unbroadcast(z_bar * z * log_of_base(x, z), y))
defvjp(np.remainder,  lambda z_bar, z, x, y: unbroadcast(z_bar, x),
                      lambda z_bar, z, x, y: unbroadcast(-z_bar * np.floor(x / y), y), reads="x y")
defvjp(np.negative,   lambda z_bar, z, x: -z_bar, reads="")
defvjp(np.positive,   lambda z_bar, z, x: z_bar, reads="")

# ----------------------------------------------------- functions of one number
defvjp(np.absolute,   lambda z_bar, z, x: z_bar * np.sign(x), reads="x")
defvjp(np.fabs,       lambda z_bar, z, x: z_bar * np.sign(x), reads="x")
defvjp(np.reciprocal, lambda z_bar, z, x: -z_bar * z * z, reads="z")
defvjp(np.square,     lambda z_bar, z, x: z_bar * (2 * x), reads="x")
defvjp(np.sqrt,       lambda z_bar, z, x: z_bar / (2 * z), reads="z")
defvjp(np.cbrt,       lambda z_bar, z, x: z_bar / (3 * z * z), reads="z")
defvjp(np.exp,        lambda z_bar, z, x: z_bar * z, reads="z")
defvjp(np.exp2,       lambda z_bar, z, x: z_bar * z * LOG_2, reads="z")
defvjp(np.expm1,      lambda z_bar, z, x: z_bar * (z + 1), reads="z")
defvjp(np.log,        lambda z_bar, z, x: np.divide(z_bar, x), reads="x")
defvjp(np.log2,       lambda z_bar, z, x: np.divide(z_bar, x * LOG_2), reads="x")
defvjp(np.log10,      lambda z_bar, z, x: np.divide(z_bar, x * LOG_10), reads="x")
defvjp(np.log1p,      lambda z_bar, z, x: np.divide(z_bar, 1 + x), reads="x")
defvjp(np.sin,        lambda z_bar, z, x: z_bar * np.cos(x), reads="x")
defvjp(np.cos,        lambda z_bar, z, x: -z_bar * np.sin(x), reads="x")
defvjp(np.tan,        lambda z_bar, z, x: z_bar * (1 + z * z), reads="z")
defvjp(np.arcsin,     lambda z_bar, z, x: z_bar / np.sqrt(1 - x * x), reads="x")
defvjp(np.arccos,     lambda z_bar, z, x: -z_bar / np.sqrt(1 - x * x), reads="x")
defvjp(np.arctan,     lambda z_bar, z, x: z_bar / (1 + x * x), reads="x")
defvjp(np.sinh,       lambda z_bar, z, x: z_bar * np.cosh(x), reads="x")
defvjp(np.cosh,       lambda z_bar, z, x: z_bar * np.sinh(x), reads="x")
defvjp(np.tanh,       lambda z_bar, z, x: z_bar * (1 - z * z), reads="z")
defvjp(np.arcsinh,    lambda z_bar, z, x: z_bar / np.sqrt(x * x + 1), reads="x")
defvjp(np.arccosh,    lambda z_bar, z, x: z_bar / np.sqrt(x * x - 1), reads="x")
defvjp(np.arctanh,    lambda z_bar, z, x: np.divide(z_bar, 1 - x * x), reads="x")

# ---------------------------------------------------- functions of two numbers
defvjp(np.arctan2,    lambda z_bar, z, x, y: unbroadcast(np.divide(z_bar * y, x * x + y * y), x),
                      lambda z_bar, z, x, y: unbroadcast(np.divide(-z_bar * x, x * x + y * y), y), reads="x y")
defvjp(np.hypot,      lambda z_bar, z, x, y: unbroadcast(z_bar * x / z, x),
                      lambda z_bar, z, x, y: unbroadcast(z_bar * y / z, y))
defvjp(np.logaddexp,  lambda z_bar, z, x, y: unbroadcast(z_bar * np.exp(x - z), x),
                      lambda z_bar, z, x, y: unbroadcast(z_bar * np.exp(y - z), y))
defvjp(np.maximum,    lambda z_bar, z, x, y: unbroadcast(choose(z_bar, x < y, x == y), x),
                      lambda z_bar, z, x, y: unbroadcast(choose(z_bar, y < x, x == y), y), reads="x y")
defvjp(np.minimum,    lambda z_bar, z, x, y: unbroadcast(choose(z_bar, x > y, x == y), x),
                      lambda z_bar, z, x, y: unbroadcast(choose(z_bar, y > x, x == y), y), reads="x y")
defvjp(np.fmax,       lambda z_bar, z, x, y: unbroadcast(choose(z_bar, (x < y) | np.isnan(x), x == y), x),
                      lambda z_bar, z, x, y: unbroadcast(choose(z_bar, (y < x) | np.isnan(y), x == y), y), reads="x y")
defvjp(np.fmin,       lambda z_bar, z, x, y: unbroadcast(choose(z_bar, (x > y) | np.isnan(x), x == y), x),
                      lambda z_bar, z, x, y: unbroadcast(choose(z_bar, (y > x) | np.isnan(y), x == y), y), reads="x y")
defvjp(np.where,      None,
                      lambda z_bar, z, c, x, y: unbroadcast(z_bar * np.not_equal(c, 0), x),
                      lambda z_bar, z, c, x, y: unbroadcast(z_bar * np.logical_not(c), y), reads="c")

# ------------------------------- reductions, their opposite, the matrix product
defvjp(np.sum,        lambda z_bar, z, x, axis=None, *, keepdims=False: spread(z_bar, x, axis, keepdims), reads="")
defvjp(np.mean,       lambda z_bar, z, x, axis=None, *, keepdims=False: spread(z_bar / (count(x, axis) or math.nan), x, axis, keepdims), reads="")
defvjp(np.var,        var_back)
defvjp(np.std,        std_back)
defvjp(np.prod,       prod_back)
defvjp(np.max,        share)
defvjp(np.min,        share)
defvjp(np.cumsum,     cumsum_back, reads="")
defvjp(np.broadcast_to, lambda z_bar, z, x, shape: unbroadcast(z_bar, x), reads="")
defvjp(np.matmul,     matmul_left,
                      matmul_right, reads="x y")

# ----------------------------------------------------- constant almost everywhere
defconstant(np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.floor_divide,
            np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
            np.isnan, np.isinf, np.isfinite, np.isclose, np.allclose, np.array_equal,
            np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.signbit,
            np.argmax, np.argmin, np.argsort, np.any, np.all, np.count_nonzero, np.nonzero,
            np.isin, np.zeros_like, np.ones_like)
# fmt: on


# ----------------------------------------------- functions written in those above
@defcomposite(np.clip)
def clip(x, a_min=None, a_max=None, *, min=None, max=None):
    for bound in (a_min, min):
        x = x if bound is None else np.maximum(x, bound)
    for bound in (a_max, max):
        x = x if bound is None else np.minimum(x, bound)
    return x


@defcomposite(np.full_like)
def full_like(x, fill_value):
    return np.broadcast_to(fill_value, np.shape(x)) + np.zeros_like(x)


COMPOSITE[np.amax], COMPOSITE[np.amin] = np.max, np.min
