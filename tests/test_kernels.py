"""Kernels: the same numbers from support vectors alone, and from scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import pairwise
from sklearn.svm import SVC

from coursecore import data
from coursecore.nets import kernels, linear, margins

X, t = data.moons(np.random.default_rng(2), 60, noise=0.2)
t = 2 * t - 1
NEW = np.random.default_rng(3).normal(size=(25, 2))


def inner(X, Y):
    return X @ Y.T


def test_kernels_agree_with_scikit_learn():
    expected = pairwise.rbf_kernel(X, NEW, gamma=0.7)
    np.testing.assert_allclose(kernels.rbf(X, NEW, gamma=0.7), expected)
    expected = pairwise.polynomial_kernel(X, NEW, degree=3, gamma=1.0, coef0=1.0)
    np.testing.assert_allclose(kernels.polynomial(X, NEW, degree=3), expected)


def test_a_kernel_is_an_inner_product_of_features():
    x, y = X.T
    root = np.sqrt(2.0)
    features = np.stack([np.ones(60), root * x, root * y, x**2, root * x * y, y**2], axis=1)
    np.testing.assert_allclose(kernels.polynomial(X, X), features @ features.T)
    for kernel in (kernels.rbf, kernels.polynomial):
        assert np.linalg.eigvalsh(kernel(X, X)).min() > -1e-10


def test_far_points_are_not_alike_and_each_is_like_itself():
    K = kernels.rbf(1e4 * X, 1e4 * X)
    np.testing.assert_allclose(np.diag(K), 1.0, atol=1e-6)
    assert K.max() <= 1.0
    assert K[np.triu_indices(60, 1)].max() < 1e-6


@pytest.mark.parametrize("C", [0.5, 10.0])
def test_scores_agree_with_scikit_learns_own_kernels(C):
    machine = kernels.svm(X, t, C=C)
    oracle = SVC(kernel="rbf", gamma=1.0, C=C, tol=1e-6).fit(X, t)
    expected = oracle.decision_function(NEW)
    np.testing.assert_allclose(kernels.scores(machine, NEW), expected, atol=1e-4)
    np.testing.assert_array_equal(machine.support, np.sort(oracle.support_))
    assert np.max(np.abs(machine.coefficients)) <= C


def test_with_inner_products_it_is_the_linear_machine():
    machine, straight = kernels.svm(X, t, inner, C=1.0), margins.soft_margin(X, t, C=1.0)
    expected = linear.scores(straight.params, NEW)
    np.testing.assert_allclose(kernels.scores(machine, NEW), expected, atol=1e-4)
    np.testing.assert_allclose(machine.coefficients @ X, straight.w, atol=1e-4)


def test_support_vectors_alone_give_the_same_scores():
    machine = kernels.svm(X, t, C=10.0)
    assert 0 < len(machine.support) < 60
    everyone = kernels.scores(machine, NEW, support_only=False)
    np.testing.assert_allclose(kernels.scores(machine, NEW), everyone, atol=1e-12)
    regression = linear.logistic_regression(kernels.rbf(X, X), t, penalty=0.01)
    assert np.all(np.abs(regression.w) > 1e-6)


def test_a_kernel_matrix_of_full_rank_fits_any_targets():
    K = kernels.rbf(X, X, gamma=20.0)
    assert np.linalg.matrix_rank(K) == 60
    any_targets = np.random.default_rng(0).choice([-1, 1], size=60)
    machine = kernels.svm(X, any_targets, lambda X, Y: kernels.rbf(X, Y, 20.0), C=1e4)
    np.testing.assert_array_equal(np.sign(kernels.scores(machine, X)), any_targets)
    low_rank = np.linalg.matrix_rank(kernels.polynomial(X, X))
    assert low_rank == 6


def test_a_machine_prints_how_many_examples_it_keeps():
    machine = kernels.svm(X, t)
    kept = f"support = {len(machine.support)} of 60"
    assert repr(machine).startswith("KernelMachine\n  kernel = rbf\n")
    assert kept in repr(machine)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"kernels.svm needs targets.*2 \* t - 1"):
        kernels.svm(X, (t + 1) // 2)
    with pytest.raises(ValueError, match="examples of both classes, but all are 1"):
        kernels.svm(X, np.ones(60, dtype=int))
    with pytest.raises(ValueError, match="finite C > 0, but got 0"):
        kernels.svm(X, t, C=0)
    with pytest.raises(ValueError, match=r"each pair of rows, here \(60, 60\).*\(60,\)"):
        kernels.svm(X, t, lambda X, Y: np.sum(X * Y, axis=1))
