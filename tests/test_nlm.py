"""Bengio's model: shapes, laws, the backward pass by hand, what it learns."""

import numpy as np
import pytest

from coursecore import (
    check_grad,
    data,
    grad,
    nlm,
    optim,
    replay,
    text,
    train,
    value_and_grad,
)
from coursecore import functional as F

RNG = np.random.default_rng(6)
SIZES = {"num_words": 11, "dim": 3, "context": 2, "hidden": 5}
CONTEXTS, TARGETS = RNG.integers(11, size=(7, 2)), RNG.integers(11, size=7)
CONTEXTS[0] = 4  # a word that stands twice in one context


def draw(**options):
    return nlm.init(np.random.default_rng(1), **SIZES, init="glorot", **options)


@pytest.mark.parametrize("direct", [False, True])
def test_parameters_have_the_shapes_and_the_number_that_are_stated(direct):
    params = draw(direct=direct)
    leaves = [*params["hidden"].values(), *params["output"].values(), params["R"]]
    leaves += params["direct"].values() if direct else []
    assert params["R"].shape == (11, 3)
    assert params["hidden"]["W"].shape == (5, 6)
    assert params["output"]["W"].shape == (11, 5)
    assert sum(leaf.size for leaf in leaves) == nlm.num_parameters(**SIZES, direct=direct)


def test_the_default_weights_are_small_and_gaussian():
    R = nlm.init(np.random.default_rng(0), 250, 50, 3, 200)["R"]
    assert abs(R.std() - 0.01) < 3e-4
    assert abs(R.mean()) < 3e-4


def by_hand(params, contexts, targets, activation):
    """Return the loss and its bars, written out as a lecture would."""
    R, W, V = params["R"], params["hidden"]["W"], params["output"]["W"]
    N = len(targets)
    X = R[contexts].reshape(N, -1)
    H = activation(X @ W.T + params["hidden"]["b"])
    Z = H @ V.T + params["output"]["b"]
    if "direct" in params:
        Z = Z + X @ params["direct"]["W"].T
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(P[np.arange(N), targets]))
    Z_bar = P.copy()
    Z_bar[np.arange(N), targets] -= 1
    Z_bar /= N
    slope = 1 - H**2 if activation is F.tanh else H * (1 - H)
    A_bar = (Z_bar @ V) * slope
    X_bar = A_bar @ W
    bars = {"R": np.zeros_like(R), "hidden": {"W": A_bar.T @ X, "b": A_bar.sum(axis=0)},
            "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)}}  # fmt: skip
    if "direct" in params:
        bars["direct"] = {"W": Z_bar.T @ X}
        X_bar = X_bar + Z_bar @ params["direct"]["W"]
    np.add.at(bars["R"], contexts, X_bar.reshape(*contexts.shape, -1))  # scatter-add
    return loss, bars


@pytest.mark.parametrize("activation", [F.tanh, F.sigmoid])
@pytest.mark.parametrize("direct", [False, True])
def test_autodiff_gives_the_backward_pass_written_by_hand(activation, direct):
    params = draw(direct=direct)
    cost = lambda p: nlm.loss(p, CONTEXTS, TARGETS, activation)
    value, bars = by_hand(params, CONTEXTS, TARGETS, activation)
    assert np.isclose(cost(params), value, rtol=1e-13)
    came = grad(cost)(params)
    for key, bar in bars.items():
        pairs = bar.items() if isinstance(bar, dict) else [(None, bar)]
        for name, each in pairs:
            got = came[key] if name is None else came[key][name]
            np.testing.assert_allclose(got, each, rtol=1e-12, atol=1e-14)
    assert check_grad(cost, params, bars) > 0


def test_a_word_that_stands_in_no_context_gets_no_bar():
    bar = grad(nlm.loss)(draw(), np.array([[1, 2], [2, 3]]), np.array([4, 5]))["R"]
    assert np.flatnonzero(np.abs(bar).sum(axis=1)).tolist() == [1, 2, 3]


def test_one_hot_rows_pick_the_rows_of_the_table():
    one_hot = np.eye(11)[CONTEXTS]
    params = draw(direct=True)
    np.testing.assert_allclose(nlm.scores(params, one_hot), nlm.scores(params, CONTEXTS))
    slopes = [grad(nlm.loss)(params, rows, TARGETS) for rows in (one_hot, CONTEXTS)]
    np.testing.assert_allclose(slopes[0]["R"], slopes[1]["R"], atol=1e-15)


def test_equal_scores_have_the_perplexity_of_the_vocabulary():
    params = nlm.init(None, **SIZES, init="zero")
    loss = nlm.cross_entropy(params, CONTEXTS, TARGETS)
    assert np.isclose(np.exp(loss), 11)
    np.testing.assert_allclose(nlm.probabilities(params, CONTEXTS[0]), 1 / 11)


def test_evaluation_in_chunks_is_the_loss():
    params = draw()
    expected = nlm.loss(params, CONTEXTS, TARGETS)
    for chunk in (1, 3, 100, None):
        value = nlm.cross_entropy(params, CONTEXTS, TARGETS, chunk=chunk)
        assert np.isclose(value, expected, rtol=1e-13)
    P = nlm.probabilities(params, CONTEXTS)
    np.testing.assert_allclose(P.sum(axis=1), 1.0)
    log_P = nlm.log_prob(params, CONTEXTS, TARGETS)
    np.testing.assert_allclose(np.exp(log_P), P[np.arange(7), TARGETS])


def test_the_score_of_a_sentence_is_its_chain_of_words():
    params, sentence = draw(), np.array([3, 1, 4, 1, 5])
    P = lambda context, word: nlm.probabilities(params, np.array(context))[word]
    given = np.log([P([3, 1], 4), P([1, 4], 1), P([4, 1], 5)]).sum()
    assert np.isclose(nlm.sentence_score(params, sentence), given)
    padded = given + np.log([P([0, 0], 3), P([0, 3], 1)]).sum()
    assert np.isclose(nlm.sentence_score(params, sentence, start=0), padded)
    one_word = np.log(P([0, 0], 3))
    assert np.isclose(nlm.sentence_score(params, [3], start=0), one_word)


def test_the_table_of_the_next_word_has_the_likeliest_first():
    params = draw()
    ids, P = nlm.predict(params, CONTEXTS, k=4)
    full = nlm.probabilities(params, CONTEXTS)
    np.testing.assert_array_equal(ids[:, 0], full.argmax(axis=1))
    np.testing.assert_allclose(P, -np.sort(-full, axis=1)[:, :4])
    one, _ = nlm.predict(params, CONTEXTS[0], k=20)
    assert sorted(one.tolist()) == list(range(11))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_samples_follow_the_softmax_of_scores_over_temperature(temperature):
    params, rng, n = draw(), np.random.default_rng(2), 4_000
    options = {"length": 1, "temperature": temperature}
    words = [nlm.sample(rng, params, [3, 7], **options)[0] for _ in range(n)]
    P = F.softmax(nlm.scores(params, np.array([[3, 7]])) / temperature)[0]
    counts = np.bincount(words, minlength=11)
    assert np.sum((counts - n * P) ** 2 / (n * P)) < 29.6  # chi-square, 10 degrees, 0.1 %


def test_at_temperature_0_the_likeliest_is_taken_and_stop_ends_the_text():
    params, rng = draw(), np.random.default_rng(2)
    words = nlm.sample(rng, params, [3, 7], 6, temperature=0.0)
    context = [3, 7]
    for word in words:
        assert word == nlm.predict(params, np.array(context), k=1)[0][0]
        context = [context[1], word]
    stopped = nlm.sample(rng, params, [3, 7], 6, temperature=0.0, stop=words[2])
    assert stopped.tolist() == words[: list(words).index(words[2]) + 1].tolist()


def test_it_approaches_the_entropy_of_a_known_language_and_does_not_beat_it():
    rng = np.random.default_rng(0)
    sentences = data.everyday(rng, 6_000)
    vocab = text.Vocab.count(sentences)
    ngrams = text.windows(text.encode(sentences, vocab), 4)
    params = nlm.init(rng, len(vocab), 12, 3, 48, init="glorot")
    held = ngrams[-6_000:]
    params, _ = train.fit(
        nlm.loss, params, (ngrams[:-6_000, :3], ngrams[:-6_000, 3]), optim.Adam(lr=0.003),
        rng=rng, epochs=4, batch_size=100,
    )  # fmt: skip
    loss = nlm.cross_entropy(params, held[:, :3], held[:, 3])
    entropy = data.everyday.entropy(3, padded=False)
    assert entropy - 0.05 < loss < entropy + 0.35


def test_a_vocabulary_of_one_word_leaves_nothing_to_guess():
    params = nlm.init(RNG, 1, 1, 1, 1)
    assert np.isclose(nlm.loss(params, [[0], [0]], np.array([0, 0])), 0)
    assert nlm.sample(RNG, params, 0, 3).tolist() == [0, 0, 0]
    assert nlm.predict(params, [0])[0].tolist() == [0]


def test_a_step_can_be_replayed():
    params, step = draw(), value_and_grad(nlm.loss)
    quick = replay(step)
    for _ in range(3):
        contexts, targets = RNG.integers(11, size=(7, 2)), RNG.integers(11, size=7)
        value, grads = step(params, contexts, targets)
        again, by_replay = quick(params, contexts, targets)
        assert value == again
        np.testing.assert_array_equal(by_replay["R"], grads["R"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda p: nlm.init(RNG, 11, 0, 2, 5), "at least 1.*'dim': 0"),
        (lambda p: nlm.scores(p, np.array([[1.0, 2.0]])), "word ids.*float64.*encode"),
        (lambda p: nlm.scores(p, np.array([[1, 11]])), "11 words: 0…10"),
        (lambda p: nlm.scores(p, np.array([[-1, 2]])), "ids from -1 to 2"),
        (lambda p: nlm.scores(p, 3), "contexts of 2 words, but got 1"),
        (lambda p: nlm.scores(p, np.array([[1, 2, 3]])), "contexts of 2 words, but got 3"),
        (lambda p: nlm.log_prob(p, CONTEXTS, TARGETS[:3]), "a target for each context"),
        (lambda p: nlm.cross_entropy(p, CONTEXTS[:0], TARGETS[:0]), "at least 1, got 0"),
        (lambda p: nlm.log_prob(p, CONTEXTS, TARGETS, chunk=0), "at least 1 row"),
        (lambda p: nlm.sentence_score(p, [1, 2]), "after 2 others.*shape \\(2,\\).*3 ids"),
        (lambda p: nlm.sentence_score(p, [], start=0), "shape \\(0,\\).*1 ids"),
        (lambda p: nlm.sentence_score(p, [[1, 2, 3]], start=0), "shape \\(1, 3\\)"),
        (lambda p: nlm.sentence_score(p, [1.5, 2.5], start=0), "whole numbers.*float64"),
        (lambda p: nlm.predict(p, CONTEXTS, k=0), "k of at least 1"),
        (lambda p: nlm.sample(RNG, p, [1, 2], 3, temperature=-1.0), "temperature.*-1.0"),
    ],
)  # fmt: skip
def test_refusals(call, words):
    with pytest.raises(ValueError, match=words):
        call(draw())
