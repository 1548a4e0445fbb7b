"""Schedules: closed forms, limits, the conditions of convergence, refusals."""

import copy
import math
import pickle

import numpy as np
import pytest

from coursecore import optim
from coursecore.training import schedules
from coursecore.training.schedules import (
    constant,
    cosine,
    hold,
    inverse_time,
    power,
    step_decay,
    warm_up,
)

ALL = [
    constant(0.3),
    step_decay(0.3, every=4, factor=0.5),
    inverse_time(0.3, delta=0.1),
    power(0.3, delta=0.75),
    cosine(0.3, num_steps=40, final=0.01),
    warm_up(5, then=cosine(0.3, num_steps=40)),
    hold(5, then=power(0.3, delta=1.0)),
]


def rates(schedule, num_steps):
    return np.array([schedule(step) for step in range(num_steps)])


def test_the_closed_forms():
    t = np.arange(60)
    np.testing.assert_allclose(rates(constant(0.3), 60), 0.3)
    np.testing.assert_allclose(rates(step_decay(0.3, 7, 0.5), 60), 0.3 * 0.5 ** (t // 7))
    np.testing.assert_allclose(rates(inverse_time(0.3, 0.2), 60), 0.3 / (1 + 0.2 * t))
    np.testing.assert_allclose(rates(power(0.3, 0.6), 60), 0.3 / (t + 1) ** 0.6)


def test_the_cosine_begins_at_lr_is_half_way_in_the_middle_and_ends_at_final():
    schedule = cosine(0.3, num_steps=40, final=0.1)
    assert schedule(0) == 0.3
    assert math.isclose(schedule(20), 0.2)
    assert math.isclose(schedule(40), 0.1)
    assert schedule(1000) == schedule(40)
    np.testing.assert_allclose(rates(schedule, 41) + rates(schedule, 41)[::-1], 0.4)
    assert cosine(0.3, num_steps=40)(40) == 0.0


def test_warm_up_rises_linearly_and_then_begins_the_other_schedule():
    then = inverse_time(0.4, 0.5)
    np.testing.assert_allclose(rates(warm_up(4, then), 4), [0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(rates(warm_up(4, then), 24)[4:], rates(then, 20))
    np.testing.assert_array_equal(rates(warm_up(0, then), 9), rates(then, 9))


def test_hold_keeps_the_first_rate_and_then_begins_the_other_schedule():
    then = inverse_time(0.4, 0.5)
    np.testing.assert_array_equal(rates(hold(6, then), 6), np.full(6, 0.4))
    np.testing.assert_array_equal(rates(hold(6, then), 26)[6:], rates(then, 20))


def test_schedules_nest_and_a_number_is_a_constant():
    schedule = warm_up(2, then=hold(3, then=step_decay(1.0, every=1, factor=0.5)))
    np.testing.assert_allclose(rates(schedule, 8), [0.5, 1, 1, 1, 1, 1, 0.5, 0.25])
    assert warm_up(3, then=0.1) == warm_up(3, then=constant(0.1))


@pytest.mark.parametrize("schedule", ALL, ids=repr)
def test_rates_are_plain_positive_numbers_that_only_warm_up_lets_rise(schedule):
    values = [schedule(step) for step in range(50)]
    assert all(type(value) is float and 0 <= value <= 0.3 for value in values)
    rises = np.diff(values) > 1e-15
    assert not rises[5:].any()
    assert rises[:4].all() == (type(schedule) is warm_up)


@pytest.mark.parametrize("schedule", ALL, ids=repr)
def test_schedules_can_be_read_compared_copied_and_sent(schedule):
    assert eval(repr(schedule), vars(schedules)) == schedule
    assert pickle.loads(pickle.dumps(schedule)) == copy.deepcopy(schedule) == schedule
    with pytest.raises(AttributeError):
        schedule.lr = 1.0


def grows(terms):
    """Tell whether a series diverges: its blocks from 2ᵏ to 2ᵏ⁺¹ do not shrink."""
    blocks = [np.sum(terms[2**k : 2 ** (k + 1)]) for k in range(11, 16)]
    return blocks[-1] > 0.9 * blocks[0]


@pytest.mark.parametrize(
    ("schedule", "far", "calm"),
    [
        (constant(0.1), True, False),
        (inverse_time(0.1, 0.5), True, True),
        (power(0.1, 1.0), True, True),
        (power(0.1, 0.6), True, True),
        (power(0.1, 0.5), True, False),
        (power(0.1, 1.3), False, True),
        (step_decay(0.1, 100, 0.5), False, True),
        (hold(100, then=inverse_time(0.1, 0.5)), True, True),
    ],
    ids=repr,
)
def test_the_conditions_of_robbins_and_monro(schedule, far, calm):
    """Σ α must diverge, to come far, and Σ α² converge, to become calm."""
    alphas = rates(schedule, 2**16)
    assert grows(alphas) == far
    assert (not grows(alphas**2)) == calm


def test_a_decreasing_rate_reaches_the_mean_of_noise_where_a_constant_one_trembles():
    """With α = 1/t on ½(x - noise)², x is the mean of the noise seen so far."""
    noise = np.random.default_rng(0).normal(size=400)

    def last(lr):
        optimizer = optim.SGD(lr=lr)
        x, state = np.array(5.0), optimizer.init(np.array(5.0))
        for sample in noise:
            x, state = optimizer.step(x, x - sample, state)
        return x

    assert np.isclose(last(power(1.0, 1.0)), noise.mean())
    assert abs(last(constant(0.9)) - noise.mean()) > 0.1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: constant(0.0), "constant needs lr > 0 and finite, but got 0.0"),
        (lambda: inverse_time(-1.0, 0.1), "inverse_time needs lr > 0"),
        (lambda: power(math.inf, 1.0), "power needs lr > 0 and finite"),
        (lambda: cosine(math.nan, 3), "cosine needs lr > 0"),
        (lambda: inverse_time(0.1, -0.1), "delta of at least 0, but got -0.1"),
        (lambda: power(0.1, -0.1), "delta of at least 0"),
        (lambda: step_decay(0.1, 0), "every of at least 1, but got 0"),
        (lambda: step_decay(0.1, 5, 1.0), "factor between 0 and 1, but got 1.0"),
        (lambda: cosine(0.1, 0), "num_steps of at least 1"),
        (lambda: cosine(0.1, 5, final=0.2), r"final in \[0, lr = 0.1\], but got 0.2"),
        (lambda: warm_up(-1, 0.1), "num_steps of at least 0"),
        (lambda: hold(-1, 0.1), "num_steps of at least 0, but got -1"),
        (lambda: hold(5, 0.0), "constant needs lr > 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
