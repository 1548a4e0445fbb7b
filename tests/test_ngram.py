"""n-grams: counts against dictionaries, probabilities against formulas written by hand."""

import itertools
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursecore.data.everyday import everyday
from coursecore.words import counts as counting
from coursecore.words import ngram, text
from coursecore.words.text import Corpus

METHODS = {
    "empirical": lambda counts, valid: ngram.add_delta(counts, 0),
    "add-delta": lambda counts, valid: ngram.add_delta(counts, 0.3),
    "interpolation": ngram.jelinek_mercer,
    "interpolation by classes": lambda c, v: ngram.jelinek_mercer(c, v, classes=4),
    "Witten-Bell": lambda counts, valid: ngram.witten_bell(counts),
    "Kneser-Ney": lambda counts, valid: ngram.kneser_ney(counts),
}
SMOOTH = [name for name in METHODS if name != "empirical"]
TINY = np.array([[0, 1, 2], [0, 1, 2], [0, 1, 3], [2, 1, 3], [1, 1, 0]])


def random_ngrams(seed, num=400, num_words=7, n=3):
    """Draw n-grams of uneven frequencies."""
    rng = np.random.default_rng(seed)
    return (num_words * rng.random((num, n)) ** 2).astype(int)


def fitted(name, seed=0, **sizes):
    counts = ngram.count(random_ngrams(seed, **sizes), sizes.get("num_words", 7))
    return METHODS[name](counts, random_ngrams(seed + 1, **sizes))


def all_contexts(num_words, size):
    """List every context, also those that contain the start of a sentence."""
    return np.array(list(itertools.product(range(num_words + 1), repeat=size)), int)


# ----------------------------------------------------------------------------- counts


def dictionaries(rows):
    """Count by hand: the k-grams that n-grams end with, for each k."""
    n = len(rows[0])
    return [Counter(tuple(row[n - k :]) for row in rows) for k in range(1, n + 1)]


def tables(counts):
    """Turn counts into dictionaries: the k-grams and how often they occurred."""
    found = []
    for k, order in enumerate(counts.orders, 1):
        contexts, row = [], order.rows
        for level in reversed(counts.orders[1:k]):
            contexts.append(level.contexts[row] % level.base)
            row = level.contexts[row] // level.base
        columns = [*contexts, order.words]
        kgrams = map(tuple, np.stack(columns, 1).tolist())
        found.append(dict(zip(kgrams, order.counts.tolist(), strict=True)))
    return found


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.tuples(*[st.integers(0, 5)] * n), min_size=1, max_size=40)
    )
)
def test_counts_are_those_of_a_dictionary(rows):
    counts = ngram.count(np.array(rows), 6)
    assert tables(counts) == dictionaries(rows)
    for order in counts.orders:
        assert np.all(np.diff(order.keys) > 0)
        assert np.all(np.diff(order.contexts) > 0)
        assert order.counts.sum() == order.totals.sum() == len(rows)
        assert order.types.sum() == len(order.keys)


@pytest.mark.parametrize("num_words", [8, 65_535, 2_000_000_000])
def test_vocabularies_whose_powers_overflow_are_counted_as_well(num_words):
    rows = random_ngrams(0, num=300, n=5) * ((num_words - 1) // 7)
    counts = ngram.count(rows, num_words)
    assert tables(counts) == dictionaries(rows.tolist())
    assert counts.of(rows).tolist() == [
        dictionaries(rows.tolist())[-1][tuple(row)] for row in rows.tolist()
    ]


@pytest.mark.parametrize("chunk", [1, 3, 50])
@pytest.mark.parametrize("starts", [False, True])
def test_counting_in_chunks_changes_nothing(monkeypatch, chunk, starts):
    corpus = Corpus.join([random_ngrams(s, 1, n=s % 9)[0] for s in range(40)])
    whole = ngram.count(corpus, 7, 3, starts=starts)
    monkeypatch.setattr(counting, "CHUNK", chunk)
    assert tables(ngram.count(corpus, 7, 3, starts=starts)) == tables(whole)
    halves = (corpus[part] for part in (slice(0, 25), slice(25, None)))
    assert tables(ngram.count(halves, 7, 3, starts=starts)) == tables(whole)


def test_memory_grows_with_the_different_ngrams_alone(monkeypatch):
    monkeypatch.setattr(counting, "CHUNK", 100)
    sizes = []
    distinct = counting._distinct

    def watched(rows, weights, base):
        sizes.append(len(rows))
        return distinct(rows, weights, base)

    monkeypatch.setattr(counting, "_distinct", watched)
    corpus = Corpus.join([np.tile(np.arange(50), 400)])
    counts = ngram.count(corpus, 50, 3)
    assert [len(order.keys) for order in counts.orders] == [50, 50, 50]
    assert counts.orders[-1].counts.sum() == 20_000 - 2
    assert max(sizes) <= 150
    assert len(sizes) > 200


def test_windows_and_starts_of_sentences():
    corpus = Corpus.join([[1, 2, 3], [], [4], [0, 1]])
    assert tables(ngram.count(corpus, 5, 3))[-1] == {(1, 2, 3): 1}
    rows = [[5, 5, 1], [5, 1, 2], [1, 2, 3], [5, 5, 4], [5, 5, 0], [5, 0, 1]]
    assert ngram.padded(corpus, 3, 5).tolist() == rows
    assert tables(ngram.count(corpus, 5, 3, starts=True)) == dictionaries(rows)
    assert tables(ngram.count(np.array(rows), 5)) == dictionaries(rows)
    assert ngram.padded(Corpus.join([]), 3, 5).shape == (0, 3)


def test_counting_windows_counts_the_windows_of_text():
    corpus = Corpus.join([random_ngrams(s, 1, n=8)[0] for s in range(5)])
    assert tables(ngram.count(corpus, 7, 4)) == tables(
        ngram.count(text.windows(corpus, 4), 7)
    )


def test_ngrams_that_were_counted_before_are_added_up():
    weights = np.array([2, 0, 3, 1, 5])
    counts = ngram.count(TINY, 4, weights=weights)
    assert tables(counts) == dictionaries(np.repeat(TINY, weights, axis=0).tolist())


def test_questions_to_the_counts():
    counts = ngram.count(TINY, 4)
    assert counts.n == 3
    assert counts.of(np.array([[0, 1, 2], [0, 1, 3], [3, 3, 3]])).tolist() == [2, 1, 0]
    assert counts.of(np.array([[1, 2], [1, 3], [0, 1]])).tolist() == [2, 2, 0]
    assert counts.of(np.array([[2], [1]])).tolist() == [2, 0]
    assert counts.total(np.array([[0, 1], [1, 0]])).tolist() == [3, 0]
    assert counts.total(np.array([[1], [2]])).tolist() == [5, 0]
    assert tables(counts.up_to(2)) == tables(counts)[:2]
    with pytest.raises(ValueError, match="orders 1 to 3, but up_to got 4"):
        counts.up_to(4)
    assert counts.total(np.empty((1, 0), int)).tolist() == [5]
    for shape in ((2, 4), (2, 0)):
        with pytest.raises(ValueError, match=r"k from 1 up to 3, but got shape \(2, "):
            counts.of(np.zeros(shape, int))
    with pytest.raises(ValueError, match=r"k from 0 up to 2, but got shape \(3,\)"):
        counts.total(np.zeros(3, int))


def test_an_id_that_is_no_word_is_not_taken_for_another_word():
    counts = ngram.count(TINY, 4)
    for ngrams in itertools.product(range(-6, 12), repeat=2):
        if not {*ngrams} <= {0, 1, 2, 3, 4}:
            with pytest.raises(ValueError, match="Word ids go from 0 to 4"):
                counts.of([ngrams])
            with pytest.raises(ValueError, match="Word ids go from 0 to 4"):
                counts.total([ngrams])
    with pytest.raises(TypeError, match="whole numbers, but got dtype float64"):
        counts.of([[0.5, 1]])


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (np.empty((0, 3), int), {}, "no n-gram to count: the data are empty"),
        (Corpus.join([]), {"n": 2}, "no n-gram to count"),
        (Corpus.join([]), {"n": 2, "starts": True}, "no n-gram to count"),
        (Corpus.join([[1, 2], [3]]), {"n": 3}, "shorter than n words. Take a smaller n"),
        ([], {"n": 2}, "no n-gram to count"),
        (Corpus.join([[1, 2]]), {}, "order n >= 1, but got n=None"),
        (Corpus.join([[1, 2]]), {"n": 0}, "order n >= 1, but got n=0"),
        (np.array([1, 2]), {}, r"n-grams are an array .* got shape \(2,\)"),
        (TINY, {"n": 2}, r"array \(N, 2\) of word ids, but got shape \(5, 3\)"),
        ([TINY, TINY[:, :2]], {}, r"array \(N, 3\) of word ids, but got shape \(5, 2\)"),
        (TINY + 1, {}, "Word ids go from 0 to 3, but got 1 to 4"),
        (TINY + np.array([9, 0, 0]), {}, "Word ids go from 0 to 4, but got 0 to 11"),
        (Corpus.join([[4, 1, 0]]), {"n": 2}, "Word ids go from 0 to 3, but got 0 to 4"),
        (TINY - 1, {}, "but got -1 to 2"),
        (TINY, {"weights": -np.ones(5, int)}, "Counts cannot be negative, but got -1"),
        (TINY, {"weights": np.full(5, np.nan)}, "Counts are whole numbers"),
        (TINY, {"weights": np.ones(4, int)}, r"5 n-grams, but got shape \(4,\)"),
        (TINY, {"weights": np.zeros(5, int)}, "no n-gram to count"),
        ([TINY], {"weights": np.ones(5, int)}, "weights go with one array"),
    ],
)
def test_what_cannot_be_counted_is_refused(data, options, message):
    with pytest.raises(ValueError, match=message):
        ngram.count(data, 4, **options)


def test_ids_that_are_no_whole_numbers_are_refused():
    with pytest.raises(TypeError, match="whole numbers, but got dtype float64"):
        ngram.count(TINY + 0.5, 4)


# ------------------------------------------------------------------------ all methods


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_probabilities_sum_to_one_after_every_context(name, n):
    model = fitted(name, num=30, num_words=5, n=n)
    contexts = all_contexts(5, n - 1)
    P = model.probabilities(contexts)
    assert P.shape == (len(contexts), 5)
    np.testing.assert_allclose(P.sum(1), 1, rtol=1e-13)
    assert np.all(P >= 0)
    if n > 1:
        totals = model.counts.total(contexts)
        assert np.any(totals == 0)
        assert np.any(totals > 0)
    if name != "empirical":
        assert np.all(P > 0)


@pytest.mark.parametrize("name", METHODS)
def test_log_probabilities_are_the_logarithms_of_the_probabilities(name):
    model = fitted(name)
    test = random_ngrams(5)
    P = model.probabilities(test[:, :-1])
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(
            model.log_prob(test), np.log(P[np.arange(len(test)), test[:, -1]]), rtol=1e-12
        )
    one = model.probabilities(test[3, :-1])
    assert one.shape == (7,)
    np.testing.assert_array_equal(one, P[3])


@pytest.mark.parametrize("name", METHODS)
def test_contexts_are_cut_and_filled_up(name):
    model = fitted(name)
    np.testing.assert_array_equal(
        model.probabilities([5, 3, 0, 1]), model.probabilities([0, 1])
    )
    np.testing.assert_array_equal(model.probabilities([1]), model.probabilities([7, 1]))
    np.testing.assert_array_equal(model.probabilities([]), model.probabilities([7, 7]))


@pytest.mark.parametrize("name", SMOOTH)
def test_a_vocabulary_of_one_word_is_certain(name):
    counts = ngram.count(Corpus.join([[0, 0, 0, 0, 0]]), 1, 3)
    model = METHODS[name](counts, np.zeros((2, 3), int))
    np.testing.assert_allclose(model.probabilities([0, 0]), [1.0])
    assert model.perplexity(np.zeros((4, 3), int)) == pytest.approx(1.0)


@pytest.mark.parametrize("name", METHODS)
def test_the_perplexity_of_equally_likely_words_is_their_number(name):
    rows = all_contexts(3, 3)  # every 3-gram of four words once
    model = METHODS[name](ngram.count(rows, 4), rows)
    assert model.perplexity(rows) == pytest.approx(4.0)
    assert model.cross_entropy(rows) == pytest.approx(np.log(4))


def chain(rng, T, num):
    """Draw 3-grams from a Markov chain with transition probabilities T."""
    words, cumulative = [0], np.cumsum(T, axis=1)
    for u in rng.random(num):
        row = cumulative[words[-1]]
        words.append(int(np.searchsorted(row, u * row[-1])))
    return np.lib.stride_tricks.sliding_window_view(words, 3)


@pytest.mark.parametrize("name", SMOOTH)
def test_models_approach_the_true_entropy_and_do_not_beat_it(name):
    rng = np.random.default_rng(0)
    T = rng.dirichlet(np.full(6, 0.5), size=6)
    valid, test = chain(rng, T, 2_000), chain(rng, T, 20_000)
    truth = -np.mean(np.log(T[test[:, 1], test[:, 2]]))
    excess = []
    for num in (200, 20_000):
        model = METHODS[name](ngram.count(chain(rng, T, num), 6), valid)
        excess.append(model.cross_entropy(test) - truth)
    assert 0 < excess[1] < 0.006
    assert excess[0] > 5 * excess[1]


@pytest.fixture(scope="module")
def everyday_bigrams():
    """Draw 2-grams of everyday English, and the true log-probabilities of the last."""
    rng, vocab = np.random.default_rng(0), text.Vocab(everyday.words, np.ones(265, int))
    drawn = [everyday(rng, num) for num in (500, 20_000, 1_000, 300)]
    truth = [everyday.log_prob(sentence, window=1) for sentence in drawn[-1]]
    corpora = [text.encode(sentences, vocab) for sentences in drawn]
    return [ngram.padded(corpus, 2, 265) for corpus in corpora], np.concatenate(truth)


@pytest.mark.parametrize("name", SMOOTH)
def test_models_approach_the_truth_about_everyday_english(name, everyday_bigrams):
    (few, many, valid, test), truth = everyday_bigrams
    excess = [
        np.mean(truth - METHODS[name](ngram.count(train, 265), valid).log_prob(test))
        for train in (few, many)
    ]
    assert 0 < excess[1] < 0.12
    assert excess[0] > 4 * excess[1]


def test_sampling_follows_the_probabilities():
    model = fitted("Witten-Bell")
    rng = np.random.default_rng(0)
    drawn = [int(model.sample(rng, [0, 1], 1)[0]) for _ in range(3_000)]
    p = model.probabilities([0, 1])
    observed = np.bincount(drawn, minlength=7) / 3_000
    assert np.all(np.abs(observed - p) < 4 * np.sqrt(p * (1 - p) / 3_000))


def test_samples_are_what_the_corpus_allows():
    corpus = Corpus.join([[0, 1, 2, 3], [0, 2, 3]])
    model = ngram.add_delta(ngram.count(corpus, 4, 2, starts=True), 0)
    rng = np.random.default_rng(0)
    drawn = {tuple(model.sample(rng, stop=3).tolist()) for _ in range(50)}
    assert drawn == {(0, 1, 2, 3), (0, 2, 3)}
    assert model.sample(rng, [0, 1], 2).tolist() == [2, 3]
    assert model.sample(rng, length=0).shape == (0,)
    first = model.sample(np.random.default_rng(7), length=9)
    assert first.tolist() == model.sample(np.random.default_rng(7), length=9).tolist()
    with pytest.raises(ValueError, match="at least 0 words, but got length=-1"):
        model.sample(rng, length=-1)


@pytest.mark.parametrize("name", ["empirical", "Witten-Bell"])
def test_what_no_model_can_answer_is_refused(name):
    model = fitted(name)
    with pytest.raises(ValueError, match="from 0 to 6, but got 7 to 7"):
        model.log_prob(np.array([[0, 1, 7]]))
    with pytest.raises(ValueError, match="from 0 to 7, but got 0 to 8"):
        model.probabilities([0, 8])
    with pytest.raises(ValueError, match="got -1 to 0: take those that the same vocab"):
        model.probabilities([-1, 0])
    with pytest.raises(ValueError, match=r"2 dimension.*, but got \(1, 2, 2\)"):
        model.probabilities(np.zeros((1, 2, 2), int))
    with pytest.raises(TypeError, match="float64"):
        model.probabilities([0.5, 1.0])
    with pytest.raises(TypeError, match="<U3"):
        model.log_prob([["the", "cat", "sat"]])
    with pytest.raises(ValueError, match=r"an array \(N, 3\), but got shape \(3,\)"):
        model.log_prob(np.array([0, 1, 2]))
    with pytest.raises(ValueError, match="no n-grams at all is not defined"):
        model.perplexity(np.empty((0, 3), int))


def test_a_model_says_what_it_is():
    model = fitted("Witten-Bell", num=30)
    size = len({tuple(row) for row in random_ngrams(0, num=30).tolist()})
    assert repr(model) == f"Witten-Bell 3-gram of 7 words, {size} n-grams"
    assert repr(model.counts).startswith("Counts of 1- to 3-grams of 7 words: 7, ")
    assert repr(model.counts).endswith(f", {size} different ones")


# ----------------------------------------------------------------- method by method


def test_the_empirical_distribution_divides_counts():
    model = ngram.add_delta(ngram.count(TINY, 4), 0)
    np.testing.assert_allclose(model.probabilities([0, 1]), [0, 0, 2 / 3, 1 / 3])
    np.testing.assert_allclose(model.probabilities([3, 3]), 1 / 4)
    assert model.log_prob(np.array([[0, 1, 0]])).tolist() == [-np.inf]
    assert model.perplexity(np.array([[0, 1, 0], [0, 1, 2]])) == np.inf


@given(st.floats(1e-6, 1e6))
def test_added_counts_are_added(delta):
    model = ngram.add_delta(ngram.count(TINY, 4), delta)
    for context in all_contexts(3, 2):
        here = [row[2] for row in TINY if tuple(row[:2]) == tuple(context)]
        expected = (np.bincount(here, minlength=4) + delta) / (len(here) + 4 * delta)
        np.testing.assert_allclose(model.probabilities(context), expected, rtol=1e-12)


def test_delta_cannot_be_negative():
    for delta in (-1, np.nan, np.inf):
        with pytest.raises(ValueError, match="needs delta >= 0"):
            ngram.add_delta(ngram.count(TINY, 4), delta)


def witten_bell_by_hand(rows, context, word, num_words):
    """Follow the recursive definition with lists."""
    size = len(context)
    here = [row[-1] for row in rows if size == 0 or tuple(row[-1 - size : -1]) == context]
    lower = (
        witten_bell_by_hand(rows, context[1:], word, num_words) if size else 1 / num_words
    )
    types = len(set(here))
    return (here.count(word) + types * lower) / (len(here) + types) if here else lower


def test_witten_bell_is_its_recursive_definition():
    rows = random_ngrams(3, num=60, num_words=5).tolist()
    model = ngram.witten_bell(ngram.count(np.array(rows), 5))
    for context in all_contexts(4, 2).tolist():
        expected = [witten_bell_by_hand(rows, tuple(context), w, 5) for w in range(5)]
        np.testing.assert_allclose(model.probabilities(context), expected, rtol=1e-12)


def kneser_ney_by_hand(rows, context, word, num_words, discounts, top=True):
    """Follow Chen & Goodman's equations with sets and lists."""
    size = len(context)
    table = Counter(tuple(row[-1 - size :]) for row in rows)
    if not top:
        longer = {tuple(row[-2 - size :]) for row in rows}
        kept = {g: c for g, c in table.items() if size and g[0] == num_words}
        table = Counter(g[1:] for g in longer) | Counter(kept)
    here = {g[-1]: c for g, c in table.items() if g[:-1] == context}
    lower = (
        kneser_ney_by_hand(rows, context[1:], word, num_words, discounts, False)
        if size
        else 1 / num_words
    )
    if not here:
        return lower
    D = [0, *discounts[size]]
    gamma = sum(D[min(c, 3)] for c in here.values())
    own = here.get(word, 0)
    return (own - D[min(own, 3)] + gamma * lower) / sum(here.values())


@pytest.mark.parametrize("starts", [False, True])
def test_kneser_ney_is_its_recursive_definition(starts):
    corpus = Corpus.join([random_ngrams(s, 1, num_words=5, n=4)[0] for s in range(40)])
    rows = ngram.padded(corpus, 3, 5) if starts else text.windows(corpus, 3)
    model = ngram.kneser_ney(ngram.count(rows, 5))
    discounts = model.settings["discounts"]
    rows = list(map(tuple, rows.tolist()))
    for context in all_contexts(5, 2).tolist():
        expected = [
            kneser_ney_by_hand(rows, tuple(context), w, 5, discounts) for w in range(5)
        ]
        np.testing.assert_allclose(model.probabilities(context), expected, rtol=1e-12)


def test_the_discounts_are_those_of_the_counts_of_counts():
    counts = np.repeat([1, 2, 3, 4, 9], [12, 6, 3, 2, 5])
    y = 12 / (12 + 2 * 6)
    expected = (1 - 2 * y * 6 / 12, 2 - 3 * y * 3 / 6, 3 - 4 * y * 2 / 3)
    assert ngram._discounts(counts) == pytest.approx(expected)
    for regular in ([1, 1, 2], [5, 5, 5], [1] * 9 + [2] * 2 + [3] * 9 + [4] * 9):
        assert ngram._discounts(np.array(regular)) == (0.5, 1.0, 1.5)


def test_kneser_ney_mistrusts_a_word_that_follows_one_word_only():
    # "york" (1) always after "new" (0); "tea" (2) less often, but after many words.
    rows = [[0, 1]] * 9 + [[word, 2] for word in (3, 4, 5, 6)] + [[2, 0]] * 9
    counts = ngram.count(np.array(rows), 8)
    york, tea = ngram.kneser_ney(counts).probabilities([7])[[1, 2]]
    assert tea > york
    york, tea = ngram.witten_bell(counts).probabilities([7])[[1, 2]]
    assert york > tea


def test_interpolation_mixes_the_empirical_distributions():
    counts = ngram.count(TINY, 4)
    model = ngram.jelinek_mercer(counts, weights=(0.5, 0.8, 0.25))
    unigram = np.array([1, 0, 2, 2]) / 5
    first = 0.5 * unigram + 0.5 / 4
    second = 0.8 * np.array([1, 0, 2, 2]) / 5 + 0.2 * first
    third = 0.25 * np.array([0, 0, 2, 1]) / 3 + 0.75 * second
    np.testing.assert_allclose(model.probabilities([0, 1]), third)
    np.testing.assert_allclose(model.probabilities([3, 1]), second)
    np.testing.assert_allclose(model.probabilities([1, 3]), first)


@pytest.mark.parametrize("classes", [1, 3])
def test_the_weights_are_likeliest_on_the_validation_set(classes):
    counts, valid = ngram.count(random_ngrams(0), 7), random_ngrams(1)
    model = ngram.jelinek_mercer(counts, valid, classes=classes, steps=3_000, tol=0)
    weights, trace = model.settings["weights"], model.settings["costs"]
    assert np.all(np.diff(trace) < 1e-14)  # EM never goes up

    def cost(weights):
        """The cross-entropy, with one imaginary word stopped and one passed on."""
        found = ngram.jelinek_mercer(counts, weights=weights, classes=classes)
        imaginary = np.sum(np.log(weights) + np.log1p(-np.array(weights)))
        return found.cross_entropy(valid) - imaginary / len(valid)

    assert trace[-1] == pytest.approx(cost(weights), abs=1e-9)
    for k in range(3):
        for kind in range(classes):
            for change in (0.97, 1.03):
                moved = [w.copy() for w in weights]
                moved[k][kind] = np.clip(moved[k][kind] * change, 1e-6, 1 - 1e-6)
                assert cost(moved) > trace[-1] - 1e-9


def test_contexts_met_often_are_trusted_more():
    rng = np.random.default_rng(0)
    T = rng.dirichlet(1 / np.arange(1, 41), size=40)
    counts, valid = ngram.count(chain(rng, T, 5_000), 40), chain(rng, T, 3_000)
    one, many = (ngram.jelinek_mercer(counts, valid, classes=c) for c in (1, 6))
    assert many.cross_entropy(valid) < one.cross_entropy(valid) - 0.01
    seldom, *_, often = many.settings["weights"][1]
    assert seldom < often


def test_no_weight_makes_a_new_word_impossible():
    counts = ngram.count(TINY, 4)
    model = ngram.jelinek_mercer(counts, TINY[:2], classes=20, steps=1_000, tol=0)
    assert np.all(model.probabilities(all_contexts(4, 2)) > 0)
    highest = model.settings["weights"][2]
    assert highest[15] == pytest.approx(0.5)  # nobody came this way


def test_interpolation_refuses_what_it_cannot_use():
    counts = ngram.count(TINY, 4)
    with pytest.raises(ValueError, match="either valid n-grams or weights, not both"):
        ngram.jelinek_mercer(counts)
    with pytest.raises(ValueError, match="not both"):
        ngram.jelinek_mercer(counts, TINY, weights=(0.1, 0.1, 0.1))
    for wrong in ((0.1, 0.1), 0.1):
        with pytest.raises(ValueError, match=r"each of 3 orders is needed, got .*0\.1"):
            ngram.jelinek_mercer(counts, weights=wrong)
    for wrong in (1.1, np.nan, [0.1, 0.2]):
        with pytest.raises(ValueError, match=r"between 0 and 1, .* but got"):
            ngram.jelinek_mercer(counts, weights=(0.1, 0.1, wrong), classes=3)
    for wrong in (TINY + 2, TINY - 1):
        with pytest.raises(ValueError, match="Word ids go from 0 to"):
            ngram.jelinek_mercer(counts, wrong)
    with pytest.raises(ValueError, match="at least 1 class of contexts, got 0"):
        ngram.jelinek_mercer(counts, TINY, classes=0)
    for wrong in (TINY[:, 1:], TINY[:0]):
        with pytest.raises(ValueError, match=r"array \(N, 3\), but got shape"):
            ngram.jelinek_mercer(counts, wrong)


# ------------------------------------------------------------------------------ table


def test_the_table_shows_contexts_and_words():
    sentences = ["the fat cat sat", "the fat dog sat", "new york city", "the fat cat"]
    tokens = [text.tokenize(sentence) for sentence in sentences]
    vocab = text.Vocab.count(tokens)
    counts = ngram.count(text.encode(tokens, vocab), len(vocab), 3)
    model = ngram.add_delta(counts, 0)
    table = ngram.table(model, vocab, ["the fat", "new york"], ["cat", "dog", "city"])
    np.testing.assert_allclose(table.probabilities, [[2 / 3, 1 / 3, 0], [0, 0, 1]])
    lines = str(table).splitlines()
    assert lines[0].split() == ["cat", "dog", "city"]
    assert lines[1].split() == ["the", "fat", "0.67", "0.33", "0"]
    assert len({len(line) for line in lines}) == 1
    assert ngram.table(model, vocab, [], ["cat"]).probabilities.shape == (0, 1)
    with pytest.raises(ValueError, match="model knows 9 words, but the vocabulary has 2"):
        ngram.table(model, text.Vocab(["the", "cat"], np.ones(2, int)), ["the"], ["cat"])


# ----------------------------------------------------------------- published figures

FOLDER = Path(os.environ.get("COURSECORE_DATA") or "no folder named")


@pytest.mark.skipif(
    not (FOLDER / "raw_sentences.txt").is_file(),
    reason="needs raw_sentences.txt in the folder that COURSECORE_DATA names",
)
def test_the_published_figures_of_the_toronto_sentences():
    path = FOLDER / "raw_sentences.txt"
    vocab = text.Vocab.count_file(path, unk=None)
    windows = text.windows(text.encode_file(path, vocab), 4)
    assert (len(vocab), len(windows)) == (250, 465_686)
    order = np.random.default_rng(0).permutation(len(windows))
    train, valid = windows[order[:372_500]], windows[order[372_500:419_000]]
    counts = ngram.count(train, len(vocab))
    for n, published in enumerate((4.393, 3.082, 2.708, 2.680), 1):
        model = ngram.witten_bell(counts.up_to(n))
        assert model.cross_entropy(valid) == pytest.approx(published, abs=0.005)
    assert ngram.kneser_ney(counts).cross_entropy(valid) < 2.55
    assert (counts.of(valid) > 0).mean() == pytest.approx(0.65, abs=0.01)
