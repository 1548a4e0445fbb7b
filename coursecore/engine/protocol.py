"""The protocol: what makes a Box pass for an array.

NumPy asks the arguments of every call whether they want to handle it themselves: a
ufunc such as `np.tanh` asks for `__array_ufunc__` (NEP 13), any other function for
`__array_function__` (NEP 18). Python's operators ask for `__add__` and its kin. Each of
these leads to `apply`, which writes the call on the tape, or does what it would do. What
cannot be traced is refused here, in words, in the forward pass.
"""

import inspect
import operator

import numpy as np

from .memory import LARGE
from .trace import (
    CONSTANT,
    Box,
    apply,
    name,
    primitive,
    rule_of,
    unbox,
)

NO_KEYWORDS = {}


def method(*names):
    """Make a function a method of Box, under each of the names."""

    def install(function):
        for each in names:
            setattr(Box, each, function)
        return function

    return install


# ------------------------------------------------------------------ stripping boxes


def constant(x):
    """Strip all boxes but those of a `replay` that is being recorded."""
    while type(x) is Box and not x.trace.whole:
        x = x.value
    return x


def finished(x):
    """Strip the boxes of functions that have returned; those of outer ones stay."""
    while type(x) is Box and x.trace.closed:
        x = x.value
    return x


# ----------------------------------------------------------- NumPy's two questions


@method("__array_ufunc__")
def ufunc_called(self, ufunc, how, *args, **kwargs):
    if how != "__call__":
        raise NotImplementedError(
            f"numpy.{ufunc.__name__}.{how} cannot be traced. "
            f"Use the function that says the same, for example np.sum."
        )
    if kwargs:
        refuse_out(ufunc, kwargs)
        raise unknown_form(ufunc, kwargs)
    if ufunc in OPERATORS:  # array * box comes by here, too
        x, y = args
        forward, reflected = OPERATORS[ufunc]
        return forward(x, y) if type(x) is Box else reflected(y, x)
    return apply(ufunc, args, NO_KEYWORDS)


COMPOSITE = {}  # NumPy function -> the same function written in functions of RULES


def defcomposite(fun):
    """Register a NumPy function as a program over others: `@defcomposite(np.mean)`."""

    def register(program):
        COMPOSITE[fun] = program
        return program

    return register


FORMS = set()  # (function, number of arguments, keywords) that a rule has taken before


@method("__array_function__")
def function_called(self, fun, types, args, kwargs):
    form = (fun, len(args), *kwargs)
    if form not in FORMS or Box in map(type, kwargs.values()):
        if fun in (np.shape, np.ndim, np.size):  # never in FORMS: they write no line
            return fun(*map(unbox, args), **{k: unbox(v) for k, v in kwargs.items()})
        refuse_out(fun, kwargs)
        if fun in COMPOSITE:
            require_form(fun, COMPOSITE[fun], args, kwargs)
            return COMPOSITE[fun](*args, **kwargs)
        if any(type(value) is Box for value in kwargs.values()):
            raise TypeError(
                f"{name(fun)} got a traced value by keyword: {', '.join(kwargs)}. "
                f"Pass the arguments to differentiate by position."
            )
        if fun not in CONSTANT:
            rule = rule_of(fun)
            vjp = next(filter(None, rule)) if type(rule) is tuple else rule
            require_form(fun, vjp, (None, None, *args), kwargs)  # for z_bar and z
        FORMS.add((fun, len(args), *kwargs))
    return apply(fun, args, kwargs)


def require_form(fun, program, args, kwargs):
    """Refuse arguments that NumPy's function takes and our rule does not know."""
    try:
        inspect.signature(program).bind(*args, **kwargs)
    except TypeError:
        raise unknown_form(fun, kwargs) from None


def unknown_form(fun, kwargs):
    given = ", ".join(f"{key}=" for key in kwargs) or "that many arguments"
    return NotImplementedError(
        f"{name(fun)} with {given} has no VJP. Write it with fewer options, or add a "
        f"rule of your own: see primitive and defvjp."
    )


def refuse_out(fun, kwargs):
    if kwargs.pop("out", None) is not None:
        raise TypeError(
            f"{name(fun)} was asked to write a traced value into an existing array "
            f"(out=, or an in-place operator such as a += x). Write a = a + x instead."
        )


# ------------------------------------------------------------------------ refusals


@method("__array__", "__float__", "__int__", "__complex__", "__index__")
def turned_into_array(self, dtype=None, copy=None):
    raise TypeError(
        "A traced value was turned into a plain array, which would lose its "
        "gradient. Common causes: float(x), np.array([x, y]) (use np.stack), "
        "A[i] = x (build A anew), a list of numbers where the function expects an array "
        "(pass np.array(x)), a function that is not NumPy's."
    )


@method("__setitem__")
def changed_in_place(self, index, value):
    raise TypeError(
        "A traced array cannot be changed in place: x[i] = y would overwrite a "
        "value that the backward pass needs. Build a new array, for example with "
        "np.where or np.concatenate."
    )


@method("__getattr__")
def unknown_attribute(self, key):
    advice = f"Call np.{key} instead." if callable(getattr(np, key, None)) else ""
    advice = {"flatten": "Use x.ravel().", "mT": "Use np.swapaxes."}.get(key, advice)
    raise AttributeError(f"A traced array has no attribute {key}. {advice}".rstrip())


# --------------------------------------------------------- what arrays can also do


@method("__bool__")
def truth(self):
    answer = bool(unbox(self))  # an `if` follows the branch that this run takes
    inside = constant(self)
    if type(inside) is Box:  # a replay must take the same branch, or not be one
        inside.trace.box(answer, bool, (inside.value,), NO_KEYWORDS, ((0, inside.index),))
    return answer


@method("__format__")
def formatted(self, how):
    return format(unbox(self), how)  # so that a program may print what it computes


@method("__len__")
def length(self):
    return len(unbox(self))


@method("__iter__")
def rows(self):
    return (self[i] for i in range(len(self)))


@method("__getitem__")
def getitem(self, index):
    if type(index) is tuple and Box in map(type, index):
        return pick(self, *index)
    return apply(operator.getitem, (self, index), NO_KEYWORDS)


@primitive
def pick(x, *index):
    """Return x[index] with the parts of the index as arguments: some are in a Box."""
    return x[index]


@method("astype")
def astype(self, dtype):
    """Convert to another type: a float's bar is converted back, an integer has none."""
    fun = np.astype if np.dtype(dtype).kind == "f" else cast
    return apply(fun, (self, dtype), NO_KEYWORDS, cast)


def cast(x, dtype):
    return np.asarray(x).astype(dtype)


CONSTANT.add(cast)


@method("reshape")
def reshape(self, *shape):
    return np.reshape(self, shape[0] if len(shape) == 1 else shape)


def transposed(x):
    return x.T


@method("transpose")
def transpose(self, *axes):
    return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)


Box.shape = property(lambda self: np.shape(unbox(self)))
Box.ndim = property(lambda self: np.ndim(unbox(self)))
Box.size = property(lambda self: np.size(unbox(self)))
Box.dtype = property(lambda self: np.result_type(unbox(self)))
Box.T = property(lambda self: apply(np.transpose, (self,), NO_KEYWORDS, transposed))


def by_name(fun):
    """Return the method that calls a NumPy function: x.sum(axis=0) is np.sum(x, axis=0)."""
    return lambda self, *args, **kwargs: fun(self, *args, **kwargs)


for key in "sum mean var std max min ravel squeeze swapaxes dot argmax argmin".split():
    setattr(Box, key, by_name(getattr(np, key)))

# ----------------------------------------------- operators, past NumPy's dispatch
#
# Two boxes of one trace, or a box with a plain number or array, are the commonest cases
# by far, so they are written out: what `apply` would do, without looking for it.


def forward(ufunc, run):
    def operate(self, other):
        trace, x = self.trace, self.value
        if type(other) is not Box:
            y, parents = other, ((0, self.index),)
        elif other.trace is trace:
            y, parents = other.value, ((0, self.index), (1, other.index))
        else:
            return apply(ufunc, (self, other), NO_KEYWORDS, run)
        value, lines = run(x, y), trace.lines
        if type(value) is np.ndarray and value.size > LARGE:
            return trace.box(value, ufunc, (x, y), NO_KEYWORDS, parents)
        lines.append((value, ufunc, (x, y), NO_KEYWORDS, parents))
        return Box(value, trace, len(lines) - 1)

    return operate


def reflected(ufunc, run):
    def operate(self, other):
        trace, y = self.trace, self.value
        value, lines = run(other, y), trace.lines
        if type(value) is np.ndarray and value.size > LARGE:
            return trace.box(value, ufunc, (other, y), NO_KEYWORDS, ((1, self.index),))
        lines.append((value, ufunc, (other, y), NO_KEYWORDS, ((1, self.index),)))
        return Box(value, trace, len(lines) - 1)

    return operate


def compared(ufunc, run):
    return lambda self, other: apply(ufunc, (self, other), NO_KEYWORDS, run)


def unary(ufunc, run):
    return lambda self: apply(ufunc, (self,), NO_KEYWORDS, run)


ARITHMETIC = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
    "pow": np.power, "matmul": np.matmul, "mod": np.remainder,
}  # fmt: skip
COMPARISON = {
    "lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal,
    "gt": np.greater, "ge": np.greater_equal, "floordiv": np.floor_divide,
}  # fmt: skip
UNARY = {"neg": np.negative, "abs": np.absolute, "pos": np.positive}

OPERATORS = {}  # ufunc -> how a Box answers it, from the left and from the right

for key, ufunc in ARITHMETIC.items():
    run = getattr(operator, key)
    OPERATORS[ufunc] = forward(ufunc, run), reflected(ufunc, run)
    for prefix, operate in zip(("__", "__r"), OPERATORS[ufunc], strict=True):
        setattr(Box, f"{prefix}{key}__", operate)
for ufunc in (np.logaddexp, np.maximum, np.minimum, np.hypot, np.arctan2):
    OPERATORS[ufunc] = forward(ufunc, ufunc), reflected(ufunc, ufunc)
for key, ufunc in UNARY.items():
    setattr(Box, f"__{key}__", unary(ufunc, getattr(operator, key)))
for key, ufunc in COMPARISON.items():
    setattr(Box, f"__{key}__", compared(ufunc, getattr(operator, key)))
Box.__rfloordiv__ = lambda self, other: np.floor_divide(other, self)
