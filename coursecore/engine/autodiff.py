"""Automatic differentiation: send bars backward along the tape.

`make_vjp` runs a function forward under `trace` and returns its value together with
a function that runs backward. Everything else on this page is built from it.

    >>> import numpy as np
    >>> y, vjp = make_vjp(np.exp, np.array([0.0, 1.0]))
    >>> vjp(np.array([1.0, 0.0]))
    array([1., 0.])
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
"""

import numpy as np

from . import protocol, rules, tree  # noqa: F401 - importing the first two registers them
from .trace import RULES, Box, Trace, unbox


def backward_pass(end_bar, tape, end):
    """Return the bar of every node up to `end`, given the bar of the node at `end`.

    The tape is in topological order, so that by the time a node is visited from the
    right, all the messages to its bar have arrived. Nodes that `end` does not depend
    on keep the bar None. (Toronto CSC421 lecture 3, "backward pass".)
    """
    bars = [None] * (end + 1)
    bars[end] = end_bar
    for i in range(end, -1, -1):
        z_bar = bars[i]
        if z_bar is None:
            continue
        z, fun, args, kwargs, parents = tape[i]
        for argnum, parent in parents:
            vjp = RULES[fun][argnum]
            x_bar = vjp(z_bar, z, *args, **kwargs)
            bars[parent] = x_bar if bars[parent] is None else bars[parent] + x_bar
    return bars


def make_vjp(fun, x):
    """Return y = fun(x) and the function vjp with vjp(y_bar) = x_bar.

    x is an array or a tree of arrays; x_bar has its shape. y is one array, and y_bar
    must have the shape of y. Where y does not depend on x, x_bar is zero.

    Raises TypeError for a leaf that is not a float: there is no small step from 1 to 2.
    """
    record = Trace()
    boxes = [record.box(_require_float(leaf, path)) for leaf, path in _named_leaves(x)]
    end = fun(tree.unflatten(x, boxes))
    mine = type(end) is Box and end.trace is record
    y = end.value if mine else end
    if not isinstance(unbox(y), (int, float, np.ndarray, np.generic)):
        raise TypeError(
            f"Only a number or an array can be differentiated, but this function "
            f"returned {type(y).__name__}. Is the return statement missing?"
        )

    def vjp(y_bar):
        if np.shape(y_bar) != np.shape(y):
            raise ValueError(
                f"vjp needs a y_bar of the shape of y, {np.shape(y)}, but got shape "
                f"{np.shape(y_bar)}."
            )
        if type(y_bar) is not Box and not (type(y_bar) is type(unbox(y)) is float):
            y_bar = np.asarray(y_bar, dtype=np.result_type(unbox(y)))[()]
        bars = backward_pass(y_bar, record.tape, end.index) if mine else []
        bars = bars[: len(boxes)] + [None] * (len(boxes) - len(bars))
        return tree.unflatten(x, _own(bars, [box.value for box in boxes], y_bar))

    return y, vjp


def value_and_grad(fun, argnum=0):
    """Make the function that returns fun(...) and its gradient by one argument.

    The argument is an array or a tree of arrays, and the gradient has its shape.

    Raises TypeError if fun returns anything but a scalar.
    """

    def value_and_gradient(*args, **kwargs):
        y, vjp = make_vjp(*_of_one(fun, argnum, args, kwargs))
        if np.shape(y) != ():
            raise TypeError(
                f"grad needs a function that returns a scalar, but this one returned "
                f"shape {np.shape(y)}. Did you forget to average the losses over the "
                f"batch? For array outputs use jacobian."
            )
        if not _is_float(y):
            raise TypeError(
                f"grad needs a function that returns a float, but this one returned "
                f"{unbox(y)!r} of type {type(unbox(y)).__name__}."
            )
        end = unbox(y)
        return y, vjp(1.0 if isinstance(end, float) else np.ones_like(end)[()])

    return value_and_gradient


def grad(fun, argnum=0):
    """Make the function that returns the gradient of `fun` by one argument."""
    value_and_gradient = value_and_grad(fun, argnum)
    return lambda *args, **kwargs: value_and_gradient(*args, **kwargs)[1]


def jacobian(fun, argnum=0):
    """Make the function that returns the Jacobian, shape (*shape of y, *shape of x).

    One backward pass for each entry of y. The argument is one array, not a tree.
    """

    def jacobian_of(*args, **kwargs):
        of_one, x = _of_one(fun, argnum, args, kwargs)
        if isinstance(x, (dict, list, tuple)):
            raise TypeError(
                f"jacobian needs one array, but argument {argnum} is a "
                f"{type(x).__name__}. Differentiate by one leaf at a time."
            )
        y, vjp = make_vjp(of_one, x)
        units = np.reshape(np.eye(np.size(y)), (np.size(y), *np.shape(y)))
        rows = [vjp(unit) for unit in units]
        if not rows:
            return np.zeros(np.shape(y) + np.shape(x))
        return np.reshape(np.stack(rows), np.shape(y) + np.shape(x))

    return jacobian_of


def hessian(fun, argnum=0):
    """Make the function that returns the Hessian, shape (*shape of x, *shape of x)."""
    return jacobian(grad(fun, argnum), argnum)


def hvp(fun):
    """Make the function of (x, v) that returns the Hessian of `fun` at x times v.

    x and v are trees of the same shape. The Hessian is never formed: it is the
    gradient of the number grad(fun)(x)·v.
    """

    def product(x, v):
        shapes = [[np.shape(leaf) for leaf in tree.leaves(each)] for each in (x, v)]
        if tree.paths(x) != tree.paths(v) or shapes[0] != shapes[1]:
            raise ValueError(
                f"hvp needs a direction v shaped as x: x has the leaves {tree.paths(x)} "
                f"of shapes {shapes[0]}, v has {tree.paths(v)} of shapes {shapes[1]}."
            )

        def slope(x):
            pairs = zip(tree.leaves(grad(fun)(x)), tree.leaves(v), strict=True)
            return sum(np.sum(g * direction) for g, direction in pairs)

        return grad(slope)(x)

    return product


def _of_one(fun, argnum, args, kwargs):
    """Return fun as a function of one of its arguments, and that argument."""
    if not (isinstance(argnum, int) and 0 <= argnum < len(args)):
        raise TypeError(
            f"argnum={argnum} must be the position of one of the {len(args)} positional "
            f"arguments. Pass the argument to differentiate by position."
        )

    def of_one(x):
        return fun(*args[:argnum], x, *args[argnum + 1 :], **kwargs)

    return of_one, args[argnum]


def _named_leaves(x):
    return zip(tree.leaves(x), tree.paths(x), strict=True)


def _is_float(x):
    return np.result_type(unbox(x)).kind == "f"


def _require_float(leaf, path):
    inside = unbox(leaf)
    if not (isinstance(inside, (int, float, complex, np.ndarray, np.generic))):
        raise TypeError(
            f"Only arrays and numbers can be differentiated, but the leaf "
            f"{path or 'x'} is a {type(inside).__name__}: {inside!r}."
        )
    if not _is_float(inside):
        raise TypeError(
            f"Only floats can be differentiated, but the leaf {path or 'x'} has dtype "
            f"{np.result_type(inside)}. Make it float: np.asarray(x, dtype=float)."
        )
    return leaf


def _own(bars, values, y_bar):
    """Turn bars into gradients that may be changed in place without harm.

    A missing bar becomes zeros, and a bar that was widened on its way (float32 times
    float64) gets the dtype of its leaf. A bar that is a view, or that two leaves
    share, is copied, so that `grads["W"] *= 2` changes nothing else.
    """
    grads, seen = [], {id(y_bar)}
    for bar, value in zip(bars, values, strict=True):
        dtype = np.result_type(unbox(value))
        if bar is None:
            bar = np.zeros_like(unbox(value))[()]
        elif np.result_type(unbox(bar)) != dtype:
            bar = bar.astype(dtype)
        elif isinstance(bar, np.ndarray) and (bar.base is not None or id(bar) in seen):
            bar = bar.copy()
        seen.add(id(bar))
        grads.append(bar)
    return grads
