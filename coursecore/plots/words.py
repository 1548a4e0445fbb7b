"""Words: maps of word vectors whose names can be read, and angles in many dimensions."""

import itertools

import numpy as np

from ..words import embeddings
from .style import BLACK, CLASS_COLOURS, CLASS_MARKERS, GREY, axes

LABEL_SIZE, DOT_SIZE = 8.5, 5.0  # points
GAPS = (4.0, 14.0, 26.0, 40.0)  # points from a dot to its name; from the second, a line
SIDES = np.array([(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)])
LINE = {
    "arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2,
}  # fmt: skip


def word_map(rng, E, words, *, method="tsne", num_clusters=6, num_neighbours=10, ax=None):
    """Draw words as points of a map of their vectors E (N, D), with their names beside.

    `method` is "tsne" or "pca" for `embeddings.project`, or points (N, 2) made before.
    Colours and markers are clusters of k-means in the full space, so that a map that
    misleads is seen to; its title says how many nearest neighbours it keeps. No two names
    overlap: in a crowd a line leads to the name, and one that finds no room is left out,
    the last first. The map of slide 24 of Toronto CSC421 lecture 3.
    """
    E, words = np.asarray(E), list(words)
    if len(E) != len(words):
        raise ValueError(
            f"word_map needs a vector for each word, but got E of shape {E.shape} and "
            f"{len(words)} words."
        )
    drawn = isinstance(method, str)
    points = embeddings.project(rng, E, method) if drawn else np.asarray(method)
    if points.shape != (len(E), 2):
        raise ValueError(
            f"word_map draws a point (2,) for each of {len(E)} words, but got points of "
            f"shape {points.shape}."
        )
    labels = embeddings.cluster(rng, E, min(num_clusters, len(E)))
    k = min(num_neighbours, len(E) - 1)
    kept = embeddings.neighbour_preservation(E, points, k)

    figure, ax = _wide_axes(ax)
    groups = [np.flatnonzero(labels == i) for i in range(labels.max() + 1)]
    for i, group in enumerate(groups):
        colour = CLASS_COLOURS[i % len(CLASS_COLOURS)]
        marker = CLASS_MARKERS[(i + i // len(CLASS_COLOURS)) % len(CLASS_MARKERS)]
        ax.plot(*points[group].T, marker, color=colour, markersize=DOT_SIZE, label=f"_{i}")
    name = {"tsne": "t-SNE", "pca": "PCA"}.get(method) if drawn else "a map"
    ax.set_title(
        f"{name} of {len(words)} words in {E.shape[1]} dimensions: {kept:.0%} of the {k} "
        f"nearest neighbours kept",
        wrap=True,
    )
    ax.set(xticks=[], yticks=[])
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.06)
    ax.grid(False)
    left_out = _label_points(ax, points, words)
    told = "; ".join(", ".join(words[i] for i in group[:8]) for group in groups)
    missing = f" No room for the names of {', '.join(left_out)}." if left_out else ""
    ax.set_label(
        f"Map of {len(words)} words, first words of each cluster: {told}.{missing}"
    )
    return figure


def cosine_histogram(rng, dims=(2, 10, 50, 300), num_pairs=20_000, ax=None):
    """Draw how the cosine of two random directions is spread, a curve for each dimension.

    Its mean is 0 and its standard deviation 1/√D: in many dimensions almost all vectors
    are nearly orthogonal (Toronto CSC421 lecture 3).
    """
    figure, ax = axes(ax)
    edges = np.linspace(-1.0, 1.0, 82)
    styles = ["-", "--", "-.", ":"]
    for i, dim in enumerate(dims):
        u, v = rng.standard_normal((2, num_pairs, dim))
        density, _ = np.histogram(embeddings.cosine(u, v), edges, density=True)
        style, colour = styles[i % len(styles)], CLASS_COLOURS[i % len(CLASS_COLOURS)]
        centres = (edges[1:] + edges[:-1]) / 2
        ax.plot(centres, density, style, color=colour, label=f"{dim} dimensions")
    ax.set(xlabel="cosine of two random vectors", ylabel="density", xlim=(-1, 1))
    ax.set_ylim(bottom=0)
    ax.legend()
    return figure


def _wide_axes(ax):
    import matplotlib.pyplot as plt

    return (ax.figure, ax) if ax is not None else plt.subplots(figsize=(9.0, 6.5))


def _label_points(ax, points, words):
    """Write words beside their points so that no two names overlap; return those left out.

    Greedy, in pixels: each name takes the first of its places, the nearest first, where
    it lies inside the axes and covers neither a name, nor a point, nor a line.
    """
    figure = ax.figure
    figure.draw_without_rendering()  # the layout is settled before anything is measured
    pixel = figure.dpi / 72  # pixels in a point
    frame, places = ax.get_window_extent().get_points(), ax.transData.transform(points)
    dots, boxes, left_out = places, np.empty((0, 2, 2)), []
    for word, xy, place in zip(words, points, places, strict=True):
        half = _size(ax, word) / 2 + pixel
        for gap, side in itertools.product(GAPS, SIDES):
            shift = side * (half + gap * pixel)
            box = place + shift + np.array([-half, half])
            line = place + _line(shift, half) if gap > GAPS[0] else np.empty((0, 2))
            around = box + DOT_SIZE / 2 * pixel * np.array([[-1], [1]])
            inside = np.all(box[0] > frame[0]) and np.all(box[1] < frame[1])
            overlaps = np.all((boxes[:, 0] < box[1]) & (box[0] < boxes[:, 1]), axis=1)
            if inside and not (
                np.any(overlaps) or _covered(around[None], dots) or _covered(boxes, line)
            ):
                break
        else:
            left_out.append(word)
            continue
        dots, boxes = np.concatenate([dots, line]), np.concatenate([boxes, box[None]])
        ax.annotate(
            word, xy, shift / pixel, textcoords="offset points", ha="center", va="center",
            fontsize=LABEL_SIZE, color=BLACK, arrowprops=LINE if len(line) else None,
            parse_math=False,
        )  # fmt: skip
    return left_out


def _size(ax, word):
    """Measure a name: width and height in pixels."""
    text = ax.text(0.0, 0.0, word, fontsize=LABEL_SIZE, parse_math=False)  # $ is a word
    size = np.ptp(text.get_window_extent().get_points(), axis=0)
    text.remove()
    return size


def _line(shift, half):
    """Sample the line from a dot to the edge of the box around a name `shift` away."""
    length = 1 - np.min(half / np.maximum(np.abs(shift), 1e-9))
    return np.linspace(0.1, max(length, 0.1), 12)[:, None] * shift


def _covered(boxes, dots):
    """Tell whether any of the boxes (B, 2, 2) holds any of the dots (P, 2)."""
    inside = (boxes[:, None, 0] < dots) & (dots < boxes[:, None, 1])
    return np.any(np.all(inside, axis=-1))
