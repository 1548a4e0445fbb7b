"""Embeddings: what the directions and distances of word vectors say about the words.

A table of vectors E has shape (V, D), and row i belongs to vocab.words[i]. Words are
compared by the cosine of the angle between their vectors; how long a vector is says
more about how often its word occurs. A vector of zeros has no direction and is refused.

    >>> from coursecore.words import text
    >>> words = ["king", "man", "queen", "woman"]
    >>> vocab = text.Vocab(words, np.ones(4, int))
    >>> E = np.array([[3.0, 4.0], [1.0, 0.0], [-3.0, 4.0], [-1.0, 0.0]])
    >>> nearest(E, vocab, "king", k=1)
    [('man', 0.6)]
    >>> [word for word, _ in analogy(E, vocab, "man", "king", "woman")]
    ['queen']
"""

import difflib
from typing import NamedTuple

import numpy as np

CHUNK = 1 << 22  # similarities that are held at a time: 32 MB in float64
EPSILON = 1e-3  # keeps 3CosMul from dividing by 0 (Levy & Goldberg 2014)


class Score(NamedTuple):
    """How many of the questions asked were answered right, and how many not asked."""

    right: int
    asked: int
    unknown: int

    @property
    def accuracy(self):
        """The share of right answers among the questions asked; NaN if there are none."""
        return self.right / self.asked if self.asked else float("nan")


class Correlation(NamedTuple):
    """Spearman's rank correlation over the pairs asked, and how many were not asked."""

    rho: float
    asked: int
    unknown: int


# ------------------------------------------------------------------------- directions


def normalise(E):
    """Return vectors (…, D) scaled to length 1; ValueError for one with no direction."""
    E = np.asarray(E)
    lengths = np.linalg.norm(E, axis=-1, keepdims=True)
    wrong = np.argwhere(~((lengths > 0) & np.isfinite(lengths))[..., 0])
    if len(wrong):
        row = ", ".join(map(str, wrong[0])) or "…"
        raise ValueError(
            f"A cosine needs vectors of finite, positive length, but vector [{row}] has "
            f"length {lengths[tuple(wrong[0])][0]}. Leave out words that have no vector."
        )
    return E / lengths


def cosine(u, v):
    """Return the cosine of the angle between u and v (…, D), row by row.

    >>> cosine([1.0, 1.0], [[2.0, 2.0], [1.0, 0.0]]).round(3)
    array([1.   , 0.707])
    """
    return np.sum(normalise(u) * normalise(v), axis=-1)


def nearest(E, vocab, query, k=10):
    """List the k words nearest to a word or a vector (D,), as pairs (word, cosine).

    The best comes first, of equals the one that is first in vocab; a word is not its own
    neighbour. Raises KeyError, with the nearest spellings, for a word without a vector.
    """
    U = _directions(E, vocab)
    if isinstance(query, str):
        own = _rows(vocab, [query])
        return _best(vocab, U @ U[own[0]], k, leave_out=own)
    query = np.asarray(query)
    if query.shape != U.shape[1:]:
        raise ValueError(
            f"nearest takes a word or a vector of shape {U.shape[1:]}, but got shape "
            f"{query.shape}."
        )
    return _best(vocab, U @ normalise(query), k)


# -------------------------------------------------------------------------- analogies


def analogy(E, vocab, a, b, c, k=1, *, method="add", exclude=True):
    """Answer "a is to b as c is to …?" by the k best words, as pairs (word, score).

    On vectors of length 1, method "add" is 3CosAdd, the largest
    cos(x, b) - cos(x, a) + cos(x, c), and "mul" is 3CosMul, the largest
    cos(x, b) cos(x, c) / (cos(x, a) + ε) with cosines moved to 0…1 (Levy & Goldberg 2014).
    With `exclude` the words of the question cannot be the answer. Without, b or c mostly
    is: the step from a to b is short. Raises KeyError for a word without a vector.
    """
    U, question = _directions(E, vocab), _rows(vocab, [a, b, c])
    scores = _scores(U, question[None], method)[0]
    return _best(vocab, scores, k, leave_out=question if exclude else ())


def accuracy(E, vocab, questions, *, method="add", exclude=True):
    """Return the Score of each category of analogies, and of all as "total".

    `questions` maps categories to lists of (a, b, c, d), where d is the right answer. One
    with a word that has no vector is not asked, and counted as unknown. Questions are
    answered many at a time, in bounded memory; the options are those of `analogy`.
    """
    U = _directions(E, vocab)
    found = {}
    for category, asked in questions.items():
        known = [q for q in asked if all(word in vocab for word in q)]
        right = 0
        size = max(1, CHUNK // len(U))
        for start in range(0, len(known), size):
            rows = np.stack([_rows(vocab, q) for q in known[start : start + size]])
            scores = _scores(U, rows[:, :3], method)
            if exclude:
                np.put_along_axis(scores, rows[:, :3], -np.inf, axis=1)
            best = np.argmax(scores, axis=1)[:, None]
            possible = np.take_along_axis(scores, best, axis=1) > -np.inf
            right += int(np.sum(possible & (best == rows[:, 3:])))
        found[category] = Score(right, len(known), len(asked) - len(known))
    return found | {"total": Score(*np.sum([*found.values(), (0, 0, 0)], axis=0).tolist())}


def _scores(U, questions, method):
    """Score every word (Q, V) as the answer to questions (Q, 3) of ids a, b, c."""
    a, b, c = questions.T
    if method == "add":
        return (U[b] - U[a] + U[c]) @ U.T
    if method == "mul":
        A, B, C = ((1 + U[i] @ U.T) / 2 for i in (a, b, c))
        return B * C / (A + EPSILON)
    raise ValueError(f"Analogies have the methods 'add' and 'mul', but got {method!r}.")


# ----------------------------------------------------------------- people's judgements


def spearman(E, vocab, pairs):
    """Correlate the cosines of pairs of words with what people said of them, by rank.

    `pairs` lists (word, word, similarity). A pair with a word that has no vector is
    counted as unknown. Raises ValueError if the others all have one judgement or cosine.
    """
    from scipy import stats

    U = _directions(E, vocab)
    known = [pair for pair in pairs if pair[0] in vocab and pair[1] in vocab]
    first, second = (U[_rows(vocab, [pair[i] for pair in known])] for i in (0, 1))
    cosines = np.sum(first * second, axis=1)
    judged = [similarity for _, _, similarity in known]
    if len(set(judged)) < 2 or not np.ptp(cosines):
        raise ValueError(
            f"A rank correlation needs pairs that were judged differently and differ in "
            f"their cosines, but of {len(pairs)} pairs {len(known)} have vectors, judged "
            f"{judged[:3]}, with cosines {cosines[:3]}."
        )
    rho = stats.spearmanr(cosines, judged).statistic
    return Correlation(float(rho), len(known), len(pairs) - len(known))


# ------------------------------------------------------------------- maps and clusters


def project(rng, E, method="tsne", *, perplexity=30.0):
    """Return a map (N, 2) of vectors E (N, D), by t-SNE or by PCA.

    "tsne" keeps near points near, as well as two dimensions can, and nothing else:
    distances between its clusters say little (van der Maaten & Hinton 2008). `perplexity`
    is about how many neighbours count; for few points it is lowered. "pca" is the linear
    projection on the two directions of largest variance, and draws nothing from `rng`.
    Raises ValueError for another method, and for vectors that have no map.
    """
    E = np.asarray(E)
    if E.ndim != 2 or min(E.shape) < 2 or not np.isfinite(E).all() or np.all(E[0] == E):
        raise ValueError(
            f"A map needs at least two vectors of at least two finite numbers, not all of "
            f"them the same, but got E of shape {E.shape}."
        )
    if method == "pca":
        centred = E - E.mean(axis=0)
        directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
        # A direction and its opposite serve alike; take the one with its peak above 0.
        peaks = np.take_along_axis(directions, np.abs(directions).argmax(1)[:, None], 1)
        return centred @ (directions * np.sign(peaks)).T
    if method != "tsne":
        raise ValueError(f"Maps are made by 'tsne' or by 'pca', but got {method!r}.")
    from sklearn.manifold import TSNE

    perplexity = min(perplexity, (len(E) - 1) / 3)
    seed = int(rng.integers(2**31))
    return TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(E)


def cluster(rng, E, num_clusters):
    """Group vectors E (N, D) by k-means in the full space; return labels (N,) from 0."""
    from sklearn.cluster import KMeans

    if not 1 <= num_clusters <= len(E):
        raise ValueError(
            f"cluster makes at most as many clusters as there are vectors, and at least 1: "
            f"got num_clusters={num_clusters} for {len(E)} vectors."
        )
    seed = int(rng.integers(2**31))
    return KMeans(num_clusters, n_init=10, random_state=seed).fit_predict(E)


def neighbour_preservation(E, points, k=10):
    """Return which share of the k nearest neighbours a map keeps, a mean over its points.

    The neighbours of a row of E (N, D), by Euclidean distance, are compared with those of
    its point of the map `points` (N, 2). 1 is a faithful map; k/(N-1) is chance. Raises
    ValueError if there are not as many points, for NaN, and for k not in 1 … N-1.
    """
    E, points = (np.asarray(X, dtype=float) for X in (E, points))
    finite = all(X.ndim == 2 and np.isfinite(X).all() for X in (E, points))
    if not finite or len(E) != len(points) or not 1 <= k < len(E):
        raise ValueError(
            f"neighbour_preservation needs a point for each vector, of finite numbers, and "
            f"k below their number, but got vectors of shape {E.shape}, points of shape "
            f"{points.shape} and k={k}{'' if finite else ', not all of it finite'}."
        )
    E, points = (X - X.mean(axis=0) for X in (E, points))
    kept, size = 0, max(1, CHUNK // len(E))
    for start in range(0, len(E), size):
        rows = np.arange(start, min(start + size, len(E)))
        pairs = zip(_neighbours(E, rows, k), _neighbours(points, rows, k), strict=True)
        kept += sum(len(np.intersect1d(full, flat)) for full, flat in pairs)
    return kept / (len(E) * k)


def _neighbours(X, rows, k):
    """Return the k nearest other rows of X, (len(rows), k), to each of `rows`."""
    squares = np.sum(X * X, axis=1)
    distances = squares - 2 * X[rows] @ X.T  # + |x|², which ranks nothing
    distances[np.arange(len(rows)), rows] = np.inf
    return np.argpartition(distances, k - 1, axis=1)[:, :k]


# ------------------------------------------------------------------- words and numbers


def _directions(E, vocab):
    if np.ndim(E) != 2 or len(E) != len(vocab):
        raise ValueError(
            f"E needs a row for each of the {len(vocab)} words, but has shape "
            f"{np.shape(E)}."
        )
    return normalise(E)


def _rows(vocab, words):
    """Return the ids of words, none of them standing for the unknown."""
    for word in words:
        if word not in vocab:
            near = difflib.get_close_matches(word, vocab.words, n=3)
            advice = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise KeyError(f"{word!r} has no vector.{advice}")
    return np.array([vocab[word] for word in words], int)


def _best(vocab, scores, k, leave_out=()):
    if k < 1:
        raise ValueError(f"At least one word must be asked for, but got k={k}.")
    ranked = np.argsort(-scores, kind="stable")
    ranked = ranked[~np.isin(ranked, leave_out)][:k]
    return [(vocab.words[i], float(scores[i])) for i in ranked]
