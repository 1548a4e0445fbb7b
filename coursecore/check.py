"""Checks for assignments: what their test cells import. Messages are meant to teach.

Every check calls the student's function on copies of plain inputs, under a watch for
warnings, changed arguments and text on stderr, and raises an AssertionError that says
what was asked, what came, and the likely cause. A check returns None: nbgrader would
take any other last value of a test cell for points.

    check.close(softmax_bar, [Z, t], expected, see="lecture 6, eq. 7")
"""

import contextlib
import copy
import inspect
import io
import warnings
from types import FunctionType

import numpy as np

from .engine.gradcheck import diagnose, numerical_grad
from .usage import uses

FLOAT32_TOLERANCE = 1e-4


def close(fun, args, expected, *, tolerance=1e-6, sizes=None, hints=None, see=""):
    """Require fun(*args) to be `expected`: same shapes, values equal to `tolerance`.

    `expected` is a number, an array, or a dict, list or tuple of them. A list of numbers
    may be given for an array; float32 results are compared to 1e-4. `hints` maps a
    sentence to the result that this mistake would give, `sizes` names the numbers that a
    wrong factor may be made of (see `diagnose`), and `see` says where to read.
    """
    yours = call(fun, args)
    report = _Report(fun, args, see)
    for path, mine, theirs in _pairs(report, yours, expected, ()):
        alternatives = {
            sentence: _reach(result, path) for sentence, result in (hints or {}).items()
        }
        _compare(report, path, mine, theirs, tolerance, sizes, alternatives)


def equal(fun, args, expected, *, hints=None, see=""):
    """Require fun(*args) to be exactly `expected`: an integer, a truth value, a text.

    `expected` may also be a list, tuple or dict of these. 3 and 3.0 are equal; True and 1
    are not.
    """
    yours = call(fun, args)
    if _equal(yours, expected):
        return
    reasons = [text for text, result in (hints or {}).items() if _equal(yours, result)]
    report = _Report(fun, args, see)
    report.fail("the answer is not the one expected.", yours, expected, *reasons[:1])


def gradient(fun, args, cost, *, wrt=0, tolerance=1e-5, sizes=None, hints=None, see=""):
    """Require fun(*args) to be the gradient of cost(*args) by args[wrt].

    The truth is a two-sided difference of `cost`, so the test holds for any input.
    """

    def of_one(x):
        return cost(*args[:wrt], x, *args[wrt + 1 :])

    expected = numerical_grad(of_one, args[wrt])
    close(fun, args, expected, tolerance=tolerance, sizes=sizes, hints=hints, see=see)


def raises(fun, args, error, *, see=""):
    """Require fun(*args) to refuse its input with an exception of type `error`."""
    try:
        yours = call(fun, args, passing=error, required=False)
    except error as came:
        if "is not written yet" in str(came):  # a blank answer refuses nothing
            raise
        return
    errors = error if isinstance(error, tuple) else (error,)
    names = " or ".join(each.__name__ for each in errors)
    report = _Report(fun, args, see)
    report.fail(f"this input should be refused with {names}.", yours, names)


def own(fun, *forbidden, see=""):
    """Require that `fun` does not lean on library functions that do the exercise.

    `forbidden` lists the functions themselves. The functions of the notebook that
    `fun` calls are searched as well.
    """
    found = uses(fun, forbidden)
    if found:
        raise AssertionError(
            f"{_name(fun)}: this exercise asks you to write what {found} does, so please "
            f"do without {found}.{_read(see)}"
        )


def that(condition, message, see=""):
    """Require a condition that no other check can express; `message` says what to do."""
    if not condition:
        raise AssertionError(message + _read(see))


def call(fun, args, passing=(), required=True):
    """Call fun on copies of args and return its result, or fail with words.

    Warnings and text on stderr cost nothing by themselves. A changed argument fails, and
    so does a missing result if one is `required`. Exceptions of the types `passing` go
    through.
    """
    copies = [_copy(arg) for arg in args]
    heard = io.StringIO()
    # np.errstate() puts back what the function may set with np.seterr.
    with warnings.catch_warnings(), contextlib.redirect_stderr(heard), np.errstate():
        warnings.simplefilter("ignore")
        try:
            result = fun(*copies)
        except NotImplementedError as error:
            if passing is NotImplementedError:  # it is a RuntimeError, but means "blank"
                raise
            words = f" ({error})" if str(error) else ""
            raise AssertionError(f"{_name(fun)} is not written yet{words}.") from None
        except passing:
            raise
        except (Exception, SystemExit) as error:
            kind = type(error).__name__
            report = _Report(fun, args, "")
            raise AssertionError(
                f"{_name(fun)} stopped with {kind}: {error}\n{report.inputs()}".rstrip()
            ) from error
    for name, before, after in zip(_argument_names(fun, args), args, copies, strict=True):
        if not _unchanged(before, after):
            flat = isinstance(before, np.ndarray)  # other copies share what is inside
            one = f"{name}.copy()" if flat else f"copy.deepcopy({name})"
            raise AssertionError(
                f"{_name(fun)} changed its argument {name}. A caller may still need it: "
                f"work on a copy, {one}."
            )
    if result is None and required:
        raise AssertionError(
            f"{_name(fun)} returned None. Is the return statement missing?"
        )
    return result


class _Report:
    """Writes the message of a failed check."""

    def __init__(self, fun, args, see):
        self.fun, self.args, self.see = fun, args, see

    def inputs(self):
        names = _argument_names(self.fun, self.args)
        shown = [
            f"  {name} = {_show(arg, indent=len(name) + 5)}"
            for name, arg in zip(names, self.args, strict=True)
        ]
        small = [line for line in shown if len(line) <= 200]
        return "\n".join(small)

    def fail(self, problem, yours, expected, *reasons):
        lines = [f"{_name(self.fun)}: {problem}"]
        if self.inputs():
            lines.append(self.inputs())
        lines.append(f"  yours      {_show(yours, indent=13)}")
        lines.append(f"  expected   {_show(expected, indent=13)}")
        lines.extend(f"  {reason}" for reason in reasons if reason)
        lines.extend(f"  {text}" for text in self._warned())
        raise AssertionError("\n".join(lines) + _read(self.see))

    def _warned(self):
        """Run once more to hear what NumPy warned of: it often names the cause."""
        with (
            warnings.catch_warnings(record=True) as heard,
            contextlib.redirect_stderr(None),
        ):
            warnings.simplefilter("always")
            with contextlib.suppress(Exception):
                self.fun(*[_copy(arg) for arg in self.args])
        texts = dict.fromkeys(str(warning.message) for warning in heard)
        return [f"NumPy warned: {text}." for text in list(texts)[:2]]


def _pairs(report, yours, expected, path):
    """Walk down `expected` and yield (path, your leaf, expected leaf) for every leaf."""
    where = _where(path) or "the result"
    if isinstance(expected, dict):
        keys = sorted(map(str, expected))
        if not isinstance(yours, dict) or set(yours) != set(expected):
            came = sorted(map(str, yours)) if isinstance(yours, dict) else yours
            report.fail(f"{where} should be a dict with the keys {keys}.", came, keys)
        for key in expected:
            yield from _pairs(report, yours[key], expected[key], (*path, key))
    elif isinstance(expected, (list, tuple)):
        whole = isinstance(yours, np.ndarray) and yours.ndim > 0
        if not (whole or isinstance(yours, (list, tuple))) or len(yours) != len(expected):
            report.fail(f"{where} should hold {len(expected)} things.", yours, expected)
        for i, (mine, theirs) in enumerate(zip(yours, expected, strict=True)):
            yield from _pairs(report, mine, theirs, (*path, i))
    else:
        yield path, yours, expected


def _compare(report, path, yours, expected, tolerance, sizes, hints):
    where = f"in {_where(path)} " if path else ""
    array = _as_array(yours)
    if array is None:
        kind = type(yours).__name__
        report.fail(f"{where}numbers were asked for, not a {kind}.", yours, expected)
    expected = np.asarray(expected)
    if array.shape != expected.shape:
        problem = f"{where}the shape should be {expected.shape}, but is {array.shape}."
        report.fail(problem, array, expected, diagnose(array, expected, sizes, hints))
    if array.dtype in (np.float32, np.float16):
        tolerance = max(tolerance, FLOAT32_TOLERANCE)
    # An entry that should be 0 comes out as the rounding error of the largest ones.
    finite = expected[np.isfinite(expected)]
    slack = 1e-3 * tolerance * np.max(np.abs(finite), initial=0.0) + 1e-12
    with np.errstate(all="ignore"):
        near = np.allclose(array, expected, rtol=tolerance, atol=slack, equal_nan=True)
        reason = "" if near else diagnose(array, expected, sizes, hints)
    if not near:
        shape = f"the shape {expected.shape} is right, the values are not."
        problem = where + (shape if expected.shape else "the value is not right.")
        report.fail(problem, array, expected, reason)


def _equal(yours, expected):
    """Compare by type and value; an object that claims to equal anything does not."""
    if isinstance(expected, dict):
        same_keys = type(yours) is dict and yours.keys() == expected.keys()
        return same_keys and all(_equal(yours[key], expected[key]) for key in expected)
    if isinstance(expected, (list, tuple)):
        same_length = type(yours) in (list, tuple) and len(yours) == len(expected)
        return same_length and all(map(_equal, yours, expected))
    yours, expected = _plain(yours), _plain(expected)
    numbers = {type(yours), type(expected)} <= {int, float}
    return (numbers or type(yours) is type(expected)) and bool(yours == expected)


def _plain(x):
    """Turn NumPy's numbers into Python's, and an array into nested lists."""
    if isinstance(x, (np.generic, np.ndarray)):
        return np.array(x, subok=False).tolist()
    return x


def _as_array(x):
    """Return x as a plain array of numbers, or None if it is not made of numbers."""
    try:
        array = np.array(x, subok=False)
    except (ValueError, TypeError):
        return None
    return array if array.dtype.kind in "biuf" else None


def _reach(result, path):
    """Take the part of a hinted result that stands at `path`; None if it has none."""
    try:
        for key in path:
            result = result[key]
        return np.asarray(result, dtype=float)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _where(path):
    return "".join(f"[{key!r}]" for key in path).replace("'", '"')


def _copy(arg):
    return arg if isinstance(arg, FunctionType) else copy.deepcopy(arg)


def _unchanged(before, after):
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(
            _unchanged(before[key], after[key]) for key in before
        )
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(
            _unchanged(b, a) for b, a in zip(before, after, strict=True)
        )
    if isinstance(before, np.ndarray):
        same = before.shape == after.shape and before.dtype == after.dtype
        return same and before.tobytes() == after.tobytes()
    if isinstance(before, (int, float, str)):
        return type(before) is type(after) and (before == after or before != before)
    return True


def _argument_names(fun, args):
    try:
        names = list(inspect.signature(fun).parameters)
    except (TypeError, ValueError):
        names = []
    return [names[i] if i < len(names) else f"argument {i + 1}" for i in range(len(args))]


def _name(fun):
    return getattr(fun, "__name__", "the function")


def _read(see):
    return f"\n  Read: {see}." if see else ""


def _show(x, indent=0):
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, float):
        return f"{x:.6g}"
    if isinstance(x, FunctionType):
        return f"the function {x.__name__}"
    if isinstance(x, np.ndarray):
        x = np.array(x, subok=False)
        small = x.dtype.kind == "f" and np.max(np.abs(x), initial=0.0) < 1e-3
        text = np.array2string(
            x, precision=4, separator=", ", threshold=24, suppress_small=not small
        )
        return text.replace("\n", "\n" + " " * indent)
    if isinstance(x, dict):
        return "{" + ", ".join(f"{key!r}: {_show(value)}" for key, value in x.items()) + "}"
    if isinstance(x, (list, tuple)):
        return "[" + ", ".join(_show(value) for value in x) + "]"
    return str(x) if isinstance(x, str) else repr(x)
