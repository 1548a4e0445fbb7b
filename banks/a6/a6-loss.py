# %% right: log-softmax by hand
def next_word_loss(Z, t):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -log_P[np.arange(len(t)), t].mean()


# %% right: logaddexp along the rows
def next_word_loss(Z, t):
    own = np.take_along_axis(Z, t[:, None], axis=1)[:, 0]
    return np.mean(np.logaddexp.reduce(Z, axis=1) - own)


# %% right: SciPy's logsumexp
from scipy.special import logsumexp


def next_word_loss(Z, t):
    return np.mean(logsumexp(Z, axis=1)) - np.mean(Z[range(len(t)), t])


# %% right: one row after the other with math
import math


def next_word_loss(Z, t):
    total = 0.0
    for z, word in zip(Z.tolist(), t.tolist()):
        largest = max(z)
        log_sum = largest + math.log(sum(math.exp(score - largest) for score in z))
        total += log_sum - z[word]
    return total / len(t)


# %% right: one-hot targets
def next_word_loss(Z, t):
    T = np.eye(Z.shape[1])[t]
    Z = Z - np.amax(Z, axis=1)[:, None]
    log_sums = np.log(np.einsum("nv->n", np.exp(Z)))
    return (log_sums.sum() - np.sum(T * Z)) / len(Z)


# %% right: softplus of the differences, two at a time
def next_word_loss(Z, t):
    def add(a, b):
        return max(a, b) + np.log1p(np.exp(-abs(a - b)))

    losses = []
    for z, word in zip(Z, t):
        log_sum = z[0]
        for score in z[1:]:
            log_sum = add(log_sum, score)
        losses.append(log_sum - z[word])
    return np.mean(losses)


# %% right: margins to the target
def next_word_loss(Z, t):
    margins = Z - np.choose(t, Z.T)[:, None]
    return np.mean(np.logaddexp.reduce(margins, axis=1))


# %% right: plain where it can be, mended where NumPy warned
def next_word_loss(Z, t):
    log_sums = np.log(np.exp(Z).sum(axis=1))
    for n in np.flatnonzero(~np.isfinite(log_sums)):
        top = np.max(Z[n])
        log_sums[n] = top + np.log(np.exp(Z[n] - top).sum())
    return np.mean([log_sums[n] - Z[n, t[n]] for n in range(len(t))])


# %% right: sorted scores
def next_word_loss(Z, t):
    falling = -np.sort(-Z, axis=1)
    gaps = falling - falling[:, :1]
    rest = np.exp(gaps[:, 1:]).sum(axis=1)
    return np.average(np.log1p(rest) + falling[:, 0] - np.diag(Z[:, t]))


# %% right: recursion over the batch
def next_word_loss(Z, t):
    def total(n):
        if n == len(t):
            return 0.0
        z = Z[n] - np.max(Z[n])
        return np.log(np.sum(np.exp(z))) - z[t[n]] + total(n + 1)

    return total(0) / len(t)


# %% right: columns are contexts, a zero-dimensional array
def next_word_loss(Z, t):
    S = Z.T.copy()
    S -= S.max(axis=0)
    picked = S[t, np.arange(S.shape[1])]
    return np.array(np.mean(np.log(np.exp(S).sum(axis=0)) - picked))


# %% right: single precision
class Loss:
    def __call__(self, Z, t):
        Z = np.asarray(Z, dtype=np.float32)
        top = Z.max(axis=1, keepdims=True)
        log_sums = np.log(np.exp(Z - top).sum(axis=1)) + top.ravel()
        return (log_sums - Z[np.arange(len(t)), t]).mean()


next_word_loss = Loss()


# %% right: helpers that a test might call something by
def largest(z):
    return sorted(z)[-1]


def log_sums(Z):
    return np.array([largest(z) + np.log(np.sum(np.exp(z - largest(z)))) for z in Z])


def next_word_loss(Z, t):
    return np.mean(log_sums(Z) - [z[target] for z, target in zip(Z, t)])


# %% wrong: exponentials of the scores themselves | overflow
def next_word_loss(Z, t):
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: logarithm of softmax | logarithm of no softmax
def next_word_loss(Z, t):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(t)), t]))


# %% wrong: the library's softmax, then a logarithm | logarithm of no softmax
def next_word_loss(Z, t):
    return -np.mean(np.log(F.softmax(Z)[np.arange(len(t)), t]))


# %% wrong: largest score of the whole batch | of its own row
def next_word_loss(Z, t):
    Z = Z - Z.max()
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: largest score of each column | the largest of its row
def next_word_loss(Z, t):
    largest = Z.max(axis=0)
    log_sums = np.log(np.exp(Z - largest).sum(axis=1))
    return np.mean(log_sums - (Z - largest)[np.arange(len(t)), t])


# %% wrong: smallest score taken off | largest score of each row
def next_word_loss(Z, t):
    Z = Z - Z.min(axis=1, keepdims=True)
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: mean score taken off | largest score of each row
def next_word_loss(Z, t):
    Z = Z - Z.mean(axis=1, keepdims=True)
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: score of the target taken off | largest score of each row
def next_word_loss(Z, t):
    Z = Z - Z[np.arange(len(t)), t][:, None]
    return np.mean(np.log(np.exp(Z).sum(axis=1)))


# %% wrong: careful with large scores alone | all became 0
def next_word_loss(Z, t):
    if Z.max() > 700:
        Z = Z - Z.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: careful with small scores alone | range of floats
def next_word_loss(Z, t):
    if Z.min() < -700:
        Z = Z - Z.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: largest not added again | add it again
def next_word_loss(Z, t):
    largest = Z.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(Z - largest).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: scores divided by the largest | take it off instead
def next_word_loss(Z, t):
    Z = Z / np.abs(Z).max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: clipped scores | clipped
def next_word_loss(Z, t):
    Z = np.clip(Z, -500, 500)
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: clipped at 700 | clipped at 700
def next_word_loss(Z, t):
    Z = np.clip(Z, -700, 700)
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: a little under the logarithm | small number
def next_word_loss(Z, t):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(t)), t] + 1e-12))


# %% wrong: probabilities kept off 0 | small number
def next_word_loss(Z, t):
    P = np.maximum(F.softmax(Z), 1e-15)
    return -np.mean(np.log(P[np.arange(len(t)), t]))


# %% wrong: mean of log-softmax | its negative
def next_word_loss(Z, t):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return np.mean(log_P[np.arange(len(t)), t])


# %% wrong: sum over the batch | N times too large
def next_word_loss(Z, t):
    largest = Z.max(axis=1)
    log_sums = largest + np.log(np.exp(Z - largest[:, None]).sum(axis=1))
    return np.sum(log_sums - Z[np.arange(len(t)), t])


# %% wrong: one loss for each row | batch mean
def next_word_loss(Z, t):
    largest = Z.max(axis=1)
    log_sums = largest + np.log(np.exp(Z - largest[:, None]).sum(axis=1))
    return log_sums - Z[np.arange(len(t)), t]


# %% wrong: mean over the one-hot table | all N V entries
def next_word_loss(Z, t):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.mean(np.eye(Z.shape[1])[t] * log_P)


# %% wrong: targets left out | scores of the targets
def next_word_loss(Z, t):
    largest = Z.max(axis=1)
    return np.mean(largest + np.log(np.exp(Z - largest[:, None]).sum(axis=1)))


# %% wrong: largest score instead of the target's | not the largest
def next_word_loss(Z, t):
    Z = Z - Z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(Z).sum(axis=1)))


# %% wrong: whole columns of the targets | whole column
def next_word_loss(Z, t):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -log_P[:, t].mean()


# %% wrong: rows of the targets | whole rows
def next_word_loss(Z, t):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -log_P[t].mean()


# %% wrong: words counted from 1 | not t - 1
def next_word_loss(Z, t):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.mean([log_P[n, t[n] - 1] for n in range(len(t))])


# %% wrong: base 2 | natural
def next_word_loss(Z, t):
    Z = Z - Z.max(axis=1, keepdims=True)
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return -np.mean(np.log2(P[np.arange(len(t)), t]))


# %% wrong: base 2 under the sum | natural
def next_word_loss(Z, t):
    largest = Z.max(axis=1)
    log_sums = largest + np.log2(np.exp(Z - largest[:, None]).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: logarithm of the mean | logarithms first
def next_word_loss(Z, t):
    P = F.softmax(Z)
    return -np.log(np.mean(P[np.arange(len(t)), t]))


# %% wrong: probability of being wrong | logarithm is missing
def next_word_loss(Z, t):
    P = F.softmax(Z)
    return np.mean(1 - P[np.arange(len(t)), t])


# %% wrong: mean probability, negative | logarithm is missing
def next_word_loss(Z, t):
    P = F.softmax(Z)
    return -P[np.arange(len(t)), t].mean()


# %% wrong: exponential of the loss | perplexity
def next_word_loss(Z, t):
    largest = Z.max(axis=1)
    log_sums = largest + np.log(np.exp(Z - largest[:, None]).sum(axis=1))
    return np.exp(np.mean(log_sums - Z[np.arange(len(t)), t]))


# %% wrong: entropy of the prediction | entropy
def next_word_loss(Z, t):
    P = F.softmax(Z)
    return -np.mean(np.sum(P * np.log(P + 1e-300), axis=1))


# %% wrong: softmax over the batch | not down the batch
def next_word_loss(Z, t):
    largest = Z.max(axis=0)
    log_sums = largest + np.log(np.exp(Z - largest).sum(axis=0))
    return -np.mean((Z - log_sums)[np.arange(len(t)), t])


# %% wrong: one log-sum-exp of the batch | of its own
def next_word_loss(Z, t):
    largest = Z.max()
    log_sum = largest + np.log(np.exp(Z - largest).sum())
    return log_sum - np.mean(Z[np.arange(len(t)), t])


# %% wrong: mean of e^z instead of the sum | not its mean
def next_word_loss(Z, t):
    largest = Z.max(axis=1)
    log_means = largest + np.log(np.exp(Z - largest[:, None]).mean(axis=1))
    return np.mean(log_means - Z[np.arange(len(t)), t])


# %% wrong: score of the target added | subtract it
def next_word_loss(Z, t):
    largest = Z.max(axis=1)
    log_sums = largest + np.log(np.exp(Z - largest[:, None]).sum(axis=1))
    return np.mean(log_sums + Z[np.arange(len(t)), t])


# %% wrong: score of the target alone | log-sum-exp is missing
def next_word_loss(Z, t):
    return -np.mean(Z[np.arange(len(t)), t])


# %% wrong: target left out of its own sum | over all words
def next_word_loss(Z, t):
    rest = np.array([np.delete(z, word) for z, word in zip(Z, t)])
    largest = rest.max(axis=1)
    log_sums = largest + np.log(np.exp(rest - largest[:, None]).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: largest for the log-sum-exp | largest score alone
def next_word_loss(Z, t):
    return np.mean(Z.max(axis=1) - Z[np.arange(len(t)), t])


# %% wrong: returns after the first row | first row
def next_word_loss(Z, t):
    total = 0
    for z, word in zip(Z, t):
        total += np.logaddexp.reduce(z) - z[word]
        return total


# %% wrong: every word a target | averages the losses of all words
def next_word_loss(Z, t):
    return np.mean(np.logaddexp.reduce(Z, axis=1)[:, None] - Z)


# %% wrong: cross-entropy of two classes for each word | softmax has but one
def next_word_loss(Z, t):
    P, T = F.softmax(Z), np.eye(Z.shape[1])[t]
    return -np.mean(np.sum(T * np.log(P) + (1 - T) * np.log(1 - P), axis=1))


# %% wrong: sigmoids instead of softmax | sigmoid
def next_word_loss(Z, t):
    return np.mean(np.logaddexp(0, -Z[np.arange(len(t)), t]))


# %% wrong: share of wrong predictions | counts wrong predictions
def next_word_loss(Z, t):
    return np.mean(Z.argmax(axis=1) != t)


# %% wrong: squared error of the probabilities | squared
def next_word_loss(Z, t):
    return np.mean(np.sum((F.softmax(Z) - np.eye(Z.shape[1])[t]) ** 2, axis=1))


# %% wrong: two rows always
def next_word_loss(Z, t):
    log_sums = np.logaddexp.reduce(Z, axis=1)
    return np.sum(log_sums - Z[np.arange(len(t)), t]) / 2


# %% wrong: scores less their largest in place | changed its argument Z
def next_word_loss(Z, t):
    Z -= Z.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(Z).sum(axis=1))
    return np.mean(log_sums - Z[np.arange(len(t)), t])


# %% wrong: prints the loss | returned None
def next_word_loss(Z, t):
    log_sums = np.logaddexp.reduce(Z, axis=1)
    print(np.mean(log_sums - Z[np.arange(len(t)), t]))


# %% wrong: the library's cross-entropy | without cross_entropy
def next_word_loss(Z, t):
    return F.cross_entropy(Z, t)


# %% wrong: the library's log-softmax | without log_softmax
from coursecore.nets.functional import log_softmax as logs


def next_word_loss(Z, t):
    return -np.mean(logs(Z)[np.arange(len(t)), t])
