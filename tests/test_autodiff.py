"""Automatic differentiation: gradients of trees, higher orders, laws, refusals."""

import copy
import inspect
import platform
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coursecore import (
    backward_pass,
    defvjp,
    grad,
    hessian,
    hvp,
    jacobian,
    make_vjp,
    numerical_grad,
    primitive,
    trace,
    tree,
    value_and_grad,
)
from coursecore.engine import autodiff

RNG = np.random.default_rng(5)
A, B, X = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 3)), RNG.normal(size=4)
PARAMS = {"layers": [{"W": A, "b": np.ones(3)}], "scale": 0.7}


def bend(x):
    """A curved function of a vector with a vector as result."""
    return np.tanh(A @ x) * np.exp(0.3 * x[0])


def cost(params, x=X, power=2):
    layer = params["layers"][0]
    return params["scale"] * np.sum((layer["W"] @ x + layer["b"]) ** power)


# --------------------------------------------------------------- gradients


def test_grad_of_a_tree_is_a_tree_like_it():
    grads = grad(cost)(PARAMS)
    r = A @ X + 1.0
    np.testing.assert_allclose(grads["layers"][0]["W"], 1.4 * np.outer(r, X))
    np.testing.assert_allclose(grads["layers"][0]["b"], 1.4 * r)
    assert np.isclose(grads["scale"], np.sum(r**2))
    assert tree.paths(grads) == tree.paths(PARAMS)


def test_argnum_and_keywords():
    f = lambda x, y, power=1: (x * y) ** power
    assert grad(f)(2.0, 5.0) == 5.0
    assert grad(f, argnum=1)(2.0, 5.0) == 2.0
    assert grad(f, argnum=1)(2.0, 5.0, power=2) == 40.0
    assert value_and_grad(f, 1)(2.0, 5.0, power=2) == (100.0, 40.0)


def test_value_and_grad_gives_both():
    value, grads = value_and_grad(cost)(PARAMS)
    assert value == cost(PARAMS)
    np.testing.assert_array_equal(
        grads["layers"][0]["b"], grad(cost)(PARAMS)["layers"][0]["b"]
    )


def test_what_the_result_does_not_depend_on_has_gradient_zero():
    f = lambda p: np.sum(p["used"] ** 2)
    grads = grad(f)({"unused": np.ones((2, 3)), "used": X, "number": 1.0})
    np.testing.assert_array_equal(grads["unused"], np.zeros((2, 3)))
    assert grads["number"] == 0.0
    np.testing.assert_array_equal(grad(lambda x: 3.0)(X), np.zeros(4))
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.sign(x)))(X), np.zeros(4))
    np.testing.assert_array_equal(jacobian(lambda x: np.ones(2))(X), np.zeros((2, 4)))
    np.testing.assert_array_equal(hessian(lambda x: np.sum(x))(X), np.zeros((4, 4)))


def test_steps_behind_the_result_do_not_count():
    def f(x):
        y = np.sum(x**2)
        np.sum(x**3)
        return y

    np.testing.assert_allclose(grad(f)(X), 2 * X)


def test_types_of_gradients():
    assert grad(lambda x: np.sum(x**2))(np.float32(X)).dtype == np.float32
    assert grad(lambda x: x * np.ones(2) @ np.ones(2))(np.float32(2.0)).dtype == np.float32
    mixed = grad(lambda p: np.sum(p[0] * p[1]))([np.float32(X), X])
    assert [g.dtype for g in mixed] == [np.float32, np.float64]
    assert grad(lambda x: x**2)(3.0) == 6.0
    assert np.shape(grad(lambda x: np.sum(x**2))(np.array(3.0))) == ()


@pytest.mark.parametrize(
    "fun",
    [
        lambda p: np.sum(p[0] + p[1]),
        lambda p: np.sum((p[0] + p[1]) * 2.0),
        lambda p: np.sum(p[0].reshape(2, 2).T @ p[1].reshape(2, 2)),
        lambda p: np.sum(p[0]) + np.sum(p[1]),
        lambda p: np.sum(np.concatenate(p)),
        lambda p: np.sum(np.broadcast_to(p[0] + p[1], (3, 4))),
    ],
)
def test_gradients_may_be_changed_in_place(fun):
    x, y = X.copy(), X.copy()
    once = grad(fun)([x, y])
    expected = [g.copy() for g in once]
    again = grad(fun)([x, y])
    once[0] *= 100.0
    np.testing.assert_array_equal(once[1], expected[1])
    np.testing.assert_array_equal(again[0], expected[0])
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, X)
    assert once[1].flags.writeable


def test_an_output_gradient_is_not_handed_back_as_gradient():
    y_bar = np.ones(4)
    _, vjp = make_vjp(lambda x: x + 1.0, X)
    x_bar = vjp(y_bar)
    x_bar *= 5.0
    np.testing.assert_array_equal(y_bar, np.ones(4))


def test_gradient_does_not_alias_a_constant_of_the_program():
    c = np.ones(4)
    g = grad(lambda x: np.sum(x * c))(X)
    g *= 5.0
    np.testing.assert_array_equal(c, np.ones(4))


# ----------------------------------------------------------- vjp, tape, bars


def test_make_vjp_gives_value_and_product():
    y, vjp = make_vjp(bend, X)
    np.testing.assert_array_equal(y, bend(X))
    y_bar = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(vjp(y_bar), y_bar @ jacobian(bend)(X))
    np.testing.assert_allclose(vjp(y_bar), vjp(y_bar))


@pytest.mark.parametrize("y_bar", [[1, 0, 2], [1.0, 0.0, 2.0], np.array([1, 0, 2])])
def test_an_output_gradient_may_be_a_list_or_integers(y_bar):
    _, vjp = make_vjp(lambda x: x + 0.0, np.ones(3))
    np.testing.assert_array_equal(vjp(y_bar), [1.0, 0.0, 2.0])


@pytest.mark.parametrize("x", [2.0, np.float32(2.0), np.array(2.0)])
@pytest.mark.parametrize("y_bar", [1, 1.0, np.float64(1.0)])
def test_an_output_gradient_may_be_any_number(x, y_bar):
    _, vjp = make_vjp(lambda x: x, x)
    assert vjp(y_bar) == 1.0


def test_backward_pass_gives_the_bar_of_every_node():
    end, record = trace(lambda x, y: np.exp(x * y) + x, 0.5, 2.0)
    bars = backward_pass(1.0, record.tape, end.index)
    e = np.exp(1.0)
    np.testing.assert_allclose(bars, [2.0 * e + 1.0, 0.5 * e, e, 1.0, 1.0])


def test_backward_pass_leaves_what_does_not_matter_without_a_bar():
    end, record = trace(lambda x, y: (np.exp(y), x * 2.0)[1], 0.5, 2.0)
    bars = backward_pass(1.0, record.tape, end.index)
    assert bars == [2.0, None, None, 1.0]


def test_messages_add_where_paths_meet():
    diamond = lambda x: (x * 2.0) * (x + 3.0) + x
    assert grad(diamond)(5.0) == 2 * 8.0 + 10.0 + 1.0
    assert grad(lambda x: x + x + x)(1.0) == 3.0
    assert grad(lambda x: x * x * x)(2.0) == 12.0

    def deep(x):
        for _ in range(10):
            x = x + x
        return x

    assert grad(deep)(1.0) == 1024.0


def test_two_threads_do_not_disturb_each_other():
    barrier, results = threading.Barrier(2), {}

    def work(k):
        def f(x):
            y = x
            for _ in range(200):
                y = np.sin(y) + k * x
            barrier.wait(10)
            return np.sum(grad(lambda z: np.sum(z**2 * x))(y))

        results[k] = (grad(f)(X), f, k)

    expected = {}
    threads = [threading.Thread(target=work, args=(k,)) for k in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    barrier = threading.Barrier(1)
    for k, (slope, f, _) in results.items():
        expected[k] = numerical_grad(f, X)
        np.testing.assert_allclose(slope, expected[k], rtol=1e-6)
    assert sorted(results) == [1, 2]


# ------------------------------------------------------------- higher orders


def test_derivatives_of_order_three_and_four():
    f = lambda x: x**5 + np.sin(x)
    x = 1.3
    assert np.isclose(grad(grad(f))(x), 20 * x**3 - np.sin(x))
    assert np.isclose(grad(grad(grad(f)))(x), 60 * x**2 - np.cos(x))
    assert np.isclose(grad(grad(grad(grad(f))))(x), 120 * x + np.sin(x))


def test_grad_inside_grad_by_inner_and_outer_variable():
    inner = lambda x: grad(lambda y: x**2 * y**3)(x)  # 3 x⁴
    assert grad(inner)(2.0) == 12 * 2.0**3
    mixed = lambda x: grad(lambda y: x * y**2)(3.0)  # 6 x
    assert grad(mixed)(2.0) == 6.0
    confusion = lambda x: x * grad(lambda y: x + y)(1.0)  # perturbations apart
    assert grad(confusion)(1.0) == 1.0


def test_grad_of_a_function_that_takes_the_gradient_of_a_tree():
    penalty = lambda p: np.sum(grad(cost)(p)["layers"][0]["b"] ** 2)
    given, expected = grad(penalty)(PARAMS), numerical_grad(penalty, PARAMS)
    for came, right in zip(tree.leaves(given), tree.leaves(expected), strict=True):
        np.testing.assert_allclose(came, right, rtol=1e-6, atol=1e-8)


def test_jacobian_by_hand_and_of_any_shape():
    np.testing.assert_array_equal(jacobian(lambda x: A @ x)(X), A)
    shape = jacobian(lambda Z: np.tanh(Z @ X[:2]).reshape(3, 1))(np.ones((3, 2))).shape
    assert shape == (3, 1, 3, 2)
    assert jacobian(lambda x: x**2)(3.0) == 6.0
    np.testing.assert_array_equal(jacobian(lambda x, y: x * y, 1)(X, X), np.diag(X))
    assert jacobian(lambda x: x**2)(np.float32(X)).dtype == np.float32


def test_jacobian_of_nothing_has_no_rows():
    assert jacobian(lambda x: x[:0])(X).shape == (0, 4)


def test_hessian_of_a_quadratic_form():
    np.testing.assert_allclose(hessian(lambda x: 0.5 * x @ B @ x)(X[:3]), (B + B.T) / 2)
    assert hessian(lambda Z: np.sum(Z**3))(A).shape == (3, 4, 3, 4)
    by_second = hessian(lambda x, y: np.sum(x * y**2), argnum=1)(X, X)
    np.testing.assert_allclose(by_second, np.diag(2 * X))


def test_hvp_is_the_hessian_times_v():
    f = lambda x: np.sum(bend(x) ** 2)
    v = np.array([0.3, -1.0, 2.0, 0.5])
    np.testing.assert_allclose(hvp(f)(X, v), hessian(f)(X) @ v, rtol=1e-12)


def test_hvp_of_a_tree():
    v = tree.map(lambda leaf: np.ones_like(leaf)[()] * 0.5, PARAMS)
    product = hvp(cost)(PARAMS, v)
    moved = lambda h: tree.map(lambda leaf, d: leaf + h * d, PARAMS, v)
    above, below = grad(cost)(moved(1e-5)), grad(cost)(moved(-1e-5))
    for came, a, b in zip(*map(tree.leaves, (product, above, below)), strict=True):
        np.testing.assert_allclose(came, (a - b) / 2e-5, rtol=1e-6, atol=1e-8)


def test_hvp_of_a_linear_function_is_zero():
    np.testing.assert_array_equal(hvp(lambda x: np.sum(3.0 * x))(X, X), np.zeros(4))


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize("fun", [grad, value_and_grad])
def test_only_scalars_have_a_gradient(fun):
    with pytest.raises(TypeError, match=r"scalar.*shape \(4,\).*average.*use jacobian"):
        fun(lambda x: x * 2.0)(X)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (3, "dtype int64.*dtype=float"),
        (np.arange(3), "dtype int64"),
        (True, "dtype bool"),
        (2j, "dtype complex128"),
        ("text", "leaf x is a str: 'text'"),
        (None, "NoneType"),
        ({"W": 1.0, "b": None}, r'leaf \["b"\] is a NoneType'),
        ([1.0, {"k": 2}], r'leaf \[1\]\["k"\] has dtype int64'),
        (np.array([1.0, None]), "dtype object"),
        (np.array(["a"]), "dtype <U1"),
    ],
    ids=repr,
)
def test_only_floats_can_be_differentiated(x, words):
    with pytest.raises(TypeError, match=words):
        grad(lambda x: 1.0)(x)


@pytest.mark.parametrize("result", [1, "text", True, np.int64(2), 2j])
def test_a_result_that_is_no_float_is_refused(result):
    with pytest.raises(TypeError, match=r"function( that)? return"):
        grad(lambda x: result)(X)


def test_a_forgotten_return_is_refused_in_words():
    for differentiate in (grad, jacobian):
        with pytest.raises(TypeError, match="None"):
            differentiate(lambda x: None)(X)


@pytest.mark.parametrize("pack", [list, tuple, lambda pair: {"a": pair[0]}])
def test_a_result_of_several_parts_is_refused_in_words(pack):
    with pytest.raises(TypeError, match=r"returned (a )?(list|tuple|dict)"):
        grad(lambda x: pack((x[0], x[1])))(X)
    with pytest.raises(TypeError, match=r"returned (a )?(list|tuple|dict)"):
        jacobian(lambda x: pack((x[0], x[1])))(X)


@pytest.mark.parametrize("y_bar", [1.0, np.ones(2), np.ones((3, 1)), np.ones((1, 3))])
def test_an_output_gradient_of_another_shape_is_refused(y_bar):
    _, vjp = make_vjp(bend, X)
    with pytest.raises(ValueError, match=r"y_bar of the shape of y, \(3,\), but got"):
        vjp(y_bar)


@pytest.mark.parametrize("argnum", [2, -1, (0, 2), "x", None, True])
@pytest.mark.parametrize("make", [grad, value_and_grad, jacobian, hessian])
def test_an_argument_that_is_not_there_is_refused(make, argnum):
    with pytest.raises((TypeError, ValueError, IndexError), match="argnum"):
        make(lambda x, y: x * y, argnum)(2.0, 3.0)


def test_an_argument_by_keyword_alone_is_refused_in_words():
    with pytest.raises((TypeError, ValueError, IndexError), match="position"):
        grad(lambda x: x * 2.0)(x=1.0)


@pytest.mark.parametrize("make", [jacobian, hessian])
def test_a_jacobian_by_a_tree_is_refused_in_words(make):
    with pytest.raises(TypeError, match=r"(jacobian|hessian).*one array.*dict"):
        make(lambda p: np.sum(p["a"] ** 2))({"a": X})


@pytest.mark.parametrize("v", [np.float64(1.0), np.ones(3), {"a": np.ones(4)}, [X]])
def test_hvp_refuses_a_direction_of_another_shape(v):
    with pytest.raises(ValueError, match="direction"):
        hvp(lambda x: np.sum(x**3))(X, v)


def test_hvp_refuses_a_direction_with_other_keys():
    with pytest.raises(ValueError, match="direction"):
        hvp(lambda p: np.sum(p["a"] ** 3))({"a": X}, {"b": X})


# ----------------------------------------------------------- laws (Hypothesis)


def tables(np):
    """List the steps of random programs, written in NumPy or in autograd's NumPy."""
    unary = [
        np.tanh, np.sin, np.cos, lambda x: np.exp(0.3 * np.tanh(x)),
        lambda x: x * 0.7 + 0.2, lambda x: np.log(2.0 + np.sin(x)),
        lambda x: np.sqrt(1.5 + x**2), lambda x: x[::-1], lambda x: x / (1.0 + x * x),
        lambda x: B @ x, lambda x: x[[2, 0, 2]], lambda x: x - np.mean(x),
        lambda x: np.logaddexp(x, 0.0), lambda x: -x,
        lambda x: np.concatenate([x[1:], x[:1]]), lambda x: 0.1 * np.outer(x, x)[1],
        lambda x: np.where(x > 0.05, x, 0.2 * x), lambda x: x**2 * 0.3,
    ]  # fmt: skip
    binary = [
        np.add, np.subtract, np.multiply, np.logaddexp, lambda x, y: x / (1.5 + y * y),
        lambda x, y: (x @ y) * 0.2 + y, lambda x, y: np.where(x > 0.05, x, y),
        lambda x, y: np.stack([x, y], axis=1) @ [0.4, -0.6],
    ]  # fmt: skip
    return unary, binary


UNARY, BINARY = tables(np)

unary_steps = st.tuples(st.sampled_from(range(len(UNARY))), st.integers(0, 9))
binary_steps = st.tuples(
    st.sampled_from(range(len(BINARY))), st.integers(0, 9), st.integers(0, 9)
)
programs = st.lists(st.one_of(unary_steps, binary_steps), min_size=1, max_size=7)
vectors = st.lists(
    st.sampled_from([-1.31, -0.72, -0.23, 0.34, 0.91, 1.52]), min_size=3, max_size=3
).map(np.array)


def run(steps, x, unary=UNARY, binary=BINARY):
    """Run a random program: each step reads any of the values before it."""
    values = [x]
    for number, *sources in steps:
        read = [values[source % len(values)] for source in sources]
        table = unary if len(sources) == 1 else binary
        values.append(table[number](*read))
    return values[-1]


def near_kink(steps, x, margin=1e-3):
    """Say whether a `where` of the program comes near its switch at x."""
    values = [x]
    for number, *sources in steps:
        read = [values[source % len(values)] for source in sources]
        table = UNARY if len(sources) == 1 else BINARY
        switches = number == (16 if len(sources) == 1 else 6)
        if switches and np.min(np.abs(read[0] - 0.05)) < margin:
            return True
        values.append(table[number](*read))
    return np.max(np.abs(values[-1])) > 1e3


def assert_close(a, b, rtol=1e-9):
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * (1.0 + np.max(np.abs(b))))


@settings(max_examples=150)
@given(programs, vectors, vectors)
def test_random_programs_obey_the_chain_rule(steps, x, w):
    assume(not near_kink(steps, x))
    f = lambda x: np.sum(w * run(steps, x))
    assert_close(grad(f)(x), numerical_grad(f, x), rtol=2e-6)


@settings(max_examples=100)
@given(programs, vectors, vectors)
def test_random_programs_agree_with_autograd(steps, x, w):
    theirs = pytest.importorskip(
        "autograd", reason="the peer is not installed: see [bench]"
    )
    unary, binary = tables(theirs.numpy)
    assume(np.all(np.isfinite(run(steps, x))))
    slope = theirs.grad(lambda x: theirs.numpy.sum(w * run(steps, x, unary, binary)))(x)
    assert_close(grad(lambda x: np.sum(w * run(steps, x)))(x), slope, rtol=1e-10)


@settings(max_examples=60)
@given(programs, vectors, vectors)
def test_the_hessian_of_a_random_program_is_right_and_symmetric(steps, x, w):
    assume(not near_kink(steps, x))
    f = lambda x: np.sum(w * np.tanh(run(steps, x)))
    H = hessian(f)(x)
    assert_close(H, H.T, rtol=1e-8)
    slope = lambda x: np.sum(w * grad(f)(x))
    assert_close(H @ w, numerical_grad(slope, x), rtol=1e-5)
    assert_close(hvp(f)(x, w), H @ w)


@settings(max_examples=60)
@given(programs, vectors, vectors, vectors, st.floats(-3, 3), st.floats(-3, 3))
def test_the_vjp_is_linear_in_its_output_gradient(steps, x, u, v, a, b):
    _, vjp = make_vjp(lambda x: run(steps, x), x)
    assert_close(vjp(a * u + b * v), a * vjp(u) + b * vjp(v))


@settings(max_examples=60)
@given(programs, vectors, vectors)
def test_the_vjp_is_the_transposed_jacobian(steps, x, y_bar):
    f = lambda x: run(steps, x)
    _, vjp = make_vjp(f, x)
    assert_close(vjp(y_bar), jacobian(f)(x).T @ y_bar)


@settings(max_examples=60)
@given(programs, programs, vectors)
def test_the_gradient_of_a_sum_is_the_sum_of_the_gradients(first, second, x):
    f = lambda x: np.sum(run(first, x))
    g = lambda x: np.sum(run(second, x))
    total = grad(f)(x) + grad(g)(x)
    assert_close(grad(lambda x: f(x) + g(x))(x), total)
    assert_close(grad(lambda x: g(x) + f(x))(x), total)


@settings(max_examples=60)
@given(programs, programs, vectors)
def test_the_jacobian_of_a_composition_is_the_product(first, second, x):
    f, g = lambda x: run(first, x), lambda x: run(second, x)
    y = f(x)
    assume(np.max(np.abs(y)) < 1e6)
    product = jacobian(g)(y) @ jacobian(f)(x)
    assert_close(jacobian(lambda x: g(f(x)))(x), product, rtol=1e-8)


@settings(max_examples=40)
@given(programs, vectors, st.permutations(range(3)))
def test_the_order_of_independent_statements_does_not_matter(steps, x, order):
    terms = [lambda x: run(steps, x), lambda x: np.sin(x) * x, lambda x: x @ x * x]

    def f(x, order):
        values = {k: np.sum(terms[k](x)) for k in order}
        return values[0] * 0.5 + values[1] - 2.0 * values[2]

    assert_close(grad(f)(x, order), grad(f)(x, range(3)))


def test_the_random_programs_use_every_step():
    """Guard the laws above: each step of the tables runs, on a vector of three."""
    x = np.array([0.34, -0.72, 1.52])
    for fun in UNARY:
        assert np.shape(fun(x)) == (3,)
    for fun in BINARY:
        assert np.shape(fun(x, x + 1.0)) == (3,)


def test_the_loop_fits_on_a_slide():
    source = inspect.getsource(autodiff.backward_pass).split('"""')[2]
    assert len([line for line in source.splitlines() if line.strip()]) <= 15


def test_a_complex_number_on_the_way_is_refused():
    F = np.exp(-2j * np.pi * np.outer(np.arange(3), np.arange(3)) / 3)
    with pytest.raises(TypeError, match="complex number was computed on the way"):
        grad(lambda x: np.sum(np.abs(F @ x) ** 2))(np.ones(3))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("kind", [np.matrix, np.ma.masked_array])
def test_arrays_with_an_algebra_of_their_own_are_refused(kind):
    with pytest.raises(TypeError, match=r"type (matrix|MaskedArray).*plain array"):
        grad(lambda x: np.sum(np.square(x)))(kind([[1.0, 2.0]]))


def test_a_copied_box_is_the_box():
    f = lambda p: np.sum(copy.deepcopy(p)["w"] ** 2)
    assert grad(f)({"w": np.array([1.0, 3.0])})["w"].tolist() == [2.0, 6.0]


def test_a_result_kept_from_an_earlier_function_is_refused():
    kept = []
    grad(lambda x: kept.append(x * x) or x * 1.0)(3.0)
    with pytest.raises(TypeError, match="outlived the function"):
        grad(lambda x: kept[0])(1.0)


def test_what_is_passed_along_keeps_the_derivatives_of_outer_functions():
    inner = lambda x: grad(lambda y: (y * y, x * y), has_aux=True)(x)[1]
    assert grad(inner)(3.0) == 6.0


@pytest.mark.parametrize("result", [1.0, None, (1.0, 2.0, 3.0)])
def test_has_aux_needs_a_pair(result):
    with pytest.raises(TypeError, match=r"must return \(value, auxiliary\)"):
        grad(lambda x: result, has_aux=True)(1.0)


def test_an_argument_may_be_named_once():
    with pytest.raises(TypeError, match="names an argument twice"):
        grad(lambda x: x, argnum=(0, 0))(1.0)


def test_integers_made_from_floats_are_constant():
    f = lambda x: np.sum(x.astype(int) * x)
    assert grad(f)(np.array([1.5, 2.5])).tolist() == [1.0, 2.0]


def test_a_gradient_of_another_shape_than_its_leaf_is_refused():
    square = primitive(lambda x: x**2)
    defvjp(square, lambda z_bar, z, x: np.sum(z_bar * 2 * x))
    with pytest.raises(ValueError, match=r"shape \(\) came back to a leaf of shape \(2,\)"):
        grad(lambda x: np.sum(square(x)))(np.ones(2))


def test_the_gradient_by_an_array_of_one_number_is_numpys():
    assert type(grad(np.sum)(np.array(3.0))) is np.float64
    assert type(grad(lambda x: x * 2.0)(3.0)) is float


# ------------------------------------------------------------------ memory


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc hands memory back so soon"
)
def test_memory_freed_by_one_step_is_there_for_the_next():
    code = """if True:
        import resource
        import numpy as np
        import coursecore.engine
        for step in range(5):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            arrays = [np.ones(50_000) for _ in range(40)]  # 16 MB in blocks of 400 kB
            del arrays
        print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    """
    run = [sys.executable, "-c", code]
    faults = int(subprocess.run(run, capture_output=True, check=True).stdout)
    assert faults < 400  # of the 4,000 pages that 16 MB are
