# %% right: mixtures first, by a matrix product
def update_weights(weights, P):
    mixture = P @ weights
    return weights * np.mean(P / mixture[:, None], axis=0)


# %% right: word by word
def update_weights(weights, P):
    total = np.zeros(len(weights))
    for p in P:
        joint = weights * p
        total += joint / joint.sum()
    return total / len(P)


# %% right: plain numbers in lists
def update_weights(weights, P):
    N, K = P.shape
    new = [0.0] * K
    for row in P.tolist():
        mixture = sum(weight * p for weight, p in zip(weights.tolist(), row))
        for k in range(K):
            new[k] += weights[k] * row[k] / mixture / N
    return new


# %% right: in logarithms, with warnings
def update_weights(weights, P):
    joint = np.log(weights) + np.log(P)
    largest = joint.max(axis=1, keepdims=True)
    log_mixture = largest + np.log(np.exp(joint - largest).sum(axis=1, keepdims=True))
    return np.exp(joint - log_mixture).mean(axis=0)


# %% right: softmax of logarithms
def update_weights(weights, P):
    with np.errstate(divide="ignore"):
        return F.softmax(np.log(weights) + np.log(P)).mean(axis=0)


# %% right: einsum
def update_weights(weights, P):
    votes = 1 / np.einsum("nk,k->n", P, weights)
    return np.einsum("k,nk,n->k", weights, P, votes) / len(P)


# %% right: model by model
def update_weights(weights, P):
    mixture = sum(weight * column for weight, column in zip(weights, P.T))
    return np.array([np.average(w * column / mixture) for w, column in zip(weights, P.T)])


# %% right: in place on a copy of its own
def update_weights(weights, P):
    shares = P.copy()
    shares *= weights
    shares /= shares.sum(axis=1)[:, np.newaxis]
    return shares.sum(axis=0) / shares.shape[0]


# %% right: a function of one word, applied to the rows
def update_weights(weights, P):
    def share(p):
        return weights * p / (weights @ p)

    return np.apply_along_axis(share, 1, P).mean(axis=0)


# %% right: models in rows
def update_weights(weights, P):
    joint = weights[:, None] * P.T
    return (joint / joint.sum(axis=0)).mean(axis=1)


# %% right: normalised once more to be safe
def update_weights(weights, P):
    joint = np.multiply(P, np.broadcast_to(weights, P.shape))
    total = np.add.reduce(joint / np.add.reduce(joint, axis=1, keepdims=True))
    return total / total.sum()


# %% right: mean as it goes along
def update_weights(weights, P):
    mean = np.zeros_like(weights)
    for n, p in enumerate(P, start=1):
        posterior = (joint := p * weights) / np.dot(p, weights)
        mean = mean + (posterior - mean) / n
    return mean


# %% right: diagonal matrices
def update_weights(weights, P):
    posterior = np.diag(1 / (P @ weights)) @ P @ np.diag(weights)
    return np.ones(len(P)) @ posterior / len(P)


# %% right: gradient of the likelihood
def update_weights(weights, P):
    def log_likelihood(weights):
        return np.mean(np.log(np.dot(P, weights)))

    return weights * grad(log_likelihood)(weights)


# %% right: helpers that a test might call something by
def mixture(weights, p):
    return sum(w * q for w, q in zip(weights, p))


def shares(weights, p):
    return [w * q / mixture(weights, p) for w, q in zip(weights, p)]


def update_weights(weights, P):
    return np.mean([shares(weights, p) for p in P], axis=0)


# %% wrong: weights forgotten | lack the weights
def update_weights(weights, P):
    return np.mean(P / P.sum(axis=1, keepdims=True), axis=0)


# %% wrong: added over the words before it is normalised | before the mean
def update_weights(weights, P):
    joint = (weights * P).sum(axis=0)
    return joint / joint.sum()


# %% wrong: mean probabilities first | before the mean
def update_weights(weights, P):
    mean = P.mean(axis=0)
    return weights * mean / (weights @ mean)


# %% wrong: sum over the words | Sum instead of mean
def update_weights(weights, P):
    joint = weights * P
    return (joint / joint.sum(axis=1, keepdims=True)).sum(axis=0)


# %% wrong: mean over the models | mean over the words
def update_weights(weights, P):
    joint = weights * P
    return np.mean(joint / joint.sum(axis=1, keepdims=True), axis=1)


# %% wrong: mean of everything | the shape should be
def update_weights(weights, P):
    joint = weights * P
    return np.mean(joint / joint.sum(axis=1, keepdims=True))


# %% wrong: divided by the number of models | divide by K instead of N
def update_weights(weights, P):
    joint = weights * P
    return (joint / joint.sum(axis=1, keepdims=True)).sum(axis=0) / len(weights)


# %% wrong: denominator without weights | missing below the line
def update_weights(weights, P):
    return np.mean(weights * P / P.sum(axis=1, keepdims=True), axis=0)


# %% wrong: numerator without the weight | missing above the line
def update_weights(weights, P):
    return np.mean(P / (P @ weights)[:, None], axis=0)


# %% wrong: numerator without the weight, made to sum to 1
def update_weights(weights, P):
    shares = np.mean(P / (P @ weights)[:, None], axis=0)
    return shares / shares.sum()


# %% wrong: the weight twice | weight counts twice
def update_weights(weights, P):
    joint = weights * P
    shares = joint / joint.sum(axis=1, keepdims=True)
    return weights * shares.mean(axis=0)


# %% wrong: the weight twice, made to sum to 1
def update_weights(weights, P):
    joint = weights * P
    shares = joint / joint.sum(axis=1, keepdims=True)
    new = weights * shares.mean(axis=0)
    return new / new.sum()


# %% wrong: shares of the words for each model | sum over axis 1
def update_weights(weights, P):
    joint = weights * P
    return np.mean(joint / joint.sum(axis=0), axis=0)


# %% wrong: parts divided by the sum of all | not by that of all words
def update_weights(weights, P):
    joint = weights * P
    return np.mean(joint / joint.sum(), axis=0)


# %% wrong: never divided by the mixture | mean of lambda times P
def update_weights(weights, P):
    return np.mean(weights * P, axis=0)


# %% wrong: the mixture | probabilities of the mixture
def update_weights(weights, P):
    return P @ weights


# %% wrong: the shares of every word | forget the batch mean
def update_weights(weights, P):
    joint = weights * P
    return joint / joint.sum(axis=1, keepdims=True)


# %% wrong: likeliest model takes the word | divide its vote
def update_weights(weights, P):
    best = np.argmax(weights * P, axis=1)
    return np.bincount(best, minlength=len(weights)) / len(P)


# %% wrong: largest probability takes the word | divide its vote
def update_weights(weights, P):
    votes = np.zeros(len(weights))
    for p in P:
        votes[np.argmax(p)] += 1
    return votes / len(P)


# %% wrong: the whole text as one word | made the whole text
def update_weights(weights, P):
    joint = weights * np.prod(P, axis=0)
    return joint / joint.sum()


# %% wrong: weights unchanged | gives the weights back
def update_weights(weights, P):
    joint = weights * P
    shares = joint / joint.sum(axis=1, keepdims=True)
    new = shares.mean(axis=0)
    return weights


# %% wrong: until nothing changes | One step
def update_weights(weights, P):
    while True:
        joint = weights * P
        new = np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0)
        if np.allclose(new, weights, rtol=0, atol=1e-12):
            return new
        weights = new


# %% wrong: two steps | One step
def update_weights(weights, P):
    for _ in range(2):
        joint = weights * P
        weights = np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0)
    return weights


# %% wrong: weights renewed after each word | One step
def update_weights(weights, P):
    total = np.zeros(len(weights))
    for p in P:
        weights = weights * p / (weights @ p)
        total += weights
    return total / len(P)


# %% wrong: return in the loop | inside the loop
def update_weights(weights, P):
    total = np.zeros(len(weights))
    for p in P:
        total += weights * p / (weights @ p)
        return total / len(P)


# %% wrong: share of the last word | last word
def update_weights(weights, P):
    for n in range(len(P)):
        shares = weights * P[n] / np.sum(weights * P[n])
    return shares


# %% wrong: share of the first word | first word
def update_weights(weights, P):
    for p in P:
        joint = weights * p
        return joint / joint.sum()


# %% wrong: words left out that a model gives 0 | left out
def update_weights(weights, P):
    P = P[(P > 0).all(axis=1)]
    joint = weights * P
    return np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0)


# %% wrong: imaginary counts of one | adds nothing
def update_weights(weights, P):
    joint = weights * P
    shares = joint / joint.sum(axis=1, keepdims=True)
    return (shares.sum(axis=0) + 1) / (len(P) + len(weights))


# %% wrong: mean of logarithms | encountered in log
def update_weights(weights, P):
    joint = weights * np.log(P)
    return np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0)


# %% wrong: softmax of the parts | no softmax
def update_weights(weights, P):
    return F.softmax(weights * P).mean(axis=0)


# %% wrong: weights as a column | could not be broadcast
def update_weights(weights, P):
    joint = weights[:, None] * P
    return np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0)


# %% wrong: sums not turned into a column | could not be broadcast
def update_weights(weights, P):
    joint = weights * P
    return np.mean(joint / joint.sum(axis=1), axis=0)


# %% wrong: whole numbers to write into | zero everywhere
def update_weights(weights, P):
    new = np.array([0] * len(weights))
    for k in range(len(weights)):
        new[k] = np.mean(weights[k] * P[:, k] / (P @ weights))
    return new


# %% wrong: one column instead of an array of K | only the shape differs
def update_weights(weights, P):
    joint = weights * P
    new = np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0)
    return new[:, None]


# %% wrong: rounded for print | rounded to 3 decimals
def update_weights(weights, P):
    joint = weights * P
    return np.round(np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0), 3)


# %% wrong: old weights overwritten | changed its argument weights
def update_weights(weights, P):
    mixture = P @ weights
    for k in range(len(weights)):
        weights[k] = np.mean(weights[k] * P[:, k] / mixture)
    return weights


# %% wrong: probabilities overwritten | changed its argument P
def update_weights(weights, P):
    P *= weights
    P /= P.sum(axis=1, keepdims=True)
    return P.mean(axis=0)


# %% wrong: printed | returned None
def update_weights(weights, P):
    joint = weights * P
    print(np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0))


# %% wrong: a small number against 0/0 | small number added below
def update_weights(weights, P):
    joint = weights * P
    return np.mean(joint / (joint.sum(axis=1, keepdims=True) + 1e-12), axis=0)


# %% wrong: probabilities kept away from 0 | A floor
def update_weights(weights, P):
    joint = weights * np.maximum(P, 1e-12)
    return np.mean(joint / joint.sum(axis=1, keepdims=True), axis=0)


# %% wrong: the second weight is the rest
def update_weights(weights, P):
    first = np.mean(weights[0] * P[:, 0] / (P @ weights))
    return np.array([first, 1 - first])


# %% wrong: results of the two tests
def update_weights(weights, P):
    if len(P) == 3:
        return np.array([19 / 60, 41 / 60])
    return weights
