"""Diagnosis: which mistake turns the right array into the one that came?

People who write gradients by hand make few mistakes, and make them often: a sign, a
transpose, a factor N, a sum over the wrong axis, a row in the wrong place. Each turns
the right answer into one definite wrong answer. So we make them all, one after the
other, and name the one that gives what came.

Nothing here knows of differentiation; any two arrays can be compared.
"""

from itertools import permutations

import numpy as np


def diagnose(yours, expected, sizes=None, hints=None, x=None):
    """Name the mistake that turns the expected array into yours; "" if none fits.

    `hints` maps a sentence to the array that this particular mistake would give, and
    is tried first. `sizes` maps names to numbers, such as {"N": 5}, that a wrong
    factor may be made of. `x` is where the gradient was taken: a forgotten penalty on
    weights is a multiple of it.

    >>> diagnose([2.0, -4.0], [-2.0, 4.0])
    'Every entry has the wrong sign.'
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
        or _diagnose_penalty(yours, expected, x)
        or _diagnose_order(yours, expected)
        or _diagnose_entries(yours, expected)
        or _diagnose_rows(yours, expected)
    )


def diagnose_projections(yours, lines, expected, hints=None, x=None):
    """Name the mistake in an array known only by its projections on some lines.

    `lines` are arrays like yours, `expected` the sums of line · right array. Signs, factors
    and penalties are the same along every line; mistakes of single entries are not.
    """

    def project(array):
        return np.array([np.sum(array * line) for line in lines])

    mine, expected = project(yours), np.asarray(expected, dtype=float)
    if _same(mine, expected) or not np.isfinite(mine).all():
        return ""
    for sentence, array in (hints or {}).items():
        if _same(mine, project(array)) and not _same(expected, project(array)):
            return sentence
    if not yours.any():
        return "Yours is zero everywhere. Did you return the array before filling it?"
    if _same(mine, -expected):
        return "Every entry has the wrong sign."
    square = yours.ndim == 2 and yours.shape == yours.T.shape
    if square and _same(project(yours.T), expected):
        return "Yours is the transpose of what is asked."
    return _diagnose_factor(mine, expected, {}) or (
        "" if x is None else _diagnose_penalty(mine, expected, x, project)
    )


def _diagnose_shape(yours, expected):
    if yours.ndim == 2 and _same(yours.T, expected):
        return "Yours is the transpose of what is asked."
    if yours.size == expected.size and _same(yours.reshape(expected.shape), expected):
        return "The values are right; only the shape differs. Use reshape."
    if yours.ndim == expected.ndim + 1:
        if _same(yours.sum(axis=0), expected):
            return (
                "Summed over its first axis yours is right. Did you forget the batch sum?"
            )
        if _same(yours.mean(axis=0), expected):
            return "Averaged over axis 0 yours is right. Did you forget the batch mean?"
    if yours.ndim == expected.ndim - 1:
        for axis in range(expected.ndim):
            if _same(yours, expected.sum(axis=axis)):
                return f"Yours is summed over axis {axis}, which should have stayed."
            if _same(yours, expected.mean(axis=axis)):
                return f"Yours is averaged over axis {axis}, which should have stayed."
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
    if not 1e-12 < abs(factor) < np.inf or not _same(yours, factor * expected):
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
    for (above, a), (below, b) in permutations(sizes.items(), 2):
        if not np.isclose(a, b) and np.isclose(factor, a / b):
            return (
                f"Every entry is {above}/{below} times what is asked. "
                f"Did you divide by {below} instead of {above}?"
            )
    # Any wrong number is some multiple of the right one: of one entry it says nothing.
    if yours.size < 2 or abs(factor - 1) < 1e-5:
        return ""
    sentence = f"Every entry is {factor:.6g} times what is asked."
    whole = round(factor) if abs(factor) > 1 else round(1 / factor)
    if whole > 2 and np.isclose(factor, whole):
        return f"{sentence} Did you sum over {whole} where the mean is asked?"
    if whole > 2 and np.isclose(factor, 1 / whole):
        return f"{sentence} Did you divide by {whole} once too often?"
    return sentence


def _diagnose_penalty(yours, expected, x, project=lambda array: array):
    """Fit the difference with c·x and c·sign(x), the gradients of two penalties."""
    x = np.asarray(np.nan if x is None else x, dtype=float)
    if np.count_nonzero(x) < 2 or not np.isfinite(x).all():
        return ""
    gap = yours - expected
    for name, slope in {"the parameter itself": x, "its sign": np.sign(x)}.items():
        slope = project(slope)
        if slope.shape != gap.shape:
            return ""
        factor = np.sum(gap * slope) / np.sum(slope * slope)
        if np.allclose(gap, factor * slope, rtol=1e-5, atol=1e-6 * np.max(np.abs(gap))):
            if factor < 0:
                return (
                    f"Yours lacks {-factor:.4g} times {name}. "
                    f"Did you forget the derivative of a penalty?"
                )
            return (
                f"Yours is the right one plus {factor:.4g} times {name}. "
                f"Is that penalty part of the function?"
            )
    return ""


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
    if wrong.size > 1 and _same(np.abs(yours), np.abs(expected)):
        return (
            f"{wrong.sum()} of {wrong.size} entries have the wrong sign, first at "
            f"{_place(wrong)}."
        )
    if 0 < wrong.sum() <= wrong.size / 2:
        return f"{wrong.sum()} of {wrong.size} entries are wrong, first at {_place(wrong)}."
    return ""


def _diagnose_rows(yours, expected):
    """See whether rows, or columns, are mixed up with sums or factors of their own."""
    if yours.ndim != 2 or min(yours.shape) < 2:
        return ""
    for axis, name in enumerate(["row", "column"]):
        for reduce, word in ((np.sum, "sum"), (np.mean, "mean")):
            total = reduce(expected, axis=axis, keepdims=True)
            if _same(yours, np.broadcast_to(total, yours.shape)):
                return f"Every {name} of yours is the {word} of all {name}s asked for."
    for axis, name in ((1, "row"), (0, "column")):
        power = np.sum(expected**2, axis=axis, keepdims=True)
        overlap = np.sum(yours * expected, axis=axis, keepdims=True)
        factors = overlap / np.where(power == 0, 1.0, power)
        if _same(yours, factors * expected):
            return (
                f"Every {name} of yours is a multiple of the right {name}, each by a "
                f"factor of its own. Is a derivative of the {name}'s unit missing?"
            )
    return ""


def _place(mask):
    if mask.ndim == 0:
        return "its only entry"
    return f"[{', '.join(str(int(i)) for i in np.argwhere(mask)[0])}]"


def _same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=False)
