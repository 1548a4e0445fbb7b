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

RULES = {}  # function -> a VJP (or None) for each argument, or one joint VJP for all
CONSTANT = set()  # functions whose result has no useful derivative: np.sign, np.argmax
COMPOSITE = {}  # NumPy function -> the same function written in functions of RULES
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
    """Stands for an array while a program is traced. `protocol` makes it act as one."""

    __slots__ = ("index", "trace", "value")
    __hash__ = None  # == compares entry by entry, as it does for arrays

    def __init__(self, value, trace, index):
        self.value, self.trace, self.index = value, trace, index

    def __repr__(self):
        return f"Box({self.value!r})"


class Trace:
    """The tape of one run. Traces opened later, inside, have a higher level."""

    __slots__ = ("level", "tape")
    _levels = itertools.count()

    def __init__(self):
        self.level = next(Trace._levels)
        self.tape = []

    def box(self, value, fun=None, args=(), kwargs={}, parents=()):  # noqa: B006
        """Write a node on the tape and return the Box that stands for its value."""
        tape = self.tape
        tape.append(_node(Node, (value, fun, args, kwargs, parents)))
        return Box(value, self, len(tape) - 1)

    def close(self):
        """Return the tape, and refuse whatever its boxes are asked to do from now on."""
        tape, self.tape = self.tape, _Closed()
        return tape


class _Closed:
    """Stands where the tape of a finished trace was."""

    def append(self, node):
        raise TypeError(
            "A traced value outlived the function in which it was traced: it was kept in "
            "a list, a global or a generator and used after that function had returned. "
            "Return what you need from the function, or use stop_gradient."
        )


_node = tuple.__new__  # a NamedTuple's own constructor takes three times as long


def trace(fun, *args):
    """Run `fun` on boxed `args`; return its result, boxed or not, and the Trace."""
    record = Trace()
    return fun(*[record.box(arg) for arg in args]), record


def apply(fun, args, kwargs, run=None):
    """Call `fun`; if an argument is boxed, write the call on the innermost tape.

    `run` computes the value where that is quicker than `fun` itself: the operator
    `*` on two Python floats beats `np.multiply` twelve times over.
    """
    innermost = None
    for arg in args:
        if type(arg) is Box and (innermost is None or arg.trace.level > innermost.level):
            innermost = arg.trace
    if innermost is None:
        return (run or fun)(*args, **kwargs)
    values, parents, nested = [], [], False
    for i, arg in enumerate(args):
        if type(arg) is Box and arg.trace is innermost:
            parents.append((i, arg.index))
            arg = arg.value
        nested = nested or type(arg) is Box
        values.append(arg)
    # In a nested trace the values are boxes themselves: there, too, the call is recorded.
    value = apply(fun, values, kwargs, run) if nested else (run or fun)(*values, **kwargs)
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


def defvjp_all(fun, joint):
    """Register one VJP for all arguments of `fun`, however many there are.

    `joint(z_bar, z, *args, **kwargs)` returns a list with a bar for each argument, or
    None for one that has none.
    """
    RULES[fun] = joint


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
