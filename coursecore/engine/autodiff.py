"""Automatic differentiation: send bars backward along the tape.

`make_vjp` runs a function forward on boxes (see `trace`) and returns its value together
with a function that runs backward; `grad` starts it from 1. What else can be had from
these two stands in `derivatives`.

    >>> import numpy as np
    >>> y, vjp = make_vjp(np.exp, np.array([0.0, 1.0]))
    >>> vjp(np.array([1.0, 0.0]))
    array([1., 0.])
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
"""

import functools

import numpy as np

from . import protocol, rules, tree  # noqa: F401 - importing the first two registers them
from .memory import keep, own
from .protocol import constant, finished
from .trace import RULES, Box, Trace, unbox


def backward_pass(end_bar, tape, end, forget=False):
    """Return the bar of every node up to `end`, given the bar of the node at `end`.

    The tape is in topological order, so that by the time a node is visited from the
    right, all the messages to its bar have arrived. Nodes that `end` does not depend
    on keep the bar None. (Toronto CSC421 lecture 3, "backward pass".) To `forget` is to
    drop each node and bar that is done with; only the bars of the inputs remain.
    """
    bars = [None] * (end + 1)
    bars[end] = end_bar
    for i in range(end, -1, -1):
        z_bar = bars[i]
        if z_bar is None:
            continue
        z, fun, args, kwargs, parents = tape[i]
        if forget and parents:
            bars[i] = tape[i] = None
        vjps = RULES[fun] if parents else ()
        joint = None if type(vjps) is tuple else vjps(z_bar, z, *args, **kwargs)
        for argnum, parent in parents:
            x_bar = joint[argnum] if joint else vjps[argnum](z_bar, z, *args, **kwargs)
            bars[parent] = x_bar if bars[parent] is None else bars[parent] + x_bar
    return bars


def make_vjp(fun, x):
    """Return y = fun(x) and the function vjp with vjp(y_bar) = x_bar.

    x is an array or a tree of arrays; x_bar has its shape. y is one array, and y_bar
    must have the shape of y. Where y does not depend on x, x_bar is zero. Leave x and y as
    they are until vjp has run: it reads them.

    Raises TypeError for a leaf that is not a float: there is no small step from 1 to 2.
    """
    y, tape, end, leaves = run_traced(fun, x)

    def vjp(y_bar):
        if np.shape(y_bar) != np.shape(y):
            raise ValueError(
                f"vjp needs a y_bar of the shape of y, {np.shape(y)}, but got shape "
                f"{np.shape(y_bar)}."
            )
        if type(y_bar) is not Box and not (type(y_bar) is type(unbox(y)) is float):
            y_bar = np.asarray(y_bar, dtype=np.result_type(unbox(y)))[()]
        bars = [] if end is None else backward_pass(y_bar, tape, end)
        return tree.unflatten(x, own(bars, leaves, y_bar))

    return y, vjp


def value_and_grad(fun, argnum=0, has_aux=False):
    """Make the function that returns fun(...) and its gradient by one argument.

    The argument is an array or a tree of arrays, and the gradient has its shape.
    `argnum` is a position, the name of a keyword, or a tuple of these for several
    gradients at once. With `has_aux`, fun returns a pair (value, anything else) and so
    does the new function in place of the value.

    Raises TypeError if fun returns anything but a scalar.
    """

    @functools.wraps(fun)
    def value_and_gradient(*args, **kwargs):
        program, x = as_function_of(fun, argnum, args, kwargs)
        aux = []

        def without_aux(x):
            pair = program(x)
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError("With has_aux the function must return (value, auxiliary).")
            aux.append(pair[1])
            return pair[0]

        y, tape, end, leaves = run_traced(without_aux if has_aux else program, x, keep=keep)
        _require_scalar(y)
        y_bar = 1.0 if isinstance(unbox(y), float) else np.ones_like(unbox(y))[()]
        bars = [] if end is None else backward_pass(y_bar, tape, end, forget=True)
        grads = tree.unflatten(x, own(bars, leaves, y_bar))
        return ((y, tree.map(finished, aux[0])) if has_aux else y), grads

    return value_and_gradient


def grad(fun, argnum=0, has_aux=False):
    """Make the function that returns the gradient of `fun` by one argument.

    `argnum` and `has_aux` are as above; with `has_aux` the result is a pair.
    """
    value_and_gradient = value_and_grad(fun, argnum, has_aux)

    @functools.wraps(fun)
    def gradient(*args, **kwargs):
        y, grads = value_and_gradient(*args, **kwargs)
        return (grads, y[1]) if has_aux else grads

    return gradient


def stop_gradient(x):
    """Return x, an array or a tree, as a constant: nothing flows back through it."""
    return tree.map(constant, x)


def run_traced(fun, x, many=False, keep=None):
    """Trace fun(x): return y, the tape, the place of y on it, and the leaves of x.

    The place is None where y does not depend on x. With `many`, y may be a tree, and
    its places are a list. `keep` chooses what the nodes keep, see `memory`.
    """
    leaves, record = tree.leaves(x), Trace(keep)
    if not all(map(is_float, leaves)):
        _refuse_leaf(x)
    result = fun(tree.unflatten(x, list(map(record.box, leaves))))
    tape = record.close()
    values, places = [], []
    for end in tree.leaves(result) if many else [result]:
        mine = type(end) is Box and end.trace is record
        values.append(end.value if mine else end)
        places.append(end.index if mine else None)
        if type(end) is Box and not mine and end.trace.closed:
            end.trace.box(end)  # refuses in words
        if not isinstance(unbox(end), (int, float, np.ndarray, np.generic)):
            raise TypeError(
                f"Only a number or an array can be differentiated, but this function "
                f"returned {type(unbox(end)).__name__}. Is the return statement missing? "
                f"A second result can be passed along by has_aux=True."
            )
    if many:
        return tree.unflatten(result, values), tape, places, leaves
    return values[0], tape, places[0], leaves


def as_function_of(fun, argnum, args, kwargs):
    """Return fun as a function of the chosen argument or arguments, and these."""
    if isinstance(argnum, tuple):
        if len(set(argnum)) < len(argnum):
            raise TypeError(f"argnum={argnum!r} names an argument twice.")
        chosen = [as_function_of(fun, each, args, kwargs)[1] for each in argnum]

        def of_several(xs):
            values = dict(zip(argnum, xs, strict=True))
            places = [values.get(i, arg) for i, arg in enumerate(args)]
            return fun(*places, **{k: values.get(k, v) for k, v in kwargs.items()})

        return of_several, tuple(chosen)
    if isinstance(argnum, str) and argnum in kwargs:
        return lambda x: fun(*args, **kwargs | {argnum: x}), kwargs[argnum]
    if type(argnum) is not int or not 0 <= argnum < len(args):
        raise TypeError(
            f"argnum={argnum!r} must be the position of one of the {len(args)} arguments, "
            f"or the name of a keyword ({', '.join(kwargs) or 'none was given'})."
        )
    before, after = args[:argnum], args[argnum + 1 :]
    return lambda x: fun(*before, x, *after, **kwargs), args[argnum]


def is_float(x):
    """Tell whether x, boxed or not, is a number or a plain array of floats."""
    inside = unbox(x)
    if isinstance(inside, (np.ndarray, np.generic)):
        own_algebra = isinstance(inside, (np.matrix, np.ma.MaskedArray))
        return inside.dtype.kind == "f" and not own_algebra
    return isinstance(inside, float)


def _refuse_leaf(x):
    for leaf, path in zip(tree.leaves(x), tree.paths(x), strict=True):
        inside = unbox(leaf)
        if not isinstance(inside, (int, float, complex, np.ndarray, np.generic)):
            raise TypeError(
                f"Only arrays and numbers can be differentiated, but the leaf "
                f"{path or 'x'} is a {type(inside).__name__}: {inside!r}."
            )
        if not is_float(inside):
            kind = type(inside).__name__ if isinstance(inside, np.ndarray) else "number"
            raise TypeError(
                f"Only floats can be differentiated, but the leaf {path or 'x'} has dtype "
                f"{np.result_type(inside)} (type {kind}). Make it a plain array or number "
                f"of floats: np.asarray(x, dtype=float)."
            )


def _require_scalar(y):
    if np.shape(y) != ():
        raise TypeError(
            f"grad needs a function that returns a scalar, but this one returned shape "
            f"{np.shape(y)}. Did you forget to average over the batch? Else use jacobian."
        )
    if not is_float(y):
        raise TypeError(f"grad needs a function that returns a float, not {unbox(y)!r}.")
