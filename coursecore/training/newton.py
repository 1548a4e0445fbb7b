"""Second-order methods: steps that know the curvature.

Near θ a cost is nearly its Taylor polynomial, f + gᵀd + ½ dᵀHd, and the step d that makes
this least solves H d = -g (Larochelle, "Newton's method"). Here H is met in two ways. Of
few parameters it is formed and taken apart into eigenvectors; of many it is never formed:
conjugate gradients need only products H v, and the engine has these from one tape.

    >>> bowl = lambda x: 2.0 * (x["a"] - 1.0) ** 2 + (x["b"] + 3.0) ** 4
    >>> params, record = minimize(bowl, {"a": 5.0, "b": 0.0}, method="damped")
    >>> round(params["a"], 6), record.converged
    (1.0, True)

The cost is of all the data: second-order steps follow the noise of a minibatch too.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..engine import tree
from ..engine.autodiff import grad, make_vjp, value_and_grad
from ..engine.derivatives import make_jvp

ROUNDING = 10 * np.finfo(float).eps  # what cannot be told from the rounding of a cost


@dataclass
class Record:
    """What happened: `cost` and `slope` at the start and after every step.

    `slope` is the largest entry of the gradient, in size. `curvature` and `damping` have
    an entry for every step, and where the matrix was formed one for a converged end.
    `curvature` is the lowest that was met: the least eigenvalue where the matrix was
    formed, else the least along a search direction; below 0 the cost is no bowl there.
    `damping` is what was added to all eigenvalues. `num_products` counts products with
    the matrix; `message` says in words how the run ended.
    """

    cost: list = field(default_factory=list)
    slope: list = field(default_factory=list)
    curvature: list = field(default_factory=list)
    damping: list = field(default_factory=list)
    num_products: int = 0
    converged: bool = False
    message: str = ""


class Solution(NamedTuple):
    """What conjugate gradients found: x, the steps it took, the lowest curvature met."""

    x: np.ndarray
    num_steps: int
    curvature: float


def minimize(
    cost, params, args=(), *, method="newton", max_steps=100, tolerance=1e-8,
    damping=1e-3, max_formed=200, max_products=250,
):  # fmt: skip
    """Minimise cost(params, *args) and return the last parameters and a Record.

    - "newton": full steps of H d = -g. Quadratic convergence near a minimum, and near a
      saddle just the same: the record then says that the curvature is negative.
    - "damped": (H + λI) d = -g (Levenberg 1944). λ, from `damping` on, grows until the
      matrix is positive definite and the cost falls, and shrinks when its model is good.
    - "gauss_newton": `cost` returns the residuals r, one array, and ½‖r‖² is minimised
      with JᵀJ, J = ∂r/∂θ, in place of H: no second derivatives, no negative curvature.
    - "levenberg_marquardt": the same, damped.
    - "lbfgs": SciPy's L-BFGS-B, which guesses the curvature from the last gradients.

    `params` is an array or a tree of floats. The run has converged when no entry of the
    gradient exceeds `tolerance`. The matrix is formed for up to `max_formed` parameters;
    beyond that a step may cost `max_products` products and may be inexact.

    Raises ValueError where an undamped step does not exist: the matrix is singular, or
    conjugate gradients met negative curvature. Raises FloatingPointError if the cost or
    its gradient is no longer finite where a step has led.
    """
    if not isinstance(args, (tuple, list)):
        raise TypeError(
            f"minimize takes the arguments after the parameters as a tuple, such as "
            f"(X, t), but got {type(args).__name__}."
        )
    if method == "lbfgs":
        return _lbfgs(cost, params, args, max_steps, tolerance)
    models = {
        "newton": (_hessian_model, False),
        "damped": (_hessian_model, True),
        "gauss_newton": (_residual_model, False),
        "levenberg_marquardt": (_residual_model, True),
    }
    if method not in models:
        raise ValueError(
            f"minimize knows the methods {[*models, 'lbfgs']}, but got {method!r}."
        )
    if not damping > 0:
        raise ValueError(f"minimize needs a damping > 0, but got {damping}.")
    model, damped = models[method]
    x, record = tree.ravel(params), Record()
    value_at, model_at = model(cost, params, args)
    lam = float(damping) if damped else 0.0
    for step in range(max_steps + 1):
        value, g, product = model_at(x)
        if not (np.isfinite(value) and np.all(np.isfinite(g))):
            raise FloatingPointError(
                f"The cost became {value} after {step} steps of {method}, or its gradient "
                f"is not finite. Begin nearer to the minimum, or use a damped method."
            )
        record.cost.append(value)
        record.slope.append(float(np.max(np.abs(g), initial=0.0)))
        record.converged = record.slope[-1] <= tolerance
        if record.converged or step == max_steps:
            break
        solve = _solver(product, g, max_formed, max_products, record)
        if damped:
            lam = max(lam, 1e-8 * damping)
            d, lam = _damped_step(solve, value_at, value, g, x, lam, record)
            if d is None:
                break
        else:
            d, curvature = solve(0.0)
            _note(record, curvature, 0.0)
        x = x + d
    _conclude(record, product, x.size, max_formed)
    return tree.unravel(params, x), record


def conjugate_gradients(product, b, *, tolerance=1e-10, max_steps=None):
    """Solve A x = b for a symmetric positive definite A, given as product(v) = A v.

    b has shape (D,). In exact arithmetic at most D steps are needed, and fewer if A has
    few different eigenvalues; rounding may ask for some more, so that the default is
    2 D. Stops when ‖A x - b‖ ≤ tolerance · ‖b‖, or where vᵀA v ≤ 0 along a direction v: the
    Solution has then a curvature ≤ 0, and an x that solves nothing.
    (Hestenes & Stiefel 1952.)
    """
    x = np.zeros_like(b)
    residual = direction = np.array(b)
    size = goal = residual @ residual
    max_steps = 2 * len(b) if max_steps is None else max_steps
    steps, lowest = 0, np.inf
    while steps < max_steps and size > tolerance**2 * goal:
        pushed = product(direction)
        along = direction @ pushed
        lowest = min(lowest, float(along / (direction @ direction)))
        steps += 1
        if lowest <= 0:
            break
        x = x + (size / along) * direction
        residual = residual - (size / along) * pushed
        size, before = residual @ residual, size
        direction = residual + (size / before) * direction
    return Solution(x, steps, lowest)


def _hessian_model(cost, params, args):
    """Return the functions of a flat x: its cost; cost, gradient and v -> H v."""
    fun = lambda p: cost(p, *args)

    def value_at(x):
        return float(fun(tree.unravel(params, x)))

    def model_at(x):
        g, jvp = make_jvp(grad(fun), tree.unravel(params, x))
        return (
            value_at(x),
            tree.ravel(g),
            lambda v: tree.ravel(jvp(tree.unravel(params, v))),
        )

    return value_at, model_at


def _residual_model(residuals, params, args):
    """Return the functions of a flat x: ½‖r‖²; the same, its gradient and v -> JᵀJ v."""
    fun = lambda p: residuals(p, *args)

    def value_at(x):
        r = fun(tree.unravel(params, x))
        return 0.5 * float(np.sum(np.square(r)))

    def model_at(x):
        p = tree.unravel(params, x)
        r, vjp = make_vjp(fun, p)
        if np.ndim(r) == 0:
            raise TypeError(
                "Gauss-Newton needs a function that returns the residuals, an array, but "
                "this one returned a number. Return y - t, without square and sum."
            )
        _, jvp = make_jvp(fun, p)
        product = lambda v: tree.ravel(vjp(jvp(tree.unravel(params, v))))
        return 0.5 * float(np.sum(np.square(r))), tree.ravel(vjp(r)), product

    return value_at, model_at


def _solver(product, g, max_formed, max_products, record):
    """Return the function of λ that solves (H + λI) d = -g, for one point.

    It gives d and the lowest curvature of H that it met.
    """

    def counted(v):
        record.num_products += 1
        if not np.all(np.isfinite(pushed := product(v))):
            raise FloatingPointError(
                f"The curvature is not finite after {len(record.cost) - 1} steps, although "
                f"the gradient is. Does the cost take a root or a power at 0?"
            )
        return pushed

    if g.size <= max_formed:
        H = np.stack([counted(unit) for unit in np.eye(g.size)])
        eigenvalues, vectors = np.linalg.eigh(0.5 * (H + H.T))
        along = vectors.T @ g

        def by_eigenvectors(lam):
            shifted = eigenvalues + lam
            smallest, largest = np.min(np.abs(shifted)), np.max(np.abs(shifted))
            if lam > 0 and shifted[0] <= 0:
                return np.zeros_like(g), float(eigenvalues[0])
            if lam == 0 and smallest <= ROUNDING * largest:
                raise ValueError(
                    f"The step does not exist: the matrix is singular, with eigenvalues "
                    f"from {shifted.min():.3g} to {shifted.max():.3g}. Use a damped method."
                )
            return -vectors @ (along / shifted), float(eigenvalues[0])

        return by_eigenvectors

    def by_products(lam):
        d, _, curvature = conjugate_gradients(
            lambda v: counted(v) + lam * v,
            -g,
            tolerance=min(0.01, np.linalg.norm(g)),  # Dembo, Eisenstat & Steihaug 1982
            max_steps=max_products,
        )
        if curvature <= 0 and lam == 0:
            raise ValueError(
                f"Conjugate gradients met the negative curvature {curvature:.3g}: Newton's "
                f"step would lead towards a saddle. Use method='damped'."
            )
        return d, curvature - lam

    return by_products


def _damped_step(solve, value_at, value, g, x, lam, record):
    """Raise λ until the cost falls; return the step and the λ to begin the next with.

    What is compared is the fall of the cost to the fall that the Taylor polynomial
    promises (Marquardt 1963; Nocedal & Wright 2006, chapter 4).
    """
    d, curvature = solve(lam)
    while np.isfinite(lam) and (curvature + lam <= 0 or not np.array_equal(x + d, x)):
        if curvature + lam > 0:
            promised = 0.5 * (lam * (d @ d) - g @ d)
            rounding = ROUNDING * abs(value)
            with np.errstate(all="ignore"):  # a trial may lead anywhere: it is refused then
                fall = value - value_at(x + d)
            trust = (fall + rounding) / (promised + rounding)
            if trust > 1e-4:
                _note(record, curvature, lam)
                return d, lam * (0.25 if trust > 0.75 else 2.0 if trust < 0.25 else 1.0)
        lam = max(4 * lam, -2 * curvature)  # the cost rose, or is nan, or is no bowl here
        d, curvature = solve(lam)
    record.message = "No step, however short, lowered the cost. "
    return None, lam


def _note(record, curvature, lam):
    record.curvature.append(curvature)
    record.damping.append(lam)


def _conclude(record, product, num_params, max_formed):
    """Say why the run ended, and whether it ended at a minimum."""
    num_steps = len(record.cost) - 1
    if not record.converged:
        record.message += f"The gradient has not vanished after {num_steps} steps."
    else:
        record.message = f"The gradient vanished after {num_steps} steps."
        if 0 < num_params <= max_formed:
            H = np.stack([product(unit) for unit in np.eye(num_params)])
            record.num_products += num_params
            lowest = np.linalg.eigvalsh(0.5 * (H + H.T))[0]
            _note(record, float(lowest), 0.0)
            if lowest < -ROUNDING * num_params * abs(H).max():
                record.message += (
                    f" The curvature there goes down to {lowest:.3g}: this is a saddle "
                    f"or a maximum, and no minimum."
                )
                return
    if min(record.curvature, default=0.0) < 0:
        record.message += (
            f" Negative curvature was met on the way, down to {min(record.curvature):.3g}."
        )


def _lbfgs(cost, params, args, max_steps, tolerance):
    from scipy import optimize

    record, last = Record(), {}
    value_and_gradient = value_and_grad(lambda p: cost(p, *args))

    def at(x):
        value, grads = value_and_gradient(tree.unravel(params, x))
        value, g = float(value), tree.ravel(grads)
        if not (np.isfinite(value) and np.all(np.isfinite(g))):
            raise FloatingPointError(
                f"The cost became {value} in L-BFGS, or its gradient is not finite. Begin "
                f"nearer to the minimum."
            )
        last.update(x=np.array(x), result=(value, g))
        return value, g

    def note(intermediate_result):
        x = intermediate_result.x
        fresh = last and np.array_equal(last["x"], x)
        value, g = last["result"] if fresh else at(x)
        record.cost.append(value)
        record.slope.append(float(np.max(np.abs(g), initial=0.0)))

    start = tree.ravel(params)
    note(optimize.OptimizeResult(x=start))
    options = {"maxiter": max_steps, "gtol": tolerance, "ftol": 0.0}
    found = optimize.minimize(
        at, start, jac=True, method="L-BFGS-B", callback=note, options=options
    )
    record.converged = record.slope[-1] <= tolerance
    record.message = found.message
    return tree.unravel(params, found.x), record
