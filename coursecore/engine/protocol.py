"""The protocol: what makes a Box pass for an array.

NumPy asks the arguments of every call whether they want to handle it themselves: a
ufunc such as `np.tanh` asks for `__array_ufunc__` (NEP 13), any other function for
`__array_function__` (NEP 18). Python's operators ask for `__add__` and its kin. Each of
these leads to `apply`, which writes the call on the tape. What cannot be traced is
refused here, in words, in the forward pass.
"""

import inspect
import operator

import numpy as np

from .trace import COMPOSITE, CONSTANT, Box, apply, name, unbox, vjp_of


def method(*names):
    """Make a function a method of Box, under each of the names."""

    def install(function):
        for each in names:
            setattr(Box, each, function)
        return function

    return install


# ----------------------------------------------------------- NumPy's two questions


@method("__array_ufunc__")
def ufunc_called(self, ufunc, how, *args, **kwargs):
    if how != "__call__":
        raise NotImplementedError(
            f"numpy.{ufunc.__name__}.{how} cannot be traced. "
            f"Use the function that says the same, for example np.sum."
        )
    refuse_out(ufunc, kwargs)
    if kwargs:
        raise unknown_form(ufunc, kwargs)
    return apply(ufunc, args, kwargs)


@method("__array_function__")
def function_called(self, fun, types, args, kwargs):
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
        vjp = vjp_of(fun, 0) or vjp_of(fun, 1)
        require_form(fun, vjp, (None, None, *args), kwargs)
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
        "A[i] = x (build A anew), a function that is not NumPy's."
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
    raise AttributeError(
        f"A traced array has no attribute {key}. If NumPy has a function of that "
        f"name, call it: np.{key}(x)."
    )


# --------------------------------------------------------- what arrays can also do


@method("__bool__")
def truth(self):
    return bool(unbox(self))  # an `if` follows the branch that this run takes


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
    return apply(operator.getitem, (self, index), {})


@method("astype")
def astype(self, dtype):
    """Convert to another float type; the bar is converted back."""
    return apply(np.astype, (self, dtype), {}, lambda x, d: np.asarray(x).astype(d))


@method("reshape")
def reshape(self, *shape):
    return np.reshape(self, shape[0] if len(shape) == 1 else shape)


@method("transpose")
def transpose(self, *axes):
    return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)


Box.shape = property(lambda self: np.shape(unbox(self)))
Box.ndim = property(lambda self: np.ndim(unbox(self)))
Box.size = property(lambda self: np.size(unbox(self)))
Box.dtype = property(lambda self: np.result_type(unbox(self)))
Box.T = property(lambda self: np.transpose(self))


def by_name(fun):
    """Return the method that calls a NumPy function: x.sum(axis=0) is np.sum(x, axis=0)."""
    return lambda self, *args, **kwargs: fun(self, *args, **kwargs)


for key in "sum mean var std max min ravel squeeze swapaxes dot argmax argmin".split():
    setattr(Box, key, by_name(getattr(np, key)))

# ----------------------------------------------- operators, past NumPy's dispatch


def forward(ufunc, run):
    return lambda self, other: apply(ufunc, (self, other), {}, run)


def reflected(ufunc, run):
    return lambda self, other: apply(ufunc, (other, self), {}, run)


def unary(ufunc, run):
    return lambda self: apply(ufunc, (self,), {}, run)


ARITHMETIC = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
    "pow": np.power, "matmul": np.matmul, "mod": np.remainder,
    "floordiv": np.floor_divide,
}  # fmt: skip
COMPARISON = {
    "lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal,
    "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip
UNARY = {"neg": np.negative, "abs": np.absolute, "pos": np.positive}

for key, ufunc in (ARITHMETIC | COMPARISON).items():
    setattr(Box, f"__{key}__", forward(ufunc, getattr(operator, key)))
for key, ufunc in ARITHMETIC.items():
    setattr(Box, f"__r{key}__", reflected(ufunc, getattr(operator, key)))
for key, ufunc in UNARY.items():
    setattr(Box, f"__{key}__", unary(ufunc, getattr(operator, key)))
