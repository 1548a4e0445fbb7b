"""Derivatives: what can be had from `make_vjp` and `grad`.

Jacobians, Hessians and their products with vectors; forward mode, derived from the
same rules; checkpoints, which trade time for memory.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    >>> jvp(np.exp, 0.0, 2.0)
    (np.float64(1.0), np.float64(2.0))
"""

import operator

import numpy as np

from . import tree
from .autodiff import as_function_of, grad, is_float, make_vjp, run_traced
from .trace import RULES, defvjp_all, primitive, unbox

# Functions that are linear in each argument: the change of f(x, y) as x moves along
# x_dot is f(x_dot, y).
LINEAR = {np.multiply, np.negative, np.matmul, np.sum, np.reshape, np.ravel, np.transpose}
LINEAR |= {np.squeeze, np.expand_dims, np.broadcast_to, np.swapaxes, operator.getitem}


def elementwise_grad(fun, argnum=0):
    """Make the function that returns the slope of `fun` at every entry of an array.

    For functions such as np.tanh that treat every entry by itself.
    """
    return grad(lambda *args, **kwargs: np.sum(fun(*args, **kwargs)), argnum)


def jacobian(fun, argnum=0):
    """Make the function that returns the Jacobian, shape (*shape of y, *shape of x).

    One backward pass for each entry of y. The argument is one array, not a tree.
    """

    def jacobian_of(*args, **kwargs):
        program, x = as_function_of(fun, argnum, args, kwargs)
        if isinstance(x, (dict, list, tuple)):
            raise TypeError(
                f"jacobian needs one array, but argument {argnum} is a "
                f"{type(x).__name__}. Differentiate by one leaf at a time."
            )
        y, vjp = make_vjp(program, x)
        units = np.reshape(np.eye(np.size(y)), (np.size(y), *np.shape(y)))
        rows = [vjp(unit) for unit in units]
        if not rows:
            return np.zeros(np.shape(y) + np.shape(x))
        return np.reshape(np.stack(rows), np.shape(y) + np.shape(x))

    return jacobian_of


def hessian(fun, argnum=0):
    """Make the function that returns the Hessian, shape (*shape of x, *shape of x)."""
    return jacobian(grad(fun, argnum), argnum)


def make_jvp(fun, x):
    """Return y = fun(x) and the function jvp with jvp(x_dot) = y_dot: forward mode.

    x and x_dot are trees of one shape; y_dot has the shape of y and says how y changes
    as x moves along x_dot. fun may return an array or a tree. One pass along the tape,
    in the order in which it was written.
    """
    y, tape, ends, _ = run_traced(fun, x, many=True)

    def jvp(x_dot):
        shapes = [[np.shape(leaf) for leaf in tree.leaves(each)] for each in (x, x_dot)]
        if tree.paths(x) != tree.paths(x_dot) or shapes[0] != shapes[1]:
            raise ValueError(
                f"A direction must be shaped as x: x has the leaves {tree.paths(x)} of "
                f"shapes {shapes[0]}, the direction {tree.paths(x_dot)} of {shapes[1]}."
            )
        dots = [None, *forward_pass(tree.leaves(x_dot), tape)]
        along = [dots[0 if end is None else end + 1] for end in ends]
        still = [np.zeros_like(unbox(leaf))[()] for leaf in tree.leaves(y)]
        along = [s if a is None else a for a, s in zip(along, still, strict=True)]
        return tree.unflatten(y, along)

    return y, jvp


def jvp(fun, x, x_dot):
    """Return fun(x) and its change along x_dot, by forward mode."""
    y, along = make_jvp(fun, x)
    return y, along(x_dot)


def forward_pass(x_dots, tape):
    """Return for every node how it changes as the inputs move along `x_dots`."""
    dots = [*x_dots, *[None] * (len(tape) - len(x_dots))]
    for i in range(len(x_dots), len(tape)):
        z, fun, args, kwargs, parents = tape[i]
        for argnum, parent in parents:
            if dots[parent] is not None:
                part = push(dots[parent], argnum, z, fun, args, kwargs)
                dots[i] = part if dots[i] is None else dots[i] + part
    return dots


def push(x_dot, argnum, z, fun, args, kwargs):
    """Return the change of z = fun(*args) as one argument moves along x_dot.

    No rule is needed beyond the VJP. A function that works entry by entry has a diagonal
    Jacobian, which is its own transpose. For any other the VJP is a linear function of
    z_bar whose matrix is Jᵀ, and the VJP of a linear function is its transpose: J.
    """
    if fun in LINEAR:
        return fun(*args[:argnum], x_dot, *args[argnum + 1 :], **kwargs)
    rule = RULES[fun]

    def vjp(z_bar):
        if type(rule) is tuple:
            return rule[argnum](z_bar, z, *args, **kwargs)
        return rule(z_bar, z, *args, **kwargs)[argnum]

    if isinstance(fun, np.ufunc) and np.shape(z) == np.shape(args[argnum]):
        return vjp(x_dot)
    return make_vjp(vjp, np.zeros_like(unbox(z))[()])[1](x_dot)


def hvp(fun):
    """Make the function of (x, v) that returns the Hessian of `fun` at x times v.

    x and v are trees of one shape. The Hessian is never formed: the gradient, itself
    computed in reverse, is pushed forward along v.
    """
    return lambda x, v: jvp(grad(fun), x, v)[1]


@primitive
def rerun(program, *leaves):
    """Run a program as one step of the tape."""
    return program(*leaves)


def rerun_vjp(z_bar, z, program, *leaves):
    """Trace the program now, and send z_bar back to those leaves that are floats."""
    floats = [i for i, leaf in enumerate(leaves) if is_float(leaf)]

    def of_floats(chosen):
        places = dict(zip(floats, chosen, strict=True))
        return program(*[places.get(i, leaf) for i, leaf in enumerate(leaves)])

    again, vjp = make_vjp(of_floats, [leaves[i] for i in floats])
    if not np.array_equal(unbox(again), unbox(z), equal_nan=True):
        raise ValueError(
            "A checkpointed function gave another value the second time. If it draws "
            "random numbers, draw them outside and pass them in."
        )
    bars = dict(zip(floats, vjp(z_bar), strict=True))
    return [None, *[bars.get(i) for i in range(len(leaves))]]


defvjp_all(rerun, rerun_vjp)


def checkpoint(fun):
    """Make a function that trades time for memory: `fun`, run again when it is needed.

    Its steps are left off the tape; the backward pass runs it a second time to have
    them. fun takes arrays or trees and returns one array, the same both times; what it
    is differentiated by must be among its arguments.
    """

    def remembered(*args):
        program = lambda *leaves: fun(*tree.unflatten(args, leaves))
        return rerun(program, *tree.leaves(args))

    return remembered
