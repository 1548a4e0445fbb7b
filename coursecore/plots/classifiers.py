"""Classifiers: regions, margins, and which classes are taken for which."""

import numpy as np

from .style import BLACK, CLASS_COLOURS, CLASS_MARKERS, GREY, axes


def decision_boundary(predict, X, t, ax=None, num_steps=120):
    """Colour the plane by the class that predict(points (P, 2)) gives; dot in X, t."""
    figure, ax = axes(ax)
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


def margins(w, b, X, t, support=None, ax=None):
    """Draw the line w·x + b = 0, its margins at ±1, and ring the support vectors.

    X (N, 2), targets t (N,) of -1 or +1. `support` holds indices of rows; without it,
    the rows that are on their margin or past it, t (w·x + b) <= 1, are ringed.
    """
    figure, ax = axes(ax)
    w, length = np.asarray(w, dtype=float), np.linalg.norm(w)
    if w.shape != (2,) or not length > 0:
        raise ValueError(
            f"A line in the plane needs two weights, not both 0, but w is {w}."
        )
    if support is None:
        support = np.flatnonzero(t * (X @ w + b) <= 1.0 + 1e-6)
    reach = 0.15 * np.ptp(X, axis=0)
    low, high = X.min(axis=0) - reach, X.max(axis=0) + reach
    along = np.array([-w[1], w[0]]) / length * np.linalg.norm(high - low)
    for level, line, name in ((0, "-", "boundary"), (-1, "--", "margin"), (1, "--", None)):
        # the point of this line next to the middle of the picture, and two far away
        middle = (low + high) / 2
        foot = middle + (level - b - middle @ w) / length**2 * w
        ends = np.stack([foot - along, foot + along]).T
        ax.plot(*ends, line, color=BLACK, linewidth=1.5, label=name or "_margin")
    for i, k in enumerate((-1, 1)):
        points = X[t == k].T
        colour, marker = CLASS_COLOURS[i], CLASS_MARKERS[i]
        ax.plot(
            *points,
            marker,
            color=colour,
            markersize=5,
            label="t = −1" if k < 0 else "t = +1",
        )
    ax.plot(
        *X[support].T, "o", markersize=11, color=BLACK, markerfacecolor="none",
        markeredgewidth=1.3, label="support vectors",
    )  # fmt: skip
    title = f"margin 1/‖w‖ = {1 / length:.3g}, {len(support)} support vectors"
    ax.set(xlabel="x₁", ylabel="x₂", title=title, xlim=(low[0], high[0]))
    ax.set(ylim=(low[1], high[1]), aspect="equal")
    ax.grid(False)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    return figure


def confusion_matrix(t, predicted, names=None, ax=None):
    """Draw how often class i (row) was predicted as class j (column), with the counts.

    t and predicted (N,) are classes 0…K-1; the shade is the share of the row.
    """
    figure, ax = axes(ax)
    t, predicted = np.asarray(t), np.asarray(predicted)
    if t.shape != predicted.shape or t.size == 0:
        raise ValueError(
            f"A confusion matrix needs a prediction for each target, but got shapes "
            f"{predicted.shape} and {t.shape}."
        )
    num_classes = max(t.max(), predicted.max(), len(names or []) - 1) + 1
    counts = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(counts, (t, predicted), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i, j in np.ndindex(counts.shape):
        colour = "white" if share[i, j] > 0.5 else BLACK if counts[i, j] else GREY
        size = 11 if num_classes <= 5 else 8
        ax.text(j, i, counts[i, j], ha="center", va="center", color=colour, fontsize=size)
    names = [str(k) for k in range(num_classes)] if names is None else names
    right = np.trace(counts) / counts.sum()
    ax.set_xticks(range(num_classes), names)
    ax.set_yticks(range(num_classes), names)
    ax.set(xlabel="predicted class", ylabel="target class", title=f"{right:.1%} right")
    ax.grid(False)
    mistakes = [
        f"{counts[i, j]} of {names[i]} as {names[j]}"
        for i, j in zip(*np.nonzero(counts), strict=True)
        if i != j
    ]
    said = ", ".join(mistakes) or "no mistakes"
    ax.set_label(f"Confusion matrix of {num_classes} classes: {said}.")
    return figure
