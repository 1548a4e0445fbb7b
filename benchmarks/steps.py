"""An optimizer's step alone: written by hand in NumPy, and coursecore's.

A hand-written optimizer takes a list of parameters and returns step(grads), which
overwrites them and its memory, in the plain formulas of the textbooks: working arrays
kept from step to step gain nothing, as NumPy takes back the memory it has just freed.
Nothing here is timed.
"""

from dataclasses import replace

import numpy as np

from coursecore import nn, optim, tree

# The sizes of networks: 8 leaves with 13,000 and with 240,000 numbers in all, and a leaf
# of 2 million.
TREES = {
    "8 small leaves": [64, 64, 64, 64, 10],
    "8 leaves": [784, 256, 128, 64, 10],
    "large leaves": [2048, 1024],
}


def zeros(params, num_memories):
    """Make the memory of each parameter: arrays of zeros."""
    return [[np.zeros_like(w) for _ in range(num_memories)] for w in params]


def sgd(params, lr=0.1):
    def step(grads):
        for w, g in zip(params, grads, strict=True):
            w -= lr * g

    return step


def momentum(params, lr=0.1, mu=0.9):
    memory = zeros(params, 1)

    def step(grads):
        for w, g, (p,) in zip(params, grads, memory, strict=True):
            p *= mu
            p -= lr * g
            w += p

    return step


def nesterov(params, lr=0.1, mu=0.9):
    memory = zeros(params, 1)

    def step(grads):
        for w, g, (p,) in zip(params, grads, memory, strict=True):
            change = lr * g
            p *= mu
            p -= change
            w -= change
            w += mu * p

    return step


def rmsprop(params, lr=0.01, gamma=0.1, epsilon=1e-8):
    memory = zeros(params, 1)

    def step(grads):
        for w, g, (s,) in zip(params, grads, memory, strict=True):
            s *= 1 - gamma
            s += gamma * (g * g)
            w -= lr * g / np.sqrt(s + epsilon)

    return step


def adam(params, lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    memory = zeros(params, 2)
    num_steps = 0

    def step(grads):
        nonlocal num_steps
        num_steps += 1
        root = (1 - beta2**num_steps) ** 0.5
        rate, small = lr * root / (1 - beta1**num_steps), epsilon * root
        for w, g, (m, s) in zip(params, grads, memory, strict=True):
            m *= beta1
            m += (1 - beta1) * g
            s *= beta2
            s += (1 - beta2) * (g * g)
            w -= rate * m / (np.sqrt(s) + small)

    return step


OPTIMIZERS = {
    "SGD": (sgd, optim.SGD(lr=0.1)),
    "momentum": (momentum, optim.SGD(lr=0.1, momentum=0.9)),
    "Nesterov": (nesterov, optim.Nesterov(lr=0.1, momentum=0.9)),
    "RMSprop": (rmsprop, optim.RMSprop(lr=0.01)),
    "Adam": (adam, optim.Adam(lr=0.001)),
}


def entries(optimizer, sizes, precision):
    """Make the steps to time, {name: function}; each returns its own parameters."""
    by_hand, ours = OPTIMIZERS[optimizer]
    rng = np.random.default_rng(0)
    start = nn.init_mlp(rng, sizes)
    grads = tree.map(lambda w: rng.standard_normal(w.shape).astype(precision), start)

    def copy():
        return tree.map(lambda w: w.astype(precision), start)

    def coursecore_step(optimizer):
        params = copy()
        state = optimizer.init(params)

        def step():
            nonlocal params, state
            params, state = optimizer.step(params, grads, state)
            return params

        return step

    def step_by_hand():
        step(grad_list)
        return params

    params, grad_list = tree.leaves(copy()), tree.leaves(grads)
    step = by_hand(params)
    return {
        "NumPy by hand": step_by_hand,
        "coursecore in place": coursecore_step(replace(ours, in_place=True)),
        "coursecore": coursecore_step(ours),
    }
