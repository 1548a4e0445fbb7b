"""Shapes: the rules of functions that move entries about and change none of them.

On this page, in this order:

- reading: getitem (x[index], of every kind), take, take_along_axis, sort, repeat, split,
  diagonal, diag, trace
- joining: concatenate, stack, hstack, vstack
- rearranging: matrix_transpose, tile, pad, reshape, ravel, squeeze, expand_dims,
  transpose, swapaxes, moveaxis, flip, roll, tril, triu, copy, astype

What they share: a bar goes back the way its entry came, and an entry that was read twice
receives two messages. `sort` leaves equal entries in their order.
"""

import operator

import numpy as np

from .protocol import defcomposite, pick
from .trace import defvjp, defvjp_all, primitive, unbox

ONCE = (int, np.integer, slice, type(None), type(Ellipsis))  # these read no entry twice
SPARSE = 30  # entries of x for each entry read, from which np.add.at is the quicker way


# --------------------------------------------------------------------------- reading
@primitive
def scatter(z_bar, x, index):
    """Add the entries of z_bar into zeros like x, where `index` had read them."""
    shape, dtype = np.shape(x), np.result_type(z_bar)
    size = np.size(x)
    if not reads_once(index) and size <= SPARSE * np.size(z_bar):
        places = np.arange(size).reshape(shape)[index]
        total = np.bincount(np.ravel(places), np.ravel(z_bar), size)
        return total.astype(dtype, copy=False).reshape(shape)
    x_bar = np.zeros(shape, dtype)
    if reads_once(index):
        x_bar[index] = z_bar
    else:
        np.add.at(x_bar, index, z_bar)
    return x_bar


@primitive
def scatter_parts(z_bar, x, *index):
    """Scatter by an index whose parts are arguments of their own."""
    return scatter(z_bar, x, index)


def reads_once(index):
    """Tell whether an index can be seen to read no entry twice: numbers, slices, masks."""
    return all(
        isinstance(part, ONCE) or (type(part) is np.ndarray and part.dtype == bool)
        for part in (index if type(index) is tuple else (index,))
    )


def along(axis, part):
    """Return the index that applies `part` to one axis, given as 0, 1, …."""
    return (*(slice(None),) * axis, part)


@defcomposite(np.take)
def take(x, indices, axis=None):
    if axis is None:
        return np.ravel(x)[np.asarray(indices)]
    return x[along(axis % np.ndim(x), np.asarray(indices))]


@defcomposite(np.take_along_axis)
def take_along_axis(x, indices, axis=-1):
    if axis is None:
        return np.ravel(x)[indices]
    index = list(np.ix_(*[np.arange(size) for size in np.shape(x)]))
    index[axis] = indices
    return x[tuple(index)]


@defcomposite(np.sort)
def sort(x, axis=-1):
    return np.take_along_axis(x, np.argsort(x, axis=axis, kind="stable"), axis)


@defcomposite(np.repeat)
def repeat(x, repeats, axis=None):
    if axis is None:
        return np.repeat(np.ravel(x), repeats, 0)
    return np.take(x, np.repeat(np.arange(np.shape(x)[axis]), repeats), axis)


@defcomposite(np.split)
def split(x, indices_or_sections, axis=0):
    axis = axis % np.ndim(x)
    pieces = np.split(np.arange(np.shape(x)[axis]), indices_or_sections)
    return [x[along(axis, slice(p[0], p[-1] + 1) if len(p) else slice(0))] for p in pieces]


@defcomposite(np.diagonal)
def diagonal(x, offset=0, axis1=0, axis2=1):
    x = np.moveaxis(x, (axis1, axis2), (-2, -1))
    return x[(..., *on_diagonal(*np.shape(x)[-2:], offset))]


def on_diagonal(num_rows, num_columns, offset):
    """List the rows and columns of the entries (i, i + offset)."""
    rows = np.arange(max(-offset, 0), max(min(num_rows, num_columns - offset), 0))
    return rows, rows + offset


@defcomposite(np.diag)
def diag(x, k=0):
    if np.ndim(x) != 1:
        return np.diagonal(x, k)
    size = np.size(x) + abs(k)
    return scatter(x, np.zeros((size, size)), on_diagonal(size, size, k))


@defcomposite(np.trace)
def trace(x, offset=0, axis1=0, axis2=1):
    return np.sum(np.diagonal(x, offset, axis1, axis2), axis=-1)


# --------------------------------------------------------------------------- joining
@primitive
def join(axis, *arrays):
    """Concatenate with the arrays as separate arguments, so that each can be traced."""
    return np.concatenate(arrays, axis=axis)


def join_back(z_bar, z, axis, *arrays):
    bars, start = [None], 0
    for array in arrays:
        stop = start + np.shape(array)[axis]
        bars.append(z_bar[along(axis % np.ndim(z), slice(start, stop))])
        start = stop
    return bars


@defcomposite(np.concatenate)
def concatenate(arrays, axis=0):
    if axis is None:
        return join(0, *[np.ravel(array) for array in arrays])
    return join(axis, *arrays)


@defcomposite(np.stack)
def stack(arrays, axis=0):
    return join(axis, *[np.expand_dims(array, axis) for array in arrays])


@defcomposite(np.hstack)
def hstack(arrays):
    arrays = [x if np.ndim(x) else np.reshape(x, 1) for x in arrays]
    return join(0 if np.ndim(arrays[0]) == 1 else 1, *arrays)


@defcomposite(np.vstack)
def vstack(arrays):
    return join(0, *[x if np.ndim(x) > 1 else np.reshape(x, (1, -1)) for x in arrays])


# ----------------------------------------------------------------------- rearranging
@defcomposite(np.matrix_transpose)
def matrix_transpose(x):
    return np.swapaxes(x, -1, -2)


@defcomposite(np.tile)
def tile(x, reps):
    reps = tuple(np.atleast_1d(reps).tolist())
    num_axes = max(np.ndim(x), len(reps))
    sizes = (1,) * (num_axes - np.ndim(x)) + np.shape(x)
    reps = (1,) * (num_axes - len(reps)) + reps
    x = np.reshape(x, [s for size in sizes for s in (1, size)])
    pairs = list(zip(reps, sizes, strict=True))
    x = np.broadcast_to(x, tuple(s for pair in pairs for s in pair))
    return np.reshape(x, [rep * size for rep, size in pairs])


@primitive
def surround(x, widths, values):
    """Pad with constants: `widths` holds a pair (before, after) for each axis."""
    return np.pad(x, widths, constant_values=values)


def surround_back(z_bar, z, x, widths, values):
    starts = [before for before, _ in widths]
    inside = zip(starts, np.shape(x), strict=True)
    return z_bar[tuple(slice(start, start + size) for start, size in inside)]


@defcomposite(np.pad)
def pad(x, pad_width, mode="constant", *, constant_values=0):
    if mode != "constant":
        raise NotImplementedError(
            f"np.pad with mode={mode!r} has no VJP. Use mode='constant', or read the "
            f"entries that you want with an integer index."
        )
    return surround(
        x, np.broadcast_to(pad_width, (np.ndim(x), 2)).tolist(), constant_values
    )


def reshape_back(z_bar, z, x, shape=None, *, axis=None):
    """Undo reshape, squeeze and expand_dims, which all keep the entries' order."""
    return np.reshape(z_bar, np.shape(x))


def transpose_back(z_bar, z, x, axes=None):
    if axes is None:
        return z_bar.T if type(z_bar) is np.ndarray else np.transpose(z_bar)
    return np.transpose(z_bar, np.argsort([axis % np.ndim(x) for axis in axes]))


# fmt: off
# ruff: noqa: E501 - one aligned line a rule
defvjp(operator.getitem, lambda z_bar, z, x, index: scatter(z_bar, unbox(x), index), reads="index")
defvjp_all(pick,         lambda z_bar, z, x, *index: [scatter_parts(z_bar, unbox(x), *index), *[None] * len(index)])
defvjp(scatter,          lambda v_bar, v, z_bar, x, index: v_bar[index])
defvjp_all(scatter_parts, lambda v_bar, v, z_bar, x, *index: [v_bar[index], None, *[None] * len(index)])
defvjp_all(join,         join_back)
defvjp(surround,         surround_back)
defvjp(np.reshape,       reshape_back, reads="")
defvjp(np.ravel,         lambda z_bar, z, x: np.reshape(z_bar, np.shape(x)), reads="")
defvjp(np.squeeze,       reshape_back, reads="")
defvjp(np.expand_dims,   reshape_back, reads="")
defvjp(np.transpose,     transpose_back, reads="")
defvjp(np.swapaxes,      lambda z_bar, z, x, axis1, axis2: np.swapaxes(z_bar, axis1, axis2), reads="")
defvjp(np.moveaxis,      lambda z_bar, z, x, source, destination: np.moveaxis(z_bar, destination, source), reads="")
defvjp(np.flip,          lambda z_bar, z, x, axis=None: np.flip(z_bar, axis), reads="")
defvjp(np.roll,          lambda z_bar, z, x, shift, axis=None: np.roll(z_bar, np.negative(shift), axis), reads="")
defvjp(np.tril,          lambda z_bar, z, x, k=0: np.tril(z_bar, k), reads="")
defvjp(np.triu,          lambda z_bar, z, x, k=0: np.triu(z_bar, k), reads="")
defvjp(np.copy,          lambda z_bar, z, x: z_bar, reads="")
defvjp(np.astype,        lambda z_bar, z, x, dtype: z_bar.astype(np.result_type(unbox(x))))
# fmt: on
