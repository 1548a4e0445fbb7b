"""The contestants of the engine's benchmark: each does a workload in its own idiom.

A contestant offers the vocabulary of the costs in `workloads`, and makes functions of
no arguments: `step` (forward, backward, SGD update), `gradient` and `hvp`, which return
NumPy arrays for the tests through `to_numpy`. Nothing here is timed.
"""

from importlib.util import find_spec

import numpy as np


class ByHand:
    """NumPy with the backward pass written by hand, in place where that is natural."""

    name = "NumPy by hand"

    def load(self, arrays):
        return [x.copy() if isinstance(x, np.ndarray) else x for x in arrays]

    to_numpy = load

    def differentiate(self, workload):
        """Return the function of (params, *data) that returns the loss and its bars."""
        return workload.gradient

    def gradient(self, workload, precision="float64"):
        params, data = map(self.load, workload.arrays(precision))
        value_and_gradient = self.differentiate(workload)
        return lambda: value_and_gradient(params, *data)

    def step(self, workload, precision="float64"):
        params, data = map(self.load, workload.arrays(precision))
        value_and_gradient = self.differentiate(workload)

        def step():
            value, grads = value_and_gradient(params, *data)
            for w, g in zip(params, grads, strict=True):
                g *= workload.lr
                w -= g
            return value

        return step


class Plain(ByHand):
    """The same as one writes it at first, with a new array for each result."""

    name = "NumPy, plain"

    def differentiate(self, workload):
        return workload.plain


class Products(ByHand):
    """The matrix products of a step alone: no engine can be faster without fewer."""

    name = "matrix products"

    def step(self, workload, precision="float64"):
        params, data = map(self.load, workload.arrays(precision))
        return lambda: workload.products(params, *data)


class Coursecore(ByHand):
    """coursecore on plain NumPy programs, as the engine meets them."""

    name = "coursecore"

    def __init__(self):
        import coursecore

        self.np, self.engine = np, coursecore
        self.log_softmax = coursecore.functional.log_softmax

    def linear(self, X, W, b):
        return X @ W.T + b

    def relu(self, Z):
        return self.np.maximum(Z, 0.0)

    def gather(self, R, words):
        return R[words]

    def cross_entropy(self, Z, t):
        return -self.np.mean(self.log_softmax(Z)[np.arange(len(t)), t])

    def binary_cross_entropy(self, z, t):
        return self.np.mean(self.np.logaddexp(0.0, z) - t * z)

    def cost(self, workload):
        return lambda params, *data: workload.cost(self, params, *data)

    def differentiate(self, workload):
        return self.engine.value_and_grad(self.cost(workload))

    def hvp(self, workload, precision="float64"):
        params, data = map(self.load, workload.arrays(precision))
        product = self.product(lambda params: workload.cost(self, params, *data))
        return lambda: product(params, params)

    def product(self, fun):
        return self.engine.hvp(fun)


class CoursecoreReplay(Coursecore):
    """coursecore, with the gradient recorded once and replayed."""

    name = "coursecore replay"

    def differentiate(self, workload):
        return self.engine.replay(super().differentiate(workload))

    def product(self, fun):
        return self.engine.replay(super().product(fun))


class CoursecoreNets(Coursecore):
    """coursecore with the layers and losses of its `nets`, which check their input."""

    name = "coursecore nets"

    def __init__(self):
        super().__init__()
        from coursecore import functional as F
        from coursecore import nn

        self.relu, self.layer = F.relu, nn.linear
        self.cross_entropy = F.cross_entropy
        self.binary_cross_entropy = F.binary_cross_entropy

    def linear(self, X, W, b):
        return self.layer({"W": W, "b": b}, X)


class Autograd(Coursecore):
    name = "autograd"

    def __init__(self):
        import autograd
        import autograd.numpy
        from autograd.scipy.special import logsumexp

        self.np, self.engine = autograd.numpy, autograd
        self.log_softmax = lambda Z: Z - logsumexp(Z, axis=1, keepdims=True)

    def product(self, fun):
        make = self.engine.differential_operators.make_hvp(fun)
        return lambda params, v: make(params)[0](v)


class PyTorch:
    """PyTorch on the processor, eager: its own layers, losses and embedding."""

    name = "PyTorch"

    def __init__(self):
        import torch
        import torch.nn.functional as F

        self.np = self.torch = torch
        self.linear, self.relu, self.cross_entropy = F.linear, F.relu, F.cross_entropy
        self.gather = lambda R, words: F.embedding(words, R)
        self.binary_cross_entropy = F.binary_cross_entropy_with_logits

    def load(self, arrays):
        return [self.torch.tensor(x, dtype=self.dtype(x)) for x in arrays]

    def dtype(self, x):
        return getattr(self.torch, np.result_type(x).name)

    def leaves(self, arrays):
        return [x.requires_grad_() for x in self.load(arrays)]

    def to_numpy(self, tensors):
        return [x.detach().numpy() for x in tensors]

    def start(self, workload, precision):
        # The chains start from a Python float; here that is a tensor of one number.
        params, data = workload.arrays(precision)
        return self.leaves(params), self.load(data)

    def gradient(self, workload, precision="float64"):
        params, data = self.start(workload, precision)

        def gradient():
            value = workload.cost(self, params, *data)
            return value.detach().numpy(), self.torch.autograd.grad(value, params)

        return gradient

    def step(self, workload, precision="float64"):
        params, data = self.start(workload, precision)

        def step():
            value = workload.cost(self, params, *data)
            value.backward()
            with self.torch.no_grad():
                for w in params:
                    w.sub_(w.grad, alpha=workload.lr)
                    w.grad = None
            return value

        return step

    def hvp(self, workload, precision="float64"):
        params, data = self.start(workload, precision)
        v = [w.detach() for w in params]
        grad = self.torch.autograd.grad

        def product():
            value = workload.cost(self, params, *data)
            grads = grad(value, params, create_graph=True)
            return grad(grads, params, v, materialize_grads=True)

        return product


class Jax:
    """JAX on the processor, the whole step compiled, its buffers donated."""

    name = "JAX jit"

    def __init__(self):
        import jax

        jax.config.update("jax_platforms", "cpu")
        jax.config.update("jax_enable_x64", True)
        self.jax, self.np = jax, jax.numpy
        self.linear = lambda X, W, b: X @ W.T + b
        self.relu, self.gather = jax.nn.relu, lambda R, words: R[words]

    def load(self, arrays):
        return [self.np.array(x) for x in arrays]

    def to_numpy(self, arrays):
        return [np.asarray(x) for x in arrays]

    def cross_entropy(self, Z, t):
        log_p = self.jax.nn.log_softmax(Z)
        return -self.np.mean(log_p[self.np.arange(len(t)), t])

    def binary_cross_entropy(self, z, t):
        return self.np.mean(self.jax.nn.softplus(z) - t * z)

    def cost(self, workload):
        return lambda params, *data: workload.cost(self, params, *data)

    def gradient(self, workload, precision="float64"):
        params, data = map(self.load, workload.arrays(precision))
        compiled = self.jax.jit(self.jax.value_and_grad(self.cost(workload)))
        return lambda: self.jax.block_until_ready(compiled(params, *data))

    def step(self, workload, precision="float64"):
        params, data = map(self.load, workload.arrays(precision))
        value_and_gradient = self.jax.value_and_grad(self.cost(workload))

        def update(params, *data):
            value, grads = value_and_gradient(params, *data)
            pairs = zip(params, grads, strict=True)
            return value, [w - workload.lr * g for w, g in pairs]

        compiled = self.jax.jit(update, donate_argnums=0)

        def step():
            nonlocal params
            value, params = self.jax.block_until_ready(compiled(params, *data))
            return value

        return step

    def hvp(self, workload, precision="float64"):
        params, data = map(self.load, workload.arrays(precision))
        grad = self.jax.grad(self.cost(workload))

        @self.jax.jit
        def product(params, v):
            return self.jax.jvp(lambda p: grad(p, *data), (params,), (v,))[1]

        return lambda: self.jax.block_until_ready(product(params, params))


CONTESTANTS = [
    ByHand, Plain, Products, Coursecore, CoursecoreReplay, CoursecoreNets, Autograd,
    PyTorch, Jax,
]  # fmt: skip
PACKAGES = {Autograd: "autograd", PyTorch: "torch", Jax: "jax"}
PEERS = {contestant.name: contestant for contestant in CONTESTANTS}


def installed():
    """Name the contestants that can run here."""
    return [
        contestant.name
        for contestant in CONTESTANTS
        if contestant not in PACKAGES or find_spec(PACKAGES[contestant])
    ]


def takes_part(name, workload, kind="step"):
    """Tell whether a contestant has an entry: `kind` is step, gradient or hvp."""
    if name == Plain.name:
        return kind != "hvp" and workload.plain is not None
    if name == Products.name:
        return kind == "step" and workload.products is not None
    if workload.products is None:  # a chain: JAX compiles 10,000 steps for minutes
        return kind == "gradient" and name not in (Jax.name, CoursecoreNets.name)
    return kind != "hvp" or name != ByHand.name
