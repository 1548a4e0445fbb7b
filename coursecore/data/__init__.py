"""Data: toy sets with a known best error, real digits, splits without leakage.

- `toys`: seeded sets to classify and to fit, scikit-learn's 8×8 digits
- `bayes`: the best that any classifier can do on a toy set
- `splits`: dealing rows out without leakage, standardising, one-hot targets
- `catalogue`: the real data sets: addresses, checksums, licences
- `downloads`: finding, fetching and checking their files; MNIST
- `everyday`: a language whose next-word distribution is known; its `grammar` and `language`
- `manuals`: English from the documentation of the installed packages
- `corpora`: text8, the Toronto sentences, analogies and similarities; splits of sentences

Inputs X have shape (N, D), rows are examples; targets t are integer classes (N,), or
numbers in regression. Every draw comes from the `rng` that is passed in.
"""

from .bayes import bayes_error, posterior
from .catalogue import DATASETS, Dataset, File
from .corpora import (
    analogies,
    parse_analogies,
    parse_similarities,
    simlex999,
    split_positions,
    split_sentences,
    text8,
    toronto_sentences,
    ws353,
)
from .downloads import fetch, mnist, read, read_idx
from .everyday import HELD_OUT, everyday
from .language import Language
from .manuals import manuals
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
    "HELD_OUT",
    "SQUARE",
    "TEE",
    "Dataset",
    "File",
    "Language",
    "Standardiser",
    "analogies",
    "bayes_error",
    "blobs",
    "bowl",
    "digits",
    "everyday",
    "fetch",
    "line",
    "manuals",
    "mnist",
    "moons",
    "noisy_patterns",
    "noisy_xor",
    "one_hot",
    "parse_analogies",
    "parse_similarities",
    "patterns",
    "posterior",
    "read",
    "read_idx",
    "seen",
    "separable",
    "simlex999",
    "spirals",
    "split",
    "split_positions",
    "split_sentences",
    "standardiser",
    "text8",
    "toronto_sentences",
    "translations",
    "wave",
    "ws353",
    "xor",
]
