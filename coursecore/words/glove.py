"""GloVe: word vectors from co-occurrence counts, by weighted least squares.

Word i has a vector r_i and a bias b_i, and others, r̃_j and b̃_j, where it is another's
company. They are fitted to the logarithms of the counts (Toronto CSC421 lecture 7;
Pennington, Socher and Manning 2014):

    J = Σ_ij f(x_ij) (r_iᵀ r̃_j + b_i + b̃_j - log x_ij)²

f(0) = 0, so pairs that never met cost nothing and are never touched, and the commonest
pairs weigh no more than 1. Parameters are a tree {"R", "R_tilde": (V, D), "b", "b_tilde":
(V,)}. Three ways to the minimum of one cost:

- `train.fit(glove.cost, params, glove.nonzeros(X), …)`: the gradient, by backpropagation;
- `fit_adagrad`: one entry after the other, as in the authors' own program;
- `fit_least_squares`: all words at once, then all companions at once: by far the fastest.

    >>> X = np.outer([1, 2, 3], [1, 2, 3])
    >>> params = init(np.random.default_rng(0), num_words=3, dim=1)
    >>> params, history = fit_least_squares(X, params, sweeps=20, ridge=1e-9)
    >>> bool(history.train[-1] < 1e-9)  # log x_ij = log i + log j: biases are enough
    True
"""

import os
import time
import zlib
from dataclasses import dataclass, field

import numpy as np

from ..engine import tree
from ..training import store
from ..training.progress import bar
from . import loops
from .cooccurrence import count as cooccurrence  # part of this module's interface
from .cooccurrence import require_counts
from .factorisation import one_thread, solve_rows
from .vectors import load, save

__all__ = [
    "History", "cooccurrence", "cost", "fit_adagrad", "fit_least_squares", "init", "load",
    "nonzeros", "save", "scores", "vectors", "weight",
]  # fmt: skip


@dataclass
class History:
    """What happened, an entry a sweep: the costs `train`, and `seconds` of wall time.

    `stopped` is "callback" where that ended the run. `plots.loss_curves` draws it.
    """

    train: list = field(default_factory=list)
    seconds: list = field(default_factory=list, compare=False)
    stopped: str | None = None
    valid = ()  # nothing is held out


# ---------------------------------------------------------------------------- the cost


def weight(x, x_max=100.0, alpha=0.75):
    """Return f(x) = (x / x_max)^α below x_max, and 1 from there on; f(0) = 0.

    Raises ValueError if x_max or α is not above 0.

    >>> weight(np.array([0.0, 1.0, 100.0, 1000.0])).round(4)
    array([0.    , 0.0316, 1.    , 1.    ])
    """
    if not (x_max > 0 and alpha > 0):
        raise ValueError(
            f"Weights need x_max and alpha above 0, but got {x_max=} and {alpha=}."
        )
    return np.minimum(np.divide(x, x_max), 1.0) ** alpha


def nonzeros(X, symmetric=False):
    """Return the entries of X that are not zero: rows i, columns j and counts x.

    X (V, V) is any of SciPy's sparse kinds, or dense. The three arrays are the rest of
    `cost`'s arguments. Raises ValueError for what can be no counts; with `symmetric`, also
    if X does not equal its transpose.
    """
    X = require_counts(X, symmetric).tocoo()
    return X.row, X.col, X.data


def init(rng, num_words, dim, dtype=float):
    """Draw parameters evenly from ±1/(2 (dim + 1)), as the authors' program does.

    Raises ValueError if dim is not in 1 … num_words: a matrix has no higher rank.
    """
    if not 1 <= dim <= num_words:
        raise ValueError(
            f"Vectors of {num_words} words have 1 to {num_words} dimensions, not {dim}."
        )

    def draw(*shape):
        return ((rng.random(shape) - 0.5) / (dim + 1)).astype(dtype)

    tables = {"R": draw(num_words, dim), "R_tilde": draw(num_words, dim)}
    return {**tables, "b": draw(num_words), "b_tilde": draw(num_words)}


def scores(params, i, j):
    """Return r_iᵀ r̃_j + b_i + b̃_j, the model's log x_ij, for arrays of words: (N,)."""
    products = params["R"][i] * params["R_tilde"][j]
    return np.sum(products, axis=1) + params["b"][i] + params["b_tilde"][j]


def cost(params, i, j, x, x_max=100.0, alpha=0.75):
    """Return J, summed over the pairs of words i, j (N,) with counts x > 0 (N,).

    The sum is the deck's: neither halved nor divided by N. (The authors' program prints
    J / 2N.) The slope in r_i is 2 Σ_j f(x_ij) (score - log x_ij) r̃_j.

    Raises ValueError for a count that is not above 0: it has no logarithm.
    """
    if not np.all(np.greater(x, 0)):
        raise ValueError(
            "The cost is a sum over counts above 0, but x holds others, that have no "
            "logarithm. Take the entries that glove.nonzeros(X) returns."
        )
    z = scores(params, i, j)
    log_x, f = np.log(x).astype(z.dtype), weight(x, x_max, alpha).astype(z.dtype)
    return np.sum(f * (z - log_x) ** 2)


def vectors(params):
    """Return R + R̃ (V, D), the vectors of the words.

    For symmetric counts both mean the same, and differ by their random start alone; their
    sum is a little better than either (Pennington et al. 2014, section 4.2).
    """
    return params["R"] + params["R_tilde"]


# ------------------------------------------------------------------------- the trainers


def fit_adagrad(
    X, params, *, rng, sweeps=25, lr=0.05, x_max=100.0, alpha=0.75,
    callback=None, checkpoint=None, progress=None, fast=None,
):  # fmt: skip
    """Minimise the cost by AdaGrad, entry by entry of X; return (params, History).

    The steps are those of the authors' program, g / √(1 + Σ g²), where g is lr times the
    gradient of *half* an entry's cost and the sum runs over the entries before. (Its later
    versions leave lr out for the biases.) NumPy would be slow entry by entry. So each
    sweep shuffles the words and takes the entries of one diagonal of X at a time (j - i
    the same, modulo V): no two of them share a word, none sees the other's step, and the
    result is that of one at a time.

    `history.train` holds the cost as it was met: each entry's before its own step.
    `rng` orders the entries. For the other arguments and errors see `fit_least_squares`.
    """
    if not lr > 0:
        raise ValueError(f"fit_adagrad needs lr above 0, but got {lr}.")
    X = _matching(X, params)
    i, j, x = nonzeros(X)
    dtype = params["R"].dtype
    log_x, f = np.log(x).astype(dtype), weight(x, x_max, alpha).astype(dtype)
    descend = loops.choose(loops.adagrad, fast) or _descend
    lr = dtype.type(lr)

    def sweep(params, memory):
        P, Q = _extended(params)
        P_squares, Q_squares = (np.array(squares) for squares in memory)
        total = 0.0
        for rows in _diagonals(rng, i, j, X.shape[0]):
            total += descend(
                P, Q, P_squares, Q_squares, i[rows], j[rows], log_x[rows], f[rows], lr
            )
        params = {"R": P[:, :-2], "R_tilde": Q[:, :-2], "b": P[:, -2], "b_tilde": Q[:, -1]}
        return tree.map(np.copy, params), (P_squares, Q_squares), total

    memory = tuple(np.ones_like(table) for table in _extended(params))
    memory[0][:, -1] = memory[1][:, -2] = np.inf  # a constant never moves
    plan = {"trainer": "AdaGrad", "lr": float(lr), "x_max": x_max, "alpha": alpha}
    plan |= _sizes(X, params)
    return _run(sweep, params, memory, rng, sweeps, plan, callback, checkpoint, progress)


def _extended(params):
    """Return P = [R, b, 1] and Q = [R̃, 1, b̃]: a score is p_iᵀ q_j, and nothing else."""
    one = np.ones_like(params["b"])
    return (
        np.column_stack([params["R"], params["b"], one]),
        np.column_stack([params["R_tilde"], one, params["b_tilde"]]),
    )


def _diagonals(rng, i, j, num_words):
    """Yield the entries of each diagonal of X, with its rows and columns shuffled."""
    places = rng.permutation(num_words), rng.permutation(num_words)
    diagonal = (places[1][j] - places[0][i]) % num_words
    # Sixteen bits are sorted by counting, many times faster than more of them.
    small = np.uint16 if num_words <= 2**16 else np.int32
    order = np.argsort(diagonal.astype(small), kind="stable")
    ends = np.cumsum(np.bincount(diagonal, minlength=num_words))
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        if start < end:
            yield order[start:end]


def _descend(P, Q, P_squares, Q_squares, i, j, log_x, f, lr):
    """Make the step of each entry, no two of which share a word; return their cost."""
    p, q = P[i], Q[j]
    residual = np.sum(p * q, axis=1) - log_x
    slope = (lr * f * residual)[:, None]
    for table, squares, rows, old, step in (
        (P, P_squares, i, p, slope * q),
        (Q, Q_squares, j, q, slope * p),
    ):
        before = squares[rows]
        table[rows] = old - step / np.sqrt(before)
        squares[rows] = before + step**2
    return float(np.sum(f * residual**2))


def fit_least_squares(
    X, params, *, sweeps=5, ridge=0.1, steps=None, x_max=100.0, alpha=0.75,
    callback=None, checkpoint=None, progress=None, fast=None,
):  # fmt: skip
    """Minimise the cost by alternating least squares; return (params, History).

    With r̃ and b̃ fixed, each word's (r, b) is a weighted least-squares problem of D + 1
    unknowns; `ridge` ‖(r, b)‖² is added to it, so that rare words have a solution too. A
    sweep solves all of them, then all of (r̃, b̃). Cost + ridge ‖params‖² never rises.
    Instead of exactly, each may be solved by some `steps` of conjugate gradients.

    X (V, V) holds counts: a SciPy sparse array or a dense one. `params` are those of
    `init`, whose dtype is that of all arithmetic. `history.train` holds the cost J, without
    the ridge, after each sweep. `callback(params, history)` is called after each sweep and
    ends the run if it returns True. `checkpoint` names a file that is written after each
    sweep; if it exists, the run goes on from there, and ends where it would have ended
    unbroken. `progress` says whether to show a bar with the cost; by default where somebody
    watches. `fast` chooses Numba (True), NumPy (False) or what is there (None).

    Raises ValueError if X can be no counts, does not fit params or the checkpoint is of
    another run; TypeError if params hold no floating-point numbers; FloatingPointError if
    the cost is not finite; ImportError for fast=True without Numba.
    """
    X = _matching(X, params)
    dtype = params["R"].dtype
    least = np.finfo(dtype).eps
    if not least < ridge < np.inf or (steps is not None and steps < 1):
        raise ValueError(
            f"fit_least_squares needs a ridge above {least:.0e}, the precision of {dtype}, "
            f"and steps of at least 1, or None, but got {ridge=} and {steps=}."
        )

    def entries(X):
        roots = np.sqrt(weight(X.data, x_max, alpha))
        return X.indptr, X.indices, np.log(X.data).astype(dtype), roots.astype(dtype)

    by_row, by_column = entries(X), entries(X.T.tocsr())

    def solve(W, b, fixed, offset, entries):
        theta = np.column_stack([W, b])
        table = np.column_stack([fixed, np.ones_like(offset)])
        total = solve_rows(theta, table, entries, offset, ridge, steps, fast)
        return theta[:, :-1].copy(), theta[:, -1].copy(), total

    def sweep(params, memory):
        R, R_tilde, b, b_tilde = (params[key] for key in ("R", "R_tilde", "b", "b_tilde"))
        R, b, _ = solve(R, b, R_tilde, b_tilde, by_row)
        R_tilde, b_tilde, total = solve(R_tilde, b_tilde, R, b, by_column)
        return {"R": R, "R_tilde": R_tilde, "b": b, "b_tilde": b_tilde}, memory, total

    plan = {"trainer": "least squares", "ridge": ridge, "steps": steps, "x_max": x_max}
    plan |= {"alpha": alpha, **_sizes(X, params)}
    with one_thread():
        return _run(sweep, params, None, None, sweeps, plan, callback, checkpoint, progress)


def _matching(X, params):
    """Return X as CSR, if it is a matrix of counts with a row for each word of params."""
    X = require_counts(X)
    if X.shape[0] != len(params["R"]):
        raise ValueError(
            f"Counts of {X.shape[0]} words need parameters of as many, but R has shape "
            f"{params['R'].shape}. Draw them by init(rng, num_words={X.shape[0]}, dim=…)."
        )
    if params["R"].dtype.kind != "f":
        raise TypeError(
            f"The trainers need parameters of floating-point numbers, as init draws them, "
            f"but R has dtype {params['R'].dtype}."
        )
    return X


def _sizes(X, params):
    """Write down what must be the same when a run goes on."""
    places = np.concatenate([X.indptr, X.indices], dtype=np.int64)
    counts = {"words": X.shape[0], "nonzeros": X.nnz}
    counts |= {"checksum of the counts": zlib.crc32(X.data, zlib.crc32(places))}
    return {**counts, "dim": params["R"].shape[1], "dtype": str(params["R"].dtype)}


def _run(sweep, params, memory, rng, sweeps, plan, callback, checkpoint, progress):
    """Sweep as often as wanted, or go on from the checkpoint; keep the costs."""
    history = History()
    if checkpoint is not None and os.path.exists(checkpoint):
        params, memory, history = _resume(checkpoint, plan, rng)
    with bar(sweeps, len(history.train), unit="sweep", show=progress) as shown:
        while len(history.train) < sweeps and history.stopped is None:
            begin = time.perf_counter()
            with np.errstate(over="ignore", invalid="ignore"):  # the cost tells it below
                params, memory, total = sweep(params, memory)
            if not np.isfinite(total):
                raise FloatingPointError(
                    f"The cost of GloVe is {total} after sweep {len(history.train) + 1}: "
                    f"the parameters were not finite, or AdaGrad's steps too long. Begin "
                    f"with those of init, and with a lower lr."
                )
            history.train.append(float(total))
            history.seconds.append(time.perf_counter() - begin)
            if checkpoint is not None:
                run = {"params": params, "memory": memory, "plan": plan}
                run |= {"rng": rng and rng.bit_generator.state}
                run |= {"costs": history.train, "seconds": history.seconds}
                store.save(checkpoint, run)
            if callback is not None and callback(params, history):
                history.stopped = "callback"
            if shown is not None:
                shown.set_postfix(cost=f"{total:.4g}", refresh=False)
                shown.update()
    return params, history


def _resume(path, plan, rng):
    stored = store.load(path)
    theirs = stored.get("plan", {}) if isinstance(stored, dict) else {}
    for key, wanted in plan.items():
        if theirs.get(key) != wanted:
            raise ValueError(
                f"The run cannot go on from {path}: there {key} is {theirs.get(key)}, but "
                f"now it is {wanted}. Ask for the same, or name another file."
            )
    if rng is not None:
        rng.bit_generator.state = stored["rng"]
    return stored["params"], stored["memory"], History(stored["costs"], stored["seconds"])
