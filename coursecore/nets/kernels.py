"""Kernels: a linear classifier in a space of features that is never visited.

A kernel k(x, y) is an inner product of features of x and y. A support vector machine
needs nothing else of them: its score is z(x) = Σ αₙ tₙ k(xₙ, x) + b, and only support
vectors have αₙ ≠ 0. Where the matrix K of all pairs has full rank, some coefficients fit
any targets exactly. The solver is scikit-learn's SVC. (NYU CS-GY 6923 lecture 10.)

    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> machine = svm(X, np.array([-1, 1, 1, -1]), rbf, C=10.0)
    >>> np.sign(scores(machine, X))
    array([-1.,  1.,  1., -1.])
"""

from dataclasses import dataclass

import numpy as np

from .margins import both_classes


@dataclass(frozen=True, eq=False)
class KernelMachine:
    """What `svm` found: `coefficients` αₙ tₙ (N,), the bias, indices of the support."""

    coefficients: np.ndarray
    b: float
    support: np.ndarray
    X: np.ndarray
    kernel: object

    def __repr__(self):
        name = getattr(self.kernel, "__name__", repr(self.kernel))
        return (
            f"KernelMachine\n  kernel = {name}\n  b = {self.b:.4g}\n"
            f"  support = {len(self.support)} of {len(self.X)} examples"
        )


def rbf(X, Y, gamma=1.0):
    """Return exp(-gamma ‖x - y‖²) for each row of X with each of Y: shape (N, M)."""
    squares = np.sum(X**2, axis=1)[:, None] + np.sum(Y**2, axis=1) - 2.0 * X @ Y.T
    return np.exp(-gamma * np.maximum(squares, 0.0))


def polynomial(X, Y, degree=2):
    """Return (x·y + 1)ᵈᵉᵍʳᵉᵉ for each row of X with each of Y: shape (N, M).

    Its features are all products of up to `degree` inputs, suitably weighted.
    """
    return (X @ Y.T + 1.0) ** degree


def svm(X, t, kernel=rbf, *, C=1.0):
    """Fit a soft-margin SVM with kernel(X, Y) -> (N, M); return a KernelMachine.

    X is (N, D), t (N,) of -1 and +1, C > 0 the price of a unit of slack.
    """
    from sklearn.svm import SVC

    X, t = both_classes("kernels.svm", X, t)
    if not (C > 0 and np.isfinite(C)):
        raise ValueError(f"kernels.svm needs a finite C > 0, but got {C}.")
    K = np.asarray(kernel(X, X))
    if K.shape != (len(X), len(X)):
        raise ValueError(
            f"kernels.svm needs a kernel that returns a number for each pair of rows, here "
            f"{(len(X), len(X))}, but it returned shape {K.shape}."
        )
    oracle = SVC(kernel="precomputed", C=C, tol=1e-6).fit(K, t)
    coefficients = np.zeros(len(X))
    coefficients[oracle.support_] = oracle.dual_coef_[0]
    support = np.sort(oracle.support_)
    return KernelMachine(coefficients, float(oracle.intercept_[0]), support, X, kernel)


def scores(machine, X, support_only=True):
    """Return Σ αₙ tₙ k(xₙ, x) + b for each row of X, shape (N,).

    `support_only=False` sums over all training examples: the same numbers, more slowly.
    """
    used = machine.support if support_only else np.arange(len(machine.X))
    return machine.kernel(X, machine.X[used]) @ machine.coefficients[used] + machine.b
