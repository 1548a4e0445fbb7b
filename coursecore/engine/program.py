"""Programs: a traced function as data, to print and to draw.

>>> print(graph(lambda x, y: (x + y) * x)(2.0, 3.0))
x  = 2
y  = 3
t1 = x + y            = 5
t2 = t1 × x           = 10
"""

import inspect
from typing import NamedTuple

import numpy as np

from .autodiff import backward_pass, is_float
from .trace import Box, name, trace, unbox

SYMBOLS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "power": "^",
    "matmul": "@", "negative": "−", "getitem": "[ ]",
}  # fmt: skip


class Step(NamedTuple):
    """One named value of a program, how it was computed, and its bar.

    `bar` is the derivative of the program's result by this value; None if the result
    does not depend on it, or if the result is not a number. `parents` names the values
    that it was computed from, directly or by way of steps that have no name.
    """

    name: str
    function: str
    text: str
    value: object
    bar: object
    parents: tuple


class Program(tuple):
    """The steps of a program in the order in which they ran, which is topological."""

    __slots__ = ()

    @property
    def bars(self):
        """The bar of every step, by name."""
        return {step.name: step.bar for step in self}

    def __str__(self):
        width = max(len(step.name) for step in self)
        lines = []
        for step in self:
            line = f"{step.name:{width}} = {step.text:<16} = {shown(step.value)}"
            lines.append(
                line if step.text else f"{step.name:{width}} = {shown(step.value)}"
            )
        return "\n".join(lines)


def graph(fun):
    """Make the function that runs `fun` on its arguments and returns the Program.

    Inputs are named as the parameters of fun, steps t1, t2, … If fun returns a dict
    {name: value}, these names alone are kept; the last is the result.
    """

    def program(*args):
        if not all(map(is_float, args)):
            raise TypeError("graph needs numbers and arrays of floats as arguments.")
        result, record = trace(fun, *args)
        kept = result if isinstance(result, dict) else {}
        end = list(kept.values())[-1] if kept else result
        if type(end) is not Box:
            raise TypeError(
                f"graph needs a function whose result depends on its arguments, but this "
                f"one returned {end!r}."
            )
        names = dict(zip(range(len(args)), inspect.signature(fun).parameters, strict=False))
        if kept:
            names |= {box.index: key for key, box in kept.items() if type(box) is Box}
        else:
            letter = "t" if not any(n.startswith("t") for n in names.values()) else "v"
            steps = range(len(args), end.index + 1)
            names |= {i: f"{letter}{k}" for k, i in enumerate(steps, 1)}
        tape, bars = record.tape[: end.index + 1], [None] * (end.index + 1)
        if np.shape(end) == ():
            bars = backward_pass(1.0, tape, end.index)
        return Program(_steps(tape, names, bars))

    return program


def _steps(tape, names, bars):
    ancestors = {}  # for every node, the named values that it comes from
    for i, node in enumerate(tape):
        above = dict.fromkeys(a for _, parent in node.parents for a in ancestors[parent])
        ancestors[i] = [names[i]] if i in names else list(above)
        if i in names:
            function = name(node.fun).split(".")[-1] if node.fun else ""
            arguments = dict(node.parents)
            texts = [
                names.get(arguments[k], "…") if k in arguments else shown(arg)
                for k, arg in enumerate(node.args)
            ]
            text = _formula(function, texts) if node.fun else ""
            yield Step(
                names[i], function, text, unbox(node.value), unbox(bars[i]), tuple(above)
            )


def _formula(function, arguments):
    symbol = SYMBOLS.get(function)
    if function == "getitem":
        return f"{arguments[0]}[{arguments[1]}]"
    if function == "negative":
        return f"-{arguments[0]}"
    if symbol and len(arguments) == 2:
        return f"{arguments[0]} {symbol} {arguments[1]}"
    return f"{function}({', '.join(arguments)})"


def shown(value):
    """Write a number with four digits, an array by its shape: (3,) or 2 × 3."""
    value = unbox(value)
    if isinstance(value, (float, np.floating)) or np.ndim(value) == 0:
        return f"{value:.4g}" if isinstance(value, (int, float, np.generic)) else str(value)
    shape = np.shape(value)
    return " × ".join(map(str, shape)) if len(shape) > 1 else f"({shape[0]},)"
