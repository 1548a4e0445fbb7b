"""Plots: one style, and the drawings that several lectures share.

A colour means the same everywhere: training blue, validation orange, truth black, the
model red. `show` stores what a picture cannot say by itself: a text for those who do
not see it, a line for everybody that says what to see, and a digest of the data
drawn, by which a test knows the figure again.
"""

import hashlib
import inspect
import os

import numpy as np

from .engine.autodiff import backward_pass
from .engine.trace import Box, Trace, name, unbox

BLUE, ORANGE, BLACK, RED, GREY = "#0072b2", "#e69f00", "#1a1a1a", "#c0392b", "#8a8a8a"
COLOURS = {"train": BLUE, "valid": ORANGE, "truth": BLACK, "model": RED}
CLASS_COLOURS = [BLUE, ORANGE, "#009e73", "#cc79a7", "#56b4e9", BLACK]
CLASS_MARKERS = "os^Dv*"  # never colour alone
SYMBOLS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "power": "^",
    "negative": "−", "matmul": "@", "getitem": "[ ]",
}  # fmt: skip


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
    """Draw the computation graph of fun(*args), drawn from the traced program.

    If fun returns a dict {name: value}, its named values alone are drawn, in black for
    the value and red for the bar of the last one's derivative; the steps between them
    are left out. Otherwise every step is a node, labelled by its function. Inputs are
    named as the parameters of `fun`.
    """
    nodes, edges = program(fun, *args)
    figure, ax = _axes(ax)
    place = _layout(nodes, edges)
    for parent, child in edges:
        ax.annotate(
            "", place[child], place[parent], zorder=1,
            arrowprops={"arrowstyle": "-|>", "color": GREY, "shrinkA": 17, "shrinkB": 17},
        )  # fmt: skip
    for index, (label, value, bar) in nodes.items():
        x, y = place[index]
        ax.plot(x, y, "o", markersize=27, color="white", markeredgecolor=BLACK, zorder=2)
        size = 11 if len(label) < 3 else 8
        ax.text(x, y, label, ha="center", va="center", zorder=3, fontsize=size)
        if values and np.ndim(value) == 0:
            ax.text(x, y - 0.32, f"{value:.3g}", ha="center", va="center", color=BLUE)
        elif values:
            shape = " × ".join(str(n) for n in np.shape(value))
            ax.text(x, y - 0.32, shape, ha="center", va="center", color=BLUE)
        if bars and bar is not None and np.ndim(bar) == 0:
            ax.text(x, y + 0.33, f"{bar:.3g}", ha="center", va="center", color=RED)
    xs, ys = np.array(list(place.values())).T
    ax.set(xlim=(xs.min() - 0.6, xs.max() + 0.6), ylim=(ys.min() - 0.6, ys.max() + 0.6))
    ax.set_axis_off()
    arrows = ", ".join(f"{nodes[a][0]} to {nodes[b][0]}" for a, b in edges)
    ax.set_label(f"Computation graph with {len(nodes)} nodes and the edges {arrows}.")
    return figure


def program(fun, *args):
    """Trace fun(*args) and return its nodes and edges, as `graph` draws them.

    nodes: {index: (label, value, bar)}; edges: [(parent, child)], in topological order.
    """
    record = Trace()
    boxes = [record.box(arg) for arg in args]
    result = fun(*boxes)
    named = result if isinstance(result, dict) else {}
    end = list(named.values())[-1] if named else result
    if type(end) is not Box:
        raise TypeError(
            f"graph needs a function whose result depends on its arguments, but this one "
            f"returned {end!r}."
        )
    bars = backward_pass(np.ones(np.shape(end)), record.tape, end.index)
    labels = dict(zip(range(len(args)), inspect.signature(fun).parameters, strict=False))
    labels |= {box.index: key for key, box in named.items() if type(box) is Box}
    shown = labels if named else range(len(record.tape))
    nodes, edges, ancestors = {}, [], {}
    for index, node in enumerate(record.tape[: end.index + 1]):
        parents = dict.fromkeys(parent for _, parent in node.parents)
        visible = dict.fromkeys(a for p in parents for a in ancestors[p])
        ancestors[index] = [index] if index in shown else list(visible)
        if index in shown:
            step = name(node.fun).split(".")[-1] if node.fun else ""
            label = labels.get(index, SYMBOLS.get(step, step))
            nodes[index] = (label, unbox(node.value), unbox(bars[index]))
            edges += [(ancestor, index) for ancestor in visible]
    return nodes, edges


def _layout(nodes, edges):
    """Place nodes in columns by their distance from the inputs, near their neighbours."""
    column = {}
    for index in nodes:
        before = [column[a] for a, b in edges if b == index]
        column[index] = max(before) + 1 if before else 0
    for index in reversed(nodes):  # a node stands just before what first uses it
        after = [column[b] for a, b in edges if a == index]
        column[index] = min(after) - 1 if after else column[index]
    place = {}
    for c in range(max(column.values()) + 1):
        members = [index for index in nodes if column[index] == c]
        heights = []
        for rank, index in enumerate(members):
            before = [place[a][1] for a, b in edges if b == index and a in place]
            heights.append(np.mean(before) if before else -float(rank))
        for rank, k in enumerate(np.argsort(-np.array(heights), kind="stable")):
            place[members[k]] = (float(c), (len(members) - 1) / 2 - rank)
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
