"""Data: toy sets with a known best error, real digits, splits without leakage.

- `toys`: seeded sets to classify and to fit, scikit-learn's 8×8 digits
- `bayes`: the best that any classifier can do on a toy set
- `splits`: dealing rows out without leakage, standardising, one-hot targets
- `catalogue`: the real data sets: addresses, checksums, licences
- `downloads`: finding, fetching and checking their files; MNIST

Inputs X have shape (N, D), rows are examples; targets t are integer classes (N,), or
numbers in regression. Every draw comes from the `rng` that is passed in.
"""

from .bayes import bayes_error, posterior
from .catalogue import DATASETS, Dataset, File
from .downloads import fetch, mnist, read, read_idx
from .splits import Standardiser, one_hot, seen, split, standardiser
from .toys import (
    SQUARE,
    TEE,
    blobs,
    bowl,
    digits,
    line,
    moons,
    noisy_patterns,
    noisy_xor,
    patterns,
    separable,
    spirals,
    translations,
    wave,
    xor,
)

__all__ = [
    "DATASETS",
    "SQUARE",
    "TEE",
    "Dataset",
    "File",
    "Standardiser",
    "bayes_error",
    "blobs",
    "bowl",
    "digits",
    "fetch",
    "line",
    "mnist",
    "moons",
    "noisy_patterns",
    "noisy_xor",
    "one_hot",
    "patterns",
    "posterior",
    "read",
    "read_idx",
    "seen",
    "separable",
    "spirals",
    "split",
    "standardiser",
    "translations",
    "wave",
    "xor",
]
