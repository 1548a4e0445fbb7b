"""Losses by their Keras names: equal to scikit-learn's metrics, and what they refuse."""

import numpy as np
import pytest
from sklearn import metrics

from coursecore import functional as F
from coursecore.nets import graph
from coursecore.nets.objectives import LOSSES

RNG = np.random.default_rng(1)
Z = RNG.normal(size=(6, 3))
CLASSES = np.array([0, 2, 1, 1, 0, 2])
ONE_HOT = np.eye(3)[CLASSES]
BITS = np.array([[0, 1, 1], [1, 1, 0], [0, 0, 0], [1, 0, 1], [0, 1, 0], [1, 1, 1]])


def loss(name, Z, y):
    """Return the loss of a last layer with scores Z and the activation that it needs."""
    objective, output = LOSSES[name], graph.Input(Z)
    if objective.activation is not None:
        output = graph.Activation(output, objective.activation)
    y = objective.targets(y, Z.shape[1])
    return graph.FlowGraph(objective.attach(output, graph.Input(y), Z.shape[1])).fprop()


def test_losses_equal_those_of_scikit_learn():
    P = F.softmax(Z)
    for name, y in (
        ("sparse_categorical_crossentropy", CLASSES),
        ("sparse_categorical_crossentropy", CLASSES[:, None]),
        ("categorical_crossentropy", ONE_HOT),
    ):
        assert np.isclose(loss(name, Z, y), metrics.log_loss(CLASSES, P), rtol=1e-12)
    Q = F.sigmoid(Z)
    columns = [metrics.log_loss(BITS[:, k], Q[:, k]) for k in range(3)]
    assert np.isclose(loss("binary_crossentropy", Z, BITS), np.mean(columns), rtol=1e-12)
    for name in ("mse", "mean_squared_error"):
        expected = metrics.mean_squared_error(BITS, Z)
        assert np.isclose(loss(name, Z, BITS), expected, rtol=1e-12)


def test_one_output_takes_targets_without_a_second_axis():
    z = Z[:, :1]
    for name in ("binary_crossentropy", "mse"):
        assert loss(name, z, BITS[:, 0]) == loss(name, z, BITS[:, :1])
    assert loss("binary_crossentropy", z, BITS[:, 0] == 1) == loss(
        "binary_crossentropy", z, BITS[:, 0]
    )


def test_probabilities_of_0_do_no_harm():
    huge = 1000.0 * Z
    expected = np.mean(np.max(huge, axis=1) - huge[np.arange(6), CLASSES])
    assert np.isclose(loss("sparse_categorical_crossentropy", huge, CLASSES), expected)
    assert np.isfinite(loss("binary_crossentropy", huge, BITS))


def test_accuracy_equals_that_of_scikit_learn():
    P, predicted = F.softmax(Z), np.argmax(Z, axis=1)
    expected = metrics.accuracy_score(CLASSES, predicted)
    for name, y in (
        ("sparse_categorical_crossentropy", CLASSES),
        ("categorical_crossentropy", ONE_HOT),
    ):
        assert LOSSES[name].accuracy(P, y) == expected
    expected = metrics.accuracy_score(BITS.ravel(), (Z > 0).ravel())
    assert LOSSES["binary_crossentropy"].accuracy(F.sigmoid(Z), BITS) == expected


@pytest.mark.parametrize(
    ("name", "y", "words"),
    [
        (
            "sparse_categorical_crossentropy",
            ONE_HOT,
            "integer classes.* 'categorical_cross",
        ),
        ("categorical_crossentropy", CLASSES, r"\(N, 3\).*'sparse_categorical_cross"),
        ("categorical_crossentropy", ONE_HOT[:, :2], r"\(N, 3\).*\(6, 2\)"),
        ("categorical_crossentropy", 2 * ONE_HOT, "probabilities"),
        ("sparse_categorical_crossentropy", CLASSES + 0.5, "integer classes"),
        ("sparse_categorical_crossentropy", CLASSES + 1, "from 1 to 3"),
        ("sparse_categorical_crossentropy", np.array(list("abcabc")), "dtype <U1"),
        ("binary_crossentropy", 2 * BITS - 1, r"in \[0, 1\]"),
        ("binary_crossentropy", BITS[:, 0], r"\(N, 3\), but got shape \(6,\)"),
        ("mse", BITS[:, :2], r"\(N, 3\), but got shape \(6, 2\)"),
        ("mse", np.where(BITS, np.nan, 0.0), "NaN or infinity"),
    ],
)
def test_targets_that_do_not_fit_are_refused(name, y, words):
    with pytest.raises(ValueError, match=words):
        LOSSES[name].targets(y, 3)


def test_only_a_loss_with_a_sparse_sister_mentions_one():
    with pytest.raises(ValueError) as caught:
        LOSSES["mse"].targets(BITS[:, :2], 3)
    assert "sparse" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "activation"),
    [
        ("sparse_categorical_crossentropy", "sigmoid"),
        ("categorical_crossentropy", "relu"),
        ("binary_crossentropy", "softmax"),
    ],
)
def test_the_last_activation_must_fit_the_loss(name, activation):
    output = graph.Activation(graph.Input(Z), activation)
    with pytest.raises(ValueError, match=f"last layer .*but here it is '{activation}'"):
        LOSSES[name].attach(output, graph.Input(CLASSES), 3)
    with pytest.raises(ValueError, match="here it is 'linear'"):
        LOSSES[name].attach(graph.Input(Z), graph.Input(CLASSES), 3)


def test_a_softmax_over_one_unit_is_refused():
    output = graph.Activation(graph.Input(Z[:, :1]), "softmax")
    with pytest.raises(ValueError, match=r"always 1.*'sigmoid'"):
        LOSSES["sparse_categorical_crossentropy"].attach(output, graph.Input(CLASSES), 1)
