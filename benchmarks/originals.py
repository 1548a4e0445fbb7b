"""The GloVe authors' own four programs, where somebody has compiled them.

They are written in C (Pennington, Socher and Manning 2014), and this project neither has
nor fetches them. The environment variable `GLOVE_C` names the folder in which they stand:
`vocab_count` and `cooccur` count, `shuffle` puts the counts out of order, `glove` descends.
Where it is not set they are left out. Each runs in one thread, and the times that
`Programs` keeps are of one program alone, from its start to its end, files and all.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
import weakref
from pathlib import Path

import numpy as np
from scipy import sparse

NAME, VARIABLE = "the original, C", "GLOVE_C"
PROGRAMS = ["vocab_count", "cooccur", "shuffle", "glove"]
ABSENT = f"{NAME}: left out, because {VARIABLE} does not name the folder of its programs"
RECORD = np.dtype([("word", "<i4"), ("company", "<i4"), ("count", "<f8")])


def folder():
    """Return the folder that GLOVE_C names, or None where it is not set.

    Raises FileNotFoundError if one of the four programs is not in it.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    found = Path(named).absolute()
    missing = [name for name in PROGRAMS if not os.access(found / name, os.X_OK)]
    if missing:
        raise FileNotFoundError(
            f"{VARIABLE} is to name the folder of the programs {', '.join(PROGRAMS)}, but "
            f"{found} has no {', '.join(missing)}. Compile them there, or unset {VARIABLE}."
        )
    return found


def installed():
    """Name the original if it can run here."""
    return [NAME] if folder() else []


class Programs:
    """The four programs, and a folder for their files that is gone with the object.

    `seconds[program]` is how long a program took when it last ran.
    """

    def __init__(self):
        self.home = folder()
        if self.home is None:
            raise FileNotFoundError(f"{ABSENT}. Compile them, and set {VARIABLE}.")
        self.files, self.seconds = Path(tempfile.mkdtemp()), {}
        weakref.finalize(self, shutil.rmtree, self.files)

    def run(self, program, source=None, target=None, **options):
        """Run a program from one file to another; return what it tells meanwhile.

        Raises ChildProcessError if it fails.
        """
        pairs = (("-" + key.replace("_", "-"), str(x)) for key, x in options.items())
        words = [word for pair in pairs for word in pair]
        with (
            open(self.files / (source or os.devnull), "rb") as stdin,
            open(self.files / (target or os.devnull), "wb") as stdout,
        ):
            start = time.perf_counter()
            done = subprocess.run(
                [self.home / program, *words], cwd=self.files, text=True,
                stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
            )  # fmt: skip
            self.seconds[program] = time.perf_counter() - start
        if done.returncode:
            raise ChildProcessError(
                f"{program} {' '.join(words)} ended with {done.returncode}: {done.stderr}"
            )
        return done.stderr

    def count_words(self, tokens, min_count):
        """Write tokens as one line of text; return the words (V,) that stay, in order."""
        (self.files / "text").write_text(" ".join(tokens), encoding="utf-8")
        self.run("vocab_count", "text", "words", min_count=min_count, verbose=0)
        lines = (self.files / "words").read_text(encoding="utf-8").splitlines()
        self.words = [line.split()[0] for line in lines]
        return self.words

    def count(self, window, **options):
        """Count co-occurrences of those words, weighed by 1/d, into a file."""
        self.run("cooccur", "text", "counts", vocab_file="words", window_size=window,
                 symmetric=1, distance_weighting=1, verbose=0, **options)  # fmt: skip

    def counts(self):
        """Read that file: X (V, V), sparse."""
        records = np.fromfile(self.files / "counts", RECORD)
        places = records["word"] - 1, records["company"] - 1
        shape = len(self.words), len(self.words)
        return sparse.coo_array((records["count"], places), shape=shape)

    def shuffle(self, seed=1):
        self.run("shuffle", "counts", "shuffled", seed=seed, verbose=0)

    def descend(self, dim, sweeps=25, seed=1):
        """Descend with the program's own defaults; return its parameters and costs.

        The parameters are a tree as that of `glove.init`, in float64. The costs, one a
        sweep, are J / 2N as it was met, each entry's before its own step.
        """
        told = self.run("glove", vocab_file="words", input_file="shuffled", binary=1,
                        save_file="vectors", vector_size=dim, iter=sweeps, threads=1,
                        x_max=100, alpha=0.75, eta=0.05, seed=seed, verbose=0)  # fmt: skip
        # Words, then companions; the bias is the last number of each.
        table = np.fromfile(self.files / "vectors.bin").reshape(2, -1, dim + 1)
        (R, b), (R_tilde, b_tilde) = ((half[:, :-1], half[:, -1]) for half in table)
        costs = [float(cost) for cost in re.findall(r"cost: (\S+)", told)]
        return {"R": R, "R_tilde": R_tilde, "b": b, "b_tilde": b_tilde}, costs
