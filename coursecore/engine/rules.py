"""Rules: the derivative of each NumPy function, one aligned line each.

Every rule is a vector-Jacobian product. For z = f(x, y) it takes `z_bar`, the
derivative of the final output with respect to z, and returns `x_bar`, the same for
x. The Jacobian itself is never built. Rules are written in NumPy, so they can be
traced in turn: that is all it takes for second derivatives to work.

Conventions at points where no derivative exists: entries that tie in `max`, `min`,
`maximum` or `minimum` share the bar equally; `abs` and `sign` pass 0 at 0. At a pole
(sqrt'(0), log'(0)) a rule says what IEEE arithmetic says, inf or nan, never a quiet 0.
"""

import operator

import numpy as np

from .trace import defcomposite, defconstant, defvjp, defvjp_each, primitive, unbox


def unbroadcast(x_bar, x):
    """Sum `x_bar` over the axes along which `x` was repeated, back to the shape of x.

    A number that was added to N entries receives N messages; they are summed.
    """
    shape = np.shape(x)
    if np.shape(x_bar) == shape:
        return x_bar
    extra = np.ndim(x_bar) - len(shape)
    repeated = tuple(range(extra)) + tuple(
        extra + axis for axis, size in enumerate(shape) if size == 1
    )
    return np.reshape(np.sum(x_bar, axis=repeated), shape)


def spread(z_bar, x, axis, keepdims):
    """Repeat the bar of a reduction over the axes that were reduced away."""
    if axis is not None and not keepdims:
        z_bar = np.expand_dims(z_bar, axis)
    return np.broadcast_to(z_bar, np.shape(x))


def share(z_bar, z, x, axis=None, *, keepdims=False):
    """Hand the bar of max or min to the entries that attain it, in equal shares."""
    winners = np.ones_like(x) * (x == spread(z, x, axis, keepdims))
    count = np.sum(winners, axis=axis, keepdims=True)
    return spread(z_bar, x, axis, keepdims) * winners / count


def choose(z_bar, loses, ties):
    """Pass the bar where this argument wins, half of it where the two tie.

    NaN neither loses nor ties, so that it passes the bar on and is seen.
    """
    return np.where(loses, 0.0, np.where(ties, z_bar / 2, z_bar))


def one_less(y):
    """Subtract 1 from an exponent, but leave 0 alone: x**0 is constant, even at x = 0."""
    return np.where(y == 0, y, y - 1) if np.ndim(y) else (y - 1 if y else y)


def matmul_left(z_bar, z, x, y):
    """Return x_bar for z = x @ y: z_bar yᵀ, for vectors, matrices and batches alike."""
    if np.ndim(y) == 1:
        return unbroadcast(np.expand_dims(z_bar, -1) * y, x)
    if np.ndim(x) == 1:
        return unbroadcast(np.sum(y * np.expand_dims(z_bar, -2), axis=-1), x)
    return unbroadcast(z_bar @ np.swapaxes(y, -1, -2), x)


def matmul_right(z_bar, z, x, y):
    """Return y_bar for z = x @ y: xᵀ z_bar, for vectors, matrices and batches alike."""
    if np.ndim(x) == 1:
        z_bar = z_bar if np.ndim(y) == 1 else np.expand_dims(z_bar, -2)
        return unbroadcast((x if np.ndim(y) == 1 else np.expand_dims(x, -1)) * z_bar, y)
    if np.ndim(y) == 1:
        return unbroadcast(x * np.expand_dims(z_bar, -1), y)
    return unbroadcast(np.swapaxes(x, -1, -2) @ z_bar, y)


@primitive
def scatter(z_bar, x, index):
    """Add the entries of z_bar into zeros like x, where `index` had read them.

    An entry that was read twice receives two messages, hence `np.add.at`.
    """
    x_bar = np.zeros(np.shape(x), np.result_type(z_bar))
    np.add.at(x_bar, index, z_bar)
    return x_bar


@primitive
def join(axis, *arrays):
    """Concatenate with the arrays as separate arguments, so that each can be traced."""
    return np.concatenate(arrays, axis=axis)


def join_vjp(argnum):
    def vjp(z_bar, z, axis, *arrays):
        start = sum(np.shape(array)[axis] for array in arrays[: argnum - 1])
        stop = start + np.shape(arrays[argnum - 1])[axis]
        return z_bar[(slice(None),) * (axis % np.ndim(z)) + (slice(start, stop),)]

    return vjp


def reshape_back(z_bar, z, x, shape=None, *, axis=None):
    """Undo reshape, squeeze and expand_dims, which all keep the entries' order."""
    return np.reshape(z_bar, np.shape(x))


def transpose_back(z_bar, z, x, axes=None):
    if axes is None:
        return np.transpose(z_bar)
    return np.transpose(z_bar, np.argsort([axis % np.ndim(x) for axis in axes]))


# fmt: off
# ------------------------------------------------------------------ arithmetic
defvjp(np.add,       lambda z_bar, z, x, y: unbroadcast(z_bar, x),
                     lambda z_bar, z, x, y: unbroadcast(z_bar, y))
defvjp(np.subtract,  lambda z_bar, z, x, y: unbroadcast(z_bar, x),
                     lambda z_bar, z, x, y: unbroadcast(-z_bar, y))
defvjp(np.multiply,  lambda z_bar, z, x, y: unbroadcast(z_bar * y, x),
                     lambda z_bar, z, x, y: unbroadcast(z_bar * x, y))
defvjp(np.divide,    lambda z_bar, z, x, y: unbroadcast(z_bar / y, x),
                     lambda z_bar, z, x, y: unbroadcast(-z_bar * z / y, y))
defvjp(np.power,     lambda z_bar, z, x, y: unbroadcast(z_bar * y * x ** one_less(y), x),
                     lambda z_bar, z, x, y: unbroadcast(z_bar * z * np.log(np.where(x == 0, 1.0, x)), y))
defvjp(np.remainder, lambda z_bar, z, x, y: unbroadcast(z_bar, x),
                     lambda z_bar, z, x, y: unbroadcast(-z_bar * np.floor(x / y), y))

# ----------------------------------------------------- functions of one number
defvjp(np.negative,  lambda z_bar, z, x: -z_bar)
defvjp(np.positive,  lambda z_bar, z, x: z_bar)
defvjp(np.absolute,  lambda z_bar, z, x: z_bar * np.sign(x))
defvjp(np.exp,       lambda z_bar, z, x: z_bar * z)
defvjp(np.expm1,     lambda z_bar, z, x: z_bar * (z + 1))
defvjp(np.log,       lambda z_bar, z, x: np.divide(z_bar, x))
defvjp(np.log1p,     lambda z_bar, z, x: np.divide(z_bar, 1 + x))
defvjp(np.sqrt,      lambda z_bar, z, x: z_bar / (2 * z))
defvjp(np.square,    lambda z_bar, z, x: z_bar * 2 * x)
defvjp(np.sin,       lambda z_bar, z, x: z_bar * np.cos(x))
defvjp(np.cos,       lambda z_bar, z, x: -z_bar * np.sin(x))
defvjp(np.tanh,      lambda z_bar, z, x: z_bar * (1 - z**2))

# ------------------------------------------------- functions of two, and kinks
defvjp(np.logaddexp, lambda z_bar, z, x, y: unbroadcast(z_bar * np.exp(x - z), x),
                     lambda z_bar, z, x, y: unbroadcast(z_bar * np.exp(y - z), y))
defvjp(np.maximum,   lambda z_bar, z, x, y: unbroadcast(choose(z_bar, x < y, x == y), x),
                     lambda z_bar, z, x, y: unbroadcast(choose(z_bar, y < x, x == y), y))
defvjp(np.minimum,   lambda z_bar, z, x, y: unbroadcast(choose(z_bar, x > y, x == y), x),
                     lambda z_bar, z, x, y: unbroadcast(choose(z_bar, y > x, x == y), y))
defvjp(np.where,     None,
                     lambda z_bar, z, c, x, y: unbroadcast(np.where(c, z_bar, 0.0), x),
                     lambda z_bar, z, c, x, y: unbroadcast(np.where(c, 0.0, z_bar), y))

# ------------------------------------------------------ reductions and products
defvjp(np.sum,       lambda z_bar, z, x, axis=None, *, keepdims=False: spread(z_bar, x, axis, keepdims))
defvjp(np.max,       share)
defvjp(np.min,       share)
defvjp(np.matmul,    matmul_left,
                     matmul_right)

# ------------------------------------------------------------------ rearranging
defvjp(np.reshape,      reshape_back)
defvjp(np.ravel,        lambda z_bar, z, x: np.reshape(z_bar, np.shape(x)))
defvjp(np.squeeze,      reshape_back)
defvjp(np.expand_dims,  reshape_back)
defvjp(np.broadcast_to, lambda z_bar, z, x, shape: unbroadcast(z_bar, x))
defvjp(np.transpose,    transpose_back)
defvjp(np.swapaxes,     lambda z_bar, z, x, axis1, axis2: np.swapaxes(z_bar, axis1, axis2))
defvjp(np.astype,       lambda z_bar, z, x, dtype: z_bar.astype(np.result_type(unbox(x))))
defvjp(operator.getitem, lambda z_bar, z, x, index: scatter(z_bar, unbox(x), index))
defvjp(scatter,         lambda v_bar, v, z_bar, x, index: v_bar[index])
defvjp_each(join,       join_vjp)

# ----------------------------------------------------- constant almost everywhere
defconstant(np.sign, np.floor, np.ceil, np.rint, np.round, np.floor_divide,
            np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
            np.isnan, np.isinf, np.isfinite, np.logical_and, np.logical_or, np.logical_not,
            np.argmax, np.argmin, np.argsort, np.any, np.all, np.count_nonzero,
            np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.full_like)
# fmt: on


# ----------------------------------------------- functions written in those above
@defcomposite(np.mean)
def mean(x, axis=None, *, keepdims=False):
    total = np.sum(x, axis=axis, keepdims=keepdims)
    return total / (np.size(x) // max(np.size(total), 1))


@defcomposite(np.var)
def var(x, axis=None, *, keepdims=False):
    return mean((x - mean(x, axis, keepdims=True)) ** 2, axis, keepdims=keepdims)


@defcomposite(np.std)
def std(x, axis=None, *, keepdims=False):
    return np.sqrt(var(x, axis, keepdims=keepdims))


@defcomposite(np.dot)
def dot(x, y):
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return x * y
    if np.ndim(x) > 2 or np.ndim(y) > 2:
        raise NotImplementedError(
            f"np.dot of shapes {np.shape(x)} and {np.shape(y)} cannot be traced. "
            f"Use np.matmul, which multiplies stacks of matrices."
        )
    return np.matmul(x, y)


@defcomposite(np.outer)
def outer(x, y):
    return np.expand_dims(np.ravel(x), 1) * np.ravel(y)


@defcomposite(np.concatenate)
def concatenate(arrays, axis=0):
    if axis is None:
        return join(0, *[np.ravel(array) for array in arrays])
    return join(axis, *arrays)


@defcomposite(np.stack)
def stack(arrays, axis=0):
    return concatenate([np.expand_dims(array, axis) for array in arrays], axis)
