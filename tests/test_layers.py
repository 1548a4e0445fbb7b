"""Layers: what each adds to a flow graph, and what it refuses."""

import numpy as np
import pytest

from coursecore import functional as F
from coursecore import nn
from coursecore.nets import graph
from coursecore.nets.layers import Activation, Dense, Dropout, Flatten, Layer, look_up

X = np.random.default_rng(1).normal(size=(5, 3))


def attach(layer, values=X):
    rng = np.random.default_rng(0)
    part = layer.attach(rng, graph.Input(values), values.shape[1:])
    graph.FlowGraph(part.output).fprop()
    return part


def test_dense_is_the_layer_of_nn_with_an_activation():
    part = attach(Dense(4, "relu"))
    layer = nn.init_linear(np.random.default_rng(0), 3, 4)
    np.testing.assert_array_equal(part.output.value, F.relu(nn.linear(layer, X)))
    for key in ("W", "b"):
        np.testing.assert_array_equal(part.parameters[key].value, layer[key])
    assert (part.shape, part.penalties) == ((4,), [])


def test_dense_without_activation_gives_scores():
    for activation in (None, "linear"):
        assert isinstance(attach(Dense(4, activation)).output, graph.Affine)


@pytest.mark.parametrize(
    ("keras", "ours"),
    [("glorot_uniform", "glorot"), ("he_uniform", "he"), ("he_normal", "he_normal"),
     ("zeros", "zero"), (nn.init_he, "he")],
)  # fmt: skip
def test_initialisations_have_the_names_of_keras_and_our_own(keras, ours):
    drawn = attach(Dense(4, kernel_initializer=keras)).parameters["W"].value
    expected = nn.init_linear(np.random.default_rng(0), 3, 4, ours)["W"]
    np.testing.assert_array_equal(drawn, expected)


def test_the_penalty_of_dense_is_on_its_weights():
    part = attach(Dense(4, l2=0.5))
    (penalty,) = part.penalties
    W = part.parameters["W"].value
    assert np.isclose(graph.FlowGraph(penalty).fprop(), 0.25 * np.sum(W**2))


def test_layers_without_parameters():
    images = np.arange(24.0).reshape(2, 3, 4)
    part = attach(Flatten(), images)
    np.testing.assert_array_equal(part.output.value, images.reshape(2, 12))
    assert (part.shape, part.parameters) == ((12,), {})
    np.testing.assert_array_equal(attach(Activation("tanh")).output.value, np.tanh(X))
    np.testing.assert_array_equal(attach(Dropout(0.5)).output.value, X)
    assert attach(Dropout(0.5)).shape == (3,)


def test_the_shape_of_the_input_can_be_said_in_three_ways():
    layers = [Dense(2, input_dim=7), Dense(2, input_shape=(7,)), Dense(2, input_shape=7)]
    layers.append(Dense(2, input_shape=np.int64(7)))
    assert {layer.input_shape for layer in layers} == {(7,)}
    assert Flatten(input_shape=[28, 28]).input_shape == (28, 28)
    assert Dense(2).input_shape is None


def test_a_wrong_spelling_is_answered_with_the_nearest():
    with pytest.raises(
        ValueError, match=r"no activation 'sigmiod'. Did you mean 'sigmoid'"
    ):
        Dense(3, activation="sigmiod")
    with pytest.raises(ValueError, match="'softmax'"):
        Activation("Softmax")
    with pytest.raises(ValueError, match=r"no activation 'qqq'. Known are 'linear'"):
        Dense(3, "qqq")
    with pytest.raises(ValueError, match="no activation <ufunc"):
        Dense(3, activation=np.tanh)
    with pytest.raises(ValueError, match="init must be"):
        attach(Dense(3, kernel_initializer="xavier"))
    assert look_up("number", "one", {"one": 1}) == 1


@pytest.mark.parametrize("units", [0, -3, 2.0, True, None, "4"])
def test_units_are_counted(units):
    with pytest.raises(ValueError, match="units of Dense must be a positive whole number"):
        Dense(units)


@pytest.mark.parametrize("shape", [(0,), (None, 784), (2.5,)])
def test_an_input_shape_is_made_of_counts(shape):
    with pytest.raises(ValueError, match="input_shape of Dense must be a positive"):
        Dense(3, input_shape=shape)


@pytest.mark.parametrize("rate", [-0.1, 1.0, np.nan])
def test_a_rate_lies_below_1(rate):
    with pytest.raises(ValueError, match=r"rate in \[0, 1\)"):
        Dropout(rate)


def test_a_penalty_is_not_negative():
    with pytest.raises(ValueError, match="l2 of at least 0, but got"):
        Dense(3, l2=-0.1)


def test_dense_takes_rows():
    with pytest.raises(ValueError, match=r"shape \('N', 3, 4\).*Flatten"):
        attach(Dense(3), np.ones((2, 3, 4)))


def test_a_layer_without_attach_says_so():
    with pytest.raises(NotImplementedError, match="Layer has no attach"):
        Layer().attach(None, None, None)
