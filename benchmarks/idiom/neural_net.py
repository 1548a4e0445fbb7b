"""A neural net on a tree of parameters, trained to tell the arms of a pinwheel apart.

Written in the idiom of HIPS autograd: to run it there, change the two lines marked.
"""

import numpy as np  # autograd: import autograd.numpy as np
from numpy.random import default_rng

from coursecore import value_and_grad  # autograd: from autograd import value_and_grad


def draw_pinwheel(rng, arms=3, per_arm=40):
    """Return points (N, 2) on bent arms, and the arm of each as a one-hot row."""
    arm = np.repeat(np.arange(arms), per_arm)
    radius = 1 + 0.3 * rng.standard_normal(len(arm))
    angle = 2 * np.pi * arm / arms + 0.8 * radius + 0.15 * rng.standard_normal(len(arm))
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return points, np.eye(arms)[arm]


def init_params(rng, sizes):
    return {
        "layers": [
            (rng.standard_normal((m, n)) / np.sqrt(m), np.zeros(n))
            for m, n in zip(sizes[:-1], sizes[1:], strict=True)
        ],
        "log_scale": np.array(0.0),
    }


def log_probabilities(params, inputs):
    """Return log softmax of the scores; each layer is a pair (weights, biases)."""
    for weights, biases in params["layers"]:
        outputs = np.dot(inputs, weights) + biases
        inputs = np.tanh(outputs)
    scores = np.exp(params["log_scale"]) * outputs
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))


def loss(params, inputs, targets):
    size = sum(np.sum(weights**2) for weights, _ in params["layers"])
    chosen = np.sum(log_probabilities(params, inputs) * targets, axis=1)
    return -np.mean(chosen) + 1e-4 * size


def descend(params, grads, rate):
    pairs = zip(params["layers"], grads["layers"], strict=True)
    return {
        "layers": [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in pairs],
        "log_scale": params["log_scale"] - rate * grads["log_scale"],
    }


def main(steps=100):
    """Return the loss at every step, and the accuracy after the last."""
    rng = default_rng(0)
    inputs, targets = draw_pinwheel(rng)
    params = init_params(rng, [2, 16, 16, 3])
    loss_and_grad, losses = value_and_grad(loss), []
    for _ in range(steps):
        value, grads = loss_and_grad(params, inputs, targets)
        params = descend(params, grads, rate=0.5)
        losses.append(value)
    predicted = np.argmax(log_probabilities(params, inputs), axis=1)
    return losses, np.mean(predicted == np.argmax(targets, axis=1))


if __name__ == "__main__":
    losses, accuracy = main()
    print(f"loss {losses[0]:.4f} -> {losses[-1]:.4f}, accuracy {accuracy:.3f}")
