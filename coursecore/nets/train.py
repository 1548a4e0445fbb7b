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

from dataclasses import dataclass, field

import numpy as np

from ..engine.autodiff import value_and_grad


@dataclass
class History:
    """What happened, an entry an epoch: mean training cost, validation cost.

    `best_epoch` counts from 0 and is the epoch whose parameters `fit` returned.
    """

    train: list = field(default_factory=list)
    valid: list = field(default_factory=list)
    best_epoch: int | None = None


def minibatches(rng, arrays, batch_size):
    """Yield the rows of several arrays together, shuffled, each exactly once.

    The last batch is smaller where `batch_size` does not divide the number of rows.
    """
    num_rows = _common_length(arrays)
    if batch_size < 1:
        raise ValueError(f"minibatches needs a batch_size of at least 1, got {batch_size}.")
    order = rng.permutation(num_rows)
    for start in range(0, num_rows, batch_size):
        rows = order[start : start + batch_size]
        yield tuple(array[rows] for array in arrays)


def fit(
    cost, params, arrays, optimizer, *, rng, epochs=10, batch_size=32, valid=None,
    patience=None,
):  # fmt: skip
    """Minimise cost(params, *batch) and return the best parameters and the History.

    `arrays` is a tuple such as (X, t) whose rows are examples; `rng` shuffles them anew
    each epoch. With `valid`, a tuple of the same kind, the parameters of the epoch with
    the lowest validation cost are returned, and with `patience` the run stops when that
    many epochs brought nothing better.

    Raises FloatingPointError if the cost is no longer finite: the step was too long.
    """
    if patience is not None and valid is None:
        raise ValueError("fit needs a validation set to stop early: pass valid=(X, t).")
    _common_length(arrays)
    differentiate = value_and_grad(cost)
    state, history, best = optimizer.init(params), History(), params
    for epoch in range(epochs):
        total = 0.0
        for batch in minibatches(rng, arrays, batch_size):
            value, grads = differentiate(params, *batch)
            if not np.isfinite(value):
                raise FloatingPointError(
                    f"The cost became {value} in epoch {epoch}. The learning rate of "
                    f"{optimizer} is probably too large: try a tenth of it."
                )
            params, state = optimizer.step(params, grads, state)
            total += float(value) * len(batch[0])
        history.train.append(total / len(arrays[0]))
        if valid is None:
            history.best_epoch, best = epoch, params
            continue
        history.valid.append(float(cost(params, *valid)))
        if not np.isfinite(history.valid[-1]):
            raise FloatingPointError(
                f"The validation cost became {history.valid[-1]} in epoch {epoch}: look "
                f"at the validation inputs, and at the learning rate of {optimizer}."
            )
        if epoch == 0 or history.valid[-1] < history.valid[history.best_epoch]:
            history.best_epoch, best = epoch, params
        if patience is not None and epoch - history.best_epoch >= patience:
            break
    return best, history


def _common_length(arrays):
    lengths = [len(array) for array in arrays]
    if not lengths or min(lengths) == 0 or len(set(lengths)) > 1:
        raise ValueError(
            f"Training needs arrays with the same number of rows, at least one, but got "
            f"{lengths} rows."
        )
    return lengths[0]
