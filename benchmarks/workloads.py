"""The workloads of the engine's benchmark: what is computed, written once for everybody.

A workload has data, a cost, and the same gradient written out by hand. The cost speaks
the vocabulary of a contestant (see `contestants`), so that everybody is measured in its
own idiom: `by.np` is its NumPy, `by.linear`, `by.cross_entropy` … its layers and losses.

Parameters are a flat list of arrays. Weights W are outputs × inputs, rows are examples.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

CHAIN = 10_000  # operations in the chains of W6


@dataclass(frozen=True)
class Workload:
    """One program to differentiate, and how well it can be done by hand.

    make(rng) returns (params, data). cost(by, params, *data) returns the loss;
    gradient(params, *data) returns the loss and the list of bars, written by hand;
    products(params, *data) does the matrix products of a step and nothing else. Where
    working in place makes much of a difference, `plain` is the gradient without it.
    """

    title: str
    make: Callable
    cost: Callable
    gradient: Callable
    products: Callable | None = None
    lr: float = 0.01
    plain: Callable | None = None

    def arrays(self, precision="float64"):
        """Return params and data, every float in the precision asked for."""
        params, data = self.make(np.random.default_rng(0))
        return [cast(x, precision) for x in params], [cast(x, precision) for x in data]


def cast(x, precision):
    """Return an array of floats in `precision`; integers and Python floats stay."""
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return x.astype(precision)
    return x


def draw_layers(rng, sizes):
    """Draw [W, b, W, b, …] as Glorot and Bengio do."""
    params = []
    for before, after in zip(sizes[:-1], sizes[1:], strict=True):
        bound = np.sqrt(6 / (before + after))
        params += [rng.uniform(-bound, bound, (after, before)), np.zeros(after)]
    return params


# ------------------------------------------------------------- layers by hand


def cross_entropy_by_hand(Z, t):
    """Return the mean of -log softmax(Z)[t] and its bar; Z is used up."""
    rows = np.arange(len(t))
    Z -= Z.max(axis=1, keepdims=True)
    picked = Z[rows, t]
    Z_bar = np.exp(Z, out=Z)
    total = Z_bar.sum(axis=1, keepdims=True)
    value = (np.log(total[:, 0]) - picked).sum() / len(t)
    Z_bar /= total
    Z_bar[rows, t] -= 1
    Z_bar /= len(t)
    return value, Z_bar


def binary_cross_entropy_by_hand(z, t):
    """Return the mean of log(1 + eᶻ) - t z and its bar."""
    value = (np.logaddexp(0, z) - t * z).sum() / len(t)
    z_bar = np.tanh(0.5 * z)
    z_bar += 1
    z_bar *= 0.5
    z_bar -= t
    z_bar /= len(t)
    return value, z_bar


def linear_by_hand(X, W, b):
    Z = X @ W.T
    Z += b
    return Z


# ------------------------------------------------------------ W1: a tiny network


def make_xor(rng):
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    return draw_layers(rng, [2, 4, 1]), [X, np.array([[0.0], [1.0], [1.0], [0.0]])]


def xor_cost(by, params, X, t):
    W, b, V, c = params
    return by.binary_cross_entropy(by.linear(by.np.tanh(by.linear(X, W, b)), V, c), t)


def xor_gradient(params, X, t):
    W, b, V, c = params
    H = linear_by_hand(X, W, b)
    np.tanh(H, out=H)
    value, y_bar = binary_cross_entropy_by_hand(linear_by_hand(H, V, c), t)
    Z_bar = y_bar @ V
    Z_bar *= 1 - H * H
    return value, [Z_bar.T @ X, Z_bar.sum(axis=0), y_bar.T @ H, y_bar.sum(axis=0)]


def xor_products(params, X, t):
    W, _, V, _ = params
    H = X @ W.T
    y = H @ V.T
    return (y @ V).T @ X, y.T @ H


# ------------------------------------------------- W2 and W3: multilayer networks


def make_network(sizes, batch):
    def make(rng):
        X = rng.random((batch, sizes[0]))
        return draw_layers(rng, sizes), [X, rng.integers(sizes[-1], size=batch)]

    return make


def network_cost(by, params, X, t):
    *hidden, W, b = params
    H = X
    for V, c in zip(hidden[::2], hidden[1::2], strict=True):
        H = by.relu(by.linear(H, V, c))
    return by.cross_entropy(by.linear(H, W, b), t)


def network_gradient(params, X, t):
    inputs = [X]
    for W, b in zip(params[:-2:2], params[1:-2:2], strict=True):
        Z = linear_by_hand(inputs[-1], W, b)
        inputs.append(np.maximum(Z, 0, out=Z))
    value, Z_bar = cross_entropy_by_hand(linear_by_hand(inputs[-1], *params[-2:]), t)
    grads = []
    for W in params[-2::-2]:
        X = inputs.pop()
        grads += [Z_bar.sum(axis=0), Z_bar.T @ X]
        if inputs:
            Z_bar = Z_bar @ W
            Z_bar *= X > 0
    return value, grads[::-1]


def network_products(params, X, t):
    weights, inputs = params[::2], [X]
    for W in weights:
        inputs.append(inputs[-1] @ W.T)
    Z_bar = inputs.pop()
    for W in reversed(weights):
        X = inputs.pop()
        Z_bar.T @ X
        if inputs:
            Z_bar = Z_bar @ W


# ------------------------------------------------------------ W4: Bengio's model


def make_language_model(rng, num_words=250, dim=16, context=3, hidden=128, batch=100):
    R = 0.1 * rng.standard_normal((num_words, dim))
    words = rng.integers(num_words, size=(batch, context))
    t = rng.integers(num_words, size=batch)
    return [R, *draw_layers(rng, [context * dim, hidden, num_words])], [words, t]


def make_one_hot_model(rng):
    params, (words, t) = make_language_model(rng)
    return params, [np.eye(len(params[0]))[words.ravel()], t]


def gather_cost(by, params, words, t):
    return model_cost(by, by.gather(params[0], words), params, t)


def one_hot_cost(by, params, one_hot, t):
    return model_cost(by, one_hot @ params[0], params, t)


def model_cost(by, vectors, params, t):
    _, W, b, V, c = params
    X = by.np.reshape(vectors, (len(t), W.shape[1]))
    return by.cross_entropy(by.linear(by.np.tanh(by.linear(X, W, b)), V, c), t)


def gather_gradient(params, words, t):
    R = params[0]
    value, vectors_bar, grads = model_gradient(R[words], params, t)
    # A product with the one-hot rows adds up repeated words sooner than np.add.at.
    one_hot = np.zeros((words.size, len(R)), dtype=R.dtype)
    one_hot[np.arange(words.size), words.ravel()] = 1
    return value, [one_hot.T @ vectors_bar, *grads]


def one_hot_gradient(params, one_hot, t):
    value, vectors_bar, grads = model_gradient(one_hot @ params[0], params, t)
    return value, [one_hot.T @ vectors_bar, *grads]


def model_gradient(vectors, params, t):
    R, W, b, V, c = params
    X = vectors.reshape(len(t), -1)
    H = linear_by_hand(X, W, b)
    np.tanh(H, out=H)
    value, Y_bar = cross_entropy_by_hand(linear_by_hand(H, V, c), t)
    Z_bar = Y_bar @ V
    Z_bar *= 1 - H * H
    grads = [Z_bar.T @ X, Z_bar.sum(axis=0), Y_bar.T @ H, Y_bar.sum(axis=0)]
    return value, (Z_bar @ W).reshape(-1, R.shape[1]), grads


def gather_products(params, words, t):
    model_products(params[0][words], params, t)


def one_hot_products(params, one_hot, t):
    one_hot.T @ model_products(one_hot @ params[0], params, t)


def model_products(vectors, params, t):
    R, W, _, V, _ = params
    X = vectors.reshape(len(t), -1)
    H = X @ W.T
    Y = H @ V.T
    Z = Y @ V
    Y.T @ H, Z.T @ X
    return (Z @ W).reshape(-1, R.shape[1])


# ------------------------------------------------------- W5: logistic regression


def make_regression(rng, num_examples=10_000, num_inputs=100):
    X = rng.standard_normal((num_examples, num_inputs))
    t = (X @ rng.standard_normal(num_inputs) > 0).astype(float)
    return [0.1 * rng.standard_normal(num_inputs), np.zeros(1)], [X, t]


def regression_cost(by, params, X, t):
    w, b = params
    return by.binary_cross_entropy(X @ w + b, t)


def regression_gradient(params, X, t):
    w, b = params
    z = X @ w
    z += b
    value, z_bar = binary_cross_entropy_by_hand(z, t)
    return value, [z_bar @ X, z_bar.sum(keepdims=True)]


def regression_products(params, X, t):
    return (X @ params[0]) @ X


# ------------------------------------------------------ W6: chains of operations


def chain_cost(by, params):
    (x,) = params
    for _ in range(CHAIN // 2):
        x = x * 0.9999 + 0.0001
    return x


def vector_chain_cost(by, params):
    return by.np.sum(chain_cost(by, params))


def chain_gradient(params):
    (x,) = params
    for _ in range(CHAIN // 2):
        x = x * 0.9999 + 0.0001
    x_bar = x * 0 + 1
    for _ in range(CHAIN // 2):
        x_bar = x_bar * 0.9999
    return np.sum(x), [x_bar]


# --------------------------------------------------------- W7: GloVe's full cost


def make_glove(rng, num_words=250, dim=16):
    counts = rng.poisson(rng.pareto(1.5, (num_words, num_words)) * 3).astype(float)
    weights = np.minimum(counts / 100, 1) ** 0.75
    logs = np.log(np.maximum(counts, 1))
    U, V = (0.1 * rng.standard_normal((num_words, dim)) for _ in range(2))
    return [U, V, np.zeros((num_words, 1)), np.zeros(num_words)], [weights, logs]


def glove_cost(by, params, weights, logs):
    U, V, b, c = params
    return 0.5 * by.np.sum(weights * (U @ V.T + b + c - logs) ** 2)


def glove_gradient(params, weights, logs):
    U, V, b, c = params
    error = U @ V.T
    error += b
    error += c
    error -= logs
    bar = weights * error
    value = 0.5 * np.vdot(bar, error)
    return value, [bar @ V, bar.T @ U, bar.sum(axis=1, keepdims=True), bar.sum(axis=0)]


def plain_glove_gradient(params, weights, logs):
    U, V, b, c = params
    error = U @ V.T + b + c - logs
    bar = weights * error
    value = 0.5 * np.sum(weights * error**2)
    return value, [bar @ V, bar.T @ U, bar.sum(axis=1, keepdims=True), bar.sum(axis=0)]


def glove_products(params, weights, logs):
    U, V, _, _ = params
    return U @ V.T, weights @ V, weights.T @ U


# fmt: off
def network(title, sizes, batch):
    return Workload(title, make_network(sizes, batch),
                    network_cost, network_gradient, network_products)


WORKLOADS = {
    "W1": Workload("XOR 2-4-1, batch 4", make_xor, xor_cost, xor_gradient, xor_products),
    "W2": network("network 784-256-128-10, batch 128", [784, 256, 128, 10], 128),
    "W3": network("three layers of 1024, batch 256", [1024, 1024, 1024, 1024], 256),
    "W4": Workload("Bengio's model, gather", make_language_model,
                   gather_cost, gather_gradient, gather_products),
    "W4-one-hot": Workload("Bengio's model, one-hot", make_one_hot_model,
                           one_hot_cost, one_hot_gradient, one_hot_products),
    "W5": Workload("logistic regression 10,000 × 100", make_regression,
                   regression_cost, regression_gradient, regression_products),
    "W6": Workload("chain of 10,000 operations, numbers", lambda rng: ([0.5], []),
                   chain_cost, chain_gradient),
    "W6-vector": Workload("chain of 10,000 operations, vectors of 3",
                          lambda rng: ([rng.random(3)], []),
                          vector_chain_cost, chain_gradient),
    "W7": Workload("GloVe's full cost, 250 words, 16-d", make_glove,
                   glove_cost, glove_gradient, glove_products, lr=1e-3,
                   plain=plain_glove_gradient),
}
# fmt: on

DEEP = network("20 layers of 256, batch 2,048", [256] * 21, 2_048)
