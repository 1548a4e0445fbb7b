"""Layers and whole networks as functions of a tree of parameters.

A layer's parameters are {"W": (M, D), "b": (M,)}: W is outputs × inputs, so that
Z = X Wᵀ + b for a batch X (N, D). An MLP's parameters are a list of layers.

    >>> rng = np.random.default_rng(0)
    >>> params = init_mlp(rng, [2, 16, 3])
    >>> [layer["W"].shape for layer in params]
    [(16, 2), (3, 16)]
    >>> mlp(params, np.zeros((5, 2))).shape
    (5, 3)
"""

import numpy as np

from . import functional as F


def init_linear(rng, num_inputs, num_outputs, init="glorot"):
    """Draw W uniformly and set b to zero.

    `init="glorot"` draws from ±√(6/(M+D)), which keeps the variance of bars and
    values alike through tanh layers (Glorot & Bengio 2010); `init="he"` from ±√(6/D),
    for ReLU, which silences half of its units (He et al. 2015).
    """
    fans = {"glorot": num_inputs + num_outputs, "he": num_inputs}
    if init not in fans:
        raise ValueError(f"init must be 'glorot' or 'he', but got {init!r}.")
    bound = np.sqrt(6.0 / fans[init])
    W = rng.uniform(-bound, bound, size=(num_outputs, num_inputs))
    return {"W": W, "b": np.zeros(num_outputs)}


def init_mlp(rng, sizes, init="glorot"):
    """Draw the layers of a network with units `sizes`: [inputs, hidden…, outputs]."""
    if len(sizes) < 2:
        raise ValueError(
            f"An MLP needs at least two sizes, inputs and outputs, but got {list(sizes)}."
        )
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    return [init_linear(rng, before, after, init) for before, after in pairs]


def linear(layer, X):
    """Return Z = X Wᵀ + b, shape (N, M), for X of shape (N, D)."""
    num_outputs, num_inputs = np.shape(layer["W"])
    if np.ndim(X) < 1 or np.shape(X)[-1] != num_inputs:
        raise ValueError(
            f"This layer takes {num_inputs} inputs (W is {num_outputs} × {num_inputs}), "
            f"but X has shape {np.shape(X)}. Rows of X are examples."
        )
    return X @ layer["W"].T + layer["b"]


def mlp(params, X, activation=F.tanh):
    """Return the scores (N, K): activation after every layer but the last."""
    H = X
    for layer in params[:-1]:
        H = activation(linear(layer, H))
    return linear(params[-1], H)


def l2(params):
    """Return ½ Σ w² over the weights W of all layers; biases are left alone."""
    return 0.5 * sum(np.sum(layer["W"] ** 2) for layer in _layers(params))


def predict(params, X, activation=F.tanh):
    """Return the class with the largest score for each row of X, shape (N,)."""
    return np.argmax(mlp(params, X, activation), axis=-1)


def accuracy(params, X, t, activation=F.tanh):
    """Return the fraction of rows that are classified as their target in t (N,)."""
    return 1.0 - F.zero_one(mlp(params, X, activation), t)


def _layers(params):
    return [params] if isinstance(params, dict) else params
