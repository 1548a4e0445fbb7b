"""Tracing: run a program once and write down what it did.

`grad(f)(x)` has to know which NumPy functions f calls, on what, in which order.
It finds out by running f on a `Box`: an object that looks like an array and
remembers, for every function applied to it, a `Node` on a list called the tape.
The program is plain NumPy; how a Box gets hold of `np.tanh(box)` is told in
`protocol`.

A node is written after the nodes that it depends on, so the tape is already in
topological order: parents come before children. That is all that backpropagation
needs (see `autodiff`).

Source: the design follows Toronto CSC421 lecture 3.
"""

import itertools
from typing import NamedTuple

RULES = {}  # function -> one VJP for each positional argument, or None
CONSTANT = set()  # functions whose result has no useful derivative: np.sign, np.argmax
COMPOSITE = {}  # NumPy function -> the same function written in functions of RULES


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


class Trace:
    """The tape of one run. Traces opened later, inside, have a higher level."""

    _levels = itertools.count()

    def __init__(self):
        self.level = next(Trace._levels)
        self.tape = []

    def box(self, *node):
        """Write a node on the tape and return the Box that stands for its value."""
        self.tape.append(Node(*node))
        return Box(node[0], self, len(self.tape) - 1)


def trace(fun, *args):
    """Run `fun` on boxed `args`; return its result, boxed or not, and the Trace."""
    record = Trace()
    return fun(*[record.box(arg) for arg in args]), record


def apply(fun, args, kwargs, run=None):
    """Call `fun`; if an argument is boxed, write the call on the innermost tape.

    `run` computes the value where that is quicker than `fun` itself: the operator
    `*` on two Python floats beats `np.multiply` twelve times over.
    """
    boxes = [arg for arg in args if type(arg) is Box]
    if not boxes:
        return (run or fun)(*args, **kwargs)
    innermost = max((box.trace for box in boxes), key=lambda t: t.level)
    mine = [type(arg) is Box and arg.trace is innermost for arg in args]
    values = tuple(a.value if m else a for a, m in zip(args, mine, strict=True))
    if fun not in CONSTANT:
        parents = tuple(
            (i, args[i].index) for i, m in enumerate(mine) if m and vjp_of(fun, i)
        )
    # The values may be boxes of an outer trace: then this very call is recorded there.
    value = apply(fun, values, kwargs, run)
    if fun in CONSTANT or not parents:
        return value
    return innermost.box(value, fun, values, kwargs, parents)


def vjp_of(fun, argnum):
    """Return the VJP of one argument, None if it needs none; refuse what is unknown."""
    if fun not in RULES:
        raise NotImplementedError(
            f"No VJP is registered for {name(fun)}. "
            f"Add one: defvjp({name(fun)}, lambda z_bar, z, x: ...)."
        )
    vjps = RULES[fun]
    if isinstance(vjps, tuple) and argnum >= len(vjps):
        raise NotImplementedError(
            f"{name(fun)} has VJPs for {len(vjps)} arguments, but argument {argnum + 1} "
            f"was traced as well. Give defvjp one for each argument."
        )
    return vjps[argnum]


def primitive(fun):
    """Make `fun` one step of the tape. Its inside is not traced; give it a `defvjp`.

    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defvjp(cube, lambda z_bar, z, x: z_bar * 3 * x**2)
    """

    def step(*args, **kwargs):
        return apply(step, args, kwargs, run=fun)

    step.__name__, step.__doc__ = fun.__name__, fun.__doc__
    step.__module__ = fun.__module__
    return step


def defvjp(fun, *vjps):
    """Register the vector-Jacobian products of `fun`, one for each positional argument.

    Each is called as `vjp(z_bar, z, *args, **kwargs)` with z = fun(*args, **kwargs)
    and returns the bar of its own argument; None marks an argument that is never
    differentiated (an axis, a shape).
    """
    RULES[fun] = vjps


def defvjp_each(fun, make):
    """Register the VJPs of a function of any number of arguments.

    `make(argnum)` returns the VJP of the argument at that position.
    """
    RULES[fun] = Each(make)


class Each:
    """A tuple of VJPs without an end: each is made when it is asked for."""

    def __init__(self, make):
        self.make = make

    def __getitem__(self, argnum):
        return self.make(argnum)


def defconstant(*funs):
    """Register functions whose result is constant almost everywhere."""
    CONSTANT.update(funs)


def defcomposite(fun):
    """Register a NumPy function as a program over others: `@defcomposite(np.mean)`."""

    def register(program):
        COMPOSITE[fun] = program
        return program

    return register


def unbox(x):
    """Strip every Box off `x`: the plain array or number inside."""
    while type(x) is Box:
        x = x.value
    return x


def name(fun):
    """Name a function as a reader would type it: numpy.tanh, numpy.linalg.solve."""
    module = getattr(fun, "__module__", None) or "numpy"
    return f"{module}.{fun.__name__}" if module != "__main__" else fun.__name__


class Box:
    """Stands for an array while a program is traced. `protocol` makes it act as one."""

    __slots__ = ("index", "trace", "value")
    __hash__ = None  # == compares entry by entry, as it does for arrays

    def __init__(self, value, trace, index):
        self.value, self.trace, self.index = value, trace, index

    def __repr__(self):
        return f"Box({self.value!r})"
