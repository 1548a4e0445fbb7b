"""Counts of n-grams: how often each word followed each context, up to n - 1 words long.

Of V^n possible n-grams a corpus holds few, so each order is a sparse table in sorted
arrays, with a row for each context that occurred. A context is known by a number, its
rank among those of its length, sorted by the number of the context without its first
word, and then by that word. So every key, rank · (V + 1) + word, fits 64 bits however
large V^n is, and all contexts that end at a place are found by one walk backward.

    >>> counts = count(np.array([[0, 1], [0, 1], [0, 2]]), num_words=3)
    >>> counts.of(np.array([[0, 1], [1, 0]]))
    array([2, 0])
    >>> counts.total(np.array([[0]]))
    array([3])
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .text import Corpus, require_ids

CHUNK = 1 << 18  # n-grams that are sorted at a time


@dataclass(frozen=True, eq=False)
class Order:
    """Hold the k-grams of one order: `counts` (G,) of the entries of a sparse table.

    Its rows are the C contexts of k - 1 words, its columns the words. `contexts` (C,) and
    `keys` (G,) are sorted: parent · base + first word, and row · base + word.
    """

    base: int
    contexts: np.ndarray
    keys: np.ndarray
    counts: np.ndarray

    @cached_property
    def rows(self):
        """The context (G,) of each entry."""
        return self.keys // self.base

    @cached_property
    def words(self):
        """The word (G,) of each entry."""
        return self.keys % self.base

    @cached_property
    def starts(self):
        """Where the entries of each context start, and where the last ends: (C + 1,)."""
        return np.searchsorted(self.keys, np.arange(len(self.contexts) + 1) * self.base)

    @cached_property
    def totals(self):
        """How often (C,) each context was followed by any word."""
        return self.sum(self.counts)

    @cached_property
    def types(self):
        """How many different words (C,) followed each context."""
        return np.diff(self.starts)

    def sum(self, values):
        """Sum values (G,) of the entries over the words of each context, (C,)."""
        return np.add.reduceat(values, self.starts[:-1])


@dataclass(frozen=True, eq=False)
class Counts:
    """Hold the counts of all orders: `orders[k - 1]` of the k-grams, made by `count`.

    Words are 0 to V - 1; in a context, V stands for the start of a sentence.
    """

    num_words: int
    orders: tuple

    @property
    def n(self):
        """The order of the longest n-grams."""
        return len(self.orders)

    def __repr__(self):
        sizes = ", ".join(f"{len(order.keys):,}" for order in self.orders)
        grams = f"1- to {self.n}-grams of {self.num_words:,} words"
        return f"Counts of {grams}: {sizes} different ones"

    def up_to(self, n):
        """Return the same counts for the orders 1 to n alone."""
        if not 1 <= n <= self.n:
            raise ValueError(f"There are the orders 1 to {self.n}, but up_to got {n}.")
        return Counts(self.num_words, self.orders[:n])

    def of(self, ngrams):
        """Return how often each k-gram occurred: (N,) for an array (N, k), 1 <= k <= n.

        Raises ValueError for other shapes, and for ids that are neither words nor V.
        """
        ngrams = self._require(ngrams, 1, self.n)
        k = ngrams.shape[1]
        entries = self.entries(ngrams)[k - 1]
        return np.where(entries < 0, 0, self.orders[k - 1].counts[entries])

    def total(self, contexts):
        """Return how often each context was followed by any word: (N, k) to (N,), k < n."""
        contexts = self._require(contexts, 0, self.n - 1)
        rows = self.find(contexts)[contexts.shape[1]]
        return np.where(rows < 0, 0, self.orders[contexts.shape[1]].totals[rows])

    def find(self, contexts):
        """Return the rows of contexts (N, k) and of all their endings, 0 to k words long.

        A list of arrays (N,), one for each order up to k + 1; -1: it never occurred.
        """
        rows = [np.zeros(len(contexts), np.int64)]
        for order, words in zip(self.orders[1:], contexts.T[::-1], strict=False):
            rows.append(_search(order.contexts, rows[-1] * order.base + words))
        return rows

    def entries(self, ngrams):
        """Return the entries of n-grams (N, k) and of all their endings, as `find` does."""
        found = zip(self.orders, self.find(ngrams[:, :-1]), strict=False)
        return [_search(o.keys, rows * o.base + ngrams[:, -1]) for o, rows in found]

    def _require(self, ngrams, least, most):
        ngrams = np.asarray(ngrams)
        if ngrams.ndim != 2 or not least <= ngrams.shape[1] <= most:
            raise ValueError(
                f"Needed is an array (N, k) of word ids with k from {least} up to {most}, "
                f"but got shape {ngrams.shape}."
            )
        return require_ids(ngrams, self.num_words + 1, ndim=2)


def _search(keys, wanted):
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, places, -1)


# ---------------------------------------------------------------------------- counting


def count(data, num_words, n=None, *, starts=False, weights=None):
    """Count the n-grams of all orders up to n, of words 0 to num_words - 1.

    `data` is an array (N, n) of n-grams, with `weights` (N,) if they were counted before;
    or a Corpus, of which the windows within sentences are taken; or an iterable of
    either. A shorter k-gram counts as the ending of an n-gram. With starts=True every
    word of a corpus is predicted, also those that have fewer than n - 1 words before
    them: their contexts are filled up with the id V, the start of a sentence.

    The n-grams are sorted and merged in chunks, so that the memory taken grows with the
    number of different n-grams, and not with the length of the corpus.

    Raises ValueError if there is no n-gram to count, for ids outside the vocabulary and
    for weights that are negative or no whole numbers.
    """
    merger = None
    for rows, counts in _chunks(data, num_words, n, starts, weights):
        merger = merger or _Merger(num_words + 1)
        merger.add(rows, counts)
    if merger is None:
        raise ValueError(
            "There is no n-gram to count: the data are empty, or all sentences are shorter "
            "than n words. Take a smaller n, or starts=True."
        )
    rows, counts = merger.merged()
    return Counts(num_words, tuple(_orders(rows, counts, num_words + 1)))


def padded(corpus, n, num_words):
    """Return an n-gram (N, n) for each word of a corpus, as starts=True counts them.

    Where a sentence has fewer than n - 1 words before the word, the id V stands instead.
    """
    blocks = [rows for rows, _ in _windows(corpus, n, num_words, starts=True)]
    return np.concatenate(blocks) if blocks else np.empty((0, n), np.int32)


def _chunks(data, num_words, n, starts, weights):
    """Yield the n-grams of all kinds of data, a chunk at a time, with their counts."""
    if isinstance(data, (Corpus, np.ndarray)):
        data = [data]
    elif weights is not None:
        raise ValueError("weights go with one array of n-grams: count that alone.")
    for part in data:
        if isinstance(part, Corpus):
            blocks = _windows(part, n, num_words, starts)
        else:
            blocks = _slices(part, n, num_words, weights)
            n = n or np.shape(part)[-1]
        yield from blocks


def _slices(rows, n, num_words, weights):
    """Yield an array of n-grams in blocks, with their weights, or 1 for each."""
    rows = np.asarray(rows)
    if rows.ndim != 2 or rows.shape[1] != (n or rows.shape[1]) or not rows.shape[1]:
        raise ValueError(
            f"n-grams are an array (N, {n or 'n'}) of word ids, but got shape {rows.shape}."
        )
    weights = np.ones(len(rows), np.int64) if weights is None else np.asarray(weights)
    if weights.shape != rows.shape[:1] or weights.dtype.kind not in "iu":
        raise ValueError(
            f"Counts are whole numbers, one for each of {len(rows)} n-grams, but got shape "
            f"{weights.shape} and dtype {weights.dtype}."
        )
    if weights.min(initial=0) < 0:
        raise ValueError(f"Counts cannot be negative, but got {weights.min()}.")
    rows, weights = rows[weights > 0], weights[weights > 0].astype(np.int64)
    for at in range(0, len(rows), CHUNK):
        block = require_ngrams(rows[at : at + CHUNK], num_words)
        yield block, weights[at : at + CHUNK]


def _windows(corpus, n, num_words, starts):
    """Yield the n-grams of a corpus in blocks, each counting 1: what ends at its tokens."""
    if n is None or n < 1:
        raise ValueError(f"The n-grams of a corpus need an order n >= 1, but got n={n}.")
    ids, steps = require_ids(corpus.ids, num_words), np.arange(-n + 1, 1)
    for at in range(0, len(ids), CHUNK):
        ends = np.arange(at, min(at + CHUNK, len(ids)))
        first = corpus.starts[np.searchsorted(corpus.starts, ends, "right") - 1]
        if not starts:
            full = ends - first >= n - 1
            ends, first = ends[full], first[full]
        places = ends[:, None] + steps
        rows = np.where(places < first[:, None], np.int32(num_words), ids[places])
        if len(rows):
            yield rows, np.ones(len(rows), np.int64)


def require_ngrams(rows, num_words):
    """Return n-grams (N, n) of words; V, the start of a sentence, may be in a context."""
    require_ids(rows[:, -1], num_words)
    return require_ids(rows, num_words + 1, ndim=2)


class _Merger:
    """Merge chunks of n-grams into one sorted table as they come.

    New ones wait until there are half as many as have been merged: so each is sorted a
    few times only, and the memory taken is a small multiple of the result.
    """

    def __init__(self, base):
        self.base, self.tables = base, []

    def add(self, rows, counts):
        self.tables.append(_distinct(rows, counts, self.base))
        sizes = [len(rows) for rows, _ in self.tables]
        if 2 * sum(sizes[1:]) > sizes[0]:
            self.merged()

    def merged(self):
        """Merge all that came so far into one table, and return it."""
        if len(self.tables) > 1:
            rows, counts = map(np.concatenate, zip(*self.tables, strict=True))
            self.tables = [_distinct(rows, counts, self.base)]
        return self.tables[0]


def _distinct(rows, counts, base):
    """Return the different rows, sorted, and the sums of their counts."""
    keys = _keys(rows, base)
    order = np.argsort(keys)
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return rows[order[first]].astype(np.int32), np.add.reduceat(counts[order], first)


def _keys(rows, base):
    """Number rows so that the numbers are ordered as the rows are, read left to right."""
    keys, bound = np.zeros(len(rows), np.int64), 1
    for words in rows.T:
        if bound * base >= 2**63:  # go on with ranks instead
            distinct, keys = np.unique(keys, return_inverse=True)
            bound = len(distinct)
        keys = keys * base + words
        bound *= base
    return keys


def _orders(rows, counts, base):
    """Make the table of each order from the different n-grams and their counts."""
    words = rows[:, -1].astype(np.int64)
    contexts, row = np.zeros(1, np.int64), np.zeros(len(rows), np.int64)
    for k in range(1, rows.shape[1] + 1):
        if k > 1:
            contexts, row = np.unique(row * base + rows[:, -k], return_inverse=True)
        keys = row * base + words
        order = np.argsort(keys)
        keys = keys[order]
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        yield Order(base, contexts, keys[first], np.add.reduceat(counts[order], first))
