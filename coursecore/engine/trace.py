"""Tracing: run a program once and write down what it did.

`grad(f)(x)` has to know which NumPy functions f calls, on what, in which order.
It finds out by running f on a `Box`: an object that looks like an array and
remembers, for every function applied to it, a `Node` on a list called the tape.
The program is plain NumPy; how a Box gets hold of `np.tanh(box)` is told in
`protocol`.

A node is written after the nodes that it depends on, so the tape is already in
topological order: parents come before children. That is all that backpropagation
needs (see `autodiff`). Source of the design: Toronto CSC421 lecture 3.
"""

import functools
import inspect
import itertools
from operator import attrgetter
from typing import NamedTuple

import numpy as np

RULES = {}  # function -> a VJP (or None) for each argument, or one joint VJP for all
CONSTANT = set()  # functions whose result has no useful derivative: np.sign, np.argmax
READS = {}  # function -> for its value and each argument: does a VJP read its entries?
LATE = []  # called once when a function is unknown: to register rules of SciPy, say


class Node(NamedTuple):
    """One line of the traced program: value = fun(*args, **kwargs).

    `parents` lists, for each argument that was traced, its position in `args` and
    the place of its own node on the tape. A node without `fun` is an input.
    """

    value: object
    fun: object = None
    args: tuple = ()
    kwargs: dict = {}
    parents: tuple = ()


class Box:
    """Stands for an array while a program is traced. `protocol` makes it act as one.

    The tape holds the arrays themselves: none may be changed before the backward pass.
    """

    __slots__ = ("index", "trace", "value")
    __hash__ = None  # == compares entry by entry, as it does for arrays

    def __init__(self, value, trace, index):
        self.value, self.trace, self.index = value, trace, index

    def __repr__(self):
        return f"Box({self.value!r})"

    def __deepcopy__(self, memo):
        return self  # a value: nobody can change it


class Trace:
    """The tape of one run. Traces opened later, inside, have a higher level.

    Its lines are plain tuples, made several times sooner than the Nodes of `tape`.
    """

    __slots__ = ("keep", "level", "lines", "whole")
    _levels = itertools.count()

    def __init__(self, keep=None, whole=False):
        self.level, self.lines, self.keep = next(Trace._levels), [], keep
        self.whole = whole  # write down constant functions, too: see `replay`

    @property
    def closed(self):
        """Whether the function that was traced has returned."""
        return type(self.lines) is _Closed

    @property
    def tape(self):
        """List the nodes so far, in the order in which they were written."""
        return [Node(*line) for line in self.lines]

    def box(self, value, fun=None, args=(), kwargs={}, parents=()):  # noqa: B006
        """Write a node on the tape and return the Box that stands for its value."""
        kept, args = self.keep(value, fun, args) if fun and self.keep else (value, args)
        self.lines.append((kept, fun, args, kwargs, parents))
        return Box(value, self, len(self.lines) - 1)

    def close(self):
        """Return the lines, and refuse whatever the boxes are asked to do from now on."""
        lines, self.lines = self.lines, _Closed()
        return lines


class _Closed:
    """Stands where the tape of a finished trace was."""

    def append(self, node):
        raise TypeError(
            "A traced value outlived the function in which it was traced: it was kept in "
            "a list, a global or a generator and used after that function had returned. "
            "Return what you need from the function, or use stop_gradient."
        )


def trace(fun, *args):
    """Run `fun` on boxed `args`; return its result, boxed or not, and the Trace."""
    record = Trace()
    return fun(*map(record.box, args)), record


def apply(fun, args, kwargs, run=None):
    """Call `fun`; if an argument is boxed, write the call on the innermost tape.

    `run` computes the value where that is quicker: `*` on floats beats np.multiply.
    """
    if len(args) == 1 and type(box := args[0]) is Box and type(box.value) is not Box:
        vjps = RULES.get(fun)  # the commonest case, written out
        if type(vjps) is tuple and vjps[0] is not None:
            value = (run or fun)(box.value, **kwargs)
            return box.trace.box(value, fun, (box.value,), kwargs, ((0, box.index),))
    traces = [arg.trace for arg in args if type(arg) is Box]
    if not traces:
        return (run or fun)(*args, **kwargs)
    innermost = traces[0] if len(traces) == 1 else max(traces, key=attrgetter("level"))
    values, parents, nested = [], [], False
    for i, arg in enumerate(args):
        if type(arg) is Box and arg.trace is innermost:
            parents.append((i, arg.index))
            arg = arg.value
        nested = nested or type(arg) is Box
        values.append(arg)
    # In a nested trace the values are boxes themselves: the call is recorded there, too.
    value = apply(fun, values, kwargs, run) if nested else (run or fun)(*values, **kwargs)
    if innermost.whole:
        return innermost.box(value, fun, tuple(values), kwargs, tuple(parents))
    if fun in CONSTANT:
        return value
    vjps = rule_of(fun)
    if type(vjps) is tuple and (None in vjps or parents[-1][0] >= len(vjps)):
        parents = [parent for parent in parents if _has_vjp(fun, vjps, parent[0])]
        if not parents:
            return value
    return innermost.box(value, fun, tuple(values), kwargs, tuple(parents))


def rule_of(fun):
    """Return the VJPs of a function; refuse one that has none, by name."""
    while fun not in RULES and LATE:
        LATE.pop()()
    if fun not in RULES:
        raise NotImplementedError(
            f"No VJP is registered for {name(fun)}. "
            f"Add one: defvjp({name(fun)}, lambda z_bar, z, x: ...)."
        )
    return RULES[fun]


def _has_vjp(fun, vjps, argnum):
    if argnum >= len(vjps):
        raise NotImplementedError(
            f"{name(fun)} has VJPs for {len(vjps)} arguments, but argument {argnum + 1} "
            f"was traced as well. Give defvjp one for each argument."
        )
    return vjps[argnum] is not None


def primitive(fun):
    """Make `fun` one step of the tape. Its inside is not traced; give it a `defvjp`.

    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defvjp(cube, lambda z_bar, z, x: z_bar * 3 * x**2)
    """

    @functools.wraps(fun)
    def step(*args, **kwargs):
        if Box in map(type, kwargs.values()):
            raise TypeError(f"Pass what {name(fun)} is differentiated by by position.")
        return apply(step, args, kwargs, run=fun)

    return step


def defvjp(fun, *vjps, reads=None):
    """Register the vector-Jacobian products of `fun`, one for each positional argument.

    Each is called as `vjp(z_bar, z, *args, **kwargs)` with z = fun(*args, **kwargs)
    and returns the bar of its own argument; None marks an argument that is never
    differentiated (an axis, a shape). `reads` names what the VJPs read, "x z" say, if of
    all else they need the shape alone.
    """
    RULES[fun], READS[fun] = vjps, None
    if reads is not None:
        names = list(inspect.signature(next(filter(None, vjps[::-1]))).parameters)[1:]
        READS[fun] = [each in reads.split() for each in names]
        if unknown := set(reads.split()) - set(names):
            raise ValueError(f"reads names {sorted(unknown)}; the VJP takes {names}.")


def defvjp_all(fun, joint):
    """Register one VJP for all arguments of `fun`, however many there are.

    `joint(z_bar, z, *args, **kwargs)` lists a bar, or None, for each argument.
    """
    RULES[fun] = joint


def defconstant(*funs):
    """Register functions whose result is constant almost everywhere."""
    CONSTANT.update(funs)


def unbox(x):
    """Strip every Box off `x`: the plain array or number inside."""
    while type(x) is Box:
        x = x.value
    return x


def name(fun):
    """Name a function as a reader would type it: numpy.tanh, numpy.linalg.solve."""
    module = getattr(fun, "__module__", None) or ""
    if not module and isinstance(fun, np.ufunc) and hasattr(np, fun.__name__):
        module = "numpy"
    return f"{module}.{fun.__name__}" if module not in ("", "__main__") else fun.__name__
