"""Curves: what is drawn against an epoch, a step, a score or a hyperparameter."""

import numpy as np

from ..engine.derivatives import elementwise_grad
from ..nets import functional as F
from .style import BLACK, BLUE, CLASS_COLOURS, GREY, ORANGE, RED, axes, panels

STYLES = ["-", "--", "-.", ":"]  # never colour alone
ACTIVATIONS = {
    "sigmoid": F.sigmoid, "tanh": F.tanh, "ReLU": F.relu, "leaky ReLU": F.leaky_relu,
    "softplus": F.softplus, "threshold": F.threshold,
}  # fmt: skip
LOSSES = {
    "zero-one": lambda z, t: np.where(t * z > 0, 0.0, 1.0),
    "perceptron": F.perceptron, "hinge": F.hinge, "logistic": F.logistic,
}  # fmt: skip


def loss_curves(history, ax=None):
    """Draw the training and validation cost of a `train.History` against the epoch."""
    figure, ax = axes(ax)
    epochs = np.arange(1, len(history.train) + 1)
    ax.plot(epochs, history.train, color=BLUE, label="training")
    if history.valid:
        ax.plot(epochs, history.valid, color=ORANGE, linestyle="--", label="validation")
        best = history.best_epoch
        ax.plot(best + 1, history.valid[best], "o", color=ORANGE, label="best epoch")
    ax.set(xlabel="epoch", ylabel="cost (nats)")
    ax.legend()
    return figure


def schedule_curves(schedules, num_steps, ax=None):
    """Draw learning rates against the step; `schedules` maps names to functions of it."""
    figure, ax = axes(ax)
    steps = np.arange(num_steps)
    for i, (name, schedule) in enumerate(schedules.items()):
        rates = [float(schedule(k)) for k in steps]
        ax.plot(steps, rates, **_distinct(i), label=name)
    ax.set(xlabel="step", ylabel="learning rate α")
    ax.legend()
    return figure


def validation_curves(values, train, valid, name="hyperparameter", log=True, ax=None):
    """Draw training and validation cost against a hyperparameter, and mark the best value.

    `train` and `valid` have a cost for each value (V,), or one for each value and
    repeat (V, R): then the mean is drawn, with a band of one standard deviation.
    """
    figure, ax = axes(ax)
    values = np.asarray(values, dtype=float)
    costs = [
        np.asarray(each, dtype=float).reshape(len(values), -1) for each in (train, valid)
    ]
    looks = ((BLUE, "o-", "training"), (ORANGE, "s--", "validation"))
    for cost, (colour, line, label) in zip(costs, looks, strict=True):
        mean, spread = cost.mean(axis=1), cost.std(axis=1)
        ax.plot(values, mean, line, color=colour, markersize=5, label=label)
        if cost.shape[1] > 1:
            ax.fill_between(values, mean - spread, mean + spread, color=colour, alpha=0.15)
    best = np.argmin(costs[1].mean(axis=1))
    ax.axvline(values[best], color=GREY, linestyle=":", label=f"best: {values[best]:.3g}")
    if log:
        ax.set_xscale("log")
    ax.set(xlabel=name, ylabel="cost (nats)")
    ax.legend()
    return figure


def with_slope(function, name="value", low=-4.0, high=4.0, ax=None):
    """Draw a function of one number and, dashed, its derivative."""
    figure, ax = axes(ax)
    z = np.linspace(low, high, 201)
    ax.plot(z, function(z), color=BLACK, label="value")
    ax.plot(z, elementwise_grad(function)(z), "--", color=RED, label="slope")
    ax.set(xlabel="z", title=name)
    ax.legend()
    return figure


def activation_curves(activations=ACTIVATIONS, num_columns=2):
    """Draw activations, a panel each, with their derivatives."""
    figure, drawn = panels(len(activations), num_columns, height=1.7)
    for ax, (name, function) in zip(drawn, activations.items(), strict=True):
        with_slope(function, name, ax=ax)
        if ax is not drawn[0]:
            ax.get_legend().remove()
    return figure


def loss_functions(losses=LOSSES, low=-2.5, high=2.5, ax=None):
    """Draw losses(z, t) of one example with target +1 against the margin t z."""
    figure, ax = axes(ax)
    margin = np.linspace(low, high, 201)
    for i, (name, loss) in enumerate(losses.items()):
        value = [float(np.sum(loss(np.array([m]), np.array([1])))) for m in margin]
        ax.plot(margin, value, **_distinct(i), label=name)
    ax.set(xlabel="margin t z", ylabel="loss")
    ax.legend()
    return figure


def _distinct(i):
    """Return the look of the i-th curve of several: a colour and a kind of line."""
    return {
        "color": CLASS_COLOURS[i % len(CLASS_COLOURS)],
        "linestyle": STYLES[i % len(STYLES)],
    }
