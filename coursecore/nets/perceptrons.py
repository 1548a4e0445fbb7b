"""Perceptrons: correct one mistake at a time, until there is none or they recur.

Weights begin at 0. An example on the wrong side is added to them, times its target, so
that they are always a sum of examples. On data that some hyperplane separates the
mistakes end (Novikoff 1962); on other data the weights stay bounded (Minsky & Papert
1969, the cycling theorem), and where inputs are integers they must come back.

    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> perceptron(X, np.array([-1, -1, -1, 1])).outcome
    'converged'
    >>> perceptron(X, np.array([-1, 1, 1, -1])).outcome
    'cycles'

(Rosenblatt 1958; Brown CSCI 1470 day 5.)
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .linear import Classifier, integer_classes, scores, signed_examples


@dataclass(frozen=True, eq=False, repr=False)
class Perceptron(Classifier):
    """What became of a perceptron.

    `outcome` is "converged" (an epoch without a mistake), "cycles" (the weights came
    back to where they had been) or "undecided" (neither in the epochs allowed).
    `mistakes` (N,) counts those on each example, `history` those of each epoch.
    `cycle` (N,) counts those between two visits to the same weights, or is None.

    A cycle proves that no hyperplane separates two classes. What was added came to
    nothing, Σ cycleₙ tₙ (xₙ, 1) = 0, while for a hyperplane that separates them
    every tₙ (w·xₙ + b) is positive, and so would their sum be.
    """

    outcome: str
    epochs: int
    mistakes: np.ndarray
    history: list
    cycle: np.ndarray | None


def perceptron(X, t, *, epochs=1000, rng=None):
    """Learn from one example at a time: where t z ≤ 0, add t x to w and t to b.

    This is a step of length 1 against the gradient of the loss max(0, -t z) of that
    example. Weights begin at 0. Examples come in their own order or, with `rng`, in
    a new random order each epoch. X is (N, D), t (N,) of -1 and +1. Returns a
    Perceptron, which says whether the rule converged or cycles; if it is undecided, give
    it more epochs or ask `margins.separation`.
    """
    X, t = signed_examples("perceptron", X, t)

    def correct(z, sign):
        return np.array([sign]) if sign * z[0] <= 0 else None

    theta, record = _learn_from_mistakes(correct, X, t.astype(int), 1, epochs, rng)
    return Perceptron({"w": theta[0, :-1], "b": theta[0, -1]}, *record)


def multiclass(X, t, *, num_classes=None, epochs=1000, rng=None):
    """Learn K scores: where class k scores no less than t, add x to Wₜ, take it from Wₖ.

    Of several such k it is the one with the largest score. t (N,) holds integers 0…K-1.
    With K = 2 the difference of the two scores is `perceptron`'s score, doubled.
    """
    X, t, K = integer_classes("multiclass", X, t, num_classes)
    one_hot = np.eye(K, dtype=int)

    def correct(z, k):
        rival = np.argmax(np.where(one_hot[k], -np.inf, z))
        return one_hot[k] - one_hot[rival] if z[rival] >= z[k] else None

    theta, record = _learn_from_mistakes(correct, X, t, K, epochs, rng)
    return Perceptron({"W": theta[:, :-1], "b": theta[:, -1]}, *record)


def mistake_bound(params, X, t):
    """Return Novikoff's bound (R/γ)² on the mistakes a perceptron can make.

    R is the length of the longest (x, 1), γ the distance from the origin's hyperplane
    (w, b) to the nearest of them. It holds for every {"w", "b"} that separates the
    data and any order of examples. Raises ValueError where params do not separate X.
    """
    X, t = signed_examples("mistake_bound", X, t)
    nearest = np.min(t * scores(params, X))
    if nearest <= 0:
        raise ValueError(
            f"mistake_bound needs parameters that separate the data, but the smallest "
            f"margin t z is {nearest:.4g}. Pass those of `margins.hard_margin`."
        )
    longest = np.max(np.sum(X**2, axis=1)) + 1.0
    return longest * (np.sum(params["w"] ** 2) + params["b"] ** 2) / nearest**2


def _learn_from_mistakes(correct, X, t, K, epochs, rng):
    """Run epochs of corrections on θ (K, D+1), the bias in the last column.

    `correct(z, t)` returns what to add of x to each row of θ, or None where z is right.
    """
    if epochs < 1:
        raise ValueError(f"A perceptron needs at least 1 epoch, but got {epochs}.")
    inputs = np.column_stack([X, np.ones(len(X), X.dtype)])
    theta, added = np.zeros((K, inputs.shape[1]), X.dtype), np.zeros((len(X), K), int)
    outcome, cycle, history = "undecided", None, []
    # Brent 1980: comparing with one earlier state, renewed at epochs 1, 2, 4, 8, …,
    # finds any cycle without storing every state.
    earlier, renew = (theta.copy(), added.copy()), 1
    for epoch in range(1, epochs + 1):
        history.append(0)
        for n in range(len(X)) if rng is None else rng.permutation(len(X)):
            change = correct(theta @ inputs[n], t[n])
            if change is not None:
                theta += np.outer(change, inputs[n]).astype(X.dtype)
                added[n] += change
                history[-1] += 1
        if history[-1] == 0:
            outcome = "converged"
            break
        turn = added - earlier[1]
        if np.array_equal(theta, earlier[0]) and _cancels(turn, inputs):
            outcome, cycle = "cycles", np.max(np.abs(turn), axis=1)
            break
        if epoch == renew:
            earlier, renew = (theta.copy(), added.copy()), 2 * renew
    return theta, (outcome, epoch, np.max(np.abs(added), axis=1), history, cycle)


def _cancels(turn, inputs):
    """Decide in fractions whether turnᵀ · inputs is 0: rounding proves nothing."""
    used = np.flatnonzero(turn.any(axis=1))
    exact = np.vectorize(Fraction, otypes=[object])(inputs[used].astype(float))
    return not np.any(turn[used].T.astype(object) @ exact)
