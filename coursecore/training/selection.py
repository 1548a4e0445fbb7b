"""Model selection: search over settings, on a grid or at random.

A search calls `score(**settings)`, which trains a model with these settings and returns
its cost on validation data. What no search may see is the test data.

    >>> def score(penalty, degree):
    ...     return (np.log10(penalty) + 2.0) ** 2 + (degree - 3) ** 2
    >>> grid_search(score, {"penalty": [1e-3, 1e-2], "degree": [2, 3]})
    trial  penalty  degree  score
        0    0.001       2      2
        1    0.001       3      1
        2     0.01       2      1
        3     0.01       3      0
    lowest score: trial 3
"""

import copy
import inspect
import itertools
import math
import time
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace

import numpy as np

from .results import Results, Trial, append, label, label_settings, resume
from .validation import Decomposition, bias_variance, cross_validate, k_fold

__all__ = [
    "Decomposition",
    "Results",
    "Sampler",
    "Trial",
    "bias_variance",
    "cross_validate",
    "grid_search",
    "integers",
    "k_fold",
    "log_uniform",
    "random_search",
    "uniform",
]

# ---------------------------------------------------------------------- samplers


@dataclass(frozen=True, repr=False)
class Sampler:
    """A distribution of a setting: called with an rng, it draws a value."""

    kind: str
    low: float
    high: float

    def __call__(self, rng):
        if self.kind == "integers":
            return int(rng.integers(self.low, self.high))
        if self.kind == "uniform":
            return float(rng.uniform(self.low, self.high))
        return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))

    def __repr__(self):
        return f"{self.kind}({self.low!r}, {self.high!r})"


def uniform(low, high):
    """Return a sampler of numbers spread evenly over [low, high)."""
    return _sampler("uniform", low, high)


def log_uniform(low, high):
    """Return a sampler of positive numbers whose logarithm is spread evenly.

    For what acts by its order of magnitude, as learning rates and penalties do: a tenth
    of the draws falls into each tenth of the way from log(low) to log(high).
    """
    return _sampler("log_uniform", low, high)


def integers(low, high):
    """Return a sampler of the integers low…high-1, each as likely as the other."""
    return _sampler("integers", low, high)


def _sampler(kind, low, high):
    least = 0 if kind == "log_uniform" else -math.inf
    if not least < low < high < math.inf:
        need = "0 < low < high" if kind == "log_uniform" else "low < high"
        raise ValueError(f"{kind} needs finite {need}, but got low={low}, high={high}.")
    return Sampler(kind, low, high)


# ---------------------------------------------------------------------- searches


def grid_search(
    score, space, *, rng=None, jobs=1, file=None, by=None, maximise=False, retry=False
):
    """Try every combination of the values in `space` and return the Results.

    `space` maps the name of each setting to a list of values, and score(**settings)
    returns a number, or a dict of numbers of which the first, or the one named by `by`,
    is to be low (high with `maximise`). If score takes `rng`, each trial gets one of its
    own, which depends on the `rng` passed here and on the trial's number only: results
    are the same for any number of parallel `jobs` (-1: one a processor; processes of
    joblib). A trial that raises is a row with its message.

    With `file`, each trial is written there as one line of JSON when it ends. The same
    call, repeated after an interruption, runs only what is missing; with `retry`, also
    what failed. Delete the file when score itself has changed. (Larochelle, model
    selection.)

    Raises ValueError or TypeError, before any trial, if score does not take the
    settings, or the file belongs to another search.
    """
    space = {name: _values(name, values) for name, values in _named(space).items()}
    grid = itertools.product(*space.values())
    settings = [dict(zip(space, values, strict=True)) for values in grid]
    seed = None if rng is None else _seed(rng)
    options = {"jobs": jobs, "file": file, "by": by, "maximise": maximise, "retry": retry}
    return _search("grid_search", score, space, settings, seed, **options)


def random_search(
    score, space, *, rng, num_trials, jobs=1, file=None, by=None, maximise=False,
    retry=False,
):  # fmt: skip
    """Try settings that are drawn independently from `space` and return the Results.

    Each entry of `space` is a list, of which a value is picked, or a function of an rng,
    such as `log_uniform(1e-4, 1.0)`. If few settings matter, this tries more values of
    each than a grid of the same size (Bergstra & Bengio 2012). A trial's settings do not
    depend on `num_trials`: a search with a file may be resumed with more. To refine,
    search again around `results.best.settings`. All else is as in `grid_search`.

    >>> space = {"lr": log_uniform(1e-4, 1.0), "momentum": [0.0, 0.9]}
    >>> score = lambda lr, momentum: (np.log10(lr) + 2.0) ** 2 - momentum
    >>> rng = np.random.default_rng(0)
    >>> results = random_search(score, space, rng=rng, num_trials=20)
    >>> 0.004 < results.best.settings["lr"] < 0.025
    True
    """
    if num_trials < 1:
        raise ValueError(f"random_search needs num_trials of at least 1, got {num_trials}.")
    space = {
        name: values if callable(values) else _values(name, values)
        for name, values in _named(space).items()
    }
    seed = _seed(rng)

    def draw(rng):
        return {
            name: values(rng) if callable(values) else values[rng.integers(len(values))]
            for name, values in space.items()
        }

    # Apart from (seed, number), which is the trial's own.
    rngs = (np.random.default_rng((seed, number, 1)) for number in range(num_trials))
    options = {"jobs": jobs, "file": file, "by": by, "maximise": maximise, "retry": retry}
    return _search("random_search", score, space, [*map(draw, rngs)], seed, **options)


def _seed(rng):
    return int(rng.integers(2**63))


def _named(space):
    if not isinstance(space, dict) or not space or "rng" in space:
        raise ValueError(
            f"A search needs a space such as {{'lr': [0.01, 0.1]}}, a dict with at least "
            f"one setting and none called rng, but got {space!r}."
        )
    return space


def _values(name, values):
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if not isinstance(values, (list, tuple, range)) or len(values) == 0:
        raise TypeError(
            f"space[{name!r}] must be a list of at least one value, but is {values!r}. "
            f"One value is a list too: [0.1]. Distributions are for random_search."
        )
    return list(values)


def _search(search, score, space, settings, seed, *, jobs, file, by, maximise, retry):
    takes_rng = _require_keywords(search, score, space)
    if takes_rng and seed is None:
        raise ValueError(f"score takes rng, so {search} needs one: rng=default_rng(0).")
    if not isinstance(jobs, int) or jobs == 0:
        raise ValueError(f"jobs must be a positive number, or -1 for all, not {jobs!r}.")
    trials = [
        Trial(number, each, (seed, number) if takes_rng else None)
        for number, each in enumerate(settings)
    ]
    header = {
        "search": search,
        "score": label(score),
        "space": label_settings(space),
        "seed": seed,
    }
    done, stream = ({}, nullcontext()) if file is None else resume(file, header, trials)
    missing = [
        trial
        for trial in trials
        if trial.number not in done or (retry and done[trial.number].error)
    ]
    with stream as stream, closing(_run_all(score, missing, jobs)) as finished:
        for trial in finished:
            done[trial.number] = trial
            if stream is not None:
                append(stream, trial)
    rows = tuple(done[trial.number] for trial in trials)
    names = [name for row in rows for name in row.scores]
    return Results(rows, by or (names or ["score"])[0], maximise)


def _require_keywords(search, score, space):
    """Refuse a score that does not take the settings; return whether it takes rng."""
    try:
        signature = inspect.signature(score)
    except (TypeError, ValueError):  # some built-in functions do not tell
        return False
    takes_rng = "rng" in signature.parameters
    try:
        signature.bind(**space, **({"rng": None} if takes_rng else {}))
    except TypeError as error:
        raise TypeError(
            f"{search} calls score with the settings {list(space)} by name, but score "
            f"takes {signature}: {error}."
        ) from None
    return takes_rng


def _run_all(score, trials, jobs):
    """Yield the finished trials as they come."""
    if jobs == 1 or len(trials) < 2:
        yield from (_run(score, trial) for trial in trials)
    else:
        import joblib

        # One trial a task: a finished one never waits for others to be written down.
        parallel = joblib.Parallel(jobs, return_as="generator_unordered", batch_size=1)
        yield from parallel(joblib.delayed(_run)(score, trial) for trial in trials)


def _run(score, trial):
    start = time.perf_counter()
    rng = {} if trial.seed is None else {"rng": np.random.default_rng(trial.seed)}
    try:
        # A copy, so that a score that changes a list of sizes spoils no other trial.
        scores, error = score(**copy.deepcopy(trial.settings), **rng), ""
        scores = scores if isinstance(scores, dict) else {"score": scores}
        scores = {str(name): float(value) for name, value in scores.items()}
    except Exception as problem:  # whatever it is, the other trials go on
        scores, error = {}, f"{type(problem).__name__}: {problem}"
    seconds = time.perf_counter() - start
    return replace(trial, scores=scores, seconds=seconds, error=error)
