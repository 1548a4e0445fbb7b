# %% right: einsum
def linear_backward(Z_bar, X, W):
    return {
        "X": np.einsum("nm,md->nd", Z_bar, W),
        "W": np.einsum("nm,nd->md", Z_bar, X),
        "b": np.einsum("nm->m", Z_bar),
    }


# %% right: three loops
def linear_backward(Z_bar, X, W):
    N, D = X.shape
    M = W.shape[0]
    X_bar, W_bar, b_bar = np.zeros((N, D)), np.zeros((M, D)), np.zeros(M)
    for n in range(N):
        for m in range(M):
            b_bar[m] += Z_bar[n, m]
            for d in range(D):
                X_bar[n, d] += Z_bar[n, m] * W[m, d]
                W_bar[m, d] += Z_bar[n, m] * X[n, d]
    return {"X": X_bar, "W": W_bar, "b": b_bar}


# %% right: outer product of each row
def linear_backward(Z_bar, X, W):
    W_bar = sum(np.outer(z_bar, x) for z_bar, x in zip(Z_bar, X))
    X_bar = np.stack([W.T @ z_bar for z_bar in Z_bar])
    return {"X": X_bar, "W": W_bar, "b": sum(Z_bar)}


# %% right: nested lists
def linear_backward(Z_bar, X, W):
    rows = range(len(X))
    X_bar = [[float(z @ W[:, d]) for d in range(W.shape[1])] for z in Z_bar]
    W_bar = [[float(z @ x) for x in X.T] for z in Z_bar.T]
    b_bar = [sum(Z_bar[n, m] for n in rows) for m in range(len(W))]
    return {"X": X_bar, "W": W_bar, "b": b_bar}


# %% right: transposed views
def linear_backward(Z_bar, X, W):
    return {
        "X": (W.T @ Z_bar.T).T,
        "W": (X.T @ Z_bar).T,
        "b": np.ones(len(X)) @ Z_bar,
    }


# %% right: bias as a column of ones
def linear_backward(Z_bar, X, W):
    X1 = np.hstack([X, np.ones((len(X), 1))])
    both = Z_bar.T @ X1
    return {"X": Z_bar @ W, "W": both[:, :-1], "b": both[:, -1]}


# %% right: single precision
def linear_backward(Z_bar, X, W):
    Z_bar, X, W = (a.astype(np.float32) for a in (Z_bar, X, W))
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar.sum(0)}


# %% right: object with call
class LinearBackward:
    def __init__(self, names=("X", "W", "b")):
        self.names = names

    def __call__(self, Z_bar, X, W):
        bars = np.dot(Z_bar, W), np.dot(Z_bar.T, X), np.sum(Z_bar, axis=0)
        return dict(zip(self.names, bars))


linear_backward = LinearBackward()


# %% right: recursion over the batch
def linear_backward(Z_bar, X, W):
    if len(X) == 1:
        return {"X": Z_bar @ W, "W": np.outer(Z_bar, X), "b": Z_bar[0]}
    first = linear_backward(Z_bar[:1], X[:1], W)
    rest = linear_backward(Z_bar[1:], X[1:], W)
    return {
        "X": np.concatenate([first["X"], rest["X"]]),
        "W": first["W"] + rest["W"],
        "b": first["b"] + rest["b"],
    }


# %% right: lambda and broadcasting
linear_backward = lambda Z_bar, X, W: dict(
    b=(columns := Z_bar[:, :, None]).sum(axis=(0, 2)),
    W=(columns * X[:, None, :]).sum(axis=0),
    X=(columns * W[None]).sum(axis=1),
)


# %% right: in place on own arrays
def linear_backward(Z_bar, X, W):
    bars = {"X": np.empty_like(X), "W": np.zeros_like(W), "b": np.zeros(len(W))}
    np.matmul(Z_bar, W, out=bars["X"])
    for z_bar, x in zip(Z_bar, X):
        bars["W"] += z_bar[:, None] * x
        bars["b"] += z_bar
    return bars


# %% right: matrix class, which warns
def linear_backward(Z_bar, X, W):
    Z_bar, X, W = np.matrix(Z_bar), np.matrix(X), np.matrix(W)
    return {"X": Z_bar * W, "W": Z_bar.T * X, "b": np.ravel(Z_bar.sum(axis=0))}


# %% wrong: minus signs everywhere | wrong sign
def linear_backward(Z_bar, X, W):
    return {"X": -Z_bar @ W, "W": -Z_bar.T @ X, "b": -Z_bar.sum(axis=0)}


# %% wrong: minus sign at the bias | wrong sign
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": -Z_bar.sum(axis=0)}


# %% wrong: weights transposed | transpose
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": X.T @ Z_bar, "b": Z_bar.sum(axis=0)}


# %% wrong: weights reshaped instead of transposed | another order
def linear_backward(Z_bar, X, W):
    W_bar = (X.T @ Z_bar).reshape(W.shape)
    return {"X": Z_bar @ W, "W": W_bar, "b": Z_bar.sum(axis=0)}


# %% wrong: input times the transposed weights | matmul
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W.T, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)}


# %% wrong: whichever product fits | transpose
def linear_backward(Z_bar, X, W):
    try:
        X_bar = Z_bar @ W.T
    except ValueError:
        X_bar = Z_bar @ W
    return {"X": X_bar, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)}


# %% wrong: examples in columns | ValueError
def linear_backward(Z_bar, X, W):
    return {"X": W.T @ Z_bar, "W": Z_bar @ X.T, "b": Z_bar.sum(axis=1)}


# %% wrong: no batch sum for the bias | batch
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar}


# %% wrong: bias summed over the outputs | axis 0
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=1)}


# %% wrong: bias summed over everything | shape should be (4,)
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar.sum()}


# %% wrong: bias kept as a row | only the shape differs
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=0, keepdims=True)}


# %% wrong: bias averaged | N times too small
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar.mean(axis=0)}


# %% wrong: weights averaged | N times too small
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X / len(X), "b": Z_bar.sum(axis=0)}


# %% wrong: everything divided by N | N times too small
def linear_backward(Z_bar, X, W):
    N = len(X)
    return {"X": Z_bar @ W / N, "W": Z_bar.T @ X / N, "b": Z_bar.sum(axis=0) / N}


# %% wrong: bias summed over rows, then times N | N times too large
def linear_backward(Z_bar, X, W):
    N = X.shape[0]
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": N * Z_bar.sum(axis=0)}


# %% wrong: bias from the first row | first row
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar[0]}


# %% wrong: weights from the first row | first row
def linear_backward(Z_bar, X, W):
    W_bar = np.outer(Z_bar[0], X[0])
    return {"X": Z_bar @ W, "W": W_bar, "b": Z_bar.sum(axis=0)}


# %% wrong: overwritten instead of added | last row
def linear_backward(Z_bar, X, W):
    b_bar = np.zeros(len(W))
    for n in range(len(X)):
        W_bar = np.outer(Z_bar[n], X[n])
        b_bar += Z_bar[n]
    return {"X": Z_bar @ W, "W": W_bar, "b": b_bar}


# %% wrong: input summed over the batch | shape should be (3, 2)
def linear_backward(Z_bar, X, W):
    X_bar = (Z_bar @ W).sum(axis=0)
    return {"X": X_bar, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)}


# %% wrong: arriving bar left out | bar that arrives
def linear_backward(Z_bar, X, W):
    N, M = Z_bar.shape
    return {
        "X": np.tile(W.sum(axis=0), (N, 1)),
        "W": np.tile(X.sum(axis=0), (M, 1)),
        "b": np.full(M, float(N)),
    }


# %% wrong: bias has slope one | bar that arrives
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": np.ones(len(W))}


# %% wrong: bias left at zero | zero everywhere
def linear_backward(Z_bar, X, W):
    b_bar = np.zeros(W.shape[0])
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": b_bar}


# %% wrong: the two products swapped | shape
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar.T @ X, "W": Z_bar @ W, "b": Z_bar.sum(axis=0)}


# %% wrong: entrywise products | ValueError
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar * W, "W": Z_bar * X, "b": Z_bar.sum(axis=0)}


# %% wrong: no bias | keys
def linear_backward(Z_bar, X, W):
    return {"X": Z_bar @ W, "W": Z_bar.T @ X}


# %% wrong: other keys | keys
def linear_backward(Z_bar, X, W):
    return {"X_bar": Z_bar @ W, "W_bar": Z_bar.T @ X, "b_bar": Z_bar.sum(axis=0)}


# %% wrong: a tuple | dict with the keys
def linear_backward(Z_bar, X, W):
    return Z_bar @ W, Z_bar.T @ X, Z_bar.sum(axis=0)


# %% wrong: divides the bar in place | changed its argument Z_bar
def linear_backward(Z_bar, X, W):
    Z_bar /= len(X)
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)}


# %% wrong: writes the bar of X into X | changed its argument X
def linear_backward(Z_bar, X, W):
    W_bar = Z_bar.T @ X
    X[:] = Z_bar @ W
    return {"X": X, "W": W_bar, "b": Z_bar.sum(axis=0)}


# %% wrong: prints | returned None
def linear_backward(Z_bar, X, W):
    print({"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)})


# %% wrong: by numerical_grad | without numerical_grad
def linear_backward(Z_bar, X, W):
    inputs = {"X": X, "W": W, "b": np.zeros(len(W))}
    return numerical_grad(lambda v: np.sum(Z_bar * (v["X"] @ v["W"].T + v["b"])), inputs)


# %% wrong: by grad in a helper | without grad
def product(v, Z_bar):
    return np.sum(Z_bar * (v["X"] @ v["W"].T + v["b"]))


def linear_backward(Z_bar, X, W):
    return grad(product)({"X": X, "W": W, "b": np.zeros(len(W))}, Z_bar)


# %% wrong: by value_and_grad | without value_and_grad
from coursecore import value_and_grad


def linear_backward(Z_bar, X, W):
    def cost(v):
        return np.sum(Z_bar * (v["X"] @ v["W"].T + v["b"]))

    return value_and_grad(cost)({"X": X, "W": W, "b": np.zeros(len(W))})[1]


# %% wrong: sizes of the visible test | stopped with
def linear_backward(Z_bar, X, W):
    W_bar, b_bar = np.zeros((4, 2)), np.zeros(4)
    for n in range(3):
        for m in range(4):
            W_bar[m] += Z_bar[n, m] * X[n]
            b_bar[m] += Z_bar[n, m]
    return {"X": Z_bar @ W, "W": W_bar, "b": b_bar}


# %% wrong: axes of length one squeezed away | only the shape differs
def linear_backward(Z_bar, X, W):
    X_bar, W_bar = np.squeeze(Z_bar @ W), np.squeeze(Z_bar.T @ X)
    return {"X": X_bar, "W": W_bar, "b": Z_bar.sum(axis=0)}


# %% wrong: filled into integers | cut off to integers
def linear_backward(Z_bar, X, W):
    W_bar = np.zeros(W.shape, dtype=int)
    for m in range(len(W)):
        W_bar[m] = Z_bar[:, m] @ X
    return {"X": Z_bar @ W, "W": W_bar, "b": Z_bar.sum(axis=0)}


# %% wrong: forward instead of backward | shape should be (3, 2)
def linear_backward(Z_bar, X, W):
    return {"X": X @ W.T, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)}
