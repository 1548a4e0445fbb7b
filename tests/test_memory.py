"""Residuals: what a tape keeps, and that a gradient does not change by it."""

import numpy as np
import pytest

from coursecore import defvjp, grad, make_vjp, primitive, value_and_grad
from coursecore.engine.memory import LARGE, Blank, keep
from coursecore.engine.trace import READS, Trace

BIG = np.linspace(-1.0, 1.0, LARGE + 1)


def test_a_step_keeps_what_its_rule_reads():
    value, args = keep(BIG, np.exp, (BIG,))
    assert value is BIG and type(args[0]) is Blank
    value, args = keep(BIG, np.log, (BIG,))
    assert type(value) is Blank and args[0] is BIG
    value, args = keep(BIG, np.where, (BIG > 0, BIG, 0.0))
    assert type(value) is type(args[1]) is Blank
    assert args[0] is not None and args[2] == 0.0


def test_what_is_small_and_what_no_rule_speaks_of_is_kept_whole():
    small = BIG[1:]
    value, args = keep(small, np.add, (small, 1.0))
    assert value is args[0] is small and args[1] == 1.0
    assert READS[np.power] is None
    assert keep(BIG, np.power, (BIG, 2.0))[1][0] is BIG


def test_a_blank_has_the_shape_of_its_array_and_nothing_else():
    hole = Blank((2, 3))
    assert (np.shape(hole), np.ndim(hole), np.size(hole)) == ((2, 3), 2, 6)
    with pytest.raises(TypeError, match=r"shape \(2, 3\) that was not kept.*reads="):
        np.exp(hole)


def test_a_rule_that_reads_more_than_it_says_is_told_so():
    @primitive
    def cube(x):
        return x**3

    defvjp(cube, lambda z_bar, z, x: z_bar * 3 * np.square(x), reads="z")
    assert grad(lambda x: np.sum(cube(x)))(np.ones(2)).tolist() == [3.0, 3.0]
    with pytest.raises(TypeError, match="not kept"):
        grad(lambda x: np.sum(cube(x)))(BIG)
    defvjp(cube, lambda z_bar, z, x: z_bar * 3 * np.square(x))  # replaces what it read
    np.testing.assert_array_equal(grad(lambda x: np.sum(cube(x)))(BIG), 3 * BIG**2)


def test_a_gradient_is_the_same_whatever_is_kept():
    def f(x):
        return np.mean(np.tanh(x * 3.0 + 1.0) ** 2 - np.exp(-x) / (2.0 + x))

    value, slope = value_and_grad(f)(BIG)
    y, vjp = make_vjp(f, BIG)  # keeps everything: it may be called again
    assert value == y
    np.testing.assert_array_equal(slope, vjp(1.0))


def test_a_trace_that_was_not_told_otherwise_keeps_everything():
    record = Trace()
    box = record.box(BIG)
    np.sum(box + 1.0)
    assert [type(node.value) for node in record.tape][:2] == [np.ndarray, np.ndarray]
