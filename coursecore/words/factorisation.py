"""Factorisation: a matrix as a product of two thin ones, X ≈ R R̃ᵀ, with K columns each.

Least squares over *all* entries is solved by the singular value decomposition. Where the
entries have weights, or most of them are missing, no closed form is known; but with R̃
held fixed each row of R is an ordinary problem of least squares of its own, and so the
other way round. Alternating between the two never raises the cost.

    >>> R, R_tilde = svd(np.outer([1.0, 2.0, 3.0], [1.0, 1.0, 2.0]), dim=1)
    >>> R @ R_tilde.T
    array([[1., 1., 2.],
           [2., 2., 4.],
           [3., 3., 6.]])
"""

import contextlib
import importlib.util

import numpy as np

from . import loops

BLOCK = 1 << 17  # numbers that fit into a processor's cache


def svd(X, dim):
    """Return the factors R (N, K) and R̃ (M, K) of the best approximation of rank K = dim.

    No other product of rank K is nearer to X (N, M) in the Frobenius norm (Eckart and
    Young 1936). The columns come in order of their singular values, whose roots both
    factors share. On a matrix whose columns have mean 0 this is principal component
    analysis: R̃ spans the first K components, and R R̃ᵀ is the projection on them.

    X is dense or any of SciPy's sparse kinds; a sparse one stays sparse. For counts try
    X.log1p(): the logarithm tames the commonest words, and 0 stays 0.

    Raises ValueError if dim is not in 1 … min(N, M), or X is no matrix of finite numbers.
    """
    from scipy import sparse

    X = sparse.csr_array(X) if sparse.issparse(X) else np.asarray(X)
    X = X if X.dtype.kind == "f" else X.astype(float)
    values = X.data if sparse.issparse(X) else X
    if X.ndim != 2:
        raise ValueError(f"svd needs a matrix (N, M), but X has shape {X.shape}.")
    if not np.all(np.isfinite(values)):
        raise ValueError("svd needs a matrix of finite numbers, but X holds NaN or inf.")
    least = min(X.shape)
    if not 1 <= dim <= least:
        raise ValueError(
            f"svd of a matrix of shape {X.shape} has 1 to {least} dimensions, not {dim}."
        )
    if not np.any(values):
        return tuple(np.zeros((size, dim), X.dtype) for size in X.shape)
    if dim < least and (sparse.issparse(X) or least > 500):
        # Lanczos' iteration, from a start that is no draw: the same result every time.
        # A constant one would vanish where all rows sum to 0.
        start = np.cos(np.arange(least) ** 2.0).astype(X.dtype)
        U, roots, Vh = sparse.linalg.svds(X, k=dim, v0=start)
    else:
        dense = X.toarray() if sparse.issparse(X) else X
        U, roots, Vh = np.linalg.svd(dense, full_matrices=False)
    order = np.argsort(-roots, kind="stable")[:dim]
    U, roots, Vh = U[:, order], np.sqrt(roots[order]), Vh[order]
    signs = np.where(U.sum(axis=0) < 0, -1, 1).astype(X.dtype)
    return U * (signs * roots), Vh.T * (signs * roots)


def solve_rows(theta, table, entries, offset, ridge=0.1, steps=None, fast=None):
    """Minimise the weighted squared error of every row; change `theta` in place.

    `entries` = (starts, columns, targets, roots) are the known entries of a matrix, row
    by row as in SciPy's CSR: targets t and square roots √w of the weights. Row i becomes
    the θ that minimises

        Σ_j w_ij (t_ij - o_j - table_j · θ)² + ridge ‖θ‖²,

    where j runs over the known entries and o_j is `offset`. A row without any is left as
    it is. `theta` is (N, K), `table` (M, K), `offset` (M,), of one dtype.

    With `steps` the minimum is not sought by a direct solution, K²·n + K³ operations for a
    row of n entries, but approached by so many steps of conjugate gradients, K·n
    each, from where theta stands. They too never raise the cost.

    Returns the sum of the first term over all rows, as a float: what the cost is now.
    `fast` chooses Numba (True), NumPy (False), or what is there (None) for the steps.
    """
    if steps is not None and (loop := loops.choose(loops.conjugate_gradients, fast)):
        return loop(theta, table, entries, offset, table.dtype.type(ridge), steps)
    starts, columns, targets, roots = entries
    lengths = np.diff(starts)
    cost, identity = 0.0, np.eye(table.shape[1], dtype=table.dtype)
    for rows in _groups(lengths, table.shape[1]):
        places = np.arange(lengths[rows[-1]])
        known = places < lengths[rows, None]
        places = np.minimum(starts[rows, None] + places, len(columns) - 1)
        near = columns[places]
        root = roots[places] * known
        A = np.take(table, near, axis=0)  # faster than table[near]
        A *= root[..., None]
        t = ((targets[places] - offset[near]) * root)[..., None]
        if steps is None:
            moments = A.mT @ t
            new = np.linalg.solve(A.mT @ A + ridge * identity, moments)
            cost += _dot(t, t) - _dot(new, moments)
        else:
            old = theta[rows][..., None]
            error = t - A @ old
            new, saved = _conjugate_gradients(A, error, old, ridge, steps)
            cost += _dot(error, error) + ridge * _dot(old, old) - saved
        theta[rows] = new[..., 0]
        cost -= ridge * _dot(new, new)
    return cost


def one_thread():
    """Return a context in which matrix products run on one thread, if that can be had.

    The products of `solve_rows` are many and small. Threads that wait for each other at
    every one of them take up to ten times as long where another program is at work.
    """
    if importlib.util.find_spec("threadpoolctl") is None:  # scikit-learn brings it along
        return contextlib.nullcontext()
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")


def _groups(lengths, width):
    """Yield rows of about the same number of entries, that together fit into the cache."""
    order = np.argsort(lengths, kind="stable")
    sizes = lengths[order]
    start = int(np.searchsorted(sizes, 1))
    while start < len(order):
        alike = np.searchsorted(sizes, sizes[start] * 9 // 8, side="right")
        end = min(int(alike), start + max(1, BLOCK // (int(sizes[start]) * width)))
        yield order[start:end]
        start = end


def _conjugate_gradients(A, error, theta, ridge, steps):
    """Take steps toward the least ‖error‖² + ridge ‖θ‖²; return θ and what they saved."""
    left = A.mT @ error - ridge * theta
    direction, size, saved = left, _squares(left), 0.0
    for _ in range(steps):
        image = A @ direction
        curvature = _squares(image) + ridge * _squares(direction)
        length = _ratio(size, curvature)
        saved += _dot(length, size)
        theta = theta + length * direction
        left = left - length * (A.mT @ image + ridge * direction)
        before, size = size, _squares(left)
        direction = left + _ratio(size, before) * direction
    return theta, saved


def _squares(vectors):
    return np.sum(vectors * vectors, axis=1, keepdims=True)


def _ratio(x, y):
    """Return x / y, and 0 where y is 0: where there is nothing left to do."""
    return np.divide(x, y, out=np.zeros_like(x), where=y > 0)


def _dot(x, y):
    """Sum the products in float64: the cost is a small difference of large sums."""
    return float(np.vdot(x.astype(float, copy=False), y.astype(float, copy=False)))
