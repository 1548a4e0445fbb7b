"""Graphs: programs drawn as circles and arrows."""

import re

import numpy as np

from ..engine.program import SYMBOLS, shown
from ..engine.program import graph as trace_graph
from .style import BLACK, BLUE, GREY, RED, axes


def graph(fun, *args, values=True, bars=False, ax=None):
    """Draw the computation graph of fun(*args): the traced `Program`, see `graph`.

    Each step is a circle with its name, or its function where it has none; under it, in
    blue, its value or shape, and over it, in red, its bar.
    """
    program = trace_graph(fun)(*args)
    figure, ax = axes(ax)
    place = layout(program)
    arrow = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 17, "shrinkB": 17}
    for step in program:
        for parent in step.parents:
            ax.annotate("", place[step.name], place[parent], arrowprops=arrow, zorder=1)
    for step in program:
        x, y = place[step.name]
        unnamed = step.function and re.fullmatch(r"[tv]\d+", step.name)
        label = SYMBOLS.get(step.function, step.function) if unnamed else step.name
        ax.plot(x, y, "o", markersize=27, color="white", markeredgecolor=BLACK, zorder=2)
        size = 11 if len(label) < 3 else 8
        ax.text(x, y, label, ha="center", va="center", zorder=3, fontsize=size)
        if values:
            number = np.ndim(step.value) == 0
            text = f"{step.value:.3g}" if number else shown(step.value)
            ax.text(x, y - 0.32, text, ha="center", va="center", color=BLUE)
        if bars and step.bar is not None and np.ndim(step.bar) == 0:
            ax.text(x, y + 0.33, f"{step.bar:.3g}", ha="center", va="center", color=RED)
    xs, ys = np.array(list(place.values())).T
    ax.set(xlim=(xs.min() - 0.6, xs.max() + 0.6), ylim=(ys.min() - 0.6, ys.max() + 0.6))
    ax.set_axis_off()
    arrows = ", ".join(f"{a} to {step.name}" for step in program for a in step.parents)
    ax.set_label(f"Computation graph with {len(program)} nodes and the edges {arrows}.")
    return figure


def layout(program):
    """Place steps in columns by their distance from the inputs, near their parents."""
    column = {}
    for step in program:
        column[step.name] = max((column[a] + 1 for a in step.parents), default=0)
    for step in reversed(program):  # a step stands just before what first uses it
        after = [column[child.name] for child in program if step.name in child.parents]
        column[step.name] = min(after) - 1 if after else column[step.name]
    place = {}
    for c in range(max(column.values()) + 1):
        members = [step for step in program if column[step.name] == c]
        heights = []
        for rank, step in enumerate(members):
            before = [place[a][1] for a in step.parents if a in place]
            heights.append(np.mean(before) if before else -float(rank))
        for rank, k in enumerate(np.argsort(-np.array(heights), kind="stable")):
            place[members[k].name] = (float(c), (len(members) - 1) / 2 - rank)
    return place
