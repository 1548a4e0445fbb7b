"""Landscapes: contours and paths, curvatures, and the shapes that a cost can have.

What they draw is computed by `landscape`: a grid of values, eigenvalues, a path.
"""

from typing import NamedTuple

import numpy as np

from ..nets import functional as F
from ..training import landscape
from .style import (
    BLACK,
    BLUE,
    CLASS_COLOURS,
    CLASS_MARKERS,
    GREY,
    ORANGE,
    RED,
    axes,
    panels,
)

LINES = "#6a6a6a"  # of contours: dark enough to be read, light enough for paths


class Landscape(NamedTuple):
    """A cost of two parameters: a point worth a look, and the ranges to draw it in."""

    cost: object
    point: tuple
    x: tuple
    y: tuple


def contours(x, y, values, paths=None, levels=12, names=("θ₁", "θ₂"), ax=None):
    """Draw the contours of values[i, j] at (x[j], y[i]), and paths of descent on them.

    `x, y, values` as from `landscape.grid` or `landscape.loss_slice`. `levels` is a list
    of heights, or a number of them, which then lie denser near the bottom, as evenly
    spaced rings of a bowl; darker is lower. `paths` maps names to points (k, 2); each
    ends at a star. The picture keeps the ranges of x and y, wherever the paths go.
    """
    figure, ax = axes(ax)
    low, high = np.min(values), np.max(values)
    if np.ndim(levels) == 0:
        levels = low + (high - low) * (np.arange(1, levels + 1) / (levels + 1)) ** 2
    bounds = [low, *(level for level in levels if low < level < high), high]
    shades = np.linspace(0.68, 1.0, len(bounds) - 1).astype(str)
    ax.contourf(x, y, values, levels=bounds, colors=shades.tolist(), zorder=0)
    ax.contour(
        x,
        y,
        values,
        levels=levels,
        colors=LINES,
        linewidths=0.8,
        linestyles="solid",
        zorder=1,
    )
    for i, (name, path) in enumerate((paths or {}).items()):
        path, colour = np.asarray(path, dtype=float), CLASS_COLOURS[i % len(CLASS_COLOURS)]
        marker = CLASS_MARKERS[i % 4]
        every = max(1, len(path) // 12)
        ax.plot(
            *path.T, marker=marker, markevery=every, markersize=5, linewidth=1.5,
            color=colour, label=name, zorder=3,
        )  # fmt: skip
        ax.plot(
            *path[-1], "*", color=colour, markersize=12, markeredgecolor="white", zorder=4
        )
    ax.set(xlabel=names[0], ylabel=names[1], xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    ax.grid(False)
    if paths:
        ax.legend(loc="upper right", fontsize=9, frameon=True, framealpha=0.9)
    return figure


def landscape_panels(names=None, num_columns=2, num_steps=61):
    """Draw features of landscapes, a panel each, with the Hessian's eigenvalues at a point.

    The default is the six of Toronto CSC421 lecture 3: convex, local minima, saddle
    point, plateau, ravine, cliff. "symmetric minima" is a seventh.
    """
    names = list(LANDSCAPES)[:6] if names is None else names
    unknown = [name for name in names if name not in LANDSCAPES]
    if unknown:
        raise ValueError(f"There are landscapes {list(LANDSCAPES)}, but none {unknown}.")
    figure, drawn = panels(len(names), num_columns, height=2.8)
    for ax, name in zip(drawn, names, strict=True):
        cost, point, *ranges = LANDSCAPES[name]
        x, y = (np.linspace(*ends, num_steps) for ends in ranges)
        contours(x, y, landscape.grid(cost, x, y), levels=9, ax=ax)
        eigenvalues = landscape.spectrum(cost, np.array(point)).eigenvalues
        ax.plot(*point, "o", color=RED, markersize=6, label="point", zorder=4)
        curved = ", ".join(_short(value) for value in eigenvalues)
        ax.set_title(f"{name}\nλ = {curved}", fontsize=10)
        ax.set_aspect("equal")
    return figure


def eigenvalue_bars(eigenvalues, decades=4, tolerance=1e-10, ax=None):
    """Draw eigenvalues as bars on a logarithmic axis with both signs, largest first.

    The axis is logarithmic over `decades` below the largest size and linear from there
    through 0. Below `tolerance` of the largest size a value counts as 0.
    """
    figure, ax = axes(ax)
    values = np.sort(np.asarray(eigenvalues, dtype=float))[::-1]
    largest = np.abs(values).max()
    zero = np.abs(values) <= tolerance * largest
    values = np.where(zero, 0.0, values)
    kinds = (
        (values > 0, BLUE, "^", "positive"), (values < 0, ORANGE, "v", "negative"),
        (zero, GREY, "x", "zero"),
    )  # fmt: skip
    rank = np.arange(1, len(values) + 1)
    for chosen, colour, marker, name in kinds:
        if chosen.any():
            ax.vlines(rank[chosen], 0, values[chosen], color=colour, linewidth=2)
            label = f"{name}: {chosen.sum()}"
            size = 5 if len(values) <= 60 else 3
            ax.plot(
                rank[chosen],
                values[chosen],
                marker,
                color=colour,
                markersize=size,
                label=label,
            )
    ax.axhline(0.0, color=BLACK, linewidth=0.8)
    linear = 10.0 ** (np.floor(np.log10(largest or 1.0)) - decades + 1)
    ax.set_yscale("symlog", linthresh=linear, linscale=0.5)
    ends = min(2 * values.min(), -linear), max(2 * values.max(), linear)
    ax.set(xlabel="rank", ylabel="eigenvalue λ (curvature)", ylim=ends)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return figure


def taylor_curves(steps, costs, models, ax=None):
    """Draw the cost along a line and its models: `models` maps names to values (S,)."""
    figure, ax = axes(ax)
    ax.plot(steps, costs, color=BLACK, label="cost")
    for name, line, colour in zip(
        models, ("--", "-.", ":"), (RED, BLUE, ORANGE), strict=False
    ):
        ax.plot(steps, models[name], line, color=colour, label=name)
    span = np.ptp(costs)
    ax.set(ylim=(np.min(costs) - 0.5 * span, np.max(costs) + 0.5 * span))
    ax.set(xlabel="step along the direction", ylabel="cost")
    ax.legend()
    return figure


def mode_curves(path, ax=None):
    """Draw the size of every mode of a `landscape.quadratic_path` against the step."""
    figure, ax = axes(ax)
    for i, (mode, factor) in enumerate(zip(path.modes.T, path.factors, strict=True)):
        label = f"λ = {_short(path.eigenvalues[i])}: {landscape.regime(factor)}"
        ax.semilogy(
            np.abs(mode), color=CLASS_COLOURS[i % len(CLASS_COLOURS)], label=label,
            marker=CLASS_MARKERS[i % len(CLASS_MARKERS)], markersize=4,
            markevery=max(1, len(mode) // 10),
        )  # fmt: skip
    low, high = ax.get_ylim()
    ax.set(ylim=(max(low, 1e-16 * high), high))  # below it there is but rounding
    ax.set(xlabel="step", ylabel="distance along the eigenvector")
    ax.legend()
    return figure


def interpolation_curve(fractions, values, ax=None):
    """Draw the cost on the straight line from one solution (0) to another (1)."""
    figure, ax = axes(ax)
    ax.plot(fractions, values, color=BLACK)
    for end, marker in ((0.0, "o"), (1.0, "s")):
        nearest = np.argmin(np.abs(np.asarray(fractions) - end))
        label = "start" if end == 0.0 else "end"
        ax.plot(end, values[nearest], marker, color=BLUE, markersize=7, label=label)
    ax.set(xlabel="fraction of the way", ylabel="cost (nats)")
    ax.legend()
    return figure


def _short(value):
    return "0" if abs(value) < 5e-4 else f"{value:.2g}".replace("-", "−")


# --------------------------------------------------- features that one should know


def _two_units(theta):
    """Learn where two logistic units switch on; they should at -1 and 1, in any order."""
    x = np.linspace(-3.0, 3.0, 13)
    network = lambda at: F.sigmoid(3.0 * (x - at[0])) + F.sigmoid(3.0 * (x - at[1]))
    return F.squared_error(network(theta), network(np.array([-1.0, 1.0])))


def _saturated_unit(theta):
    """Squared error of a logistic unit σ(wx + b) that should say 1 at x = 1, 0 at -1."""
    w, b = theta[0], theta[1]
    return 0.5 * ((F.sigmoid(w + b) - 1.0) ** 2 + F.sigmoid(b - w) ** 2)


LANDSCAPES = {
    "convex": Landscape(
        lambda t: 0.5 * (t[0] ** 2 + 2.0 * t[1] ** 2), (0.0, 0.0), (-2, 2), (-2, 2)
    ),
    "local minima": Landscape(
        lambda t: t[0] ** 4 + 0.8 / 3 * t[0] ** 3 - 2.4 * t[0] ** 2 + t[1] ** 2,
        (1.0, 0.0), (-2, 2), (-2, 2),
    ),
    "saddle point": Landscape(
        lambda t: 0.5 * (t[0] ** 2 - t[1] ** 2), (0.0, 0.0), (-2, 2), (-2, 2)
    ),
    "plateau": Landscape(_saturated_unit, (-8.0, 0.0), (-10, 10), (-10, 10)),
    "ravine": Landscape(
        lambda t: 0.25 * (t[0] + t[1]) ** 2 + 10.0 * (t[0] - t[1]) ** 2,
        (0.0, 0.0), (-2, 2), (-2, 2),
    ),
    "cliff": Landscape(
        lambda t: F.sigmoid(12.0 * t[0]) + 0.05 * (t[0] + 1.0) ** 2 + 0.05 * t[1] ** 2,
        (0.1, 0.0), (-2, 2), (-2, 2),
    ),
    "symmetric minima": Landscape(_two_units, (-1.0, 1.0), (-2, 2), (-2, 2)),
}  # fmt: skip
