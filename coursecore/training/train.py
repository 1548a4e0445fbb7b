"""The training loop: any cost, any tree of parameters, any optimizer.

>>> from coursecore import data, nn, optim
>>> from coursecore import functional as F
>>> X, t = data.xor()
>>> def cost(params, X, t):
...     return F.cross_entropy(nn.mlp(params, X), t)
>>> params = nn.init_mlp(np.random.default_rng(0), [2, 8, 2])
>>> rng = np.random.default_rng(1)
>>> sgd = optim.SGD(lr=1.0)
>>> params, history = fit(cost, params, (X, t), sgd, rng=rng, epochs=200)
>>> nn.accuracy(params, X, t)
np.float64(1.0)
"""

import inspect
import itertools
import math
import time
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..engine import tree
from ..engine.autodiff import value_and_grad
from ..engine.replay import replay
from . import resumption
from .divergence import breakdown
from .optim import global_norm
from .progress import bar

DIVERGED = 1e8  # a cost that has grown by this factor will not come back
SMOOTHING = 0.8  # weight of the past in the average that find_lr looks at


@dataclass
class History:
    """What happened, an entry an epoch, in plain lists.

    `train` and `valid` are mean costs, and `metrics` has a list for each name;
    `grad_norms` are means over the steps. `learning_rates` (None where the optimizer has
    none) and `steps`, counted from the beginning of the run, are those at the end of the
    epoch. `seconds` are wall time; histories that differ in nothing else are equal.

    `best_epoch` counts from 0 and is the epoch whose parameters `fit` returned.
    `stopped` is "patience", "tolerance" or "callback" where that ended the run.
    """

    train: list = field(default_factory=list)
    valid: list = field(default_factory=list)
    best_epoch: int | None = None
    metrics: dict = field(default_factory=dict)
    grad_norms: list = field(default_factory=list)
    learning_rates: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    seconds: list = field(default_factory=list, compare=False)
    stopped: str | None = None


class Epoch(NamedTuple):
    """What a callback is told at the end of an epoch: its number and where things stand."""

    number: int
    params: Any
    best: Any
    history: History


class LearningRates(NamedTuple):
    """What `find_lr` found: a cost for each learning rate, and the one to begin with."""

    lrs: list
    costs: list
    suggestion: float


def minibatches(rng, arrays, batch_size, drop_last=False):
    """Yield the rows of several arrays together, shuffled, each exactly once.

    The last batch is smaller where `batch_size` does not divide the number of rows;
    `drop_last` leaves it out. With batch_size=None all rows are one batch, in their own
    order, and nothing is drawn.
    """
    num_rows = _common_length(arrays)
    if batch_size is None:
        yield tuple(arrays)
        return
    if batch_size < 1:
        raise ValueError(f"minibatches needs a batch_size of at least 1, got {batch_size}.")
    if drop_last and batch_size > num_rows:
        raise ValueError(
            f"drop_last leaves nothing of {num_rows} rows in batches of {batch_size}: "
            f"take a smaller batch_size, or None for all rows at once."
        )
    order = rng.permutation(num_rows)
    for start in range(0, num_rows, batch_size):
        rows = order[start : start + batch_size]
        if len(rows) == batch_size or not drop_last:
            yield tuple(array[rows] for array in arrays)


def fit(
    cost, params, arrays, optimizer, *, rng, epochs=10, batch_size=32, drop_last=False,
    valid=None, metrics=None, patience=None, tolerance=None, callbacks=(),
    has_aux=False, after_step=None, checkpoint=None, progress=None, replayed=False,
):  # fmt: skip
    """Minimise cost(params, *batch) and return the best parameters and the History.

    `arrays` is a tuple such as (X, t) whose rows are examples; `rng` shuffles them anew
    each epoch. A cost with a keyword `rng` is given it too, and rng=None in validation,
    where dropout is the identity. With `has_aux` the cost returns (value, aux). After
    each step params become after_step(params), or after_step(params, aux) with has_aux:
    a proximal step, a projection, running statistics.

    With `valid`, a tuple like `arrays`, the parameters of the epoch with the lowest
    validation cost are returned; `metrics` maps names to functions of (params, *valid)
    that are recorded beside it. The run stops before its last epoch

    - with `patience`, when that many epochs brought nothing better (early stopping with
      look-ahead, Larochelle; patience=1 stops at the first epoch that does not improve);
    - with `tolerance`, when ‖Δθ‖ < tolerance over a whole epoch;
    - when one of the `callbacks`, called with an `Epoch` after each, returns True.

    `checkpoint` names a file that is written after each epoch. If it exists, the run
    goes on from there and ends, bit for bit, where it would have ended unbroken; `epochs`
    counts from the beginning. `progress` says whether to show a bar; by default only
    where somebody watches: a terminal, a notebook that no program runs. With `replayed`
    the gradient is recorded once and replayed, quicker for small networks, see `replay`.

    Raises FloatingPointError if the cost is no longer finite or has grown 10⁸-fold: the
    step was too long. Raises ValueError for a checkpoint of another run.
    """
    _common_length(arrays)
    _refuse_options(valid, metrics, patience)
    # Where the optimizer works in place, what is kept must be a copy.
    keep = _copy if getattr(optimizer, "in_place", False) else lambda params: params
    params = keep(params)
    history = History(metrics={name: [] for name in metrics or {}})
    run = resumption.Run(params, optimizer.init(params), keep(params), history)
    if checkpoint is not None:
        batching = {"batch_size": batch_size, "drop_last": drop_last}
        plan = resumption.plan(
            cost, params, arrays, optimizer, rng, valid, metrics, **batching
        )
        run = resumption.resume(checkpoint, plan, rng, run)
        history = run.history
    differentiate = _differentiate(cost, has_aux, rng, replayed)
    evaluate = _evaluate(cost, has_aux)
    calm, lowest = keep(run.params), math.inf  # where the best epoch so far began
    with bar(epochs, len(history.train), show=progress) as shown:
        for epoch in range(len(history.train), epochs):
            if history.stopped:
                break
            clock, begun = time.perf_counter(), keep(run.params)
            total = norms = num_rows = num_batches = 0
            for batch in minibatches(rng, arrays, batch_size, drop_last):
                lr = _learning_rate(optimizer, run.num_steps)
                with np.errstate(all="ignore"):  # what is not finite raises, in words
                    value, aux, grads = differentiate(run.params, batch)
                    norm = global_norm(grads)
                    if not (math.isfinite(value + norm) and value <= run.limit):
                        raise breakdown(
                            epoch, run, value, grads, batch, optimizer, lr, evaluate, calm
                        )
                    run.params, run.state = optimizer.step(run.params, grads, run.state)
                    if after_step is not None:
                        run.params = after_step(run.params, *aux)
                if run.num_steps == 0:
                    run.limit = DIVERGED * max(1.0, abs(value))
                run.num_steps += 1
                total, num_rows = total + value * len(batch[0]), num_rows + len(batch[0])
                norms, num_batches = norms + norm, num_batches + 1

            history.train.append(total / num_rows)
            history.grad_norms.append(norms / num_batches)
            history.learning_rates.append(lr)
            history.steps.append(run.num_steps)
            if history.train[-1] < lowest:
                calm, lowest = begun, history.train[-1]
            if valid is not None:
                _validate(epoch, history, run.params, evaluate, valid, metrics, optimizer)
            if valid is None or _improved(history):
                history.best_epoch, run.best = epoch, keep(run.params)
            history.seconds.append(time.perf_counter() - clock)

            if patience is not None and epoch - history.best_epoch >= patience:
                history.stopped = "patience"
            elif tolerance is not None and _distance(begun, run.params) < tolerance:
                history.stopped = "tolerance"
            told = Epoch(epoch, keep(run.params), run.best, history)
            answers = [callback(told) for callback in callbacks]
            if any(_says_stop(answer) for answer in answers):
                history.stopped = history.stopped or "callback"
            if checkpoint is not None:
                resumption.write(checkpoint, plan, rng, run)
            if shown is not None:
                shown.set_postfix(cost=f"{history.train[-1]:.4g}", refresh=False)
                shown.update()
    return run.best, history


def find_lr(
    cost, params, arrays, optimizer, rng, *, lowest=1e-6, highest=10.0, num_steps=100,
    batch_size=32, has_aux=False, after_step=None,
):  # fmt: skip
    """Train a while with a growing learning rate, and say which is a good one.

    Each of `num_steps` steps has a larger rate than the one before, from `lowest` to
    `highest` in equal ratios, until the cost is twice what it was. Suggested is a tenth
    of the rate at which the cost, smoothed, was lowest. The cost that stands beside a rate
    is that of the batch before the step. (Smith 2017, "range test".)

    Raises ValueError if the cost rises from the first step on.
    """
    if not hasattr(optimizer, "lr"):
        raise TypeError(f"find_lr needs an optimizer with a field lr, but got {optimizer}.")
    if not 0 < lowest < highest or num_steps < 2:
        raise ValueError(
            f"find_lr needs 0 < lowest < highest and at least 2 steps, but got lowest="
            f"{lowest}, highest={highest} and num_steps={num_steps}."
        )
    differentiate = _differentiate(cost, has_aux, rng)
    params = _copy(params)
    state = replace(optimizer, lr=lowest).init(params)
    lrs = np.geomspace(lowest, highest, num_steps).tolist()
    passes = (minibatches(rng, arrays, batch_size) for _ in itertools.count())
    costs, smooth = [], []
    with np.errstate(all="ignore"):
        for lr, batch in zip(lrs, itertools.chain.from_iterable(passes), strict=False):
            value, aux, grads = differentiate(params, batch)
            mean = SMOOTHING * smooth[-1] + (1 - SMOOTHING) * value if smooth else value
            finite = math.isfinite(value) and math.isfinite(global_norm(grads))
            if not finite or (smooth and mean > smooth[0] + abs(smooth[0])):
                break
            costs.append(value)
            smooth.append(mean)
            params, state = replace(optimizer, lr=lr).step(params, grads, state)
            if after_step is not None:
                params = after_step(params, *aux)
    best = int(np.argmin(smooth)) if smooth else 0
    if best == 0:
        raise ValueError(
            f"find_lr saw no cost lower than the first, {value:.4g}, between the learning "
            f"rates {lowest:g} and {lr:g}. Try a smaller `lowest`, or check the gradient."
        )
    return LearningRates(lrs[: len(costs)], costs, lrs[best] / 10)


def __getattr__(name):
    if name not in ("load", "save"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import store  # with zip files and JSON, which a run without files does not need

    return getattr(store, name)


# ------------------------------------------------------------- parts of the loop


def _differentiate(cost, has_aux, rng, replayed=False):
    compute = value_and_grad(cost, has_aux=has_aux)
    draws = {"rng": rng} if _takes_rng(cost) else {}
    if replayed and draws:
        raise ValueError("A cost that draws from rng cannot be replayed: leave it out.")
    compute = replay(compute) if replayed else compute

    def differentiate(params, batch):
        value, grads = compute(params, *batch, **draws)
        value, *aux = value if has_aux else (value,)
        return float(value), aux, grads

    return differentiate


def _evaluate(cost, has_aux):
    draws = {"rng": None} if _takes_rng(cost) else {}

    def evaluate(params, batch):
        value = cost(params, *batch, **draws)
        return value[0] if has_aux else value

    return evaluate


def _takes_rng(cost):
    try:
        return "rng" in inspect.signature(cost).parameters
    except (TypeError, ValueError):  # some built-in callables have no signature
        return False


def _validate(epoch, history, params, evaluate, valid, metrics, optimizer):
    with np.errstate(all="ignore"):
        history.valid.append(float(evaluate(params, valid)))
    if not math.isfinite(history.valid[-1]):
        raise FloatingPointError(
            f"The validation cost became {history.valid[-1]} in epoch {epoch}: look "
            f"at the validation inputs, and at the learning rate of {optimizer}."
        )
    for name, metric in (metrics or {}).items():
        history.metrics[name].append(float(metric(params, *valid)))


def _improved(history):
    best = history.best_epoch
    return best is None or history.valid[-1] < history.valid[best]


def _says_stop(answer):
    return isinstance(answer, (bool, np.bool_)) and bool(answer)


def _learning_rate(optimizer, step):
    lr = getattr(optimizer, "lr", None)
    lr = lr(step) if callable(lr) else lr
    return None if lr is None else float(lr)


def _copy(params):
    return tree.map(lambda w: w.copy() if isinstance(w, np.ndarray) else w, params)


def _distance(before, after):
    return global_norm(tree.map(lambda x, y: y - x, before, after))


def _common_length(arrays):
    lengths = [len(array) for array in arrays]
    if not lengths or min(lengths) == 0 or len(set(lengths)) > 1:
        raise ValueError(
            f"Training needs arrays with the same number of rows, at least one, but got "
            f"{lengths} rows."
        )
    return lengths[0]


def _refuse_options(valid, metrics, patience):
    if patience is not None and valid is None:
        raise ValueError("fit needs a validation set to stop early: pass valid=(X, t).")
    if metrics and valid is None:
        raise ValueError(
            f"fit needs a validation set to measure {list(metrics)} on: pass valid=(X, t)."
        )
    if patience is not None and patience < 1:
        raise ValueError(f"fit needs a patience of at least 1 epoch, but got {patience}.")
