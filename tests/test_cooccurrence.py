"""Co-occurrence: against counting by hand in exact fractions, in memory and on disk."""

import contextlib
import errno
import os
import resource
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from coursecore.words import cooccurrence
from coursecore.words.text import Corpus


def by_hand(sentences, num_words, window, weighting, symmetric):
    """Count pair by pair, in fractions: rounded once, at the end."""
    counts = Counter()
    for sentence in sentences:
        for place, word in enumerate(sentence):
            for d, left in enumerate(reversed(sentence[max(0, place - window) : place]), 1):
                amount = Fraction(1, d if weighting == "harmonic" else 1)
                counts[word, left] += amount
                if symmetric:
                    counts[left, word] += amount
    X = np.zeros((num_words, num_words))
    for (i, j), amount in counts.items():
        X[i, j] = float(amount)
    return X


def zipf(seed, num_tokens, num_words, mean_length):
    rng = np.random.default_rng(seed)
    ids = np.minimum(rng.zipf(1.3, num_tokens), num_words) - 1
    starts = np.flatnonzero(rng.random(num_tokens) < 1 / mean_length)
    return Corpus(ids, np.unique([0, *starts]))


def same(X, Y):
    """Say whether two sparse matrices are equal bit for bit, in structure as well."""
    return all(
        np.array_equal(getattr(X, part), getattr(Y, part))
        for part in ("indptr", "indices", "data")
    )


CORPUS = zipf(0, 6_000, 300, 40)


@given(
    st.lists(st.lists(st.integers(0, 4), max_size=9), min_size=1, max_size=8),
    st.integers(1, 12),
    st.sampled_from(["harmonic", "flat"]),
    st.booleans(),
)
@settings(derandomize=True, deadline=None, max_examples=80)
def test_counts_are_those_made_by_hand(sentences, window, weighting, symmetric):
    sentences = [*sentences, [0]]  # one word of its own has no company
    X = cooccurrence.count(Corpus.join(sentences), 5, window, weighting, symmetric)
    expected = by_hand(sentences, 5, window, weighting, symmetric)
    np.testing.assert_array_equal(X.toarray(), expected)


@pytest.mark.parametrize("window", [1, 10, 16, 24])
def test_counts_of_a_longer_corpus_are_those_made_by_hand(window, monkeypatch):
    monkeypatch.setattr(cooccurrence, "BLOCK", 1 << 9)  # stretches that cut sentences
    X = cooccurrence.count(CORPUS, 300, window)
    sentences = [list(map(int, sentence)) for sentence in CORPUS]
    expected = by_hand(sentences, 300, window, "harmonic", True)
    np.testing.assert_array_equal(X.toarray(), expected)


def test_counts_are_symmetric_and_sum_to_two_for_each_pair():
    X = cooccurrence.count(CORPUS, 300, window=4, weighting="flat")
    left = cooccurrence.count(CORPUS, 300, window=4, weighting="flat", symmetric=False)
    assert (X != X.T).nnz == 0
    assert same(X, left + left.T.tocsr())
    places = np.arange(4)[:, None] + 1
    pairs = np.maximum(CORPUS.lengths - places, 0).sum()
    assert left.sum() == pairs
    assert X.sum() == 2 * pairs


def test_the_result_is_a_canonical_sparse_array_of_what_is_not_zero():
    X = cooccurrence.count(CORPUS, 400, window=3)
    assert isinstance(X, sparse.csr_array)
    assert X.shape == (400, 400)
    assert X.has_canonical_format
    assert X.data.min() >= 1 / 3
    assert X.dtype == np.float64


def test_what_never_meets_leaves_an_empty_matrix():
    X = cooccurrence.count(Corpus([0, 0, 0], [0, 1, 2]), num_words=1, window=5)
    assert (X.shape, X.nnz) == ((1, 1), 0)


def test_a_window_wider_than_the_sentence_is_cut_at_its_ends():
    narrow = cooccurrence.count(Corpus([0, 1, 2], [0]), 3, window=2)
    wide = cooccurrence.count(Corpus([0, 1, 2], [0]), 3, window=30)
    assert same(narrow, wide)


# ------------------------------------------------------------------- pieces and disk


def test_pieces_count_as_the_whole_bit_for_bit():
    whole = cooccurrence.count(CORPUS, 300, window=7)
    pieces = (CORPUS[first : first + 10] for first in range(0, len(CORPUS), 10))
    assert same(cooccurrence.count(pieces, 300, window=7), whole)


@pytest.mark.parametrize("symmetric", [True, False])
def test_what_goes_over_the_disk_is_the_same_bit_for_bit(tmp_path, monkeypatch, symmetric):
    whole = cooccurrence.count(CORPUS, 300, 10, symmetric=symmetric)
    monkeypatch.setattr(cooccurrence, "BLOCK", 1 << 8)
    monkeypatch.setattr(cooccurrence, "CHUNK", 1 << 11)
    spill, merge, written, merged = cooccurrence._Runs._spill, cooccurrence._merge, [], []

    def watch(runs):
        written.append(sum(len(pairs) for pairs, _ in runs.held))
        assert os.listdir(tmp_path) == ([] if len(written) == 1 else [runs.scratch.name])
        return spill(runs)

    def measure(runs):
        merged.append(sum(len(pairs) for pairs, _ in runs))
        return merge(runs)

    monkeypatch.setattr(cooccurrence._Runs, "_spill", watch)
    monkeypatch.setattr(cooccurrence, "_merge", measure)
    small = {"budget": 100_000, "folder": tmp_path}
    X = cooccurrence.count(CORPUS, 300, 10, symmetric=symmetric, **small)
    assert len(written) > 2
    assert max(written) <= 2 * 100_000 // cooccurrence.BYTES
    assert max(merged) <= cooccurrence.CHUNK // 16
    assert same(X, whole)
    assert os.listdir(tmp_path) == []


@contextlib.contextmanager
def full_disk():
    """Let no file grow beyond a kilobyte, that of pytest's own output neither."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_a_full_disk_is_told_and_nothing_stays_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(cooccurrence, "BLOCK", 1 << 8)
    told = pytest.raises(OSError, match=r"could not be written to disk.*larger budget")
    with full_disk(), told as e:
        cooccurrence.count(CORPUS, 300, 10, budget=100_000, folder=tmp_path)
    assert e.value.errno == errno.EFBIG
    assert e.value.filename == str(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(cooccurrence, "BLOCK", 1 << 8)
    with pytest.raises(OSError, match=r"Give a folder.*elsewhere"):
        cooccurrence.count(CORPUS, 300, 10, budget=0, folder=tmp_path / "elsewhere")


# ----------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((Corpus([], []), 3), "corpus with words, but it is empty"),
        (([], 3), "it is empty"),
        ((CORPUS, 299), r"0 to 298, but the corpus holds 299.*num_words=len\(vocab\)"),
        ((CORPUS, 0), "num_words must be at least 1.* but got 0"),
        ((CORPUS, 2**31), "num_words .* fit 62 bits, but got 2,147,483,648"),
        ((CORPUS, 300, 0), "window is a whole number of at least 1, but got 0"),
        ((CORPUS, 300, 50), r"1/50 do not fit 64 bits.*flat"),
        ((CORPUS, 300, 40), "6,000 tokens with a window of 40 might not fit"),
        ((CORPUS, 300, 5, "cosine"), '"harmonic" or "flat", but got \'cosine\''),
    ],
)
def test_what_cannot_be_counted_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        cooccurrence.count(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0, 1]], 3), r"text\.Corpus or several, but got list.*text\.encode"),
        ((np.arange(3), 3), "text.Corpus or several"),
        ((CORPUS, 300, 2.5), "'float' object cannot be interpreted as an integer"),
        ((CORPUS, 300.0), "integer"),
    ],
)
def test_what_is_no_corpus_or_number_is_refused(arguments, message):
    with pytest.raises(TypeError, match=message):
        cooccurrence.count(*arguments)


def test_a_wide_window_counts_flat():
    X = cooccurrence.count(CORPUS, 300, 200, "flat")
    lengths = CORPUS.lengths.clip(max=200)
    assert X.sum() >= np.sum(lengths * (lengths - 1))


def test_counts_may_come_as_any_matrix():
    dense = np.array([[0.0, 2.0], [2.0, 1.0]])
    for X in (dense, dense.tolist(), sparse.coo_matrix(dense), sparse.csc_array(dense)):
        np.testing.assert_array_equal(
            cooccurrence.require_counts(X, symmetric=True).toarray(), dense
        )
    given = sparse.csr_array(([1.0, 1.0, 0.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    counts = cooccurrence.require_counts(given)
    assert (counts.nnz, counts[0, 1]) == (1, 2.0)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1.0, 2.0]], r"square matrix, but got shape \(1, 2\)"),
        ([[0.0, 1.0], [-2.0, 0.0]], r"not negative, but x\[1, 0\] is -2.0 \(1 such"),
        ([[0.0, np.nan], [1.0, np.inf]], r"finite .* x\[0, 1\] is nan \(2 such"),
        (np.zeros((3, 3)), r"All co-occurrences of this \(3, 3\) matrix are zero"),
        ([[0.0, 1.0], [2.0, 0.0]], r"symmetric, but x\[0, 1\] is 1.0 and x\[1, 0\] is 2.0"),
    ],
)
def test_what_can_be_no_counts_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        cooccurrence.require_counts(X, symmetric=True)
