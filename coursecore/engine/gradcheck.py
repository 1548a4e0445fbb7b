"""Gradient checking: is the gradient that the program computes the one it should?

A derivative is a limit of difference quotients, so any gradient, whether written by
hand or by `autodiff`, can be compared with differences of the function itself. We
take them on both sides, (f(x + h) - f(x - h)) / 2h with h = 1e-5 in float64, and
compare by relative error. Lecture 6 measures why.

When a gradient is wrong, `diagnose` tries the mistakes that people make (a sign, a
transpose, a factor N) and says which of them would give what came.
"""

import numpy as np

from . import tree
from .autodiff import grad

STEP = 1e-5
TOLERANCE = 1e-6
FULL_CHECK = 2_000  # entries of a tree up to which every single one is compared
SMALL_LEAF = 100  # entries of a leaf of a larger tree, likewise


def numerical_grad(fun, x, h=STEP):
    """Estimate the gradient of a scalar function by two-sided differences.

    x is a float64 array or a tree of them; it is not changed. Costs two calls of
    `fun` for each entry. The error is about h² f'''/6 from the missing terms of the
    Taylor series plus 1e-16 |f| / h from rounding.

    >>> numerical_grad(lambda x: x**2, 3.0).round(6)
    np.float64(6.0)
    """
    leaves = _float64_copies(x)
    return tree.unflatten(x, [_slopes(fun, x, leaves, leaf, h)[()] for leaf in leaves])


def relative_error(a, b, floor=1e-8):
    """Return the largest |a - b| / (|a| + |b|) over all entries.

    0/0 counts as agreement: the denominator is at least `floor`. NaN never agrees with
    anything, not even with NaN: the error is then inf.

    Raises ValueError if the shapes differ: broadcasting would hide a missing sum.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(
            f"relative_error compares arrays of one shape, but got {a.shape} and {b.shape}."
        )
    return float(np.max(_relative_errors(a, b, floor), initial=0.0))


def _relative_errors(a, b, floor=1e-8):
    with np.errstate(invalid="ignore"):
        error = np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), floor)
    return np.where(np.isnan(error), np.inf, error)


def check_grad(fun, x, grads=None, tolerance=TOLERANCE, h=STEP, rng=None):
    """Compare a gradient of fun at x with two-sided differences; return entries checked.

    `grads` is the gradient in question, a tree like x; without it, `grad(fun)(x)`.
    Up to 2,000 entries each one is compared. In larger trees that holds for leaves of up
    to 100 entries; the others are compared along a random direction each, and a failure
    is pinned to an entry by bisection.

    Raises AssertionError naming the leaf, the entry and, where one fits, the mistake.
    """
    if grads is None:
        grads = grad(fun)(x)
    rng = np.random.default_rng(0) if rng is None else rng
    leaves, names = _float64_copies(x), tree.paths(x)
    given = _checked_shapes(grads, leaves, names)
    size = sum(leaf.size for leaf in leaves)
    for leaf, name, g in zip(leaves, names, given, strict=True):
        if size <= FULL_CHECK or leaf.size <= SMALL_LEAF:
            _compare(name, g, _slopes(fun, x, leaves, leaf, h), tolerance)
        else:
            _compare_along_directions(fun, x, leaves, leaf, name, g, tolerance, h, rng)
    return size


def diagnose(yours, expected, sizes=None, hints=None):
    """Name the mistake that turns the expected array into yours; "" if none fits.

    `hints` maps a sentence to the array that this particular mistake would give, and
    is tried first. `sizes` maps names to numbers, such as {"N": 5}, that a wrong
    factor may be made of.
    """
    yours, expected = np.asarray(yours, dtype=float), np.asarray(expected, dtype=float)
    if _same(yours, expected):
        return ""
    for sentence, array in (hints or {}).items():
        if array is not None and _same(yours, array) and not _same(expected, array):
            return sentence
    if yours.shape != expected.shape:
        return _diagnose_shape(yours, expected)
    if not np.isfinite(yours).all():
        return f"Yours holds NaN or infinity, first at {_place(~np.isfinite(yours))}."
    if not yours.any() and not yours.ndim:
        return "Yours is zero."
    if not yours.any():
        return "Yours is zero everywhere. Did you return the array before filling it?"
    if _same(yours, -expected):
        return "Every entry has the wrong sign."
    if yours.ndim == 2 and _same(yours, expected.T):
        return "Yours is the transpose of what is asked."
    return (
        _diagnose_rounding(yours, expected)
        or _diagnose_factor(yours, expected, sizes or {})
        or _diagnose_order(yours, expected)
        or _diagnose_entries(yours, expected)
    )


def _diagnose_shape(yours, expected):
    if yours.ndim == 2 and _same(yours.T, expected):
        return "Yours is the transpose of what is asked."
    if yours.size == expected.size and _same(yours.reshape(expected.shape), expected):
        return "The values are right; only the shape differs. Use reshape."
    if yours.ndim == expected.ndim + 1 and _same(yours.sum(axis=0), expected):
        return "Summed over its first axis yours is right. Did you forget the batch sum?"
    return ""


def _diagnose_rounding(yours, expected):
    if _same(yours, np.trunc(expected)):
        return "Yours is cut off to integers. Write into an array of floats."
    for decimals in range(2, 6):
        if _same(yours, np.round(expected, decimals)):
            return f"Yours is rounded to {decimals} decimals. Return it as it is."
    return ""


def _diagnose_factor(yours, expected, sizes):
    used = np.abs(expected) > 1e-9 * np.max(np.abs(expected), initial=0.0)
    if not used.any():
        return ""
    factor = float(np.median(yours[used] / expected[used]))
    if not _same(yours, factor * expected) or abs(factor) < 1e-12:
        return ""
    named = {name: float(size) for name, size in sizes.items()} | {"2": 2.0}
    for name, size in named.items():
        if size != 1 and np.isclose(abs(factor), size):
            sign = "" if factor > 0 else ", and of the wrong sign"
            reason = " Sum instead of mean?" if name == "N" else ""
            return f"Every entry is {name} times too large{sign}.{reason}"
        if size != 1 and np.isclose(abs(factor), 1 / size):
            sign = "" if factor > 0 else ", and of the wrong sign"
            reason = " Divided by N once too often?" if name == "N" else ""
            return f"Every entry is {name} times too small{sign}.{reason}"
    # Any wrong number is some multiple of the right one: of one entry it says nothing.
    if yours.size < 2 or abs(factor - 1) < 1e-3:
        return ""
    return f"Every entry is {factor:.4g} times what is asked."


def _diagnose_order(yours, expected):
    if yours.ndim == 0 or yours.size < 2:
        return ""
    if _same(yours - expected, np.full(yours.shape, (yours - expected).flat[0])):
        return f"Every entry is off by {(yours - expected).flat[0]:.4g}."
    if _same(np.sort(yours, axis=None), np.sort(expected, axis=None)):
        return "The values are right, but in another order."
    return ""


def _diagnose_entries(yours, expected):
    wrong = ~np.isclose(yours, expected, rtol=1e-6, atol=1e-9)
    if 1 < wrong.sum() < wrong.size and not yours[wrong].any():
        return (
            f"{wrong.sum()} of {wrong.size} entries are still zero, first at "
            f"{_place(wrong)}. Is the return inside the loop?"
        )
    if 0 < wrong.sum() <= wrong.size / 2:
        return f"{wrong.sum()} of {wrong.size} entries are wrong, first at {_place(wrong)}."
    return ""


def _compare(name, yours, expected, tolerance):
    errors = _relative_errors(yours, expected)
    if np.max(errors, initial=0.0) <= tolerance:
        return
    worst = np.unravel_index(np.argmax(errors), errors.shape)
    raise AssertionError(
        f"The gradient disagrees with finite differences at {_entry(name, worst)}:\n"
        f"  yours      {yours[worst]:.6g}\n"
        f"  numerical  {expected[worst]:.6g}\n"
        f"  {diagnose(yours, expected)}".rstrip()
    )


def _compare_along_directions(fun, x, leaves, leaf, name, g, tolerance, h, rng):
    """Compare slopes along a random direction; on a failure bisect to one entry.

    No entry of the direction is near 0, and no two are equal in size: errors that sum to
    zero, as those of a softmax do, would cancel along a direction of ±1.
    """
    if not np.isfinite(g).all():
        place = tuple(np.argwhere(~np.isfinite(g))[0])
        raise AssertionError(f"The gradient is NaN or infinite at {_entry(name, place)}.")
    direction = rng.choice([-1.0, 1.0], leaf.shape) * rng.uniform(0.5, 1.5, leaf.shape)
    typical = np.linalg.norm(g)  # the size of g·v to expect of such a direction v
    value = abs(fun(x))

    def disagree(part):
        v = direction.reshape(-1).copy()
        mask = np.zeros(v.size, dtype=bool)
        mask[part] = True
        v = np.where(mask, v, 0.0).reshape(leaf.shape)
        step = h / np.sqrt(mask.sum())
        rounding = 1e-15 * max(1.0, value) / step
        error = _slope(fun, x, leaves, leaf, v, step) - np.sum(g * v)
        return not abs(error) <= tolerance * typical + rounding

    part = np.arange(leaf.size)
    if not disagree(part):
        return
    while part.size > 1:
        halves = np.array_split(part, 2)
        part = halves[0] if disagree(halves[0]) else halves[1]
    index = np.unravel_index(part[0], leaf.shape)
    expected = _slope(fun, x, leaves, leaf, _unit(leaf, index), h)
    raise AssertionError(
        f"The gradient disagrees with finite differences along a random direction of "
        f"{name or 'x'}, and bisection leads to {_entry(name, index)}:\n"
        f"  yours      {g[index]:.6g}\n"
        f"  numerical  {expected:.6g}"
    )


def _slopes(fun, x, leaves, leaf, h):
    """Take the two-sided difference of fun for every entry of one leaf."""
    slopes = np.zeros(leaf.shape)
    for index in np.ndindex(leaf.shape):
        slopes[index] = _slope(fun, x, leaves, leaf, _unit(leaf, index), h)
    return slopes


def _slope(fun, x, leaves, leaf, direction, h):
    """Take the two-sided difference of fun as one leaf moves along a direction."""
    kept, ends = leaf.copy(), []
    for step in (h, -h):
        leaf[...] = kept + step * direction
        ends.append(fun(tree.unflatten(x, [each.copy()[()] for each in leaves])))
    leaf[...] = kept
    if np.shape(ends[0]) != ():
        raise TypeError(
            f"A gradient by differences needs a function that returns a scalar, but this "
            f"one returned shape {np.shape(ends[0])}."
        )
    return (ends[0] - ends[1]) / (2 * h)


def _float64_copies(x):
    return [np.array(leaf, dtype=np.float64) for leaf in tree.leaves(x)]


def _checked_shapes(grads, leaves, names):
    if sorted(tree.paths(grads)) != sorted(names):
        raise AssertionError(
            f"The gradient must be a tree like the parameters, with the leaves {names}, "
            f"but it has {tree.paths(grads)}."
        )
    by_name = dict(zip(tree.paths(grads), tree.leaves(grads), strict=True))
    given = [np.asarray(by_name[name]) for name in names]
    for g, name in zip(given, names, strict=True):
        if g.dtype.kind not in "biuf":
            raise AssertionError(
                f"The gradient by {name or 'x'} must hold numbers, but it has dtype "
                f"{g.dtype}."
            )
    for g, leaf, name in zip(given, leaves, names, strict=True):
        if g.shape != leaf.shape:
            raise AssertionError(
                f"The gradient by {name or 'x'} has shape {g.shape}, but {name or 'x'} "
                f"has shape {leaf.shape}. A gradient has the shape of its parameter."
            )
    return given


def _unit(leaf, index):
    unit = np.zeros(leaf.shape)
    unit[index] = 1.0
    return unit


def _entry(name, index):
    return (name or "x") + (f"[{', '.join(str(int(i)) for i in index)}]" if index else "")


def _place(mask):
    if mask.ndim == 0:
        return "its only entry"
    return f"[{', '.join(str(int(i)) for i in np.argwhere(mask)[0])}]"


def _same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=False)
