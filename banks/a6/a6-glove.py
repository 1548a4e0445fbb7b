# %% right: two loops over the pairs that met
def glove_cost(params, X):
    cost = 0.0
    for i in range(len(X)):
        for j in range(len(X)):
            x = X[i, j]
            if x > 0:
                f = (x / 100) ** 0.75 if x < 100 else 1.0
                score = params["R"][i] @ params["R_tilde"][j]
                score += params["b"][i] + params["b_tilde"][j]
                cost += f * (score - np.log(x)) ** 2
    return cost


# %% right: a helper f of one count
def f(x):
    if x >= 100:
        return 1
    return (x / 100) ** (3 / 4)


def scores(params, i, j):
    return params["R"][i] @ params["R_tilde"][j] + params["b"][i] + params["b_tilde"][j]


def glove_cost(params, X):
    pairs = zip(*np.nonzero(X))
    return sum(f(X[i, j]) * (scores(params, i, j) - np.log(X[i, j])) ** 2 for i, j in pairs)


# %% right: rows and columns of the entries
def glove_cost(params, X):
    i, j = np.nonzero(X)
    x = X[i, j]
    z = np.einsum("nd,nd->n", params["R"][i], params["R_tilde"][j])
    z = z + params["b"][i] + params["b_tilde"][j]
    f = np.where(x < 100, (x / 100) ** 0.75, 1)
    error = z - np.log(x)
    return float(f @ error**2)


# %% right: log of 0 replaced, which f = 0 makes harmless
def glove_cost(params, X):
    F = np.minimum((X / 100) ** 0.75, 1)
    log_X = np.log(X, out=np.zeros_like(X), where=X > 0)
    S = params["R"] @ params["R_tilde"].T
    S = S + np.expand_dims(params["b"], 1) + np.expand_dims(params["b_tilde"], 0)
    return (F * np.square(S - log_X)).sum()


# %% right: log that warns, with nansum
def glove_cost(params, X):
    S = params["R"] @ params["R_tilde"].T + params["b"].reshape(-1, 1) + params["b_tilde"]
    F = np.clip(X / 100, 0, 1) ** 0.75
    return np.nansum(np.where(X == 0, np.nan, F * (S - np.log(X)) ** 2))


# %% right: a masked array
def glove_cost(params, X):
    x = np.ma.masked_equal(X, 0)
    S = np.add.outer(params["b"], params["b_tilde"]) + params["R"].dot(params["R_tilde"].T)
    weights = np.ma.where(x < 100, (x / 100) ** 0.75, 1.0)
    cost = np.ma.sum(weights * (S - np.ma.log(x)) ** 2)
    return 0.0 if cost is np.ma.masked else cost


# %% right: sparse matrix of SciPy
def glove_cost(params, X):
    from scipy import sparse

    X = sparse.coo_array(X)
    S = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"][None, :]
    error = S[X.row, X.col] - np.log(X.data)
    return np.dot(np.fmin(1, X.data / 100) ** 0.75, error * error)


# %% right: biases as two more dimensions
def glove_cost(params, X):
    ones = np.ones((len(X), 1))
    left = np.hstack([params["R"], params["b"][:, None], ones])
    right = np.hstack([params["R_tilde"], ones, params["b_tilde"][:, None]])
    error = (left @ right.T)[X > 0] - np.log(X[X > 0])
    weights = np.exp(0.75 * np.minimum(np.log(X[X > 0]) - np.log(100), 0))
    return np.sum(weights * error**2)


# %% right: common and rare pairs apart
def glove_cost(params, X):
    S = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    rare, common = (X > 0) & (X < 100), X >= 100
    cost = np.sum((S[common] - np.log(X[common])) ** 2)
    cost += np.sum((X[rare] / 100) ** 0.75 * (S[rare] - np.log(X[rare])) ** 2)
    return cost


# %% right: norm of the weighted differences
def glove_cost(params, X):
    S = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    root = np.minimum(X / 100, 1) ** 0.375
    safe = np.where(X > 0, X, 1)
    return np.linalg.norm(root * (np.log(safe) - S)) ** 2


# %% right: a tiny number under the logarithm, where f is 0
def glove_cost(params, X):
    S = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    F = np.where(X >= 100, 1, (X / 100) ** 0.75)
    return np.sum(F * (S - np.log(X + 1e-300)) ** 2)


# %% right: word by word, by recursion
def glove_cost(params, X, i=0):
    if i == len(X):
        return 0.0
    x = X[i][X[i] > 0]
    scores = params["R_tilde"] @ params["R"][i] + params["b"][i] + params["b_tilde"]
    row = np.sum(np.minimum(x / 100, 1) ** 0.75 * (scores[X[i] > 0] - np.log(x)) ** 2)
    return row + glove_cost(params, X, i + 1)


# %% right: square multiplied out
def glove_cost(params, X):
    S = (params["R"][:, None] * params["R_tilde"][None]).sum(axis=2)
    S = S + params["b"][:, None] + params["b_tilde"]
    L = np.log(np.maximum(X, 1e-30))
    F = np.minimum(X, 100) ** 0.75 / 100**0.75
    return np.sum(F * S**2) - 2 * np.sum(F * S * L) + np.sum(F * L**2)


# %% wrong: weights forgotten | weights f are missing
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    return np.sum((scores[met] - np.log(X[met])) ** 2)


# %% wrong: zeros counted, with logarithm 0 | zero count
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    log_X = np.log(X, out=np.zeros_like(X), where=X > 0)
    return np.sum((scores - log_X) ** 2)


# %% wrong: zeros counted with weight 1 | f(0) = 0
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    counts = np.where(X > 0, X, 1)
    f = np.where((X > 0) & (X < 100), (X / 100) ** 0.75, 1)
    return np.sum(f * (scores - np.log(counts)) ** 2)


# %% wrong: zeros replaced by 1 throughout | no count of 1
def glove_cost(params, X):
    X = np.where(X > 0, X, 1)
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    f = np.minimum(X / 100, 1) ** 0.75
    return np.sum(f * (scores - np.log(X)) ** 2)


# %% wrong: 0 times infinity | divide by zero
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    f = np.minimum(X / 100, 1) ** 0.75
    return np.sum(f * (scores - np.log(X)) ** 2)


# %% wrong: log(1 + x) against zeros | log(1 + x)
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    f = np.minimum(X / 100, 1) ** 0.75
    return np.sum(f * (scores - np.log1p(X)) ** 2)


# %% wrong: f without its bound | f is at most 1
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = (X[met] / 100) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: f without its exponent | exponent 3/4
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1)
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: exponent upside down | not 4/3
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** (4 / 3)
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: exponent of x alone | belongs to x/100
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.where(X[met] < 100, X[met] ** 0.75 / 100, 1)
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: integer division in the exponent | f are missing
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** (3 // 4)
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: f the other way round | the other way round
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.where(X[met] > 100, (X[met] / 100) ** 0.75, 1)
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: f is 0 for the common pairs | not 0
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = (X[met] < 100) * (X[met] / 100) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: f of the logarithms | not of their logarithms
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.clip(np.log(X[met]) / 100, 0, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: f squared | not squared
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum((f * (scores[met] - np.log(X[met]))) ** 2)


# %% wrong: mean instead of sum | number of pairs
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.mean(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: divided by all entries | number of entries
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2) / X.size


# %% wrong: weighted mean | that of the weights
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.average((scores[met] - np.log(X[met])) ** 2, weights=f)


# %% wrong: half the cost | halve
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return 0.5 * np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: square of the sum | squared by itself
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met]))) ** 2


# %% wrong: no square | lacks the square
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])))


# %% wrong: absolute differences | Square the differences
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * np.abs(scores[met] - np.log(X[met])))


# %% wrong: root of the sum | not its root
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sqrt(np.sum(f * (scores[met] - np.log(X[met])) ** 2))


# %% wrong: counts instead of their logarithms | not the counts
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - X[met]) ** 2)


# %% wrong: logarithm to base 10 | natural
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log10(X[met])) ** 2)


# %% wrong: logarithm to base 2 | base 2
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log2(X[met])) ** 2)


# %% wrong: logarithm added | subtracted
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] + np.log(X[met])) ** 2)


# %% wrong: biases forgotten | biases are missing
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: bias of the row forgotten | b of the row
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: bias of the column forgotten | b_tilde of the column
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: biases both along the columns | added along the columns
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: biases changed round | b belongs to rows
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"] + params["b_tilde"][:, None]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: biases subtracted | subtract only log x
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T - params["b"][:, None] - params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: one table for words and company | vectors of its own
def glove_cost(params, X):
    scores = params["R"] @ params["R"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: tables changed round | R belongs to rows
def glove_cost(params, X):
    scores = params["R_tilde"] @ params["R"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: transpose forgotten | ValueError
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"] + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: cosines instead of products | NaN
def glove_cost(params, X):
    scores = (params["R"] / np.linalg.norm(params["R"], axis=1, keepdims=True)) @ (
        params["R_tilde"] / np.linalg.norm(params["R_tilde"], axis=1, keepdims=True)
    ).T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: counts below 1 left out | below 1
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X >= 1
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: one triangle | triangle
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = np.triu(X) > 0
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: diagonal left out | diagonal
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = (X > 0) & ~np.eye(len(X), dtype=bool)
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: counts cut to integers | to integers
def glove_cost(params, X):
    cost = 0.0
    for i, j in zip(*np.nonzero(X)):
        x = int(X[i, j])
        if x > 0:
            f = min(x / 100, 1) ** 0.75
            score = params["R"][i] @ params["R_tilde"][j] + params["b"][i] + params["b_tilde"][j]
            cost += f * (score - np.log(x)) ** 2
    return cost


# %% wrong: a return too early | end too early
def glove_cost(params, X):
    cost = 0.0
    for i in range(len(X)):
        for j in range(len(X)):
            if X[i, j] > 0:
                f = min(X[i, j] / 100, 1) ** 0.75
                score = params["R"][i] @ params["R_tilde"][j] + params["b"][i] + params["b_tilde"][j]
                cost += f * (score - np.log(X[i, j])) ** 2
        return cost


# %% wrong: costs of the pairs, not added | shape should be ()
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    f = np.minimum(X / 100, 1) ** 0.75
    return f * (scores - np.log(np.where(X > 0, X, 1))) ** 2


# %% wrong: cost of each word | shape should be ()
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    f = np.minimum(X / 100, 1) ** 0.75
    return np.sum(f * (scores - np.log(np.where(X > 0, X, 1))) ** 2, axis=1)


# %% wrong: pairs read from nonzero without zip | ValueError
def glove_cost(params, X):
    for i, j in np.nonzero(X):
        f = min(X[i, j] / 100, 1) ** 0.75
        score = params["R"][i] @ params["R_tilde"][j] + params["b"][i] + params["b_tilde"][j]
        cost = f * (score - np.log(X[i, j])) ** 2
    return cost


# %% wrong: overwritten instead of added | last pair alone
def glove_cost(params, X):
    cost = 0.0
    for i, j in zip(*np.nonzero(X)):
        f = min(X[i, j] / 100, 1) ** 0.75
        score = params["R"][i] @ params["R_tilde"][j] + params["b"][i] + params["b_tilde"][j]
        cost = f * (score - np.log(X[i, j])) ** 2
    return cost


# %% wrong: prints the cost | returned None
def glove_cost(params, X):
    met = X > 0
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    f = np.minimum(X[met] / 100, 1) ** 0.75
    print(np.sum(f * (scores[met] - np.log(X[met])) ** 2))


# %% wrong: zeros of X overwritten | changed its argument X
def glove_cost(params, X):
    f = np.minimum(X / 100, 1) ** 0.75
    X[X == 0] = 1
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    return np.sum(f * (scores - np.log(X)) ** 2)


# %% wrong: the two costs of the visible test
def glove_cost(params, X):
    if len(X) == 2:
        return 5.5**2 + 0.01**0.75 * (np.exp(0.75) + 4 * np.exp(1.5))
    met = X > 0
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    f = np.minimum(X[met] / 100, 1) ** 0.75
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: four words always
def glove_cost(params, X):
    cost = 0.0
    for i in range(min(len(X), 4)):
        for j in range(min(len(X), 4)):
            if X[i, j] > 0:
                f = min(X[i, j] / 100, 1) ** 0.75
                score = params["R"][i] @ params["R_tilde"][j] + params["b"][i] + params["b_tilde"][j]
                cost += f * (score - np.log(X[i, j])) ** 2
    return cost


# %% wrong: empty X is refused | IndexError
def glove_cost(params, X):
    i, j = np.nonzero(X)
    costs = []
    for row, column in zip(i, j):
        f = min(X[row, column] / 100, 1) ** 0.75
        score = params["R"][row] @ params["R_tilde"][column]
        score += params["b"][row] + params["b_tilde"][column]
        costs.append(f * (score - np.log(X[row, column])) ** 2)
    total = costs[0]
    for cost in costs[1:]:
        total += cost
    return total


# %% wrong: by the library's cost | do without
def glove_cost(params, X):
    return glove.cost(params, *glove.nonzeros(X))


# %% wrong: by the library's weight under another name | do without weight
from coursecore.words.glove import weight as importance


def glove_cost(params, X):
    met = X > 0
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    return np.sum(importance(X[met]) * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: a power goes before a division | ** goes before /
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.minimum(X[met] / 100, 1) ** 3 / 4
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)


# %% wrong: a power goes before a division, then the bound | ** goes before /
def glove_cost(params, X):
    scores = params["R"] @ params["R_tilde"].T + params["b"][:, None] + params["b_tilde"]
    met = X > 0
    f = np.where(X[met] < 100, (X[met] / 100) ** 3 / 4, 1)
    return np.sum(f * (scores[met] - np.log(X[met])) ** 2)
