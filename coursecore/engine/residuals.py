"""Residuals: what a tape keeps of a large array that the backward pass will not read.

The VJP of z = x + y needs no entry of x, y or z, only their shapes; that of exp needs z
alone. So when a gradient is all that is asked for, a node keeps what its rule reads (the
rule says so: `defvjp(..., reads="z")`) and of every other large array a `Blank`. A deep
network then holds one array for each layer, as a backward pass written by hand does.
"""

import math

import numpy as np

from .trace import READS

LARGE = 4_096  # entries; to blank fewer costs more time than it saves memory


class Blank:
    """Stands for an array of which the shape is all that is needed."""

    __slots__ = ("shape",)
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: math.prod(self.shape))

    def __init__(self, shape):
        self.shape = shape

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            f"A rule read an array of shape {self.shape} that was not kept. Name "
            f'what its VJPs read: defvjp(..., reads="x z"), or leave `reads` out.'
        )


def keep(value, fun, args):
    """Return the value and the arguments of a step as its rule needs them."""
    for x in (value, *args):
        if type(x) is np.ndarray and x.size > LARGE:
            break
    else:
        return value, args
    reads = READS.get(fun) or [True] * (1 + len(args))
    value, *args = [
        x if r else blank(x) for x, r in zip((value, *args), reads, strict=False)
    ]
    return value, tuple(args)


def blank(x):
    """Return x, or a Blank of its shape if it is large."""
    return Blank(x.shape) if type(x) is np.ndarray and x.size > LARGE else x
