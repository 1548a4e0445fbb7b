"""Memory: what a tape keeps, and what a gradient owns.

The VJP of z = x + y needs no entry of x, y or z, only their shapes; that of exp needs z
alone. So when a gradient is all that is asked for, a node keeps what its rule reads (the
rule says so: `defvjp(..., reads="z")`) and of every other large array a `Blank`. A deep
network then holds one array for each layer, as a backward pass written by hand does.
"""

import math
import sys

import numpy as np

from .trace import READS, unbox

LARGE = 4_096  # entries; to blank fewer costs more time than it saves memory


class Blank:
    """Stands for an array of which the shape is all that is needed."""

    __slots__ = ("shape",)
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: math.prod(self.shape))

    def __init__(self, shape):
        self.shape = shape

    def read(self, *args, **kwargs):
        """Refuse to be read."""
        raise TypeError(
            f"A rule read an array of shape {self.shape} that was not kept. Name what "
            f'its VJPs read, defvjp(..., reads="x z"), or leave `reads` out.'
        )


for key in "array add sub mul truediv pow matmul neg getitem gt ge lt le float".split():
    setattr(Blank, f"__{key}__", Blank.read)
for key in "add sub mul truediv pow matmul".split():
    setattr(Blank, f"__r{key}__", Blank.read)


def keep(value, fun, args):
    """Return the value and the arguments of a step as its rule needs them."""
    for x in (value, *args):
        if type(x) is np.ndarray and x.size > LARGE:
            break
    else:
        return value, args
    reads = READS.get(fun)
    if reads is None:
        return value, args
    reads = [*reads, *[True] * (1 + len(args) - len(reads))]
    each = zip((value, *args), reads, strict=False)
    value, *args = [x if read else blank(x) for x, read in each]
    return value, tuple(args)


def blank(x):
    """Return x, or a Blank of its shape if it is large."""
    return Blank(x.shape) if type(x) is np.ndarray and x.size > LARGE else x


def own(bars, leaves, y_bar):
    """Turn the bars of the inputs into gradients that may be changed without harm.

    A missing bar becomes zeros, and a bar that was widened on its way (float32 times
    float64) gets the dtype of its leaf. A bar whose memory somebody else sees is copied,
    so that `grads["W"] *= 2` changes nothing else.

    Raises TypeError for a complex bar and ValueError for one of another shape.
    """
    grads, seen = [], {id(y_bar)}
    for i, leaf in enumerate(leaves):
        bar = bars[i] if i < len(bars) else None
        if bar is None:
            bar = np.zeros_like(unbox(leaf))[()]
        elif type(bar) is not float or type(leaf) is not float:
            if type(bar) is not np.ndarray or type(leaf) is not np.ndarray:
                bar = _fit(bar, np.shape(leaf), np.result_type(unbox(leaf)))
            elif bar.dtype != leaf.dtype or bar.shape != leaf.shape:
                bar = _fit(bar, leaf.shape, leaf.dtype)
            if type(bar) is np.ndarray and (id(bar) in seen or _is_shared(bar)):
                bar = bar.copy()
        seen.add(id(bar))
        grads.append(bar)
    return grads


def _fit(bar, shape, dtype):
    if np.shape(bar) != shape:
        raise ValueError(
            f"A gradient of shape {np.shape(bar)} came back to a leaf of shape {shape}. "
            f"Look at the VJPs that you have registered."
        )
    came = np.result_type(unbox(bar))
    if came.kind == "c":
        raise TypeError(
            "A complex number was computed on the way, and the rules hold for real ones. "
            "Write the real and the imaginary part apart."
        )
    bar = np.float64(bar) if type(bar) is float else bar
    return bar if came == dtype else bar.astype(dtype)


def _num_references(view):
    return sys.getrefcount(view.base)


# References to an array that nothing but one view of it knows. Python counts them exactly,
# so a bar whose array has more is seen by somebody else: a copy can only cost time.
ALONE = _num_references(np.zeros(2)[:1])


def _is_shared(bar):
    if bar.base is None:
        return False
    return not bar.flags.writeable or _num_references(bar) > ALONE
