"""How must a drum be pushed so that, a moment later, its skin stands in a ring?

The wave equation is stepped forward on a grid, and the first shape of the skin is found
by descending the gradient back through all the steps of time.

Written in the idiom of HIPS autograd: to run it there, change the two lines marked.
"""

import numpy as np  # autograd: import autograd.numpy as np

from coursecore import value_and_grad  # autograd: from autograd import value_and_grad

SIZE, MOMENTS, SPEED = 24, 30, 0.5


def laplacian(height):
    """Return the sum of four neighbours less four times the height; edges wrap round."""
    around = sum(np.roll(height, shift, axis) for axis in (0, 1) for shift in (1, -1))
    return around - 4 * height


def play(first):
    """Return the skin after MOMENTS steps, let go at rest from the shape `first`."""
    before = now = first
    for _ in range(MOMENTS):
        acceleration = SPEED**2 * laplacian(now)
        before, now = now, 2 * now - before + acceleration
    return now


def draw_ring():
    x = np.linspace(-1, 1, SIZE)
    return np.exp(-20 * (np.hypot(x[:, None], x) - 0.5) ** 2)


def distance(first, ring):
    return np.mean((play(np.reshape(first, (SIZE, SIZE))) - ring) ** 2)


def main(steps=30, rate=60.0):
    """Return the distance from the ring at every step, and the first shape found."""
    ring = draw_ring()
    first, distances = np.zeros(SIZE * SIZE), []
    distance_and_grad = value_and_grad(distance)
    for _ in range(steps):
        value, gradient = distance_and_grad(first, ring)
        first = first - rate * gradient
        distances.append(value)
    return distances, first


if __name__ == "__main__":
    distances, first = main()
    print(f"distance {distances[0]:.5f} -> {distances[-1]:.5f}, push {first.max():.3f}")
