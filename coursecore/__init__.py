"""coursecore: the foundations of neural networks in NumPy, to read and to use.

Three wings, read in this order:

- `engine`: trees, tracing, the rules of differentiation, backpropagation, checking
- `nets`:   activations and losses, layers, optimizers, the training loop
- tool rooms: `data`, `plots`, and `check` for assignments

The public names are flat: `from coursecore import grad, nn, train`. Importing the
package loads NumPy alone; matplotlib and scikit-learn are loaded where they are used.
"""

from . import check, data, plots
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
from .engine.trace import Box, Node, Trace, defvjp, defvjp_all, primitive, trace
from .nets import functional, nn, optim, train

__version__ = "0.1.0"

__all__ = [
    "Box",
    "Node",
    "Trace",
    "backward_pass",
    "check",
    "check_grad",
    "checkpoint",
    "data",
    "defvjp",
    "defvjp_all",
    "diagnose",
    "elementwise_grad",
    "functional",
    "grad",
    "graph",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "make_jvp",
    "make_vjp",
    "nn",
    "numerical_grad",
    "optim",
    "plots",
    "primitive",
    "relative_error",
    "stop_gradient",
    "trace",
    "train",
    "tree",
    "value_and_grad",
]
