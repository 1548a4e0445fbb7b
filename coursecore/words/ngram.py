"""n-gram models: the next word by what followed the last n - 1 words in a corpus.

All are one formula. Where a context was met, its own words share a part of the
probability, and what they leave is dealt out by the context without its first word:

    p(w | context) = share(context, w) + left(context) · p(w | shorter context)

A context that was never met leaves everything; below the empty context all words are
alike, 1/V. The methods differ in the shares alone (Chen & Goodman 1999 compare them).

    >>> counts = count(np.array([[0, 1], [0, 1], [0, 2]]), num_words=3)
    >>> witten_bell(counts).probabilities([0]).round(3)
    array([0.053, 0.613, 0.333])
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .counts import Counts, count, padded, require_ngrams
from .text import require_ids

__all__ = [
    "Counts", "NGram", "add_delta", "count", "jelinek_mercer", "kneser_ney", "padded",
    "table", "witten_bell",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class NGram:
    """Predict the next word: made by one of the functions below from `counts`.

    For each order, `shares` holds an array (G,) for the k-grams that occurred and `left`
    an array (C,) for their contexts. `settings` says what was chosen or estimated.
    """

    name: str
    counts: Counts
    shares: tuple
    left: tuple
    settings: dict = field(default_factory=dict)

    @property
    def n(self):
        """The order: a word is predicted from the n - 1 words before it."""
        return self.counts.n

    @property
    def num_words(self):
        """The number V of words."""
        return self.counts.num_words

    def __repr__(self):
        size = len(self.counts.orders[-1].keys)
        return f"{self.name} {self.n}-gram of {self.num_words} words, {size:,} n-grams"

    def probabilities(self, context):
        """Return the probability of each word after a context (n - 1,), as (V,).

        Contexts (N, n - 1) give (N, V). Of a longer context the last words count; what a
        shorter one lacks is taken for the start of a sentence.
        """
        contexts = self._contexts(np.atleast_2d(np.asarray(context)))
        P = np.full((len(contexts), self.num_words), 1 / self.num_words)
        for order, shares, left, rows in self._levels(contexts):
            met = np.flatnonzero(rows >= 0)
            rows = rows[met]
            P[met] *= left[rows, None]
            lengths = order.types[rows]
            # The entries of all these rows, one row after another.
            entries = np.repeat(order.starts[rows] - np.cumsum(lengths) + lengths, lengths)
            entries += np.arange(len(entries))
            P[np.repeat(met, lengths), order.words[entries]] += shares[entries]
        return P if np.ndim(context) == 2 else P[0]

    def log_prob(self, ngrams):
        """Return the log-probability, in nats, of the last word of each n-gram (N, n)."""
        ngrams = np.asarray(ngrams)
        if ngrams.ndim != 2 or ngrams.shape[1] < 1:
            raise ValueError(
                f"log_prob takes n-grams, an array (N, {self.n}), but got shape "
                f"{ngrams.shape}."
            )
        require_ids(ngrams[:, -1], self.num_words)
        ngrams = np.column_stack([self._contexts(ngrams[:, :-1]), ngrams[:, -1]])
        p = np.full(len(ngrams), 1 / self.num_words)
        entries = self.counts.entries(ngrams)
        for (_, shares, left, rows), found in zip(
            self._levels(ngrams[:, :-1]), entries, strict=True
        ):
            p = np.where(rows < 0, p, left[rows] * p)
            p += np.where(found < 0, 0, shares[found])
        with np.errstate(divide="ignore"):  # log 0 is -inf, as it should be
            return np.log(p)

    def cross_entropy(self, ngrams):
        """Return the mean of -log_prob, in nats per word; infinite if one has p = 0."""
        if not len(ngrams):
            raise ValueError("The cross-entropy of no n-grams at all is not defined.")
        return float(-np.mean(self.log_prob(ngrams)))

    def perplexity(self, ngrams):
        """Return exp(cross-entropy): V for a model that knows nothing, 1 for a seer."""
        with np.errstate(over="ignore"):
            return float(np.exp(self.cross_entropy(ngrams)))

    def sample(self, rng, context=(), length=20, *, stop=None):
        """Draw words one after another: ids (length,), or fewer if `stop` is drawn.

        Each word is drawn given those before it, beginning with `context`.
        """
        if length < 0:
            raise ValueError(f"A sample has at least 0 words, but got length={length}.")
        words = [int(word) for word in context]
        begin = len(words)
        while len(words) < begin + length and (len(words) == begin or words[-1] != stop):
            cumulative = np.cumsum(self.probabilities(np.array(words[-self.n :], int)))
            draw = rng.random() * cumulative[-1]
            words.append(int(np.searchsorted(cumulative, draw, "right")))
        return np.array(words[begin:], np.int32)

    def _contexts(self, contexts):
        """Cut or fill up contexts to n - 1 words."""
        contexts = require_ids(contexts, self.num_words + 1, ndim=2)
        size = self.n - 1
        contexts = contexts[:, max(contexts.shape[1] - size, 0) :].astype(np.int64)
        lacking = ((0, 0), (size - contexts.shape[1], 0))
        return np.pad(contexts, lacking, constant_values=self.num_words)

    def _levels(self, contexts):
        """Go up the orders: the table, its shares, what is left, the contexts' rows."""
        return zip(
            self.counts.orders, self.shares, self.left, self.counts.find(contexts),
            strict=True,
        )  # fmt: skip


# ----------------------------------------------------------------------------- methods


def add_delta(counts, delta=1.0):
    """Add δ imaginary occurrences of every word to every context of n - 1 words.

    p(w | context) = (count + δ) / (total + δ V). δ = 1 is Laplace's rule; δ = 0 is the
    empirical distribution, under which what never occurred has probability 0. A context
    that was never met gives every word 1/V.
    """
    if not 0 <= delta < np.inf:
        raise ValueError(f"add_delta needs delta >= 0, but got {delta}.")
    *lower, order = counts.orders
    total = order.totals + delta * counts.num_words
    shares = [np.broadcast_to(0.0, o.keys.shape) for o in lower]
    left = [np.broadcast_to(1.0, o.contexts.shape) for o in lower]
    shares.append(order.counts / total[order.rows])
    left.append(delta * counts.num_words / total)
    return NGram("Add-δ", counts, tuple(shares), tuple(left), {"delta": delta})


def witten_bell(counts):
    """Leave to shorter contexts in proportion to the number of different words met.

    A context that was met `total` times, followed by `types` different words, leaves
    types / (total + types): how often the next word was a new one (Witten & Bell 1991).
    """
    shares, left = [], []
    for order in counts.orders:
        total = order.totals + order.types
        shares.append(order.counts / total[order.rows])
        left.append(order.types / total)
    return NGram("Witten-Bell", counts, tuple(shares), tuple(left))


def kneser_ney(counts):
    """Subtract a discount from each count, and count contexts at the lower orders.

    The modified form (Chen & Goodman 1999): three discounts for each order, for counts
    of 1, 2, and 3 or more, estimated from the counts of counts. Below the highest order
    a k-gram counts as the number of different words that stood before it, so that
    "York", often met but after one word only, is no likely word elsewhere.
    """
    shares, left, discounts = [], [], []
    for k, order in enumerate(counts.orders):
        adjusted = _continuations(counts, k) if k + 1 < counts.n else order.counts
        discounts.append(_discounts(adjusted))
        discount = np.array([0.0, *discounts[-1]])[np.minimum(adjusted, 3)]
        total = order.sum(adjusted)
        shares.append((adjusted - discount) / total[order.rows])
        left.append(order.sum(discount) / total)
    return NGram(
        "Kneser-Ney", counts, tuple(shares), tuple(left), {"discounts": discounts}
    )  # fmt: skip


def _continuations(counts, k):
    """Count the different words before each entry of orders[k]; at a start, the entry."""
    order, longer = counts.orders[k], counts.orders[k + 1]
    # What is longer by a word is, without its first word, an entry of this order.
    parents = longer.contexts // longer.base
    suffixes = parents[longer.rows] * longer.base + longer.words
    places = np.searchsorted(order.keys, suffixes)
    different = np.bincount(places, minlength=len(order.keys))
    at_start = (k > 0) & (order.contexts[order.rows] % order.base == counts.num_words)
    return np.where(at_start, order.counts, different)


def _discounts(counts):
    """Estimate the discounts of the counts 1, 2, and 3 or more.

    A corpus may be too small for that, or too regular: then they are ½, 1 and 1½.
    """
    n1, n2, n3, n4 = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].tolist()
    if n1 and n2 and n3:
        y = n1 / (n1 + 2 * n2)
        found = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        if all(0 < found[i] <= i + 1 for i in range(3)):
            return found
    return (0.5, 1.0, 1.5)


def jelinek_mercer(counts, valid=None, *, weights=None, classes=1, steps=100, tol=1e-7):
    """Mix the empirical distributions of all orders, with weights chosen on `valid`.

    At each order the share of a context's own words is a weight λ, the same for all
    contexts; with `classes` > 1 one for each class of contexts, by the logarithm to
    base 2 of how often they were met. `valid` (N, n) are n-grams that were not counted:
    the weights are those under which they are likeliest, found by EM, in at most `steps`
    rounds, until the cross-entropy falls by less than `tol` nats. For each weight two
    imaginary words count as well, of which one was passed on: so none becomes 1, under
    which a new word would be impossible. Or `weights` are given, for each order a
    number or an array (classes,) in [0, 1], unigrams first. (Jelinek & Mercer 1980.)
    """
    if (valid is None) == (weights is None):
        raise ValueError("jelinek_mercer needs either valid n-grams or weights, not both.")
    if classes < 1:
        raise ValueError(f"There is at least 1 class of contexts, got {classes}.")
    kinds = [_class(order.totals, classes) for order in counts.orders]
    if weights is None:
        weights, trace = _estimate(counts, valid, kinds, classes, steps, tol)
    else:
        weights, trace = _weights(weights, counts.n, classes), []
    shares, left = [], []
    for order, kind, weight in zip(counts.orders, kinds, weights, strict=True):
        own = weight[kind]
        shares.append((own / order.totals)[order.rows] * order.counts)
        left.append(1 - own)
    settings = {"weights": weights, "costs": trace}
    return NGram("Jelinek-Mercer", counts, tuple(shares), tuple(left), settings)


def _class(totals, classes):
    return np.minimum(np.frexp(totals)[1] - 1, classes - 1)


def _weights(weights, n, classes):
    if not hasattr(weights, "__len__") or len(weights) != n:
        raise ValueError(f"A weight for each of {n} orders is needed, got {weights}.")
    weights = [np.asarray(weight, float) for weight in weights]
    for weight in weights:
        within = np.all((weight >= 0) & (weight <= 1))
        if weight.shape not in ((), (classes,)) or not within:
            raise ValueError(
                f"A weight is a number between 0 and 1, or an array ({classes},) of them, "
                f"one for each class of contexts, but got {weight}."
            )
    return [np.broadcast_to(weight, (classes,)) for weight in weights]


def _estimate(counts, valid, kinds, classes, steps, tol):
    """Estimate weights, (classes,) for each order, by expectation-maximisation.

    Returns also the cost before each round: the cross-entropy, with the imaginary words.
    A word comes from order k if all higher orders passed it on and order k did not. The
    E-step asks how likely that was, for each word of `valid`; in the M-step a weight
    becomes the part of the words that reached its contexts and went no further.
    """
    valid = np.asarray(valid)
    if valid.ndim != 2 or valid.shape[1] != counts.n or not len(valid):
        raise ValueError(
            f"valid must be n-grams, an array (N, {counts.n}), but got shape {valid.shape}."
        )
    valid = require_ngrams(valid, counts.num_words)
    rows, entries = counts.find(valid[:, :-1]), counts.entries(valid)
    empirical, place = [], []
    for order, kind, row, entry in zip(counts.orders, kinds, rows, entries, strict=True):
        seen = order.counts[entry] / order.totals[row]
        empirical.append(np.where(entry < 0, 0.0, seen))
        place.append(np.where(row < 0, classes, kind[row]))  # one class more, of weight 0
    weights = [np.append(np.full(classes, 0.5), 0.0) for _ in rows]
    trace = []
    for _ in range(steps):
        p = [np.full(len(valid), 1 / counts.num_words)]
        for weight, at, own in zip(weights, place, empirical, strict=True):
            p.append(weight[at] * own + (1 - weight[at]) * p[-1])
        imaginary = sum(np.log(w * (1 - w)).sum() for w in np.array(weights)[:, :classes])
        trace.append(float(-np.log(p[-1]).sum() - imaginary) / len(valid))
        if len(trace) > 1 and trace[-2] - trace[-1] < tol:
            break
        reached = np.ones(len(valid))
        for k in reversed(range(counts.n)):
            own = reached * weights[k][place[k]] * empirical[k] / p[k + 1]
            stopped = np.bincount(place[k], own, classes + 1)[:classes]
            came = np.bincount(place[k], reached, classes + 1)[:classes]
            weights[k][:classes] = (stopped + 1) / (came + 2)
            reached = reached - own
    return [weight[:classes] for weight in weights], trace


# ------------------------------------------------------------------------------- table


class Table(NamedTuple):
    """A table of probabilities: a row for each context, a column for each word."""

    contexts: list
    words: list
    probabilities: np.ndarray

    def __str__(self):
        left = max(map(len, self.contexts), default=0)
        width = max(8, *map(len, self.words)) + 2
        lines = [" " * left + "".join(f"{word:>{width}}" for word in self.words)]
        for context, row in zip(self.contexts, self.probabilities, strict=True):
            lines.append(f"{context:<{left}}" + "".join(f"{p:>{width}.2g}" for p in row))
        return "\n".join(lines)


def table(model, vocab, contexts, words):
    """Return the conditional probability table of some contexts and words.

    `contexts` are strings such as "new york", their words separated by white space.
    Printed, the table looks as in the lecture (Toronto CSC421, lecture 7). Raises
    ValueError for a vocabulary of another size than the model's.
    """
    if len(vocab) != model.num_words:
        raise ValueError(
            f"The model knows {model.num_words} words, but the vocabulary has {len(vocab)}."
            f" Take the one by which its corpus was encoded."
        )
    rows = [model.probabilities(vocab.encode(context.split())) for context in contexts]
    P = np.array(rows).reshape(len(rows), model.num_words)[:, vocab.encode(words)]
    return Table(list(contexts), list(words), P)
