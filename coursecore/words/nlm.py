"""The neural language model of Bengio et al. (2003): predict a word from those before it.

Each of the n-1 words of a context is looked up in a table of word vectors, one row for
each word of the vocabulary; the vectors side by side go through a hidden layer, and the
softmax of its scores is the distribution of the next word. All places of the context
share the table, so that what is learnt of a word in one place holds in every other.

    >>> rng = np.random.default_rng(0)
    >>> params = init(rng, num_words=250, dim=16, context=3, hidden=128)
    >>> {name: np.shape(leaf) for name, leaf in params["hidden"].items()}
    {'W': (128, 48), 'b': (128,)}
    >>> scores(params, np.array([[4, 0, 7], [0, 7, 2]])).shape
    (2, 250)

The parameters are {"R": (V, D), "hidden": {"W", "b"}, "output": {"W", "b"}}, and with
direct connections from the vectors to the scores also "direct": {"W"}. Contexts (N, n-1)
and targets (N,) hold word ids, as `text.windows` cuts them: ngrams[:, :-1], ngrams[:, -1].
Training is `train.fit(nlm.loss, params, (contexts, targets), …)`. Bengio's hidden units
are tanh; with activation=F.sigmoid they are logistic, here as in every function below.
"""

import numpy as np

from ..nets import functional as F
from ..nets import nn

CHUNK = 1 << 20  # scores that are held at a time in an evaluation


def init(rng, num_words, dim, context, hidden, *, direct=False, init="gaussian"):
    """Draw the parameters for V = `num_words`, vectors of `dim` numbers, n-1 = `context`.

    `hidden` is the number of hidden units; `direct` adds the connections that pass them
    by. `init` says how all weights and the table are drawn, as in `nn.init_linear`; its
    default is Gaussian with standard deviation 0.01. Biases are 0.
    """
    sizes = {"num_words": num_words, "dim": dim, "context": context, "hidden": hidden}
    if min(sizes.values()) < 1:
        raise ValueError(f"All sizes of a language model are at least 1, but got {sizes}.")
    params = {
        "R": nn.init_linear(rng, dim, num_words, init)["W"],
        "hidden": nn.init_linear(rng, context * dim, hidden, init),
        "output": nn.init_linear(rng, hidden, num_words, init),
    }
    if direct:
        params["direct"] = {"W": nn.init_linear(rng, context * dim, num_words, init)["W"]}
    return params


def num_parameters(num_words, dim, context, hidden, *, direct=False):
    """Return how many numbers `init` draws for these sizes, biases included.

    >>> num_parameters(250, 16, 3, 128)
    42522
    """
    table, inputs = num_words * dim, context * dim
    layers = hidden * (inputs + 1) + num_words * (hidden + 1)
    return table + layers + (num_words * inputs if direct else 0)


def embed(params, contexts):
    """Return the vectors of each context's words side by side, (N, (n-1) D).

    `contexts` holds word ids (N, n-1), or the same words one-hot (N, n-1, V): then the
    table is a linear layer with its weights tied between the places, and a row of it is
    all that the product picks. Raises ValueError for what is no id of the table.
    """
    contexts = contexts if hasattr(contexts, "dtype") else np.atleast_1d(contexts)
    num_words, dim = np.shape(params["R"])
    if contexts.dtype.kind == "f" and contexts.shape[-1:] == (num_words,):
        *rows, length, _ = contexts.shape
        vectors = contexts.reshape(-1, num_words) @ params["R"]
    else:
        _require_ids("contexts", contexts, num_words)
        *rows, length = contexts.shape
        vectors = params["R"][contexts]
    taken = np.shape(params["hidden"]["W"])[1] // dim
    if length != taken:
        raise ValueError(
            f"This model looks at contexts of {taken} words, but got {length}: contexts of "
            f"shape {contexts.shape}. An n-gram is n-1 words of context and the target."
        )
    return vectors.reshape(*rows, length * dim)


def scores(params, contexts, activation=F.tanh):
    """Return the scores Z (N, V) of every word to come next; softmax makes them P."""
    X = embed(params, contexts)
    H = activation(X @ params["hidden"]["W"].T + params["hidden"]["b"])
    Z = H @ params["output"]["W"].T + params["output"]["b"]
    if "direct" in params:
        Z = Z + X @ params["direct"]["W"].T
    return Z


def loss(params, contexts, targets, activation=F.tanh):
    """Return the mean of -log P(target | context) in nats: the cost for `train.fit`."""
    return F.cross_entropy(scores(params, contexts, activation), targets)


# ------------------------------------------------------------------------- evaluation


def probabilities(params, contexts, activation=F.tanh):
    """Return P (N, V), the distribution of the next word; or (V,) for one context."""
    return F.softmax(scores(params, contexts, activation))


def log_prob(params, contexts, targets, activation=F.tanh, *, chunk=None):
    """Return log P(target | context) in nats for each row, shape (N,).

    Only `chunk` rows of scores are held at a time, by default about a million scores.
    """
    contexts, targets = np.asarray(contexts), np.asarray(targets)
    num_words = len(params["R"])
    _require_ids("targets", targets, num_words)
    if targets.shape != contexts.shape[:1]:
        raise ValueError(
            f"log_prob needs a target for each context, but got contexts of shape "
            f"{contexts.shape} and targets of shape {targets.shape}."
        )
    chunk = max(1, CHUNK // num_words) if chunk is None else chunk
    if chunk < 1:
        raise ValueError(f"A chunk holds at least 1 row, but got chunk={chunk}.")
    found = np.empty(len(targets), dtype=params["R"].dtype)
    for start in range(0, len(targets), chunk):
        rows = slice(start, start + chunk)
        log_P = F.log_softmax(scores(params, contexts[rows], activation))
        found[rows] = log_P[np.arange(len(log_P)), targets[rows]]
    return found


def cross_entropy(params, contexts, targets, activation=F.tanh, *, chunk=None):
    """Return the loss over many rows, in nats per word, a chunk at a time.

    The same number as `loss`, but for rounding, in bounded memory; its exponential is the
    perplexity. Raises ValueError if there are no rows.
    """
    if not len(targets):
        raise ValueError("cross_entropy is a mean over rows and needs at least 1, got 0.")
    log_P = log_prob(params, contexts, targets, activation, chunk=chunk)
    return -np.mean(log_P, dtype=np.float64)


def sentence_score(params, sentence, activation=F.tanh, *, start=None):
    """Return the log-probability of a sentence, a row of T word ids, in nats.

    By the chain rule it is the sum of log P(word | the n-1 before it). With `start`, the
    id of a word that marks the beginning, the sentence is preceded by n-1 of it and all T
    words are scored: fit for a model that was trained so. Without, the first n-1 words
    are taken as given and the T-n+1 others scored: then there must be at least n.
    """
    sentence = np.asarray(sentence)
    length = np.shape(params["hidden"]["W"])[1] // np.shape(params["R"])[1]
    least = length + 1 if start is None else 1
    if sentence.ndim != 1 or len(sentence) < least:
        raise ValueError(
            f"This model scores a word after {length} others, but got a sentence of shape "
            f"{sentence.shape}. Give a row of {least} ids or more, or `start` to pad it."
        )
    if start is not None:
        sentence = np.concatenate([np.full(length, start), sentence])
    ngrams = np.lib.stride_tricks.sliding_window_view(sentence, length + 1)
    return log_prob(params, ngrams[:, :-1], ngrams[:, -1], activation).sum()


# ------------------------------------------------------------------------- prediction


def predict(params, contexts, k=10, activation=F.tanh):
    """Return the k likeliest next words, ids (N, k), and their probabilities (N, k).

    One context of n-1 ids gives two arrays (k,), the best first: with
    `vocab.decode(ids)` the table of the next word.
    """
    if k < 1:
        raise ValueError(f"predict needs k of at least 1, but got {k}.")
    P = probabilities(params, contexts, activation)
    ids = np.argsort(-P, axis=-1, kind="stable")[..., :k]
    return ids, np.take_along_axis(P, ids, axis=-1)


def sample(
    rng, params, context, length, activation=F.tanh, *, temperature=1.0, stop=None
):  # fmt: skip
    """Draw `length` words that go on from `context`, n-1 ids; return the new ids.

    Each is drawn from softmax(scores / temperature): below 1 the likely words become
    likelier, at 0 the likeliest is always taken, above 1 the model grows careless. The id
    `stop`, that of a full stop for instance, ends the text early.
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"sample needs a temperature of at least 0, got {temperature}.")
    words = np.atleast_1d(context).tolist()
    given = len(words)
    while len(words) < given + length and (len(words) == given or words[-1] != stop):
        z = scores(params, np.array(words[len(words) - given :]), activation)
        # The largest of scores with Gumbel noise is a draw from their softmax.
        words.append(int(np.argmax(z + temperature * rng.gumbel(size=z.shape))))
    return np.array(words[given:], dtype=int)


def _require_ids(what, ids, num_words):
    if ids.dtype.kind not in "iu":
        raise ValueError(
            f"The {what} are word ids, whole numbers, but have dtype {ids.dtype} and shape "
            f"{ids.shape}. Words become ids by vocab.encode."
        )
    if ids.size and not (ids.min() >= 0 and ids.max() < num_words):
        raise ValueError(
            f"The {what} hold ids from {ids.min()} to {ids.max()}, but the table has "
            f"{num_words} words: 0…{num_words - 1}."
        )
