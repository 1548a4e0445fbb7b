"""Networks: what units do and what weights look like."""

import numpy as np

from .style import BLUE, RED, axes, panels


def dead_units(H, ax=None):
    """Map where hidden values H (N, M) are not 0, units × examples; name dead units.

    A dead unit is 0 for every example: no gradient reaches its weights.
    """
    figure, ax = axes(ax)
    H = np.asarray(H)
    active = H.T != 0
    dead = np.flatnonzero(~active.any(axis=1))
    ax.imshow(
        active, cmap=_two_colours(), vmin=0, vmax=1, aspect="auto", interpolation="none"
    )
    for unit in dead:
        ax.annotate(
            "dead", (1.01, unit), xycoords=("axes fraction", "data"), color=RED,
            va="center", fontsize=8, annotation_clip=False,
        )  # fmt: skip
    title = f"{len(dead)} of {len(active)} units dead; blue: active"
    ax.set(xlabel="example", ylabel="hidden unit", title=title)
    ax.grid(False)
    listed = f": {', '.join(map(str, dead))}" if dead.size else ""
    ax.set_label(
        f"Map of {len(active)} hidden units over {len(H)} examples; {active.mean():.0%} of "
        f"the values are not 0; {len(dead)} dead{listed}."
    )
    return figure


def dead_units_by_layer(hidden, ax=None):
    """Map the share of examples for which each unit is active, a column for each layer.

    `hidden` lists the values H (N, M) of every layer. Dead units are marked with ×.
    """
    figure, ax = axes(ax)
    shares = [np.mean(np.asarray(H) != 0, axis=0) for H in hidden]
    table = np.full((max(map(len, shares)), len(shares)), np.nan)
    for column, share in enumerate(shares):
        table[: len(share), column] = share
    image = ax.imshow(
        np.ma.masked_invalid(table), cmap="Blues", vmin=0, vmax=1, aspect="auto"
    )
    unit, layer = np.nonzero(table == 0)
    ax.plot(layer, unit, "x", color=RED, markersize=6, label="dead")
    figure.colorbar(image, ax=ax, label="share of examples active")
    counted = [f"{np.sum(share == 0)} of {len(share)}" for share in shares]
    ax.set_xticks(range(len(shares)), [f"{k + 1}\n{n}" for k, n in enumerate(counted)])
    ax.set(xlabel="layer, and how many of its units are dead", ylabel="hidden unit")
    ax.grid(False)
    ax.set_label(f"Dead units by layer: {', '.join(counted)}.")
    return figure


def activation_histograms(hidden, names=None, num_bins=40, num_columns=2):
    """Draw a histogram of the values of each layer's units, on one axis of values.

    `hidden` lists the values H (N, M) of every layer; the title says their mean and
    standard deviation. Exact zeros, which a ReLU makes in plenty, would hide the rest:
    the title says their share, and they are left out of the bars.
    """
    hidden = [np.ravel(H) for H in hidden]
    names = names or [f"layer {k + 1}" for k in range(len(hidden))]
    ends = min(map(np.min, hidden)), max(map(np.max, hidden))
    bins = np.linspace(*ends, num_bins + 1) if ends[0] < ends[1] else num_bins
    figure, drawn = panels(len(hidden), num_columns, height=1.8, sharex=True)
    for i, (ax, name, values) in enumerate(zip(drawn, names, hidden, strict=True)):
        nonzero = values[values != 0]
        share = np.full(nonzero.size, 100 / values.size)
        ax.hist(nonzero, bins=bins, weights=share, color=BLUE)
        zeros = 1.0 - nonzero.size / values.size
        said = f", {zeros:.0%} zero" if zeros else ""
        ax.set_title(f"{name}: {values.mean():.2g} ± {values.std():.2g}{said}", fontsize=10)
        if i % num_columns == 0:
            ax.set_ylabel("% of values")
        if i + num_columns >= len(hidden):
            ax.set_xlabel("value")
            ax.tick_params(labelbottom=True)
    return figure


def weight_images(W, shape, num_columns=8, names=None):
    """Draw each row of W (M, D) as an image of `shape`: black negative, white positive.

    All share one scale, symmetric about 0 (mid grey), so that units can be compared.
    """
    W = np.asarray(W)
    if W.ndim != 2 or W.shape[1] != np.prod(shape):
        raise ValueError(
            f"Images of shape {tuple(shape)} need weights (M, {np.prod(shape)}), one row "
            f"for each unit, but W has shape {W.shape}."
        )
    limit = np.abs(W).max() or 1.0
    figure, drawn = panels(len(W), num_columns, height=0.85)
    for i, ax in enumerate(drawn):
        image = ax.imshow(W[i].reshape(shape), cmap="gray", vmin=-limit, vmax=limit)
        ax.set_title(str(i) if names is None else names[i], fontsize=9, pad=2)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_label(f"Weights from {W[i].min():.2g} to {W[i].max():.2g}.")
    figure.colorbar(image, ax=list(drawn), label="weight", aspect=12, shrink=0.9)
    return figure


def _two_colours():
    from matplotlib.colors import ListedColormap

    return ListedColormap(["#f2f2f2", BLUE])
