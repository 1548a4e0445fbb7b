"""Optimizers: closed forms on quadratics, plain recurrences, torch.optim as a peer."""

import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursecore import grad, numerical_grad, optim, tree
from coursecore.training import descent, schedules

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


# ------------------------------------------------- recurrences, number by number

GRADS = np.random.default_rng(1).normal(size=100)
DECAY = schedules.inverse_time(0.1, delta=0.05)


def walk(optimizer, grads=GRADS, start=0.5):
    """Return the path of one parameter along given gradients."""
    w = np.array(start)
    state, path = optimizer.init(w), []
    for g in grads:
        w, state = optimizer.step(w, np.array(g), state)
        path.append(float(w))
    return path


def sgd(rates, mu, average=False, ahead=False):
    w, p, m, path = 0.5, 0.0, 0.0, []
    for lr, g in zip(rates, GRADS, strict=True):
        p, m = mu * p - lr * g, mu * m + g
        step = -lr * m if average else p
        if ahead:
            step = -lr * (g + mu * m) if average else mu * p - lr * g
        w += step
        path.append(w)
    return path


def adagrad(lr, epsilon, inside=False):
    w, s, path = 0.5, 0.0, []
    for g in GRADS:
        s += g**2
        w -= lr * g / (math.sqrt(s + epsilon) if inside else math.sqrt(s) + epsilon)
        path.append(w)
    return path


def rmsprop(lr, gamma, epsilon, inside=True):
    w, s, path = 0.5, 0.0, []
    for g in GRADS:
        s = (1 - gamma) * s + gamma * g**2
        w -= lr * g / (math.sqrt(s + epsilon) if inside else math.sqrt(s) + epsilon)
        path.append(w)
    return path


def adam(rates, beta1=0.9, beta2=0.999, epsilon=1e-8, correct=True, decay=0.0):
    w, m, s, path = 0.5, 0.0, 0.0, []
    for t, (lr, g) in enumerate(zip(rates, GRADS, strict=True), start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat, s_hat = (m / (1 - beta1**t), s / (1 - beta2**t)) if correct else (m, s)
        w = w - lr * m_hat / (math.sqrt(s_hat) + epsilon) - lr * decay * w
        path.append(w)
    return path


SAME, FALLING = [0.1] * 100, [0.1 / (1 + 0.05 * t) for t in range(100)]
RULES = [
    (optim.SGD(0.1), sgd(SAME, 0.0)),
    (optim.SGD(DECAY), sgd(FALLING, 0.0)),
    (optim.SGD(0.1, 0.9), sgd(SAME, 0.9)),
    (optim.SGD(DECAY, 0.9), sgd(FALLING, 0.9)),
    (optim.SGD(DECAY, 0.9, average=True), sgd(FALLING, 0.9, average=True)),
    (optim.Nesterov(DECAY, 0.8), sgd(FALLING, 0.8, ahead=True)),
    (optim.Nesterov(DECAY, 0.8, average=True), sgd(FALLING, 0.8, True, True)),
    (optim.Nesterov(0.1, 0.0), sgd(SAME, 0.0)),
    (optim.AdaGrad(0.1, 1e-3), adagrad(0.1, 1e-3)),
    (optim.AdaGrad(0.1, 1e-3, inside=True), adagrad(0.1, 1e-3, inside=True)),
    (optim.RMSprop(0.1, 0.2, 1e-3), rmsprop(0.1, 0.2, 1e-3)),
    (optim.RMSprop(0.1, 0.2, 1e-3, inside=False), rmsprop(0.1, 0.2, 1e-3, inside=False)),
    (optim.Adam(0.1), adam(SAME)),
    (optim.Adam(DECAY, 0.8, 0.9, 1e-3), adam(FALLING, 0.8, 0.9, 1e-3)),
    (optim.Adam(0.1, bias_correction=False), adam(SAME, correct=False)),
    (optim.AdamW(0.1, weight_decay=0.3, decay_all=True), adam(SAME, decay=0.3)),
    (optim.AdamW(DECAY, weight_decay=0.3, decay_all=True), adam(FALLING, decay=0.3)),
]
ALL = [optimizer for optimizer, _ in RULES]


@pytest.mark.parametrize(("optimizer", "expected"), RULES, ids=[repr(o) for o in ALL])
def test_every_rule_is_its_recurrence(optimizer, expected):
    np.testing.assert_allclose(walk(optimizer), expected, rtol=1e-12)
    np.testing.assert_allclose(
        walk(replace(optimizer, in_place=True)), expected, rtol=1e-12
    )


def test_the_average_of_gradients_is_the_momentum_up_to_scale():
    """p = -α m: equal paths while α is constant, and not under a schedule."""
    forms = [optim.SGD(0.1, 0.9), optim.SGD(0.1, 0.9, average=True)]
    np.testing.assert_allclose(*map(walk, forms), rtol=1e-12)
    states = []
    for form in forms:
        w, state = 0.5, form.init(0.5)
        for g in GRADS:
            w, state = form.step(w, g, state)
        states.append(state["momentum"])
    assert np.isclose(states[0], -0.1 * states[1])
    assert np.isclose(states[1], np.sum(0.9 ** np.arange(100)[::-1] * GRADS))
    late = [walk(replace(form, lr=DECAY))[-1] for form in forms]
    assert not np.isclose(*late, rtol=1e-3)


def test_nesterov_takes_the_gradient_at_the_point_ahead():
    """The parameters are the points θ + μ p of the method as Nesterov wrote it."""
    lr, mu = 0.1, 0.8
    path = descend(optim.Nesterov(lr, mu), bowl, START, 30)
    theta, p = START, np.zeros(3)
    for ahead in path:
        np.testing.assert_allclose(ahead, theta + mu * p, atol=1e-12)
        p = mu * p - lr * grad(bowl)(theta + mu * p)
        theta = theta + p


@pytest.mark.parametrize("make", [optim.SGD, optim.Nesterov])
@pytest.mark.parametrize("average", [False, True])
def test_the_terminal_velocity_is_the_same_for_every_form(make, average):
    path = walk(make(0.01, 0.9, average=average), grads=np.full(400, 3.0))
    assert np.isclose(path[-1] - path[-2], -0.01 * 3.0 / (1 - 0.9))


@settings(max_examples=12)
@given(st.floats(0.05, 50.0), st.integers(0, 9))
def test_descent_diverges_exactly_past_two_over_the_largest_eigenvalue(top, seed):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    A = Q @ np.diag([0.1 * top, 0.5 * top, top]) @ Q.T
    start = Q @ np.ones(3)

    def size(lr):
        w = start
        for _ in range(400):
            w, _ = optim.SGD(lr).step(w, A @ w, None)
        return np.linalg.norm(w)

    assert size(1.98 / top) < 0.1
    assert np.isclose(size(2.0 / top), 1.0)
    assert size(2.02 / top) > 10.0


def test_the_first_step_of_adam_is_lr_times_the_sign_of_the_gradient():
    g = np.array([1e-3, -2.0, 3e5, -1e-2])
    for optimizer in (optim.Adam(0.1), optim.Adam(0.1, 0.5, 0.7)):
        w, _ = optimizer.step(np.zeros(4), g, optimizer.init(np.zeros(4)))
        np.testing.assert_allclose(w, -0.1 * np.sign(g), rtol=1e-4)
    uncorrected = optim.Adam(0.1, bias_correction=False)
    w, _ = uncorrected.step(np.zeros(4), g, uncorrected.init(np.zeros(4)))
    np.testing.assert_allclose(w, -0.1 * np.sign(g) * 0.1 / np.sqrt(0.001), rtol=1e-3)


def test_rmsprop_with_gamma_one_is_the_sign_of_the_gradient():
    w, _ = optim.RMSprop(0.1, gamma=1.0).step(2.0, -7.0, {"square": np.array(5.0)})
    assert np.isclose(w, 2.1)


@pytest.mark.parametrize("make", [optim.AdaGrad, optim.RMSprop, optim.Adam])
def test_the_scale_of_the_cost_does_not_matter(make):
    plain = walk(make(0.1, epsilon=1e-30))
    np.testing.assert_allclose(walk(make(0.1, epsilon=1e-30), 1000.0 * GRADS), plain)
    assert not np.allclose(walk(optim.SGD(0.1), 1000.0 * GRADS), walk(optim.SGD(0.1)))


def test_rmsprop_corrects_the_curvature_of_the_axes_alone():
    """Where the axes are the eigenvectors, steep and flat go alike; turned, they do not."""
    steep = np.array([100.0, 1.0])
    path = descend(
        optim.RMSprop(0.01), lambda x: 0.5 * np.sum(steep * x**2), np.ones(2), 80
    )
    np.testing.assert_allclose(path[-1][0], path[-1][1], atol=1e-3)
    turned = lambda x: 0.5 * (steep[0] * (x[0] + x[1]) ** 2 + (x[0] - x[1]) ** 2) / 2
    path = descend(optim.RMSprop(0.01), turned, np.array([np.sqrt(2.0), 0.0]), 80)
    along = np.abs([path[-1][0] + path[-1][1], path[-1][0] - path[-1][1]])
    assert along[1] > 20 * along[0]


def test_epsilon_inside_the_root_counts_for_more():
    g = np.array([1e-6])
    moves = [
        abs(o.step(np.zeros(1), g, o.init(g))[0][0])
        for o in (optim.RMSprop(0.1, 1.0), optim.RMSprop(0.1, 1.0, inside=False))
    ]
    np.testing.assert_allclose(moves, [0.1 * 1e-6 / 1e-4, 0.1], rtol=0.02)


def test_the_steps_of_adagrad_shrink_as_one_over_the_root():
    path = np.array([0.5, *walk(optim.AdaGrad(0.1), grads=np.full(50, 4.0))])
    np.testing.assert_allclose(-np.diff(path), 0.1 / np.sqrt(np.arange(1, 51)))


# ------------------------------------------------------------------- decay

LAYERS = [{"W": np.full((2, 2), 3.0), "b": np.full(2, 3.0)}, {"gain": np.full(2, 3.0)}]


def test_decay_acts_on_weights_and_spares_the_rest():
    optimizer = optim.AdamW(0.1, weight_decay=0.5)
    still = tree.map(np.zeros_like, LAYERS)
    params, _ = optimizer.step(LAYERS, still, optimizer.init(LAYERS))
    np.testing.assert_allclose(params[0]["W"], 3.0 * (1 - 0.1 * 0.5))
    np.testing.assert_array_equal(params[0]["b"], 3.0)
    np.testing.assert_array_equal(params[1]["gain"], 3.0)
    everywhere = replace(optimizer, decay_all=True)
    for leaf in tree.leaves(everywhere.step(LAYERS, still, optimizer.init(LAYERS))[0]):
        np.testing.assert_allclose(leaf, 2.85)


def test_a_list_under_the_key_w_is_weights():
    optimizer, params = optim.AdamW(0.1, weight_decay=0.5), {"W": [1.0, (1.0,)], "b": [1.0]}
    still = tree.map(lambda w: 0.0, params)
    params, _ = optimizer.step(params, still, optimizer.init(params))
    assert params == {"W": [0.95, (0.95,)], "b": [1.0]}


def test_without_decay_it_is_adam():
    assert walk(optim.AdamW(0.1, weight_decay=0.0, decay_all=True)) == walk(optim.Adam(0.1))


def test_parameters_without_weights_are_refused():
    with pytest.raises(ValueError, match=r"key \"W\".*'\[\"w\"\]'.*decay_all=True"):
        optim.AdamW().init({"w": np.ones(3)})
    assert optim.AdamW(decay_all=True).init({"w": np.ones(3)})["step"] == 0


# ---------------------------------------------------------------- clipping


def test_clipping_by_norm_keeps_the_direction():
    grads = {"W": np.array([[3.0, 0.0]]), "b": [np.array(4.0)]}
    assert optim.global_norm(grads) == 5.0
    clipped = optim.clip(grads, 1.0)
    assert math.isclose(optim.global_norm(clipped), 1.0)
    np.testing.assert_allclose(clipped["W"], [[0.6, 0.0]])
    np.testing.assert_allclose(clipped["b"][0], 0.8)
    assert optim.clip(grads, 5.0) is grads
    assert optim.clip({"W": np.zeros(3)}, 1.0)["W"].tolist() == [0.0, 0.0, 0.0]
    assert optim.clip(np.float32([3, 4]), np.float64(1.0)).dtype == np.float32


def test_clipping_by_value_cuts_every_entry():
    clipped = optim.clip_values({"w": np.array([0.2, -3.0, 9.0])}, 0.5)
    np.testing.assert_array_equal(clipped["w"], [0.2, -0.5, 0.5])


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1.0, 1e170, 1e300])
def test_the_norm_neither_overflows_nor_vanishes(scale):
    grads = [np.array([3.0, 0.0]) * scale, np.array(-4.0) * scale]
    assert math.isclose(optim.global_norm(grads), 5.0 * scale)
    assert optim.global_norm([]) == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_gradients_that_are_not_finite_are_not_clipped(bad):
    with pytest.raises(FloatingPointError, match=r"norm (nan|inf), and clipping cannot"):
        optim.clip([np.ones(3), np.array([1.0, bad])], 1.0)


@pytest.mark.parametrize("bound", [0.0, -1.0, np.nan])
def test_a_bound_that_is_not_positive_is_refused(bound):
    with pytest.raises(ValueError, match=f"max_norm > 0, but got {bound}"):
        optim.clip([1.0], bound)
    with pytest.raises(ValueError, match=f"max_value > 0, but got {bound}"):
        optim.clip_values([1.0], bound)
    with pytest.raises(ValueError, match=f"SGD needs a max_norm > 0, but got {bound}"):
        optim.SGD(max_norm=bound)


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_an_optimizer_clips_before_it_steps(optimizer):
    clipped = walk(replace(optimizer, max_norm=0.5))
    by_hand = walk(optimizer, grads=np.clip(GRADS, -0.5, 0.5))
    np.testing.assert_allclose(clipped, by_hand)


# --------------------------------------------------- pure, in place, in any dtype


def draw(rng=None):
    """Draw a tree with small leaves, one beyond a block, other layouts, a scalar."""
    rng = np.random.default_rng(2) if rng is None else rng
    make = lambda *shape: np.asarray(rng.normal(size=shape))
    return {
        "W": make(2, descent.BLOCK), "T": make(300, 301).T, "b": make(4),
        "layers": [make(2, 3).T, (make(6)[::2],)], "number": make(), "none": make(0),
    }  # fmt: skip


def alike(a, b, **tolerance):
    assert tree.paths(a) == tree.paths(b)
    for x, y in zip(*map(tree.leaves, (a, b)), strict=True):
        np.testing.assert_allclose(x, y, **tolerance)


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_in_place_takes_the_same_steps_and_writes_into_the_arrays(optimizer):
    rng = np.random.default_rng(3)
    pure, overwriting = draw(), draw()
    arrays = tree.leaves(overwriting)
    in_place = replace(optimizer, in_place=True)
    state, own = optimizer.init(pure), in_place.init(overwriting)
    memory = [leaf for leaf in tree.leaves(own or {}) if isinstance(leaf, np.ndarray)]
    for _ in range(3):
        grads = draw(rng)
        kept, before = tree.map(np.copy, grads), tree.map(np.copy, pure)
        remembered = tree.map(np.copy, state or {})
        new, later = optimizer.step(pure, grads, state)
        alike(pure, before, rtol=0)
        alike(state or {}, remembered, rtol=0)
        pure, state = new, later
        result, own = in_place.step(overwriting, grads, own)
        assert result is overwriting
        alike(grads, kept, rtol=0)
    alike(pure, overwriting, rtol=1e-12)
    alike(state or {}, own or {}, rtol=1e-12)
    assert all(x is y for x, y in zip(arrays, tree.leaves(overwriting), strict=True))
    later = [leaf for leaf in tree.leaves(own or {}) if isinstance(leaf, np.ndarray)]
    assert all(x is y for x, y in zip(memory, later, strict=True))


def test_in_place_needs_no_more_memory_than_a_few_blocks():
    w, g = np.ones(12 * descent.BLOCK), np.ones(12 * descent.BLOCK)

    def peak(optimizer):
        state = optimizer.init(w)
        tracemalloc.start()
        optimizer.step(w, g, state)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    block = 8 * descent.BLOCK
    assert peak(optim.Adam(in_place=True)) < 7 * block
    assert peak(optim.Adam()) > 24 * block


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
@pytest.mark.parametrize("in_place", [False, True])
def test_float32_stays_float32_under_every_rule(optimizer, in_place):
    optimizer = replace(optimizer, in_place=in_place)
    if not callable(optimizer.lr):
        optimizer = replace(optimizer, lr=np.float64(0.1))
    params = {"W": np.float32([1.0, 2.0]), "b": np.float32([3.0])}
    state = optimizer.init(params)
    for _ in range(2):
        params, state = optimizer.step(params, tree.map(np.copy, params), state)
    for leaf in [*tree.leaves(params), *tree.leaves(state or {})]:
        assert isinstance(leaf, int) or leaf.dtype == np.float32


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_a_step_can_be_differentiated(optimizer):
    """The derivative of where a descent ends, by the learning rate it went with."""

    def end(lr):
        step_by = replace(optimizer, lr=lr)
        w = np.array([1.0, -2.0])
        state = step_by.init(w)
        for _ in range(3):
            w, state = step_by.step(w, np.array([2.0, 1.0]) * w, state)
        return np.sum(w**2)

    assert np.isclose(grad(end)(0.05), numerical_grad(end, 0.05), rtol=1e-6)


def test_matching_is_by_key_and_not_by_order():
    params = {"W": np.ones(2), "b": np.zeros(2)}
    optimizer = optim.SGD(0.1, 0.5)
    grads, state = {"b": np.ones(2), "W": 5 * np.ones(2)}, optimizer.init(params)
    state = {"momentum": dict(reversed(state["momentum"].items()))}
    new, state = optimizer.step(params, grads, state)
    np.testing.assert_allclose(new["W"], 0.5)
    np.testing.assert_allclose(state["momentum"]["W"], -0.5)
    assert list(new) == ["W", "b"]


def test_the_state_is_a_tree_of_arrays_and_a_count():
    params = {"W": np.ones(2)}
    assert optim.SGD(DECAY).init(params) == {"step": 0}
    assert list(optim.SGD(DECAY, 0.9).init(params)) == ["step", "momentum"]
    assert list(optim.RMSprop().init(params)) == ["square"]
    optimizer = optim.Adam()
    state = optimizer.init(params)
    assert list(state) == ["step", "mean", "square"]
    _, state = optimizer.step(params, params, state)
    assert (state["step"], type(state["step"])) == (1, int)
    assert optim.Adam().step({}, {}, optim.Adam().init({}))[0] == {}


def test_a_count_that_comes_back_from_a_file_as_an_array_is_a_number_again():
    w, optimizer = np.float32([1.0]), optim.Adam(DECAY)
    saved = {name: np.asarray(part) for name, part in optimizer.init(w).items()}
    new, state = optimizer.step(w, w, saved)
    assert new.dtype == np.float32
    assert type(state["step"]) is int


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("grads", "words"),
    [
        ({"V": np.ones(2), "b": 1.0}, r"gradients keys \['V', 'b'\]"),
        ({"W": np.ones(2)}, r"parameters keys \['W', 'b'\], the gradients keys \['W'\]"),
        (
            {"W": np.ones(3), "b": 1.0},
            r"parameters shape \(2,\), the gradients shape \(3,\)",
        ),
        ({"W": np.ones((2, 1)), "b": 1.0}, r"gradients shape \(2, 1\)"),
        ({"W": [np.ones(2)], "b": 1.0}, "gradients 1 items"),
        ({"W": np.ones(2), "b": {"b": 1.0}}, r"shape \(\), the gradients keys \['b'\]"),
        ([np.ones(2), 1.0], "gradients 2 items"),
        (np.ones(2), r"gradients shape \(2,\)"),
    ],
)
def test_gradients_of_another_tree_are_refused(grads, words):
    with pytest.raises(ValueError, match=f"same shape as the parameters.*{words}"):
        optim.SGD().step({"W": np.ones(2), "b": 1.0}, grads, None)


def test_lists_of_another_length_are_refused():
    with pytest.raises(ValueError, match="parameters 2 items, the gradients 3 items"):
        optim.SGD().step([1.0, 2.0], [1.0, 2.0, 3.0], None)


def test_nothing_is_written_where_something_does_not_fit():
    params, grads = {"W": np.ones(2), "b": np.ones(3)}, {"W": np.ones(2), "b": np.ones(4)}
    with pytest.raises(ValueError, match="same shape"):
        optim.SGD(in_place=True).step(params, grads, None)
    np.testing.assert_array_equal(params["W"], 1.0)


@pytest.mark.parametrize(
    ("optimizer", "state", "words"),
    [
        (optim.SGD(0.1, 0.9), None, r"\['momentum'\], but got None"),
        (optim.SGD(0.1), {"step": 0}, r"nothing, but got \['step'\]"),
        (
            optim.Adam(),
            {"square": 1.0},
            r"\['step', 'mean', 'square'\], but got \['square'\]",
        ),
        (optim.Adam(), np.ones(2), "but got ndarray"),
        (optim.SGD(0.1), 3, "but got int"),
    ],
)
def test_the_state_of_another_optimizer_is_refused(optimizer, state, words):
    with pytest.raises(ValueError, match=f"{words}. Begin with init"):
        optimizer.step(1.0, 1.0, state)


def test_the_state_of_other_parameters_is_refused():
    with pytest.raises(ValueError, match=r"same shape.*the state shape \(3,\)"):
        optim.SGD(0.1, 0.9).step(np.ones(2), np.ones(2), {"momentum": np.ones(3)})


@pytest.mark.parametrize("leaf", [1.0, np.float64(1.0), np.array(1)])
def test_in_place_needs_arrays_of_floats(leaf):
    with pytest.raises(TypeError, match=r"arrays of floats, but params\[\"b\"\] is .*1"):
        optim.SGD(in_place=True).step({"b": leaf}, {"b": np.array(1.0)}, None)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: optim.Adam(lr=np.inf), "Adam needs a learning rate lr > 0, but got inf"),
        (
            lambda: optim.Adam(lr="fast"),
            "Adam needs a learning rate lr > 0, but got 'fast'",
        ),
        (lambda: optim.SGD(lr=None), "lr > 0, but got None"),
        (lambda: optim.Nesterov(0.1, 1.0), r"Nesterov needs a momentum in \[0, 1\)"),
        (lambda: optim.SGD(momentum=1.0), "never settles"),
        (lambda: optim.Adam(beta1=1.0), r"beta1 in \[0, 1\), but got 1.0"),
        (lambda: optim.AdamW(beta2=-0.1), r"AdamW needs a beta2 in \[0, 1\), but got -0.1"),
        (lambda: optim.Adam(epsilon=0.0), "epsilon > 0, but got 0.0"),
        (lambda: optim.AdaGrad(epsilon=-1.0), "AdaGrad needs an epsilon > 0, but got -1.0"),
        (lambda: optim.RMSprop(epsilon=np.nan), "epsilon > 0, but got nan"),
        (lambda: optim.RMSprop(gamma=0.0), r"gamma in \(0, 1\], but got 0.0"),
        (lambda: optim.RMSprop(gamma=1.1), r"gamma in \(0, 1\], but got 1.1"),
        (lambda: optim.AdamW(weight_decay=-0.1), "weight_decay >= 0, but got -0.1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize("rate", [-0.1, np.nan, np.inf])
def test_a_schedule_that_returns_no_rate_is_refused(rate):
    optimizer = optim.SGD(lr=lambda step: 0.1 if step < 2 else rate)
    with pytest.raises(ValueError, match=f"returned {rate} at step 2"):
        walk(optimizer)
    assert walk(optim.SGD(lr=lambda step: 0.0)) == [0.5] * 100


def test_an_optimizer_without_a_rule_is_refused():
    with pytest.raises(NotImplementedError, match="Optimizer has no rule"):
        descent.Optimizer().step(1.0, 1.0, None)


@pytest.mark.parametrize("lr", [0.0, -0.1, np.nan])
def test_a_learning_rate_that_is_not_positive_is_refused(lr):
    with pytest.raises(ValueError, match=f"lr > 0, but got {lr}"):
        optim.SGD(lr=lr)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, 1.5, np.nan])
def test_a_momentum_outside_its_interval_is_refused(momentum):
    with pytest.raises(ValueError, match=rf"momentum in \[0, 1\), but got {momentum}"):
        optim.SGD(momentum=momentum)


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(AttributeError):
        optim.SGD().lr = 3.0
    assert optim.SGD(lr=0.5) == optim.SGD(lr=0.5)
    assert repr(optim.SGD(lr=0.5)) == "SGD(lr=0.5, momentum=0.0)"


def test_only_what_differs_from_the_usual_is_printed():
    adam = optim.Adam(schedules.cosine(0.1, 9), in_place=True, bias_correction=False)
    assert repr(adam) == (
        "Adam(lr=cosine(lr=0.1, num_steps=9, final=0.0), beta1=0.9, beta2=0.999, "
        "epsilon=1e-08, in_place=True, bias_correction=False)"
    )


# ------------------------------------------------------------------ torch.optim


def peers():
    """Pair optimizers with those of torch whose definition agrees."""
    torch = pytest.importorskip("torch", reason="compares with torch.optim")
    t = torch.optim
    return [
        (optim.SGD(0.05), lambda p: t.SGD(p, lr=0.05)),
        (optim.SGD(0.05, 0.9), lambda p: t.SGD(p, lr=0.05, momentum=0.9)),
        (optim.SGD(DECAY, 0.9, average=True), lambda p: t.SGD(p, lr=0.1, momentum=0.9)),
        (
            optim.Nesterov(DECAY, 0.9, average=True),
            lambda p: t.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        ),
        (
            optim.Nesterov(0.05, 0.9),
            lambda p: t.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
        ),
        (optim.AdaGrad(0.05), lambda p: t.Adagrad(p, lr=0.05)),
        (
            optim.RMSprop(0.05, 0.01, inside=False),
            lambda p: t.RMSprop(p, lr=0.05, alpha=0.99),
        ),
        (optim.Adam(0.05), lambda p: t.Adam(p, lr=0.05)),
        (optim.Adam(DECAY, 0.8, 0.9), lambda p: t.Adam(p, lr=0.1, betas=(0.8, 0.9))),
        (
            optim.AdamW(DECAY, weight_decay=0.1, decay_all=True),
            lambda p: t.AdamW(p, lr=0.1, weight_decay=0.1),
        ),
        (
            optim.AdamW(0.05, weight_decay=0.1),
            lambda p: t.AdamW(
                [{"params": p[:1]}, {"params": p[1:], "weight_decay": 0}],
                lr=0.05, weight_decay=0.1,
            ),
        ),
        (
            optim.Adam(0.05, max_norm=0.3),
            lambda p: t.Adam(p, lr=0.05),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("which", range(12))
@pytest.mark.parametrize("in_place", [False, True])
def test_the_trajectories_of_torch(which, in_place):
    """A curved cost of a matrix and a vector, 100 steps, to 1e-10."""
    torch = pytest.importorskip("torch", reason="compares with torch.optim")
    ours, make = peers()[which]
    rng = np.random.default_rng(4)
    A, c = rng.normal(size=(4, 4)), rng.normal(size=4)
    params = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=3)}
    theirs = [torch.tensor(leaf, requires_grad=True) for leaf in tree.leaves(params)]
    peer = make(theirs)

    def cost(params):
        Z = params["W"] @ A + params["b"][:, None]
        return np.sum(np.log(np.cosh(Z - c))) + 0.1 * np.sum(params["b"] ** 4)

    def torch_cost(W, b):
        Z = W @ torch.tensor(A) + b[:, None]
        return (Z - torch.tensor(c)).cosh().log().sum() + 0.1 * (b**4).sum()

    ours = replace(ours, in_place=in_place)
    state = ours.init(params)
    for step in range(100):
        params, state = ours.step(params, grad(cost)(params), state)
        for group in peer.param_groups:
            group["lr"] = ours.lr(step) if callable(ours.lr) else ours.lr
        peer.zero_grad()
        torch_cost(*theirs).backward()
        if ours.max_norm is not None:
            torch.nn.utils.clip_grad_norm_(theirs, ours.max_norm)
        peer.step()
        for x, y in zip(tree.leaves(params), theirs, strict=True):
            tolerance = 1e-5 if ours.max_norm else 1e-10  # torch divides by norm + 1e-6
            np.testing.assert_allclose(x, y.detach().numpy(), rtol=0, atol=tolerance)
