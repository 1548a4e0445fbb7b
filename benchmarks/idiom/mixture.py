"""A mixture of Gaussians, fitted by gradient instead of by expectation-maximization.

Written in the idiom of HIPS autograd: to run it there, change the two lines marked.
"""

import numpy as np  # autograd: import autograd.numpy as np
from numpy.random import default_rng

from coursecore import grad  # autograd: from autograd import grad


def draw_data(rng, per_cluster=60):
    """Return points (N, 2) from three stretched clusters."""
    centres = np.array([[-2.0, 0.0], [2.0, 0.5], [0.0, 3.0]])
    tall, wide = [[0.3, 0.2], [0.0, 0.9]], [[0.8, 0.0], [0.3, 0.3]]
    stretch = np.array([tall, wide, 0.5 * np.eye(2)])
    noise = rng.standard_normal((3, per_cluster, 2))
    return np.reshape(centres[:, None] + np.matmul(noise, stretch), (-1, 2))


def init_params(rng, points, num_clusters):
    dim = points.shape[1]
    return {
        "scores": np.zeros(num_clusters),
        "means": points[rng.choice(len(points), num_clusters, replace=False)],
        "whiten": np.stack([np.eye(dim)] * num_clusters),
    }


def logsumexp(x, axis):
    highest = np.max(x, axis=axis, keepdims=True)
    total = np.sum(np.exp(x - highest), axis=axis, keepdims=True)
    return np.squeeze(highest + np.log(total), axis=axis)


def log_densities(params, points):
    """Return log p(point, cluster), shape (N, K).

    Cluster k has the precision AᵀA with A = whiten[k], so that A (x - mean) is white.
    """
    centred = points[:, None, :] - params["means"]
    white = np.einsum("kij,nkj->nki", params["whiten"], centred)
    volume = np.linalg.slogdet(params["whiten"])[1]
    log_shares = params["scores"] - logsumexp(params["scores"], axis=0)
    constant = 0.5 * points.shape[1] * np.log(2 * np.pi)
    return log_shares + volume - 0.5 * np.sum(white**2, axis=2) - constant


def negative_log_likelihood(params, points):
    return -np.mean(logsumexp(log_densities(params, points), axis=1))


def main(steps=150, rate=0.2):
    """Return the loss at every tenth step, and the fitted parameters."""
    rng = default_rng(1)
    points = draw_data(rng)
    params, losses = init_params(rng, points, num_clusters=3), []
    gradient = grad(negative_log_likelihood)
    for step in range(steps):
        if step % 10 == 0:
            losses.append(negative_log_likelihood(params, points))
        grads = gradient(params, points)
        params = {key: params[key] - rate * grads[key] for key in params}
    return losses, params


if __name__ == "__main__":
    losses, params = main()
    print(f"loss {losses[0]:.4f} -> {losses[-1]:.4f}, means")
    print(np.round(params["means"], 2))
