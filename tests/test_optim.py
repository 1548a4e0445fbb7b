"""SGD: closed forms on quadratics, momentum, purity, refusals."""

import numpy as np
import pytest

from coursecore import grad, optim, tree

CURVATURE = np.array([0.5, 1.0, 4.0])
START = np.array([1.0, -2.0, 3.0])


def descend(optimizer, fun, x, num_steps):
    state, path = optimizer.init(x), [x]
    for _ in range(num_steps):
        x, state = optimizer.step(x, grad(fun)(x), state)
        path.append(x)
    return path


def bowl(x):
    return 0.5 * np.sum(CURVATURE * x**2)


def test_descent_on_a_quadratic_is_a_geometric_sequence():
    path = descend(optim.SGD(lr=0.3), bowl, START, 20)
    for k, x in enumerate(path):
        np.testing.assert_allclose(x, (1 - 0.3 * CURVATURE) ** k * START, atol=1e-12)


def test_past_two_over_the_curvature_it_diverges():
    size = lambda lr: np.abs(descend(optim.SGD(lr=lr), bowl, START, 100)[-1]).max()
    assert size(0.49) < 1e-1
    assert np.isclose(size(0.5), 3.0)
    assert size(0.51) > 1e1


def test_momentum_follows_its_recurrence():
    lr, mu, curvature = 0.1, 0.8, 2.0
    path = descend(optim.SGD(lr=lr, momentum=mu), lambda x: curvature * x**2 / 2, 1.0, 30)
    matrix = np.array([[1 - lr * curvature, mu], [-lr * curvature, mu]])
    for k, x in enumerate(path):
        expected = np.linalg.matrix_power(matrix, k) @ np.array([1.0, 0.0])
        assert np.isclose(x, expected[0])


def test_momentum_reaches_its_terminal_velocity():
    lr, mu, slope = 0.01, 0.9, 3.0
    path = descend(optim.SGD(lr=lr, momentum=mu), lambda x: slope * x, 0.0, 300)
    assert np.isclose(path[1] - path[0], -lr * slope)
    assert np.isclose(path[-1] - path[-2], -lr * slope / (1 - mu))


def test_momentum_zero_is_plain_descent():
    plain = descend(optim.SGD(lr=0.2), bowl, START, 5)[-1]
    same = descend(optim.SGD(lr=0.2, momentum=0.0), bowl, START, 5)[-1]
    np.testing.assert_array_equal(plain, same)
    assert optim.SGD(lr=0.2).init(START) is None


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_step_changes_nothing_in_place(momentum):
    params = {"W": np.ones((2, 3)), "b": [np.ones(2), 1.0]}
    grads = tree.map(lambda x: 0.5 * x, params)
    optimizer = optim.SGD(lr=0.1, momentum=momentum)
    state = optimizer.init(params)
    new, later = optimizer.step(params, grads, state)
    again, _ = optimizer.step(params, grads, state)
    assert tree.paths(new) == tree.paths(params)
    for old, g, x, y in zip(*map(tree.leaves, (params, grads, new, again)), strict=True):
        np.testing.assert_array_equal(old, np.ones_like(old))
        np.testing.assert_array_equal(g, 0.5 * old)
        np.testing.assert_array_equal(x, y)
        np.testing.assert_allclose(x, 0.95)
    if momentum:
        assert all(np.all(leaf == 0) for leaf in tree.leaves(state))
        assert all(np.all(leaf == -0.05) for leaf in tree.leaves(later))


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_float32_parameters_stay_float32(momentum):
    path = descend(optim.SGD(0.1, momentum), lambda x: np.sum(x**2), np.float32(START), 3)
    assert all(x.dtype == np.float32 for x in path)


@pytest.mark.parametrize("lr", [0.0, -0.1, np.nan])
def test_a_learning_rate_that_is_not_positive_is_refused(lr):
    with pytest.raises(ValueError, match=f"lr > 0, but got {lr}"):
        optim.SGD(lr=lr)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, 1.5, np.nan])
def test_a_momentum_outside_its_interval_is_refused(momentum):
    with pytest.raises(ValueError, match=rf"momentum in \[0, 1\), but got {momentum}"):
        optim.SGD(momentum=momentum)


def test_gradients_of_another_tree_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        optim.SGD().step({"W": 1.0}, {"V": 1.0}, None)


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(AttributeError):
        optim.SGD().lr = 3.0
    assert optim.SGD(lr=0.5) == optim.SGD(lr=0.5)
    assert repr(optim.SGD(lr=0.5)) == "SGD(lr=0.5, momentum=0.0)"
