"""Linear classifiers: one decision function, and a loss for each way to learn it.

The scores of two classes are z = w·x + b, and the target t is -1 or +1; the product
t z, the margin of an example, is positive where the sign of z is right. The
perceptron, the support vector machine and logistic regression differ only in what
they charge for a margin m: max(0, -m), max(0, 1 - m) and log(1 + e⁻ᵐ).

Parameters are {"w": (D,), "b": ()}. For K classes they are a layer {"W": (K, D),
"b": (K,)} as in `nn`, and targets are integers 0…K-1. All gradients are written by hand.

    >>> params = {"w": np.array([3.0, 4.0]), "b": np.array(-5.0)}
    >>> predict(params, np.array([[0.0, 0.0], [2.0, 1.0]]))
    array([-1,  1])

`perceptrons` holds Rosenblatt's rule, `margins` the exact support vector machines.
(NYU CS-GY 6923 lecture 10; Brown CSCI 1470 day 5.)
"""

from dataclasses import dataclass, fields

import numpy as np

from ..engine import tree
from . import functional as F
from . import nn

# A loss, and its bar ∂loss/∂z for each row. At a kink any slope between those on its
# two sides is a sub-gradient. The perceptron takes the steeper one at m = 0, or it
# would never leave w = 0; `grad` of functional.perceptron takes 0 there.
LOSSES = {
    "perceptron": (F.perceptron, lambda z, t: -t * (t * z <= 0)),
    "hinge": (F.hinge, lambda z, t: -t * (t * z < 1)),
    "logistic": (F.logistic, lambda z, t: -t * F.sigmoid(-t * z)),
    "softmax": (F.cross_entropy, lambda Z, t: F.softmax(Z) - np.eye(Z.shape[1])[t]),
}


@dataclass(frozen=True, eq=False, repr=False)
class Classifier:
    """A record that holds parameters and prints itself, long arrays shortened."""

    params: dict

    @property
    def w(self):
        """Return the weights: (D,), or (K, D) for K classes."""
        return self.params["W" if "W" in self.params else "w"]

    @property
    def b(self):
        """Return the bias, or the K biases."""
        return self.params["b"]

    def __repr__(self):
        entries = dict(self.params)
        entries |= {field.name: getattr(self, field.name) for field in fields(self)[1:]}
        with np.printoptions(precision=4, threshold=8, edgeitems=2):
            rows = [f"  {name} = {_shorten(value)}" for name, value in entries.items()]
        return "\n".join([type(self).__name__, *rows])


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Classifier):
    """Parameters that minimise a cost: its value, the steps taken, the cost before each."""

    cost: float
    steps: int
    history: list


# ------------------------------------------------------------ decision and cost


def init(num_inputs, num_classes=None, dtype=float):
    """Return zeros: {"w", "b"}, or {"W", "b"} for K classes. The costs are convex."""
    if num_classes is None:
        return {"w": np.zeros(num_inputs, dtype), "b": np.zeros((), dtype)}
    W = np.zeros((num_classes, num_inputs), dtype)
    return {"W": W, "b": np.zeros(num_classes, dtype)}


def scores(params, X):
    """Return w·x + b for each row of X: shape (N,), or (N, K) for K classes."""
    if "W" in params:
        return nn.linear(params, X)
    if np.ndim(X) != 2 or np.shape(X)[1:] != np.shape(params["w"]):
        raise ValueError(
            f"scores needs X of shape (N, D) and w of shape (D,), but got {np.shape(X)} "
            f"and {np.shape(params['w'])}. Rows of X are examples."
        )
    return X @ params["w"] + params["b"]


def predict(params, X):
    """Return the class of each row: -1 or +1 by the sign of the score, or the argmax.

    A score of exactly 0, a point on the boundary, counts as -1.
    """
    z = scores(params, X)
    return np.argmax(z, axis=1) if "W" in params else np.where(z > 0, 1, -1)


def cost(params, X, t, loss="hinge", penalty=0.0):
    """Return the mean loss plus penalty · ½‖w‖²; biases are not penalised.

    `loss` is "perceptron", "hinge" or "logistic" for targets of -1 and +1, "softmax" for
    K classes. With "hinge" this is the soft-margin SVM, its C = 1 / (penalty · N).
    """
    weight = "W" if "W" in params else "w"
    mean = _choose(loss)[0](scores(params, X), t)
    return mean + 0.5 * penalty * np.sum(params[weight] ** 2)


def gradient(params, X, t, loss="hinge", penalty=0.0):
    """Return the gradient of `cost` by the parameters, a sub-gradient at a kink."""
    return cost_and_gradient(params, X, t, loss, penalty)[1]


def cost_and_gradient(params, X, t, loss="hinge", penalty=0.0):
    """Return `cost` and `gradient` from one evaluation of the scores."""
    weight = "W" if "W" in params else "w"
    mean_loss, bar = _choose(loss)
    z, t, w = scores(params, X), np.asarray(t), params[weight]
    value = mean_loss(z, t) + 0.5 * penalty * np.sum(w**2)
    z_bar = (bar(z, t) / len(z)).astype(z.dtype)
    return value, {weight: z_bar.T @ X + penalty * w, "b": np.sum(z_bar, axis=0)}


# ------------------------------------------------------------------ minimisation


def descend(
    params, X, t, *, loss="hinge", penalty=0.0, lr=0.1, steps=1000, batch_size=None,
    rng=None, average=False,
):  # fmt: skip
    """Take `steps` steps against the hand-written gradient of `cost`; return a Fit.

    `lr` is a number or a function of the step's number, counted from 0. With
    `batch_size` each step sees that many rows, drawn by `rng`; history then holds
    the costs of the batches. A sub-gradient is not always a way down, so steps must
    shrink, or the parameters be averaged: `average=True` returns the mean of all
    iterates, the k-th weighted by k + 1 (Lacoste-Julien, Schmidt & Bach 2012).

    Raises FloatingPointError if the cost is no longer finite: the steps were too long.
    """
    if (batch_size is None) != (rng is None):
        raise ValueError(
            f"descend needs batch_size and rng together, but got batch_size={batch_size} "
            f"and rng={rng}. Without both, each step sees all examples."
        )
    _require_penalty("descend", penalty)
    X, t, mean, history = np.asarray(X), np.asarray(t), params, []
    for k in range(steps):
        rows = slice(None) if rng is None else rng.integers(len(X), size=batch_size)
        with np.errstate(all="ignore"):  # what is not finite is refused in words
            value, grads = cost_and_gradient(params, X[rows], t[rows], loss, penalty)
        history.append(float(value))
        if not np.isfinite(value):
            raise FloatingPointError(
                f"The cost became {value} after {k} steps with lr = {lr}. Try a tenth "
                f"of it."
            )
        rate, share = (lr(k) if callable(lr) else lr), 2.0 / (k + 2)
        params = tree.map(lambda p, g, rate=rate: p - rate * g, params, grads)
        mean = tree.map(lambda m, p, share=share: m + share * (p - m), mean, params)
    params = mean if average else params
    return Fit(params, float(cost(params, X, t, loss, penalty)), steps, history)


def svm(X, t, *, penalty, steps=10_000, batch_size=None, rng=None):
    """Train a soft-margin SVM by sub-gradient descent on hinge + penalty · ½‖w‖².

    Step k has length 1 / (1 + penalty · k), which falls as that of Pegasos (Shalev-Shwartz
    et al. 2007) without its first leaps; iterates are averaged. Inputs should be of
    the order of 1. Far from exact where penalty · steps is small:
    `margins.soft_margin` solves the same problem exactly for a few hundred examples.
    """
    X, t = signed_examples("svm", X, t)
    _require_penalty("svm", penalty, positive=True)
    return descend(
        init(X.shape[1], dtype=X.dtype), X, t, loss="hinge", penalty=penalty, steps=steps,
        lr=lambda k: 1.0 / (1.0 + penalty * k), batch_size=batch_size, rng=rng,
        average=True,
    )  # fmt: skip


def logistic_regression(X, t, *, penalty=0.0):
    """Minimise logistic loss + penalty · ½‖w‖² exactly, by SciPy's L-BFGS; return a Fit.

    t (N,) holds -1 and +1. scikit-learn's C is 1 / (penalty · N). Raises ValueError if
    penalty is 0 and a hyperplane separates the classes, even if points lie on it: then
    longer weights are always better, and there is no minimum (Albert & Anderson 1984).
    """
    X, t = signed_examples("logistic_regression", X, t)
    return _minimise("logistic_regression", init(X.shape[1]), X, t, "logistic", penalty)


def softmax_regression(X, t, *, num_classes=None, penalty=0.0):
    """Minimise cross-entropy + penalty · ½‖W‖² exactly, by SciPy's L-BFGS; return a Fit.

    t (N,) holds integers 0…K-1. Raises ValueError as `logistic_regression` does.
    """
    X, t, K = integer_classes("softmax_regression", X, t, num_classes)
    return _minimise("softmax_regression", init(X.shape[1], K), X, t, "softmax", penalty)


def one_vs_rest(fit, X, t, num_classes=None):
    """Fit a classifier to each class against all others and stack them as a layer.

    `fit(X, signs)` returns a record with w and b, as `perceptron` does. Returns
    {"W": (K, D), "b": (K,)}: K units that share inputs. Compare their scores; through
    thresholds several of them, or none, may claim an example.
    """
    X, t, K = integer_classes("one_vs_rest", X, t, num_classes)
    units = [fit(X, np.where(t == k, 1, -1)) for k in range(K)]
    return {"W": np.stack([u.w for u in units]), "b": np.stack([u.b for u in units])}


# --------------------------------------------------------------------- refusals


def signed_examples(asker, X, t):
    """Return X (N, D) and t (N,) of -1 and +1 as arrays, or refuse them in words."""
    X, t = _examples(asker, X, t)
    if not np.all(np.isin(t, (-1, 1))):
        raise ValueError(
            f"{asker} needs targets of -1 or +1, but got {np.unique(t)[:5]}. "
            f"From targets of 0 or 1 use 2 * t - 1."
        )
    return X, t


def integer_classes(asker, X, t, num_classes=None):
    """Return X (N, D), t (N,) of 0…K-1 and K, or refuse them in words."""
    X, t = _examples(asker, X, t)
    K = num_classes or (int(t.max()) + 1 if t.dtype.kind in "iu" else 0)
    if t.dtype.kind not in "iu" or t.min() < 0 or t.max() >= K:
        raise ValueError(
            f"{asker} needs integer classes from 0 to K-1, but got {np.unique(t)[:5]} of "
            f"dtype {t.dtype}, K = {K}. From targets of -1 and +1 use (t + 1) // 2."
        )
    return X, t, K


def _examples(asker, X, t):
    X, t = np.asarray(X), np.asarray(t)
    if X.ndim != 2 or len(X) == 0 or t.shape != (len(X),):
        raise ValueError(
            f"{asker} needs X of shape (N, D) and N targets, N at least 1, but got shapes "
            f"{X.shape} and {t.shape}."
        )
    X = X if X.dtype.kind == "f" else X.astype(float)
    if not np.all(np.isfinite(X)):
        row = np.flatnonzero(~np.isfinite(X).all(axis=1))[0]
        raise ValueError(f"{asker} needs finite inputs, but row {row} of X is {X[row]}.")
    return X, t


def _require_penalty(asker, penalty, positive=False):
    if not (penalty > 0 or (penalty == 0 and not positive)):
        sign = "> 0" if positive else "≥ 0"
        raise ValueError(f"{asker} needs a penalty {sign}, but got {penalty}.")


def _choose(loss):
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {list(LOSSES)}, but got {loss!r}.")
    return LOSSES[loss]


# -------------------------------------------------------------------- machinery


def _minimise(asker, params, X, t, loss, penalty):
    from scipy.optimize import minimize

    _require_penalty(asker, penalty)
    K = params["b"].size if loss == "softmax" else 2
    if len(np.unique(t)) < K:
        raise ValueError(
            f"{asker} needs an example of each of {K} classes, but got {np.unique(t)[:5]}. "
            f"The bias of a class that is never, or always, right has no best value."
        )
    if penalty == 0 and _stretchable(X, t if loss == "softmax" else (t + 1) // 2, K):
        raise ValueError(
            f"{asker} has no minimum here: a hyperplane separates the classes, so longer "
            f"weights always lower the cost. Pass a penalty > 0."
        )

    def along(theta):
        value, grads = cost_and_gradient(tree.unravel(params, theta), X, t, loss, penalty)
        return float(value), tree.ravel(grads)

    start, history = np.zeros(sum(leaf.size for leaf in tree.leaves(params))), []
    result = minimize(
        along, start, jac=True, method="L-BFGS-B",
        callback=lambda theta: history.append(along(theta)[0]),
        options={"maxiter": 10_000, "maxfun": 100_000, "ftol": 0.0, "gtol": 1e-9},
    )  # fmt: skip
    value, slope = along(result.x)
    by_w, by_b = tree.leaves(tree.unravel(params, slope))
    by_w = by_w / np.maximum(np.max(np.abs(X), axis=0), np.finfo(float).tiny)
    steepest = max(np.max(np.abs(by_w)), np.max(np.abs(by_b)))  # in units of the inputs
    if not steepest <= 1e-6:
        raise FloatingPointError(
            f"{asker} stopped after {result.nit} steps at a slope of {steepest:.2g}. Bring "
            f"each input to the order of 1."
        )
    params = tree.map(lambda p: p.astype(X.dtype), tree.unravel(params, result.x))
    return Fit(params, value, result.nit, [along(start)[0], *history][: result.nit])


def _stretchable(X, t, K):
    """Decide whether some direction of the weights lowers the loss for ever.

    A linear program (Albert & Anderson 1984): the score of no example's own class may
    fall behind another's, and in sum the lead shall be as large as it can.
    """
    from scipy.optimize import linprog

    X = X - X.mean(axis=0)
    extent = max(np.max(np.abs(X)), np.finfo(float).tiny)
    inputs, one_hot = np.column_stack([X / extent, np.ones(len(X))]), np.eye(K)
    lead = np.concatenate(
        [
            np.kron(one_hot[k] - one_hot[other], inputs[t == k])
            for k in range(K)
            for other in range(K)
            if other != k
        ]
    )
    result = linprog(
        -lead.sum(axis=0), A_ub=-lead, b_ub=np.zeros(len(lead)), bounds=(-1, 1)
    )
    return -result.fun > 1e-6


def _shorten(value):
    """Print numbers with 4 digits, and a long list by its ends."""
    if isinstance(value, (list, np.ndarray)) and np.ndim(value):
        return str(np.array(value)).replace("\n", "\n     ")
    return repr(value) if isinstance(value, (str, int, type(None))) else f"{value:.4g}"
