# %% [markdown] role="locked" id="a6-title"
# # Assignment 6: Words
#
# You build the models of lecture 10 from their parts: a table of counts, a neural network
# that predicts the next word, and vectors fitted to the company that words keep. At the
# end your vectors are asked for analogies, and you say what their wrong answers mean.
#
# | part | exercises | points |
# |---|---|---|
# | counts | 1 a bigram table, 2 weights of a mixture, 3 perplexity | 18 |
# | a neural model | 4 look-up, 5 its bar, 6 the loss, 7 the whole backward pass | 24 |
# | vectors | 8 GloVe's cost, 9 its bars, 10 analogies, 11 in words | 30 |
#
# **You need** lecture 10. Equation numbers refer to it.
# Words are numbers from 0 to $V-1$, bars are derivatives of the cost, and logarithms
# are natural.
#
# Write your code where it says YOUR CODE HERE, then run the test cells below it. Each
# exercise is also tested on inputs of other sizes that you do not see. The exercises are
# independent of each other. Your functions must not change their arguments.

# %% role="locked" id="a6-setup"
import numpy as np

from coursecore import check, data, embeddings, glove, grad, jacobian, make_vjp, ngram
from coursecore import functional as F
from coursecore import nlm, numerical_grad, text, value_and_grad

DERIVATIVES = grad, value_and_grad, make_vjp, jacobian, numerical_grad


def draw_vectors(rng, num_words, dim):
    """Draw word vectors and biases, of a size at which every term matters."""
    tables = {name: rng.standard_normal((num_words, dim)) for name in ("R", "R_tilde")}
    return tables | {name: rng.standard_normal(num_words) for name in ("b", "b_tilde")}


def draw_counts(rng, num_words):
    """Draw counts: many are 0, some are above 100, and some are below 1."""
    X = rng.uniform(0.2, 300.0, size=(num_words, num_words))
    X *= rng.random((num_words, num_words)) < 0.6
    X.flat[rng.permutation(X.size)[:4]] = 0.0, 0.5, 100.0, 250.0
    return X


# %% [markdown] role="locked" id="a6-bigrams-statement"
# ## 1. What followed what (8 points)
#
# A corpus is a list of sentences, a sentence a list of words. Write
# `bigram_model(sentences, num_words, delta)`. It returns the pair `(counts, P)`:
#
# | name | shape | entry |
# |---|---|---|
# | `counts` | (V, V) | how often word $w$ came directly after word $c$ in a sentence |
# | `P` | (V, V) | $p(w \mid c) = \dfrac{\text{count}(c\,w) + \delta}{\text{count}(c) + \delta V}$ |
#
# Rows belong to $c$, columns to $w$. A sentence may be empty, and no pair crosses from one
# sentence to the next. This is equation 5, and $\text{count}(c)$ counts the words that
# came after $c$. Where no word ever did, $\delta = 0$ would make it 0/0: let that row be
# $1/V$ throughout. Write it without the library's `ngram` and `glove`.

# %% role="solution" id="a6-bigrams"
def bigram_model(sentences, num_words, delta):
    """Return the counts of all pairs of neighbours, and the add-delta probabilities."""
    ### BEGIN SOLUTION
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence[:-1], sentence[1:], strict=True):
            counts[c, w] += 1
    totals = counts.sum(axis=1, keepdims=True)
    seen = totals + delta * num_words > 0
    P = (counts + delta) / np.where(seen, totals + delta * num_words, 1)
    return counts, np.where(seen, P, 1 / num_words)
    ### END SOLUTION


# %%
bigram_model([[0, 1, 0, 1]], 3, 1.0)
# counts: [[0, 2, 0], [1, 0, 0], [0, 0, 0]]
# P: [[1/5, 3/5, 1/5], [2/4, 1/4, 1/4], [1/3, 1/3, 1/3]]

# %% role="test" id="a6-bigrams-visible" points=4
def check_bigrams_visible():
    check.own(bigram_model, ngram, glove, ngram.add_delta)
    see = "lecture 10, eq. 4 and 5"
    sentences = [[0, 1, 2], [], [0, 1, 0, 1], [3]]  # 2 and 3 are never followed by a word
    counts = np.zeros((4, 4))
    counts[0, 1], counts[1, 0], counts[1, 2] = 3, 1, 1
    across, lost, round_ = (counts.copy() for _ in range(3))
    across[2, 0] = across[1, 3] = 1
    for c, w in (2, 0), (1, 0), (3, 3):
        round_[c, w] += 1
    lost[0, 1] = 2
    hints = {
        "A pair that comes again counts again: add up.": (np.minimum(counts, 1), None),
        "A pair is lost that comes again in its sentence: counts[c, w] += 1 with arrays c "
        "and w adds only once.": (lost, None),
        "Only the word after counts here, not both neighbours.": (counts + counts.T, None),
        "No pair crosses from one sentence to the next.": (across, None),
        "P is all 0. Was it made in the type of whole counts, by full_like?": (
            None,
            np.zeros((4, 4)),
        ),
        "The first word of a sentence follows none. Is sentence[-1], the last one, taken "
        "for the word before it?": (round_, None),
        "Rows are the word before, columns the word after.": (counts.T, None),
    }
    fourths = np.full(4, 1 / 4)
    sevenths, sixths = np.array([1, 4, 1, 1]) / 7, np.array([2, 1, 2, 1]) / 6
    right = np.array([sevenths, sixths, fourths, fourths])
    few = np.array([[1, 4, 1, 1], [2, 1, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1]])
    hints |= {
        "delta is added to V counts: the total of a row grows by delta times V.": (
            None,
            few / [[4], [3], [1], [1]],
        ),
        "The denominator counts what came after c, not how often c stands anywhere.": (
            None,
            few / [[7], [7], [5], [5]],
        ),
        "Each row is divided by its own total: the totals form a column, keepdims=True.": (
            None,
            few / [7, 6, 4, 4],
        ),
        "Divide by the totals of the rows, not of the columns.": (None, few / [5, 7, 5, 4]),
        "Each row of P is divided by its own total, not by that of all pairs.": (
            None,
            few / 9,
        ),
    }
    check.close(bigram_model, [sentences, 4, 1.0], (counts, right), hints=hints, see=see)
    right = np.array([[0, 1, 0, 0], [0.5, 0, 0.5, 0], fourths, fourths])
    unseen = counts / [[3], [2], [1], [1]]
    hints["The row of a word that nothing ever followed is 1/V, not 0."] = None, unseen
    check.close(bigram_model, [sentences, 4, 0.0], (counts, right), hints=hints, see=see)


check_bigrams_visible()


# %% role="test" id="a6-bigrams-hidden" points=4
### BEGIN HIDDEN TESTS
def check_bigrams_hidden():
    check.own(bigram_model, ngram, glove, ngram.add_delta)

    def table_and_slips(sentences, V, delta):
        counts, across, last, lost = (np.zeros((V, V)) for _ in range(4))
        words = [word for sentence in sentences for word in sentence]
        for k in range(len(words) - 1):
            across[words[k], words[k + 1]] += 1
        for sentence in sentences:
            last *= 0
            for k in range(len(sentence) - 1):
                counts[sentence[k], sentence[k + 1]] += 1
                last[sentence[k], sentence[k + 1]] += 1
            lost += last > 0
        total = counts.sum(axis=1, keepdims=True)
        unigrams = np.bincount(words, minlength=V)[:, None]

        def divide(above, below, rows=total > 0):
            P = np.full((V, V), 1 / V)
            return np.divide(above, below, out=P, where=rows & (below > 0))

        right = divide(counts + delta, total + delta * V)
        of_counts = {
            "A pair that comes again counts again: add up.": np.minimum(counts, 1),
            "No pair crosses from one sentence to the next.": across,
            "Only the last sentence is counted.": last,
            "A pair is lost that comes again in its sentence: counts[c, w] += 1 with arrays "
            "c and w adds only once.": lost,
            "Only the word after counts here, not both neighbours.": counts + counts.T,
            "Rows are the word before, columns the word after.": counts.T,
            "The counts come back without delta.": counts + delta,
            "These are the probabilities; the counts come first.": right,
        }
        of_P = {
            "Each row of P is divided by its own total, not by that of all pairs.": divide(
                counts + delta, counts.sum() + delta * V + 0 * total, rows=True
            ),
            "Divide by the totals of the rows, not of the columns.": divide(
                counts + delta, counts.sum(axis=0) + delta * V, rows=True
            ),
            "Each row is divided by its own total: the totals form a column, keepdims=True.": divide(
                counts + delta, (total + delta * V).T, rows=True
            ),
            "delta is added to V counts: the total of a row grows by delta times V.": divide(
                counts + delta, total + delta
            ),
            "The total of a row grows by delta times V as well.": divide(
                counts + delta, total
            ),
            "The count above the line grows by delta as well.": divide(
                counts, total + delta * V
            ),
            "The denominator counts what came after c, not how often c stands anywhere.": divide(
                counts + delta, unigrams + delta * V
            ),
            "delta is given: this is Laplace's rule, delta = 1.": divide(
                counts + 1, total + V
            ),
            "These are the probabilities without delta.": divide(counts, total),
            "The row of a word that nothing ever followed is 1/V, not 0.": right
            * (total > 0),
            "V is num_words, not the number of words that occurred.": divide(
                counts + delta, total + delta * len(set(words))
            ),
        }
        slips = {sentence: (slip, None) for sentence, slip in of_counts.items()}
        slips |= {sentence: (None, slip) for sentence, slip in of_P.items()}
        return (counts, right), slips

    rng = np.random.default_rng()
    for V, delta in [(5, 0.1), (4, 0.0), (6, 2.0), (2, 0.5), (3, 0.0)]:
        lengths = [0, 1, 7, *rng.integers(2, 6, size=3)]
        corpus = [rng.integers(max(V - 2, 1), size=length).tolist() for length in lengths]
        corpus.append([0, V - 1])  # the last word is followed by none; V - 2 never occurs
        expected, hints = table_and_slips(corpus, V, delta)
        check.close(
            bigram_model,
            [corpus, V, delta],
            expected,
            hints=hints,
            see="lecture 10, eq. 4 and 5",
        )
    check.close(
        bigram_model,
        [[], 2, 0.0],
        (np.zeros((2, 2)), np.full((2, 2), 0.5)),
        see="lecture 10, eq. 4 and 5",
    )


check_bigrams_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-mixture-statement"
# ## 2. How much to trust each model (6 points)
#
# Mix $K$ models, say a unigram, a bigram and a trigram table, with weights $\lambda_k$ that
# sum to 1 (equation 6). On a validation text of $N$ words, model $k$ gave word $n$ the
# probability $P_{nk}$. Which weights make that text likeliest? For each word, compute how
# probable it is that model $k$ made it, by Bayes' rule with $\lambda$ as the prior, and
# take the mean over the words:
#
# $$\lambda_k^{\text{new}} = \frac1N \sum_n
# \frac{\lambda_k P_{nk}}{\sum_j \lambda_j P_{nj}} .$$
#
# Repeated, this is the algorithm EM: no step makes the text less likely, and the weights
# still sum to 1. Write one step, `update_weights(weights, P)`.
#
# | name | shape |
# |---|---|
# | `weights`, result | (K,) |
# | `P` | (N, K); an entry may be 0, but no mixture is |

# %% role="solution" id="a6-mixture"
def update_weights(weights, P):
    """Return the weights of a mixture after one step of EM on the probabilities P."""
    ### BEGIN SOLUTION
    parts = weights * P
    return np.mean(parts / parts.sum(axis=1, keepdims=True), axis=0)
    ### END SOLUTION


# %%
update_weights(np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.6, 0.2]]))  # [0.825, 0.175]


# %% role="test" id="a6-mixture-visible" points=3
def check_mixture_visible():
    weights, P = np.array([0.25, 0.75]), np.array([[0.3, 0.4], [0.0, 0.2], [0.9, 0.1]])
    right = np.array([19 / 60, 41 / 60])  # the first model's shares are 1/5, 0 and 3/4
    twice, always = (57 / 221 + 171 / 212) / 3, (13 - 97**0.5) / 8
    hints = {
        "The shares lack the weights: a share is made of lambda times P.": np.array(
            [31 / 70, 39 / 70]
        ),
        "Normalise word by word, before the mean: each word has one vote.": np.array(
            [4 / 11, 7 / 11]
        ),
        "Divide the parts of each word by their own sum, not by that of all words.": np.array(
            [4 / 33, 7 / 33]
        ),
        "Let each word divide its vote, do not give it all to the likeliest model.": np.array(
            [1 / 3, 2 / 3]
        ),
        "The weight is missing above the line.": np.array([19 / 15, 41 / 45]),
        "The weights are missing below the line.": np.array([31 / 280, 117 / 280]),
        "The weight counts twice: the shares hold it already.": np.array(
            [19 / 240, 41 / 80]
        ),
        "These are the shares of the last word. Take the mean over all words.": np.array(
            [0.75, 0.25]
        ),
        "These are the shares of the first word. Take the mean over all words.": np.array(
            [0.2, 0.8]
        ),
        "Only the first word is counted. Is the return inside the loop?": np.array(
            [1 / 15, 4 / 15]
        ),
        "A word is left out to which a model gives 0. It has a vote like the others.": np.array(
            [19 / 40, 21 / 40]
        ),
        "The shares of one word sum to 1, not those of one model: sum over axis 1.": np.full(
            2, 1 / 3
        ),
        "Take the mean over the words, axis 0: a weight for each model.": np.full(3, 1 / 2),
        "These are the probabilities of the mixture. Go on to the shares.": np.array(
            [0.375, 0.15, 0.3]
        ),
        "This is the mean of lambda times P. Divide by each word's mixture first.": np.array(
            [0.1, 0.175]
        ),
        "This asks which one model made the whole text. Ask it of each word.": np.array(
            [0.0, 1.0]
        ),
        "One step is asked. These are the weights after two.": np.array([twice, 1 - twice]),
        "One step is asked. This is where repeated steps lead.": np.array(
            [always, 1 - always]
        ),
        "One step keeps its weights until all words are asked.": np.array(
            [1 / 15, 14 / 15]
        ),
        "EM adds nothing to the shares: these are add-one counts.": np.array([0.39, 0.61]),
        "This gives the weights back.": weights,
    }
    see = "lecture 10, eq. 6"
    check.close(
        update_weights, [weights, P], right, sizes={"N": 3, "K": 2}, hints=hints, see=see
    )
    alike = np.array([[0.3, 0.3], [0.1, 0.1]])  # models that agree keep their weights
    check.close(update_weights, [weights, alike], weights, sizes={"N": 2}, see=see)


check_mixture_visible()


# %% role="test" id="a6-mixture-hidden" points=3
### BEGIN HIDDEN TESTS
def check_mixture_hidden():
    rng = np.random.default_rng()
    for N, K in [(7, 3), (4, 2), (1, 3), (5, 1), (6, 4)]:
        weights = rng.dirichlet(np.ones(K))
        P = rng.uniform(0.01, 0.9, size=(N, K))
        P[1:, 0] *= rng.integers(2, size=N - 1) if K > 1 else 1  # a word it never saw
        mixture = P @ weights
        shares = weights * P / mixture[:, None]
        joint, best = weights * P.sum(axis=0), np.eye(K)[np.argmax(shares, axis=1)]
        served = shares[(P > 0).all(axis=1)]  # the first word is one of them
        asked = [weights]
        for p in P:
            asked.append(asked[-1] * p / max(asked[-1] @ p, 1e-300))
        hints = {
            "The shares lack the weights: a share is made of lambda times P.": np.mean(
                P / P.sum(axis=1, keepdims=True), axis=0
            ),
            "Normalise word by word, before the mean: each word has one vote.": joint
            / joint.sum(),
            "Divide the parts of each word by their own sum, not by that of all words.": joint
            / joint.sum()
            / N,
            "Let each word divide its vote, do not give it all to the likeliest model.": np.mean(
                best, axis=0
            ),
            "Let each word divide its vote, do not give it all to the largest P.": np.mean(
                np.eye(K)[np.argmax(P, axis=1)], axis=0
            ),
            "The weight is missing above the line.": np.mean(P / mixture[:, None], axis=0),
            "The weights are missing below the line.": np.mean(
                weights * P / P.sum(axis=1, keepdims=True), axis=0
            ),
            "The weight counts twice: the shares hold it already.": weights
            * shares.mean(axis=0),
            "These are the shares of the last word. Take the mean over all words.": shares[
                -1
            ],
            "These are the shares of the first word. Take the mean over all words.": shares[
                0
            ],
            "Only the first word is counted. Is the return inside the loop?": shares[0] / N,
            "A word is left out to which a model gives 0. It has a vote like the others.": np.mean(
                served, axis=0
            ),
            "One step keeps its weights until all words are asked.": np.mean(
                asked[1:], axis=0
            ),
            "EM adds nothing to the shares: these are add-one counts.": (
                shares.sum(axis=0) + 1
            )
            / (N + K),
            "Divide by the mixture, no softmax: these are probabilities, not scores.": np.mean(
                F.softmax(weights * P), axis=0
            ),
            "These are the probabilities of the mixture. Go on to the shares.": mixture,
            "Take the mean over the words, axis 0: a weight for each model.": np.full(
                N, 1 / K
            ),
            "This gives the weights back.": weights,
            "The shares of one word sum to 1, not those of one model: sum over axis 1.": np.full(
                K, 1 / N
            ),
            "This is the mean of lambda times P. Divide by each word's mixture first.": joint
            / N,
            "This asks which one model made the whole text. Ask it of each word.": weights
            * np.prod(P, axis=0)
            / max(weights @ np.prod(P, axis=0), 1e-300),
        }
        check.close(
            update_weights,
            [weights, P],
            shares.mean(axis=0),
            sizes={"N": N, "K": K},
            hints=hints,
            see="lecture 10, eq. 6",
        )
    sure = np.array([0.0, 1.0])  # a weight of 0 stays 0
    check.close(
        update_weights, [sure, np.array([[0.5, 0.1]])], sure, see="lecture 10, eq. 6"
    )
    tiny = np.array([[1e-200, 3e-200], [2e-210, 2e-210]])
    hints = {
        "A small number added below the line spoils small probabilities.": np.zeros(2),
        "A floor under the probabilities makes small probabilities alike.": np.full(2, 0.5),
    }
    check.close(
        update_weights,
        [np.array([0.5, 0.5]), tiny],
        np.array([0.375, 0.625]),
        hints=hints,
        see="lecture 10, eq. 6",
    )


check_mixture_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-perplexity-statement"
# ## 3. Perplexity (4 points)
#
# By the chain rule (equation 2) a text of $N$ words has the probability $p_1 p_2 \cdots
# p_N$, where $p_n$ is that of word $n$ given the words before it. Its perplexity is
#
# $$\exp\Bigl(-\frac1N \sum_n \log p_n\Bigr) ,$$
#
# so that a model to which all $V$ words are equally likely has perplexity $V$. Write
# `perplexity(p)` for an array `p` of shape (N,); the result is a number. Texts are long:
# the product itself may be too small for a float. If any $p_n$ is 0, the perplexity is
# infinite, `np.inf`. (Warnings from NumPy cost nothing.)

# %% role="solution" id="a6-perplexity"
def perplexity(p):
    """Return the perplexity of a text from the probability of each of its words."""
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        return np.exp(-np.mean(np.log(p)))
    ### END SOLUTION


# %%
perplexity(np.full(5, 1 / 2))  # 2: as unsure as when a coin is thrown for each word


# %% role="test" id="a6-perplexity-visible" points=2
def check_perplexity_visible():
    see = "lecture 10, eq. 2"
    hints = {
        "This is the cross-entropy. Perplexity is its exponential.": np.log(8),
        "This is the cross-entropy in bits. Perplexity is 2 to that power.": 3.0,
        "Two bases: np.exp, not a power of 2, undoes np.log.": 2 ** np.log(8),
        "Two bases: a power of 2, not np.exp, undoes np.log2.": np.exp(3.0),
        "Two bases: a power of 10, not np.exp, undoes np.log10.": np.exp(np.log10(8)),
        "This is the mean of 1/p. The mean is to be taken of the logarithms.": 70 / 3,
        "This is 1 over the mean of p. The mean is to be taken of the logarithms.": 192
        / 49,
        "This is the median of 1/p. The mean is to be taken of the logarithms.": 4.0,
        "Perplexity is per word: divide the sum of logarithms by N.": 512.0,
        "The mean is over N words: divide by N, not by N - 1.": 2**4.5,
        "The mean is over N words: divide by N, not by N + 1.": 2**2.25,
        "Perplexity is above 1: the sign in the exponent is minus.": 1 / 8,
        "The minus belongs in the exponent, not before exp.": -1 / 8,
        "This is the entropy of p. Every word of the text counts once, not p times.": 2
        ** (35 / 32),
        "p holds one probability of each word in turn: they need not sum to 1.": 49 / 8,
        "The first word is left out.": 16.0,
        "The last word is left out.": 2**1.5,
        "Only the last word is counted. Add up.": 64.0,
        "Only the first word is counted. Is the return inside the loop?": 2 ** (1 / 3),
    }
    check.close(perplexity, [np.array([1 / 2, 1 / 4, 1 / 64])], 8.0, hints=hints, see=see)
    hints = {
        "The product of many probabilities is too small: add their logarithms.": np.inf
    }
    p = np.full(2000, 1 / 10)
    check.close(perplexity, [p], 10.0, sizes={"N": 2000}, hints=hints, see=see)
    hints = {
        "A word of probability 0 must not be left out: the perplexity is np.inf.": 2.0,
        "The mean is over all words, and one of probability 0 makes it infinite.": 2
        ** (2 / 3),
        "One word of probability 0 makes the perplexity np.inf, not 0.": 0.0,
    }
    for k in range(6, 21):
        sentence = (
            f"A small number in place of 0, 1e-{k}, hides that the perplexity is np.inf."
        )
        hints[sentence] = (4 * 10.0**k) ** (1 / 3)
    check.close(perplexity, [np.array([0.5, 0.0, 0.5])], np.inf, hints=hints, see=see)


check_perplexity_visible()


# %% role="test" id="a6-perplexity-hidden" points=2
### BEGIN HIDDEN TESTS
def check_perplexity_hidden():
    rng = np.random.default_rng()
    for N in [3, 1, 40, 5000]:
        p = rng.uniform(0.001, 0.6, size=N)
        nats = float(np.sum(np.log(1 / p)) / N)
        bits = nats / np.log(2)
        hints = {
            "This is the cross-entropy. Perplexity is its exponential.": nats,
            "This is the cross-entropy in bits. Perplexity is 2 to that power.": bits,
            "Two bases: np.exp, not a power of 2, undoes np.log.": 2**nats,
            "Two bases: a power of 2, not np.exp, undoes np.log2.": np.exp(bits),
            "Two bases: a power of 10, not np.exp, undoes np.log10.": np.exp(
                nats / np.log(10)
            ),
            "This is the mean of 1/p. The mean is to be taken of the logarithms.": np.mean(
                1 / p
            ),
            "This is 1 over the mean of p. The mean is to be taken of the logarithms.": 1
            / np.mean(p),
            "This is the median of 1/p. The mean is to be taken of the logarithms.": np.median(
                1 / p
            ),
            "Perplexity is above 1: the sign in the exponent is minus.": np.exp(-nats),
            "The minus belongs in the exponent, not before exp.": -np.exp(-nats),
            "Perplexity is per word: divide the sum of logarithms by N.": np.exp(
                min(nats * N, 700)
            ),
            "The mean is over N words: divide by N, not by N - 1.": np.exp(
                nats * N / max(N - 1, 1)
            ),
            "The mean is over N words: divide by N, not by N + 1.": np.exp(
                nats * N / (N + 1)
            ),
            "p holds one probability of each word in turn: they need not sum to 1.": p.sum()
            * np.exp(nats),
            "Only the last word is counted. Add up.": 1 / p[-1],
            "Only the first word is counted. Is the return inside the loop?": p[0]
            ** (-1 / N),
            "This is the entropy of p. Every word of the text counts once, not p times.": np.exp(
                min(-np.sum(p * np.log(p)), 700)
            ),
        }
        if N > 1000:
            hints["The product of many probabilities is too small: add logarithms."] = (
                np.inf
            )
        check.close(
            perplexity,
            [p],
            np.exp(nats),
            sizes={"N": N},
            hints=hints,
            see="lecture 10, eq. 2",
        )
        twice = np.concatenate([p, p])  # the same text again is no more surprising
        check.close(perplexity, [twice], np.exp(nats), hints=hints, see="lecture 10, eq. 2")
    check.close(perplexity, [np.ones(4)], 1.0, see="lecture 10, eq. 2")
    check.close(perplexity, [np.zeros(2)], np.inf, see="lecture 10, eq. 2")
    check.close(perplexity, [np.append(p, 0.0)], np.inf, see="lecture 10, eq. 2")
    tiny = np.full(30, 1e-12)  # not 0, though its product is
    hints = {"A small probability is not 0, and no word is impossible here.": np.inf}
    check.close(perplexity, [tiny], 1e12, hints=hints, see="lecture 10, eq. 2")


check_perplexity_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-lookup-statement"
# ## 4. Look words up (4 points)
#
# Bengio's model begins with a table $R$ of word vectors (equation 7a). Row $n$ of the
# result holds the vectors of the words of context $n$ side by side, the first word first.
# It is what one-hot rows times $R$ would give, without $V$ multiplications for each number.
#
# Write `look_up(R, contexts)`, without the library's `nlm`.
#
# | name | shape |
# |---|---|
# | `R` | (V, D) |
# | `contexts` | (N, C), integers in 0 … V-1: contexts of C words |
# | result | (N, C D) |

# %% role="solution" id="a6-lookup"
def look_up(R, contexts):
    """Return the vectors of the words of each context, side by side."""
    ### BEGIN SOLUTION
    return R[contexts].reshape(len(contexts), -1)
    ### END SOLUTION


# %%
look_up(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1, 0, 0]]))  # [[3, 4, 1, 2, 1, 2]]


# %% role="test" id="a6-lookup-visible" points=2
def check_lookup_visible():
    check.own(look_up, nlm, nlm.embed)
    see = "lecture 10, eq. 7"
    R, contexts = np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([[2, 0], [1, 1]])
    right = np.array([[5.0, 6, 1, 2], [3, 4, 3, 4]])
    hints = {
        "Keep each vector together: all of the first word, then all of the second.": np.array(
            [[5.0, 1, 6, 2], [3, 3, 4, 4]]
        ),
        "The vectors stand side by side. They are not added.": np.array([[6.0, 8], [6, 8]]),
        "The vectors stand side by side. They are not averaged.": np.array(
            [[3.0, 4], [3, 4]]
        ),
        "The first word of the context comes first.": np.array(
            [[1.0, 2, 5, 6], [3, 4, 3, 4]]
        ),
        "A row belongs to a context, not to a place in it.": np.array(
            [[5.0, 6, 3, 4], [1, 2, 3, 4]]
        ),
        "Words count from 0: word i has row i.": np.array([[3.0, 4, 5, 6], [1, 2, 1, 2]]),
        "The words of a context stand side by side, not one below the other.": np.array(
            [[5.0, 6], [3, 4], [1, 2], [3, 4]]
        ),
        "These are the vectors of the first word alone.": np.array([[5.0, 6], [3, 4]]),
        "These are the vectors of the last word alone.": np.array([[1.0, 2], [3, 4]]),
        "Each place has a vector of its own, also for a word that comes again.": np.array(
            [[6.0, 8], [3, 4]]
        ),
        "The vectors overlap: the one at place k begins at column k times D.": np.array(
            [[5.0, 1, 2, 0], [3, 3, 4, 0]]
        ),
        "These are single numbers of R: a word has a whole row (np.take: axis=0).": np.array(
            [[3.0, 1], [2, 2]]
        ),
        "These are the one-hot rows. The rows of R that they pick are asked for.": np.array(
            [[0.0, 0, 1, 1, 0, 0], [0, 1, 0, 0, 1, 0]]
        ),
    }
    check.close(look_up, [R, contexts], right, hints=hints, see=see)
    R, contexts = np.array([[7.0, 0, -7], [8, 1, -8]]), np.array([[0, 1, 1]])
    right = np.array([[7.0, 0, -7, 8, 1, -8, 8, 1, -8]])
    hints = {"A context may have more than two words: this one has three.": right[:, :6]}
    check.close(look_up, [R, contexts], right, hints=hints, see=see)


check_lookup_visible()


# %% role="test" id="a6-lookup-hidden" points=2
### BEGIN HIDDEN TESTS
def check_lookup_hidden():
    check.own(look_up, nlm, nlm.embed)
    rng = np.random.default_rng()
    for V, D, N, length in [(6, 3, 4, 2), (5, 2, 1, 3), (3, 1, 5, 2), (7, 4, 3, 1)]:
        R = rng.standard_normal((V, D))
        contexts = rng.integers(V - 1, size=(N, length))  # the last word is never looked up
        one_hot = contexts[:, :, None] == np.arange(V)
        vectors = one_hot.astype(float) @ R
        hints = {
            "Keep each vector together: all of the first word, then all of the second.": np.reshape(
                vectors.swapaxes(1, 2), (N, -1)
            ),
            "The vectors stand side by side. They are not added.": vectors.sum(axis=1),
            "The vectors stand side by side. They are not averaged.": vectors.mean(axis=1),
            "The first word of the context comes first.": vectors[:, ::-1].reshape(N, -1),
            "A row belongs to a context, not to a place in it.": vectors.swapaxes(
                0, 1
            ).reshape(N, -1),
            "These are the vectors of the first word alone.": vectors[:, 0],
            "These are the vectors of the last word alone.": vectors[:, -1],
            "Words count from 0: word i has row i.": R[contexts - 1].reshape(N, -1),
            "Word i has row i, not the row after it.": R[contexts + 1].reshape(N, -1),
            "The words of a context stand side by side, not one below the other.": np.reshape(
                vectors.swapaxes(0, 1), (-1, D)
            ),
            "Each place has a vector of its own, also for a word that comes again.": one_hot.any(
                axis=1
            ).astype(float)
            @ R,
            "These are single numbers of R: a word has a whole row (np.take: axis=0).": R.ravel()[
                contexts
            ],
            "These are the one-hot rows. The rows of R that they pick are asked for.": np.reshape(
                one_hot.astype(float), (N, -1)
            ),
        }
        check.close(
            look_up,
            [R, contexts],
            vectors.reshape(N, -1),
            hints=hints,
            see="lecture 10, eq. 7",
        )


check_lookup_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-table-statement"
# ## 5. Messages to the table (6 points)
#
# Now backward. $\bar H_0$ has arrived at the vectors that exercise 4 put side by side: for
# each place of each context a message of $D$ numbers. Each belongs to the row of $R$ that
# was looked up there. A word that stands in several places, in one context or in
# several, gets several messages: they add up. A word that stands nowhere gets 0
# (equation 8a).
#
# Write `table_bar(H0_bar, contexts, num_words)`, which returns $\bar R$, without the
# `DERIVATIVES` of the first cell and the library's `nlm`.
#
# | name | shape |
# |---|---|
# | `H0_bar` | (N, C D) |
# | `contexts` | (N, C), integers in 0 … V-1: contexts of C words |
# | result | (V, D), where V is `num_words` |

# %% role="solution" id="a6-table"
def table_bar(H0_bar, contexts, num_words):
    """Return the bar of the table whose rows were looked up side by side."""
    ### BEGIN SOLUTION
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    np.add.at(R_bar, contexts, messages)
    return R_bar
    ### END SOLUTION


# %%
table_bar(np.array([[1.0, 2.0, 3.0]]), np.array([[2, 0, 2]]), 4)  # [[2], [0], [4], [0]]


# %% role="test" id="a6-table-visible" points=3
def check_table_visible():
    check.own(table_bar, *DERIVATIVES, nlm, nlm.embed)
    contexts = np.array([[0, 2], [2, 2]])
    H0_bar = np.array([[1.0, 2, 3, 4], [5, 6, 9, 8]])
    right = np.array([[1.0, 2], [0, 0], [17, 18], [0, 0]])  # word 2 stands in three places
    lost = "A message is lost where a word stands twice: R_bar[ids] += … adds it only once."
    in_context = lost.replace("twice:", "twice in a context:")
    hints = {
        "Only the last message to a word is left. R_bar[ids] += … keeps but one as well: "
        "add them one by one, or with np.add.at.": np.array(
            [[1.0, 2], [0, 0], [9, 8], [0, 0]]
        ),
        "Only the first message to a word is left, or the first context's. Add all.": np.array(
            [[1.0, 2], [0, 0], [3, 4], [0, 0]]
        ),
        "Only the last context's messages are left. Make the table once, before the loop.": np.array(
            [[0.0, 0], [0, 0], [14, 14], [0, 0]]
        ),
        "Messages are added, not averaged.": right / [[1], [1], [3], [1]],
        lost: np.array([[1.0, 2], [0, 0], [14, 14], [0, 0]]),
        in_context: np.array([[1.0, 2], [0, 0], [12, 12], [0, 0]]),
        "A word that stands twice in a context gets both messages: add them.": np.array(
            [[1.0, 2], [0, 0], [8, 10], [0, 0]]
        ),
        "The vectors stand side by side: the first D numbers belong to the first word.": np.array(
            [[1.0, 3], [0, 0], [13, 21], [0, 0]]
        ),
        "The first message belongs to the first word of the context.": np.array(
            [[3.0, 4], [0, 0], [15, 16], [0, 0]]
        ),
        "The table has num_words rows, also those of words that stand nowhere.": right[:3],
        "The table has num_words rows. This has one for each word that stands somewhere.": right[
            [0, 2]
        ],
        "Words count from 0: word i has row i.": np.roll(right, -1, axis=0),
        "Word 0 is a word like any other: its row gets its messages.": right
        * [[0], [1], [1], [1]],
        "A row of the table gets D numbers, those of its own place.": np.array(
            [[1.0, 2, 3, 4], [0, 0, 0, 0], [11, 14, 21, 20], [0, 0, 0, 0]]
        ),
    }
    see = "lecture 10, eq. 8"
    check.close(table_bar, [H0_bar, contexts, 4], right, hints=hints, see=see)
    check.close(
        table_bar,
        [H0_bar[:1], np.array([[1, 1]]), 2],
        [[0, 0], [4, 6]],
        hints=hints,
        see=see,
    )


check_table_visible()


# %% role="test" id="a6-table-hidden" points=3
### BEGIN HIDDEN TESTS
def check_table_hidden():
    check.own(table_bar, *DERIVATIVES, nlm, nlm.embed)
    rng = np.random.default_rng()
    for V, D, N, length in [
        (6, 3, 5, 3),
        (4, 2, 9, 2),
        (5, 1, 4, 4),
        (3, 4, 1, 3),
        (9, 2, 2, 1),
    ]:
        contexts = rng.integers(V - 1, size=(N, length))  # the last word stands nowhere
        contexts[0] = contexts[-1]
        H0_bar = rng.standard_normal((N, length * D))
        messages = H0_bar.reshape(N, length, D)
        one_hot = (contexts[..., None] == np.arange(V)).astype(float)
        right = np.einsum("npv,npd->vd", one_hot, messages)
        times = one_hot.sum(axis=(0, 1))[:, None]
        last, first, by_place, by_context, once = (np.zeros((V, D)) for _ in range(5))
        cut = np.zeros((V, D), dtype=int)
        last[contexts] = messages
        first[contexts[::-1, ::-1]] = messages[::-1, ::-1]
        for k in range(length):
            by_place[contexts[:, k]] += messages[:, k]
        for n in range(N):
            by_context[contexts[n]] += messages[n]
            for k in range(length):
                cut[contexts[n, k]] = cut[contexts[n, k]] + messages[n, k]
                once[contexts[n, k]] += messages[n, k] * (
                    contexts[n, k] not in contexts[n, :k]
                )
        mixed = H0_bar.reshape(N, D, length).swapaxes(1, 2)
        lost = "A message is lost where a word stands twice: R_bar[ids] += … adds it only once."
        hints = {
            "Only the last message to a word is left. R_bar[ids] += … keeps but one as well: "
            "add them one by one, or with np.add.at.": last,
            "Only the first message to a word is left. Add them all.": first,
            "Messages are added, not averaged.": right / np.maximum(times, 1),
            lost: by_place,
            lost.replace("twice:", "twice in a context:"): by_context,
            "A word that stands twice in a context gets both messages: add them.": once,
            "The vectors stand side by side: the first D numbers belong to the first word.": np.einsum(
                "npv,npd->vd", one_hot, mixed
            ),
            "The first message belongs to the first word of the context.": np.einsum(
                "npv,npd->vd", one_hot[:, ::-1], messages
            ),
            "Only the first words of the contexts get their messages.": one_hot[:, 0].T
            @ messages[:, 0],
            "Only the last words of the contexts get their messages.": one_hot[:, -1].T
            @ messages[:, -1],
            "Only the first context sends its messages. Add those of the whole batch.": one_hot[
                0
            ].T
            @ messages[0],
            "Only the last context's messages are left. Make the table once, before the loop.": one_hot[
                -1
            ].T
            @ messages[-1],
            "Each message is added once, not once for each place of its word.": times
            * right,
            "Each word gets the message of its own place, not all of its context.": one_hot.sum(
                axis=1
            ).T
            @ messages.sum(axis=1),
            "Words and messages are read in different orders: go row by row in both.": np.eye(
                V
            )[:, contexts.T.ravel()]
            @ messages.reshape(-1, D),
            "A row of the table gets D numbers, those of its own place.": np.einsum(
                "npv,nd->vd", one_hot, H0_bar
            ),
            "Word 0 is a word like any other: its row gets its messages.": np.minimum(
                np.arange(V), 1
            )[:, None]
            * right,
            "A table of integers cuts off what is added. Make it of floats.": cut,
            "The messages are cut off to integers. Keep them floats.": np.einsum(
                "npv,npd->vd", one_hot, np.trunc(messages)
            ),
            "The cost is a mean already: do not divide by N again.": right / N,
            "The places are counted here. Add the messages instead.": times + 0 * right,
            "The table has num_words rows, also those of words that stand nowhere.": right[
                : contexts.max() + 1
            ],
            "The table has num_words rows. This has one for each word that stands somewhere.": right[
                np.unique(contexts)
            ],
            "Words count from 0: word i has row i.": np.roll(right, -1, axis=0),
        }
        check.close(
            table_bar,
            [H0_bar, contexts, V],
            right,
            sizes={"N": N, "D": D},
            hints=hints,
            see="lecture 10, eq. 8",
        )


check_table_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-loss-statement"
# ## 6. The loss of a prediction (4 points)
#
# To predict the next word is to classify contexts, with the $V$ words as classes. The loss
# of a row of scores $Z_n$ with the next word $t_n$ is $-\log \mathrm{softmax}(Z_n)_{t_n}$,
# which is the log-sum-exp of the scores less the score of the target:
#
# $$\log \sum_w e^{Z_{nw}} - Z_{n t_n} .$$
#
# Write `next_word_loss(Z, t)`: the mean of this over the batch, a number (equation 7d).
# Scores may be as large as 1000 or as small as -1000, where $e^z$ is no float any more:
# what happens to a log-sum-exp if the same number is taken from all scores? Write it without
# `F.cross_entropy`, `F.log_softmax` and the library's `nlm`.
#
# | name | shape |
# |---|---|
# | `Z` | (N, V) |
# | `t` | (N,), integers in 0 … V-1 |

# %% role="solution" id="a6-loss"
def next_word_loss(Z, t):
    """Return the mean cross-entropy of scores Z with the words t that came next."""
    ### BEGIN SOLUTION
    largest = Z.max(axis=1)
    log_sums = largest + np.log(np.sum(np.exp(Z - largest[:, None]), axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])
    ### END SOLUTION


# %%
next_word_loss(np.zeros((2, 8)), np.array([3, 0]))  # log 8 = 2.079...


# %% role="test" id="a6-loss-visible" points=2
def check_loss_visible():
    check.own(next_word_loss, F.cross_entropy, F.log_softmax, nlm, nlm.loss, nlm.log_prob)
    see = "lecture 10, eq. 7"
    Z = np.log(np.array([[1.0, 2.0, 5.0], [5.0, 3.0, 2.0]]))  # the sums of e^z are 8 and 10
    t = np.array([1, 0])
    right = (np.log(8 / 2) + np.log(10 / 5)) / 2
    hints = {
        "This is the mean of log-softmax. The loss is its negative.": -right,
        "This is the mean over all N V entries. Only the targets count, N of them.": right
        / 3,
        "This is the mean of log-sum-exp. Subtract the scores of the targets.": np.log(80)
        / 2,
        "Subtract the score of the target, not the largest score.": np.log(80 / 25) / 2,
        "Words count from 0: the target's column is t, not t - 1.": np.log(80 / 2) / 2,
        "The whole column Z[:, t] is taken. Pair row n with t[n].": np.log(80) / 2
        - np.log(2 * 1 * 3 * 5) / 4,
        "This is the logarithm of the mean probability: take the logarithms first.": -np.log(
            (2 / 8 + 5 / 10) / 2
        ),
        "The logarithm is missing: this is made of the probabilities.": 1
        - (2 / 8 + 5 / 10) / 2,
        "Logarithms are natural, not to base 2.": right / np.log(2),
        "What is subtracted from all scores comes off the log-sum-exp: add it again.": right
        - np.log(5),
        "Log-sum-exp runs over the words of a row, not down the batch.": np.log(3) / 2,
        "This is the exponential of the loss, which is the perplexity.": np.exp(right),
        "The score of the target is added. Subtract it.": np.log(80 * 10) / 2,
        "Only the score of the target is here. Log-sum-exp is missing.": -np.log(10) / 2,
        "Only the first row counts here. Take the mean over the batch.": np.log(4),
    }
    check.close(next_word_loss, [Z, t], right, sizes={"N": 2, "V": 3}, hints=hints, see=see)
    Z = np.array([[1000.0, 1000.0], [-1000.0, -1000.0]])  # two words alike, twice
    hints = {
        "A row's e^z all became 0. Take off the largest score of its own row.": -np.inf
    }
    check.close(next_word_loss, [Z, np.array([0, 1])], np.log(2), hints=hints, see=see)
    Z = np.array([[1000.0, 0.0]])  # the target is far behind
    hints = {
        "A probability became 0, which has no logarithm: subtract scores instead.": np.inf,
        "Scores cut off at 500 are other scores.": 500.0,
        "Scores cut off at 700 are other scores.": 700.0,
        "Scores cut off at 100 are other scores.": 100.0,
    }
    check.close(next_word_loss, [Z, np.array([1])], 1000.0, hints=hints, see=see)


check_loss_visible()


# %% role="test" id="a6-loss-hidden" points=2
### BEGIN HIDDEN TESTS
def check_loss_hidden():
    check.own(next_word_loss, F.cross_entropy, F.log_softmax, nlm, nlm.loss, nlm.log_prob)
    rng = np.random.default_rng()
    for N, V in [(6, 4), (1, 3), (3, 3), (2, 9)]:
        Z, t = 2 * rng.standard_normal((N, V)), rng.integers(V, size=N)
        t[0] = Z[0].argmin()
        P, own = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), Z[np.arange(N), t]
        right, largest = -np.mean(np.log(P[np.arange(N), t])), Z.max(axis=1)
        log_sums = np.log(np.exp(Z).sum(axis=1))
        columns = np.log(np.exp(Z).sum(axis=0))
        scaled = Z / np.abs(Z).max(axis=1, keepdims=True)
        shifted = Z - Z.max(axis=0)
        hints = {
            "This is the mean of log-softmax. The loss is its negative.": -right,
            "This is the mean over all N V entries. Only the targets count, N of them.": right
            / V,
            "This is the mean of log-sum-exp. Subtract the scores of the targets.": np.mean(
                log_sums
            ),
            "Subtract the score of the target, not the largest score.": np.mean(
                log_sums - largest
            ),
            "This is the logarithm of the mean probability: take the logarithms first.": -np.log(
                P[np.arange(N), t].mean()
            ),
            "The logarithm is missing: this is made of the probabilities.": 1
            - P[np.arange(N), t].mean(),
            "The logarithm is missing: these are the probabilities.": -P[
                np.arange(N), t
            ].mean(),
            "Logarithms are natural, not to base 2.": right / np.log(2),
            "The logarithm of the sum is natural, not to base 2.": np.mean(
                largest + (log_sums - largest) / np.log(2) - own
            ),
            "This is the exponential of the loss, which is the perplexity.": np.exp(right),
            "This is the entropy of the prediction. What counts is the word that came.": -np.mean(
                np.sum(P * np.log(P), axis=1)
            ),
            "The sum of e^z is asked for, not its mean.": right - np.log(V),
            "The sum of e^z runs over all words, the target among them.": np.mean(
                np.log(np.exp(Z).sum(axis=1) - np.exp(own)) - own
            ),
            "The largest score alone is here. Log-sum-exp adds the logarithm of a sum.": np.mean(
                largest - own
            ),
            "This is the loss of a sigmoid. Softmax takes the other scores in as well.": np.mean(
                np.log(1 + np.exp(-own))
            ),
            "This is a squared error of probabilities. The loss is a logarithm.": np.mean(
                np.sum((P - np.eye(V)[t]) ** 2, axis=1)
            ),
            "This counts wrong predictions. The loss is a logarithm.": np.mean(
                Z.argmax(axis=1) != t
            ),
            "Divided by the largest, scores are others. Take it off instead.": np.mean(
                np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(N), t]
            ),
            "Take the same number off all scores of a row: the largest of its row.": np.mean(
                np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(N), t]
            ),
            "What is subtracted from all scores comes off the log-sum-exp: add it again.": np.mean(
                log_sums - largest - own
            ),
            "The score of the target is added. Subtract it.": np.mean(log_sums + own),
            "Only the score of the target is here. Log-sum-exp is missing.": -np.mean(own),
            "Each row has a log-sum-exp of its own; this takes one of all entries.": np.log(
                np.exp(Z).sum()
            )
            - np.mean(own),
            "Log-sum-exp runs over the words of a row, not down the batch.": np.mean(
                columns
            )
            - np.mean(own),
            "Softmax runs over the words of a row, not down the batch.": np.mean(
                columns[t] - own
            ),
            "The whole column Z[:, t] is taken. Pair row n with t[n].": np.mean(log_sums)
            - np.mean(Z[:, t]),
            "Whole rows are taken, those of number t. Pair row n with t[n].": -np.mean(
                np.log(P[t % N])
            ),
            "Only the first row counts here. Take the mean over the batch.": log_sums[0]
            - own[0],
            "Only the last row counts here. Take the mean over the batch.": log_sums[-1]
            - own[-1],
            "This adds the losses of all words, as if each were a target.": np.mean(
                np.sum(log_sums[:, None] - Z, axis=1)
            ),
            "This averages the losses of all words, as if each were a target.": np.mean(
                log_sums[:, None] - Z
            ),
            "Words count from 0: the target's column is t, not t - 1.": np.mean(
                log_sums - Z[np.arange(N), t - 1]
            ),
            "Each other word has a loss here too, as in two classes. Softmax has but one.": np.mean(
                -np.log(P[np.arange(N), t])
                - np.sum(np.log(1 - P), axis=1)
                + np.log(1 - P[np.arange(N), t])
            ),
        }
        check.close(
            next_word_loss,
            [Z, t],
            right,
            sizes={"N": N, "V": V},
            hints=hints,
            see="lecture 10, eq. 7",
        )
        shifts = rng.uniform(-5, 5, size=(N, 1))  # of whole rows, which change nothing
        check.close(next_word_loss, [Z + shifts, t], right, see="lecture 10, eq. 7")
    Z = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1001.0, -1000.0]])
    low = 1 + np.log(2 + np.exp(-1))  # the loss of the second row
    hints = {
        "e^z or a probability left the range of floats. Take off the largest score of each "
        "row, and the logarithm of no softmax.": np.inf,
        "A row's e^z all became 0. Take off the largest score of its own row.": -np.inf,
    }
    hints |= {
        f"Clipped at {limit}, scores are others. Take off the largest of each row.": limit
        + np.log(3) / 2
        for limit in (20, 30, 50, 100, 200, 300, 500, 600, 700, 709, 710)
    }
    hints |= {
        f"The small number 1e-{k} under the logarithm hides how wrong a prediction is.": (
            k * np.log(10) + low
        )
        / 2
        for k in (6, 7, 8, 9, 10, 12, 15, 16, 20, 30, 100, 300)
    }
    see = "lecture 10, eq. 7"
    check.close(next_word_loss, [Z, np.array([2, 1])], 1000 + low / 2, hints=hints, see=see)
    check.close(next_word_loss, [Z[1:], np.array([1])], low, hints=hints, see=see)
    check.close(
        next_word_loss, [abs(Z[:1]), np.array([1])], 1000 + np.log(2), hints=hints, see=see
    )


check_loss_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-model-statement"
# ## 7. The whole model, backward (10 points)
#
# Bengio's model in full has *direct connections* as well, from the looked-up vectors to the
# scores, past the hidden units. With a weight $W_d$ for each, equation 7 becomes
#
# $$H = \tanh(H_0 W_h^\top + b_h), \quad Z = H W_o^\top + b_o + H_0 W_d^\top, \quad P =
# \mathrm{softmax}(Z), \quad L = -\frac1N \sum_n \log P_{n t_n} .$$
#
# So $H_0$ goes two ways. The forward pass has been run, and left `values`, a dict with $H_0$,
# $H$ and $P$. Write `model_backward(params, contexts, t, values)`: all the bars, as in
# equation 8, in a tree like `params`, without the `DERIVATIVES` of the first cell.
# The checks go backward as well: first output, then direct, hidden, and `R` last. What
# stands before the first complaint is right.
#
# | name | shape | name | shape |
# |---|---|---|---|
# | `params["R"]` | (V, D) | `contexts` | (N, C) |
# | `params["hidden"]["W"]`, `["b"]` | (M, C D), (M,) | `t` | (N,) |
# | `params["output"]["W"]`, `["b"]` | (V, M), (V,) | `values["H0"]` | (N, C D) |
# | `params["direct"]["W"]` | (V, C D) | `values["H"]` | (N, M) |
# | | | `values["P"]` | (N, V) |

# %% role="locked" id="a6-model-setup"
def draw_model(rng, num_words, dim, length, hidden):
    """Draw the parameters of a model that looks at `length` words."""
    sizes = num_words, dim, length, hidden
    params = nlm.init(rng, *sizes, direct=True, init="glorot")
    for name in ("hidden", "output"):
        params[name]["b"] = rng.standard_normal(params[name]["b"].shape)
    backward = ("output", "direct", "hidden", "R")  # the order in which checks go
    return {name: params[name] for name in backward}


def run_model(params, contexts):
    """Run the model forward and return the values that the backward pass needs."""
    H0 = nlm.embed(params, contexts)
    H = np.tanh(H0 @ params["hidden"]["W"].T + params["hidden"]["b"])
    return {"H0": H0, "H": H, "P": nlm.probabilities(params, contexts)}


def model_cost(params, contexts, t, values):
    """Return the cost whose gradient by params is asked for; it runs forward anew."""
    return nlm.loss(params, contexts, t)


# %% role="solution" id="a6-model"
def model_backward(params, contexts, t, values):
    """Return the gradient of the cost of Bengio's model with direct connections."""
    ### BEGIN SOLUTION
    Z_bar = (values["P"] - np.eye(len(params["R"]))[t]) / len(t)
    A_bar = (Z_bar @ params["output"]["W"]) * (1 - values["H"] ** 2)
    H0_bar = A_bar @ params["hidden"]["W"] + Z_bar @ params["direct"]["W"]
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(*contexts.shape, -1))
    hidden = {"W": A_bar.T @ values["H0"], "b": A_bar.sum(axis=0)}
    output = {"W": Z_bar.T @ values["H"], "b": Z_bar.sum(axis=0)}
    direct = {"W": Z_bar.T @ values["H0"]}
    return {"R": R_bar, "hidden": hidden, "output": output, "direct": direct}
    ### END SOLUTION


# %%
params = draw_model(np.random.default_rng(0), 5, 2, 3, 4)
contexts = np.array([[0, 1, 1]])
model_backward(params, contexts, np.array([2]), run_model(params, contexts))["R"]
# rows 2, 3 and 4 are 0: these words did not stand in the context

# %% role="test" id="a6-model-visible" points=5
def check_model_visible():
    check.own(model_backward, *DERIVATIVES, nlm.loss)
    start = draw_model(np.random.default_rng(7), num_words=5, dim=3, length=2, hidden=4)
    contexts = np.array([[0, 1], [1, 1], [3, 0], [0, 0], [1, 4], [3, 1]])
    t = np.array([1, 0, 4, 1, 1, 0])
    check.gradient(
        model_backward,
        [start, contexts, t, run_model(start, contexts)],
        model_cost,
        sizes={"N": 6, "V": 5, "D": 3},
        see="lecture 10, eq. 8",
    )


check_model_visible()


# %% role="test" id="a6-model-hidden" points=5
### BEGIN HIDDEN TESTS
def check_model_hidden():
    check.own(model_backward, *DERIVATIVES, nlm.loss)

    def scatter(messages, contexts, V):
        R_bar = np.zeros((V, messages.shape[2]))
        for place in np.ndindex(contexts.shape):
            R_bar[contexts[place]] += messages[place]
        return R_bar

    def bars(Z_bar, A_bar, H0_bar, contexts, v):
        V, (N, length) = Z_bar.shape[1], contexts.shape
        return {
            "R": scatter(H0_bar.reshape(N, length, -1), contexts, V),
            "hidden": {"W": A_bar.T @ v["H0"], "b": A_bar.sum(axis=0)},
            "output": {"W": Z_bar.T @ v["H"], "b": Z_bar.sum(axis=0)},
            "direct": {"W": Z_bar.T @ v["H0"]},
        }

    def slips_of_model(params, contexts, t, v):
        W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
        A = v["H0"] @ W_h.T + params["hidden"]["b"]
        (N, V), H, P = v["P"].shape, v["H"], v["P"]
        one_hot = np.eye(V)[t]

        def after(Z_bar, slope):
            A_bar = Z_bar @ W_o * slope
            return bars(Z_bar, A_bar, A_bar @ W_h + Z_bar @ W_d, contexts, v)

        Z_bar, slope = (P - one_hot) / N, 1 - H**2
        right, A_bar = after(Z_bar, slope), Z_bar @ W_o * slope
        H0_bar = A_bar @ W_h + Z_bar @ W_d
        messages = H0_bar.reshape(*contexts.shape, -1)
        last, lost, lost_too, mixed = (np.zeros_like(params["R"]) for _ in range(4))
        last[contexts] = messages
        for n in range(N):
            lost[contexts[n]] += messages[n]
        for k in range(contexts.shape[1]):
            lost_too[contexts[:, k]] += messages[:, k]
        mixed = H0_bar.reshape(N, messages.shape[2], -1).swapaxes(1, 2)
        twice = "A message is lost where a word stands twice: R_bar[ids] += … adds it only once."
        parts = [
            (part @ W).reshape(messages.shape) for part, W in [(A_bar, W_h), (Z_bar, W_d)]
        ]
        slips = {
            "H0 goes two ways: the message along the direct connections is missing.": right
            | {"R": scatter(parts[0], contexts, V)},
            "H0 goes two ways: the message through the hidden units is missing.": right
            | {"R": scatter(parts[1], contexts, V)},
            "Two messages meet in H0: add them.": right
            | {"R": scatter(parts[0] * parts[1], contexts, V)},
            "Two messages meet in H0: add them, do not subtract one.": right
            | {"R": scatter(parts[0] - parts[1], contexts, V)},
            "Two messages meet in H0: they are added, not averaged.": right
            | {"R": right["R"] / 2},
            "The looked-up vectors are linear: no slope of tanh there.": right
            | {
                "R": scatter(
                    messages * (1 - v["H0"] ** 2).reshape(messages.shape), contexts, V
                )
            },
            "The direct connections pass tanh by: no slope of tanh there.": right
            | {
                "R": scatter(
                    parts[0] + parts[1] * (1 - v["H0"] ** 2).reshape(messages.shape),
                    contexts,
                    V,
                )
            },
            "The direct connections take H0, not H.": right
            | {"direct": {"W": Z_bar.T @ H}},
            "The direct connections end at the scores, not at the hidden units.": right
            | {"direct": {"W": A_bar.T @ v["H0"]}},
            "The one-hot target is missing: subtract 1 at the target of each row.": after(
                P / N, slope
            ),
            "The target is subtracted from P: yours is added.": after(
                (P + one_hot) / N, slope
            ),
            "Both parts belong to the mean: divide both by N.": after(
                P - one_hot / N, slope
            ),
            "The target belongs to the mean as well: divide both by N.": after(
                P / N - one_hot, slope
            ),
            "1 is taken off whole columns. Pair row n with t[n].": after(
                (P - one_hot.max(axis=0)) / N, slope
            ),
            "This begins with the bar of P. That of Z is (P - one-hot) / N.": after(
                -one_hot / P / N, slope
            ),
            "Words count from 0: the target's column is t, not t - 1.": after(
                (P - np.eye(V)[t - 1]) / N, slope
            ),
            "There is no factor p (1 - p): it cancels against the logarithm.": after(
                Z_bar * P * (1 - P), slope
            ),
            "The hidden layer's bar lacks the slope of tanh, 1 - h².": after(Z_bar, 1.0),
            "The slope of tanh is 1 - h²: square h.": after(Z_bar, 1 - H),
            "h (1 - h) is the slope of the sigmoid. That of tanh is 1 - h².": after(
                Z_bar, H * (1 - H)
            ),
            "The slope of tanh is 1 - h², not h² - 1.": after(Z_bar, -slope),
            "This is the slope of ReLU. That of tanh is 1 - h².": after(Z_bar, H > 0),
            "The slope of tanh at its input is 1 - h², not 1 - tanh(h)².": after(
                Z_bar, 1 - np.tanh(H) ** 2
            ),
            "You multiply by the slope of tanh twice.": after(Z_bar, slope**2),
            "The output layer takes H, after tanh, not the sums before it.": right
            | {"output": {"W": Z_bar.T @ A, "b": Z_bar.sum(axis=0)}},
            "Sum over the batch, axis 0: b has an entry for every unit.": right
            | {
                name: layer | {"b": bar.sum(axis=1)}
                for name, layer, bar in [
                    ("hidden", right["hidden"], A_bar),
                    ("output", right["output"], Z_bar),
                ]
            },
            "A bias takes part in every row: sum its bar over the batch.": right
            | {
                "hidden": right["hidden"] | {"b": A_bar},
                "output": right["output"] | {"b": Z_bar},
            },
            "Only the last message to a word is left. R_bar[ids] += … keeps but one as well: "
            "add them one by one, or with np.add.at.": right | {"R": last},
            twice.replace("twice:", "twice in a context:"): right | {"R": lost},
            twice: right | {"R": lost_too},
            "The vectors stand side by side: the first D numbers belong to the first word.": right
            | {"R": scatter(mixed, contexts, V)},
            "The first message belongs to the first word of the context.": right
            | {"R": scatter(messages, contexts[:, ::-1], V)},
            "Only the first words of the contexts get their messages.": right
            | {"R": scatter(messages[:, :1], contexts[:, :1], V)},
            "Only the last words of the contexts get their messages.": right
            | {"R": scatter(messages[:, -1:], contexts[:, -1:], V)},
            "These are the messages to the looked-up vectors: add them to the rows of R.": right
            | {"R": H0_bar},
            "The table has V rows, also those of words that stand nowhere.": right
            | {"R": right["R"][: contexts.max() + 1]},
            "Messages to a word are added, not averaged.": right
            | {
                "R": right["R"]
                / np.maximum(np.bincount(contexts.ravel(), minlength=V), 1)[:, None]
            },
        }
        return slips

    rng = np.random.default_rng()
    for V, D, length, M, N in [
        (6, 2, 3, 4, 5),
        (4, 3, 2, 3, 7),
        (5, 1, 4, 2, 1),
        (3, 2, 1, 5, 2),
    ]:
        model = draw_model(rng, V, D, length, M)
        contexts, t = rng.integers(V - 1, size=(N, length)), rng.integers(V, size=N)
        contexts[0, -1] = contexts[0, 0]
        values = run_model(model, contexts)
        check.gradient(
            model_backward,
            [model, contexts, t, values],
            model_cost,
            sizes={"N": N, "V": V, "D": D},
            hints=slips_of_model(model, contexts, t, values),
            see="lecture 10, eq. 8",
        )


check_model_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-glove-statement"
# ## 8. GloVe's cost (6 points)
#
# $x_{ij}$ says how often word $j$ stood near word $i$. GloVe fits vectors to the logarithms
# of these counts (equation 9):
#
# $$J = \sum_{x_{ij} > 0} f(x_{ij})
# \bigl(r_i^\top \tilde r_j + b_i + \tilde b_j - \log x_{ij}\bigr)^2, \qquad
# f(x) = \begin{cases} (x/100)^{3/4} & x < 100 \\ 1 & x \ge 100 \end{cases}$$
#
# Most counts are 0. Those pairs cost nothing, and $\log 0$ must never reach the sum. Write
# `glove_cost(params, X)`, which returns the number $J$: a sum, not a mean. `X` need
# not be symmetric. Write it without the library's `glove`.
#
# | name | shape |
# |---|---|
# | `params["R"]`, `params["R_tilde"]` | (V, D): rows $r_i$, $\tilde r_j$ |
# | `params["b"]`, `params["b_tilde"]` | (V,) |
# | `X` | (V, V), floats, none negative |

# %% role="solution" id="a6-glove"
def glove_cost(params, X):
    """Return GloVe's cost of word vectors and biases for the counts X."""
    ### BEGIN SOLUTION
    scores = params["R"] @ params["R_tilde"].T
    scores += params["b"][:, None] + params["b_tilde"]
    met = X > 0
    weights = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(weights * (scores[met] - np.log(X[met])) ** 2)
    ### END SOLUTION


# %%
zeros = {name: np.zeros((2, 1)) for name in ("R", "R_tilde")}
zeros |= {name: np.zeros(2) for name in ("b", "b_tilde")}
glove_cost(zeros, np.array([[0.0, 1.0], [0.0, np.exp(6)]]))  # 0 + 36, for log 1 = 0


# %% role="test" id="a6-glove-visible" points=3
def check_glove_visible():
    check.own(glove_cost, glove, glove.cost, glove.weight, glove.nonzeros)
    see = "lecture 10, eq. 9"
    flat = {"R": np.zeros((2, 1)), "R_tilde": np.zeros((2, 1))}
    flat |= {"b": np.zeros(2), "b_tilde": np.zeros(2)}
    X = np.exp([[1, 5.5], [-np.inf, 2]])  # 2.7, 244.7, 0 and 7.4
    first, last = (X[0, 0] / 100) ** 0.75, (X[1, 1] / 100) ** 0.75 * 4
    right = first + 5.5**2 + last  # the scores are 0, the logarithms 1, 5.5 and 2
    hints = {
        "The weights f are missing.": 1 + 5.5**2 + 4,
        "f is at most 1.": first + (X[0, 1] / 100) ** 0.75 * 5.5**2 + last,
        "f has the exponent 3/4.": X[0, 0] / 100 + 5.5**2 + X[1, 1] / 100 * 4,
        "The exponent of f is 3/4, not 4/3.": (X[0, 0] / 100) ** (4 / 3)
        + 5.5**2
        + (X[1, 1] / 100) ** (4 / 3) * 4,
        "** goes before /: x**3/4 is a quarter of x**3. Write 0.75.": (X[0, 0] / 100) ** 3
        / 4
        + 5.5**2 / 4
        + (X[1, 1] / 100) ** 3 / 4 * 4,
        "** goes before /: x**3/4 is a quarter of x**3. Write 3/4 in brackets.": (
            X[0, 0] / 100
        )
        ** 3
        / 4
        + 5.5**2
        + (X[1, 1] / 100) ** 3 / 4 * 4,
        "The exponent belongs to x/100, not to x alone.": X[0, 0] ** 0.75 / 100
        + 5.5**2
        + X[1, 1] ** 0.75 / 100 * 4,
        "Below 100 f is (x/100)^(3/4), above it is 1, not the other way round.": 1
        + (X[0, 1] / 100) ** 0.75 * 5.5**2
        + 4,
        "From 100 on f is 1, not 0.": first + last,
        "The cost is a sum: do not halve it.": right / 2,
        "The cost is a sum: do not divide by the number of pairs.": right / 3,
        "The cost is a sum; do not divide by the number of entries.": right / 4,
        "The cost is a sum: do not divide by that of the weights.": right
        / (first + 1 + last / 4),
        "The cost is the sum itself, not its root.": right**0.5,
        "f weighs the square; it is not squared.": first**2 + 5.5**2 + last**2 / 4,
        "Logarithms are natural.": right / np.log(10) ** 2,
        "Logarithms are natural, not to base 2.": right / np.log(2) ** 2,
        "This lacks the square.": -first - 5.5 - last / 2,
        "Square the differences: these are their sizes.": first + 5.5 + last / 2,
        "Each pair is squared by itself, then all are added.": (first + 5.5 + last / 2)
        ** 2,
        "Fit the logarithms of the counts, not the counts.": first * X[0, 0] ** 2
        + X[0, 1] ** 2
        + last / 4 * X[1, 1] ** 2,
        "log(1 + x) avoids log 0, but is another cost. Take the pairs that met.": first
        * np.log1p(X[0, 0]) ** 2
        + np.log1p(X[0, 1]) ** 2
        + last / 4 * np.log1p(X[1, 1]) ** 2,
        "This is the cost of the last pair alone. Add up those of all pairs.": last,
        "These are the pairs of the first row alone. Does a loop end too early?": first
        + 5.5**2,
        "A word's company may be the word itself: the diagonal counts as well.": 5.5**2,
    }
    check.close(glove_cost, [flat, X], right, hints=hints, see=see)
    rng = np.random.default_rng(8)
    drawn, X = draw_vectors(rng, 4, 3), draw_counts(rng, 4)

    def cost_with(X=X, **arrays):
        return glove.cost(drawn | arrays, *glove.nonzeros(X))

    R, R_tilde, b, b_tilde = (drawn[name] for name in ("R", "R_tilde", "b", "b_tilde"))
    hints = {
        "The biases are missing.": cost_with(b=0 * b, b_tilde=0 * b),
        "The bias b of the row's word is missing.": cost_with(b=0 * b),
        "The bias b_tilde of the column's word is missing.": cost_with(b_tilde=0 * b),
        "b belongs to rows i, b_tilde to columns j.": cost_with(b=b_tilde, b_tilde=b),
        "Both biases are added along the columns: b belongs to the rows.": cost_with(
            b=0 * b, b_tilde=b + b_tilde
        ),
        "R belongs to rows i, R_tilde to columns j.": cost_with(R=R_tilde, R_tilde=R),
        "The company of a word has vectors of its own, R_tilde.": cost_with(R_tilde=R),
        "Add the biases' two numbers; subtract only log x.": cost_with(
            b=-b, b_tilde=-b_tilde
        ),
        "The logarithm is subtracted.": cost_with(R=-R, b=-b, b_tilde=-b_tilde),
        "A count of 0 is no count of 1: leave such pairs out.": cost_with(
            np.where(X, X, 1.0)
        ),
        "Pairs that never met cost nothing: f(0) = 0.": cost_with()
        + glove.cost(drawn, *glove.nonzeros(1.0 * (X == 0)), x_max=1),
        "Counts below 1 count too: all with x > 0 do.": cost_with(X * (X >= 1)),
        "Counts are floats: do not cut them to integers.": cost_with(np.floor(X)),
        "X need not be symmetric: take all pairs, not those of one triangle.": cost_with(
            np.triu(X)
        ),
    }
    check.close(glove_cost, [drawn, X], cost_with(), hints=hints, see=see)


check_glove_visible()


# %% role="test" id="a6-glove-hidden" points=3
### BEGIN HIDDEN TESTS
def check_glove_hidden():
    check.own(glove_cost, glove, glove.cost, glove.weight, glove.nonzeros)

    def cost_and_slips(drawn, X):
        R, C = drawn["R"], drawn["R_tilde"]
        b, c = drawn["b"][:, None], drawn["b_tilde"]
        f = np.where(X < 100, (X / 100) ** (3 / 4), 1.0)
        logs = np.log(np.where(X > 0, X, 1.0))
        products = R @ C.T

        def total(scores, f=f, logs=logs):
            return np.sum(f * (scores - logs) ** 2)

        scores = products + b + c
        right, met = total(scores), X > 0
        slips = {
            "The weights f are missing.": total(scores, met),
            "The weights f are missing, and so every pair of zero count costs too.": total(
                scores, 1.0
            ),
            "Pairs that never met cost nothing: f(0) = 0.": total(
                scores, np.where(met, f, 1.0)
            ),
            "f is at most 1.": total(scores, (X / 100) ** 0.75),
            "f has the exponent 3/4.": total(scores, np.minimum(X / 100, 1)),
            "Below 100 f is (x/100)^(3/4), above it is 1, not the other way round.": total(
                scores, np.where(X < 100, met * 1.0, (X / 100) ** 0.75)
            ),
            "From 100 on f is 1, not 0.": total(scores, f * (X < 100)),
            "The exponent of f is 3/4, not 4/3.": total(
                scores, np.minimum(X / 100, 1) ** (4 / 3)
            ),
            "The exponent belongs to x/100, not to x alone.": total(
                scores, np.where(X < 100, X**0.75 / 100, 1.0)
            ),
            "A count of 0 is no count of 1: leave such pairs out.": total(
                scores, np.where(met, f, 0.01**0.75)
            ),
            "Counts are floats: do not cut them to integers.": total(
                scores,
                np.minimum(np.floor(X) / 100, 1) ** 0.75,
                np.log(np.where(X < 1, 1, np.floor(X))),
            ),
            "f is of the counts, not of their logarithms.": total(
                scores, met * np.clip(logs / 100, 0, 1) ** 0.75
            ),
            "The cost is a sum: do not halve it.": right / 2,
            "The cost is a sum: do not divide by the number of pairs.": right / met.sum(),
            "The cost is a sum; do not divide by the number of entries.": right / X.size,
            "The cost is a sum: do not divide by that of the weights.": right / f.sum(),
            "The cost is the sum itself, not its root.": np.sqrt(right),
            "f weighs the square; it is not squared.": total(scores, f**2),
            "Square the differences: these are their sizes.": np.sum(
                f * abs(scores - logs)
            ),
            "This lacks the square.": np.sum(f * (scores - logs)),
            "Each pair is squared by itself, then all are added.": np.sum(
                f * (scores - logs)
            )
            ** 2,
            "The biases are missing.": total(products),
            "The bias b of the row's word is missing.": total(products + c),
            "The bias b_tilde of the column's word is missing.": total(products + b),
            "b belongs to rows i, b_tilde to columns j.": total(
                products + drawn["b"] + drawn["b_tilde"][:, None]
            ),
            "Both biases are added along the columns: b belongs to the rows.": total(
                products + drawn["b"] + c
            ),
            "R belongs to rows i, R_tilde to columns j.": total(products.T + b + c),
            "The company of a word has vectors of its own, R_tilde.": total(
                R @ R.T + b + c
            ),
            "Add the biases' two numbers; subtract only log x.": total(products - b - c),
            "The logarithm is subtracted.": total(scores, logs=-logs),
            "Logarithms are natural.": total(scores, logs=logs / np.log(10)),
            "Logarithms are natural, not to base 2.": total(scores, logs=logs / np.log(2)),
            "log(1 + x) avoids log 0, but is another cost. Take the pairs that met.": total(
                scores, logs=np.log1p(X)
            ),
            "Fit the logarithms of the counts, not the counts.": total(scores, logs=X),
            "Counts below 1 count too: all with x > 0 do.": total(scores, f * (X >= 1)),
            "Counts of 1 and less count too: all with x > 0 do.": total(
                scores, f * (X > 1)
            ),
            "X need not be symmetric: take all pairs, not those of one triangle.": total(
                scores, np.triu(f)
            ),
            "A word's company may be the word itself: the diagonal counts as well.": total(
                scores, f * (1 - np.eye(len(X)))
            ),
        }
        near = np.exp(scores - 1) * met  # every score is off by 1: what is left is f
        return right, slips, near

    rng = np.random.default_rng()
    for V, D in [(5, 2), (3, 3), (6, 1), (2, 4)]:
        drawn, X = draw_vectors(rng, V, D), draw_counts(rng, V)
        expected, hints, near = cost_and_slips(drawn, X)
        check.close(
            glove_cost,
            [drawn, X],
            expected,
            sizes={"V": V},
            hints=hints,
            see="lecture 10, eq. 9",
        )
        check.close(
            glove_cost, [drawn, near], np.sum(glove.weight(near)), see="lecture 10, eq. 9"
        )
    check.close(glove_cost, [drawn, 0 * X], 0.0, see="lecture 10, eq. 9")


check_glove_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-slopes-statement"
# ## 9. GloVe's bars (8 points)
#
# Write `glove_gradient(params, X)`: the derivatives of the cost of exercise 8 by its four
# arrays (equation 10), a dict with the keys `"R"`, `"R_tilde"`, `"b"` and `"b_tilde"`, each
# with the shape that it has in `params`. Here too pairs that never met must not matter,
# and `X` need not be symmetric: $r_i$ gets messages from row $i$ of $X$, $\tilde r_j$ from
# column $j$. You may use the library's `glove`, whose `glove.weight(X)` is $f$ entry by
# entry, but not the `DERIVATIVES` of the first cell.

# %% role="solution" id="a6-slopes"
def glove_gradient(params, X):
    """Return the gradient of GloVe's cost by vectors and biases for the counts X."""
    ### BEGIN SOLUTION
    R, R_tilde = params["R"], params["R_tilde"]
    scores = R @ R_tilde.T + params["b"][:, None] + params["b_tilde"]
    log_x = np.log(np.where(X > 0, X, 1.0))
    score_bar = 2 * glove.weight(X) * (scores - log_x)  # f(0) = 0
    bars = {"R": score_bar @ R_tilde, "R_tilde": score_bar.T @ R}
    return bars | {"b": score_bar.sum(axis=1), "b_tilde": score_bar.sum(axis=0)}
    ### END SOLUTION


# %%
params = {name: np.ones((2, 1)) for name in ("R", "R_tilde")}
params |= {name: np.zeros(2) for name in ("b", "b_tilde")}
glove_gradient(params, np.array([[0.0, 100.0], [0.0, 0.0]]))["b"]  # [2 (1 - log 100), 0]


# %% role="locked" id="a6-slopes-setup"
def vectors_cost(params, X):
    """Return the cost whose gradient by params is asked for."""
    return glove.cost(params, *glove.nonzeros(X))


# %% role="test" id="a6-slopes-visible" points=4
def check_slopes_visible():
    check.own(glove_gradient, *DERIVATIVES, glove.cost, vectors_cost)
    rng = np.random.default_rng(10)
    drawn, X = draw_vectors(rng, 4, 3), draw_counts(rng, 4)

    def bars_with(X=X, x_max=100, alpha=0.75, factor=1, **arrays):
        entries = *glove.nonzeros(X), x_max, alpha

        def cost(params):
            return factor * glove.cost(params, *entries)

        return numerical_grad(cost, drawn | arrays)

    b, b_tilde = drawn["b"], drawn["b_tilde"]
    right = bars_with()
    hints = {
        "The square's derivative has a factor 2.": {
            name: right[name] / 2 for name in right
        },
        "The derivative of the square is 2 f times the difference: f is missing.": bars_with(
            x_max=1e-9
        ),
        "f is at most 1.": bars_with(x_max=1e6, factor=1e4**0.75),
        "f has the exponent 3/4.": bars_with(alpha=1),
        "f is squared here. It weighs the square.": bars_with(alpha=1.5),
        "A count of 0 is no count of 1: leave such pairs out.": bars_with(
            np.where(X, X, 1.0)
        ),
        "The scores lack the biases.": bars_with(b=0 * b, b_tilde=0 * b),
        "The scores lack b.": bars_with(b=0 * b),
        "The scores lack b_tilde.": bars_with(b_tilde=0 * b),
        "b belongs to rows i, b_tilde to columns j.": bars_with(b=b_tilde, b_tilde=b),
        "Both biases are added along the columns: b belongs to the rows.": bars_with(
            b=0 * b, b_tilde=b + b_tilde
        ),
        "Counts below 1 count too: all with x > 0 do.": bars_with(X * (X >= 1)),
        "b takes rows of X: sum over the columns, axis 1.": {"b": right["b_tilde"]},
        "b_tilde takes columns of X: sum over the rows, axis 0.": {"b_tilde": right["b"]},
        "R_tilde is no copy of R. It has a bar of its own.": {"R_tilde": right["R"]},
    }
    check.gradient(
        glove_gradient,
        [drawn, X],
        vectors_cost,
        sizes={"V": 4, "D": 3},
        hints=hints,
        see="lecture 10, eq. 10",
    )


check_slopes_visible()


# %% role="test" id="a6-slopes-hidden" points=4
### BEGIN HIDDEN TESTS
def check_slopes_hidden():
    check.own(glove_gradient, *DERIVATIVES, glove.cost, vectors_cost)

    def bars_and_slips(drawn, X):
        R, C, b, c = (drawn[name] for name in ("R", "R_tilde", "b", "b_tilde"))
        met, f, logs = X > 0, glove.weight(X), np.log(np.where(X > 0, X, 1.0))
        scores = R @ C.T + b[:, None] + c

        def bars(E):
            return {
                "R": E @ C,
                "R_tilde": E.T @ R,
                "b": E.sum(axis=1),
                "b_tilde": E.sum(axis=0),
            }

        E = 2 * f * (scores - logs)
        right, last = bars(E), bars(0 * E)
        for i, j in np.argwhere(met):
            last["R"][i], last["R_tilde"][j] = E[i, j] * C[j], E[i, j] * R[i]
            last["b"][i] = last["b_tilde"][j] = E[i, j]
        slips = {
            "The square's derivative has a factor 2.": bars(E / 2),
            "The derivative of the square is 2 f times the difference: f is missing.": bars(
                2 * met * (scores - logs)
            ),
            "Pairs that never met send no message: f(0) = 0.": bars(2 * (scores - logs)),
            "The derivative of a square is 2 times the difference, not the square.": bars(
                2 * f * (scores - logs) ** 2
            ),
            "This sums the costs of the pairs. Differentiate the square first.": bars(
                f * (scores - logs) ** 2
            ),
            "f is squared here. It weighs the square.": bars(2 * f**2 * (scores - logs)),
            "f is at most 1.": bars(2 * (X / 100) ** 0.75 * (scores - logs)),
            "f has the exponent 3/4.": bars(2 * np.minimum(X / 100, 1) * (scores - logs)),
            "A count of 0 is no count of 1: leave such pairs out.": bars(
                2 * np.where(met, f, 0.01**0.75) * (scores - logs)
            ),
            "f weighs the whole difference, not log x alone.": bars(
                2 * met * (scores - f * logs)
            ),
            "Fit the logarithms of the counts, not the counts.": bars(2 * f * (scores - X)),
            "Logarithms are natural.": bars(2 * f * (scores - logs / np.log(10))),
            "The difference lacks log x.": bars(2 * f * scores),
            "f and the logarithm are of X: no derivative by X is asked for.": bars(
                np.divide(-E, X, out=0 * E, where=met)
            ),
            "The cost is a sum: do not divide by the number of pairs.": bars(E / met.sum()),
            "log(1 + x) avoids log 0, but is another cost. Take the pairs that met.": bars(
                2 * f * (scores - np.log1p(X))
            ),
            "The scores lack the biases.": bars(2 * f * (R @ C.T - logs)),
            "The scores lack b.": bars(2 * f * (scores - b[:, None] - logs)),
            "The scores lack b_tilde.": bars(2 * f * (scores - c - logs)),
            "b belongs to rows i, b_tilde to columns j.": bars(
                2 * f * (R @ C.T + b + c[:, None] - logs)
            ),
            "Both biases are added along the columns: b belongs to the rows.": bars(
                2 * f * (R @ C.T + b + c - logs)
            ),
            "The scores pair R with R_tilde, not with itself.": bars(
                2 * f * (R @ R.T + b[:, None] + c - logs)
            ),
            "R_tilde takes columns of X: transpose.": right | {"R_tilde": E @ R},
            "b_tilde takes columns of X: sum over the rows, axis 0.": right
            | {"b_tilde": E.sum(axis=1)},
            "R_tilde and b_tilde take columns of X, not rows: X need not be symmetric.": {
                "R_tilde": 2 * (f * (scores.T - logs)) @ R,
                "b_tilde": 2 * np.sum(f * (scores.T - logs), axis=1),
            },
            "Each message replaces the one before: a word gets the sum of its messages.": last,
            "The sums for R and b run over j, those for R_tilde and b_tilde over i.": {
                "R": E.T @ C,
                "R_tilde": E @ R,
                "b": E.sum(axis=0),
                "b_tilde": E.sum(axis=1),
            },
            "The message to r_i is made of r_tilde_j, and that to r_tilde_j of r_i.": right
            | {"R": E @ R, "R_tilde": E.T @ C},
            "The slope of the score is r_tilde_j, not its sum over the dimensions.": right
            | {"R": E @ (0 * C + C.sum(axis=1, keepdims=True))},
            "The slope of the score by r_i is r_tilde_j, not r_i.": right
            | {"R": E.sum(axis=1, keepdims=True) * R},
            "R_tilde is no copy of R. It has a bar of its own.": right
            | {"R_tilde": right["R"]},
            "b_tilde is no copy of b. It has a bar of its own.": right
            | {"b_tilde": right["b"]},
            "All messages to a word are added, not averaged.": {
                "R": right["R"] / len(X),
                "R_tilde": right["R_tilde"] / len(X),
                "b": E.mean(axis=1),
                "b_tilde": E.mean(axis=0),
            },
            "Counts below 1 count too: all with x > 0 do.": bars(E * (X >= 1)),
            "A word's company may be the word itself: the diagonal counts as well.": bars(
                E * (1 - np.eye(len(X)))
            ),
        }
        return right, slips

    rng = np.random.default_rng()
    for V, D in [(5, 2), (3, 3), (6, 1), (2, 4)]:
        drawn, X = draw_vectors(rng, V, D), draw_counts(rng, V)
        if V == 6:
            X[2], X[:, 4] = 0.0, 0.0  # words without company
        expected, hints = bars_and_slips(drawn, X)
        check.close(
            glove_gradient,
            [drawn, X],
            expected,
            sizes={"V": V, "D": D},
            hints=hints,
            see="lecture 10, eq. 10",
        )


check_slopes_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-analogy-statement"
# ## 10. Analogies (8 points)
#
# "$a$ is to $b$ as $c$ is to which word?" With $u_i$ the vector of word $i$ scaled to
# length 1, the answer is the word whose vector points most nearly along $v = u_b - u_a +
# u_c$, the three words of the question excluded. (Equation 12 is $u_x^\top v$. Divided by
# the length of $v$ it is the cosine of equation 11, and the order of the words is the same.)
#
# Write `answer_analogy(E, a, b, c)`. It returns the pair `(cosines, answer)`:
#
# | name | shape | |
# |---|---|---|
# | `E` | (V, D) | word vectors, of any lengths but 0 |
# | `a`, `b`, `c` | numbers of words | |
# | `cosines` | (V,) | cosine of the angle between $v$ and the vector of each word |
# | `answer` | a number | the word with the largest cosine that is not $a$, $b$ or $c$ |
#
# The cosines of $a$, $b$ and $c$ stand in `cosines` as they are. Write it without the
# library's `embeddings`.

# %% role="solution" id="a6-analogy"
def answer_analogy(E, a, b, c):
    """Return the cosine of every word with b - a + c, and the best but a, b, c."""
    ### BEGIN SOLUTION
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)
    ### END SOLUTION


# %%
E = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0], [1.0, 1.0]])
answer_analogy(E, 0, 1, 2)  # v = u_2: cosines 0, 0, 1 and 0.707; the answer is 3


# %% role="test" id="a6-analogy-visible" points=4
def check_analogy_visible():
    check.own(answer_analogy, embeddings, embeddings.analogy, embeddings.normalise)
    see = "lecture 10, eq. 11 and 12"
    E = np.array([[4.0, 3], [6, 8], [-2, 0], [1, 0], [0, 1], [-3, 4], [-4, -3], [4, -3]])
    right = np.array([4, 5.8, 1, -1, 8, 7, -4, -5.6]) / np.sqrt(65)  # v = (-0.2, 1.6)
    lengths_of_E = np.array([5, 10, 2, 1, 1, 5, 5, 5])

    def cosines_with(*v):
        return embeddings.cosine(E, v)

    raw = cosines_with(3, 4)
    of_question = np.isin(range(8), [3, 0, 4])
    of_cosines = {
        "Scale every vector to length 1 before v is made.": raw,
        "Scale every vector to length 1, for v and for the cosines.": raw * lengths_of_E,
        "These are products. A cosine divides by both lengths.": raw * lengths_of_E * 5,
        "np.linalg.norm(E) is one number for the whole table. Each row has its own length: "
        "axis=1.": raw * lengths_of_E / np.linalg.norm(E),
        "These are products with v; a cosine divides by both lengths.": right
        * np.sqrt(2.6)
        * lengths_of_E,
        "A cosine divides by the length of v as well.": right * np.sqrt(2.6),
        "Divide by the length of v, not by its square.": right / np.sqrt(2.6),
        "A cosine divides by the length of each word's vector as well.": right
        * lengths_of_E,
        "v leads from a to b and is added to c: it is b - a + c.": cosines_with(0.2, 0.4),
        "b minus a plus c: yours is a minus c plus b.": cosines_with(1.8, -0.4),
        "c is added, not taken away: v is b - a + c.": cosines_with(-0.2, -0.4),
        "v is b - a + c: all three are added here.": cosines_with(1.8, 1.6),
        "v starts at c: add it to b - a.": cosines_with(-0.2, 0.6),
        "These are the cosines with c alone.": cosines_with(0, 1),
        "These are angles. The cosine itself is asked for.": np.arccos(right),
        "This is 1 minus the cosine. The cosine itself is asked for.": 1 - right,
        "These are distances to v. Cosines are asked for.": np.sqrt(
            3.6 - 2 * np.sqrt(2.6) * right
        ),
        "Cosines have signs: do not take their size.": abs(right),
        "Words of the question are excluded from the answer; their cosines stay.": np.where(
            of_question, -np.inf, right
        ),
        "Words of the question are excluded from the answer; their cosines stay too.": np.where(
            of_question, -1, right
        ),
        "Words of the question keep their cosines: do not set them to 0.": right
        * ~of_question,
        "Leave the array whole: the words of the question keep their places.": right[
            ~of_question
        ],
    }
    of_answer = {
        "The words of the question are excluded, and this is a.": 3,
        "The words of the question are excluded, and this is b.": 0,
        "The words of the question are excluded, and this is c.": 4,
        "The answer has the largest cosine of those left, not the smallest.": 7,
        "The cosine alone decides, not the length of a word's vector.": 1,
        "Give the word's number in E, with the excluded words counted.": 2,
        "Words have the numbers of their rows in E, from 0.": 6,
        "Give the word, not its cosine.": right[5],
    }
    hints = {sentence: (slip, None) for sentence, slip in of_cosines.items()}
    hints |= {sentence: (None, slip) for sentence, slip in of_answer.items()}
    check.close(answer_analogy, [E, 3, 0, 4], (right, 5), hints=hints, see=see)
    E = np.array([[1.0, 0.0], [0.0, 1.0], [5.0, 1.0], [3.0, -9.0], [-5.0, -1.0]])
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    right = cosines_with(*(U[1] - U[0] + U[2]))  # of words 3 and 4 both are negative
    hints = {
        f"This is word {word} of the question, excluded. The best of the others may have a "
        "negative cosine.": (None, word)
        for word in range(3)
    }
    check.close(answer_analogy, [E, 0, 1, 2], (right, 4), hints=hints, see=see)


check_analogy_visible()


# %% role="test" id="a6-analogy-hidden" points=4
### BEGIN HIDDEN TESTS
def check_analogy_hidden():
    check.own(answer_analogy, embeddings, embeddings.analogy, embeddings.normalise)

    def answer_and_slips(E, a, b, c):
        lengths = np.linalg.norm(E, axis=1)
        U = E / lengths[:, None]

        def cosine(v):
            return U @ v / np.sqrt(np.sum(v**2))

        raw, v = E[b] - E[a] + E[c], U[b] - U[a] + U[c]
        cosines = cosine(v)
        left = [word for word in range(len(E)) if word not in (a, b, c)]
        answer = max(left, key=lambda word: cosines[word])
        of_question = np.isin(np.arange(len(E)), [a, b, c])

        def scaled(sizes):
            W = E / sizes
            v = W[b] - W[a] + W[c]
            return W @ v / np.linalg.norm(v)

        of_cosines = {
            "Scale every vector to length 1 before v is made.": cosine(raw),
            "Scale every vector to length 1, for v and for the cosines.": cosine(raw)
            * lengths,
            "These are products. A cosine divides by both lengths.": E @ raw,
            "np.linalg.norm(E) is one number for the whole table. Each row has its own length: "
            "axis=1.": scaled(np.linalg.norm(E)),
            "Words are rows of E: take the lengths of rows, axis=1, not of columns.": scaled(
                np.linalg.norm(E, axis=0)
            ),
            "Divide by the lengths, not by their squares.": scaled(lengths[:, None] ** 2),
            "A length is the root of a sum of squares, not a sum of sizes.": scaled(
                abs(E).sum(axis=1, keepdims=True)
            ),
            "A length is the root of a sum of squares, not a sum.": scaled(
                E.sum(axis=1, keepdims=True)
            ),
            "These are products with v; a cosine divides by both lengths.": E @ v,
            "A cosine divides by the length of v as well.": U @ v,
            "Divide by the length of v, not by its square.": U @ v / np.sum(v**2),
            "A cosine divides by the length of each word's vector as well.": cosines
            * lengths,
            "v leads from a to b and is added to c: it is b - a + c.": cosine(
                U[a] - U[b] + U[c]
            ),
            "b minus a plus c: yours is a minus c plus b.": cosine(U[a] - U[c] + U[b]),
            "c is added, not taken away: v is b - a + c.": cosine(U[b] - U[a] - U[c]),
            "v is b - a + c: all three are added here.": cosine(U[a] + U[b] + U[c]),
            "v starts at c: add it to b - a.": cosine(U[b] - U[a]),
            "These are the cosines with c alone.": cosine(U[c]),
            "These are angles. The cosine itself is asked for.": np.arccos(
                np.clip(cosines, -1, 1)
            ),
            "This is 1 minus the cosine. The cosine itself is asked for.": 1 - cosines,
            "These are distances to v. Cosines are asked for.": np.linalg.norm(
                U - v, axis=1
            ),
            "Cosines have signs: do not take their size.": abs(cosines),
            "Words of the question are excluded from the answer; their cosines stay.": np.where(
                of_question, -np.inf, cosines
            ),
            "Words of the question are excluded from the answer; their cosines stay too.": (
                np.where(of_question, -1.0, cosines)
            ),
            "Words of the question keep their cosines: do not set them to 0.": np.where(
                of_question, 0.0, cosines
            ),
            "Leave the array whole: the words of the question keep their places.": cosines[
                left
            ],
        }
        of_answer = {
            "The words of the question are excluded, and this is a.": a,
            "The words of the question are excluded, and this is b.": b,
            "The words of the question are excluded, and this is c.": c,
            "The largest cosine is asked for: not the smallest, nor the largest in size.": max(
                left, key=lambda word: abs(cosines[word])
            ),
            "The answer has the largest cosine of those left, not the smallest.": min(
                left, key=lambda word: cosines[word]
            ),
            "The cosine alone decides, not the length of a word's vector.": max(
                left, key=lambda word: E[word] @ v
            ),
            "Give the word's number in E, with the excluded words counted.": left.index(
                answer
            ),
            "Words have the numbers of their rows in E, from 0.": answer + 1,
            "Give the word, not its cosine.": cosines[answer],
        }
        slips = {sentence: (slip, None) for sentence, slip in of_cosines.items()}
        slips |= {sentence: (None, slip) for sentence, slip in of_answer.items()}
        return (cosines, answer), slips

    rng = np.random.default_rng()
    E = -np.ones((5, 2)) + 0.1 * rng.random((5, 2))
    E[:3] *= -1  # every answer points away from v: its cosine is negative
    expected, hints = answer_and_slips(E, 2, 1, 0)
    hints = {"Cosines may be negative: exclude by -inf, not by 0.": (None, 0)} | hints
    check.close(
        answer_analogy, [E, 2, 1, 0], expected, hints=hints, see="lecture 10, eq. 11 and 12"
    )
    for V, D, step in [(8, 3, 0.1), (7, 3, 0.1), (6, 5, 1.0), (4, 3, 1.0), (12, 2, 0.1)]:
        E = rng.standard_normal((V, D)) * rng.uniform(0.2, 5.0, size=(V, 1))
        a, b, c = rng.permutation(V)[:3].tolist()
        near = c if V == 7 else b  # near a: then v stays near b, or near c
        E[near] = rng.uniform(0.5, 3) * E[a] + step * rng.standard_normal(D)
        expected, hints = answer_and_slips(E, a, b, c)
        check.close(
            answer_analogy,
            [E, a, b, c],
            expected,
            hints=hints,
            see="lecture 10, eq. 11 and 12",
        )


check_analogy_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a6-words-statement"
# ## 11. In words (8 points)
#
# The cell below fits GloVe vectors to 10,000 sentences of everyday English, made by
# `data.everyday`, and answers six questions in three ways: by $b - a + c$ with no word
# excluded, by the same with the question's words excluded, and by the word nearest to $c$
# but $a$ and $b$, wherever these point. Beside each answer stand the lengths of two steps,
# $u_b - u_a$ and $u_c - u_a$. Below, the same ways for all questions of three kinds.

# %% role="locked" id="a6-words-setup"
def tabulate_answers(rng):
    """Fit vectors to everyday sentences, and print what they answer."""
    sentences = data.everyday(rng, 10_000)
    vocab = text.Vocab.count(sentences, unk=None)
    X = glove.cooccurrence(text.encode(sentences, vocab), len(vocab), window=4)
    start = glove.init(rng, len(vocab), dim=30)
    E = glove.vectors(glove.fit_least_squares(X, start, sweeps=10, fast=False)[0])
    U = embeddings.normalise(E)

    def ways(a, b, c):
        three = embeddings.nearest(E, vocab, c, k=3)
        every = embeddings.analogy(E, vocab, a, b, c, exclude=False)[0][0]
        other = embeddings.analogy(E, vocab, a, b, c)[0][0]
        return every, other, next(word for word, _ in three if word not in (a, b))

    asked = [
        ("france", "paris", "japan", "tokyo"),
        ("germany", "berlin", "greece", "athens"),
        ("italy", "italian", "spain", "spanish"),
        ("cat", "cats", "bird", "birds"),
        ("man", "king", "woman", "queen"),
        ("brother", "sister", "uncle", "aunt"),
    ]
    print(f"{'':33}none                nearest            length of step")
    print(f"{'question':33}excluded  excluded  to c      right   a to b   a to c")
    for a, b, c, d in asked:
        three = "".join(f"{word:10}" for word in ways(a, b, c))
        steps = [np.linalg.norm(U[vocab[word]] - U[vocab[a]]) for word in (b, c)]
        lengths = "     ".join(f"{step:.2f}" for step in steps)
        print(f"{f'{a} : {b} = {c} : ?':33}{three}{d:10}{lengths}")
    print(f"\n{'all questions of a kind':33}right     right     right     none excluded and:")
    print(f"{'':63}b         c")
    for name in ("capital", "language", "gender"):
        found = data.everyday.analogies()[name]
        answers = [ways(*question[:3]) for question in found]
        first = [row[0] for row in answers]
        pairs = [(way, 3) for way in zip(*answers, strict=True)] + [(first, 1), (first, 2)]
        shares = [
            np.mean([word == asked[place] for word, asked in zip(way, found, strict=True)])
            for way, place in pairs
        ]
        print(f"{name:33}" + "".join(f"{share:<10.0%}" for share in shares))


tabulate_answers(np.random.default_rng(0))

# %% [markdown] role="locked" id="a6-words-question"
# a. With no word excluded, which words stand in the first column of answers, mostly? Take a
# row that is answered with $b$ and one that is answered with $c$. Say for each which of the
# two steps is short beside the vectors, whose length is 1, and why this answer follows.
# (3 points)
#
# b. In a published table (Mikolov et al. 2013) a model answers *Microsoft : Ballmer = Google :
# ?* with *Yahoo*, which is a firm and not the head of one. Explain why it is Yahoo, by what
# such vectors are fitted to. Then take a wrong answer of the column "excluded" above that is
# a word of the right kind, and say in what it resembles the right one. (3 points)
#
# c. A friend reports: "With exclusion, 46 % of the questions about gender are answered
# right. So the vectors have learnt the relation between a man's word and a woman's." Which
# number of the table speaks against this conclusion, and how? For which of the other two
# relations would the conclusion hold better, and which numbers say so? (2 points)
#
# Answer in the cell below, in at most 200 words.

# %% [markdown] role="written" id="a6-words" points=8
# ### BEGIN MARK SCHEME
# **a (3).** 1 point: words of the question, b or c. 1 point: answered with b (paris, berlin,
# cats): the step from a to c is short, 0.4 beside 1, and v is u_b and this step, so it stays
# nearest to b. 1 point: answered with c (uncle, woman): the step from a to b is short,
# 0.5 or 0.6, and v is u_c and this step, so it stays nearest to c.
#
# **b (3).** 1 point: vectors are fitted to company alone, to counts of the words nearby; no
# relation is among the data. 1 point: firms stand among the same words, so Google and
# Yahoo lie close together, and the step from Microsoft to Ballmer does not lead out of the
# region of firms to the one person sought. 1 point: an example from the table with what it
# shares with the right answer: London, like Tokyo, is a capital, but of another country;
# horses, like birds, are animals and several. Right kind, wrong pair.
#
# **c (2).** 1 point: the word nearest to c is right for 55 %, without a look at a and b; so
# the 46 % need no relation (or: without exclusion 5 %, and 74 % answer c). 1 point:
# language, where the nearest word is never right and b - a + c is for 88 %, even with no
# word excluded (capital also accepted: 31 % against 0 %, if it is said that exclusion is
# needed there).
# ### END MARK SCHEME
