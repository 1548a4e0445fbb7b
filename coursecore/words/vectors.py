"""Vectors: words and their vectors in files that other programs read and write.

The text format is that of word2vec: a line with the number of words and the dimension,
then a line for each word.

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "vectors.txt")
    >>> save(path, ["cat", "dog"], np.array([[1.0, 0.5], [0.75, 0.1]]))
    >>> Path(path).read_text().splitlines()
    ['2 2', 'cat 1.0 0.5', 'dog 0.75 0.1']
    >>> load(path)
    (['cat', 'dog'], array([[1.  , 0.5 ],
           [0.75, 0.1 ]]))
"""

from itertools import chain
from pathlib import Path

import numpy as np

from ..training import store
from .files import pieces, write_lines


def save(path, words, E):
    """Write words and their vectors E (V, D) to a file, whole or not at all.

    A path that ends in .npz gets the format of `store.save`. Any other gets word2vec's
    text format, which gensim's `KeyedVectors.load_word2vec_format` reads, with so many
    digits that the numbers come back bit for bit.

    Raises ValueError for words that are not as many as rows of E, empty, with white space
    or not all different, and for numbers not real or not finite; OSError as `open` does.
    """
    words, E = list(words), np.asarray(E)
    _require("save", words, E)
    if Path(path).suffix == ".npz":
        store.save(path, {"words": words, "vectors": E})
        return
    write = "{:.9g}".format if E.dtype == np.float32 else repr  # digits that tell all apart
    rows = (" ".join(map(write, row)) for row in E.tolist())
    lines = (f"{word} {row}" for word, row in zip(words, rows, strict=True))
    write_lines(path, chain([f"{len(words)} {E.shape[1]}"], lines))


def load(path, dtype=float):
    """Read what `save` wrote, or another program's word2vec text: (words, E of (V, D)).

    Raises FileNotFoundError, and ValueError with the number of the line if the file is cut
    short, a number is none or not finite in `dtype`, or a word is empty or stands twice.
    """
    if Path(path).suffix == ".npz":
        stored = store.load(path)
        if not isinstance(stored, dict) or not {"words", "vectors"} <= set(stored):
            raise ValueError(f"{path} holds a tree, but no words with their vectors.")
        words, E = stored["words"], np.asarray(stored["vectors"], dtype)
        _require(f"load({str(path)!r})", words, E)
        return words, E
    lines = "".join(pieces(path)).split("\n")
    header = lines[0].split()
    if len(header) != 2 or not all(n.isdecimal() and int(n) for n in header):
        raise ValueError(
            f'{path}, line 1: vectors in word2vec\'s text format begin with a line "V D", '
            f"their number and dimension, but this file with {lines[0][:60]!r}. Files of "
            f"GloVe's own program have no such line: put it in front."
        )
    num_words, dim = map(int, header)
    if len(lines) != num_words + 2 or lines[-1]:
        raise ValueError(
            f"{path}, line {len(lines)}: after {num_words} vectors, each a whole line, the "
            f"file should end, but it has {len(lines) - 2}. It may be cut short."
        )
    _entry(path, 2, lines[1], dim, dtype)  # or a wrong dim might ask for all memory
    E, seen = np.empty((num_words, dim), dtype), {}
    for number, line in enumerate(lines[1:-1], 2):
        word, E[number - 2] = _entry(path, number, line, dim, dtype)
        if seen.setdefault(word, number) != number:
            raise ValueError(
                f"{path}, line {number}: the word {word!r} has a vector in line "
                f"{seen[word]} already."
            )
    return list(seen), E


def _entry(path, number, line, dim, dtype):
    word, *numbers = line.rstrip().split(" ")
    try:
        with np.errstate(over="ignore"):  # inf is refused below
            row = np.array(numbers, float).astype(dtype)
    except ValueError:
        row = np.array([np.nan])
    if not word or row.shape != (dim,) or not np.all(np.isfinite(row)):
        raise ValueError(
            f"{path}, line {number}: a line has a word and {dim} finite numbers, but this "
            f"one is {line[:60]!r}."
        )
    return word, row


def _require(name, words, E):
    if E.ndim != 2 or len(words) != len(E) or not E.size or E.dtype.kind not in "fiu":
        raise ValueError(
            f"{name} needs words and as many vectors, (V, D), of real numbers, but there "
            f"are {len(words)} words and vectors of shape {E.shape} and dtype {E.dtype}."
        )
    rows = np.flatnonzero(~np.all(np.isfinite(E), axis=1))
    if len(rows):
        raise ValueError(f"{name}: the vector of {words[rows[0]]!r} holds NaN or inf.")
    if len(set(words)) != len(words):
        raise ValueError(f"{name} needs words that differ, but one stands twice.")
    for word in words:
        if not isinstance(word, str) or word.split() != [word]:
            raise ValueError(f"{name}: a word is a str without white space, not {word!r}.")
