"""Co-occurrence: how often two words stand near each other.

"Judge a word by the company it keeps": x_ij counts how often words i and j stand at most
`window` places apart, and a pair d places apart may count as 1/d (Toronto CSC421
lecture 7; Pennington et al. 2014). Nearly all entries are 0, and only the others are kept.

A pair is packed with its distance into one whole number, a *key*. Sorting brings equal
pairs together, and a sum over each run of them counts. Sums are whole numbers as well:
multiples of 1/m, where m is the least common multiple of 1 … window. So they are exact,
and come out the same, bit for bit, however the corpus was cut, in memory or on disk.

    >>> from coursecore.words.text import Corpus
    >>> count(Corpus([0, 1, 2], [0]), num_words=3, window=2).toarray()
    array([[0. , 1. , 0.5],
           [1. , 0. , 1. ],
           [0.5, 1. , 0. ]])
"""

import contextlib
import math
import operator
import tempfile
from pathlib import Path

import numpy as np

BLOCK = 1 << 15  # keys that fit into a processor's cache, with what is made of them
CHUNK = 1 << 22  # keys that are sorted together
BYTES = 32  # of memory for a pair that is held, with its share of all else


def count(
    corpus, num_words, window=5, weighting="harmonic", symmetric=True, *,
    budget=2**31, folder=None,
):  # fmt: skip
    """Return the co-occurrences of a corpus, a SciPy sparse array X (V, V) of float64.

    `corpus` is a `text.Corpus`, or an iterable of them: the pieces of a corpus that is
    larger than memory, cut between sentences. No pair crosses the end of a sentence. A
    pair d ≤ `window` places apart counts 1/d ("harmonic") or 1 ("flat"). With
    `symmetric` both words count as each other's company, so that x_ij = x_ji; otherwise
    x_ij counts how often j stands to the left of i.

    Besides the result, of which there are up to two copies at the end, about `budget`
    bytes are used, and no less than 30 million. What exceeds them is written to a folder
    of its own within `folder` (or the system's place for temporary files) that is gone
    afterwards, whatever happens. The counts are the same; so are those of the pieces and
    of the whole.

    Raises TypeError for what is no corpus or no whole number; ValueError for an empty
    corpus, a word id of num_words or more, a window below 1 or so wide that sums of 1/d
    do not fit 64 bits; OSError if the disk is full.
    """
    from scipy.sparse import csr_array

    num_words, window = operator.index(num_words), operator.index(window)
    weights, scale = _weights(window, weighting)
    bits = max(1, (num_words - 1).bit_length()), (window - 1).bit_length()
    if num_words < 1 or 2 * bits[0] + bits[1] > 62:
        raise ValueError(
            f"num_words must be at least 1, and a pair of words with its distance must fit "
            f"62 bits, but got {num_words:,}."
        )
    chunk = max(min(budget // (4 * BYTES), CHUNK), BLOCK, window)
    pieces = _checked([corpus] if hasattr(corpus, "ids") else corpus, num_words, weights)
    blocks = (block for piece in pieces for block in _keys(piece, bits, window, symmetric))
    with contextlib.ExitStack() as stack:
        runs = _Runs(stack, folder, budget // BYTES)
        for keys in _gathered(blocks, chunk):
            runs.add(_sums(keys, weights, bits[1]))
        # Memory that is not touched costs nothing, so there may be too much of it.
        most, size = sum(len(pairs) for pairs, _ in runs.all()), 0
        columns, values = np.empty(most, np.int32), np.empty(most)
        lengths = np.zeros(num_words, np.int64)
        for pairs, sums in _merged(runs.all()):
            rows = pairs >> bits[0]
            lengths[rows[0] : rows[-1] + 1] += np.bincount(rows - rows[0])
            end = size + len(pairs)
            columns[size:end] = pairs & ((1 << bits[0]) - 1)
            np.divide(sums, scale, out=values[size:end])
            size = end
    starts = np.concatenate([[0], np.cumsum(lengths)])
    X = csr_array((values[:size], columns[:size], starts), shape=(num_words, num_words))
    return _mirrored(X) if symmetric else X


def require_counts(X, symmetric=False):
    """Return X as a canonical SciPy CSR array of float64 if it can hold co-occurrences.

    X is any SciPy sparse array or matrix, or a dense array. Zeros that were stored are
    dropped. Raises ValueError if X is not square, holds a negative number or one that
    is not finite, or nothing; with `symmetric`, also if it is not equal to its transpose.
    """
    from scipy.sparse import csr_array

    X = csr_array(X, dtype=float)
    if X.ndim != 2 or X.shape[0] != X.shape[1]:
        raise ValueError(f"Co-occurrences form a square matrix, but got shape {X.shape}.")
    if not X.has_canonical_format or not np.all(X.data):
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    if not X.nnz:
        raise ValueError(f"All co-occurrences of this {X.shape} matrix are zero.")
    wrong = np.flatnonzero(~((X.data > 0) & np.isfinite(X.data)))
    if len(wrong):
        i = np.searchsorted(X.indptr, wrong[0], side="right") - 1
        j, x = X.indices[wrong[0]], X.data[wrong[0]]
        raise ValueError(
            f"Counts are finite and not negative, but x[{i}, {j}] is {x} ({len(wrong)} "
            f"such entries in all)."
        )
    if symmetric and (odd := (X.T.tocsr() != X).tocoo()).nnz:
        i, j = odd.row[0], odd.col[0]
        raise ValueError(
            f"The counts were said to be symmetric, but x[{i}, {j}] is {X[i, j]} and "
            f"x[{j}, {i}] is {X[j, i]} ({odd.nnz} such entries in all)."
        )
    return X


def _mirrored(X):
    """Return X + X.T of an upper triangle X.

    A row of the sum is that of X.T and then that of X. Nothing has to be merged but the
    diagonal, which is in both.
    """
    lower, diagonal = X.T.tocsr(), X.diagonal() > 0
    X.data[X.indptr[:-1][diagonal]] *= 2  # the first of its row, and in X.T the last
    before, after = np.diff(lower.indptr) - diagonal, np.diff(X.indptr) - diagonal
    lengths = np.stack([before, diagonal, after], axis=1)
    below = np.repeat([True, True, False] * len(lengths), lengths.ravel())
    above = np.repeat([False, True, True] * len(lengths), lengths.ravel())
    values, columns = (np.empty(len(below), part.dtype) for part in (X.data, X.indices))
    values[below], columns[below] = lower.data, lower.indices
    values[above], columns[above] = X.data, X.indices
    starts = np.concatenate([[0], np.cumsum(lengths.sum(axis=1))])
    return type(X)((values, columns, starts), shape=X.shape)


# ------------------------------------------------------------------------------- keys


def _weights(window, weighting):
    """Return whole weights of distances 1 … window, and the number they are divided by."""
    if window < 1:
        raise ValueError(f"A window is a whole number of at least 1, but got {window}.")
    if weighting not in ("harmonic", "flat"):
        raise ValueError(f'weighting is "harmonic" or "flat", but got {weighting!r}.')
    if weighting == "flat":
        return np.ones(window, np.int64), 1
    distances = range(1, window + 1)
    scale = math.lcm(*distances)
    if scale > 2**53:
        raise ValueError(
            f"Sums of 1, 1/2 … 1/{window} do not fit 64 bits. Take a window of at most 25 "
            f'or so, or weighting="flat".'
        )
    return np.array([scale // d for d in distances], np.int64), scale


def _checked(pieces, num_words, weights):
    """Yield the pieces; refuse words without a row, and sums that could overflow."""
    num_tokens = 0
    for piece in pieces:
        if not hasattr(piece, "ids"):
            raise TypeError(
                f"Co-occurrences are counted in a text.Corpus or several, but got "
                f"{type(piece).__name__}. Make one by text.encode(sentences, vocab)."
            )
        num_tokens += len(piece.ids)
        if len(piece.ids) and piece.ids.max() >= num_words:
            raise ValueError(
                f"Word ids of {num_words} words go from 0 to {num_words - 1}, but the "
                f"corpus holds {piece.ids.max()}. Give num_words=len(vocab)."
            )
        if 2 * num_tokens * sum(weights.tolist()) >= 2**63:
            raise ValueError(
                f"Sums of 1/d over {num_tokens:,} tokens with a window of {len(weights)} "
                f'might not fit 64 bits. Take a smaller window, or weighting="flat".'
            )
        yield piece
    if not num_tokens:
        raise ValueError("Co-occurrences need a corpus with words, but it is empty.")


def _keys(corpus, bits, window, symmetric):
    """Yield the keys of a corpus, those of a short stretch of tokens at a time.

    A key is, from its highest bit to its lowest: row, column, distance - 1.
    """
    ids, distances = corpus.ids, np.arange(1, window + 1)[:, None]
    ends = np.append(corpus.starts[1:], len(ids))
    step = max(1, BLOCK // window)
    for first in range(0, len(ids), step):
        last = min(first + step, len(ids))
        here = np.zeros(last - first + window, np.int64)
        stretch = ids[first : last + window]
        here[: len(stretch)] = stretch
        left = here[: last - first]
        right = np.lib.stride_tricks.sliding_window_view(here, last - first)[1:]
        sentences = np.searchsorted(corpus.starts, [first, last - 1], side="right")
        inner = ends[sentences[0] - 1 : sentences[1]]
        end = np.repeat(inner, np.diff(inner.clip(first, last), prepend=first))
        inside = np.arange(first, last) + distances < end
        row, column = right, left
        if symmetric:  # one triangle of the matrix is enough
            row, column = np.minimum(left, right), np.maximum(left, right)
        yield ((((row << bits[0]) | column) << bits[1]) | (distances - 1))[inside]


def _gathered(blocks, most):
    """Yield blocks put together, in an array that is used again and again.

    Fresh memory costs more than all the arithmetic on it.
    """
    keys, size = np.empty(most, np.int64), 0
    for block in blocks:
        if size + len(block) > most:
            yield keys[:size]
            size = 0
        keys[size : size + len(block)] = block
        size += len(block)
    yield keys[:size]


def _sums(keys, weights, bits):
    """Sort keys; return the distinct pairs in order, and the sum of weights of each.

    The sorted keys are taken a cache's worth at a time, which is twice as fast, and so
    that no pair is cut in two.
    """
    keys.sort()
    parts, first = [(keys[:0], weights[:0])], 0
    while first < len(keys):
        last = keys[min(first + BLOCK, len(keys)) - 1]
        end = np.searchsorted(keys, last | ((1 << bits) - 1), side="right")
        block = keys[first:end]
        parts.append(_totals(block >> bits, weights[block & ((1 << bits) - 1)]))
        first = end
    pairs, sums = zip(*parts, strict=True)
    return np.concatenate(pairs), np.concatenate(sums)


def _totals(pairs, sums):
    """Add up what stands beside equal pairs; equal ones are neighbours."""
    first = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)])
    return pairs[first], np.add.reduceat(sums, first) if len(first) else sums


# ------------------------------------------------------------------------------- runs


class _Runs:
    """Sorted runs of (pairs, sums), the newest in memory and the others on disk."""

    def __init__(self, stack, folder, most):
        self.stack, self.folder, self.most = stack, folder, most
        self.scratch, self.held, self.spilled = None, [], []

    def all(self):
        """Return the runs on disk and those in memory."""
        return self.spilled + self.held

    def add(self, run):
        """Take in a run; if too much is held, write all of it to disk as one."""
        self.held.append(run)
        if sum(len(pairs) for pairs, _ in self.held) > self.most:
            self.spilled.append(self._spill())
            self.held = []

    def _spill(self):
        """Write what is held to two files, and return them as arrays that stay on disk."""
        try:
            if self.scratch is None:
                folder = tempfile.TemporaryDirectory(dir=self.folder, prefix="pairs-")
                self.scratch = Path(self.stack.enter_context(folder))
            name = f"{len(self.spilled)}"
            paths = [self.scratch / f"{name}.{part}" for part in ("pairs", "sums")]
            with open(paths[0], "wb") as first, open(paths[1], "wb") as second:
                for pairs, sums in _merged(self.held):
                    first.write(pairs.data)
                    second.write(sums.data)
        except OSError as error:
            raise OSError(
                error.errno,
                f"Co-occurrences beyond the budget of memory could not be written to disk "
                f"({error.strerror}); what had been written is removed. Give a folder on "
                f"a disk with more room, or a larger budget.",
                str(self.folder or tempfile.gettempdir()),
            ) from error
        return tuple(np.memmap(path, np.int64, "r") for path in paths)


def _merged(runs):
    """Yield sorted runs as one, about CHUNK / 16 entries of it at a time."""
    while runs := [run for run in runs if len(run[0])]:
        size = max(1, CHUNK // 16 // len(runs))
        # Up to the smallest of the last pairs in sight, every run shows all it has.
        limit = min(pairs[:size][-1] for pairs, _ in runs)
        ends = [np.searchsorted(pairs[:size], limit, "right") for pairs, _ in runs]
        cut = list(zip(runs, ends, strict=True))
        yield _merge([(pairs[:end], sums[:end]) for (pairs, sums), end in cut])
        runs = [(pairs[end:], sums[end:]) for (pairs, sums), end in cut]


def _merge(runs):
    """Merge short runs into one."""
    pairs, sums = (np.concatenate(part) for part in zip(*runs, strict=True))
    order = np.argsort(pairs, kind="stable")  # Timsort: it merges runs that are sorted
    return _totals(pairs[order], sums[order])
