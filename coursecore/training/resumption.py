"""Resumption: a run of training that was broken off goes on as if it had not been.

What the next epoch depends on is little: the parameters, the optimizer's state, the
state of the random generator, and what is known of the best epoch so far. All of it is
one tree, and `store` keeps it in one file. Beside it stands the plan, in words: the
names and shapes that must be the same when the run goes on.
"""

import math
import os
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..engine import tree


@dataclass
class Run:
    """A run of training between two epochs: all that is needed to go on, but for the rng.

    `limit` is the cost at which the run counts as diverged.
    """

    params: Any
    state: Any
    best: Any
    history: Any
    num_steps: int = 0
    limit: float = math.inf


def plan(cost, params, arrays, optimizer, rng, valid, metrics, **batching):
    """Write down, as names and shapes, what makes a run the same run."""
    leaves = zip(tree.paths(params), tree.leaves(params), strict=True)
    return {
        "cost": getattr(cost, "__name__", type(cost).__name__),
        # A function in it is printed with its address, which is another every time.
        "optimizer": re.sub(r" at 0x[0-9a-f]+", "", repr(optimizer)),
        "rng": type(rng.bit_generator).__name__,
        "arrays": [np.shape(array) for array in arrays],
        "valid": valid and [np.shape(array) for array in valid],
        "metrics": list(metrics or {}),
        **batching,
        **{f"params{path}": f"{np.result_type(w)} {np.shape(w)}" for path, w in leaves},
    }


def write(path, plan, rng, run):
    """Write a run to a file, whole or not at all."""
    from . import store  # loaded by runs that keep a file

    parts = {"history": vars(run.history), "rng": rng.bit_generator.state}
    store.save(path, {"plan": plan, **vars(run), **parts})


def resume(path, plan, rng, run):
    """Return the run that the file holds, and set rng to where it was; or `run` as it is.

    Raises ValueError if the file holds no run, or one with another plan.
    """
    if not os.path.exists(path):
        return run
    from . import store

    stored = store.load(path)
    if not isinstance(stored, dict) or not {"plan", *vars(run)} <= set(stored):
        raise ValueError(
            f"fit cannot go on from {path}: the file holds a tree, but no run of training. "
            f"Name another file as the checkpoint."
        )
    for key in {**plan, **stored["plan"]}:
        then, now = stored["plan"].get(key), plan.get(key)
        if then != now:
            raise ValueError(
                f"fit cannot go on from {path}: it holds a run with {key} = {then}, but "
                f"now it is {now}. Call fit as then, or name another file to begin anew."
            )
    rng.bit_generator.state = stored["rng"]
    return replace(
        run,
        params=_refill(run.params, stored["params"]),
        state=_refill(run.state, stored["state"]),
        best=_refill(run.best, stored["best"]),
        history=replace(run.history, **stored["history"]),
        num_steps=stored["num_steps"],
        limit=stored["limit"],
    )


def _refill(like, stored):
    """Give a stored tree the named tuples of `like`."""
    return tree.unflatten(like, tree.leaves(stored))
