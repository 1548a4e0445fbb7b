"""A step along a tree of parameters: what all optimizers share.

An optimizer's rule is written for one array. Here it is taken to every leaf of a tree,
with the gradients and what the rule remembers, and its results are put together again.
In place, a large array is worked on in blocks: the same formula then needs no temporary
larger than a block, and what it has just written is still in the processor's cache.
"""

import math
import operator
from dataclasses import dataclass, field, fields
from itertools import repeat

import numpy as np

from ..engine import tree

BLOCK = 65_536  # entries of an array that are worked on at a time, in place


def option(default):
    """Declare a setting that is given by name and printed only where it is changed."""
    return field(default=default, kw_only=True, repr=False)


@dataclass(frozen=True, repr=False)
class Optimizer:
    """Take the steps of a rule along a tree of parameters.

    With `max_norm` the gradients are first clipped to this global norm, see `clip`.

    A subclass names in `memory` the trees that its rule remembers, one array for each
    parameter, all zero at first, and writes the rule. The state is a dict of these trees
    and of "step", the number of steps done, if the rule or a schedule asks for it; it is
    None where there is nothing to remember.
    """

    lr: float = 0.1
    in_place: bool = option(False)
    max_norm: float | None = option(None)

    memory = ()
    counts = False  # whether the rule needs the number of the step

    def __post_init__(self):
        if not callable(self.lr):
            self._require("lr", lambda lr: 0 < lr < np.inf, "a learning rate lr > 0")
        if self.max_norm is not None:
            self._require("max_norm", lambda norm: norm > 0, "a max_norm > 0")

    def init(self, params):
        """Return the state before the first step, or None if there is none."""
        state = {"step": 0} if self._counting() else {}
        state |= {name: tree.map(np.zeros_like, params) for name in self.memory}
        return state or None

    def rule(self, lr, step):
        """Return the function change(w, g, *memory) of step number `step`.

        It gives a tuple: what is to be added to the parameter w, an array of any shape,
        and the new value of everything in the memory, made by `times` or `plus`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no rule: write one.")

    def rules(self, params, lr, step):
        """Give the rule for each leaf in turn: here the same for all."""
        return repeat(self.rule(lr, step))

    @property
    def times(self):
        """The product of an array and a factor: a new array, or in place the same."""
        return operator.imul if self.in_place else operator.mul

    @property
    def plus(self):
        """The sum of an array and another: a new array, or in place the same."""
        return operator.iadd if self.in_place else operator.add

    def step(self, params, grads, state):
        """Return the parameters after one step, and the new state.

        Raises ValueError if the gradients, or the state, do not fit the parameters.
        """
        step, memory = self._read(state)
        if self.max_norm is not None:
            grads = clip(grads, self.max_norm)
        rows = []
        _collect(rows, params, grads, *memory)
        rules = self.rules(params, self._rate(step), step)
        if self.in_place:
            for w, *_ in rows:
                if type(w) is not np.ndarray or w.dtype.kind != "f":
                    _require_arrays(params)
            for change, row in zip(rules, rows, strict=False):
                _overwrite(change, *row)
        elif rows:
            changed = [change(*row) for change, row in zip(rules, rows, strict=False)]
            changes, *columns = zip(*changed, strict=True)
            moved = [row[0] + change for row, change in zip(rows, changes, strict=True)]
            params, *memory = [tree.unflatten(params, new) for new in (moved, *columns)]
        state = {"step": step + 1} if self._counting() else {}
        state |= zip(self.memory, memory, strict=True)
        return params, state or None

    def _counting(self):
        return self.counts or callable(self.lr)

    def _rate(self, step):
        lr = self.lr(step) if callable(self.lr) else self.lr
        if not 0 <= lr < np.inf:
            raise ValueError(
                f"A schedule must return learning rates of at least 0, but {self.lr} "
                f"returned {lr} at step {step}."
            )
        # A float64 number would widen float32 parameters; a Python float does not.
        return lr.item() if isinstance(lr, np.generic) else lr

    def _read(self, state):
        """Take a state apart: the number of steps done, and the trees of the memory."""
        names = [*(["step"] if self._counting() else []), *self.memory]
        given = state if isinstance(state, dict) else {}
        if set(names) != set(given) or (state is not None and given is not state):
            found = list(given) or ("None" if state is None else type(state).__name__)
            raise ValueError(
                f"{self} needs a state with {names or 'nothing'}, but got {found}. "
                f"Begin with init(params), and pass on what step returned."
            )
        return int(given.get("step", 0)), [given[name] for name in self.memory]

    def _require(self, name, allowed, words, why=""):
        value = getattr(self, name)
        try:
            fine = bool(allowed(value))
        except (TypeError, ValueError):  # no number at all, or several
            fine = False
        if not fine:
            kind = type(self).__name__
            raise ValueError(f"{kind} needs {words}, but got {value!r}.{why}")

    def __repr__(self):
        shown = [f for f in fields(self) if f.repr or getattr(self, f.name) != f.default]
        shown.sort(key=lambda f: f.kw_only)
        settings = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in shown)
        return f"{type(self).__name__}({settings})"


def _overwrite(change, w, g, *memory):
    """Write the parameter after a step over w; the rule itself overwrites the memory."""
    if w.size > BLOCK:
        blocks = np.nditer(
            [w, g, *memory],
            flags=["external_loop", "buffered"],
            op_flags=[["readwrite"], ["readonly"], *[["readwrite"]] * len(memory)],
            buffersize=BLOCK,
        )
        with blocks:
            for arrays in blocks:
                _overwrite(change, *arrays)
    else:
        w += change(w, g, *memory)[0]


def _collect(rows, first, *others):
    """Collect the leaves of trees of one shape, in a row for each leaf of the first.

    The same walk as `tree.map`, but bare: a step of a small network takes microseconds.
    """
    if isinstance(first, dict):
        for other in others:
            if not isinstance(other, dict) or other.keys() != first.keys():
                _refuse(first, *others)
        children = [(first[key], *[other[key] for other in others]) for key in first]
    elif isinstance(first, (list, tuple)):
        for other in others:
            if not isinstance(other, (list, tuple)) or len(other) != len(first):
                _refuse(first, *others)
        children = zip(first, *others, strict=True)
    else:
        _compare(first, *others)
        rows.append((first, *others))
        return
    for row in children:
        if type(row[0]) is np.ndarray:
            shape = row[0].shape
            for other in row[1:]:
                if getattr(other, "shape", None) != shape:
                    _compare(*row)
            rows.append(row)
        else:
            _collect(rows, *row)


def _compare(first, *others):
    """Refuse leaves that differ in shape, where numbers count as arrays of shape ()."""
    if any(_shape(other) != _shape(first) for other in others):
        _refuse(first, *others)


def _refuse(*trees):
    what = ["parameters", "gradients", *["state"] * (len(trees) - 2)]
    found = ", ".join(f"the {n} {_shape(t)}" for n, t in zip(what, trees, strict=True))
    raise ValueError(
        f"A step needs gradients and state of the same shape as the parameters, but in one "
        f"place they have: {found}. Take grad by these parameters, and init(params)."
    )


def _shape(part):
    if isinstance(part, dict):
        return f"keys {list(part)}"
    if isinstance(part, (list, tuple)):
        return f"{len(part)} items"
    return f"shape {np.shape(part)}"


def _require_arrays(params):
    for i, w in enumerate(tree.leaves(params)):
        if not (isinstance(w, np.ndarray) and w.dtype.kind == "f"):
            raise TypeError(
                f"in_place=True writes into arrays of floats, but "
                f"params{tree.paths(params)[i]} is {w!r}. Make it one: "
                f"np.array(…, dtype=float)."
            )


# -------------------------------------------------------------------- clipping


def global_norm(grads):
    """Return the Euclidean norm of all entries of all leaves together."""
    leaves = [np.asarray(g) for g in tree.leaves(grads)]
    norm = math.sqrt(sum(float(np.vdot(g, g)) for g in leaves))
    if 1e-150 < norm < math.inf or not leaves:
        return norm
    # The squares overflowed, or vanished, or the norm is 0: measure by the largest entry.
    top = max(float(np.max(np.abs(g), initial=0.0)) for g in leaves)
    if top == 0 or not np.isfinite(top):
        return top
    return top * math.sqrt(sum(float(np.sum(np.square(g / top))) for g in leaves))


def clip(grads, max_norm):
    """Scale all gradients by one factor so that their global norm is at most max_norm.

    The direction stays. Gradients within the bound are returned as they are. Raises
    FloatingPointError if the norm is not finite: no factor makes such a step right.
    (Pascanu et al. 2013.)
    """
    _require_bound("max_norm", max_norm)
    norm = global_norm(grads)
    if not math.isfinite(norm):
        raise FloatingPointError(
            f"The gradients have norm {norm}, and clipping cannot mend that. Look at the "
            f"cost and the data, or take a smaller learning rate."
        )
    if norm <= max_norm:
        return grads
    factor = float(max_norm) / norm
    return tree.map(lambda g: factor * g, grads)


def clip_values(grads, max_value):
    """Cut every entry to [-max_value, max_value]. The direction may change."""
    _require_bound("max_value", max_value)
    return tree.map(lambda g: np.clip(g, -max_value, max_value), grads)


def _require_bound(name, bound):
    if not bound > 0:
        raise ValueError(f"Clipping needs a {name} > 0, but got {bound}.")
