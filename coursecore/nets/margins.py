"""Margins: the hyperplane farthest from both classes, exactly, with and without slack.

Targets t are -1 or +1, parameters {"w": (D,), "b": ()}. The functional margin of an
example is t z; the geometric one, t z / ‖w‖, is its distance from the hyperplane,
negative on the wrong side. Scaled so that the smallest t z is 1, a hyperplane keeps
the distance 1/‖w‖ from the data: the hard-margin SVM minimises ½‖w‖². The soft-margin
SVM lets example n fall short of 1 by a slack ξₙ and pays C for each unit of it. The
same minimum has three forms:

    ½‖w‖² + C Σ ξₙ       where tₙ zₙ ≥ 1 - ξₙ and ξₙ ≥ 0    (`soft_margin`)
    ½‖w‖² + C Σ max(0, 1 - tₙ zₙ)
    ½ λ‖w‖² + mean of max(0, 1 - tₙ zₙ)   where λ = 1/(C N)    (`linear.svm`)

NYU CS-GY 6923 lecture 10 writes ‖w‖² for ½‖w‖², so its C is twice ours.

    >>> machine = hard_margin(np.array([[0.0, 1.0], [4.0, 1.0]]), np.array([-1, 1]))
    >>> print(f"{machine.margin:.3f}", np.round(machine.w, 3) + 0.0)
    2.000 [0.5 0. ]
"""

from dataclasses import dataclass, replace

import numpy as np

from .linear import Classifier, scores, signed_examples


@dataclass(frozen=True, eq=False, repr=False)
class Machine(Classifier):
    """A support vector machine: the solution, and what the constraints say about it.

    `margin` is 1/‖w‖, half the width of the street; `objective` is ½‖w‖² + C Σ slacks,
    C being infinite for a hard margin. `multipliers` α (N,), one for each constraint,
    give w = Σ αₙ tₙ xₙ, 0 = Σ αₙ tₙ and 0 ≤ αₙ ≤ C. `support` are the examples on the
    margin or past it: all whose slack is not 0, and all whose multiplier is not 0.
    """

    C: float
    margin: float
    objective: float
    slacks: np.ndarray
    multipliers: np.ndarray
    support: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Separation(Classifier):
    """A hyperplane that separates the data, or a proof that there is none.

    The proof is a point in the convex hulls of both classes: the mean of the examples
    of either class, weighted by `weights` (N,), which sum to 1 in each. A hyperplane
    would have to leave it on both sides. `gap` is how far apart the two means are
    numerically. Without a hyperplane `params` is empty, with one `point` is None.
    """

    separable: bool
    point: np.ndarray | None
    weights: np.ndarray | None
    gap: float | None


# ---------------------------------------------------------------------- margins


def functional_margins(params, X, t):
    """Return t z, shape (N,): positive where an example is on its side."""
    X, t = signed_examples("functional_margins", X, t)
    return t * scores(params, X)


def geometric_margins(params, X, t):
    """Return t z / ‖w‖, shape (N,): signed distances from the hyperplane."""
    length = np.linalg.norm(params["w"])
    if length == 0:
        raise ValueError(
            "geometric_margins needs w that is not 0: without a direction there is no "
            "hyperplane to measure from."
        )
    return functional_margins(params, X, t) / length


def slacks(params, X, t):
    """Return ξ = max(0, 1 - t z), shape (N,): how far each falls short of margin 1.

    ξ/‖w‖ is the distance past the margin; ξ > 1 is a misclassification.
    """
    return np.maximum(0.0, 1.0 - functional_margins(params, X, t))


def support_vectors(params, X, t, tolerance=1e-5):
    """Return the indices of the examples on the margin or past it: t z ≤ 1 + tolerance."""
    return np.flatnonzero(functional_margins(params, X, t) <= 1.0 + tolerance)


def penalty_of(C, num_examples):
    """Return λ = 1/(C N), by which mean hinge + ½ λ‖w‖² has the minimum that C has."""
    return _reciprocal("penalty_of", "C", C, num_examples)


def C_of(penalty, num_examples):
    """Return C = 1/(λ N), by which ½‖w‖² + C Σ hinge has the minimum that λ has."""
    return _reciprocal("C_of", "penalty", penalty, num_examples)


# ---------------------------------------------------------------------- solvers


def separation(X, t):
    """Find a hyperplane between the classes, or a point in both of their convex hulls.

    A linear program: maximise g where every t z ≥ g and |w| ≤ 1 entry by entry. If the
    best g is 0, its multipliers are the weights of the common point. Gaps below 1e-8
    of the extent of the data count as none. Returns a Separation.
    """
    from scipy.optimize import linprog

    X, t = both_classes("separation", X, t)
    centre, extent = _frame(X)
    signed = t[:, None] * np.column_stack([(X - centre) / extent, np.ones(len(X))])
    D = X.shape[1]
    result = linprog(
        np.append(np.zeros(D + 1), -1.0),
        A_ub=np.column_stack([-signed, np.ones(len(X))]),
        b_ub=np.zeros(len(X)),
        bounds=[(-1, 1)] * D + [(None, None)] * 2,
    )
    params = _unframe(result.x[:-1], centre, extent)
    if result.x[-1] > 1e-8 and np.min(functional_margins(params, X, t)) > 0:
        return Separation(params, True, None, None, None)
    weights = np.maximum(0.0, -2.0 * result.ineqlin.marginals)
    below, above = (weights[t == s] @ X[t == s] / weights[t == s].sum() for s in (-1, 1))
    gap = float(np.linalg.norm(above - below))
    return Separation({}, False, (below + above) / 2, weights, gap)


def hard_margin(X, t):
    """Minimise ½‖w‖² where every t z ≥ 1, by SciPy's SLSQP; return a Machine.

    For a few hundred examples. Raises ValueError, with a point of both convex hulls, if
    no hyperplane separates the classes.
    """
    X, t = both_classes("hard_margin", X, t)
    found = separation(X, t)
    if not found.separable:
        raise ValueError(
            f"hard_margin needs classes that a hyperplane separates, but none does: the "
            f"point {np.round(found.point, 4)} lies in the convex hulls of both. Use "
            f"`soft_margin`."
        )
    # In units of the margin already found, the best w is at most about 1 long.
    centre, extent = X.mean(axis=0), np.min(geometric_margins(found.params, X, t))
    signed = t[:, None] * np.column_stack([(X - centre) / extent, np.ones(len(X))])
    start = np.append(found.w * extent, found.b + found.w @ centre)
    theta = _slsqp(
        lambda v: 0.5 * v[:-1] @ v[:-1],
        lambda v: np.append(v[:-1], 0.0),
        signed, start / np.min(signed @ start),
    )  # fmt: skip
    theta = theta / np.min(signed @ theta)  # the nearest example lies at 1 exactly
    return _machine("hard_margin", _unframe(theta, centre, extent), X, t, np.inf)


def soft_margin(X, t, *, C=1.0):
    """Minimise ½‖w‖² + C Σ ξ where t z ≥ 1 - ξ and ξ ≥ 0, by SciPy's SLSQP.

    Unknowns are w, b and N slacks, so this is for a few hundred examples; `linear.svm`
    takes any number. Returns a Machine. scikit-learn's SVC(kernel="linear", C=C) has the
    same minimum; its LinearSVC penalises b as well and has another.
    """
    X, t = both_classes("soft_margin", X, t)
    N, D = X.shape
    penalty, ceiling, start = penalty_of(C, N), 1.0, np.append(np.zeros(D + 1), np.ones(N))
    centre, extent = _frame(X)
    if separation(X, t).separable:
        hard = hard_margin(X, t)
        if np.max(hard.multipliers) <= C:  # no slack is worth its price
            return replace(hard, C=C)
        if penalty * hard.objective < ceiling:  # better than w = 0
            ceiling = penalty * hard.objective
            there = [hard.w * extent, [hard.b + hard.w @ centre], np.zeros(N)]
            start = np.concatenate(there)
    # In units of a value known to be within reach, so that the solver's accuracy fits.
    curvature = np.append(np.full(D, penalty / extent**2 / ceiling), np.zeros(N + 1))
    price = np.append(np.zeros(D + 1), np.full(N, 1.0 / N / ceiling))
    signed = t[:, None] * np.column_stack([(X - centre) / extent, np.ones(N)])
    theta = _slsqp(
        lambda v: 0.5 * curvature @ v**2 + price @ v,
        lambda v: curvature * v + price,
        np.column_stack([signed, np.eye(N)]),
        start,
        [(None, None)] * (D + 1) + [(0, None)] * N,
    )
    return _machine("soft_margin", _unframe(theta[: D + 1], centre, extent), X, t, C)


# -------------------------------------------------------------------- machinery


def both_classes(asker, X, t):
    """Return X (N, D) as floats and t (N,) of -1 and +1, both present, or refuse them."""
    X, t = signed_examples(asker, X, t)
    if len(np.unique(t)) < 2:
        raise ValueError(f"{asker} needs examples of both classes, but all are {t[0]}.")
    return X.astype(float), t


def _slsqp(objective, slope, constraints, start, bounds=None):
    """Minimise where constraints @ v ≥ 1. How well it went is judged by `_machine`."""
    from scipy.optimize import minimize

    return minimize(
        objective, start, jac=slope, method="SLSQP", bounds=bounds,
        constraints={
            "type": "ineq",
            "fun": lambda v: constraints @ v - 1.0,
            "jac": lambda v: constraints,
        },
        options={"maxiter": 1000, "ftol": 1e-15},
    ).x  # fmt: skip


def _machine(asker, params, X, t, C):
    """Find the multipliers, and refuse a solution that they do not prove to be the best."""
    from scipy.optimize import lsq_linear

    w, xi = params["w"], slacks(params, X, t)
    support = support_vectors(params, X, t)
    if not np.isfinite(C):
        xi = np.zeros(len(X))  # what rounding left of them
    objective = 0.5 * w @ w + (C * np.sum(xi) if np.any(xi) else 0.0)
    # Past the margin α is C, on it something between 0 and C, beyond it 0.
    alpha = np.where(xi > 1e-5, C, 0.0) if np.isfinite(C) else np.zeros(len(X))
    free = support[xi[support] <= 1e-5]
    centre, extent = _frame(X)
    signed = t[:, None] * np.column_stack([(X - centre) / extent, np.ones(len(X))])
    if len(free):
        rest = np.append(w / extent, 0.0) - alpha @ signed
        alpha[free] = lsq_linear(
            signed[free].T, rest, bounds=(0.0, C), method="bvls", tol=1e-15
        ).x
    dual = np.sum(alpha) - 0.5 * np.sum((alpha * t @ X) ** 2)
    if not abs(objective - dual) <= 1e-6 * objective:
        raise FloatingPointError(
            f"{asker} stopped at the objective {objective:.6g}, but the multipliers prove "
            f"only {dual:.6g}. Bring the inputs to the order of 1, or C nearer to 1."
        )
    length = np.linalg.norm(w)
    margin = float(1.0 / length) if length else np.inf  # inputs that say nothing
    return Machine(params, C, margin, float(objective), xi, alpha, support)


def _frame(X):
    """Return the centre and the extent of the data, to compute in units near 1."""
    centre = X.mean(axis=0)
    return centre, float(np.max(np.abs(X - centre))) or 1.0


def _unframe(theta, centre, extent):
    w = theta[:-1] / extent
    return {"w": w, "b": theta[-1] - w @ centre}


def _reciprocal(asker, name, value, num_examples):
    if not (value > 0 and np.isfinite(value) and num_examples >= 1):
        raise ValueError(
            f"{asker} needs {name} > 0, finite, and at least 1 example, but got {value} "
            f"and {num_examples}."
        )
    return 1.0 / (value * num_examples)
