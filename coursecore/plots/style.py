"""Style: colours, showing a figure, saying and hashing what it shows."""

import hashlib
import os

import numpy as np

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
    """Hash the data drawn (lines, images, patches, arrows, points, maps, texts).

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
            if _is_contours(collection):
                parts.append(("levels", np.asarray(collection.levels, dtype=float)))
            elif not hasattr(collection, "levels") and collection.get_array() is not None:
                parts.append(("colours", np.asarray(collection.get_array(), dtype=float)))
        labels = [line.get_label() for line in ax.lines]
        parts.append(("text", ", ".join(x for x in labels if not x.startswith("_"))))
        for text in [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts]:
            parts.append(("text", text.get_text()))
    hashed = hashlib.sha256()
    for kind, content in parts:
        hashed.update(f"{kind}:{_canonical(content)};".encode())
    return hashed.hexdigest()[:16]


def axes(ax=None):
    """Return the figure and the axes to draw in: those of `ax`, or new ones."""
    import matplotlib.pyplot as plt

    if ax is None:
        return plt.subplots()
    return ax.figure, ax


def panels(number, num_columns, height, width=6.0, **options):
    """Return a figure and `number` axes in rows, the last one perhaps shorter."""
    import matplotlib.pyplot as plt

    num_columns = min(num_columns, number)
    num_rows = -(-number // num_columns)
    figure, drawn = plt.subplots(
        num_rows, num_columns, figsize=(width, height * num_rows), squeeze=False,
        layout="constrained", **options,
    )  # fmt: skip
    for ax in drawn.flat[number:]:
        ax.remove()
    return figure, drawn.flat[:number]


def _describe_axes(ax):
    title = f"{' '.join(ax.get_title().split())}: " if ax.get_title() else ""
    if ax.get_label() and not ax.get_label().startswith("<"):
        return title + ax.get_label()
    if ax.get_label() == "<colorbar>":
        low, high = ax.get_ylim()
        return f"Colours: {ax.get_ylabel() or 'values'} from {low:.3g} to {high:.3g}."
    kinds = {
        ("line", "lines"): ax.lines, ("image", "images"): ax.images,
        ("bar or shape", "bars or shapes"): ax.patches,
        ("set of points or arrows", "sets of points or arrows"): [
            each for each in ax.collections if not hasattr(each, "levels")
        ],
        ("map of regions", "maps of regions"): [
            each for each in ax.collections if getattr(each, "filled", False)
        ],
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
    heights = [
        f"contours of the height at {len(lines.levels)} levels from "
        f"{lines.levels[0]:.3g} to {lines.levels[-1]:.3g}"
        for lines in ax.collections
        if _is_contours(lines)
    ]
    return f"{title}{drawn}{named}; {'; '.join([*heights, *ranges])}."


def _is_contours(collection):
    """Tell contour lines; filled regions are known by their outlines alone."""
    return hasattr(collection, "levels") and not collection.filled


def _canonical(content):
    """Write data as text, to 6 digits of the largest number: noise near 0 is no data."""
    if isinstance(content, str):
        return content
    x = np.ravel(np.ma.filled(content, np.nan))
    scale = np.max(np.abs(x[np.isfinite(x)]), initial=0.0)
    x = np.round(x / scale, 6) + 0.0 if scale else x + 0.0
    return f"{scale:.6g}*" + ",".join(f"{each:.6f}" for each in x)
