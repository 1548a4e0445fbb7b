"""Checks for assignments: right answers pass, wrong ones are told why, none slips by."""

import functools
import sys
import warnings

import numpy as np
import pytest

import coursecore
from coursecore import check, grad
from coursecore import functional as F

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
MEAN = np.array([3.0, 4.0])


def assert_refused(call, *words):
    """Require an AssertionError whose message holds all the words; return it."""
    with pytest.raises(AssertionError) as caught:
        call()
    message = str(caught.value)
    for word in words:
        assert word in message, f"{word!r} is missing in:\n{message}"
    return message


def fails_with(error):
    def answer(*args):
        raise error

    return answer


def returns(value):
    def answer(*args):
        return value

    return answer


class EqualToAnything:
    def __eq__(self, other):
        return True

    __hash__ = None

    def __array__(self, dtype=None, copy=None):
        return np.array([9.0, 9.0])

    def __float__(self):
        return 9.0


class IntegerEqualToAnything(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class TextEqualToAnything(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class ForgingArray(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs):
        return np.bool_(True)

    def __array_function__(self, *args, **kwargs):
        return True

    def __eq__(self, other):
        return True

    __hash__ = None

    def tolist(self):
        return 3


# -------------------------------------------------------- right answers pass


def loop(X):
    total = [0.0, 0.0]
    for row in X:
        for j in (0, 1):
            total[j] += row[j]
    return [value / len(X) for value in total]


def in_place_on_a_copy(X):
    X = X.copy()
    X[0] += X[1]
    X[0] += X[2]
    return X[0] / 3


def noisy(X):
    warnings.warn("look out", stacklevel=1)
    np.log(np.zeros(1))
    print("working", file=sys.stderr)
    print("working")
    return X.mean(axis=0)


class Mean:
    def __call__(self, X):
        return X.mean(axis=0)


RIGHT = {
    "numpy": lambda X: X.mean(axis=0), "a list": loop, "a tuple": lambda X: (3.0, 4.0),
    "float32": lambda X: np.float32(X).mean(axis=0), "own copy": in_place_on_a_copy,
    "warns and prints": noisy, "integers": lambda X: np.array([3, 4]),
    "not contiguous": lambda X: np.repeat(X.mean(axis=0), 2)[::2],
    "einsum": lambda X: np.einsum("nd->d", X) / len(X), "an object": Mean(),
    "partial": functools.partial(np.mean, axis=0), "read-only": lambda X: np.broadcast_to(
        X.mean(axis=0), (1, 2))[0],
    "last digit": lambda X: X.mean(axis=0) * (1 + 1e-9),
    "list of NumPy numbers": lambda X: list(X.mean(axis=0)),
}  # fmt: skip


@pytest.mark.parametrize("answer", RIGHT.values(), ids=RIGHT)
def test_right_answers_pass_and_nothing_comes_back(answer, capsys):
    assert check.close(answer, [X], MEAN) is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (returns(3.0), 3.0),
        (returns(np.float64(3.0)), 3),
        (returns(np.array(3.0)), 3.0),
        (returns({"W": X, "b": [1, 2]}), {"W": X.copy(), "b": np.array([1.0, 2.0])}),
        (returns({"b": 1.0, "W": 2.0}), {"W": 2.0, "b": 1.0}),
        (returns((1.0, X)), (1.0, X)),
        (returns([1.0, X]), (1.0, X)),
        (returns([{"W": 1.0}, {"W": 2.0}]), [{"W": 1.0}, {"W": 2.0}]),
        (returns(np.array([1.0, 2.0])), [1.0, 2.0]),
        (returns([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 2.0], [3.0, 4.0]]),
        (returns(np.array([True, False])), np.array([True, False])),
        (returns(np.zeros((0, 2))), np.zeros((0, 2))),
        (returns(np.array([np.inf, 1.0])), np.array([np.inf, 1.0])),
        (returns(np.array([np.nan, 1.0])), np.array([np.nan, 1.0])),
        (returns({0: 1.0, 1: 2.0}), {0: 1.0, 1: 2.0}),
    ],
    ids=lambda x: "" if callable(x) else type(x).__name__,
)
def test_close_takes_numbers_arrays_and_their_collections(answer, expected):
    assert check.close(answer, [], expected) is None
    assert check.close(answer, [], expected, hints={"a hint": expected}) is None


EQUAL = [
    (3, 3), (np.int64(3), 3), (np.array(3), 3), (3.0, 3), (True, True), (False, False),
    (np.bool_(True), True), ("word", "word"), (np.str_("word"), "word"),
    ([1, 2], [1, 2]), ([np.int64(1)], [1]), ((1, "a"), (1, "a")), ({"a": 1}, {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), EQUAL, ids=repr)
def test_equal_passes_what_is_exactly_right(value, expected):
    assert check.equal(returns(value), [], expected) is None


def bowl_slope(x, scale):
    return 2 * scale * x


def bowl(x, scale):
    return scale * np.sum(x**2)


def test_gradient_passes_what_agrees_with_differences_of_the_cost():
    assert check.gradient(bowl_slope, [X, 3.0], bowl) is None
    by_scale = lambda x, scale: np.sum(x**2)
    assert check.gradient(by_scale, [X, 3.0], bowl, wrt=1) is None
    tree_cost = lambda p: np.sum(p["W"] ** 2) + p["b"]
    slopes = lambda p: {"W": 2 * p["W"], "b": 1.0}
    assert check.gradient(slopes, [{"W": X, "b": 0.5}], tree_cost) is None


def test_raises_passes_a_refusal():
    assert check.raises(fails_with(ValueError("no")), [], ValueError) is None
    assert check.raises(lambda x: [][x], [3], (IndexError, KeyError)) is None
    lookup = lambda table: table["missing"]
    assert check.raises(lookup, [{}], LookupError) is None


def test_that_passes_a_true_condition():
    assert check.that(True, "never seen") is None


# ------------------------------------------ wrong answers are told what is wrong

G = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.75]])

WRONG = [
    (returns(-G), ["wrong sign"]),
    (returns(G.T), ["shape should be (2, 3), but is (3, 2)", "transpose"]),
    (returns(5 * G), ["N times too large", "Sum instead of mean?"]),
    (returns(G / 5), ["N times too small"]),
    (returns(0 * G), ["zero everywhere"]),
    (returns(G[::-1]), ["another order"]),
    (returns(G + 0.5), ["off by 0.5"]),
    (returns(G.ravel()), ["only the shape differs"]),
    (returns(np.stack([G, 0 * G])), ["forget the batch sum"]),
    (returns(np.where(G == 2.0, np.nan, G)), ["NaN", "[0, 2]"]),
    (returns(np.where(G == 2.0, 7.0, G)), ["1 of 6 entries", "[0, 2]"]),
    (returns(G * (1 + 1e-4)), ["values are not"]),
    (returns(None), ["returned None", "return statement"]),
    (returns("text"), ["numbers", "str", "text"]),
    (returns([[1.0], [1.0, 2.0]]), ["numbers"]),
    (returns(G.astype(object)), ["numbers"]),
    (returns(G + 0j), ["numbers"]),
    (returns({"W": G}), ["numbers", "dict"]),
    (returns(3.0), ["shape should be (2, 3), but is ()"]),
    (returns((2 * G).view(ForgingArray)), ["2 times"]),
    (returns(EqualToAnything()), ["shape should be"]),
    (fails_with(NotImplementedError()), ["not written yet"]),
    (fails_with(NotImplementedError("later")), ["not written yet", "later"]),
    (fails_with(KeyError("W")), ["stopped with KeyError", "W"]),
    (fails_with(ZeroDivisionError("division by zero")), ["ZeroDivisionError: division"]),
    (fails_with(AssertionError("mine")), ["AssertionError", "mine"]),
    (fails_with(SystemExit(3)), ["stopped with SystemExit"]),
    (fails_with(RecursionError("deep")), ["RecursionError"]),
    (lambda: G, ["TypeError", "argument"]),
]


@pytest.mark.parametrize(("answer", "words"), WRONG)
def test_wrong_answers_are_told_why(answer, words):
    assert_refused(lambda: check.close(answer, [X], G, sizes={"N": 5}), *words)


def test_the_message_says_what_was_asked_and_what_came():
    def softmax_bar(Z, t):
        return np.array([[0.09, 0.245, 0.665]])

    message = assert_refused(
        lambda: check.close(
            softmax_bar, [np.array([[0, 1, 2]]), np.array([2])],
            np.array([[0.09, 0.245, -0.335]]),
            hints={"Did you subtract the one-hot target?": [[0.09, 0.245, 0.665]]},
            see="lecture 6, eq. 7",
        ),
        "softmax_bar: the shape (1, 3) is right, the values are not.",
        "Z = [[0, 1, 2]]", "t = [2]", "yours      [[0.09 , 0.245, 0.665]]",
        "expected   [[ 0.09 ,  0.245, -0.335]]", "Did you subtract the one-hot target?",
        "Read: lecture 6, eq. 7.",
    )  # fmt: skip
    assert len(message.splitlines()) == 7


def test_large_inputs_are_not_printed():
    big = np.linspace(0, 1, 10_000)
    message = assert_refused(
        lambda: check.close(lambda x, k: x, [big, 3], 2 * big), "k = 3"
    )
    assert len(message) < 1_000


def test_small_numbers_are_shown_as_they_are():
    message = assert_refused(
        lambda: check.close(returns([0.0, 0.0]), [], np.array([1e-9, 2e-9]))
    )
    assert "1e-09" in message or "1.e-09" in message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"W": X}, ["dict with the keys ['W', 'b']"]),
        ({"W": X, "b": 1.0, "c": 2.0}, ["dict with the keys ['W', 'b']", "c"]),
        ({"w": X, "b": 1.0}, ["dict with the keys ['W', 'b']", "w"]),
        (X, ["dict with the keys ['W', 'b']"]),
        ({"W": X, "b": 7.0}, ['["b"]', "value is not right", "7"]),
        ({"W": X[0], "b": 1.0}, ['["W"]', "shape should be (3, 2)"]),
    ],
)
def test_wrong_dicts_are_told_the_key(value, words):
    assert_refused(lambda: check.close(returns(value), [], {"W": X, "b": 1.0}), *words)


@pytest.mark.parametrize("value", [(X,), X[0, 0], (X, 1.0, 2.0), {"a": X, "b": 1.0}])
def test_another_number_of_results_is_refused(value):
    assert_refused(
        lambda: check.close(returns(value), [], (X, 1.0)), "should hold 2 things"
    )


def test_hints_reach_into_collections():
    expected, hint = {"W": [X, 2 * X], "b": 1.0}, {"W": [3 * X, 4 * X], "b": 2.0}
    hints = {"a sentence": hint}
    assert_refused(
        lambda: check.close(returns(hint), [], expected, hints=hints), "a sentence"
    )
    wrong = {"W": [X, 4 * X], "b": 1.0}
    assert_refused(
        lambda: check.close(returns(wrong), [], expected, hints=hints), "a sentence"
    )


@pytest.mark.parametrize("hint", [{"b": 1.0}, 3.0, None, [1.0, 2.0], {"W": {"V": 1.0}}])
def test_a_hint_of_another_shape_does_no_harm(hint):
    call = lambda: check.close(returns({"W": X}), [], {"W": 2 * X}, hints={"no": hint})
    assert "no\n" not in assert_refused(call, "values are not") + "\n"


def test_hints_of_dicts_with_integer_keys():
    hints = {"a sentence": {0: 3.0, 1: 2.0}}
    call = lambda: check.close(returns({0: 3.0, 1: 2.0}), [], {0: 1.0, 1: 2.0}, hints=hints)
    assert_refused(call, "a sentence")


def test_float32_is_compared_as_float32_and_no_further():
    check.close(returns(np.float32([1.00001])), [], np.ones(1))
    assert_refused(lambda: check.close(returns(np.float32([1.001])), [], np.ones(1)))
    assert_refused(lambda: check.close(returns(np.float64([1.00001])), [], np.ones(1)))


def test_the_tolerance_can_be_chosen():
    assert check.close(returns(1.01), [], 1.0, tolerance=0.1) is None
    assert_refused(lambda: check.close(returns(1.01), [], 1.0), "value is not right")


def test_a_warning_of_numpy_is_passed_on_in_a_failure():
    answer = lambda x: np.log(x)
    assert_refused(lambda: check.close(answer, [np.zeros(2)], np.ones(2)), "divide by zero")


NOT_EQUAL = [
    (4, 3), (3.5, 3), (np.nan, 3), ("3", 3), (None, 3), (True, 1), (1, True),
    (np.bool_(True), 1), ("Word", "word"), ([1, 2], [2, 1]), ([1], [1, 2]),
    ([True], [1]), ({"a": 1}, {"a": 2}), (np.array([3, 3]), 3), (np.array([3]), 3),
    (EqualToAnything(), 3), (EqualToAnything(), "word"), (EqualToAnything(), [1]),
    (IntegerEqualToAnything(5), 3), (TextEqualToAnything("a"), "word"),
    ([EqualToAnything()], [3]), ([IntegerEqualToAnything(5)], [3]),
    ({"a": EqualToAnything()}, {"a": 3}), ((EqualToAnything(), 1), (3, 1)),
    (np.array(5).view(ForgingArray), 3), (True, "True"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), NOT_EQUAL, ids=lambda x: type(x).__name__)
def test_equal_refuses_all_else(value, expected):
    words = ["answer"] if value is not None else ["returned None"]
    assert_refused(lambda: check.equal(returns(value), [], expected, see="p. 3"), *words)


def test_equal_gives_a_hint():
    hints = {"Did you count from 1?": 4, "Another": 5}
    message = assert_refused(
        lambda: check.equal(returns(4), [], 3, hints=hints, see="lecture 1"),
        "yours      4", "expected   3", "Did you count from 1?", "Read: lecture 1.",
    )  # fmt: skip
    assert "Another" not in message
    check_array = lambda: check.equal(returns(np.ones(2)), [], 3, hints=hints)
    assert_refused(check_array, "expected   3")


def test_gradient_names_the_mistake():
    answer = lambda x, scale: scale * x
    assert_refused(lambda: check.gradient(answer, [X, 3.0], bowl), "2 times too small")
    answer = lambda x, scale: -2 * scale * x
    assert_refused(
        lambda: check.gradient(answer, [X, 3.0], bowl, see="eq. 1"), "sign", "eq. 1"
    )
    hints = {"Did you forget the scale?": 2 * X}
    answer = lambda x, scale: 2 * x
    assert_refused(
        lambda: check.gradient(answer, [X, 3.0], bowl, hints=hints), "the scale?"
    )


def test_raises_refuses_an_answer_or_another_error():
    assert_refused(
        lambda: check.raises(returns(3), [X], ValueError), "refused", "ValueError", "3"
    )
    other = fails_with(KeyError("k"))
    assert_refused(lambda: check.raises(other, [X], ValueError), "stopped with KeyError")
    assert_refused(lambda: check.raises(returns(None), [X], ValueError), "ValueError")


@pytest.mark.parametrize("error", [RuntimeError, Exception, NotImplementedError])
def test_an_answer_that_is_not_written_is_no_refusal(error):
    blank = fails_with(NotImplementedError())
    if error is not NotImplementedError:
        assert_refused(lambda: check.raises(blank, [], error), "not written yet")
    else:
        assert check.raises(blank, [], error) is None


def test_that_says_its_message():
    assert_refused(
        lambda: check.that(False, "Shuffle the rows.", see="p. 4"), "Shuffle", "p. 4."
    )


# ----------------------------------------------------------------- mutation


def overwrite(x):
    x[0] = 7.0
    return 1.0


def reverse(x):
    x.reverse()
    return 1.0


def pop(x):
    x.pop("a")
    return 1.0


def deep(x):
    x["layers"][0]["W"] *= 2.0
    return 1.0


def deep_number(x):
    x["layers"][1] = 5.0
    return 1.0


def reshape(x):
    x.shape = (2, 1) if x.ndim == 1 else (-1,)
    return 1.0


@pytest.mark.parametrize(
    ("answer", "arg"),
    [
        (overwrite, np.array([1.0, 2.0])),
        (overwrite, [1.0, 2.0]),
        (reverse, [1.0, 2.0]),
        (reverse, [np.zeros(2), np.ones(2)]),
        (lambda x: x.append(3) or 1.0, [1, 2]),
        (pop, {"a": 1.0, "b": 2.0}),
        (lambda x: x.update(a=3.0) or 1.0, {"a": 1.0}),
        (deep, {"layers": [{"W": np.ones(2)}]}),
        (deep_number, {"layers": [1.0, 2.0]}),
        (lambda x: x.sort() or 1.0, np.array([2.0, 1.0])),
        (lambda x: x.sort() or 1.0, ["b", "a"]),
    ],
)
def test_a_changed_argument_is_noticed(answer, arg):
    copy = "x.copy()" if isinstance(arg, np.ndarray) else "copy.deepcopy(x)"
    assert_refused(lambda: check.close(answer, [arg], 1.0), "changed its argument x", copy)


def test_the_arguments_of_the_check_itself_are_never_changed():
    arg = np.array([1.0, 2.0])
    assert_refused(lambda: check.close(overwrite, [arg], 1.0))
    np.testing.assert_array_equal(arg, [1.0, 2.0])


def test_nan_and_functions_and_generators_as_arguments_are_not_taken_for_changed():
    assert check.close(lambda x: 1.0, [np.array([np.nan])], 1.0) is None
    assert check.close(lambda x: 1.0, [[float("nan")]], 1.0) is None
    assert check.close(lambda f: f(1.0), [lambda x: x], 1.0) is None
    assert check.close(lambda f: f(0.0), [np.exp], 1.0) is None
    draws = lambda rng: rng.uniform() * 0 + 1.0
    assert check.close(draws, [np.random.default_rng(0)], 1.0) is None


def test_a_generator_starts_alike_for_every_check():
    rng = np.random.default_rng(0)
    first = np.random.default_rng(0).uniform()
    draws = lambda rng: rng.uniform()
    assert check.close(draws, [rng], first) is None
    assert check.close(draws, [rng], first) is None


def test_stderr_and_warning_filters_are_put_back():
    stream, filters = sys.stderr, list(warnings.filters)
    check.close(noisy, [X], MEAN)
    assert_refused(lambda: check.close(noisy, [X], -MEAN))
    assert sys.stderr is stream
    assert warnings.filters == filters


def test_call_gives_the_result():
    assert check.call(lambda x: x + 1, [2]) == 3


# ---------------------------------------------------------------- own work


def direct(x):
    return F.softmax(x)


def by_module(x):
    return coursecore.functional.softmax(x)


def by_helper(x):
    return direct(x)


def by_imported_name(x):
    from coursecore.functional import softmax as mine

    return mine(x)


def by_default(x, softmax=F.softmax):
    return softmax(x)


def by_keyword_default(x, *, f=F.softmax):
    return f(x)


def by_getattr(x):
    return getattr(F, "softmax")(x)  # noqa: B009 - what a student may try


def by_comprehension(x):
    return [F.softmax(row) for row in x]


def by_inner_function(x):
    def inner(row):
        return F.softmax(row)

    return inner(x)


def closing_over(softmax):
    return lambda x: softmax(x)


class Solver:
    def __call__(self, x):
        return F.softmax(x)

    def method(self, x):
        return F.softmax(x)


alias = F.softmax


def by_alias(x):
    return alias(x)


LEANING = {
    "direct": direct, "module": by_module, "helper": by_helper, "alias": by_alias,
    "imported": by_imported_name, "default": by_default, "inner": by_inner_function,
    "keyword default": by_keyword_default, "comprehension": by_comprehension,
    "closure": closing_over(F.softmax), "lambda": lambda x: F.softmax(x),
    "partial": functools.partial(direct), "cached": functools.cache(direct),
    "the function itself": F.softmax, "getattr": by_getattr, "method": Solver().method,
}  # fmt: skip


@pytest.mark.parametrize("answer", LEANING.values(), ids=LEANING)
def test_an_answer_that_calls_the_library_is_noticed(answer):
    call = lambda: check.own(answer, F.softmax, F.log_softmax, see="the statement")
    assert_refused(call, "softmax", "write", "the statement")


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def with_own_softmax(x):
    """Never calls F.softmax."""
    return softmax(x) + F.relu(x)


def recursive(x):
    return recursive(x - 1) if x > 0 else 0


@pytest.mark.parametrize("answer", [with_own_softmax, softmax, recursive, len, Mean()])
def test_own_work_passes(answer):
    assert check.own(answer, F.softmax, F.log_softmax, grad) is None


def test_functions_of_numpy_can_be_forbidden():
    answer = lambda x: np.linalg.norm(x)
    assert_refused(lambda: check.own(answer, np.linalg.norm), "norm")
    assert_refused(lambda: check.own(lambda x: x.sum(), np.sum), "sum")
    assert check.own(lambda x: np.sqrt(np.dot(x, x)), np.linalg.norm) is None


def test_a_module_stands_for_its_functions():
    from coursecore.nets.functional import relu

    by_module, own = lambda x: F.relu(x), lambda x: np.maximum(x, 0)
    for answer in (by_module, lambda x: relu(x), relu, functools.partial(relu)):
        assert_refused(lambda answer=answer: check.own(answer, F), "do without")
    assert check.own(own, F) is None
    own.__module__ = []  # as a student might
    assert check.own(own, F) is None


def test_a_forbidden_function_is_known_under_its_other_names():
    assert_refused(lambda: check.own(lambda x: np.abs(x), np.absolute), "abs")
    assert_refused(lambda: check.own(lambda x: sum(x), sum), "sum")


def test_a_name_that_is_only_a_text_or_a_key_is_not_taken_for_a_call():
    def answer(p):
        """softmax"""
        return {"softmax": p["softmax"] * 2}

    assert check.own(answer, F.softmax) is None


def test_settings_of_numpy_are_put_back():
    def careless(x):
        np.seterr(all="raise")
        return 1.0

    kept = np.geterr()
    try:
        check.close(careless, [X], 1.0)
        assert np.geterr() == kept
    finally:
        np.seterr(**kept)


def test_values_at_the_end_of_the_range_are_compared_without_a_warning():
    huge = np.array([1e308, 1.0])
    assert check.close(returns(huge.copy()), [], huge) is None
    assert_refused(lambda: check.close(returns(-huge), [], huge), "wrong sign")


def test_raises_names_all_the_errors_that_would_do():
    call = lambda: check.raises(returns(3), [X], (ValueError, TypeError))
    assert_refused(call, "ValueError", "TypeError")
