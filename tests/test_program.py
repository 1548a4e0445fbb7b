"""A traced program as data: names, formulas, values, bars, edges."""

import numpy as np
import pytest

from coursecore import functional as F
from coursecore import grad, graph, hessian


def logistic(w, x, b):
    return np.tanh(w * x + b)


def named(w, x, b, t):
    z = w * x + b
    y = F.sigmoid(z)
    return {"z": z, "y": y, "loss": 0.5 * (y - t) ** 2}


def edges(program):
    return {(parent, step.name) for step in program for parent in step.parents}


def test_every_operation_is_a_step_in_order():
    program = graph(logistic)(2.0, 3.0, 1.0)
    assert [step.name for step in program] == "w x b t1 t2 t3".split()
    assert [step.text for step in program][3:] == ["w × x", "t1 + b", "tanh(t2)"]
    assert [step.value for step in program][:5] == [2.0, 3.0, 1.0, 6.0, 7.0]
    assert edges(program) == {
        ("w", "t1"), ("x", "t1"), ("t1", "t2"), ("b", "t2"), ("t2", "t3"),
    }  # fmt: skip


def test_bars_are_the_gradient():
    program = graph(logistic)(0.2, 0.3, 0.1)
    slopes = [grad(logistic, argnum)(0.2, 0.3, 0.1) for argnum in range(3)]
    np.testing.assert_allclose([program.bars[name] for name in "wxb"], slopes)
    assert program.bars["t3"] == 1.0


def test_steps_between_named_values_are_left_out():
    program = graph(named)(2.0, 0.5, 0.1, 1.0)
    assert [step.name for step in program] == "w x b t z y loss".split()
    pairs = "w>z x>z b>z z>y y>loss t>loss".split()
    assert edges(program) == {tuple(pair.split(">")) for pair in pairs}
    y = F.sigmoid(1.1)
    assert np.isclose(program.bars["z"], (y - 1.0) * y * (1 - y))
    assert np.isclose(program.bars["w"], 0.5 * program.bars["z"])


def test_a_value_used_twice_has_one_step_and_two_messages():
    program = graph(lambda x: x * x)(3.0)
    assert edges(program) == {("x", "t1")}
    assert program.bars["x"] == 6.0


def test_a_parameter_named_t_takes_the_letter():
    program = graph(lambda t1: t1 * 2.0 + t1)(3.0)
    assert [step.name for step in program] == ["t1", "v1", "v2"]


def test_the_listing_reads_like_a_program():
    text = str(graph(logistic)(2.0, 3.0, 1.0))
    assert text.splitlines()[0] == "w  = 2"
    assert text.splitlines()[3].split() == "t1 = w × x = 6".split()
    assert "2 × 3" in str(graph(lambda W, x: W @ x)(np.ones((2, 3)), np.ones(3)))


def test_an_array_as_result_has_values_and_no_bars():
    program = graph(lambda W, x: W @ x)(np.ones((2, 3)), np.ones(3))
    assert program[-1].value.shape == (2,)
    assert set(program.bars.values()) == {None}


def test_a_step_that_the_result_does_not_need_has_no_bar():
    program = graph(lambda x: {"unused": x * 2.0, "y": x + 1.0})(3.0)
    assert program.bars["unused"] is None
    assert program.bars["x"] == 1.0


def test_a_gradient_is_a_program_as_well():
    program = graph(grad(lambda x: x**3))(2.0)
    assert np.isclose(program[-1].value, 12.0)
    assert np.isclose(program.bars["x"], hessian(lambda x: x**3)(2.0))


def test_a_function_that_depends_on_nothing_is_refused():
    with pytest.raises(TypeError, match="this one returned 3"):
        graph(lambda x: 3.0)(1.0)
