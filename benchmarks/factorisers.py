"""The contestants of the GloVe benchmark: ways down one cost, from one start.

`fit(name, X, params, rng, sweeps, callback)` descends from `params` on the counts X, and
calls callback(params, history) after each sweep, as the trainers of `glove` do.

`Original` runs the authors' own program where somebody has compiled it: it is written in
C and this project neither has nor fetches it. It is given the same counts in its own
format, in shuffled order, and draws its own start. Nothing here is timed.
"""

import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

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
    "3 CG steps": (least_squares, {"steps": 3}, 8),
    "3 CG steps" + NUMBA: (least_squares, {"steps": 3, "fast": True}, 8),
}


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


# ------------------------------------------------------------- the authors' program

RECORD = np.dtype([("word", "<i4"), ("company", "<i4"), ("count", "<f8")])


class Original:
    """The authors' program `glove`, compiled, one thread, its own defaults."""

    name = "the original, C"

    def __init__(self, program):
        self.program = Path(program).absolute()

    def prepare(self, folder, X, rng):
        """Write the counts and the words as the program reads them."""
        i, j, x = glove.nonzeros(X)
        records = np.empty(len(x), RECORD)
        records["word"], records["company"], records["count"] = i + 1, j + 1, x
        rng.shuffle(records)
        records.tofile(Path(folder) / "counts.bin")
        lines = (f"w{word} 1\n" for word in range(X.shape[0]))
        (Path(folder) / "vocab.txt").write_text("".join(lines))

    def run(self, folder, dim, sweeps):
        """Run the program on what was prepared; return its parameters as a tree."""
        options = {"input-file": "counts.bin", "vocab-file": "vocab.txt", "threads": 1,
                   "save-file": "vectors", "binary": 1, "iter": sweeps, "verbose": 0,
                   "vector-size": dim, "x-max": 100, "eta": 0.05}  # fmt: skip
        words = [str(word) for key, value in options.items() for word in (f"-{key}", value)]
        subprocess.run([self.program, *words], cwd=folder, check=True, capture_output=True)
        table = np.fromfile(Path(folder) / "vectors.bin").reshape(2, -1, dim + 1)
        (R, b), (R_tilde, b_tilde) = ((half[:, :-1], half[:, -1]) for half in table)
        return {"R": R, "R_tilde": R_tilde, "b": b, "b_tilde": b_tilde}

    def fit(self, X, dim, rng, sweeps=25):
        """Prepare and run in a folder that is gone afterwards; return the parameters."""
        with tempfile.TemporaryDirectory() as folder:
            self.prepare(folder, X, rng)
            return self.run(folder, dim, sweeps)
