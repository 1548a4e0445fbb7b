"""Differences: how steep is a function along a line, found without a derivative.

On both sides, (f(x + h) - f(x - h)) / 2h, the subtraction loses a third of the digits
at h = 1e-5. A complex step, Im f(x + ih) / h, subtracts nothing and is exact to rounding
(Squire & Trapp 1998), but not every function survives complex numbers: np.abs and
float drop the imaginary part. So it is believed only where both ways agree, which is
asked once for each leaf.
"""

import warnings
from functools import cached_property

import numpy as np

from . import tree

STEP = 1e-5
COMPLEX_STEP = 1e-30  # nothing is subtracted, so it may be as small as we like
FLOOR = 1e-8  # gradients below it are compared by absolute error


def numerical_grad(fun, x, h=STEP):
    """Estimate the gradient of a scalar function by two-sided differences.

    x is a float64 array or a tree of them; it is not changed. Costs two calls of
    `fun` for each entry. The error is about h² f'''/6 from the missing terms of the
    Taylor series plus 1e-16 |f| / h from rounding.

    >>> numerical_grad(lambda x: x**2, 3.0).round(6)
    np.float64(6.0)
    """
    slopes = Slopes(fun, x, h)
    return tree.unflatten(x, [slopes.of_leaf(k)[()] for k in range(len(slopes.leaves))])


def relative_error(a, b, floor=FLOOR):
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
    return float(np.max(relative_errors(a, b, floor), initial=0.0))


def relative_errors(a, b, floor=FLOOR):
    """Return |a - b| / (|a| + |b|) entry by entry; inf where NaN is involved."""
    with np.errstate(invalid="ignore"):
        error = np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), floor)
    return np.where(np.isnan(error), np.inf, error)


class Slopes:
    """Takes the slopes of fun at x, as one leaf of x moves along a direction."""

    def __init__(self, fun, x, h):
        self.fun, self.like, self.h = fun, x, h
        self.leaves = [np.array(leaf, dtype=np.float64) for leaf in tree.leaves(x)]
        self.exact = {}  # leaf -> whether its slopes are taken by complex step

    def value(self, moved=()):
        """Call fun, with some leaves moved, on copies: it may change what it is given."""
        leaves = [
            moved[k] if k in moved else leaf.copy() for k, leaf in enumerate(self.leaves)
        ]
        value = self.fun(tree.unflatten(self.like, [leaf[()] for leaf in leaves]))
        if np.shape(value) != () or value is None:
            raise TypeError(
                f"A gradient by differences needs a function that returns a scalar, but "
                f"this one returned {'None' if value is None else np.shape(value)}."
            )
        return value

    @cached_property
    def middle(self):
        """Return fun(x), where all slopes are taken."""
        return self.value()

    def two_sided(self, k, direction):
        """Return (f(x + hv) - f(x - hv)) / 2h, with h such that x moves by `self.h`."""
        h = self.h / np.linalg.norm(direction)
        ends = [self.value({k: self.leaves[k] + step * direction}) for step in (h, -h)]
        return (ends[0] - ends[1]) / (2 * h)

    def one_sided(self, k, direction, h):
        """Return the slope on the right, or on the left if h is negative."""
        return (self.value({k: self.leaves[k] + h * direction}) - self.middle) / h

    def complex_step(self, k, direction):
        """Return the slope, or None if fun refuses complex numbers or drops them."""
        return self._complex_step({k: direction})

    def _complex_step(self, lines):
        moved = {k: self.leaves[k].astype(complex) for k in lines}
        for k in lines:
            moved[k].imag = COMPLEX_STEP * lines[k]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            try:
                value = self.value(moved)
            except Exception:  # whatever fun says: it was not made for complex numbers
                return None
        if not np.iscomplexobj(value):
            return None
        if not abs(value.real - self.middle) <= 1e-9 * abs(self.middle):
            return None
        return float(value.imag / COMPLEX_STEP)

    def agree(self, slope, plain, direction):
        """Tell whether a slope by complex step and a difference are nearly the same."""
        return abs(slope - plain) <= 1e-3 * abs(plain) + 10 * self.rounding(direction)

    def best(self, k, direction):
        """Return the slope by complex step if leaf k allows it, else by a difference.

        Whether it does is found out along the first direction asked for, where a step
        to one side is mostly enough.
        """
        slope = self.complex_step(k, direction) if self.exact.get(k, True) else None
        if slope is None:
            self.exact[k] = False
        if k not in self.exact:
            right = self.one_sided(k, direction, self.h / np.linalg.norm(direction))
            self.exact[k] = self.agree(slope, right, direction) or self.agree(
                slope, self.two_sided(k, direction), direction
            )
        return slope if self.exact[k] else self.two_sided(k, direction)

    def together(self, lines):
        """Return the slope as many leaves move at once, each along its own line.

        By complex step. The lines are to be so long that each leaf adds about 1 to the
        slope; None is returned if a one-sided difference does not agree to 1e-3.
        """
        length = np.sqrt(sum(np.sum(line * line) for line in lines.values()))
        h = self.h / length
        right = {k: self.leaves[k] + h * line for k, line in lines.items()}
        slope = self._complex_step(lines)
        if slope is None or not self.rounding(length) < 1e-4:
            return None
        return slope if abs((self.value(right) - self.middle) / h - slope) < 1e-3 else None

    def rounding(self, direction, exact=False):
        """Estimate the rounding error of a slope along a direction."""
        error = 1e-15 * max(1.0, abs(self.middle)) * np.linalg.norm(direction)
        return error if exact else error / self.h

    def of_leaf(self, k):
        """Take the two-sided difference of fun for every entry of one leaf."""
        slopes = np.zeros(self.leaves[k].shape)
        for index in np.ndindex(slopes.shape):
            slopes[index] = self.two_sided(k, unit(slopes, index))
        return slopes


def restrict(direction, part):
    """Return the direction with every entry but those of `part` set to 0."""
    restricted = np.zeros(direction.shape)
    restricted.flat[part] = direction.flat[part]
    return restricted


def unit(like, index):
    """Return the direction of one entry: 1 there and 0 elsewhere."""
    direction = np.zeros(np.shape(like))
    direction[tuple(index)] = 1.0
    return direction
