"""GloVe: one cost, three trainers; laws of the cost, a loop by hand, stop and resume."""

import inspect
import os
import sys

import numpy as np
import pytest
from scipy import sparse

from coursecore import (
    check_grad,
    grad,
    optim,
    plots,
    replay,
    train,
    tree,
    value_and_grad,
)
from coursecore.training import store
from coursecore.words import cooccurrence, glove, loops, vectors
from coursecore.words.text import Corpus

V, D = 20, 4


def corpus(seed=0, num_tokens=3_000):
    rng = np.random.default_rng(seed)
    return Corpus(
        np.minimum(rng.zipf(1.4, num_tokens), V) - 1, np.arange(0, num_tokens, 30)
    )


X = glove.cooccurrence(corpus(), V, window=4)
ROWS, COLUMNS, COUNTS = glove.nonzeros(X)


def init(seed=0, dim=D, dtype=float, num_words=V):
    return glove.init(np.random.default_rng(seed), num_words, dim, dtype)


def penalised(params, ridge):
    squares = sum(float(np.sum(leaf**2)) for leaf in tree.leaves(params))
    return glove.cost(params, ROWS, COLUMNS, COUNTS) + ridge * squares


def same(one, other):
    return all(map(np.array_equal, tree.leaves(one), tree.leaves(other)))


# --------------------------------------------------------------------------- the cost


def test_the_cost_is_the_decks_sum():
    params, total = init(), 0.0
    for i in range(V):
        for j in range(V):
            x = X[i, j]
            if x > 0:
                f = (x / 100) ** 0.75 if x < 100 else 1.0
                z = params["R"][i] @ params["R_tilde"][j]
                z += params["b"][i] + params["b_tilde"][j]
                total += f * (z - np.log(x)) ** 2
    np.testing.assert_allclose(glove.cost(params, ROWS, COLUMNS, COUNTS), total)


def test_the_weight_rises_to_one_and_leaves_zeros_alone():
    x = np.linspace(0, 300, 601)
    f = glove.weight(x)
    assert f[0] == 0
    assert np.all(f[x >= 100] == 1)
    assert np.all(np.diff(f[x <= 100]) > 0)
    np.testing.assert_allclose(
        glove.weight(x, x_max=10, alpha=0.5)[:20], np.sqrt(x[:20] / 10)
    )


def test_an_exact_factorisation_costs_nothing():
    params = init(1)
    every = np.repeat(np.arange(V), V), np.tile(np.arange(V), V)
    x = np.exp(glove.scores(params, *every))
    assert glove.cost(params, *every, x) < 1e-25
    for leaf in tree.leaves(grad(glove.cost)(params, *every, x)):
        np.testing.assert_allclose(leaf, 0.0, atol=1e-12)


def test_the_gradient_is_checked():
    check_grad(lambda params: glove.cost(params, ROWS, COLUMNS, COUNTS), init(2))
    check_grad(
        lambda p: glove.cost(p, ROWS, COLUMNS, COUNTS, x_max=3.0, alpha=0.5), init(2)
    )


def test_a_step_can_be_replayed():
    step, quick = value_and_grad(glove.cost), replay(value_and_grad(glove.cost))
    for seed in (3, 4):
        value, bars = step(init(seed), ROWS, COLUMNS, COUNTS)
        again, replayed = quick(init(seed), ROWS, COLUMNS, COUNTS)
        assert (value, True) == (again, same(bars, replayed))


def test_the_gradient_is_that_of_the_docstring():
    params = init(3)
    bars = grad(glove.cost)(params, ROWS, COLUMNS, COUNTS)
    slopes = (
        2 * glove.weight(COUNTS) * (glove.scores(params, ROWS, COLUMNS) - np.log(COUNTS))
    )
    expected = np.zeros((V, D))
    np.add.at(expected, ROWS, slopes[:, None] * params["R_tilde"][COLUMNS])
    np.testing.assert_allclose(bars["R"], expected)
    np.testing.assert_allclose(bars["b_tilde"], np.bincount(COLUMNS, slopes, V))


def test_float32_stays_float32():
    params = init(dtype=np.float32)
    bars = grad(glove.cost)(params, ROWS, COLUMNS, COUNTS)
    assert glove.cost(params, ROWS, COLUMNS, COUNTS).dtype == np.float32
    assert {leaf.dtype for leaf in tree.leaves(bars)} == {np.dtype(np.float32)}


def test_zero_entries_are_never_touched():
    """A pair that never met moves nothing, and a word that never occurred stays."""
    sparse_counts = np.zeros((5, 5))
    sparse_counts[:3, :3] = [[3.0, 1.0, 0.0], [1.0, 0.0, 2.0], [0.0, 2.0, 1.0]]
    start = init(4, dim=2, num_words=5)
    i, j, x = glove.nonzeros(sparse_counts)
    assert len(x) == 6
    bars = grad(glove.cost)(start, i, j, x)
    ends = [
        bars,
        glove.fit_adagrad(sparse_counts, start, rng=np.random.default_rng(0))[0],
        glove.fit_least_squares(sparse_counts, start)[0],
    ]
    for key in start:
        np.testing.assert_array_equal(ends[0][key][3:], 0.0)
        np.testing.assert_array_equal(ends[1][key][3:], start[key][3:])
        np.testing.assert_array_equal(ends[2][key][3:], start[key][3:])
    stored_zeros = sparse.coo_array(sparse_counts + 1).tocsr()
    stored_zeros.data -= 1
    np.testing.assert_array_equal(glove.nonzeros(stored_zeros)[2], x)


def test_vectors_are_the_sum_of_both():
    params = init(5)
    np.testing.assert_array_equal(glove.vectors(params), params["R"] + params["R_tilde"])
    assert (glove.save, glove.load) == (vectors.save, vectors.load)
    assert glove.cooccurrence is cooccurrence.count


# --------------------------------------------------------------------- three trainers


def test_three_trainers_come_to_one_cost():
    """Counts of rank 2 with noise: what the noise costs is the least for all three."""
    rng = np.random.default_rng(6)
    planted, start = tree.map(lambda leaf: 8 * leaf, init(6, dim=2)), init(7, dim=2)
    every = np.repeat(np.arange(V), V), np.tile(np.arange(V), V)
    x = 20 * np.exp(glove.scores(planted, *every) + 0.3 * rng.normal(size=V * V))
    counts = x.reshape(V, V) * (rng.random((V, V)) < 0.8)
    entries = glove.nonzeros(counts)
    backprop, _ = train.fit(
        glove.cost, start, entries, optim.Adam(lr=0.05), rng=rng, epochs=1_200,
        batch_size=None,
    )  # fmt: skip
    squares, _ = glove.fit_least_squares(counts, start, sweeps=200, ridge=1e-6)
    adagrad, _ = glove.fit_adagrad(counts, start, rng=rng, lr=0.1, sweeps=200, fast=False)
    first = glove.cost(start, *entries)
    ends = [glove.cost(params, *entries) for params in (backprop, squares, adagrad)]
    assert max(ends) < 0.02 * first
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-6)
    np.testing.assert_allclose(ends[2], ends[1], rtol=0.02)


@pytest.mark.parametrize("steps", [None, 1, 3])
@pytest.mark.parametrize("ridge", [1e-6, 0.1, 5.0])
def test_a_sweep_never_raises_the_cost_with_its_ridge(steps, ridge):
    costs, reported = [penalised(init(), ridge)], []

    def watch(params, history):
        costs.append(penalised(params, ridge))
        reported.append(glove.cost(params, ROWS, COLUMNS, COUNTS))

    _, history = glove.fit_least_squares(
        X, init(), sweeps=12, ridge=ridge, steps=steps, callback=watch
    )
    assert np.all(np.diff(costs) <= 1e-9 * costs[0])
    assert costs[-1] < 0.8 * costs[0]
    np.testing.assert_allclose(history.train, reported)


def test_least_squares_end_where_the_gradient_is_zero():
    ridge = 0.5
    params, _ = glove.fit_least_squares(X, init(), sweeps=2_000, ridge=ridge)
    bars = grad(glove.cost)(params, ROWS, COLUMNS, COUNTS)
    for bar, leaf in zip(tree.leaves(bars), tree.leaves(params), strict=True):
        np.testing.assert_allclose(bar, -2 * ridge * leaf, atol=1e-3)


def one_at_a_time(params, order, lr):
    """Follow the authors' program, an entry and a number at a time; return the cost."""
    R, R_tilde, b, b_tilde = (params[key] for key in ("R", "R_tilde", "b", "b_tilde"))
    squares, total = tree.map(np.ones_like, params), 0.0
    for n in order:
        i, j, f = ROWS[n], COLUMNS[n], glove.weight(COUNTS[n])
        residual = R[i] @ R_tilde[j] + b[i] + b_tilde[j] - np.log(COUNTS[n])
        total += f * residual**2
        slope = lr * f * residual
        steps = {
            "R": slope * R_tilde[j],
            "R_tilde": slope * R[i],
            "b": slope,
            "b_tilde": slope,
        }
        for key, row in zip(("R", "R_tilde", "b", "b_tilde"), (i, j, i, j), strict=True):
            params[key][row] -= steps[key] / np.sqrt(squares[key][row])
            squares[key][row] += steps[key] ** 2
    return total


def test_adagrad_takes_the_steps_of_one_entry_at_a_time():
    params, history = glove.fit_adagrad(
        X, init(), rng=np.random.default_rng(7), lr=0.4, sweeps=1, fast=False
    )
    batches = list(glove._diagonals(np.random.default_rng(7), ROWS, COLUMNS, V))
    by_hand = init()
    total = one_at_a_time(by_hand, np.concatenate(batches), 0.4)
    for key in params:
        np.testing.assert_allclose(params[key], by_hand[key], atol=1e-12)
    np.testing.assert_allclose(history.train, total)


def test_entries_of_a_diagonal_share_no_word_and_all_entries_come_once():
    batches = list(glove._diagonals(np.random.default_rng(0), ROWS, COLUMNS, V))
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(len(ROWS)))
    for rows in batches:
        assert len(set(ROWS[rows])) == len(set(COLUMNS[rows])) == len(rows)


def test_diagonals_of_more_words_than_sixteen_bits_hold():
    i, j = np.indices((30, 1_000)).reshape(2, -1)
    batches = list(glove._diagonals(np.random.default_rng(0), i, j, 70_000))
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(30_000))
    for rows in batches:
        assert len(set(i[rows])) == len(set(j[rows])) == len(rows)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_loop_of_adagrad_does_the_same(dtype):
    tables = [glove._extended(init(seed, dtype=dtype)) for seed in (1, 1)]
    squares = [[np.ones_like(table) for table in tables[0]] for _ in range(2)]
    log_x, f = np.log(COUNTS).astype(dtype), glove.weight(COUNTS).astype(dtype)
    totals = [0.0, 0.0]
    for rows in glove._diagonals(np.random.default_rng(0), ROWS, COLUMNS, V):
        for k, descend in enumerate((loops.adagrad, glove._descend)):
            totals[k] += descend(
                *tables[k],
                *squares[k],
                ROWS[rows],
                COLUMNS[rows],
                log_x[rows],
                f[rows],
                dtype(0.3),
            )
    tolerance = 1e-12 if dtype is np.float64 else 1e-4
    np.testing.assert_allclose(totals[0], totals[1], rtol=tolerance)
    for one, other in zip(
        [*tables[0], *squares[0]], [*tables[1], *squares[1]], strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


FITS = {
    "adagrad": lambda params, **options: glove.fit_adagrad(
        X, params, rng=np.random.default_rng(1), **options
    ),
    "exact": lambda params, **options: glove.fit_least_squares(X, params, **options),
    "steps": lambda params, **options: glove.fit_least_squares(
        X, params, steps=2, **options
    ),
}


@pytest.mark.parametrize("name", ["adagrad", "steps"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numba_and_numpy_agree_but_for_rounding(name, dtype):
    pytest.importorskip("numba", reason="compares the compiled loops with NumPy's")
    sweeps, tolerance = (3, 1e-9) if dtype is np.float64 else (1, 1e-3)
    ends = [FITS[name](init(dtype=dtype), sweeps=sweeps, fast=f) for f in (True, False)]
    for one, other in zip(*(tree.leaves(params) for params, _ in ends), strict=True):
        assert one.dtype == other.dtype == dtype
        np.testing.assert_allclose(one, other, atol=tolerance)
    np.testing.assert_allclose(ends[0][1].train, ends[1][1].train, rtol=tolerance)


def test_without_numba_fast_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)  # its import fails, whatever is there
    loops.compiled.cache_clear()
    try:
        with pytest.raises(ImportError, match=r"fast=True needs Numba.*fast=None"):
            FITS["adagrad"](init(), fast=True)
        plain = FITS["steps"](init(), sweeps=1, fast=None)
    finally:
        loops.compiled.cache_clear()
    assert same(plain[0], FITS["steps"](init(), sweeps=1, fast=False)[0])


# ------------------------------------------------------------------------ stop, resume


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_broken_run_ends_where_the_unbroken_does_bit_for_bit(tmp_path, name, dtype):
    path = tmp_path / "run.npz"
    whole, history = FITS[name](init(dtype=dtype), sweeps=5)
    stop = {"callback": lambda params, history: len(history.train) == 2}
    _, first = FITS[name](init(dtype=dtype), sweeps=5, checkpoint=path, **stop)
    assert (len(first.train), first.stopped) == (2, "callback")
    resumed, second = FITS[name](init(9, dtype=dtype), sweeps=5, checkpoint=path)
    assert same(resumed, whole)
    assert second == history
    assert len(second.seconds) == 5
    assert {leaf.dtype for leaf in tree.leaves(resumed)} == {np.dtype(dtype)}
    done, third = FITS[name](init(9, dtype=dtype), sweeps=5, checkpoint=path)
    assert (same(done, whole), third) == (True, history)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    FITS["exact"](init(), sweeps=1, checkpoint=path)
    for options, message in [
        ({"ridge": 0.2}, "ridge is 0.1, but now it is 0.2"),
        ({"x_max": 10.0}, "x_max is 100.0"),
        ({"steps": 3}, "steps is None"),
    ]:
        with pytest.raises(ValueError, match=message):
            FITS["exact"](init(), checkpoint=path, **options)
    whole = glove.cooccurrence(corpus(), V, window=4, weighting="flat").toarray()
    other = tmp_path / "other.npz"
    glove.fit_least_squares(whole, init(), sweeps=1, checkpoint=other)
    with pytest.raises(ValueError, match="there checksum of the counts is"):
        glove.fit_least_squares(whole[::-1, ::-1], init(), checkpoint=other)
    with pytest.raises(ValueError, match=r"trainer is least squares.*AdaGrad"):
        FITS["adagrad"](init(), checkpoint=path)
    with pytest.raises(ValueError, match="dim is 4, but now it is 3"):
        FITS["exact"](init(dim=3), checkpoint=path)
    with pytest.raises(ValueError, match="dtype is float64"):
        FITS["exact"](init(dtype=np.float32), checkpoint=path)
    store.save(path, [1, 2])
    with pytest.raises(ValueError, match="trainer is None"):
        FITS["exact"](init(), checkpoint=path)


@pytest.mark.parametrize("name", FITS)
def test_a_run_broken_between_sweeps_or_while_saving_goes_on(tmp_path, name, monkeypatch):
    path, saves = tmp_path / "run.npz", []
    whole, history = FITS[name](init(), sweeps=4)

    def fill_up(descriptor):
        saves.append(descriptor)
        if len(saves) == 3:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk, pytest.raises(OSError, match="old file is kept"):
        disk.setattr(os, "fsync", fill_up)
        FITS[name](init(), sweeps=4, checkpoint=path)
    assert os.listdir(tmp_path) == ["run.npz"]

    def interrupt(params, history):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FITS[name](init(), sweeps=4, checkpoint=path, callback=interrupt)
    resumed, second = FITS[name](init(), sweeps=4, checkpoint=path)
    assert (same(resumed, whole), second) == (True, history)


def test_the_full_batch_is_stopped_and_resumed_by_fit(tmp_path):
    def fit(epochs, checkpoint=None):
        return train.fit(
            glove.cost, init(), (ROWS, COLUMNS, COUNTS), optim.Adam(lr=0.01),
            rng=np.random.default_rng(1), epochs=epochs, batch_size=None,
            checkpoint=checkpoint,
        )  # fmt: skip

    whole, history = fit(6)
    fit(2, tmp_path / "run.npz")
    resumed, second = fit(6, tmp_path / "run.npz")
    assert same(resumed, whole)
    assert second.train == history.train


def test_progress_tells_the_cost_of_each_sweep(capsys):
    pytest.importorskip("tqdm", reason="tqdm draws the bar")
    _, history = FITS["exact"](init(), sweeps=2, progress=True)
    told = capsys.readouterr().err
    assert "2/2" in told
    assert f"cost={history.train[-1]:.4g}" in told


@pytest.mark.parametrize("name", FITS)
def test_nothing_that_is_given_is_changed_or_printed(name, capsys):
    start, before, counts = init(), init(), X.copy()
    params, history = FITS[name](start, sweeps=2)
    assert same(start, before)
    assert not same(params, before)
    np.testing.assert_array_equal(X.toarray(), counts.toarray())
    assert capsys.readouterr() == ("", "")
    assert plots.loss_curves(history) is not None


def test_parameters_are_saved_as_any_tree(tmp_path):
    params, _ = FITS["exact"](init(), sweeps=1)
    store.save(tmp_path / "params.npz", params)
    assert same(store.load(tmp_path / "params.npz"), params)
    glove.save(tmp_path / "vectors.txt", [f"w{i}" for i in range(V)], glove.vectors(params))
    assert len(os.listdir(tmp_path)) == 2


# ------------------------------------------------------------------- what is refused


def test_init_draws_what_the_authors_program_draws():
    params = glove.init(np.random.default_rng(0), 1_000, 9)
    assert {key: leaf.shape for key, leaf in params.items()} == {
        "R": (1_000, 9), "R_tilde": (1_000, 9), "b": (1_000,), "b_tilde": (1_000,),
    }  # fmt: skip
    for leaf in params.values():
        assert np.max(np.abs(leaf)) <= 0.05
        np.testing.assert_allclose(leaf.std(), 0.1 / np.sqrt(12), rtol=0.1)
    for dim in (0, 21):
        with pytest.raises(ValueError, match=f"1 to 20 dimensions, not {dim}"):
            init(dim=dim)


BAD = [
    (np.ones((V, 3)), r"square matrix, but got shape \(20, 3\)"),
    (np.ones((3, 3)), r"3 words need .* R has shape \(20, 4\).*num_words=3"),
    (np.zeros((V, V)), "are zero"),
    (-np.ones((V, V)), r"x\[0, 0\] is -1.0"),
    (np.full((V, V), np.nan), "is nan"),
]


@pytest.mark.parametrize("name", ["fit_adagrad", "fit_least_squares"])
@pytest.mark.parametrize(("counts", "message"), BAD)
def test_what_can_be_no_counts_is_refused(name, counts, message):
    fit = getattr(glove, name)
    takes = inspect.signature(fit).parameters
    rng = {"rng": np.random.default_rng(0)} if "rng" in takes else {}
    with pytest.raises(ValueError, match=message):
        fit(counts, init(), **rng)


def test_a_promise_of_symmetry_is_held():
    lopsided = cooccurrence.count(corpus(), V, symmetric=False)
    assert len(glove.nonzeros(lopsided)[0]) == lopsided.nnz
    with pytest.raises(ValueError, match="said to be symmetric"):
        glove.nonzeros(lopsided, symmetric=True)


def test_lopsided_counts_are_fitted_as_well():
    lopsided = cooccurrence.count(corpus(), V, symmetric=False)
    params, history = glove.fit_least_squares(lopsided, init(), sweeps=20)
    total = glove.cost(params, *glove.nonzeros(lopsided))
    np.testing.assert_allclose(history.train[-1], total)
    assert history.train[-1] < 0.7 * history.train[0]


def test_a_run_that_breaks_down_says_so():
    with pytest.raises(
        FloatingPointError, match=r"GloVe is (nan|inf) after sweep.*lower lr"
    ):
        FITS["adagrad"](init(), lr=1e200, fast=False)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("exact", {"ridge": 0}, "ridge above 2e-16, .* float64.* ridge=0"),
        ("exact", {"ridge": np.inf}, "ridge=inf"),
        ("exact", {"steps": 0}, "steps of at least 1, or None.* steps=0"),
        ("adagrad", {"lr": 0}, "lr above 0, but got 0"),
        ("exact", {"x_max": 0}, "x_max and alpha above 0, but got x_max=0"),
        ("adagrad", {"alpha": -1}, "alpha=-1"),
    ],
)
def test_settings_that_fit_nothing_are_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        FITS[name](init(), **options)


def test_a_ridge_that_float32_loses_is_refused():
    with pytest.raises(ValueError, match="1e-07, the precision of float32"):
        FITS["exact"](init(dtype=np.float32), ridge=1e-9)


@pytest.mark.parametrize("name", FITS)
def test_parameters_that_are_whole_numbers_are_refused(name):
    whole = tree.map(lambda leaf: leaf.astype(int), init())
    with pytest.raises(TypeError, match=r"floating-point .* R has dtype int64"):
        FITS[name](whole)


@pytest.mark.parametrize("x", [0.0, -1.0, np.nan])
def test_the_cost_of_what_has_no_logarithm_is_refused(x):
    with pytest.raises(ValueError, match=r"counts above 0.*nonzeros"):
        glove.cost(init(), np.array([0]), np.array([1]), np.array([x]))


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("kind", ["coo", "csc", "lil", "dok", "halves"])
def test_counts_come_in_any_kind(name, kind):
    counts, fit = X.toarray(), {"adagrad": glove.fit_adagrad}.get(name)
    given = sparse.csr_array(counts)
    if kind == "halves":  # each entry twice, as half of it
        order = np.tile(np.arange(X.nnz), 2)
        given = sparse.coo_array(
            (COUNTS[order] / 2, (ROWS[order], COLUMNS[order])), X.shape
        )
    else:
        given = given.asformat(kind)
    if fit is not None:
        came = fit(given, init(), rng=np.random.default_rng(1), sweeps=1)
    else:
        steps = 2 if name == "steps" else None
        came = glove.fit_least_squares(given, init(), steps=steps, sweeps=1)
    assert same(came[0], FITS[name](init(), sweeps=1)[0])


@pytest.mark.parametrize("name", ["fit_adagrad", "fit_least_squares"])
def test_one_word_is_fitted(name):
    rng = {"rng": np.random.default_rng(0)} if name == "fit_adagrad" else {}
    start = glove.init(np.random.default_rng(0), 1, 1)
    _, history = getattr(glove, name)(np.array([[3.0]]), start, sweeps=3, **rng)
    assert 0 <= history.train[-1] < np.log(3) ** 2
