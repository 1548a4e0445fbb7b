"""Loops: GloVe's innermost loops, compiled by Numba where it is installed.

Plain Python, as one would write it first, entry by entry; compiled, it is as fast as C.
Without Numba (`pip install coursecore[fast]`) the trainers do the same with NumPy, and
come to the same numbers but for rounding.
"""

import functools

import numpy as np


@functools.cache
def compiled(function):
    """Return the function compiled to machine code, or None without a Numba that works."""
    try:
        import numba
    except ImportError:  # not installed, or made for another NumPy
        return None
    # Sums in any order, for processors add many numbers at a time; but inf stays inf.
    liberties = {"reassoc", "contract", "nsz"}
    return numba.njit(function, cache=True, fastmath=liberties, error_model="numpy")


def choose(function, fast):
    """Return the compiled function or, to work with NumPy, None.

    `fast` is None (compiled if there is Numba), True or False. Raises ImportError for
    True without it.
    """
    found = None if fast is False else compiled(function)
    if fast and found is None:
        raise ImportError(
            "fast=True needs Numba, which is not installed or does not fit this NumPy: "
            "pip install -U numba, or leave fast=None to work with NumPy."
        )
    return found


def adagrad(P, Q, P_squares, Q_squares, i, j, log_x, f, lr):
    """Make a step of AdaGrad for one entry after the other; return the sum of the costs.

    Entry n is the pair of words i[n], j[n]. The tables P, Q (V, D + 2), laid out as in
    `glove.fit_adagrad`, and 1 + the squares of their steps so far are changed in place.
    """
    cost = 0.0
    for n in range(len(i)):
        p, p_squares = P[i[n]], P_squares[i[n]]
        q, q_squares = Q[j[n]], Q_squares[j[n]]
        residual = -log_x[n]
        for k in range(len(p)):
            residual += p[k] * q[k]
        cost += f[n] * residual * residual
        slope = lr * f[n] * residual
        for k in range(len(p)):
            p_step, q_step = slope * q[k], slope * p[k]
            p[k] -= p_step / np.sqrt(p_squares[k])
            q[k] -= q_step / np.sqrt(q_squares[k])
            p_squares[k] += p_step * p_step
            q_squares[k] += q_step * q_step
    return cost


def conjugate_gradients(theta, table, entries, offset, ridge, steps):
    """Do what `factorisation.solve_rows` does with `steps`, row by row."""
    starts, columns, targets, roots = entries
    width, cost = table.shape[1], 0.0
    left, direction, change = np.empty((3, width), table.dtype)
    for row in range(len(theta)):
        entries_of_row = range(starts[row], starts[row + 1])
        if len(entries_of_row) == 0:
            continue
        solution, size = theta[row], 0.0
        for k in range(width):
            left[k] = -ridge * solution[k]
            cost += ridge * solution[k] ** 2
        for n in entries_of_row:
            near, error = table[columns[n]], targets[n] - offset[columns[n]]
            for k in range(width):
                error -= near[k] * solution[k]
            error *= roots[n]
            cost += error * error
            for k in range(width):
                left[k] += roots[n] * error * near[k]
        for k in range(width):
            direction[k] = left[k]
            size += left[k] ** 2
        for _ in range(steps):
            curvature = 0.0
            for k in range(width):
                change[k] = ridge * direction[k]
            for n in entries_of_row:
                near, image = table[columns[n]], table.dtype.type(0.0)
                for k in range(width):
                    image += near[k] * direction[k]
                image *= roots[n] * roots[n]
                for k in range(width):
                    change[k] += image * near[k]
            for k in range(width):
                curvature += direction[k] * change[k]
            if not curvature > 0:
                break
            length, before, size = size / curvature, size, 0.0
            cost -= length * before
            for k in range(width):
                solution[k] += length * direction[k]
                left[k] -= length * change[k]
                size += left[k] ** 2
            for k in range(width):
                direction[k] = left[k] + size / before * direction[k]
        for k in range(width):
            cost -= ridge * solution[k] ** 2
    return cost
