"""Plots: one style, and the drawings that several lectures share.

A colour means the same everywhere: training blue, validation orange, truth black, the
model red. `show` stores what a picture cannot say by itself: a text for those who do
not see it, a line for everybody that says what to see, and a digest of the data
drawn, by which a test knows the figure again.
"""

import hashlib
import os
import re

import numpy as np

from .engine.program import SYMBOLS, shown
from .engine.program import graph as trace_graph

BLUE, ORANGE, BLACK, RED, GREY = "#0072b2", "#e69f00", "#1a1a1a", "#c0392b", "#8a8a8a"
COLOURS = {"train": BLUE, "valid": ORANGE, "truth": BLACK, "model": RED}
CLASS_COLOURS = [BLUE, ORANGE, "#009e73", "#cc79a7", "#56b4e9", BLACK]
CLASS_MARKERS = "os^Dv*"  # never colour alone


def use_style():
    """Set matplotlib's defaults for the course."""
    import matplotlib.pyplot as plt

    plt.rcParams.update({
        "figure.figsize": (6.0, 3.4), "figure.dpi": 80, "savefig.dpi": 80,
        "figure.constrained_layout.use": True, "font.size": 11, "axes.titlesize": 11,
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
        "grid.alpha": 0.25, "lines.linewidth": 2.0, "legend.frameon": False,
        "image.cmap": "gray", "axes.prop_cycle": plt.cycler(color=CLASS_COLOURS),
    })  # fmt: skip


def show(figure, see):
    """Display a figure with its alternative text, and under it the line **See:** `see`.

    The digest of the data drawn is stored with the picture.
    """
    import matplotlib.pyplot as plt
    from IPython.display import Markdown, display

    plt.close(figure)  # or the notebook would draw it again at the end of the cell
    metadata = {
        "image/png": {"alt": f"{describe(figure)} {see[:1].upper()}{see[1:]}"},
        "figure": digest(figure),
    }
    display(figure, metadata=metadata, include=["image/png"])
    display(Markdown(f"**See:** {see}"))


def interact(draw, see, **controls):
    """Let the reader move `controls`; draw(**values) returns the figure.

    Each control is a pair (choices, first choice). Without a live kernel, the figure
    for the first choices stands in the notebook. COURSECORE_STATIC=1 draws just that.
    """
    first = {key: value for key, (_, value) in controls.items()}
    if os.environ.get("COURSECORE_STATIC") == "1":
        return show(draw(**first), see)
    from ipywidgets import SelectionSlider, interact

    sliders = {
        key: SelectionSlider(options=choices, value=value, continuous_update=False)
        for key, (choices, value) in controls.items()
    }
    interact(lambda **values: show(draw(**values), see), **sliders)


def describe(figure):
    """Say in words what a figure shows: its axes, their ranges, what is drawn there."""
    return " ".join(_describe_axes(ax) for ax in figure.axes if ax.axison or ax.get_label())


def digest(figure):
    """Hash the data drawn (lines, images, patches, arrows, points, texts).

    Numbers are rounded to 6 digits of the largest of their kind, so that a processor that
    rounds the last bit otherwise gives the same digest.
    """
    parts = []
    for ax in figure.axes:
        for line in ax.lines:
            parts.append(("line", np.asarray(line.get_xydata(), dtype=float)))
        for image in ax.images:
            parts.append(("image", np.asarray(image.get_array(), dtype=float)))
        for patch in ax.patches:
            vertices = patch.get_transform().transform_path(patch.get_path()).vertices
            inside = ax.transData.inverted().transform(vertices)
            parts.append(("patch", np.round(inside, 3)))
        for collection in ax.collections:
            parts.append(("points", np.asarray(collection.get_offsets(), dtype=float)))
            for path in collection.get_paths():
                parts.append(("path", path.vertices))
            for key in ("U", "V"):
                if hasattr(collection, key):
                    parts.append(("arrows", np.asarray(getattr(collection, key))))
        labels = [line.get_label() for line in ax.lines]
        parts.append(("text", ", ".join(x for x in labels if not x.startswith("_"))))
        for text in [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts]:
            parts.append(("text", text.get_text()))
    hashed = hashlib.sha256()
    for kind, content in parts:
        hashed.update(f"{kind}:{_canonical(content)};".encode())
    return hashed.hexdigest()[:16]


# ------------------------------------------------------------------- drawings


def loss_curves(history, ax=None):
    """Draw the training and validation cost of a `train.History` against the epoch."""
    figure, ax = _axes(ax)
    epochs = np.arange(1, len(history.train) + 1)
    ax.plot(epochs, history.train, color=BLUE, label="training")
    if history.valid:
        ax.plot(epochs, history.valid, color=ORANGE, linestyle="--", label="validation")
        best = history.best_epoch
        ax.plot(best + 1, history.valid[best], "o", color=ORANGE, label="best epoch")
    ax.set(xlabel="epoch", ylabel="cost (nats)")
    ax.legend()
    return figure


def decision_boundary(predict, X, t, ax=None, num_steps=120):
    """Colour the plane by the class that predict(points (P, 2)) gives; dot in X, t."""
    figure, ax = _axes(ax)
    margin = 0.15 * np.ptp(X, axis=0)
    low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
    x, y = (np.linspace(low[i], high[i], num_steps) for i in (0, 1))
    grid = np.stack([a.ravel() for a in np.meshgrid(x, y)], axis=1)
    classes = np.unique(t)
    regions = np.searchsorted(classes, predict(grid)).reshape(num_steps, num_steps)
    colours = [CLASS_COLOURS[i % len(CLASS_COLOURS)] for i in range(len(classes))]
    levels = np.arange(len(classes) + 1) - 0.5
    ax.contourf(x, y, regions, levels=levels, colors=colours, alpha=0.18)
    for i, k in enumerate(classes):
        marker = CLASS_MARKERS[(i + i // len(CLASS_COLOURS)) % len(CLASS_MARKERS)]
        points = X[t == k].T
        ax.plot(*points, marker, color=colours[i], markersize=4, label=f"class {k}")
    ax.set(xlabel="x₁", ylabel="x₂")
    ax.grid(False)
    ax.legend(loc="upper right")
    return figure


def graph(fun, *args, values=True, bars=False, ax=None):
    """Draw the computation graph of fun(*args): the traced `Program`, see `graph`.

    Each step is a circle with its name, or its function where it has none; under it, in
    blue, its value or shape, and over it, in red, its bar.
    """
    program = trace_graph(fun)(*args)
    figure, ax = _axes(ax)
    place = _layout(program)
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


def _layout(program):
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


def _axes(ax):
    import matplotlib.pyplot as plt

    if ax is None:
        return plt.subplots()
    return ax.figure, ax


def _describe_axes(ax):
    title = f"{ax.get_title()}: " if ax.get_title() else ""
    if ax.get_label() and not ax.get_label().startswith("<"):
        return title + ax.get_label()
    kinds = {
        ("line", "lines"): ax.lines, ("image", "images"): ax.images,
        ("bar or shape", "bars or shapes"): ax.patches,
        ("set of points or arrows", "sets of points or arrows"): ax.collections,
    }  # fmt: skip
    drawn = [f"{len(found)} {k[len(found) > 1]}" for k, found in kinds.items() if found]
    drawn = ", ".join(drawn)
    labels = [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]
    named = f" ({', '.join(labels)})" if labels else ""
    ranges = [
        f"{label or axis} from {low:.3g} to {high:.3g}"
        for axis, label, (low, high) in (
            ("x", ax.get_xlabel(), ax.get_xlim()),
            ("y", ax.get_ylabel(), ax.get_ylim()),
        )
    ]
    return f"{title}{drawn}{named}; {'; '.join(ranges)}."


def _canonical(content):
    """Write data as text, to 6 digits of the largest number: noise near 0 is no data."""
    if isinstance(content, str):
        return content
    x = np.ravel(np.ma.filled(content, np.nan))
    scale = np.max(np.abs(x[np.isfinite(x)]), initial=0.0)
    x = np.round(x / scale, 6) + 0.0 if scale else x + 0.0
    return f"{scale:.6g}*" + ",".join(f"{each:.6f}" for each in x)
