"""Special functions: rules for those of SciPy, where it is installed, and logsumexp.

SciPy takes longer to load than the whole library, so it is asked for only when a
function without a rule meets a traced value: see `LATE` in `trace`. Its ufuncs then work
as NumPy's do: expit, logit, log_expit, erf, erfc, gammaln, gamma, digamma (psi).

`scipy.special.logsumexp` is a program that first turns its argument into a plain array,
and a traced value refuses that. Use the one below.
"""

import math

import numpy as np

from .trace import LATE, defvjp, primitive


@primitive
def logsumexp(x, axis=None, *, keepdims=False):
    """Return log Σ exp(x) along one axis, several or all, for x of any size.

    >>> logsumexp(np.array([1000.0, 1000.0])).round(6)
    np.float64(1000.693147)
    """
    largest = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    largest = np.where(np.isfinite(largest), largest, 0.0).astype(largest.dtype)
    with np.errstate(divide="ignore"):  # the logarithm of no summand is -inf
        z = np.log(np.sum(np.exp(x - largest), axis=axis, keepdims=True)) + largest
    return z if keepdims else np.squeeze(z, axis)[()]


def logsumexp_back(z_bar, z, x, axis=None, *, keepdims=False):
    """Share the bar among the summands: the slope of logsumexp is the softmax."""
    if axis is not None and not keepdims:
        z_bar, z = np.expand_dims(z_bar, axis), np.expand_dims(z, axis)
    return z_bar * np.exp(x - z)


defvjp(logsumexp, logsumexp_back)


@primitive
def polygamma(n, x):
    """Return the n-th derivative of digamma in the precision of x."""
    from scipy import special

    return special.polygamma(n, x).astype(np.result_type(x))[()]


defvjp(polygamma, None, lambda z_bar, z, n, x: z_bar * polygamma(n + 1, x))


def register():
    """Register the rules for scipy.special; without SciPy do nothing."""
    try:
        from scipy import special
    except ImportError:
        return

    slope = 2 / math.sqrt(math.pi)  # the slope of erf at 0
    # fmt: off
    defvjp(special.expit,     lambda z_bar, z, x: z_bar * z * (1 - z))
    defvjp(special.logit,     lambda z_bar, z, x: np.divide(z_bar, x * (1 - x)))
    defvjp(special.log_expit, lambda z_bar, z, x: z_bar * special.expit(-x))
    defvjp(special.erf,       lambda z_bar, z, x: z_bar * slope * np.exp(-x * x))
    defvjp(special.erfc,      lambda z_bar, z, x: z_bar * -slope * np.exp(-x * x))
    defvjp(special.gammaln,   lambda z_bar, z, x: z_bar * special.digamma(x))
    defvjp(special.gamma,     lambda z_bar, z, x: z_bar * z * special.digamma(x))
    defvjp(special.digamma,   lambda z_bar, z, x: z_bar * polygamma(1, x))
    # fmt: on


LATE.append(register)
