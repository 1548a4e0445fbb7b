"""Embeddings: cosines, neighbours, analogies, judgements and maps against oracles."""

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from coursecore import embeddings, text, vectors

RNG = np.random.default_rng(4)
WORDS = [f"word{i}" for i in range(40)]
VOCAB = text.Vocab(WORDS, np.arange(40, 0, -1))
E = RNG.standard_normal((40, 6))


def test_cosine_is_that_of_scikit_learn_and_does_not_see_lengths():
    full = cosine_similarity(E)
    np.testing.assert_allclose(embeddings.cosine(E[:, None], E[None]), full, atol=1e-14)
    np.testing.assert_allclose(embeddings.cosine(3 * E[0], 0.1 * E), full[0], atol=1e-14)


def test_the_nearest_are_those_of_a_full_sort():
    full = cosine_similarity(E)
    found = embeddings.nearest(E, VOCAB, "word3", k=5)
    order = [i for i in np.argsort(-full[3]) if i != 3][:5]
    assert [word for word, _ in found] == [WORDS[i] for i in order]
    np.testing.assert_allclose([c for _, c in found], full[3, order])
    by_vector = embeddings.nearest(E, VOCAB, E[3], k=6)
    assert by_vector[0][0] == "word3"
    assert [word for word, _ in by_vector[1:]] == [word for word, _ in found]


def brute_force(a, b, c, method, exclude):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    score = {}
    for x in range(40):
        cos = [float(U[x] @ U[i]) for i in (a, b, c)]
        if method == "add":
            score[x] = cos[1] - cos[0] + cos[2]
        else:
            A, B, C = ((1 + each) / 2 for each in cos)
            score[x] = B * C / (A + 0.001)
    return max((x for x in score if not (exclude and x in (a, b, c))), key=score.get)


@pytest.mark.parametrize("method", ["add", "mul"])
@pytest.mark.parametrize("exclude", [True, False])
def test_analogies_are_those_of_brute_force(method, exclude):
    questions = RNG.integers(40, size=(30, 3))
    right = [brute_force(*q, method, exclude) for q in questions.tolist()]
    options = {"method": method, "exclude": exclude}
    for (a, b, c), d in zip(questions, right, strict=True):
        found = embeddings.analogy(E, VOCAB, WORDS[a], WORDS[b], WORDS[c], **options)
        assert found[0][0] == WORDS[d]
    asked = [
        (*(WORDS[i] for i in q), WORDS[d]) for q, d in zip(questions, right, strict=True)
    ]
    wrong = [(a, b, c, a) for a, b, c, _ in asked[:5]]
    unknown = [("word1", "word2", "word3", "nowhere")]
    scores = embeddings.accuracy(E, VOCAB, {"x": asked + unknown, "y": wrong}, **options)
    assert scores["x"] == (30, 30, 1)
    assert scores["x"].accuracy == 1.0
    assert scores["total"].asked == 35 and scores["total"].unknown == 1


def test_many_questions_are_answered_in_pieces(monkeypatch):
    questions = {"x": [tuple(WORDS[i] for i in q) for q in RNG.integers(40, size=(50, 4))]}
    expected = embeddings.accuracy(E, VOCAB, questions)
    monkeypatch.setattr(embeddings, "CHUNK", 100)
    assert embeddings.accuracy(E, VOCAB, questions) == expected


def test_three_words_leave_no_answer_to_their_own_question():
    vocab = text.Vocab(WORDS[:3], np.ones(3, int))
    asked = {
        "x": [("word1", "word2", "word1", "word0"), ("word0", "word1", "word2", "word0")]
    }
    assert embeddings.accuracy(E[:3], vocab, asked)["x"] == (1, 2, 0)
    assert embeddings.analogy(E[:3], vocab, *WORDS[:3]) == []


def test_of_equals_the_first_comes_first_and_no_more_come_than_there_are():
    found = embeddings.nearest(np.ones((40, 2)), VOCAB, "word4", k=100)
    assert [word for word, _ in found] == [w for w in WORDS if w != "word4"]


def test_no_questions_have_no_accuracy():
    total = embeddings.accuracy(E, VOCAB, {})["total"]
    assert total == (0, 0, 0)
    assert np.isnan(total.accuracy)


def test_an_exact_offset_answers_every_analogy():
    male, female = RNG.standard_normal((2, 8, 20))
    female = male + RNG.standard_normal(20)
    vocab = text.Vocab([*(f"m{i}" for i in range(8)), *(f"f{i}" for i in range(8))],
                       np.ones(16, int))  # fmt: skip
    table = np.concatenate([male, female])
    questions = {"gender": [(f"m{i}", f"f{i}", f"m{j}", f"f{j}")
                            for i in range(8) for j in range(8) if i != j]}  # fmt: skip
    assert embeddings.accuracy(table, vocab, questions)["gender"].accuracy > 0.9


def test_spearman_is_scipys_over_the_pairs_that_are_known():
    pairs = [(WORDS[i], WORDS[j], float(s)) for i, j, s in RNG.integers(40, size=(25, 3))]
    found = embeddings.spearman(E, VOCAB, [*pairs, ("word1", "nowhere", 5.0)])
    cosines = [cosine_similarity(E)[VOCAB[a], VOCAB[b]] for a, b, _ in pairs]
    rho = stats.spearmanr(cosines, [s for *_, s in pairs]).statistic
    assert found == pytest.approx((rho, 25, 1))


def test_pca_is_scikit_learns_but_for_signs():
    came, expected = embeddings.project(RNG, E, "pca"), PCA(2).fit_transform(E)
    np.testing.assert_allclose(np.abs(came), np.abs(expected), atol=1e-12)


def test_tsne_is_drawn_from_the_rng_and_keeps_clusters_apart():
    centres = 20 * np.repeat(np.eye(4), 10, axis=0)
    points = centres + RNG.standard_normal((40, 4))
    maps = [embeddings.project(np.random.default_rng(3), points) for _ in range(2)]
    np.testing.assert_array_equal(*maps)
    assert embeddings.neighbour_preservation(points, maps[0], k=5) > 0.5
    labels = embeddings.cluster(np.random.default_rng(0), points, 4)
    assert all(len(set(labels[i : i + 10].tolist())) == 1 for i in range(0, 40, 10))


def test_preserved_neighbours_are_counted_as_scikit_learn_finds_them(monkeypatch):
    points = RNG.standard_normal((40, 2))
    near = [
        NearestNeighbors(n_neighbors=7).fit(X).kneighbors(return_distance=False)
        for X in (E, points)
    ]
    kept = np.mean([len(set(a) & set(b)) / 7 for a, b in zip(*near, strict=True)])
    monkeypatch.setattr(embeddings, "CHUNK", 300)
    assert np.isclose(embeddings.neighbour_preservation(E, points, k=7), kept)
    assert embeddings.neighbour_preservation(E, 2 * E[:, ::-1] + 1, k=7) == 1.0


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")  # its own
def test_agrees_with_gensim(tmp_path):
    models = pytest.importorskip(
        "gensim.models", reason="the peer gensim is not installed: see the extra bench"
    )
    path = tmp_path / "vectors.txt"
    vectors.save(path, WORDS, E)
    theirs = models.KeyedVectors.load_word2vec_format(str(path))
    ours = embeddings.nearest(E, VOCAB, "word5", k=8)
    assert [word for word, _ in ours] == [
        w for w, _ in theirs.most_similar("word5", topn=8)
    ]
    question = {"positive": ["word1", "word2"], "negative": ["word3"], "topn": 1}
    for method, ask in (("add", theirs.most_similar), ("mul", theirs.most_similar_cosmul)):
        (answer,) = embeddings.analogy(E, VOCAB, "word3", "word1", "word2", method=method)
        assert answer[0] == ask(**question)[0][0]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: embeddings.cosine([0.0, 0.0], [1.0, 2.0]), ValueError, "length 0.0"),
        (lambda: embeddings.nearest(E, VOCAB, "wrod3"), KeyError, "Did you mean 'word3'"),
        (lambda: embeddings.nearest(E, VOCAB, np.ones(5)), ValueError, r"shape \(6,\)"),
        (lambda: embeddings.nearest(E[:9], VOCAB, "word3"), ValueError, "40 words"),
        (lambda: embeddings.nearest(E, VOCAB, "word3", k=0), ValueError, "At least one"),
        (lambda: embeddings.analogy(E, VOCAB, *WORDS[:3], method="div"), ValueError,
         "'add' and 'mul'"),
        (lambda: embeddings.spearman(E, VOCAB, [("a", "b", 1.0)]), ValueError,
         "judged differently"),
        (lambda: embeddings.spearman(abs(E[:, :1]), VOCAB, [(*WORDS[:2], 1.0),
         (*WORDS[2:4], 2.0)]), ValueError, r"with cosines \[1. 1.\]"),
        (lambda: embeddings.project(RNG, np.ones((5, 3))), ValueError, "the same"),
        (lambda: embeddings.analogy(E, VOCAB, "word1", "wrod2", "word3"), KeyError,
         "Did you mean 'word2'"),
        (lambda: embeddings.neighbour_preservation(E, E * np.nan), ValueError, "finite"),
        (lambda: embeddings.neighbour_preservation(E, E, k=40), ValueError, "k=40"),
        (lambda: embeddings.project(RNG, E, "umap"), ValueError, "'tsne' or by 'pca'"),
        (lambda: embeddings.project(RNG, E[:1]), ValueError, "at least two vectors"),
        (lambda: embeddings.cluster(RNG, E, 41), ValueError, "num_clusters=41"),
        (lambda: embeddings.neighbour_preservation(E, E[:3]), ValueError,
         r"points of shape \(3, 6\)"),
    ],
)  # fmt: skip
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call()
