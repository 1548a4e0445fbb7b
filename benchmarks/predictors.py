"""The contestants of the language-model benchmark: Bengio's model, trained by everybody.

The model is W4 of `workloads`: vectors of the context's words side by side, a layer of
tanh units, a softmax. The descent has momentum, as in the published figures. A contestant's
`trainer(params, contexts, targets, batch_size)` returns a function train(epochs, rng) that
begins at `params`, a list [R, W, b, V, c], each time it is called, and returns the
parameters it ends at and the mean cost of its last epoch. All shuffle with the same draws,
so that they see the same batches and end at the same place. Nothing here is timed.
"""

from importlib.util import find_spec

import contestants
import numpy as np
from steps import momentum
from trainers import batches
from workloads import gather_cost, gather_gradient

from coursecore import optim, replay, value_and_grad
from coursecore import train as loop
from coursecore.words import nlm

LR, MU = 0.1, 0.9  # the learning rate and the momentum of every contestant


def init(rng, num_words, dim, context, hidden, precision="float64"):
    """Draw [R, W, b, V, c], Gaussian with standard deviation 0.01."""
    params = nlm.init(rng, num_words, dim, context, hidden)
    return [w.astype(precision) for w in flat(params)]


def flat(params):
    """List the arrays of a model of `nlm` in the order of the workload's."""
    layers = params["hidden"], params["output"]
    return [params["R"], *(layer[key] for layer in layers for key in ("W", "b"))]


def as_tree(params):
    """Make the tree that `nlm` takes of the list."""
    R, W, b, V, c = params
    return {"R": R, "hidden": {"W": W, "b": b}, "output": {"W": V, "b": c}}


class ByHand:
    """NumPy with the backward pass and the momentum written by hand, in place."""

    name = contestants.ByHand.name

    def differentiate(self):
        """Return the function of (params, contexts, targets) that gives cost and bars."""
        return gather_gradient

    def trainer(self, params, contexts, targets, batch_size):
        start, value_and_gradient = params, self.differentiate()

        def train(epochs, rng):
            params = [w.copy() for w in start]
            step = momentum(params, LR, MU)
            for _ in range(epochs):
                total = 0.0
                for rows in batches(rng, len(targets), batch_size):
                    value, grads = value_and_gradient(params, contexts[rows], targets[rows])
                    step(grads)
                    total += value * len(rows)
            return params, float(total / len(targets))

        return train


class Coursecore(ByHand):
    """coursecore's gradient of the plain NumPy program, with the same step by hand."""

    name = "coursecore"
    peer = contestants.Coursecore

    def differentiate(self):
        by = self.peer()
        return by.engine.value_and_grad(lambda *args: gather_cost(by, *args))


class CoursecoreReplay(Coursecore):
    """The same gradient, recorded once and replayed."""

    name = "coursecore replay"

    def differentiate(self):
        by = self.peer()
        return replay(value_and_grad(lambda *args: gather_cost(by, *args)))


class CoursecoreFit(ByHand):
    """coursecore as students use it: `nlm.loss` under `train.fit`."""

    name = "coursecore fit"
    replayed = False

    def trainer(self, params, contexts, targets, batch_size):
        start, sgd = as_tree(params), optim.SGD(lr=LR, momentum=MU)

        def train(epochs, rng):
            params, history = loop.fit(
                nlm.loss, start, (contexts, targets), sgd, rng=rng, epochs=epochs,
                batch_size=batch_size, progress=False, replayed=self.replayed,
            )  # fmt: skip
            return flat(params), history.train[-1]

        return train


class CoursecoreFitReplayed(CoursecoreFit):
    """The same with its gradient recorded once: fit(..., replayed=True)."""

    name = "coursecore fit, replayed"
    replayed = True


class Autograd(Coursecore):
    """HIPS autograd, with the same step by hand."""

    name = "autograd"
    peer = contestants.Autograd


class PyTorch(contestants.PyTorch):
    """PyTorch on the processor, eager, with torch.optim.SGD as it comes."""

    def trainer(self, params, contexts, targets, batch_size):
        torch, start = self.torch, params
        contexts, targets = self.load([contexts, targets])

        def train(epochs, rng):
            params = self.leaves(start)
            sgd = torch.optim.SGD(params, lr=LR, momentum=MU)
            for _ in range(epochs):
                total = 0.0
                for rows in map(torch.from_numpy, batches(rng, len(targets), batch_size)):
                    value = gather_cost(self, params, contexts[rows], targets[rows])
                    sgd.zero_grad()
                    value.backward()
                    sgd.step()
                    total += value.item() * len(rows)
            return self.to_numpy(params), total / len(targets)

        return train


class Jax(contestants.Jax):
    """JAX on the processor: gradient and step compiled together, a call for each batch."""

    def update(self, state, contexts, targets, rows):
        """Take a step on some rows; return the new state and the cost."""
        params, memory = state
        value, grads = self.jax.value_and_grad(
            lambda params: gather_cost(self, params, contexts[rows], targets[rows])
        )(params)
        memory = [MU * p - LR * g for p, g in zip(memory, grads, strict=True)]
        return ([w + p for w, p in zip(params, memory, strict=True)], memory), value

    def trainer(self, params, contexts, targets, batch_size):
        start, (contexts, targets) = params, self.load([contexts, targets])
        run = self.compile()

        def train(epochs, rng):
            state = self.load(start), self.load([np.zeros_like(w) for w in start])
            for _ in range(epochs):
                epoch = batches(rng, len(targets), batch_size)
                state, total = run(state, contexts, targets, epoch)
            return self.to_numpy(state[0]), float(total) / len(targets)

        return train

    def compile(self):
        """Return the function that runs an epoch; here it calls compiled steps."""
        compiled = self.jax.jit(self.update, donate_argnums=0)

        def run(state, contexts, targets, epoch):
            total = 0.0
            for rows in epoch:
                state, value = compiled(state, contexts, targets, rows)
                total += float(value) * len(rows)
            return state, total

        return run


class JaxScan(Jax):
    """JAX with a whole epoch compiled, one `lax.scan` over batches of equal size."""

    name = "JAX scan"

    def compile(self):
        def scan(state, contexts, targets, epoch):
            def update(state, rows):
                return self.update(state, contexts, targets, rows)

            state, values = self.jax.lax.scan(update, state, epoch)
            return state, self.np.sum(values) * epoch.shape[1]

        compiled = self.jax.jit(scan, donate_argnums=0)
        # np.stack refuses a last batch that is smaller.
        return lambda *args: compiled(*args[:-1], np.stack(args[-1]))


PREDICTORS = {
    one.name: one
    for one in [
        ByHand, Coursecore, CoursecoreReplay, CoursecoreFit, CoursecoreFitReplayed,
        Autograd, PyTorch, Jax, JaxScan,
    ]
}  # fmt: skip
PACKAGES = {Autograd: "autograd", PyTorch: "torch", Jax: "jax", JaxScan: "jax"}


def installed():
    """Name the contestants that can run here."""
    return [
        name
        for name, one in PREDICTORS.items()
        if one not in PACKAGES or find_spec(PACKAGES[one])
    ]
