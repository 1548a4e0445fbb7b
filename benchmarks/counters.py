"""The contestants of the counting benchmark: co-occurrences, and n-grams.

A contestant's `cooccurrence(ids, num_words, window)` counts pairs of a run of word ids
(T,) that stand at most `window` places apart, each 1/d for d places; `ngrams(tokens, n)`
counts the runs of 1 to n words in a list of tokens, from the strings on. Each returns
what it counts in; `pairs` and `grams` read that for the tests. One that reads the words
itself is given them first: `prepare(tokens, min_count)`. Nothing here is timed.
"""

from collections import Counter, defaultdict
from importlib.util import find_spec

import numpy as np
import originals

from coursecore.words import cooccurrence, ngram, text


class Dictionary:
    """What one would write in plain Python: a dictionary of tuples, and `Counter`."""

    name = "Python dictionary"

    def cooccurrence(self, ids, num_words, window):
        """Count each pair once, the smaller word first; the matrix is symmetric."""
        counts, ids = defaultdict(float), ids.tolist()
        shares = [1 / d for d in range(1, window + 1)]
        for place, i in enumerate(ids, 1):
            for j, share in zip(ids[place : place + window], shares, strict=False):
                counts[(i, j) if i < j else (j, i)] += share
        return counts

    def pairs(self, counts):
        """Return {(i, j): x_ij} for i <= j. A word beside itself is so from both sides."""
        return {(i, j): 2 * x if i == j else x for (i, j), x in counts.items()}

    def ngrams(self, tokens, n):
        return [
            Counter(zip(*(tokens[k:] for k in range(size)), strict=False))
            for size in range(1, n + 1)
        ]

    def grams(self, counts, n):
        """Return {n words: how often they occurred}."""
        return dict(counts[n - 1])


class Coursecore:
    """coursecore's sorted keys; n-grams with the vocabulary and the encoding."""

    name = "coursecore"

    def cooccurrence(self, ids, num_words, window, budget=2**31):
        corpus = text.Corpus(ids, [0])
        return cooccurrence.count(corpus, num_words, window, budget=budget)

    def pairs(self, X):
        X = X.tocoo()
        entries = zip(X.row.tolist(), X.col.tolist(), X.data.tolist(), strict=True)
        return {(i, j): x for i, j, x in entries if i <= j}

    def ngrams(self, tokens, n):
        vocab = text.Vocab.count([tokens], unk=None)
        return vocab, ngram.count(text.encode([tokens], vocab), len(vocab), n)

    def grams(self, result, n):
        vocab, counts = result
        rows, columns = [counts.orders[n - 1].rows], [counts.orders[n - 1].words]
        for order in counts.orders[n - 1 : 0 : -1]:
            keys = order.contexts[rows[-1]]
            rows.append(keys // order.base)
            columns.append(keys % order.base)
        grams = map(
            tuple, np.array(vocab.words)[np.array(columns[1:] + columns[:1])].T.tolist()
        )
        return dict(zip(grams, counts.orders[n - 1].counts.tolist(), strict=True))


class ScikitLearn:
    """scikit-learn's CountVectorizer; it has n-grams, but no distances within a window."""

    name = "CountVectorizer"

    def ngrams(self, tokens, n):
        from sklearn.feature_extraction.text import CountVectorizer

        vectorizer = CountVectorizer(
            tokenizer=lambda tokens: tokens, token_pattern=None, lowercase=False,
            ngram_range=(1, n),
        )  # fmt: skip
        return vectorizer, vectorizer.fit_transform([tokens])

    def grams(self, result, n):
        vectorizer, X = result
        names, counts = vectorizer.get_feature_names_out(), X.toarray()[0].tolist()
        grams = ((tuple(name.split(" ")), x) for name, x in zip(names, counts, strict=True))
        return {gram: x for gram, x in grams if len(gram) == n}


class Original:
    """The authors' `cooccur`, from a file of words to one of counts."""

    name = originals.NAME

    def prepare(self, tokens, min_count):
        self.programs = originals.Programs()
        self.programs.count_words(tokens, min_count)

    def cooccurrence(self, ids, num_words, window, **options):
        """Count the words it was given, whose ids it looks up itself."""
        self.programs.count(window, **options)
        return self.programs

    def pairs(self, programs):
        return Coursecore().pairs(programs.counts())


KINDS = ["cooccurrence", "ngrams"]
COUNTERS = {one.name: one for one in [Dictionary, Coursecore, ScikitLearn, Original]}
PACKAGES = {ScikitLearn: "sklearn"}


def installed(kind):
    """Name the contestants that can count a kind of thing here."""
    return [
        name
        for name, one in COUNTERS.items()
        if hasattr(one, kind)
        and (one not in PACKAGES or find_spec(PACKAGES[one]))
        and (one is not Original or originals.installed())
    ]
