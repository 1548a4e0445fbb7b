"""The contestants of the GloVe benchmark: ways down one cost, from one start.

`fit(name, X, params, rng, sweeps, callback)` descends from `params` on the counts X, and
calls callback(params, history) after each sweep, as the trainers of `glove` do. The
authors' own program, which draws its own start, is in `originals`. Nothing here is timed.
"""

from importlib.util import find_spec

import numpy as np

from coursecore.words import embeddings, glove

ADAGRAD, NUMBA = "AdaGrad", ", Numba"
CHUNK = 1 << 18  # entries whose cost is computed at a time


def adagrad(X, params, rng, sweeps, callback, fast=False, lr=0.05):
    return glove.fit_adagrad(
        X, params, rng=rng, sweeps=sweeps, lr=lr, callback=callback, fast=fast
    )


def least_squares(X, params, rng, sweeps, callback, fast=False, ridge=0.1, steps=None):
    return glove.fit_least_squares(
        X, params, sweeps=sweeps, ridge=ridge, steps=steps, callback=callback, fast=fast
    )


# Each with the sweeps it is given; AdaGrad has those of the authors' program.
FACTORISERS = {
    ADAGRAD: (adagrad, {}, 25),
    ADAGRAD + NUMBA: (adagrad, {"fast": True}, 25),
    "least squares": (least_squares, {}, 5),
    "least squares, ridge 0.5": (least_squares, {"ridge": 0.5}, 8),
    "4 CG steps": (least_squares, {"steps": 4}, 6),
    "4 CG steps" + NUMBA: (least_squares, {"steps": 4, "fast": True}, 6),
    "4 CG steps, ridge 0.5" + NUMBA: (
        least_squares, {"steps": 4, "ridge": 0.5, "fast": True}, 8,
    ),
}  # fmt: skip


def installed():
    """Name the contestants that can run here."""
    numba = find_spec("numba") is not None
    return [name for name in FACTORISERS if numba or not name.endswith(NUMBA)]


def fit(name, X, params, rng, sweeps=None, callback=None):
    """Descend as the contestant does; return (params, History)."""
    trainer, options, usual = FACTORISERS[name]
    return trainer(X, params, rng, sweeps or usual, callback, **options)


def compile_loops(name, X, params):
    """Let Numba compile what the contestant needs, on a corner of X."""
    corner = {key: leaf[:100].copy() for key, leaf in params.items()}
    fit(name, X[:100, :100], corner, np.random.default_rng(0), sweeps=1)


# ------------------------------------------------------------------ what was reached


def mean_cost(X, params):
    """Return J / 2N for the N counts that are not zero, which the original prints."""
    i, j, x = glove.nonzeros(X)
    parts = (slice(start, start + CHUNK) for start in range(0, len(x), CHUNK))
    costs = [float(glove.cost(params, i[at], j[at], x[at])) for at in parts]
    return sum(costs) / (2 * len(x))


def judge(params, vocab, questions, pairs):
    """Return what the vectors know: right analogies, those asked, Spearman's ρ."""
    E = glove.vectors(params)
    score = embeddings.accuracy(E, vocab, questions)["total"]
    rho = embeddings.spearman(E, vocab, pairs).rho
    return {"right": score.right, "asked": score.asked, "spearman": rho}
