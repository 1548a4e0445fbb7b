"""Learning-rate schedules: functions from the number of a step to its learning rate.

Steps are counted from 0. A schedule stands wherever an optimizer takes a number:

    >>> schedule = hold(100, then=inverse_time(0.1, delta=0.5))
    >>> [schedule(step) for step in (0, 99, 100, 102)]
    [0.1, 0.1, 0.1, 0.05]
    >>> schedule
    hold(num_steps=100, then=inverse_time(lr=0.1, delta=0.5))

Stochastic gradient descent on a convex cost converges if the rates α are so small that
Σ α² is finite and still so large that Σ α is not (Robbins & Monro 1951; Larochelle).
`inverse_time`, and `power` with ½ < δ ≤ 1, meet both conditions. A constant rate meets the
second alone; `step_decay` meets the first alone, and so may stop short of the minimum.

Their names are in lower case because they are used as functions; they are records, so
that they can be printed, compared and sent to another process.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class constant:
    """Keep the learning rate at lr."""

    lr: float

    def __post_init__(self):
        _require_rate(self)

    def __call__(self, step):
        return self.lr


@dataclass(frozen=True)
class step_decay:
    """Multiply the learning rate by `factor` in (0, 1) after `every` steps."""

    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self):
        _require_rate(self)
        _require(self, "every", self.every >= 1, "of at least 1")
        _require(self, "factor", 0 < self.factor < 1, "between 0 and 1")

    def __call__(self, step):
        return self.lr * self.factor ** (step // self.every)


@dataclass(frozen=True)
class inverse_time:
    """Decrease as lr / (1 + δ t), where t is the number of steps done.

    (Larochelle.)
    """

    lr: float
    delta: float

    def __post_init__(self):
        _require_rate(self)
        _require(self, "delta", 0 <= self.delta < math.inf, "of at least 0")

    def __call__(self, step):
        return self.lr / (1.0 + self.delta * step)


@dataclass(frozen=True)
class power:
    """Decrease as lr · t^-δ, where t = step + 1, so that the first rate is lr.

    Stochastic gradient descent converges for ½ < δ ≤ 1; other δ ≥ 0 are allowed, to see
    what happens. (Larochelle.)
    """

    lr: float
    delta: float

    def __post_init__(self):
        _require_rate(self)
        _require(self, "delta", 0 <= self.delta < math.inf, "of at least 0")

    def __call__(self, step):
        return self.lr * (step + 1.0) ** -self.delta


@dataclass(frozen=True)
class cosine:
    """Go from lr to `final` along half a cosine in `num_steps` steps, and stay there.

    (Loshchilov & Hutter 2017.)
    """

    lr: float
    num_steps: int
    final: float = 0.0

    def __post_init__(self):
        _require_rate(self)
        _require(self, "num_steps", self.num_steps >= 1, "of at least 1")
        _require(self, "final", 0 <= self.final <= self.lr, f"in [0, lr = {self.lr}]")

    def __call__(self, step):
        done = min(step / self.num_steps, 1.0)
        return self.final + (self.lr - self.final) * 0.5 * (1.0 + math.cos(math.pi * done))


@dataclass(frozen=True)
class warm_up:
    """Rise linearly to the first rate of `then` in `num_steps` steps, and go on with it.

    Step 0 has 1/num_steps of that rate. `then` is a schedule, which begins when the rise
    is over, or a number.
    """

    num_steps: int
    then: object

    def __post_init__(self):
        _require(self, "num_steps", self.num_steps >= 0, "of at least 0")
        _make_schedule(self)

    def __call__(self, step):
        if step < self.num_steps:
            return self.then(0) * ((step + 1) / self.num_steps)
        return self.then(step - self.num_steps)


@dataclass(frozen=True)
class hold:
    """Keep the first rate of `then` for `num_steps` steps, and only then go on with it.

    A rate that decreases from the start is small before the descent has come anywhere.
    (Larochelle.)
    """

    num_steps: int
    then: object

    def __post_init__(self):
        _require(self, "num_steps", self.num_steps >= 0, "of at least 0")
        _make_schedule(self)

    def __call__(self, step):
        return self.then(max(step - self.num_steps, 0))


def _require(schedule, name, fine, words):
    if not fine:
        raise ValueError(
            f"{type(schedule).__name__} needs {name} {words}, but got "
            f"{getattr(schedule, name)}."
        )


def _require_rate(schedule):
    _require(schedule, "lr", 0 < schedule.lr < math.inf, "> 0 and finite")


def _make_schedule(schedule):
    """Read a number in the place of `then` as a constant schedule."""
    if not callable(schedule.then):
        object.__setattr__(schedule, "then", constant(schedule.then))
