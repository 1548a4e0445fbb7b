"""Plots: one style, and the drawings that several lectures share.

A colour means the same everywhere: training blue, validation orange, truth black, the
model red; and nothing is told by colour alone. `show` stores what a picture cannot say
by itself: a text for those who do not see it, a line for everybody that says what to
see, and a digest of the data drawn, by which a test knows the figure again.

Every drawing returns its figure, and takes `ax=` where it needs only one. matplotlib
is loaded when something is drawn.
"""

from .classifiers import confusion_matrix, decision_boundary, margins
from .curves import (
    activation_curves,
    loss_curves,
    loss_functions,
    schedule_curves,
    validation_curves,
    with_slope,
)
from .graphs import graph
from .landscapes import (
    LANDSCAPES,
    contours,
    eigenvalue_bars,
    interpolation_curve,
    landscape_panels,
    mode_curves,
    taylor_curves,
)
from .networks import activation_histograms, dead_units, dead_units_by_layer, weight_images
from .style import (
    BLACK,
    BLUE,
    CLASS_COLOURS,
    CLASS_MARKERS,
    COLOURS,
    GREY,
    ORANGE,
    RED,
    describe,
    digest,
    interact,
    show,
    use_style,
)
from .words import cosine_histogram, word_map

__all__ = [
    "BLACK",
    "BLUE",
    "CLASS_COLOURS",
    "CLASS_MARKERS",
    "COLOURS",
    "GREY",
    "LANDSCAPES",
    "ORANGE",
    "RED",
    "activation_curves",
    "activation_histograms",
    "confusion_matrix",
    "contours",
    "cosine_histogram",
    "dead_units",
    "dead_units_by_layer",
    "decision_boundary",
    "describe",
    "digest",
    "eigenvalue_bars",
    "graph",
    "interact",
    "interpolation_curve",
    "landscape_panels",
    "loss_curves",
    "loss_functions",
    "margins",
    "mode_curves",
    "schedule_curves",
    "show",
    "taylor_curves",
    "use_style",
    "validation_curves",
    "weight_images",
    "with_slope",
    "word_map",
]
