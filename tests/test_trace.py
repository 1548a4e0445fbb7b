"""Tracing: the tape, what a Box can do, and every refusal in words."""

import inspect
import math
import operator

import numpy as np
import pytest

from coursecore import defvjp, grad, hessian, make_vjp, primitive, trace
from coursecore.engine.trace import RULES, Box, Trace, apply, defvjp_all, name, unbox

X = np.array([[0.5, 1.5, 2.5], [1.0, 2.0, 3.0]])


def assert_refused(fun, error, match, x=X):
    with pytest.raises(error, match=match):
        grad(fun)(x)


# ------------------------------------------------------------------ the tape


def test_the_tape_lists_inputs_and_steps_in_topological_order():
    end, record = trace(lambda x, y: np.tanh(x * y) + x, 2.0, 3.0)
    functions = [node.fun for node in record.tape]
    assert functions == [None, None, np.multiply, np.tanh, np.add]
    assert [node.parents for node in record.tape] == [
        (), (), ((0, 0), (1, 1)), ((0, 2),), ((0, 3), (1, 0)),
    ]  # fmt: skip
    assert record.tape[2].args == (2.0, 3.0)
    assert end.value == math.tanh(6.0) + 2.0
    assert end.index == 4
    for i, node in enumerate(record.tape):
        assert all(parent < i for _, parent in node.parents)


def test_constants_leave_no_node():
    _, record = trace(lambda x: x + np.exp(np.ones(3)) * 2.0, np.ones(3))
    assert [node.fun for node in record.tape] == [None, np.add]


def test_traces_opened_later_have_a_higher_level():
    assert Trace().level < Trace().level


def test_a_python_float_stays_a_python_float():
    end, _ = trace(lambda x: 2.0 * x + 1.0 - x / 3.0, 4.0)
    assert type(end.value) is float


def test_apply_without_a_box_just_calls():
    assert apply(np.add, (1.0, 2.0), {}) == 3.0
    assert apply(np.add, (1.0, 2.0), {}, operator.sub) == -1.0


def test_unbox_strips_every_level():
    inner = Trace().box(Trace().box(5.0))
    assert unbox(inner) == 5.0
    assert unbox("text") == "text"


def test_name_is_what_a_reader_would_type():
    assert name(np.tanh) == "numpy.tanh"
    assert name(np.sum) == "numpy.sum"
    assert name(np.linalg.solve) == "numpy.linalg.solve"


# ---------------------------------------------------- what a Box can do


def test_a_box_shows_shape_and_value():
    seen = {}

    def cost(x):
        seen.update(
            shape=x.shape, ndim=x.ndim, size=x.size, dtype=x.dtype, length=len(x),
            text=repr(x), T=x.T.shape,
        )  # fmt: skip
        return np.sum(x)

    grad(cost)(X)
    assert seen["shape"] == (2, 3)
    assert (seen["ndim"], seen["size"], seen["length"]) == (2, 6, 2)
    assert seen["dtype"] == np.float64
    assert seen["text"] == f"Box({X!r})"
    assert seen["T"] == (3, 2)


def test_shape_functions_of_numpy_give_plain_numbers():
    seen = []

    def cost(x):
        seen.extend([np.shape(x), np.ndim(x), np.size(x)])
        return np.sum(x)

    grad(cost)(X)
    assert seen == [(2, 3), 2, 6]


METHODS = {
    "sum": lambda x: x.sum(), "mean": lambda x: x.mean(axis=0), "var": lambda x: x.var(),
    "std": lambda x: x.std(axis=1), "max": lambda x: x.max(axis=1, keepdims=True),
    "min": lambda x: x.min(0), "ravel": lambda x: x.ravel(),
    "squeeze": lambda x: x[:, :1].squeeze(), "swapaxes": lambda x: x.swapaxes(0, 1),
    "dot": lambda x: x.dot(x.T), "argmax": lambda x: x.argmax(axis=1) * x[:, 0],
    "argmin": lambda x: x.argmin(axis=1) * x[:, 0], "reshape": lambda x: x.reshape(3, 2),
    "transpose": lambda x: x.transpose(1, 0), "astype": lambda x: x.astype(np.float64),
}  # fmt: skip


@pytest.mark.parametrize("key", METHODS)
def test_a_method_of_a_box_is_the_method_of_the_array(key):
    fun = METHODS[key]
    value, vjp = make_vjp(fun, X)
    np.testing.assert_allclose(value, fun(X), rtol=1e-15)
    assert vjp(np.ones_like(value)[()]).shape == X.shape


def test_every_method_of_a_box_works():
    public = {
        key
        for key in vars(Box)
        if not key.startswith("_") and inspect.isfunction(vars(Box)[key])
    }
    assert public - set(METHODS) == set()


def test_control_flow_follows_the_branch_that_was_taken():
    def steps(x):
        while x < 100.0:
            x = x * x if x > 3.0 else x + 1.0
        return x

    assert grad(steps)(2.5) == 2 * 3.5 * 2 * 12.25
    assert grad(lambda x: -x if x < 0 else x)(-2.0) == -1.0
    assert grad(lambda x: x * 2 if x else x)(np.float64(3.0)) == 2.0
    assert grad(lambda x: max(x, 1.0))(2.0) == 1.0


def test_the_truth_of_an_array_is_as_ambiguous_as_in_numpy():
    assert_refused(lambda x: np.sum(x) if x > 0 else 0.0, ValueError, "ambiguous")


def test_iteration_and_unpacking_are_traced():
    np.testing.assert_array_equal(grad(lambda x: sum(v * v for v in x))(X[0]), 2 * X[0])

    def product(x):
        a, b, c = x
        return a * b * c

    np.testing.assert_allclose(grad(product)(X[1]), [6.0, 3.0, 2.0])
    picked = lambda x: sum(a * k for k, a in enumerate(x) if a > 1.2)
    np.testing.assert_array_equal(grad(picked)(X[0]), [0.0, 1.0, 2.0])


def test_a_number_has_neither_length_nor_entries():
    assert_refused(lambda x: len(x) * x, TypeError, "no len", x=2.0)
    assert_refused(lambda x: sum(v for v in x), TypeError, "no len|iterate", x=2.0)


def test_adding_in_place_to_a_name_makes_a_new_value():
    def cost(x):
        total = 0.0
        for row in x:
            total += np.sum(row**2)
        x *= 3.0
        return total + np.sum(x)

    kept = X.copy()
    np.testing.assert_allclose(grad(cost)(X), 2 * X + 3.0)
    np.testing.assert_array_equal(X, kept)


def test_boxes_cannot_be_keys_and_compare_by_value():
    assert_refused(lambda x: {x: 1.0}[x], TypeError, "unhashable")
    end, _ = trace(lambda x: x == X, X)
    assert end.all()


def test_constant_results_can_index():
    np.testing.assert_array_equal(grad(lambda x: x[0, np.argmax(x[0])])(X)[0], [0, 0, 1])


def test_a_traced_number_can_be_printed():
    seen = []

    def cost(x):
        seen.extend([f"{x}", f"{x:.2f}"])
        return x * 2.0

    grad(cost)(np.float64(1.234))
    assert seen[1] == "1.23"
    assert "1.234" in seen[0]


# ------------------------------------------------------------ refusals in words

PLAIN = "turned into a plain array.*lose its gradient"


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: float(x[0, 0]),
        lambda x: int(x[0, 0]),
        lambda x: complex(x[0, 0]),
        lambda x: math.exp(x[0, 0]),
        lambda x: np.sum(np.array([x[0], x[1]])),
        lambda x: np.sum(np.array(x)),
        lambda x: np.sum(np.asarray(x)),
        lambda x: np.sum(np.array([x[0, 0], 1.0])),
        lambda x: [10.0, 20.0][x[0, 0]],
        lambda x: np.mean([x[0, 0], x[0, 1]]),
    ],
    ids="float int complex math array-of-rows array asarray array-of-numbers index mean"
    .split(),
)  # fmt: skip
def test_losing_the_gradient_is_refused(fun):
    assert_refused(fun, TypeError, PLAIN)


def test_the_message_names_the_common_causes():
    for word in (r"float\(x\)", r"np\.stack", r"A\[i\] = x", "not NumPy's"):
        assert_refused(lambda x: np.asarray(x), TypeError, word)


def fill(x):
    A = np.zeros(X.shape)
    A[:] = x
    return np.sum(A)


def fill_one(x):
    A = np.zeros(2)
    A[0] = x[0, 0]
    return np.sum(A)


def add_in_place(x):
    A = np.zeros(X.shape)
    A += x
    return np.sum(A)


def overwrite(x):
    x[0] = 1.0
    return np.sum(x)


def test_filling_a_plain_array_is_refused():
    assert_refused(fill, TypeError, PLAIN)
    with pytest.raises((TypeError, ValueError)) as caught:
        grad(fill_one)(X)
    words = f"{caught.value} {caught.value.__cause__}"
    assert "A[i] = x (build A anew)" in words


def test_changing_a_traced_array_is_refused():
    assert_refused(overwrite, TypeError, "cannot be changed in place.*np.where")


@pytest.mark.parametrize(
    "fun",
    [
        add_in_place,
        lambda x: np.sum(np.exp(x, out=np.zeros(X.shape))),
        lambda x: np.sum(x, axis=0, out=np.zeros(3))[0],
        lambda x: np.mean(x, axis=0, out=np.zeros(3))[0],
        lambda x: np.matmul(x, x.T, out=np.zeros((2, 2)))[0, 0],
        lambda x: np.concatenate([x, x], out=np.zeros((4, 3)))[0, 0],
    ],
    ids=["+=", "exp", "sum", "mean", "matmul", "concatenate"],
)
def test_writing_into_an_existing_array_is_refused(fun):
    assert_refused(fun, TypeError, "out=.*a = a \\+ x")


def test_out_none_is_no_request():
    np.testing.assert_allclose(grad(lambda x: np.sum(np.exp(x, out=None)))(X), np.exp(X))


@pytest.mark.parametrize("method", ["reduce", "accumulate"])
def test_methods_of_ufuncs_are_refused_by_name(method):
    call = lambda x: getattr(np.add, method)(x)
    assert_refused(call, NotImplementedError, f"numpy.add.{method} cannot.*np.sum")


def test_outer_of_a_ufunc_is_refused_by_name():
    call = lambda x: np.sum(np.multiply.outer(x, x))
    assert_refused(call, NotImplementedError, "numpy.multiply.outer")


def test_a_traced_value_passed_by_keyword_is_refused():
    assert_refused(lambda x: np.sum(a=x), TypeError, "numpy.sum.*by keyword.*position")


@pytest.mark.parametrize(
    ("fun", "called"),
    [
        (lambda x: np.sum(np.cumprod(x)), "numpy.cumprod"),
        (lambda x: np.median(x), "numpy.median"),
        (lambda x: np.sum(np.linalg.svd(x)[1]), "numpy.linalg.svd"),
        (lambda x: np.sum(np.cross(x, x)), "numpy.cross"),
        (lambda x: np.sum(np.gradient(x)[0]), "numpy.gradient"),
        (lambda x: np.sum(np.abs(np.fft.fft(x))), "numpy.fft.fft"),
        (lambda x: np.sum(np.interp(x, [0.0, 1.0], [0.0, 2.0])), "numpy.interp"),
        (lambda x: np.sum(np.heaviside(x, 0.5)), "numpy.heaviside"),
    ],
)
def test_a_function_without_a_rule_is_refused_by_name(fun, called):
    words = rf"No VJP is registered for {called}.*defvjp\({called}"
    assert_refused(fun, NotImplementedError, words)


def test_the_refusal_comes_in_the_forward_pass():
    with pytest.raises(NotImplementedError, match="cumprod"):
        trace(np.cumprod, X)


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: np.sum(x, where=X > 1),
        lambda x: np.sum(x, initial=5.0),
        lambda x: np.sum(np.exp(x, where=X > 1)),
        lambda x: np.max(x, initial=9.0),
        lambda x: np.sum(np.mean(x, axis=0, where=X > 1)),
        lambda x: np.reshape(x, (3, 2), order="F"),
        lambda x: np.ravel(x, order="F"),
    ],
    ids=[
        "sum where=", "sum initial=", "exp where=", "max initial=",
        "mean where=", "reshape order=", "ravel order=",
    ],
)  # fmt: skip
def test_an_option_without_a_rule_is_refused_in_the_forward_pass(fun, request):
    called, option = request.node.callspec.id.split()
    with pytest.raises(NotImplementedError, match=f"numpy.{called}.*{option}"):
        trace(fun, X)


def test_options_by_position_are_refused_as_well_or_right():
    for fun in (
        lambda x: np.mean(x, 0, np.float64),
        lambda x: np.ravel(x, "F"),
        lambda x: np.reshape(x, (3, 2), "F"),
        lambda x: np.sum(x, 0, np.float64),
    ):
        try:
            value, vjp = make_vjp(fun, X)
        except (NotImplementedError, TypeError) as error:
            assert "numpy" in str(error) or "argument" in str(error)
            continue
        np.testing.assert_allclose(value, fun(X))
        y_bar = np.arange(1.0, 1.0 + np.size(value)).reshape(np.shape(value))
        x_bar = np.zeros(X.shape)
        for index in np.ndindex(X.shape):
            unit = np.zeros(X.shape)
            unit[index] = 1.0
            x_bar[index] = np.sum(y_bar * fun(unit))
        np.testing.assert_allclose(vjp(y_bar), x_bar)


def test_a_traced_condition_of_where_is_constant_or_refused_in_words():
    try:
        slope = grad(lambda x: np.sum(np.where(x, x, 0.0)))(X)
    except (NotImplementedError, TypeError) as error:
        assert "numpy.where" in str(error)
    else:
        np.testing.assert_array_equal(slope, np.ones(X.shape))


# ---------------------------------------------------------- user primitives


@pytest.fixture
def cube():
    @primitive
    def cube(x):
        """Return x³."""
        return np.asarray(x) ** 3

    defvjp(cube, lambda z_bar, z, x: z_bar * 3 * x**2)
    yield cube
    del RULES[cube]


def test_a_primitive_is_one_step_of_the_tape(cube):
    _, record = trace(lambda x: cube(x) + 1.0, X)
    assert [node.fun for node in record.tape] == [None, cube, np.add]
    np.testing.assert_allclose(grad(lambda x: np.sum(cube(x)))(X), 3 * X**2)


def test_a_primitive_has_second_derivatives_and_keeps_its_name(cube):
    np.testing.assert_allclose(hessian(lambda x: np.sum(cube(x)))(X[0]), np.diag(6 * X[0]))
    assert (cube.__name__, cube.__doc__) == ("cube", "Return x³.")
    np.testing.assert_array_equal(cube(X), X**3)


def test_a_primitive_without_a_vjp_is_refused_by_name():
    @primitive
    def sinc(x):
        return np.sin(x) / x

    assert_refused(sinc, NotImplementedError, "No VJP is registered for .*sinc", x=2.0)


def test_an_argument_without_a_vjp_is_refused_in_words():
    @primitive
    def scale(x, factor):
        return x * factor

    defvjp(scale, lambda z_bar, z, x, factor: z_bar * factor)
    try:
        assert grad(lambda x: scale(x, 3.0))(2.0) == 3.0
        with pytest.raises((NotImplementedError, TypeError), match=r"scale.*argument 2"):
            grad(lambda factor: scale(2.0, factor))(3.0)
    finally:
        del RULES[scale]


def test_keyword_arguments_reach_the_vjp():
    @primitive
    def power(x, exponent=2):
        return x**exponent

    defvjp(power, lambda z_bar, z, x, exponent=2: z_bar * exponent * x ** (exponent - 1))
    try:
        assert grad(lambda x: power(x, exponent=3))(2.0) == 12.0
    finally:
        del RULES[power]


def test_a_function_of_any_number_of_arguments_has_a_rule_for_each():
    @primitive
    def total(*xs):
        return sum((k + 1) * x for k, x in enumerate(xs))

    defvjp_all(total, lambda z_bar, z, *xs: [z_bar * (k + 1) for k in range(len(xs))])
    try:
        assert grad(lambda x: total(1.0, x, 2.0, x))(5.0) == 6.0
    finally:
        del RULES[total]


def test_reads_must_name_what_the_vjp_takes():
    @primitive
    def double(x):
        return 2 * x

    with pytest.raises(ValueError, match=r"reads names .'y'.; the VJP takes .'z', 'x'"):
        defvjp(double, lambda z_bar, z, x: 2 * z_bar, reads="y")
    defvjp(double, lambda z_bar, z, x: 2 * z_bar, None, reads="")
    assert grad(double)(1.0) == 2.0


def test_a_primitive_refuses_a_traced_keyword():
    @primitive
    def double(x):
        return 2 * x

    with pytest.raises(TypeError, match="by position"):
        grad(lambda x: double(x=x))(1.0)
