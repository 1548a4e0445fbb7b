"""Factorisation: SVD against PCA and rivals; row by row against ordinary least squares."""

import numpy as np
import pytest
import threadpoolctl
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.decomposition import PCA

from coursecore.words import factorisation, loops
from coursecore.words.factorisation import solve_rows, svd

RNG = np.random.default_rng(0)
COUNTS = RNG.poisson(np.outer(1 / np.arange(1, 31), 20 / np.arange(1, 31))).astype(float)


def error(X, R, R_tilde):
    return np.sum((X - R @ R_tilde.T) ** 2)


# ------------------------------------------------------------------------------- SVD


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.floats(1e-3, 1.0))
@settings(derandomize=True, deadline=None, max_examples=50)
def test_no_product_of_the_same_rank_is_nearer(seed, dim, size):
    R, R_tilde = svd(COUNTS, dim)
    rng = np.random.default_rng(seed)
    rival = R + size * rng.normal(size=R.shape), R_tilde + size * rng.normal(size=R.shape)
    assert error(COUNTS, *rival) > error(COUNTS, R, R_tilde)
    # Even the best companion of another R is no nearer.
    best = np.linalg.lstsq(rival[0], COUNTS, rcond=None)[0].T
    assert error(COUNTS, rival[0], best) >= error(COUNTS, R, R_tilde)


def test_what_is_left_is_the_sum_of_the_smaller_singular_values_squared():
    values = np.linalg.svd(COUNTS, compute_uv=False)
    for dim in range(1, 31):
        left = error(COUNTS, *svd(COUNTS, dim))
        np.testing.assert_allclose(left, np.sum(values[dim:] ** 2), atol=1e-9)


def test_on_centred_data_it_is_principal_component_analysis():
    centred = COUNTS - COUNTS.mean(axis=0)
    R, R_tilde = svd(centred, 3)
    pca = PCA(3).fit(COUNTS)
    projected = pca.inverse_transform(pca.transform(COUNTS)) - pca.mean_
    np.testing.assert_allclose(R @ R_tilde.T, projected, atol=1e-9)
    directions = R_tilde / np.linalg.norm(R_tilde, axis=0)
    cosines = np.abs(np.sum(directions * pca.components_.T, axis=0))
    np.testing.assert_allclose(cosines, 1.0)
    variances = np.sum(R_tilde**2, axis=0) ** 2 / (len(COUNTS) - 1)
    np.testing.assert_allclose(variances, pca.explained_variance_)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.coo_array, sparse.csc_matrix])
def test_sparse_and_dense_have_the_same_factors(kind):
    for X in (COUNTS, np.log1p(COUNTS), COUNTS[:, :20]):
        R, R_tilde = svd(kind(X), 4)
        expected = svd(X, 4)
        np.testing.assert_allclose(R, expected[0], atol=1e-8)
        np.testing.assert_allclose(R_tilde, expected[1], atol=1e-8)
    R, R_tilde = svd(kind(COUNTS).log1p(), 30)
    np.testing.assert_allclose(R @ R_tilde.T, np.log1p(COUNTS), atol=1e-9)


@pytest.mark.parametrize("kind", ["lil", "dok", "dense", "list"])
def test_a_matrix_may_be_of_any_kind(kind):
    X = {"dense": COUNTS, "list": COUNTS.tolist()}.get(kind)
    X = sparse.csr_array(COUNTS).asformat(kind) if X is None else X
    np.testing.assert_allclose(svd(X, 3)[0], svd(COUNTS, 3)[0], atol=1e-8)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_factors_of_float32_are_float32(kind):
    factors = svd(kind(COUNTS.astype(np.float32)), 3)
    assert {factor.dtype for factor in factors} == {np.dtype(np.float32)}
    np.testing.assert_allclose(factors[0], svd(COUNTS, 3)[0], atol=1e-4)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_rows_that_sum_to_0_and_no_counts_at_all_have_factors(kind):
    ring = 2 * np.eye(8) - np.roll(np.eye(8), 1, axis=0) - np.roll(np.eye(8), -1, axis=0)
    values = np.linalg.svd(ring, compute_uv=False)
    left = error(ring, *svd(kind(ring), 1))
    np.testing.assert_allclose(left, np.sum(values[1:] ** 2))
    R, R_tilde = svd(kind(np.zeros((5, 4))), 2)
    assert (R.shape, R_tilde.shape) == ((5, 2), (4, 2))
    assert not R.any() and not R_tilde.any()


def test_factors_are_the_same_every_time():
    large = sparse.random_array((600, 550), density=0.01, rng=np.random.default_rng(1))
    for X in (large.tocsr(), large.toarray()):
        once, again = svd(X, 5), svd(X, 5)
        np.testing.assert_array_equal(once[0], again[0])
        np.testing.assert_array_equal(once[1], again[1])
        assert np.all(np.diff(np.linalg.norm(once[0], axis=0)) <= 0)


@pytest.mark.parametrize(
    ("X", "dim", "message"),
    [
        (COUNTS, 31, r"shape \(30, 30\) has 1 to 30 dimensions, not 31"),
        (COUNTS[:, :7], 8, "1 to 7 dimensions, not 8"),
        (sparse.csr_array(COUNTS), 0, "not 0"),
        (np.array([[1.0, np.nan]]), 1, "finite numbers, but X holds NaN"),
        (sparse.csr_array([[1.0, np.inf]]), 1, "NaN or inf"),
        (np.ones(3), 1, r"a matrix \(N, M\), but X has shape \(3,\)"),
    ],
)
def test_what_has_no_factors_is_refused(X, dim, message):
    with pytest.raises(ValueError, match=message):
        svd(X, dim)


# ---------------------------------------------------------------------- row by row


def problem(seed, dtype=float):
    """Draw 40 rows with 0 to 60 known entries each, weights, and a table of 60 × 5."""
    rng = np.random.default_rng(seed)
    known = rng.random((40, 60)) < rng.random((40, 1)) ** 2
    known[3] = False
    X = sparse.csr_array(np.where(known, rng.normal(size=(40, 60)), 0.0))
    roots = np.sqrt(rng.random(X.nnz)).astype(dtype)
    entries = X.indptr, X.indices, X.data.astype(dtype), roots
    table, offset = (
        rng.normal(size=(60, 5)).astype(dtype),
        rng.normal(size=60).astype(dtype),
    )
    return entries, table, offset, rng.normal(size=(40, 5)).astype(dtype)


def costs(theta, table, entries, offset):
    """Sum the weighted squared errors of each row, in a loop."""
    starts, columns, targets, roots = entries
    return np.array([
        np.sum((roots[s:e] * (targets[s:e] - offset[c] - table[c] @ row)) ** 2)
        for row, s, e in zip(theta, starts, starts[1:], strict=False)
        for c in [columns[s:e]]
    ])  # fmt: skip


@pytest.mark.parametrize("block", [1, 3_000, 10**6])
def test_each_row_is_an_ordinary_least_squares_problem(block, monkeypatch):
    monkeypatch.setattr(factorisation, "BLOCK", block)
    entries, table, offset, theta = problem(1)
    old, ridge = theta.copy(), 0.3
    total = solve_rows(theta, table, entries, offset, ridge)
    starts, columns, targets, roots = entries
    for i in range(40):
        here = slice(starts[i], starts[i + 1])
        c, root = columns[here], roots[here]
        # A ridge is five more equations: √ridge θ_k = 0.
        A = np.vstack([root[:, None] * table[c], np.sqrt(ridge) * np.eye(5)])
        t = np.concatenate([root * (targets[here] - offset[c]), np.zeros(5)])
        expected = np.linalg.lstsq(A, t, rcond=None)[0] if len(c) else old[i]
        np.testing.assert_allclose(theta[i], expected, atol=1e-10)
    np.testing.assert_allclose(total, costs(theta, table, entries, offset).sum())


@pytest.mark.parametrize("steps", [0, 1, 2, 4])
def test_conjugate_gradients_lower_the_cost_of_every_row(steps):
    entries, table, offset, theta = problem(2)
    old, best = theta.copy(), theta.copy()
    total = solve_rows(theta, table, entries, offset, 0.2, steps, fast=False)
    solve_rows(best, table, entries, offset, 0.2)
    start, now, least = (
        costs(x, table, entries, offset) + 0.2 * np.sum(x**2, axis=1)
        for x in (old, theta, best)
    )
    assert np.all(now <= start + 1e-12)
    assert np.all(least <= now + 1e-12)
    np.testing.assert_allclose(total, costs(theta, table, entries, offset).sum())
    assert (steps == 0) == np.array_equal(theta, old)
    np.testing.assert_array_equal(theta[3], old[3])  # the row without entries


def test_as_many_steps_as_unknowns_are_exact():
    entries, table, offset, theta = problem(3)
    exact = theta.copy()
    solve_rows(theta, table, entries, offset, 0.2, steps=6, fast=False)
    solve_rows(exact, table, entries, offset, 0.2)
    np.testing.assert_allclose(theta, exact, atol=1e-8)
    again = solve_rows(theta, table, entries, offset, 0.2, steps=40, fast=False)
    np.testing.assert_allclose(again, costs(theta, table, entries, offset).sum())


@pytest.mark.parametrize("steps", [None, 3])
def test_float32_stays_float32_and_says_the_same(steps):
    entries, table, offset, theta = problem(4, np.float32)
    total = solve_rows(theta, table, entries, offset, 0.2, steps, fast=False)
    *wide, expected = problem(4)
    wanted = solve_rows(expected, wide[1], wide[0], wide[2], 0.2, steps, fast=False)
    np.testing.assert_allclose(theta, expected, atol=1e-4)
    np.testing.assert_allclose(total, wanted, rtol=1e-5)


@pytest.mark.parametrize("steps", [0, 1, 3, 8])
def test_the_loop_does_the_same(steps):
    entries, table, offset, theta = problem(5)
    expected = theta.copy()
    total = loops.conjugate_gradients(theta, table, entries, offset, 0.2, steps)
    wanted = solve_rows(expected, table, entries, offset, 0.2, steps, fast=False)
    np.testing.assert_allclose(theta, expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(total, wanted)


def test_matrix_products_can_be_kept_to_one_thread(monkeypatch):
    def threads():
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info()
                if pool["user_api"] == "blas"}  # fmt: skip

    before = threads()
    with factorisation.one_thread():
        assert threads() <= {1}
    assert threads() == before
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with factorisation.one_thread():
        assert threads() == before


def test_alternating_comes_to_what_svd_finds_at_once():
    rng = np.random.default_rng(6)
    X = COUNTS[:, :12]
    starts, columns = np.arange(31) * 12, np.tile(np.arange(12), 30)
    R, R_tilde = rng.normal(size=(30, 2)), rng.normal(size=(12, 2))
    by_row = starts, columns, X.ravel(), np.ones(X.size)
    starts, columns = np.arange(13) * 30, np.tile(np.arange(30), 12)
    by_column = starts, columns, X.T.ravel(), np.ones(X.size)
    left = []
    for _ in range(60):
        left.append(solve_rows(R, R_tilde, by_row, np.zeros(12), ridge=1e-12))
        left.append(solve_rows(R_tilde, R, by_column, np.zeros(30), ridge=1e-12))
    assert np.all(np.diff(left) <= 1e-9)
    np.testing.assert_allclose(R @ R_tilde.T, np.matmul(*transposed(svd(X, 2))), atol=1e-6)


def transposed(factors):
    return factors[0], factors[1].T
