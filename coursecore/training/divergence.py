"""Divergence: say why a run of training broke down, and what learning rate would do.

Gradient descent on a quadratic with Hessian H multiplies the distance to the minimum
along an eigenvector by 1 - α λ at every step. It settles only if α < 2/λ_max (Toronto
CSC421 lecture 3). Where a cost is no longer finite, this bound is the best hint there
is, and a few products with the Hessian, never formed, are enough to estimate it.
"""

import math

import numpy as np

from ..engine import tree
from ..engine.derivatives import hvp
from .optim import global_norm

POWER_ITERATIONS = 20


def largest_curvature(cost, params, rng):
    """Estimate λ_max, the largest eigenvalue of the Hessian of cost(params).

    By power iteration from a random direction: v ← H v / ‖H v‖, and λ = v·H v. None
    where it cannot be had: no finite derivatives, or the strongest curvature is negative.
    """
    multiply = hvp(cost)
    v = tree.map(lambda w: _like(w, rng.standard_normal(np.shape(w))), params)
    curvature = math.nan
    try:
        with np.errstate(all="ignore"):
            for _ in range(POWER_ITERATIONS):
                v = _scale(v, 1.0 / global_norm(v))
                Hv = multiply(params, v)
                curvature, v = tree.dot(v, Hv), Hv
                if not math.isfinite(curvature):
                    return None
    except Exception:  # a hint must not hide the error that it is about
        return None
    return curvature if curvature > 0 else None


def breakdown(epoch, run, value, grads, batch, optimizer, lr, cost, calm):
    """Make the FloatingPointError for a step that cannot be taken.

    `value` and `grads` are the cost and the gradient of `run` on `batch`. λ_max of
    cost(params, batch) is taken at `calm`, parameters from before the cost rose: where it
    has broken down the curvature is as far out as everything else.
    """
    rate = "" if lr is None else f", with learning rate {lr:.4g}"
    where = f" in epoch {epoch}, at step {run.num_steps}{rate}."
    if not math.isfinite(value):
        what = f"The cost became {value}"
    elif value > run.limit:
        what = f"The cost grew to {value:.3g}, far beyond its first value,"
    else:
        what = f"The gradient by params{_not_finite(grads)} was no longer finite"
    broken = [i for i, array in enumerate(batch) if not _all_finite(array)]
    if broken:
        why = f" Array {broken[0]} of this batch holds NaN or infinity: look at the data."
    elif run.num_steps == 0:
        why = (
            " No step had been taken yet: look at the parameters that fit was given, and "
            "at the cost itself. A log or root of 0, a division by 0?"
        )
    else:
        why = (
            f" The learning rate of {optimizer} is probably too large: try a tenth of it."
            f"{_hint(cost, calm, batch)}"
        )
    return FloatingPointError(what + where + why)


def _hint(cost, params, batch):
    rng = np.random.default_rng(0)  # the run is over, and its own rng is left alone
    curvature = largest_curvature(lambda params: cost(params, batch), params, rng)
    if curvature is None:
        return ""
    return (
        f" Before the cost rose, plain gradient descent on this batch would have settled "
        f"only below 2/λ_max ≈ {2 / curvature:.3g}."
    )


def _not_finite(grads):
    for path, g in zip(tree.paths(grads), tree.leaves(grads), strict=True):
        if not _all_finite(g):
            return path
    return ""


def _all_finite(array):
    array = np.asarray(array)
    return array.dtype.kind not in "fc" or bool(np.all(np.isfinite(array)))


def _like(w, v):
    return np.asarray(v, dtype=np.result_type(w))[()]


def _scale(v, factor):
    return tree.map(lambda x: factor * x, v)
