"""coursecore: the foundations of neural networks in NumPy, to read and to use.

Rooms, read in this order:

- `engine`:   trees, tracing, the rules of differentiation, backpropagation, checking
- `nets`:     activations and losses, layers, linear classifiers, flow graphs, models
- `training`: optimizers, schedules, the loop, choosing a model, looking at the cost
- `words`:    text, n-grams, neural language models, word vectors
- `data` and `plots`; `check` for assignments

The public names are flat: `from coursecore import grad, nn, train`. Importing the
package loads NumPy alone; other packages, and most modules, load where they are used.
"""

import importlib

from .engine import tree
from .engine.autodiff import backward_pass, grad, make_vjp, stop_gradient, value_and_grad
from .engine.derivatives import (
    checkpoint,
    elementwise_grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    make_jvp,
)
from .engine.gradcheck import check_grad, diagnose, numerical_grad, relative_error
from .engine.program import graph
from .engine.replay import replay
from .engine.trace import Box, Node, Trace, defvjp, defvjp_all, primitive, trace
from .nets import functional, nn
from .training import optim, train

__version__ = "0.1.0"

# What is loaded when it is first asked for: a module of a room, or a name in a module.
LATER = {
    **dict.fromkeys(["check", "data", "plots"], ""),
    **dict.fromkeys(["kernels", "linear", "margins", "perceptrons"], ".nets"),
    **dict.fromkeys(["Activation", "Dense", "Dropout", "Flatten"], ".nets.layers"),
    "Sequential": ".nets.sequential",
    **dict.fromkeys(["landscape", "newton", "schedules", "selection"], ".training"),
    **dict.fromkeys(["cooccurrence", "embeddings", "factorisation", "glove"], ".words"),
    **dict.fromkeys(["ngram", "nlm", "text", "vectors"], ".words"),
}

__all__ = [
    "Activation",
    "Box",
    "Dense",
    "Dropout",
    "Flatten",
    "Node",
    "Sequential",
    "Trace",
    "backward_pass",
    "check",
    "check_grad",
    "checkpoint",
    "cooccurrence",
    "data",
    "defvjp",
    "defvjp_all",
    "diagnose",
    "elementwise_grad",
    "embeddings",
    "factorisation",
    "functional",
    "glove",
    "grad",
    "graph",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "kernels",
    "landscape",
    "linear",
    "make_jvp",
    "make_vjp",
    "margins",
    "newton",
    "ngram",
    "nlm",
    "nn",
    "numerical_grad",
    "optim",
    "perceptrons",
    "plots",
    "primitive",
    "relative_error",
    "replay",
    "schedules",
    "selection",
    "stop_gradient",
    "text",
    "trace",
    "train",
    "tree",
    "value_and_grad",
    "vectors",
]


def __getattr__(name):
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = LATER[name]
    if name[0].isupper():
        found = getattr(importlib.import_module(place, __name__), name)
    else:
        found = importlib.import_module(f"{place}.{name}", __name__)
    globals()[name] = found
    return found


def __dir__():
    return __all__
