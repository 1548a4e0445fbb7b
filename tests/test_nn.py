"""Layers and networks: initial draws, dropout, batch norm, penalties, refusals."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from coursecore import check_grad, data, grad, nn, optim, tree, value_and_grad
from coursecore import functional as F

RNG = np.random.default_rng(2)
X = RNG.normal(size=(5, 3))


def test_linear_by_hand():
    layer = {
        "W": np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]),
        "b": np.array([10.0, 20.0]),
    }
    given = nn.linear(layer, np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0]]))
    np.testing.assert_array_equal(given, [[16.0, 20.0], [15.0, 21.0]])
    np.testing.assert_array_equal(nn.linear(layer, np.ones(3)), [16.0, 20.0])


def test_mlp_is_layer_after_layer():
    params = nn.init_mlp(RNG, [3, 4, 2])
    by_hand = nn.linear(params[1], np.tanh(nn.linear(params[0], X)))
    np.testing.assert_array_equal(nn.mlp(params, X), by_hand)
    by_hand = nn.linear(params[1], F.relu(nn.linear(params[0], X)))
    np.testing.assert_array_equal(nn.mlp(params, X, F.relu), by_hand)
    single = nn.init_mlp(RNG, [3, 2])
    np.testing.assert_array_equal(nn.mlp(single, X), nn.linear(single[0], X))


def test_each_row_is_treated_alone():
    params = nn.init_mlp(RNG, [3, 6, 4])
    rows = [nn.mlp(params, row[None])[0] for row in X]
    np.testing.assert_allclose(nn.mlp(params, X), rows)


@pytest.mark.parametrize("activation", [F.tanh, F.sigmoid, F.softplus])
def test_gradients_of_a_network(activation):
    params = nn.init_mlp(RNG, [3, 5, 4, 2])
    t = np.array([0, 1, 1, 0, 1])

    def cost(params):
        return F.cross_entropy(nn.mlp(params, X, activation), t) + 0.1 * nn.l2(params)

    assert check_grad(cost, params) == 3 * 5 + 5 + 5 * 4 + 4 + 4 * 2 + 2


@pytest.mark.parametrize(("init", "fan"), [("glorot", 300 + 200), ("he", 300)])
def test_initial_weights_fill_the_stated_interval(init, fan):
    layer = nn.init_linear(np.random.default_rng(0), 300, 200, init)
    bound = np.sqrt(6.0 / fan)
    assert layer["W"].shape == (200, 300)
    assert np.abs(layer["W"]).max() <= bound
    assert np.abs(layer["W"]).max() > 0.999 * bound
    assert np.isclose(layer["W"].std(), bound / np.sqrt(3), rtol=0.01)
    assert abs(layer["W"].mean()) < 0.01 * bound
    np.testing.assert_array_equal(layer["b"], np.zeros(200))


# An initialisation, the variance it promises for W (200, 300), and its distribution.
DRAWS = [
    (partial(nn.init_uniform, bound=0.3), 0.09 / 3, stats.uniform(-0.3, 0.6)),
    ("uniform", 0.01 / 3, stats.uniform(-0.1, 0.2)),
    (partial(nn.init_gaussian, std=2.0), 4.0, stats.norm(scale=2.0)),
    ("gaussian", 1e-4, stats.norm(scale=0.01)),
    ("glorot", 2 / 500, stats.uniform(-np.sqrt(6 / 500), 2 * np.sqrt(6 / 500))),
    ("glorot_normal", 2 / 500, stats.norm(scale=np.sqrt(2 / 500))),
    ("he", 2 / 300, stats.uniform(-np.sqrt(6 / 300), 2 * np.sqrt(6 / 300))),
    ("he_normal", 2 / 300, stats.norm(scale=np.sqrt(2 / 300))),
]


@pytest.mark.parametrize(("init", "variance", "law"), DRAWS)
def test_initial_weights_follow_their_law(init, variance, law):
    """60,000 draws: the variance to 3 %, the distribution by Kolmogorov and Smirnov."""
    layer = nn.init_linear(np.random.default_rng(0), 300, 200, init)
    W = layer["W"].ravel()
    assert np.isclose(law.var(), variance)
    assert np.isclose(W.var(), variance, rtol=0.03)
    assert abs(W.mean()) < 5 * np.sqrt(variance / W.size)
    assert stats.kstest(W, law.cdf).pvalue > 1e-3
    np.testing.assert_array_equal(layer["b"], np.zeros(200))


def test_weights_of_one_value():
    zero, constant = (nn.init_linear(RNG, 3, 2, init) for init in ("zero", "constant"))
    np.testing.assert_array_equal(zero["W"], np.zeros((2, 3)))
    np.testing.assert_array_equal(constant["W"], np.full((2, 3), 0.1))
    ones = nn.init_linear(RNG, 3, 2, partial(nn.init_constant, value=1))
    np.testing.assert_array_equal(ones["W"], np.ones((2, 3)))
    assert ones["W"].dtype == np.float64


def test_names_and_functions_of_initialisation_draw_alike():
    for name, init in nn.INITIALISATIONS.items():
        assert init is getattr(nn, f"init_{name}")
        a, b = (
            nn.init_mlp(np.random.default_rng(5), [4, 3, 2], init=choice)
            for choice in (name, init)
        )
        assert same(a, b)


def test_an_initialisation_of_ones_own_sets_the_precision():
    narrow = lambda rng, shape: nn.init_he(rng, shape).astype(np.float32)
    params = nn.init_mlp(np.random.default_rng(0), [3, 4, 2], init=narrow)
    assert {leaf.dtype for leaf in tree.leaves(params)} == {np.dtype(np.float32)}
    assert nn.mlp(params, X.astype(np.float32)).dtype == np.float32


def moments(activation, init, num_layers=10, width=400):
    """Send unit Gaussian rows through equal layers; list the mean square of each."""
    H = np.random.default_rng(7).normal(size=(500, width))
    sizes = [width] * (num_layers + 1)
    params = nn.init_mlp(np.random.default_rng(8), [*sizes, 1], init)
    return [np.mean(H**2) for H in nn.activations(params, H, activation)]


@pytest.mark.parametrize("init", ["he", "he_normal"])
def test_he_keeps_the_mean_square_through_ten_relu_layers(init):
    """Each stays within a quarter of 1; half of the variance would leave 2⁻¹⁰."""
    np.testing.assert_allclose(moments(F.relu, init), 1.0, rtol=0.25)
    assert moments(F.relu, "glorot")[-1] < 2.0**-9


@pytest.mark.parametrize("init", ["glorot", "glorot_normal"])
def test_glorot_takes_tanh_layers_along_the_expected_path(init):
    """For wide layers q' = E tanh²(√q z), z a unit Gaussian; the integral is the oracle.

    The mean square falls like 1/(2 l), not geometrically: after ten layers 0.05 is left.
    """
    q, path = 1.0, []
    z, share = np.polynomial.hermite_e.hermegauss(60)
    for _ in range(10):
        q = np.sum(share * np.tanh(np.sqrt(q) * z) ** 2) / np.sqrt(2 * np.pi)
        path.append(q)
    given = moments(F.tanh, init)
    np.testing.assert_allclose(given, path, rtol=0.1)
    assert given[-1] > 0.04
    small = moments(F.tanh, "gaussian")
    assert small[-1] < 1e-6
    large = moments(F.tanh, partial(nn.init_gaussian, std=1.0))
    assert large[-1] > 0.9


def test_glorot_keeps_values_and_bars_alike_through_linear_layers():
    """Through equal layers both keep their mean square, for Var W = 1/M = 1/D."""
    params = nn.init_mlp(np.random.default_rng(9), [400] * 11, "glorot")
    H = np.random.default_rng(10).normal(size=(200, 400))
    bar = np.random.default_rng(11).normal(size=(200, 400))
    Z = nn.mlp(params, H, F.linear)
    H_bar = grad(lambda H: np.sum(bar * nn.mlp(params, H, F.linear)))(H)
    np.testing.assert_allclose(np.mean(Z**2), 1.0, rtol=0.15)
    np.testing.assert_allclose(np.mean(H_bar**2), 1.0, rtol=0.15)


def test_initial_draws_follow_the_rng_alone():
    a, b = (nn.init_mlp(np.random.default_rng(3), [2, 3, 1]) for _ in range(2))
    for first, second in zip(a, b, strict=True):
        np.testing.assert_array_equal(first["W"], second["W"])
    c = nn.init_mlp(np.random.default_rng(4), [2, 3, 1])
    assert not np.array_equal(a[0]["W"], c[0]["W"])
    assert not np.array_equal(*nn.init_mlp(np.random.default_rng(3), [2, 2, 2])[0]["W"])


# ------------------------------------------------------------- symmetric units


def cost_of(params, activation=F.tanh):
    t = np.array([0, 1, 1, 0, 1])
    return F.cross_entropy(nn.mlp(params, X, activation), t)


def test_under_zero_weights_the_output_bias_alone_has_a_gradient():
    """Deck L says that all gradients are 0 there. All are, but that of the last b."""
    params = nn.init_mlp(RNG, [3, 4, 4, 2], init="zero")
    grads = grad(cost_of)(params)
    for layer in grads[:-1]:
        np.testing.assert_array_equal(layer["W"], np.zeros_like(layer["W"]))
        np.testing.assert_array_equal(layer["b"], np.zeros_like(layer["b"]))
    np.testing.assert_array_equal(grads[-1]["W"], np.zeros((2, 4)))
    np.testing.assert_allclose(grads[-1]["b"], [0.5 - 2 / 5, 0.5 - 3 / 5])
    assert cost_of(params) == np.log(2.0)


def test_a_sigmoid_is_half_at_zero_so_its_outgoing_weights_do_move():
    grads = grad(cost_of)(nn.init_mlp(RNG, [3, 4, 2], init="zero"), F.sigmoid)
    np.testing.assert_allclose(grads[1]["W"], np.tile([[0.05], [-0.05]], 4))
    np.testing.assert_array_equal(grads[0]["W"], np.zeros((4, 3)))


@pytest.mark.parametrize("init", ["zero", "constant"])
def test_equal_units_stay_equal(init):
    params = nn.init_mlp(np.random.default_rng(0), [3, 4, 2], init)
    sgd = optim.SGD(lr=0.5)
    for _ in range(20):
        params, _ = sgd.step(params, grad(cost_of)(params, F.sigmoid), None)
    W = params[0]["W"]
    assert np.abs(W).max() > 1e-3
    np.testing.assert_allclose(W, np.tile(W[:1], (4, 1)), rtol=1e-12)
    drawn = nn.init_mlp(np.random.default_rng(0), [3, 4, 2])
    for _ in range(20):
        drawn, _ = sgd.step(drawn, grad(cost_of)(drawn, F.sigmoid), None)
    assert np.ptp(drawn[0]["W"], axis=0).min() > 0.1


# ----------------------------------------------------- activations of each layer


def test_activations_are_the_values_of_the_hidden_layers():
    params = nn.init_mlp(RNG, [3, 4, 6, 2])
    first, second = nn.activations(params, X, F.sigmoid)
    np.testing.assert_array_equal(first, F.sigmoid(nn.linear(params[0], X)))
    np.testing.assert_array_equal(second, F.sigmoid(nn.linear(params[1], first)))
    scores = nn.mlp(params, X, F.sigmoid)
    np.testing.assert_array_equal(nn.linear(params[2], second), scores)
    assert nn.activations(nn.init_mlp(RNG, [3, 2]), X) == []


def test_each_hidden_layer_may_have_an_activation_of_its_own():
    params = nn.init_mlp(RNG, [3, 4, 6, 2])
    H = F.relu(nn.linear(params[1], F.sigmoid(nn.linear(params[0], X))))
    scores = nn.mlp(params, X, [F.sigmoid, F.relu])
    np.testing.assert_array_equal(scores, nn.linear(params[2], H))
    classes = nn.predict(params, X, (F.sigmoid, F.relu))
    np.testing.assert_array_equal(classes, scores.argmax(axis=1))


@pytest.mark.parametrize("functions", [[], [F.relu], [F.relu] * 3])
def test_a_wrong_number_of_activations_is_refused(functions):
    params = nn.init_mlp(RNG, [3, 4, 6, 2])
    with pytest.raises(ValueError, match=f"2 hidden layers, but got {len(functions)}"):
        nn.mlp(params, X, functions)


# ---------------------------------------------------------------------- dropout


def test_without_rng_or_rate_dropout_is_the_identity():
    assert nn.dropout(None, X, 0.5) is X
    assert nn.dropout(RNG, X, 0.0) is X


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_dropout_keeps_the_expectation(rate):
    """Each entry is 0 or H/(1 - rate): mean H, variance H² rate/(1 - rate)."""
    H = np.array([-3.0, 0.5, 2.0])
    rng = np.random.default_rng(0)
    many = nn.dropout(rng, np.tile(H, (20_000, 1)), rate)
    dropped = many == 0
    np.testing.assert_allclose(dropped.mean(axis=0), rate, atol=0.02)
    np.testing.assert_allclose(
        many[~dropped], np.tile(H, (20_000, 1))[~dropped] / (1 - rate)
    )
    spread = np.abs(H) * np.sqrt(rate / (1 - rate))
    assert (np.abs(many.mean(axis=0) - H) < 4 * spread / np.sqrt(20_000)).all()
    np.testing.assert_allclose(many.std(axis=0), spread, rtol=0.03)
    assert abs(np.corrcoef(dropped[:, 0], dropped[:, 1])[0, 1]) < 0.03


def test_a_bar_flows_where_nothing_was_dropped():
    dropped = lambda H: nn.dropout(np.random.default_rng(3), H, 0.4)
    H = np.ones((4, 5))
    H_bar = grad(lambda H: np.sum(dropped(H)))(H)
    np.testing.assert_array_equal(H_bar, dropped(H))
    assert set(np.unique(H_bar)) == {0.0, 1 / 0.6}


def test_a_network_with_dropout():
    params = nn.init_mlp(np.random.default_rng(0), [3, 8, 8, 2])
    noisy = partial(nn.mlp, params, X, F.relu, dropout_rate=0.5)
    a, b = (noisy(rng=np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, noisy(rng=np.random.default_rng(2)))
    np.testing.assert_array_equal(noisy(rng=None), nn.mlp(params, X, F.relu))
    values = nn.activations(params, X, rng=np.random.default_rng(1), dropout_rate=0.5)
    assert all(0.2 < np.mean(H == 0) < 0.8 for H in values)

    def cost(params):
        rng = np.random.default_rng(1)
        return np.sum(np.cos(nn.mlp(params, X, rng=rng, dropout_rate=0.5)))

    assert check_grad(cost, params) == 4 * 8 + 9 * 8 + 9 * 2


@pytest.mark.parametrize("rate", [1.0, -0.1, np.nan])
def test_a_rate_that_leaves_nothing_is_refused(rate):
    with pytest.raises(ValueError, match=r"rate in \[0, 1\), but got"):
        nn.dropout(None, X, rate)


def test_dropout_keeps_the_precision():
    H = X.astype(np.float32)
    assert nn.dropout(RNG, H, np.float64(0.5)).dtype == np.float32


# ------------------------------------------------------------------- batch norm


def norm_layer():
    return nn.init_batch_norm(3) | {
        "gain": np.array([1.0, 2.0, -0.5]), "shift": np.array([0.0, 5.0, 1.0])
    }  # fmt: skip


def test_in_training_every_column_has_the_mean_and_spread_of_the_layer():
    layer = norm_layer()
    Y, statistics = nn.batch_norm(layer, 7.0 + 3.0 * X, training=True)
    np.testing.assert_allclose(Y.mean(axis=0), layer["shift"], atol=1e-12)
    np.testing.assert_allclose(Y.std(axis=0), np.abs(layer["gain"]), rtol=1e-4)
    np.testing.assert_allclose(statistics["mean"], 7.0 + 3.0 * X.mean(axis=0))
    np.testing.assert_allclose(statistics["var"], 9.0 * X.var(axis=0, ddof=1))
    exact, _ = nn.batch_norm(layer, X, training=True, epsilon=0.0)
    by_hand = (X - X.mean(axis=0)) / X.std(axis=0) * layer["gain"] + layer["shift"]
    np.testing.assert_allclose(exact, by_hand)


def test_batch_norm_undoes_shift_and_scale():
    a, _ = nn.batch_norm(norm_layer(), X, True, epsilon=0.0)
    moved = X * np.array([2.0, 100.0, 0.01]) + np.array([5.0, -3.0, 1.0])
    b, _ = nn.batch_norm(norm_layer(), moved, True, epsilon=0.0)
    np.testing.assert_allclose(a, b, rtol=1e-9)


def test_in_evaluation_each_row_is_treated_alone():
    layer = norm_layer() | {"mean": np.array([1.0, 2.0, 3.0]), "var": np.full(3, 4.0)}
    Y, statistics = nn.batch_norm(layer, X, training=False, epsilon=0.0)
    assert statistics is None
    by_hand = (X - layer["mean"]) / 2 * layer["gain"] + layer["shift"]
    np.testing.assert_allclose(Y, by_hand)
    rows = [nn.batch_norm(layer, row[None], False, epsilon=0.0)[0][0] for row in X]
    np.testing.assert_array_equal(Y, rows)


def test_a_new_layer_is_the_identity_in_evaluation():
    Y, _ = nn.batch_norm(nn.init_batch_norm(3), X, training=False, epsilon=0.0)
    np.testing.assert_array_equal(Y, X)


@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_batch_norm(training):
    def cost(layer, X):
        return np.sum(np.cos(nn.batch_norm(layer, X, training)[0]) * X**2)

    assert check_grad(partial(cost, norm_layer()), X) == 15
    assert check_grad(lambda layer: cost(layer, X), norm_layer()) == 12
    statistics = {name: grad(cost)(norm_layer(), X)[name] for name in ("mean", "var")}
    for bar in statistics.values():
        assert np.any(bar != 0) != training


def test_bars_through_the_batch_statistics():
    """X_bar of a column is orthogonal to 1 and to the normalised column.

    For neither a shift nor, but for ε, a scale of the column changes the output.
    """
    bar = RNG.normal(size=X.shape)
    output = lambda X: nn.batch_norm(norm_layer(), X, True, epsilon=0.0)[0]
    X_bar = grad(lambda X: np.sum(bar * output(X)))(X)
    np.testing.assert_allclose(X_bar.sum(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose((X_bar * X).sum(axis=0), 0.0, atol=1e-12)
    X_hat = (X - X.mean(axis=0)) / X.std(axis=0)
    B = bar * norm_layer()["gain"]
    by_hand = B - B.mean(axis=0) - X_hat * (B * X_hat).mean(axis=0)
    np.testing.assert_allclose(X_bar, by_hand / X.std(axis=0), atol=1e-12)


def test_a_bias_before_batch_norm_has_no_gradient():
    layer = nn.init_linear(np.random.default_rng(0), 3, 3)
    cost = lambda layer: np.sum(
        np.sin(nn.batch_norm(norm_layer(), nn.linear(layer, X), True)[0])
    )
    grads = grad(cost)(layer)
    np.testing.assert_allclose(grads["b"], 0.0, atol=1e-12)
    assert np.abs(grads["W"]).max() > 0.1


def test_a_constant_column_is_normalised_to_the_shift():
    flat = np.full((4, 3), 2.5)
    Y, _ = nn.batch_norm(norm_layer(), flat, training=True)
    np.testing.assert_array_equal(Y, np.tile(norm_layer()["shift"], (4, 1)))
    bar = grad(lambda X: np.sum(nn.batch_norm(norm_layer(), X, True)[0] ** 3))(flat)
    assert np.isfinite(bar).all()


def test_batch_norm_agrees_with_torch():
    reason = "PyTorch is a peer of the benchmarks and not installed with the course"
    torch = pytest.importorskip("torch", reason=reason)
    peer, layer = torch.nn.BatchNorm1d(3, dtype=torch.float64), norm_layer()
    peer.weight.data = torch.tensor(layer["gain"])
    peer.bias.data = torch.tensor(layer["shift"])
    for batch in (X, X**2, np.cos(X)):
        Y, statistics = nn.batch_norm(layer, batch, training=True)
        layer = nn.update_statistics(layer, statistics)
        theirs = peer(torch.tensor(batch)).detach().numpy()
        np.testing.assert_allclose(Y, theirs, rtol=1e-10)
    peer.eval()
    theirs = peer(torch.tensor(X)).detach().numpy()
    np.testing.assert_allclose(nn.batch_norm(layer, X, False)[0], theirs, rtol=1e-10)


@pytest.mark.parametrize("wrong", [np.ones((5, 4)), np.ones(3), np.ones((2, 2, 3)), 1.0])
def test_inputs_that_do_not_fit_a_batch_norm_layer_are_refused(wrong):
    with pytest.raises(ValueError, match=r"takes 3 units, X of shape \(N, 3\)"):
        nn.batch_norm(norm_layer(), wrong, training=True)


def test_a_batch_of_one_row_is_refused_in_training():
    with pytest.raises(ValueError, match=r"two rows in training.*\(1, 3\).*batch_size"):
        nn.batch_norm(norm_layer(), X[:1], training=True)


# ----------------------------------------------------------- running statistics


def test_running_statistics_reach_those_of_the_data():
    layer, rng = nn.init_batch_norm(2), np.random.default_rng(0)
    for _ in range(300):
        batch = rng.normal([3.0, -1.0], [2.0, 0.5], size=(64, 2))
        _, statistics = nn.batch_norm(layer, batch, training=True)
        layer = nn.update_statistics(layer, statistics, momentum=0.98)
    np.testing.assert_allclose(layer["mean"], [3.0, -1.0], atol=0.1)
    np.testing.assert_allclose(layer["var"], [4.0, 0.25], rtol=0.1)
    np.testing.assert_array_equal(layer["gain"], np.ones(2))


def test_statistics_are_placed_as_the_layers_are():
    norm, dense = nn.init_batch_norm(1), nn.init_linear(RNG, 1, 1)
    params = [dense, norm, {"inner": norm, "out": dense}]
    new = {"mean": np.array([10.0]), "var": np.array([3.0])}
    kept = tree.map(np.copy, params)
    moved = nn.update_statistics(params, [None, new, {"inner": new}], momentum=0.5)
    assert same(params, kept)
    assert same([moved[0], moved[2]["out"]], [dense, dense])
    for layer in (moved[1], moved[2]["inner"]):
        np.testing.assert_array_equal(layer["mean"], [5.0])
        np.testing.assert_array_equal(layer["var"], [2.0])
    assert same(nn.update_statistics(params, None), params)


def test_statistics_keep_the_precision_of_the_parameters():
    layer = tree.map(lambda leaf: leaf.astype(np.float32), norm_layer())
    Y, statistics = nn.batch_norm(layer, X.astype(np.float32), training=True)
    assert {Y.dtype, *(s.dtype for s in statistics.values())} == {np.dtype(np.float32)}
    wide = nn.batch_norm(layer, X, training=True)[1]
    assert nn.update_statistics(layer, wide)["var"].dtype == np.float32


@pytest.mark.parametrize("wrong", [{"norm": {"mean": 1.0}}, [None, {"mean": 1.0}], 1.0])
def test_statistics_without_a_place_are_refused(wrong):
    with pytest.raises(ValueError, match="placed as the layers are in params, but got"):
        nn.update_statistics({"out": norm_layer()}, wrong)


def test_a_network_with_batch_norm_learns():
    """The whole of it: gradients through the batch, statistics put back after a step.

    The inputs lie far from 0, so that tanh units without it are saturated for good.
    """
    rows, t = data.moons(np.random.default_rng(0), 200)
    rows = 1000.0 + 10.0 * rows
    rng = np.random.default_rng(1)
    params = {
        "hidden": nn.init_linear(rng, 2, 16), "norm": nn.init_batch_norm(16),
        "out": nn.init_linear(rng, 16, 2),
    }  # fmt: skip

    def scores(params, X, training):
        Z, statistics = nn.batch_norm(
            params["norm"], nn.linear(params["hidden"], X), training
        )
        return nn.linear(params["out"], np.tanh(Z)), {"norm": statistics}

    def cost(params, X, t):
        Z, statistics = scores(params, X, training=True)
        return F.cross_entropy(Z, t), statistics

    sgd = optim.SGD(lr=0.5, momentum=0.9)
    state = sgd.init(params)
    for _ in range(150):
        (value, statistics), grads = value_and_grad(cost, has_aux=True)(params, rows, t)
        params, state = sgd.step(params, grads, state)
        params = nn.update_statistics(params, statistics)
    assert value < 0.1
    layers = [params["hidden"], params["out"]]
    assert np.ptp(nn.activations(layers, rows)[0], axis=0).max() < 1e-4
    for _ in range(200):  # the weights rest, and the running statistics catch up
        trained, statistics = scores(params, rows, training=True)
        params = nn.update_statistics(params, statistics)
    Z, statistics = scores(params, rows, training=False)
    assert statistics == {"norm": None}
    assert np.isclose(F.cross_entropy(Z, t), F.cross_entropy(trained, t), rtol=0.05)
    np.testing.assert_array_equal(Z.argmax(axis=1), trained.argmax(axis=1))
    alone = [scores(params, row[None], training=False)[0][0] for row in rows[:5]]
    np.testing.assert_allclose(alone, Z[:5])


# -------------------------------------------------------------------- penalties


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(*map(tree.leaves, (a, b)), strict=True))


def test_penalties_fall_on_weights_at_any_depth():
    W, w = np.array([[3.0, -4.0]]), np.array([12.0])
    params = {
        "norm": nn.init_batch_norm(2), "layers": [{"W": W, "b": np.ones(1)}],
        "unit": {"w": w, "b": 5.0},
    }  # fmt: skip
    assert [x.tolist() for x in nn.weights(params)] == [W.tolist(), w.tolist()]
    assert nn.l1(params) == 19.0
    assert nn.l2(params) == (9 + 16 + 144) / 2
    grads = grad(lambda params: nn.l1(params) + nn.l2(params))(params)
    np.testing.assert_array_equal(grads["layers"][0]["W"], np.sign(W) + W)
    assert grads["unit"]["b"] == 0.0
    assert check_grad(nn.l2, params) == check_grad(nn.l1, params) == 13
    zero = grad(nn.l1)({"W": np.array([0.0, -2.0])})["W"]
    np.testing.assert_array_equal(zero, [0.0, -1.0])


@pytest.mark.parametrize("penalty", [nn.l1, nn.l2, nn.weights])
def test_a_tree_without_weights_is_refused(penalty):
    with pytest.raises(ValueError, match=r"leaves named W or w.*bias"):
        penalty({"bias": np.ones(2)})


weight = st.floats(-10, 10)


@given(weight, st.floats(0, 5), weight)
def test_shrink_is_the_minimum_of_the_proximal_objective(v, amount, other):
    objective = lambda w: 0.5 * (w - v) ** 2 + amount * abs(w)
    w = nn.shrink({"W": np.array([v])}, amount)["W"][0]
    assert objective(w) <= objective(other) + 1e-12
    assert w == 0 if abs(v) <= amount else np.isclose(abs(w), abs(v) - amount)
    assert w * v >= 0


def test_shrink_agrees_with_a_minimiser():
    for v in (-2.0, 0.3, 1.7):
        objective = lambda w, v=v: 0.5 * (w - v) ** 2 + 0.5 * abs(w)
        best = optimize.minimize_scalar(objective, bounds=(-4, 4), method="bounded").x
        assert np.isclose(nn.shrink({"W": np.array([v])}, 0.5)["W"][0], best, atol=1e-4)


def test_shrink_leaves_biases_and_precision_alone():
    params = nn.init_mlp(RNG, [3, 4, 2])
    params = tree.map(lambda leaf: (leaf + 0.2).astype(np.float32), params)
    kept = tree.map(np.copy, params)
    shrunk = nn.shrink(params, np.float64(0.5))
    for layer, old in zip(shrunk, kept, strict=True):
        np.testing.assert_array_equal(layer["b"], old["b"])
        assert layer["W"].dtype == np.float32
        assert np.abs(layer["W"]).max() < np.abs(old["W"]).max()
    assert same(params, kept)
    assert same(nn.shrink(params, 0.0), params)


@pytest.mark.parametrize("amount", [-0.1, np.nan])
def test_a_negative_amount_is_refused(amount):
    with pytest.raises(ValueError, match="at least 0, but got"):
        nn.shrink({"W": np.ones(2)}, amount)


def test_proximal_steps_make_exact_zeros_and_gradients_of_l1_do_not():
    """Three of ten inputs matter. The optimum meets the conditions of the lasso."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 10))
    y = X[:, :3] @ np.array([2.0, -3.0, 1.5]) + 0.1 * rng.normal(size=100)
    cost = lambda layer: F.squared_error(nn.linear(layer, X)[:, 0], y)
    lr, penalty, sgd = 0.3, 0.1, optim.SGD(lr=0.3)
    sparse = dense = nn.init_linear(np.random.default_rng(1), 10, 1)
    for _ in range(300):
        sparse, _ = sgd.step(sparse, grad(cost)(sparse), None)
        sparse = nn.shrink(sparse, lr * penalty)
        penalised = lambda layer: cost(layer) + penalty * nn.l1(layer)
        dense, _ = sgd.step(dense, grad(penalised)(dense), None)
    w, slopes = sparse["W"][0], grad(cost)(sparse)["W"][0]
    np.testing.assert_array_equal(np.flatnonzero(w), [0, 1, 2])
    np.testing.assert_allclose(slopes[:3], -penalty * np.sign(w[:3]), rtol=1e-9)
    assert np.abs(slopes[3:]).max() < penalty
    assert np.count_nonzero(dense["W"]) == 10


def test_l2_counts_weights_and_leaves_biases_alone():
    layer = {"W": np.array([[3.0, 4.0]]), "b": np.array([100.0])}
    assert nn.l2(layer) == 12.5
    assert nn.l2([layer, layer]) == 25.0


def test_predict_and_accuracy():
    params = [{"W": np.eye(3), "b": np.zeros(3)}]
    X = np.array([[0.0, 2.0, 1.0], [5.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    np.testing.assert_array_equal(nn.predict(params, X), [1, 0, 2, 0])
    assert nn.accuracy(params, X, np.array([1, 0, 2, 2])) == 0.75
    deep = nn.init_mlp(RNG, [3, 4, 2])
    scores = nn.mlp(deep, X, F.relu)
    np.testing.assert_array_equal(nn.predict(deep, X, F.relu), scores.argmax(axis=1))
    best = nn.predict(deep, X, F.relu)
    assert nn.accuracy(deep, X, best, F.relu) == 1.0


@pytest.mark.parametrize("wrong", [np.ones((5, 4)), np.ones(2), np.ones((3, 5)), 1.0])
def test_inputs_that_do_not_fit_are_refused(wrong):
    layer = nn.init_linear(RNG, 3, 2)
    with pytest.raises(ValueError, match=r"takes 3 inputs \(W is 2 × 3\).*Rows of X"):
        nn.linear(layer, wrong)


def test_an_unknown_initialisation_is_refused():
    with pytest.raises(ValueError, match=r"'glorot' or 'he', but got 'xavier'"):
        nn.init_linear(RNG, 3, 2, init="xavier")


@pytest.mark.parametrize(
    "turned", [lambda rng, shape: np.zeros(shape[::-1]), lambda *_: 0.0]
)
def test_an_initialisation_of_another_shape_is_refused(turned):
    with pytest.raises(ValueError, match=r"\(outputs, inputs\) of shape \(2, 3\), but"):
        nn.init_linear(RNG, 3, 2, init=turned)


def test_a_single_score_has_no_largest():
    params = nn.init_mlp(RNG, [3, 4, 1])
    with pytest.raises(ValueError, match=r"one score.*nn.mlp\(params, X\)\[:, 0\] > 0"):
        nn.predict(params, X)


def test_a_network_of_one_size_is_refused():
    with pytest.raises(ValueError, match=r"at least two sizes.*\[3\]"):
        nn.init_mlp(RNG, [3])
