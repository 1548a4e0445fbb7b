"""Gradient checking: is the gradient that the program computes the one it should?

A derivative is a limit of difference quotients, so any gradient, whether written by
hand or by `autodiff`, can be compared with differences of the function itself. We
take them on both sides, (f(x + h) - f(x - h)) / 2h with h = 1e-5 in float64, and
compare by relative error. Lecture 6 measures why.

A large tensor has too many entries for that. One random direction v weighs them all:
the slope of f along v must be g·v, and one wrong entry of g spoils the sum. How much
it spoils is little, so we take the slope by a complex step, Im f(x + ihv) / h, which
subtracts nothing and is exact to rounding, wherever fun survives complex numbers (see
`differences`). After a failure, bisection finds the entry, and `diagnose` the mistake.

At a kink a function has two slopes. Differences take their mean, and a gradient that
says otherwise fails with both slopes in the message. Where f is not finite, as at 0/0,
there is nothing to compare with: that fails too, and so does every NaN.
"""

import numpy as np

from . import tree
from .autodiff import backward_pass, grad, run_traced
from .diagnosis import diagnose, diagnose_projections
from .differences import (
    FLOOR,
    STEP,
    Slopes,
    numerical_grad,
    relative_error,
    relative_errors,
    restrict,
    unit,
)
from .trace import Node
from .trace import name as name_of

__all__ = ["check_grad", "diagnose", "numerical_grad", "relative_error"]

TOLERANCE = 1e-6
FLOAT32_TOLERANCE = 1e-4
FULL_CHECK = 2_000  # entries of a tree up to which every single one is compared
SMALL_LEAF = 100  # entries of a leaf up to which a failure is shown entry by entry
LONGEST_TAPE = 200  # nodes of a program up to which dropped messages are looked for


def check_grad(fun, x, grads=None, tolerance=TOLERANCE, h=STEP, rng=None, full=False):
    """Compare a gradient of fun at x with slopes of fun; return how many were compared.

    `grads` is the gradient in question, a tree like x; without it, `grad(fun)(x)`.
    Up to 2,000 entries each one is compared. In a larger tree all leaves are compared along
    a random direction; if that fails each by itself, and bisection finds the entry.
    `full=True` holds every entry to the tolerance: in groups of similar size, each along
    a direction of its own; a group that disagrees is halved, down to single entries.
    Wrong entries of a group can only cancel by chance.

    float32 gradients are compared to 1e-4. Raises AssertionError naming the leaf, the
    entry and, where one fits, the mistake.
    """
    handwritten = grads is not None
    if not handwritten:
        grads = grad(fun)(x)
    rng = np.random.default_rng(0) if rng is None else rng
    with np.errstate(all="ignore"):  # what is not finite is refused in words
        check = _Check(Slopes(fun, x, h), x, grads, tolerance, rng, handwritten)
        size = sum(g.size for g in check.given)
        if size > FULL_CHECK and not full and check.all_leaves():
            return size
        for k, g in enumerate(check.given):
            if g.size and size <= FULL_CHECK:
                check.every_entry(k)
            elif not np.isfinite(g).all():
                place = np.argwhere(~np.isfinite(g))[0]
                check.fail(k, place, "is NaN or infinite at {entry}")
            elif g.size and full:
                check.groups(k)
            elif g.size:
                check.direction(k)
    return size


class _Check:
    """Compares a gradient, leaf by leaf, with the slopes of a function."""

    def __init__(self, slopes, x, grads, tolerance, rng, handwritten):
        self.slopes, self.x, self.rng, self.handwritten = slopes, x, rng, handwritten
        self.names = tree.paths(x)
        self.given = _checked_shapes(grads, slopes.leaves, self.names)
        self.tolerances = [
            max(tolerance, FLOAT32_TOLERANCE) if g.dtype == np.float32 else tolerance
            for g in self.given
        ]
        if not np.isfinite(slopes.middle):
            raise AssertionError(
                f"There is no slope to compare with: fun(x) is {slopes.middle}. Is x at "
                f"the edge of what fun accepts, or at 0/0? Check the gradient elsewhere."
            )

    def every_entry(self, k):
        """Compare all entries of a leaf; a disagreement must survive a complex step."""
        g, slopes = self.given[k], self.slopes
        expected = slopes.of_leaf(k)
        errors = relative_errors(g, expected)
        while np.max(errors) > self.tolerances[k]:
            worst = np.unravel_index(np.argmax(errors), errors.shape)
            line = unit(g, worst)
            exact = slopes.complex_step(k, line)
            if exact is not None and slopes.agree(exact, expected[worst], line):
                fine = relative_error(g[worst], exact) <= self.tolerances[k]
            else:
                fine = abs(g[worst] - expected[worst]) <= slopes.rounding(line)
            if not fine:
                if exact is not None and slopes.agree(exact, expected[worst], line):
                    expected[worst] = exact
                self.fail(k, worst, expected=expected)
            errors[worst] = 0.0

    def all_leaves(self):
        """Tell whether all leaves agree along one direction, where all weigh the same."""
        filled = {k: g for k, g in enumerate(self.given) if g.size}
        weights = {k: np.linalg.norm(g) for k, g in filled.items()}
        if not all(0.0 < weight < np.inf for weight in weights.values()):
            return False
        lines = {k: self._draw(g) / weights[k] for k, g in filled.items()}
        slope = self.slopes.together(lines)
        if slope is None:
            return False
        error = slope - sum(np.sum(g * lines[k]) for k, g in filled.items())
        return abs(error) <= min(
            self.tolerances[k] / np.sqrt(filled[k].size) for k in filled
        )

    def direction(self, k):
        """Compare the slope along one random direction; after a failure, bisect.

        No entry of the direction is near 0, and no two are equal in size: errors that
        sum to zero, as those of a softmax do, would cancel along a direction of ±1.
        """
        g, tolerance = self.given[k], self.tolerances[k]
        v = self._draw(g)
        error = self._error(k, v, g)
        typical = np.linalg.norm(g)  # of g·v; one entry of n has a share in it
        allowed = tolerance * typical / np.sqrt(g.size)
        allowed += self.slopes.rounding(v, self.slopes.exact[k])
        if abs(error) <= allowed:
            return
        if g.size <= SMALL_LEAF:
            self.every_entry(k)
        index, remark = self._bisect(k, v, error, allowed)
        truth = self._confirmed(k, index)
        if truth is None:
            self.direction(k)
            return
        slight = relative_error(g[index], truth) <= tolerance
        if slight and abs(error) <= tolerance * typical:
            return  # many entries are a little off, each within the tolerance
        where = "disagrees with finite differences along a random direction of "
        where += f"{self.names[k] or 'x'}, and bisection leads to {{entry}}"
        self.fail(k, index, where, truth=truth, remark=remark)

    def _bisect(self, k, v, error, allowed):
        """Follow the larger error into halves; say if what was left behind is none."""
        g, part, behind = self.given[k], np.arange(v.size), 0.0
        while part.size > 1:
            left, right = np.array_split(part, 2)
            inner = self._error(k, restrict(v, left), g)
            outer = error - inner
            if abs(inner) < abs(outer):
                part, inner, outer = right, outer, inner
            else:
                part = left
            error, behind = inner, behind + abs(outer)
        agree = "All other entries of it together agree." if behind <= 20 * allowed else ""
        return np.unravel_index(part[0], g.shape), agree

    def groups(self, k):
        """Hold every entry to the tolerance: accept groups, halve those that disagree."""
        g, tolerance = self.given[k], self.tolerances[k]
        v = self._draw(g)
        waiting = [np.argsort(np.abs(g), axis=None)]
        while waiting:
            part = waiting.pop()
            least = max(np.abs(g.flat[part[0]]), FLOOR)
            error = abs(self._error(k, restrict(v, part), g))
            if error <= 0.5 * tolerance * least:  # for an entry of v is at least 0.5
                continue
            if part.size > 1:
                waiting += np.array_split(part, 2)
                continue
            index = np.unravel_index(part[0], g.shape)
            truth = self._confirmed(k, index)
            if truth is None:
                self.groups(k)
                return
            noise = self.slopes.rounding(unit(g, index), self.slopes.exact[k])
            near = abs(g[index] - truth) <= noise
            if not near and relative_error(g[index], truth) > tolerance:
                self.fail(k, index, truth=truth)

    def _confirmed(self, k, index):
        """Return the slope of one entry, or None if its complex step was misleading.

        Then the complex step is given up for this leaf, which has to be compared anew.
        """
        line = unit(self.given[k], index)
        plain = self.slopes.two_sided(k, line)
        if not self.slopes.exact[k]:
            return plain
        exact = self.slopes.best(k, line)
        if abs(exact - plain) <= 1e-6 * abs(plain) + 10 * self.slopes.rounding(line):
            return exact
        self.slopes.exact[k] = False
        return None

    def _draw(self, g):
        v = self.rng.uniform(-1.0, 1.0, g.shape)
        return v + np.copysign(0.5, v)

    def _error(self, k, v, g):
        return self.slopes.best(k, v) - np.sum(g * v)

    def fail(self, k, index, where="disagrees with finite differences at {entry}", *,
             expected=None, truth=None, remark=""):  # fmt: skip
        """Raise the AssertionError: both numbers, and what explains them."""
        g, index = self.given[k], tuple(index)
        if truth is None:
            line = unit(g, index)
            truth = self.slopes.two_sided(k, line) if expected is None else expected[index]
        lines = [
            f"The gradient {where.format(entry=_entry(self.names[k], index))}:",
            f"  yours      {g[index]:.6g}",
            f"  numerical  {truth:.6g}",
        ]
        reason = self._unsteady() or self._kink(k, index, truth)
        if not reason and not np.isfinite(g).all():
            remark = "fun is finite there: look for 0/0 in a branch np.where does not take."
        reason = reason or self._diagnose(k, expected)
        lines += [f"  {each}" for each in (reason, remark) if each]
        raise AssertionError("\n".join(lines))

    def _unsteady(self):
        again = self.slopes.value()
        if again == self.slopes.middle:
            return ""
        return (
            f"fun(x) was {self.slopes.middle:.6g} and then {again:.6g}: draw the random "
            f"numbers of fun before the check, not in it."
        )

    def _kink(self, k, index, truth):
        """See whether the slopes on both sides differ, however small the step."""
        if not np.isfinite(truth):
            return "A step away fun is not finite: x is at the edge of what it accepts."
        line, h = unit(self.given[k], index), self.slopes.h
        left, right, near_left, near_right = (
            self.slopes.one_sided(k, line, step) for step in (-h, h, -h / 10, h / 10)
        )
        gap, noise = abs(near_right - near_left), 1e-7 * max(1.0, abs(self.slopes.middle))
        # Curvature makes a gap as well, but one that shrinks with the step.
        if not gap > max(0.5 * abs(right - left), noise, 1e-3 * abs(truth)):
            return ""
        return (
            f"fun has a kink there: its slope is {left:.6g} on the left and {right:.6g} on "
            f"the right; differences take the mean. Check the gradient beside it."
        )

    def _diagnose(self, k, expected):
        """Name the mistake, from all entries or from a few projections of a large leaf."""
        g, x = self.given[k], self.slopes.leaves[k]
        hints = self._messages(k) if self.handwritten else {}
        if expected is not None:
            return diagnose(g, expected, hints=hints, x=x)
        lines = [self._draw(g) / np.sqrt(g.size) for _ in range(5)]
        truths = [self.slopes.best(k, v) for v in lines]
        return diagnose_projections(g, lines, truths, hints=hints, x=x)

    def _messages(self, k):
        """Map sentences to what comes of a wrong variable or of a dropped message."""
        x = tree.unflatten(self.x, [leaf[()] for leaf in self.slopes.leaves])
        try:
            _, tape, end, _ = run_traced(self.slopes.fun, x)
            if end is None or len(tape) > LONGEST_TAPE:
                return {}
            bars = backward_pass(1.0, tape, end)
            if bars[k] is None:
                return {}
            cut = list(_cut_tapes([Node(*line) for line in tape[: end + 1]], self.names))
            found = {text: backward_pass(1.0, each, end)[k] for text, each in cut}
        except Exception:  # fun cannot be traced: then there is nothing to add
            return {}
        for name, bar in zip(self.names, bars, strict=False):
            if name != self.names[k] and np.shape(bar) == self.given[k].shape:
                found[f"Yours is the gradient by {name}."] = bar
        # A message without which nothing arrives explains nothing: zero explains it better.
        least = 1e-9 * np.max(np.abs(bars[k]))
        kept = {text: bar for text, bar in found.items() if bar is not None}
        return {text: bar for text, bar in kept.items() if np.max(np.abs(bar)) > least}


def _cut_tapes(tape, names):
    """Drop each message to a value that is used more than once, one at a time."""
    uses = [[] for _ in tape]
    for i, node in enumerate(tape):
        for edge in node.parents:
            uses[edge[1]].append((i, edge))
    for parent, edges in enumerate(uses):
        if len(edges) < 2:
            continue
        is_leaf = parent < len(names)
        value = (
            names[parent] or "x"
            if is_leaf
            else f"what {name_of(tape[parent].fun)} returned"
        )
        for i, edge in edges:
            cut = list(tape)
            kept = tuple(other for other in tape[i].parents if other != edge)
            cut[i] = tape[i]._replace(parents=kept)
            yield (
                f"Yours is what comes when {value}, which is used {len(edges)} times, gets "
                f"no message from {name_of(tape[i].fun)}. All messages are added.",
                cut,
            )


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


def _entry(name, index):
    return (name or "x") + (f"[{', '.join(str(int(i)) for i in index)}]" if index else "")
