"""Layers and networks: shapes, initial draws, gradients, refusals."""

import numpy as np
import pytest

from coursecore import check_grad, nn
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


def test_he_keeps_the_size_of_relu_signals():
    H = RNG.normal(size=(200, 300))
    params = nn.init_mlp(np.random.default_rng(1), [300] * 6, init="he")
    for layer in params:
        H = F.relu(nn.linear(layer, H))
    assert 0.5 < np.mean(H**2) < 2.0


def test_initial_draws_follow_the_rng_alone():
    a, b = (nn.init_mlp(np.random.default_rng(3), [2, 3, 1]) for _ in range(2))
    for first, second in zip(a, b, strict=True):
        np.testing.assert_array_equal(first["W"], second["W"])
    c = nn.init_mlp(np.random.default_rng(4), [2, 3, 1])
    assert not np.array_equal(a[0]["W"], c[0]["W"])
    assert not np.array_equal(*nn.init_mlp(np.random.default_rng(3), [2, 2, 2])[0]["W"])


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


def test_a_network_of_one_size_is_refused():
    with pytest.raises(ValueError, match=r"at least two sizes.*\[3\]"):
        nn.init_mlp(RNG, [3])
