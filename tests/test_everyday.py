"""Everyday English and grammars: exact probabilities against counting and enumeration."""

import collections
import itertools
import math

import numpy as np
import pytest
from scipy import stats

from coursecore.data.everyday import HELD_OUT, PAIRS, everyday
from coursecore.data.language import Language

SAMPLE = everyday(np.random.default_rng(0), 20_000)

TOY = """
# Agreement across a word, a shared beginning, an empty alternative, unequal weights.
SENTENCE = 3 the ANIMAL[$count] LATER HOP[$count] . | 0.5 the end . | 1 hop .
ANIMAL[one] = frog | 2 hare
ANIMAL[many] = frogs
  | sheep
LATER = () | now | 2 SOME now
SOME = always | never | never
HOP[one] = hops
HOP[many] = hop | 3 jump
"""
toy = Language(TOY, {"count": ["one", "many"]})


def listed():
    """List the sentences of the toy language by hand: {sentence: probability}."""
    animals = {("frog", "one"): 1 / 6, ("hare", "one"): 1 / 3, ("frogs", "many"): 1 / 4,
               ("sheep", "many"): 1 / 4}  # fmt: skip
    later = {(): 1 / 4, ("now",): 1 / 4, ("always", "now"): 1 / 6, ("never", "now"): 1 / 3}
    hops = {"one": {"hops": 1.0}, "many": {"hop": 1 / 4, "jump": 3 / 4}}
    found = {("the", "end", "."): 0.5 / 4.5, ("hop", "."): 1 / 4.5}
    for ((animal, count), p), (words, q) in itertools.product(
        animals.items(), later.items()
    ):
        for hop, r in hops[count].items():
            found["the", animal, *words, hop, "."] = 3 / 4.5 * p * q * r
    return found


SENTENCES = listed()
LENGTH = sum(p * len(sentence) for sentence, p in SENTENCES.items())


def contexts(window):
    """Count by enumeration: {what is known before a word: {word: expected number}}."""
    table = collections.defaultdict(lambda: collections.defaultdict(float))
    for sentence, p in SENTENCES.items():
        for t, word in enumerate(sentence):
            whole = window is None or t < window
            known = ("<s>", *sentence[:t]) if whole else sentence[t - window : t]
            table[known][word] += p
    return table


def entropy_of(table):
    total, words = 0.0, 0.0
    for following in table.values():
        weight = sum(following.values())
        words += weight
        total -= sum(p * math.log(p / weight) for p in following.values())
    return total / words


def fits(counts, P, num):
    """Return statistic and degrees of freedom of counts (V,) against probabilities."""
    counts, expected = np.asarray(counts, dtype=float), num * P
    assert counts[P == 0].sum() == 0
    rare = expected < 5
    observed = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    if expected[-1] < 5:
        observed, expected = observed[:-1], expected[:-1]
    return np.sum((observed - expected) ** 2 / expected), max(len(observed) - 1, 0)


# ------------------------------------------------------ the toy, by enumeration


def test_the_toy_is_what_its_grammar_says():
    assert sum(SENTENCES.values()) == pytest.approx(1)
    assert all(sentence in toy for sentence in SENTENCES)
    for wrong in (["the", "frog", "hop", "."], ["the", "frog"], [], ["hop", ".", "."]):
        assert wrong not in toy
    assert toy.words == tuple(sorted({word for s in SENTENCES for word in s}))
    assert toy.mean_length == pytest.approx(LENGTH)
    for sentence, p in SENTENCES.items():
        assert toy.log_prob(sentence).sum() == pytest.approx(math.log(p))


@pytest.mark.parametrize("window", [None, 0, 1, 2, 3, 4, 9])
def test_next_word_and_entropy_agree_with_enumeration(window):
    table = contexts(window)
    for known, following in table.items():
        prefix = [word for word in known if word != "<s>"]
        total = sum(following.values())
        expected = [following.get(word, 0) / total for word in toy.words]
        np.testing.assert_allclose(toy.next_word(prefix, window), expected, atol=1e-12)
    assert toy.entropy(window) == pytest.approx(entropy_of(table), rel=1e-9)


@pytest.mark.parametrize("window", [0, 1, 2, 3])
def test_without_padding_only_words_after_a_whole_window_count(window):
    table = {known: f for known, f in contexts(window).items() if known[:1] != ("<s>",)}
    assert toy.entropy(window, padded=False) == pytest.approx(entropy_of(table), rel=1e-9)


def test_log_prob_with_a_window_looks_no_further_back():
    sentence = ["the", "sheep", "never", "now", "jump", "."]
    table = contexts(2)
    expected = []
    for t, word in enumerate(sentence):
        known = ("<s>", *sentence[:t]) if t < 2 else tuple(sentence[t - 2 : t])
        expected.append(math.log(table[known][word] / sum(table[known].values())))
    np.testing.assert_allclose(toy.log_prob(sentence, window=2), expected)


def test_the_draw_has_the_frequencies_of_the_sentences():
    num = 20_000
    drawn = collections.Counter(map(tuple, toy(np.random.default_rng(1), num)))
    assert set(drawn) <= set(SENTENCES)
    P = np.array(list(SENTENCES.values()))
    statistic, freedom = fits([drawn[s] for s in SENTENCES], P, num)
    assert freedom > 10
    assert stats.chi2.sf(statistic, freedom) > 1e-3
    assert toy(np.random.default_rng(0), 0) == []


def test_the_order_of_the_answer_can_be_that_of_a_vocabulary():
    words = ["<unk>", "jump", "hop", "."]
    P = toy.next_word(["the", "sheep"], words=words)
    np.testing.assert_allclose(P, [0, 3 / 16, 1 / 16, 0])


# ------------------------------------------------------ everyday, by counting


def test_a_draw_is_reproducible_and_has_about_250_words():
    again = everyday(np.random.default_rng(0), 300)
    assert again == everyday(np.random.default_rng(0), 300)
    assert again != everyday(np.random.default_rng(1), 300)
    assert 230 <= len(everyday.words) <= 270
    assert {word for sentence in SAMPLE for word in sentence} == set(everyday.words)
    assert all(sentence[-1] in ".?" for sentence in SAMPLE)
    assert all(sentence in everyday for sentence in SAMPLE[:200])


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_what_follows_a_beginning_has_the_exact_frequencies(size):
    counts = collections.defaultdict(collections.Counter)
    for sentence in SAMPLE:
        if len(sentence) > size:
            counts[tuple(sentence[:size])][sentence[size]] += 1
    check_frequencies(counts, None)


@pytest.mark.parametrize("window", [2, 3])
def test_what_follows_a_window_has_the_exact_frequencies(window):
    counts = collections.defaultdict(collections.Counter)
    for sentence in SAMPLE:
        for t in range(window, len(sentence)):
            counts[tuple(sentence[t - window : t])][sentence[t]] += 1
    check_frequencies(counts, window)


def test_single_words_have_the_exact_frequencies():
    counts = collections.Counter(word for sentence in SAMPLE for word in sentence)
    observed = np.array([counts[word] for word in everyday.words])
    P = everyday.next_word((), window=0)
    assert P.min() > 0
    assert np.abs(observed / observed.sum() - P).sum() / 2 < 0.02


def check_frequencies(counts, window):
    total, freedom = 0.0, 0
    for known, following in counts.items():
        num = sum(following.values())
        if num >= 50:
            P = everyday.next_word(known, window)
            assert P.sum() == pytest.approx(1)
            one = fits([following[word] for word in everyday.words], P, num)
            total, freedom = total + one[0], freedom + one[1]
    assert freedom > 20
    assert stats.chi2.sf(total, freedom) > 1e-3


def test_entropy_agrees_with_a_sample():
    H = everyday.entropy()
    # The sum over a sentence, less H for each word, has mean 0: a ratio of two means.
    excess = [-everyday.log_prob(s).sum() - H * len(s) for s in SAMPLE[:1500]]
    error = np.std(excess) / math.sqrt(len(excess))
    assert abs(np.mean(excess)) < 4 * error
    assert error / everyday.mean_length < 0.01  # sharp enough to mean something
    mean_length = np.mean([len(s) for s in SAMPLE])
    assert mean_length == pytest.approx(everyday.mean_length, rel=0.01)


def test_entropy_of_a_window_agrees_with_a_sample():
    H = everyday.entropy(3)
    excess = [-everyday.log_prob(s, 3).sum() - H * len(s) for s in SAMPLE[:200]]
    assert abs(np.mean(excess)) < 4 * np.std(excess) / math.sqrt(len(excess))


def test_a_longer_window_knows_more_and_never_more_than_all():
    entropies = [everyday.entropy(window) for window in range(6)]
    assert np.all(np.diff(entropies) < -0.01)
    assert entropies[-1] > everyday.entropy() + 0.01
    assert entropies[0] < math.log(len(everyday.words))
    longest = max(map(len, SENTENCES))
    assert toy.entropy(longest - 2) >= toy.entropy(longest - 1) - 1e-9
    assert toy.entropy(longest - 1) == pytest.approx(toy.entropy(), rel=1e-9)


# ------------------------------------------------------------- what is built in


def after(prefix, window=None):
    P = everyday.next_word(prefix.split(), window)
    return {word: p for word, p in zip(everyday.words, P, strict=True) if p > 0}


def test_words_agree_over_a_distance_that_a_short_window_does_not_see():
    sure = "my mother walked to the park with"
    assert set(after(sure)) == {"her"}
    assert set(after(sure, window=3)) == {"his", "her", "their", "our"}
    assert set(after("the black dogs will play with")) == {"their"}
    assert set(after("the black dog will play with")) == {"its"}
    assert set(after("tom and anna were hungry so")) == {"they"}
    assert set(after("my uncle and i were hungry so")) == {"we"}
    assert set(after("yesterday she")) & {"walk", "walks", "will"} == set()
    assert set(after("tomorrow she")) == {"will"}
    assert set(after("every day she")) <= {
        word for word in everyday.words if word[-1] == "s"
    }
    assert set(after("she lives in rome and speaks")) == {"italian"}
    assert set(after("tokyo is the capital of")) == {"japan"}
    assert "soup" in after("we were hungry so we ate")
    assert set(after("we were thirsty so we drank")) == {"tea", "coffee", "milk", "water"}


def test_each_word_of_an_analogy_occurs():
    counts = collections.Counter(word for sentence in SAMPLE for word in sentence)
    assert len(PAIRS) >= 6
    for category, questions in everyday.analogies().items():
        pairs = {question[:2] for question in questions}
        assert len(questions) == len(pairs) * (len(pairs) - 1)
        assert len(pairs) >= 6, category
        for pair in pairs:
            assert min(counts[word] for word in pair) >= 20, pair
    assert ("man", "woman", "king", "queen") in everyday.analogies()["gender"]
    assert ("paris", "france") not in everyday.analogies()["capital"]
    assert ("france", "paris", "italy", "rome") in everyday.analogies()["capital"]


def test_held_out_pairs_never_meet_in_training():
    train, held_out = everyday.hold_out(SAMPLE)
    assert len(train) + len(held_out) == len(SAMPLE)
    assert 0.02 < len(held_out) / len(SAMPLE) < 0.08
    counts = collections.Counter(word for sentence in train for word in set(sentence))
    together = collections.Counter(
        pair for s in held_out for pair in HELD_OUT if set(pair) <= set(s)
    )
    for pair in HELD_OUT:
        assert not any(set(pair) <= set(sentence) for sentence in train)
        assert min(counts[word] for word in pair) > 50
        assert together[pair] > 10
    joined = {" ".join(sentence) for sentence in train}
    assert "the cat got squashed in the garden on friday ." in joined
    deck = "the dog got flattened in the yard on monday .".split()
    assert deck in everyday
    assert everyday.hold_out([deck]) == ([], [deck])


# ------------------------------------------------------------------ bad input


def test_words_and_beginnings_that_are_not_of_the_language_are_refused():
    with pytest.raises(ValueError, match=r"'kitchn' is not a word.*Did you mean kitchen"):
        everyday.next_word(["kitchn"], window=1)
    with pytest.raises(ValueError, match=r"'zzz' is not a word of this language\.$"):
        everyday.next_word(["zzz"])
    with pytest.raises(ValueError, match="No sentence of this language has 'the the'"):
        everyday.next_word(["the", "the"])
    with pytest.raises(ValueError, match="No sentence of this language has 'the is'"):
        everyday.log_prob("the is".split(), window=1)
    with pytest.raises(ValueError, match=r"'hop \.' is whole: no word follows"):
        toy.next_word(["hop", "."])
    with pytest.raises(ValueError, match="at least 0 words, got -1"):
        toy.next_word(["hop"], window=-1)
    with pytest.raises(ValueError, match="at least 0 words, got -1"):
        toy.entropy(-1)
    with pytest.raises(ValueError, match="No sentence is longer than the window of 50"):
        toy.entropy(50, padded=False)
    with pytest.raises(ValueError, match="no sample of -1"):
        toy(np.random.default_rng(0), -1)


@pytest.mark.parametrize(
    "rules, match",
    [
        ("S = a B .", "There is no rule B, which S needs"),
        ("A = a", "There is no rule S"),
        ("S = a .\n# A remark.\nB = b", "No sentence needs the rules B"),
        ("S = a .\nS = b .", "The rule S is given twice"),
        ("S = A .\nA = a B\nB = b A", "come back to themselves, but A → B → A do"),
        ("S = S a | .", "S → S"),
        ("S a .", "A rule is written NAME = alternatives, got 'S a .'"),
        ("s = a .", "A rule is written NAME"),
        ("S = a $b .", r"No values are given for the variable \$b"),
        ("S = a | 0 .", "weights above 0"),
        ("S = ()", "A sentence may be empty"),
        ("S = a | a b .", "'a' ends some sentences and stands within others"),
    ],
)
def test_rules_that_make_no_language_are_refused(rules, match):
    with pytest.raises(ValueError, match=match):
        Language(rules, {}, start="S")(np.random.default_rng(0), 1)
