"""Activations and losses: known answers, identities, stability, derivatives, refusals."""

from functools import partial

import numpy as np
import pytest
import scipy.special
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn import metrics

from coursecore import check_grad, grad, hessian
from coursecore import functional as F

Z_LINE = np.array([-3.0, -0.7, -1e-3, 1e-3, 0.4, 2.5])
RNG = np.random.default_rng(4)
Z = RNG.normal(size=(6, 4))
T = np.array([0, 3, 1, 1, 2, 0])
z, signs, bits = Z[:, 0], np.array([1, -1, 1, 1, -1, -1]), np.array([1, 0, 1, 1, 0, 0])
SIGNED = [F.hinge, F.squared_hinge, F.logistic, F.perceptron]
SMOOTH = [F.linear, F.softplus, F.sigmoid, F.tanh]
KINKED = [F.relu, F.leaky_relu, F.threshold]

scores = st.lists(st.floats(-700, 700), min_size=2, max_size=6).map(lambda z: np.array([z]))


def slope(activation, z):
    return grad(lambda z: np.sum(activation(z)))(z)


# ------------------------------------------------------------- activations


def test_known_values():
    np.testing.assert_array_equal(F.linear(Z_LINE), Z_LINE)
    np.testing.assert_array_equal(F.relu(np.array([-2.0, 0.0, 3.0])), [0.0, 0.0, 3.0])
    np.testing.assert_allclose(F.leaky_relu(np.array([-2.0, 0.0, 3.0])), [-0.2, 0.0, 3.0])
    np.testing.assert_allclose(F.leaky_relu(np.array([-2.0]), slope=0.5), [-1.0])
    np.testing.assert_array_equal(F.threshold(np.array([-2.0, 0.0, 3.0])), [0, 0, 1])
    assert F.sigmoid(0.0) == 0.5
    assert np.isclose(F.sigmoid(np.log(3.0)), 0.75)
    assert np.isclose(F.softplus(0.0), np.log(2.0))
    np.testing.assert_array_equal(F.tanh(Z_LINE), np.tanh(Z_LINE))


def test_agreement_with_scipy():
    line = np.linspace(-30, 30, 41)
    np.testing.assert_allclose(F.sigmoid(line), scipy.special.expit(line), atol=1e-15)
    np.testing.assert_allclose(F.softmax(Z), scipy.special.softmax(Z, axis=-1))
    for scores in (Z, 300.0 * Z):
        expected = scipy.special.log_softmax(scores, axis=-1)
        np.testing.assert_allclose(F.log_softmax(scores), expected, atol=1e-15)


@pytest.mark.parametrize("activation", SMOOTH + KINKED)
def test_slopes_equal_finite_differences(activation):
    assert check_grad(lambda z: np.sum(activation(z)), Z_LINE) == 6
    assert check_grad(lambda z: np.sum(activation(z) * Z), Z) == 24


def test_identities_of_derivatives():
    s = F.sigmoid(Z_LINE)
    np.testing.assert_allclose(slope(F.sigmoid, Z_LINE), s * (1 - s))
    np.testing.assert_allclose(slope(F.softplus, Z_LINE), s)
    np.testing.assert_allclose(slope(F.tanh, Z_LINE), 1 - np.tanh(Z_LINE) ** 2)
    np.testing.assert_allclose(F.tanh(Z_LINE), 2 * F.sigmoid(2 * Z_LINE) - 1, atol=1e-15)
    np.testing.assert_allclose(F.softplus(Z_LINE) - F.softplus(-Z_LINE), Z_LINE)


def test_conventions_at_the_kink():
    zero = np.zeros(1)
    assert slope(F.relu, zero) == 0.0
    assert slope(F.leaky_relu, zero) == 0.1
    assert slope(F.threshold, np.array([-1.0, 0.0, 2.0])).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("activation", SMOOTH + KINKED)
@pytest.mark.parametrize("z", [-1000.0, 1000.0, np.float64(-1000.0), np.array([1e3, -1e3])])
def test_activations_and_slopes_are_finite_at_a_thousand(activation, z):
    assert np.isfinite(activation(z)).all()
    assert np.isfinite(slope(activation, z)).all()


@pytest.mark.parametrize(
    "activation", [F.relu, F.leaky_relu, F.softplus, F.sigmoid, F.tanh]
)
def test_nan_stays_nan(activation):
    with np.errstate(invalid="ignore"):
        assert np.isnan(activation(np.array([np.nan, 1.0]))).tolist() == [True, False]


@pytest.mark.parametrize("fun", [*SMOOTH, *KINKED, F.softmax, F.log_softmax])
def test_shape_and_precision_are_kept(fun):
    assert fun(Z).shape == Z.shape
    assert fun(Z).dtype == np.float64
    assert fun(Z.astype(np.float32)).dtype == np.float32
    assert grad(lambda Z: np.sum(fun(Z)))(Z.astype(np.float32)).dtype == np.float32
    kept = Z.copy()
    fun(kept)
    np.testing.assert_array_equal(kept, Z)


# ----------------------------------------------------------------- softmax


@given(scores, st.floats(-300, 300))
def test_softmax_is_a_distribution_that_a_shift_does_not_change(scores, shift):
    p = F.softmax(scores)
    assert (p >= 0).all()
    assert np.isclose(p.sum(), 1.0)
    np.testing.assert_allclose(F.softmax(scores + shift), p, atol=1e-9)
    np.testing.assert_allclose(np.exp(F.log_softmax(scores)), p)


def test_softmax_of_two_scores_is_the_sigmoid_of_their_difference():
    pair = np.stack([np.zeros(6), Z_LINE], axis=1)
    np.testing.assert_allclose(F.softmax(pair)[:, 1], F.sigmoid(Z_LINE))


def test_softmax_at_a_thousand():
    np.testing.assert_array_equal(F.softmax(np.array([[-1e3, 1e3]])), [[0.0, 1.0]])
    np.testing.assert_array_equal(F.log_softmax(np.array([[-1e3, 1e3]])), [[-2e3, 0.0]])
    even = F.softmax(np.full((1, 4), 1e3))
    np.testing.assert_array_equal(even, np.full((1, 4), 0.25))


def test_softmax_works_on_the_last_axis():
    cube = RNG.normal(size=(2, 3, 4))
    np.testing.assert_allclose(F.softmax(cube).sum(axis=-1), np.ones((2, 3)))
    np.testing.assert_allclose(F.softmax(cube[0, 0]), F.softmax(cube)[0, 0])


@pytest.mark.parametrize("fun", [F.softmax, F.log_softmax])
def test_softmax_slopes(fun):
    assert check_grad(lambda Z: np.sum(fun(Z) * np.cos(Z)), Z) == 24
    assert np.isfinite(slope(lambda Z: fun(Z) ** 2, np.array([[1e3, -1e3, 0.0]]))).all()


# ------------------------------------------------------------------- losses


def one_hot(t, K=4):
    return np.eye(K)[t]


def test_cross_entropy_by_hand():
    assert np.isclose(F.cross_entropy(np.zeros((3, 5)), np.array([0, 4, 2])), np.log(5.0))
    by_hand = -np.mean(np.log(F.softmax(Z)[np.arange(6), T]))
    assert np.isclose(F.cross_entropy(Z, T), by_hand)
    assert np.isclose(F.cross_entropy(Z, T.tolist()), by_hand)
    assert np.isclose(F.cross_entropy(Z, one_hot(T)), by_hand)


def test_cross_entropy_agrees_with_scikit_learn():
    assert np.isclose(F.cross_entropy(Z, T), metrics.log_loss(T, F.softmax(Z)))
    loss = metrics.log_loss(bits, F.sigmoid(z))
    assert np.isclose(F.binary_cross_entropy(z, bits), loss)
    assert np.isclose(F.zero_one(Z, T), metrics.zero_one_loss(T, Z.argmax(axis=1)))
    assert np.isclose(F.hinge(z, signs), metrics.hinge_loss(signs, z))


def test_soft_targets_mix_the_losses():
    a, b = one_hot(T), one_hot(T[::-1])
    mixed = F.cross_entropy(Z, 0.3 * a + 0.7 * b)
    assert np.isclose(mixed, 0.3 * F.cross_entropy(Z, a) + 0.7 * F.cross_entropy(Z, b))


def test_bars_of_the_losses():
    """∂/∂Z cross-entropy = (softmax - one-hot) / N, and its cousins."""
    bar = grad(F.cross_entropy)(Z, T)
    np.testing.assert_allclose(bar, (F.softmax(Z) - one_hot(T)) / 6)
    bar = grad(F.binary_cross_entropy)(z, bits)
    np.testing.assert_allclose(bar, (F.sigmoid(z) - bits) / 6)
    np.testing.assert_allclose(grad(F.squared_error)(Z, Z[::-1]), (Z - Z[::-1]) / 6)
    bar = grad(F.hinge)(z, signs)
    np.testing.assert_allclose(bar, np.where(signs * z < 1, -signs, 0) / 6)
    bar = grad(F.perceptron)(z, signs)
    np.testing.assert_allclose(bar, np.where(signs * z < 0, -signs, 0) / 6)


LOSSES = [
    (F.cross_entropy, Z, T), (F.cross_entropy, Z, F.softmax(Z[::-1])),
    (F.binary_cross_entropy, z, bits), (F.binary_cross_entropy, z, F.sigmoid(z[::-1])),
    (F.squared_error, Z, Z[::-1]), (F.squared_error, z, z[::-1]), (F.hinge, z, signs),
    (F.squared_hinge, z, signs), (F.logistic, z, signs), (F.perceptron, z, signs),
    (partial(F.cross_entropy, smoothing=0.1), Z, T),
    (partial(F.cross_entropy, smoothing=1.0), Z, F.softmax(Z[::-1])),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "outputs", "targets"), LOSSES)
def test_slopes_of_losses_equal_finite_differences(loss, outputs, targets):
    assert check_grad(lambda Z: loss(Z, targets), outputs) == outputs.size


@pytest.mark.parametrize(("loss", "outputs", "targets"), LOSSES)
def test_a_loss_is_the_mean_over_its_rows(loss, outputs, targets):
    single = [loss(outputs[i : i + 1], targets[i : i + 1]) for i in range(6)]
    assert np.isclose(loss(outputs, targets), np.mean(single))
    doubled = loss(np.concatenate([outputs] * 2), np.concatenate([targets] * 2))
    assert np.isclose(doubled, loss(outputs, targets))
    assert np.ndim(loss(outputs, targets)) == 0
    assert loss(outputs, targets) >= 0


@pytest.mark.parametrize(("loss", "outputs", "targets"), LOSSES)
def test_losses_and_bars_are_finite_at_a_thousand(loss, outputs, targets):
    far = 1000.0 * np.sign(outputs)
    assert np.isfinite(loss(far, targets))
    assert np.isfinite(grad(loss)(far, targets)).all()


@pytest.mark.parametrize(("loss", "outputs", "targets"), LOSSES)
def test_float32_scores_keep_float32_bars(loss, outputs, targets):
    narrow = outputs.astype(np.float32)
    bar = grad(loss)(narrow, targets)
    assert bar.dtype == loss(narrow, targets).dtype == np.float32
    np.testing.assert_allclose(bar, grad(loss)(outputs, targets), atol=1e-6)
    assert np.isclose(loss(narrow, targets), loss(outputs, targets), rtol=1e-6)


def test_a_confident_mistake_costs_its_margin():
    wrong = np.array([[1000.0, -1000.0]])
    assert F.cross_entropy(wrong, np.array([1])) == 2000.0
    assert F.binary_cross_entropy(np.array([1000.0]), np.array([0.0])) == 1000.0
    assert F.logistic(np.array([1000.0]), np.array([-1])) == 1000.0
    assert F.squared_hinge(np.array([1000.0]), np.array([-1])) == 1001.0**2
    assert F.cross_entropy(wrong, np.array([0])) == 0.0


def test_relations_between_the_losses():
    assert np.isclose(F.logistic(z, 2 * bits - 1), F.binary_cross_entropy(z, bits))
    pair = np.stack([np.zeros(6), z], axis=1)
    assert np.isclose(F.cross_entropy(pair, bits), F.binary_cross_entropy(z, bits))
    assert F.hinge(z, signs) >= np.mean(signs * z <= 0)
    assert np.isclose(F.squared_error(z, z + 2.0), 2.0)
    assert np.isclose(F.squared_error(Z, Z + 1.0), 2.0)


def test_zero_one_counts_mistakes():
    Z = np.array([[2.0, 1.0], [0.0, 1.0], [3.0, 1.0], [0.0, 9.0]])
    assert F.zero_one(Z, np.array([0, 1, 1, 1])) == 0.25
    assert F.zero_one(np.zeros((2, 3)), np.array([0, 1])) == 0.5
    z, t = np.array([2.0, -0.1, 3.0, 0.0]), np.array([1, 1, -1, -1])
    assert F.zero_one(z, t) == 0.75
    np.testing.assert_array_equal(grad(F.zero_one)(z[:3], t[:3]), np.zeros(3))
    np.testing.assert_array_equal(grad(F.zero_one)(Z, np.array([0, 1, 1, 1])), 0.0 * Z)


def test_losses_by_hand():
    z, t = np.array([0.5, -2.0, 3.0]), np.array([1, 1, -1])
    assert np.isclose(F.hinge(z, t), (0.5 + 3.0 + 4.0) / 3)
    assert np.isclose(F.squared_hinge(z, t), (0.25 + 9.0 + 16.0) / 3)
    assert np.isclose(F.perceptron(z, t), (0.0 + 2.0 + 3.0) / 3)
    assert np.isclose(F.logistic(z, t), np.mean(np.log(1 + np.exp(-t * z))))
    assert np.isclose(F.squared_error(z, t), (0.25 + 9.0 + 16.0) / 6)


margins = st.lists(st.floats(-1000, 1000), min_size=1, max_size=5).map(np.array)


@given(margins, st.integers(0, 2**5 - 1))
@example(np.array([1000.0, -1000.0, 1000.0, -1000.0, 0.0]), 0b00110)
def test_both_forms_of_the_logistic_loss_are_equal(z, code):
    bits = (code >> np.arange(len(z))) & 1
    a, b = F.logistic(z, 2 * bits - 1), F.binary_cross_entropy(z, bits)
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    a, b = grad(F.logistic)(z, 2 * bits - 1), grad(F.binary_cross_entropy)(z, bits)
    np.testing.assert_allclose(a, b, atol=1e-15)


@given(margins, st.integers(0, 2**5 - 1))
def test_surrogates_bound_the_zero_one_loss(z, code):
    t = 2 * ((code >> np.arange(len(z))) & 1) - 1
    mistakes = F.zero_one(z, t) - 1e-12
    assert F.hinge(z, t) >= mistakes
    assert F.squared_hinge(z, t) >= mistakes
    assert F.logistic(z, t) / np.log(2.0) >= mistakes


# ----------------------------------------------------------- label smoothing


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7, 1.0])
def test_smoothing_moves_a_share_of_every_target_row_to_all_classes(smoothing):
    rows = (1 - smoothing) * one_hot(T) + smoothing / 4
    expected = F.cross_entropy(Z, rows)
    assert np.isclose(F.cross_entropy(Z, T, smoothing), expected)
    assert np.isclose(F.cross_entropy(Z, one_hot(T), smoothing), expected)
    bar = grad(F.cross_entropy)(Z, T, smoothing)
    np.testing.assert_allclose(bar, (F.softmax(Z) - rows) / 6, atol=1e-15)


def test_smoothing_has_a_best_score_that_is_finite():
    """At log of the smoothed row the bar is 0; further out the loss grows again."""
    row = np.array([[0.9 + 0.1 / 3, 0.1 / 3, 0.1 / 3]])
    best, t = np.log(row), np.array([0])
    np.testing.assert_allclose(grad(F.cross_entropy)(best, t, 0.1), 0.0, atol=1e-15)
    losses = [F.cross_entropy(c * best, t, 0.1) for c in (1.0, 2.0, 4.0)]
    assert losses == sorted(losses)
    assert F.cross_entropy(4 * best, t) < F.cross_entropy(best, t)


def test_smoothing_agrees_with_torch():
    reason = "PyTorch is a peer of the benchmarks and not installed with the course"
    torch = pytest.importorskip("torch", reason=reason)
    peer = torch.nn.functional.cross_entropy
    loss = peer(torch.tensor(Z), torch.tensor(T), label_smoothing=0.1)
    assert np.isclose(F.cross_entropy(Z, T, 0.1), loss.item(), rtol=1e-12)


# ---------------------------------------------------------------- derivatives

SLOPES = [
    (F.linear, lambda z: np.ones_like(z)),
    (F.relu, lambda z: np.where(z > 0, 1.0, 0.0)),
    (F.leaky_relu, lambda z: np.where(z > 0, 1.0, 0.1)),
    (F.softplus, scipy.special.expit),
    (F.sigmoid, lambda z: scipy.special.expit(z) * scipy.special.expit(-z)),
    (F.tanh, lambda z: 1 / np.cosh(z) ** 2),
    (F.threshold, lambda z: np.zeros_like(z)),
]


@pytest.mark.parametrize(("activation", "derivative"), SLOPES)
def test_slopes_equal_their_formulas(activation, derivative):
    line = np.concatenate([np.linspace(-20, 20, 40), [-1000.0, 0.0, 700.0]])
    with np.errstate(over="ignore"):
        expected = derivative(line)
    np.testing.assert_allclose(slope(activation, line), expected, atol=1e-15)


@pytest.mark.parametrize("fun", [F.sigmoid, F.tanh, F.log_softmax, F.softmax])
def test_slopes_equal_complex_steps(fun):
    """Im f(x + ih) / h subtracts nothing, so it agrees to rounding."""
    direction = RNG.normal(size=Z.shape)
    exact = np.imag(np.sum(fun(Z + 1e-30j * direction) * np.cos(Z))) / 1e-30
    bar = grad(lambda Y: np.sum(fun(Y) * np.cos(Z)))(Z)
    assert np.isclose(np.sum(bar * direction), exact, rtol=1e-13)


ROW_SLOPES = [
    (F.hinge, lambda z, t: np.where(t * z < 1, -t, 0.0)),
    (F.squared_hinge, lambda z, t: -2 * t * np.maximum(0.0, 1 - t * z)),
    (F.logistic, lambda z, t: -t * scipy.special.expit(-t * z)),
    (F.perceptron, lambda z, t: np.where(t * z < 0, -t, 0.0)),
]


@pytest.mark.parametrize(("loss", "derivative"), ROW_SLOPES)
def test_slopes_of_margin_losses_equal_their_formulas(loss, derivative):
    """At the kinks too: t z = 1 for the hinge, t z = 0 for the perceptron."""
    z = np.array([-1000.0, -2.0, -1.0, 0.0, 0.0, 0.3, 1.0, 1.0, 2.0, 1000.0])
    t = np.array([1, -1, -1, 1, -1, 1, 1, -1, 1, 1])
    np.testing.assert_allclose(grad(loss)(z, t), derivative(z, t) / 10, atol=1e-15)


def test_the_jacobian_of_softmax_is_diag_p_minus_p_p():
    p = F.softmax(Z[0])
    J = np.stack([grad(lambda z, k=k: F.softmax(z)[k])(Z[0]) for k in range(4)])
    np.testing.assert_allclose(J, np.diag(p) - np.outer(p, p), atol=1e-15)


# ------------------------------------------------------------------ convexity

number = st.floats(-30, 30)
share = st.floats(0, 1)
CONVEX = [F.linear, F.relu, F.leaky_relu, F.softplus]


@pytest.mark.parametrize("fun", CONVEX)
@given(number, number, share)
def test_no_chord_of_a_convex_activation_runs_below_it(fun, a, b, c):
    assert fun(c * a + (1 - c) * b) <= c * fun(a) + (1 - c) * fun(b) + 1e-9


@pytest.mark.parametrize("fun", [F.sigmoid, F.tanh, F.threshold])
def test_activations_that_are_neither_convex_nor_concave(fun):
    """A chord left of 0 runs above the graph, the mirrored one below it."""
    above = (fun(-4.0) + fun(1.0)) / 2 - fun(-1.5)
    below = (fun(-1.0) + fun(4.0)) / 2 - fun(1.5)
    assert above > 0.1
    assert below < -0.1


def test_leaky_relu_with_a_slope_above_one_is_concave():
    bent = lambda z: F.leaky_relu(z, slope=2.0)
    assert bent(0.0) > (bent(-1.0) + bent(1.0)) / 2


rows_of_scores = st.lists(number, min_size=8, max_size=8).map(
    lambda z: np.array(z).reshape(2, 4)
)


@given(rows_of_scores, rows_of_scores, share)
def test_log_softmax_is_concave_and_softmax_is_neither(A, B, c):
    middle = F.log_softmax(c * A + (1 - c) * B)
    assert (middle >= c * F.log_softmax(A) + (1 - c) * F.log_softmax(B) - 1e-9).all()
    left, right = np.array([[-4.0, 0.0]]), np.array([[1.0, 0.0]])
    chord = (F.softmax(left) + F.softmax(right)) / 2 - F.softmax((left + right) / 2)
    assert chord[0, 0] > 0.1 > -0.1 > chord[0, 1]


@pytest.mark.parametrize(("loss", "outputs", "targets"), LOSSES)
@given(rows_of_scores, rows_of_scores, share)
def test_losses_are_convex_in_the_scores(loss, outputs, targets, A, B, c):
    """Jensen's law on random chords; every loss here but zero-one obeys it."""
    targets = targets[:2] if outputs.ndim == 2 else targets[:4]
    A, B = (A, B) if outputs.ndim == 2 else (A[0], B[0])
    chord = c * loss(A, targets) + (1 - c) * loss(B, targets)
    assert loss(c * A + (1 - c) * B, targets) <= chord + 1e-9 * (1 + chord)


@pytest.mark.parametrize(("loss", "outputs", "targets"), LOSSES)
def test_hessians_of_losses_have_no_negative_eigenvalue(loss, outputs, targets):
    H = hessian(lambda Z: loss(Z, targets))(outputs).reshape(outputs.size, -1)
    np.testing.assert_allclose(H, H.T, atol=1e-15)
    assert np.linalg.eigvalsh(H).min() > -1e-15


def test_the_hessian_of_cross_entropy_is_diag_p_minus_p_p():
    p = F.softmax(Z[0])
    H = hessian(lambda Z: F.cross_entropy(Z, T[:1]))(Z[:1]).reshape(4, 4)
    np.testing.assert_allclose(H, np.diag(p) - np.outer(p, p), atol=1e-15)
    np.testing.assert_allclose(H @ np.ones(4), 0.0, atol=1e-15)


@pytest.mark.parametrize("loss", SIGNED)
def test_a_convex_loss_is_convex_in_the_weights_of_a_linear_model(loss):
    X = RNG.normal(size=(6, 3))
    cost = lambda w: loss(X @ w, signs)
    for a, b in RNG.normal(scale=3.0, size=(20, 2, 3)):
        assert cost((a + b) / 2) <= (cost(a) + cost(b)) / 2 + 1e-12


def test_zero_one_is_not_convex():
    one = np.array([1])
    losses = [F.zero_one(np.array([z]), one) for z in (-3.0, -1.0, 1.0)]
    assert losses == [1.0, 1.0, 0.0]
    assert losses[1] > (losses[0] + losses[2]) / 2
    rows = [np.array([[z, 0.0]]) for z in (-3.0, -1.0, 1.0)]
    assert [F.zero_one(Z, np.array([0])) for Z in rows] == [1.0, 1.0, 0.0]


def test_squared_error_behind_a_sigmoid_is_not_convex():
    """There a wrong and confident score lies on a plateau; cross-entropy has none."""
    one, far = np.array([1.0]), np.array([-20.0])
    squared = lambda z: F.squared_error(F.sigmoid(z), one)
    assert squared(0.15 * far) > (squared(0.3 * far) + squared(0.0 * far)) / 2 + 0.1
    assert abs(grad(squared)(far)) < 1e-8
    assert np.isclose(grad(F.binary_cross_entropy)(far, one), -1.0)


# ----------------------------------------------------------------- refusals


@pytest.mark.parametrize("loss", [F.cross_entropy, F.zero_one])
@pytest.mark.parametrize(
    ("Z", "t", "words"),
    [
        (np.zeros((2, 3)), np.array([0, 3]), r"classes in 0…2, .*from 0 to 3"),
        (np.zeros((2, 3)), np.array([-1, 0]), r"classes in 0…2, .*from -1 to 0"),
        (np.zeros((2, 3)), np.array([0, 1, 2]), r"\(2, 3\) and targets of shape \(3,\)"),
        (np.zeros((2, 3)), np.array([[0], [1]]), r"targets of shape \(2, 1\)"),
        (np.zeros((2, 3)), np.array([0.0, 1.0]), "float64.*astype"),
        (np.zeros((2, 3)), np.array([True, False]), "bool"),
        (np.zeros(3), 1, r"shape \(3,\)"),
        (np.zeros((0, 3)), np.zeros(0, dtype=int), "at least one row"),
    ],
)
def test_classes_that_do_not_fit_are_refused(loss, Z, t, words):
    with pytest.raises(ValueError, match=words):
        loss(Z, t)


def test_one_row_of_scores_without_a_batch_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        F.cross_entropy(np.zeros(3), np.array([1.0, 0.0, 0.0]))


PAIRED = [F.squared_error, F.binary_cross_entropy, *SIGNED]


@pytest.mark.parametrize("loss", PAIRED)
def test_outputs_and_targets_of_different_shapes_are_refused(loss):
    words = rf"{loss.__name__} needs .*\(4, 1\) and \(4,\).*Broadcasting"
    with pytest.raises(ValueError, match=words):
        loss(np.zeros((4, 1)), np.ones(4))


@pytest.mark.parametrize("loss", PAIRED)
@pytest.mark.parametrize("empty", [np.zeros(0), 0.5])
def test_a_loss_without_a_row_is_refused(loss, empty):
    with pytest.raises(ValueError, match="at least one row"):
        loss(empty, np.ones_like(empty))


@pytest.mark.parametrize("loss", [*SIGNED, F.zero_one])
def test_targets_that_are_not_signs_are_refused(loss):
    with pytest.raises(ValueError, match=rf"{loss.__name__}.*-1 or \+1.*2 \* t - 1"):
        loss(np.zeros(2), np.array([0, 1]))


@pytest.mark.parametrize("t", [[2.0, 0.0], [-1.0, 1.0], [np.nan, 0.0]])
def test_targets_that_are_no_probabilities_are_refused(t):
    with pytest.raises(ValueError, match=r"binary_cross_entropy.*\[0, 1\]"):
        F.binary_cross_entropy(np.zeros(2), np.array(t))


@pytest.mark.parametrize("smoothing", [-0.1, 1.5, np.nan])
def test_a_share_that_is_none_is_refused(smoothing):
    with pytest.raises(ValueError, match=r"smoothing in \[0, 1\], but got"):
        F.cross_entropy(Z, T, smoothing)


def test_rows_of_targets_with_a_negative_entry_are_refused():
    with pytest.raises(ValueError, match=r"cross_entropy.*probabilities.*smallest is -0.5"):
        F.cross_entropy(np.zeros((1, 2)), np.array([[1.5, -0.5]]))


@pytest.mark.parametrize("row", [[1.0, 1.0], [0.2, 0.2], [np.nan, 0.5]])
def test_rows_of_targets_that_are_no_probabilities_are_refused(row):
    with pytest.raises(ValueError, match=r"cross_entropy.*sum to 1"):
        F.cross_entropy(np.zeros((1, 2)), np.array([row]))


@pytest.mark.parametrize("loss", PAIRED)
def test_targets_may_be_a_list(loss):
    assert loss(np.zeros(2), [1, 1]) == loss(np.zeros(2), np.array([1, 1]))
