# %% right: one-hot rows
def softmax_bar(Z, t):
    return (F.softmax(Z) - np.eye(Z.shape[1])[t]) / Z.shape[0]


# %% right: two loops
def softmax_bar(Z, t):
    N, K = Z.shape
    Z_bar = np.zeros((N, K))
    for n in range(N):
        e = np.exp(Z[n] - max(Z[n]))
        for k in range(K):
            Z_bar[n, k] = (e[k] / sum(e) - (1 if k == t[n] else 0)) / N
    return Z_bar


# %% right: list of lists
def softmax_bar(Z, t):
    rows = []
    for z, target in zip(Z, t):
        row = list(F.softmax(z) / len(Z))
        row[target] -= 1 / len(Z)
        rows.append(row)
    return rows


# %% right: comparison with the classes
def softmax_bar(Z, t):
    is_target = t[:, None] == np.arange(Z.shape[1])
    return np.where(is_target, F.softmax(Z) - 1, F.softmax(Z)) / len(t)


# %% right: through the Jacobian of log-softmax
def softmax_bar(Z, t):
    N, K = Z.shape
    jacobian = np.eye(K) - F.softmax(Z)[:, None, :]
    message = np.zeros((N, K))
    message[range(N), t] = -1 / N
    return np.einsum("nj,njk->nk", message, jacobian)


# %% right: single precision
def softmax_bar(Z, t):
    Z = np.asarray(Z, dtype=np.float32)
    Z_bar = F.softmax(Z)
    np.subtract.at(Z_bar, (np.arange(len(Z)), t), np.float32(1))
    return Z_bar / np.float32(len(Z))


# %% right: overflow that warns and gives zero
def softmax_bar(Z, t):
    P = 1 / np.exp(Z[:, None, :] - Z[:, :, None]).sum(axis=2)
    one_hot = np.zeros_like(P)
    one_hot[np.arange(len(t)), t] = 1
    return (P - one_hot) / len(t)


# %% right: log of the one-hot target, which warns
def softmax_bar(Z, t):
    one_hot = np.eye(Z.shape[1])[t]
    log_target = np.log(one_hot)
    return (np.exp(F.log_softmax(Z)) - np.exp(log_target)) / len(Z)


# %% right: columns first
def softmax_bar(Z, t):
    scores = Z.T - Z.max(axis=1)
    P = np.exp(scores) / np.exp(scores).sum(axis=0)
    P[t, np.arange(P.shape[1])] -= 1
    return (P / P.shape[1]).T


# %% right: recursion over the batch
def softmax_bar(Z, t, N=None):
    N = N or len(Z)
    row = F.softmax(Z[:1])
    row[0, t[0]] -= 1
    if len(Z) == 1:
        return row / N
    return np.vstack([row / N, softmax_bar(Z[1:], t[1:], N)])


# %% right: lambda with a walrus
softmax_bar = lambda Z, t: (
    np.put_along_axis(
        P := F.softmax(Z), t[:, None], np.take_along_axis(P, t[:, None], 1) - 1, axis=1
    )
    or P / len(P)
)


# %% right: closure over the softmax
def make_bar(probabilities):
    def bar(Z, t):
        Z_bar = probabilities(Z) / len(Z)
        Z_bar.flat[np.arange(len(t)) * Z.shape[1] + t] -= 1 / len(Z)
        return Z_bar

    return bar


softmax_bar = make_bar(F.softmax)


# %% right: a helper that a test might call something by
def one_hot(t, K):
    return np.array([[float(k == target) for k in range(K)] for target in t])


def softmax_bar(Z, t):
    return (F.softmax(Z) - one_hot(t, Z.shape[1])) / len(t)


# %% wrong: no target | one-hot
def softmax_bar(Z, t):
    return F.softmax(Z) / len(t)


# %% wrong: sum instead of mean | N times too large
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), t] -= 1
    return Z_bar


# %% wrong: divided by N twice | N times too small
def softmax_bar(Z, t):
    N = len(t)
    P = F.softmax(Z) / N
    P[np.arange(N), t] -= 1 / N
    return P / N


# %% wrong: divided by the classes | K times too small
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), t] -= 1
    return Z_bar / Z.shape[1]


# %% wrong: averaged over all entries | K times too small
def softmax_bar(Z, t):
    one_hot = np.eye(Z.shape[1])[t]
    return (F.softmax(Z) - one_hot) / Z.size


# %% wrong: only the target divided by N | divide both
def softmax_bar(Z, t):
    one_hot = np.eye(Z.shape[1])[t]
    return F.softmax(Z) - one_hot / len(t)


# %% wrong: target minus softmax | wrong sign
def softmax_bar(Z, t):
    one_hot = np.eye(Z.shape[1])[t]
    return (one_hot - F.softmax(Z)) / len(t)


# %% wrong: target added | one-hot
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), t] += 1
    return Z_bar / len(t)


# %% wrong: the target's entry alone | target's entry alone
def softmax_bar(Z, t):
    rows = np.arange(len(t))
    Z_bar = np.zeros_like(Z)
    Z_bar[rows, t] = (F.softmax(Z)[rows, t] - 1) / len(t)
    return Z_bar


# %% wrong: all but the target's entry | one-hot
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), t] = 0
    return Z_bar / len(t)


# %% wrong: whole columns | whole columns
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[:, t] -= 1
    return Z_bar / len(t)


# %% wrong: first target for every row | first target
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[:, t[0]] -= 1
    return Z_bar / len(t)


# %% wrong: targets index the rows | IndexError
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[t] -= 1
    return Z_bar / len(t)


# %% wrong: targets index the flat array | first row
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar.flat[t] -= 1
    return Z_bar / len(t)


# %% wrong: returns inside the loop | first row
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    for n, target in enumerate(t):
        Z_bar[n, target] -= 1
        return Z_bar / len(t)


# %% wrong: the largest score for the target | predicted class
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), np.argmax(Z, axis=1)] -= 1
    return Z_bar / len(t)


# %% wrong: classes counted from one | count from 0
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), t - 1] -= 1
    return Z_bar / len(t)


# %% wrong: identity of size N | stopped with
def softmax_bar(Z, t):
    N = len(t)
    one_hot = np.eye(N)[t]
    return (F.softmax(Z) - one_hot) / N


# %% wrong: number of classes from the targets | stopped with
def softmax_bar(Z, t):
    one_hot = np.eye(t.max() + 1)[t]
    return (F.softmax(Z) - one_hot) / len(t)


# %% wrong: three classes always | stopped with
def softmax_bar(Z, t):
    one_hot = np.eye(3)[t]
    return (F.softmax(Z) - one_hot) / len(t)


# %% wrong: softmax down the columns | each row
def softmax_bar(Z, t):
    P = np.exp(Z - Z.max(axis=0)) / np.exp(Z - Z.max(axis=0)).sum(axis=0)
    P[np.arange(len(t)), t] -= 1
    return P / len(t)


# %% wrong: softmax over the whole matrix | each row
def softmax_bar(Z, t):
    P = np.exp(Z - Z.max())
    P = P / P.sum()
    P[np.arange(len(t)), t] -= 1
    return P / len(t)


# %% wrong: exponentials overflow | NaN
def softmax_bar(Z, t):
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    P[np.arange(len(t)), t] -= 1
    return P / len(t)


# %% wrong: shifted by the largest of all scores | NaN
def softmax_bar(Z, t):
    e = np.exp(Z - Z.max())
    P = e / e.sum(axis=1, keepdims=True)
    P[np.arange(len(t)), t] -= 1
    return P / len(t)


# %% wrong: scores clipped against overflow
def softmax_bar(Z, t):
    e = np.exp(np.clip(Z, -50, 50))
    P = e / e.sum(axis=1, keepdims=True)
    P[np.arange(len(t)), t] -= 1
    return P / len(t)


# %% wrong: exponentials not normalised | divide by their sum
def softmax_bar(Z, t):
    P = np.exp(Z)
    P[np.arange(len(t)), t] -= 1
    return P / len(t)


# %% wrong: softmax left out | these are the scores
def softmax_bar(Z, t):
    Z_bar = Z.copy()
    Z_bar[np.arange(len(t)), t] -= 1
    return Z_bar / len(t)


# %% wrong: sigmoid for softmax | sigmoid
def softmax_bar(Z, t):
    Z_bar = F.sigmoid(Z)
    Z_bar[np.arange(len(t)), t] -= 1
    return Z_bar / len(t)


# %% wrong: log-softmax for softmax | this is log-softmax
def softmax_bar(Z, t):
    Z_bar = F.log_softmax(Z)
    Z_bar[np.arange(len(t)), t] -= 1
    return Z_bar / len(t)


# %% wrong: derivative by the probabilities | derivative by the probabilities
def softmax_bar(Z, t):
    P = F.softmax(Z)
    Z_bar = np.zeros_like(P)
    rows = np.arange(len(t))
    Z_bar[rows, t] = -1 / P[rows, t]
    return Z_bar / len(t)


# %% wrong: slope of a sigmoid as well | p (1 - p)
def softmax_bar(Z, t):
    P = F.softmax(Z)
    one_hot = np.eye(Z.shape[1])[t]
    return (P - one_hot) * P * (1 - P) / len(t)


# %% wrong: the cost itself | shape should be (1, 3)
def softmax_bar(Z, t):
    log_P = F.log_softmax(Z)
    return -np.mean(log_P[np.arange(len(t)), t])


# %% wrong: summed over the batch | shape should be (1, 3)
def softmax_bar(Z, t):
    one_hot = np.eye(Z.shape[1])[t]
    return np.mean(F.softmax(Z) - one_hot, axis=0)


# %% wrong: changes the scores | changed its argument Z
def softmax_bar(Z, t):
    Z -= Z.max(axis=1, keepdims=True)
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return (P - np.eye(Z.shape[1])[t]) / len(t)


# %% wrong: prints | returned None
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), t] -= 1
    print(Z_bar / len(t))


# %% wrong: filled into integers | zero everywhere
def softmax_bar(Z, t):
    Z_bar = np.zeros(Z.shape, dtype=t.dtype)
    for n in range(len(t)):
        row = F.softmax(Z[n])
        row[t[n]] -= 1
        Z_bar[n] = row / len(t)
    return Z_bar


# %% wrong: rounded | rounded
def softmax_bar(Z, t):
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), t] -= 1
    return np.round(Z_bar / len(t), 3)


# %% wrong: by grad | without grad
def softmax_bar(Z, t):
    return grad(F.cross_entropy)(Z, t)


# %% wrong: by numerical_grad under another name | without numerical_grad
from coursecore import numerical_grad as slopes


def softmax_bar(Z, t):
    return slopes(lambda Z: F.cross_entropy(Z, t), Z)


# %% wrong: by make_vjp | without make_vjp
import coursecore


def softmax_bar(Z, t):
    cost, vjp = coursecore.make_vjp(lambda Z: F.cross_entropy(Z, t), Z)
    return vjp(1.0)
