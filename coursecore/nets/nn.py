"""Layers and whole networks as functions of a tree of parameters.

A layer's parameters are {"W": (M, D), "b": (M,)}: W is outputs × inputs, so that
Z = X Wᵀ + b for a batch X (N, D). An MLP's parameters are a list of layers.

    >>> rng = np.random.default_rng(0)
    >>> params = init_mlp(rng, [2, 16, 3])
    >>> [layer["W"].shape for layer in params]
    [(16, 2), (3, 16)]
    >>> mlp(params, np.zeros((5, 2))).shape
    (5, 3)

Nothing is remembered between calls. What differs between training and evaluation is an
argument: dropout draws from an `rng`, and with `rng=None` it is the identity. What
training learns apart from gradients, the statistics of `batch_norm`, is returned.
"""

import numpy as np

from ..engine import tree
from . import functional as F

# -------------------------------------------------------------- initialisation


def init_zero(rng, shape):
    """Return weights of zero, from which no hidden unit of a network can learn."""
    return np.zeros(shape)


def init_constant(rng, shape, value=0.1):
    """Return weights of one value: the units of a layer stay copies of each other."""
    return np.full(shape, float(value))


def init_uniform(rng, shape, bound=0.1):
    """Draw weights evenly from [-bound, bound], with variance bound²/3."""
    return rng.uniform(-bound, bound, size=shape)


def init_gaussian(rng, shape, std=0.01):
    """Draw Gaussian weights with mean 0 and standard deviation `std`."""
    return std * rng.standard_normal(shape)


def init_glorot(rng, shape):
    """Draw weights (M, D) from ±√(6/(M+D)), with variance 2/(M+D), for tanh.

    A sum over D inputs keeps its variance if that of the weights is 1/D, and a sum over
    M bars on the way back if it is 1/M: this lies between. (Glorot & Bengio 2010.)
    """
    return init_uniform(rng, shape, np.sqrt(6.0 / sum(shape)))


def init_glorot_normal(rng, shape):
    """Draw Gaussian weights (M, D) with the variance of `init_glorot`, 2/(M+D)."""
    return init_gaussian(rng, shape, np.sqrt(2.0 / sum(shape)))


def init_he(rng, shape):
    """Draw weights (M, D) from ±√(6/D), with variance 2/D, for ReLU.

    ReLU takes half of the mean square of its inputs away, and the 2 gives it back. (He et
    al. 2015.)
    """
    return init_uniform(rng, shape, np.sqrt(6.0 / shape[1]))


def init_he_normal(rng, shape):
    """Draw Gaussian weights (M, D) with the variance of `init_he`, 2/D."""
    return init_gaussian(rng, shape, np.sqrt(2.0 / shape[1]))


INITIALISATIONS = {
    "zero": init_zero, "constant": init_constant, "uniform": init_uniform,
    "gaussian": init_gaussian, "glorot_normal": init_glorot_normal,
    "he_normal": init_he_normal, "glorot": init_glorot, "he": init_he,
}  # fmt: skip


def init_linear(rng, num_inputs, num_outputs, init="glorot"):
    """Draw W and set b to zero.

    `init` is a name, such as "glorot" for `init_glorot`, or a function of (rng, shape)
    that returns weights of that shape, (M, D):

        >>> wide = lambda rng, shape: init_gaussian(rng, shape, std=1.0)
        >>> init_linear(np.random.default_rng(0), 2, 3, init=wide)["W"].shape
        (3, 2)

    Raises ValueError if there is no such name or the function returns another shape.
    """
    if not callable(init) and init not in INITIALISATIONS:
        *names, last = map(repr, INITIALISATIONS)
        raise ValueError(
            f"init must be a function of (rng, shape), or one of {', '.join(names)} or "
            f"{last}, but got {init!r}."
        )
    draw = init if callable(init) else INITIALISATIONS[init]
    shape = (num_outputs, num_inputs)
    W = np.asarray(draw(rng, shape))
    if W.shape != shape:
        raise ValueError(
            f"init was asked for weights (outputs, inputs) of shape {shape}, but returned "
            f"shape {W.shape}."
        )
    return {"W": W, "b": np.zeros(num_outputs, dtype=W.dtype)}


def init_mlp(rng, sizes, init="glorot"):
    """Draw the layers of a network with units `sizes`: [inputs, hidden…, outputs]."""
    if len(sizes) < 2:
        raise ValueError(
            f"An MLP needs at least two sizes, inputs and outputs, but got {list(sizes)}."
        )
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    return [init_linear(rng, before, after, init) for before, after in pairs]


# ------------------------------------------------------------ layers and networks


def linear(layer, X):
    """Return Z = X Wᵀ + b, shape (N, M), for X of shape (N, D)."""
    num_outputs, num_inputs = np.shape(layer["W"])
    if np.ndim(X) < 1 or np.shape(X)[-1] != num_inputs:
        raise ValueError(
            f"This layer takes {num_inputs} inputs (W is {num_outputs} × {num_inputs}), "
            f"but X has shape {np.shape(X)}. Rows of X are examples."
        )
    return X @ layer["W"].T + layer["b"]


def activations(params, X, activation=F.tanh, *, rng=None, dropout_rate=0.0):
    """List the values H (N, M) of every hidden layer of an MLP, the first layer first.

    `activation` is a function, or a list of functions with one for each hidden layer.
    `rng` and `dropout_rate` are those of `mlp`.
    """
    hidden = params[:-1]
    functions = [activation] * len(hidden) if callable(activation) else activation
    if len(functions) != len(hidden):
        raise ValueError(
            f"This network has {len(hidden)} hidden layers, but got {len(functions)} "
            f"activations. Pass one for each, or one function for all."
        )
    values, H = [], X
    for layer, function in zip(hidden, functions, strict=True):
        H = dropout(rng, function(linear(layer, H)), dropout_rate)
        values.append(H)
    return values


def mlp(params, X, activation=F.tanh, *, rng=None, dropout_rate=0.0):
    """Return the scores (N, K): activation after every layer but the last.

    `activation` is one function or a list, as in `activations`. With an `rng`, each hidden
    value is dropped with probability `dropout_rate`; without one, in evaluation, none is.
    """
    hidden = activations(params, X, activation, rng=rng, dropout_rate=dropout_rate)
    return linear(params[-1], hidden[-1] if hidden else X)


def predict(params, X, activation=F.tanh):
    """Return the class with the largest score for each row of X, shape (N,)."""
    Z = mlp(params, X, activation)
    if np.shape(Z)[-1] == 1:
        raise ValueError(
            "predict takes the largest of several scores, but this network has one score, "
            "which would always win. Ask for its sign: nn.mlp(params, X)[:, 0] > 0."
        )
    return np.argmax(Z, axis=-1)


def accuracy(params, X, t, activation=F.tanh):
    """Return the fraction of rows that are classified as their target in t (N,)."""
    return 1.0 - F.zero_one(mlp(params, X, activation), t)


# ------------------------------------------------------------------------ dropout


def dropout(rng, H, rate):
    """Set each entry of H to 0 with probability `rate`, and divide the others by 1 - rate.

    So the expectation of every entry is kept, and evaluation needs no correction: with
    `rng=None` this is the identity. `rate` lies in [0, 1). (Srivastava et al. 2014.)
    """
    if not 0 <= rate < 1:
        raise ValueError(f"dropout needs a rate in [0, 1), but got {rate}.")
    if rng is None or rate == 0:
        return H
    kept = rng.random(np.shape(H)) >= rate
    return np.where(kept, H / float(1 - rate), 0.0)


# ------------------------------------------------------------ batch normalisation


def init_batch_norm(num_units):
    """Return the layer of `batch_norm` that changes nothing: all four of shape (M,)."""
    names = {"gain": 1.0, "shift": 0.0, "mean": 0.0, "var": 1.0}
    return {name: np.full(num_units, value) for name, value in names.items()}


def batch_norm(layer, X, training, epsilon=1e-5):
    """Return gain · (X - mean) / √(var + ε) + shift, (N, M), and the batch's statistics.

    In training, mean and variance are those of the batch X (N, M), of each column, and
    gradients flow through them. They come back as {"mean": (M,), "var": (M,)}, the
    variance with N - 1 as an estimate for `update_statistics`. In evaluation, layer["mean"]
    and layer["var"] are used, so that each row is treated alone, and None comes back.
    (Ioffe & Szegedy 2015.)

        >>> X = np.array([[0.0, 10.0], [2.0, 30.0]])
        >>> Y, statistics = batch_norm(init_batch_norm(2), X, training=True)
        >>> Y.round(3).tolist(), statistics["mean"].tolist()
        ([[-1.0, -1.0], [1.0, 1.0]], [1.0, 20.0])

    Raises ValueError if X does not fit, or in training has a single row.
    """
    num_units = np.shape(layer["gain"])[0]
    if np.ndim(X) != 2 or np.shape(X)[1] != num_units:
        raise ValueError(
            f"This batch norm layer takes {num_units} units, X of shape (N, {num_units}), "
            f"but X has shape {np.shape(X)}."
        )
    if not training:
        scale = layer["gain"] / np.sqrt(layer["var"] + epsilon)
        return (X - layer["mean"]) * scale + layer["shift"], None
    N = np.shape(X)[0]
    if N < 2:
        raise ValueError(
            f"batch_norm needs at least two rows in training, but X has shape "
            f"{np.shape(X)}: a single row would be normalised to 0. Choose a batch_size "
            f"that leaves none over, or drop the last batch."
        )
    mean = np.mean(X, axis=0)
    deviation = X - mean
    var = np.mean(deviation**2, axis=0)
    Y = deviation * (layer["gain"] / np.sqrt(var + epsilon)) + layer["shift"]
    return Y, {"mean": mean, "var": var * (N / (N - 1))}


def update_statistics(params, statistics, momentum=0.9):
    """Return params with running statistics moved: momentum·old + (1 - momentum)·new.

    `statistics` holds what `batch_norm` returned, placed as the layers are in `params`;
    what it leaves out or has as None stays. A cost that returns (value, statistics) is
    trained by `train.fit(…, has_aux=True, after_step=nn.update_statistics)`.

        >>> params = {"norm": init_batch_norm(2), "out": init_linear(None, 2, 1, "zero")}
        >>> new = {"norm": {"mean": np.array([10.0, 20.0])}}
        >>> update_statistics(params, new)["norm"]["mean"].round(6)
        array([1., 2.])

    Raises ValueError if params has no such place.
    """
    new = dict(zip(tree.paths(statistics), tree.leaves(statistics), strict=True))
    new = {path: value for path, value in new.items() if value is not None}
    if unknown := set(new) - set(tree.paths(params)):
        raise ValueError(
            f"update_statistics needs statistics placed as the layers are in params, but "
            f"got {sorted(unknown)} and params has {tree.paths(params)}."
        )

    def moved(path, old):
        if path not in new:
            return old
        mixture = momentum * old + (1 - momentum) * new[path]
        return np.asarray(mixture, dtype=np.result_type(old))

    return tree.unflatten(params, map(moved, tree.paths(params), tree.leaves(params)))


# ---------------------------------------------------------------------- penalties


WEIGHTS = ('["W"]', '["w"]')  # how the paths of weights end


def weights(params):
    """List the weights of a tree: every leaf named W or w, at any depth; no biases."""
    named = zip(tree.paths(params), tree.leaves(params), strict=True)
    found = [leaf for path, leaf in named if path.endswith(WEIGHTS)]
    if not found:
        raise ValueError(
            f"Penalties fall on weights, leaves named W or w, but this tree has only "
            f"{tree.paths(params)}."
        )
    return found


def l2(params):
    """Return ½ Σ w² over the weights of all layers; biases are left alone.

    The gradient is w itself. λ times this is -log of a Gaussian prior of variance 1/λ,
    but for a constant.
    """
    return 0.5 * sum(np.sum(W**2) for W in weights(params))


def l1(params):
    """Return Σ |w| over the weights of all layers; biases are left alone.

    The gradient is sign(w), and 0 at 0. Descent alone jumps back and forth over 0 and
    hardly ever meets it: for exact zeros leave l1 out of the cost and `shrink` after each
    step. λ times this is -log of a Laplace prior of scale 1/λ, but for a constant.
    """
    return sum(np.sum(np.abs(W)) for W in weights(params))


def shrink(params, amount):
    """Return params with every weight moved towards 0 by `amount`, and not past it.

    This is the proximal step of L1: w = argmin ½(w - v)² + amount |w|. After a gradient
    step of length α on a cost without its penalty λ Σ|w|, the amount is α λ:
    `train.fit(…, after_step=lambda params: nn.shrink(params, lr * penalty))`. Biases are
    left alone. (Beck & Teboulle 2009.)

        >>> layer = {"W": np.array([[3.0, -0.5], [-2.0, 1.0]]), "b": np.array([0.1, 0.2])}
        >>> shrink(layer, 1.0)
        {'W': array([[ 2.,  0.],
               [-1.,  0.]]), 'b': array([0.1, 0.2])}
    """
    if not amount >= 0:
        raise ValueError(f"shrink needs an amount of at least 0, but got {amount}.")
    amount = float(amount)

    def moved(path, leaf):
        if not path.endswith(WEIGHTS):
            return leaf
        return leaf - np.clip(leaf, -amount, amount)

    return tree.unflatten(params, map(moved, tree.paths(params), tree.leaves(params)))
