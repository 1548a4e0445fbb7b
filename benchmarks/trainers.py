"""The contestants of the training benchmark: one network, trained by everybody.

The network is that of the course's MNIST program: inputs, a layer of sigmoid units, a
softmax, cross-entropy, Adam. A contestant's `trainer(params, X, t, batch_size)` returns
a function train(epochs, rng) that begins at `params` each time it is called, a list
[W, b, V, c], and returns the parameters it ends at and the mean cost of its last epoch.
All shuffle with the same draws, so that they see the same batches and end at the same
place. Nothing here is timed.
"""

import warnings
from importlib.util import find_spec

import contestants
import numpy as np
from steps import adam
from workloads import cross_entropy_by_hand, linear_by_hand

from coursecore import Dense, Sequential, nn, optim, tree
from coursecore import functional as F
from coursecore import train as loop

LR = 1e-3  # of Adam, in every contestant


def batches(rng, num_rows, batch_size):
    """Shuffle the numbers of the rows and cut them into batches, as `train.fit` does."""
    order = rng.permutation(num_rows)
    return [order[start : start + batch_size] for start in range(0, num_rows, batch_size)]


def predict(params, X):
    """Return the class with the largest score for each row of X."""
    W, b, V, c = params
    return np.argmax(F.sigmoid(X @ W.T + b) @ V.T + c, axis=1)


# ------------------------------------------------------------- NumPy by hand


def network_gradient(params, X, t):
    """Return the cost of the network and its bars, written by hand."""
    W, b, V, c = params
    H = linear_by_hand(X, W, b)
    H *= 0.5  # the sigmoid, by way of tanh
    np.tanh(H, out=H)
    H += 1
    H *= 0.5
    value, Y_bar = cross_entropy_by_hand(linear_by_hand(H, V, c), t)
    Z_bar = Y_bar @ V
    Z_bar *= H * (1 - H)
    return value, [Z_bar.T @ X, Z_bar.sum(axis=0), Y_bar.T @ H, Y_bar.sum(axis=0)]


class ByHand:
    """NumPy with the backward pass and Adam's step written by hand, in place."""

    name = contestants.ByHand.name

    def init(self, rng, sizes):
        """Draw [W, b, V, c] as the contestant does unless told otherwise."""
        return tree.leaves(nn.init_mlp(rng, sizes))

    def trainer(self, params, X, t, batch_size):
        start = params

        def train(epochs, rng):
            params = [w.copy() for w in start]
            step = adam(params, LR)
            for _ in range(epochs):
                total = 0.0
                for rows in batches(rng, len(X), batch_size):
                    value, grads = network_gradient(params, X[rows], t[rows])
                    step(grads)
                    total += value * len(rows)
            return params, total / len(X)

        return train

    def classify(self, rng, X, t, X_test, *, num_units, epochs, batch_size):
        """Train from the contestant's own initial weights; return classes of X_test."""
        params = self.init(rng, [X.shape[1], num_units, t.max() + 1])
        params, _ = self.trainer(params, X, t, batch_size)(epochs, rng)
        return predict(params, X_test)


# ---------------------------------------------------------------- coursecore


class Coursecore(ByHand):
    """coursecore's `train.fit` on a plain function of parameters and batch."""

    name = "coursecore fit"
    replayed = False

    def trainer(self, params, X, t, batch_size):
        W, b, V, c = params
        layers = [{"W": W, "b": b}, {"W": V, "b": c}]

        def cost(params, X, t):
            return F.cross_entropy(nn.mlp(params, X, F.sigmoid), t)

        def train(epochs, rng):
            params, history = loop.fit(
                cost, layers, (X, t), optim.Adam(lr=LR), rng=rng, epochs=epochs,
                batch_size=batch_size, progress=False, replayed=self.replayed,
            )  # fmt: skip
            return tree.leaves(params), history.train[-1]

        return train


class CoursecoreReplayed(Coursecore):
    """The same with its gradient recorded once: fit(..., replayed=True)."""

    name = "coursecore fit, replayed"
    replayed = True


class CoursecoreSequential(ByHand):
    """coursecore's `Sequential`, the program that would run in Keras."""

    name = "coursecore Sequential"

    def trainer(self, params, X, t, batch_size):
        num_units, num_inputs = params[0].shape

        def train(epochs, rng):
            model = Sequential()
            model.add(Dense(num_units, activation="sigmoid", input_shape=(num_inputs,)))
            model.add(Dense(len(params[-1]), activation="softmax"))
            model.set_weights(params)
            model.rng = rng  # from here on it draws the order of the batches only
            model.compile(optim.Adam(lr=LR), "sparse_categorical_crossentropy")
            result = model.fit(X, t, batch_size=batch_size, epochs=epochs, verbose=0)
            return model.get_weights(), result.train[-1]

        return train


# --------------------------------------------------------------------- peers


class PyTorch(contestants.PyTorch):
    """PyTorch on the processor, eager, with torch.optim.Adam as it comes."""

    classify = ByHand.classify

    def init(self, rng, sizes):
        self.torch.manual_seed(int(rng.integers(2**31)))
        pairs = zip(sizes[:-1], sizes[1:], strict=True)
        layers = [self.torch.nn.Linear(*pair, dtype=self.torch.float64) for pair in pairs]
        return self.to_numpy([w for layer in layers for w in layer.parameters()])

    def trainer(self, params, X, t, batch_size):
        torch, start = self.torch, params
        X, t = self.load([X, t])

        def train(epochs, rng):
            params = W, b, V, c = self.leaves(start)
            adam = torch.optim.Adam(params, lr=LR)
            for _ in range(epochs):
                total = 0.0
                for rows in map(torch.from_numpy, batches(rng, len(X), batch_size)):
                    H = torch.sigmoid(self.linear(X[rows], W, b))
                    value = self.cross_entropy(self.linear(H, V, c), t[rows])
                    adam.zero_grad()
                    value.backward()
                    adam.step()
                    total += value.item() * len(rows)
            return self.to_numpy(params), total / len(X)

        return train


class Jax(contestants.Jax):
    """JAX on the processor: gradient and Adam compiled together, a call for each batch."""

    def update(self, state, X, t, rows):
        """Take Adam's step on some rows; return the new state and the cost."""

        def cost(params):
            W, b, V, c = params
            H = self.jax.nn.sigmoid(self.linear(X[rows], W, b))
            return self.cross_entropy(self.linear(H, V, c), t[rows])

        step, params, means, squares = state
        value, grads = self.jax.value_and_grad(cost)(params)
        step += 1
        scale, root = LR / (1 - 0.9**step), self.np.sqrt(1 - 0.999**step)
        means = [0.9 * m + 0.1 * g for m, g in zip(means, grads, strict=True)]
        squares = [0.999 * s + 0.001 * g * g for s, g in zip(squares, grads, strict=True)]
        moved = [
            w - scale * m / (self.np.sqrt(s) / root + 1e-8)
            for w, m, s in zip(params, means, squares, strict=True)
        ]
        return (step, moved, means, squares), value

    def trainer(self, params, X, t, batch_size):
        start, (X, t) = params, self.load([X, t])
        run = self.compile()

        def train(epochs, rng):
            zeros = [np.zeros_like(w) for w in start]
            step = self.np.zeros((), start[0].dtype)
            state = step, self.load(start), self.load(zeros), self.load(zeros)
            for _ in range(epochs):
                state, total = run(state, X, t, batches(rng, len(X), batch_size))
            return self.to_numpy(state[1]), float(total) / len(X)

        return train

    def compile(self):
        """Return the function that runs an epoch; here it calls compiled steps."""
        compiled = self.jax.jit(self.update, donate_argnums=0)

        def run(state, X, t, epoch):
            total = 0.0
            for rows in epoch:
                state, value = compiled(state, X, t, rows)
                total += value * len(rows)
            return state, total

        return run


class JaxScan(Jax):
    """JAX with a whole epoch compiled, one `lax.scan` over batches of equal size."""

    name = "JAX scan"

    def compile(self):
        def scan(state, X, t, epoch):
            def update(state, rows):
                return self.update(state, X, t, rows)

            state, values = self.jax.lax.scan(update, state, epoch)
            return state, self.np.sum(values) * epoch.shape[1]

        compiled = self.jax.jit(scan, donate_argnums=0)
        # np.stack refuses a last batch that is smaller.
        return lambda state, X, t, epoch: compiled(state, X, t, np.stack(epoch))


class ScikitLearn:
    """scikit-learn's MLPClassifier with the same network and budget; accuracy only."""

    name = "scikit-learn"

    def classify(self, rng, X, t, X_test, *, num_units, epochs, batch_size):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        model = MLPClassifier(
            [num_units], activation="logistic", solver="adam", learning_rate_init=LR,
            alpha=0.0, batch_size=batch_size, max_iter=epochs, tol=0.0,
            n_iter_no_change=epochs, random_state=int(rng.integers(2**31)),
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the budget is fixed
            return model.fit(X, t).predict(X_test)


ALL = [ByHand, Coursecore, CoursecoreReplayed, CoursecoreSequential, PyTorch, Jax, JaxScan]
TRAINERS = {trainer.name: trainer for trainer in ALL}
CLASSIFIERS = {one.name: one for one in [Coursecore, ScikitLearn, PyTorch]}
PACKAGES = {PyTorch: "torch", Jax: "jax", JaxScan: "jax", ScikitLearn: "sklearn"}


def installed(peers):
    """Name those of TRAINERS, or of CLASSIFIERS, that can run here."""
    return [
        name
        for name, peer in peers.items()
        if peer not in PACKAGES or find_spec(PACKAGES[peer])
    ]
