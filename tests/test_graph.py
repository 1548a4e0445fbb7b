"""Flow graphs: order, bars of every box, what bprop leaves alone, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursecore import check_grad, grad, nn, tree
from coursecore import functional as F
from coursecore.nets import graph
from coursecore.nets.graph import FlowBox, FlowGraph, Input, Parameter

RNG = np.random.default_rng(2)
X, TIMES = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 3))
W, B = RNG.normal(size=(4, 3)), RNG.normal(size=4)
Z = RNG.normal(size=(5, 4))
CLASSES = np.array([0, 3, 1, 1, 2])
ROWS = RNG.dirichlet(np.ones(4), size=5)
SIZES = [3, 6, 5, 4]

# name: (a function of boxes that returns a box, the arrays it is given)
BOXES = {
    "affine": (graph.Affine, (X, W, B)),
    "flatten": (graph.Flatten, (RNG.normal(size=(5, 2, 3)),)),
    "add": (graph.Add, (X, TIMES, -X)),
    "the same box twice": (lambda x: graph.Add(x, x, graph.Activation(x, "tanh")), (X,)),
    "scale": (lambda x: graph.Scale(x, -2.5), (X,)),
    "dropout": (lambda x: graph.Dropout(x, 0.4, np.random.default_rng(0)), (X,)),
    "dropout in evaluation": (lambda x: graph.Dropout(x, 0.4), (X,)),
    "l2": (graph.L2, (W,)),
    "squared error": (lambda y: graph.SquaredError(y, Input(TIMES)), (X,)),
    "squared error of numbers": (lambda y: graph.SquaredError(y, Input(B)), (B**2,)),
    "cross-entropy of classes": (
        lambda z: graph.SoftmaxCrossEntropy(z, Input(CLASSES)),
        (Z,),
    ),
    "cross-entropy of rows": (lambda z: graph.SoftmaxCrossEntropy(z, Input(ROWS)), (Z,)),
    "binary cross-entropy": (lambda z: graph.SigmoidCrossEntropy(z, Input(ROWS)), (Z,)),
} | {
    name: (lambda z, name=name: graph.Activation(z, name), (Z,))
    for name in graph.ACTIVATIONS
}


def bars(build, arrays, end_bar):
    """Return the bars of parameters holding `arrays`, when the end has `end_bar`."""
    boxes = [Parameter(array) for array in arrays]
    network = FlowGraph(build(*boxes))
    network.fprop()
    network.bprop(end_bar)
    return [box.bar for box in boxes]


def mlp(params, x, t, activation="tanh", penalty=0.0):
    """Build the flow graph of nn.mlp and a cross-entropy; return it and its parameters."""
    boxes = tree.map(Parameter, params)
    h, penalties = x, []
    for number, layer in enumerate(boxes):
        h = graph.Affine(h, layer["W"], layer["b"])
        if number < len(boxes) - 1:
            h = graph.Activation(h, activation)
        penalties.append(graph.Scale(graph.L2(layer["W"]), penalty))
    return FlowGraph(graph.Add(graph.SoftmaxCrossEntropy(h, t), *penalties)), boxes


class Spy(FlowBox):
    """Passes its input on, and writes down when it is called."""

    def __init__(self, box, name, diary):
        super().__init__(box, name=name)
        self.diary = diary

    def fprop(self):
        self.diary.append(("fprop", self.name))
        self.value = self.inputs[0].value

    def bprop(self):
        self.diary.append(("bprop", self.name))
        self.inputs[0].receive(self.bar)


class Untouchable(Input):
    """Data that fails if a bar reaches it."""

    def receive(self, bar):
        raise AssertionError("A bar reached the data.")

    def bprop(self):
        raise AssertionError("bprop reached the data.")


# ------------------------------------------------------------------------- bars


@pytest.mark.parametrize("name", BOXES)
def test_bars_equal_finite_differences(name):
    build, arrays = BOXES[name]

    def value(arrays):
        return np.sum(end_bar * FlowGraph(build(*map(Parameter, arrays))).fprop())

    shape = np.shape(FlowGraph(build(*map(Parameter, arrays))).fprop())
    end_bar = np.random.default_rng(3).normal(size=shape)
    found = bars(build, arrays, end_bar)
    assert [bar.shape for bar in found] == [array.shape for array in arrays]
    entries = check_grad(value, list(arrays), grads=found)
    assert entries == sum(array.size for array in arrays)


@pytest.mark.parametrize("activation", graph.ACTIVATIONS)
@pytest.mark.parametrize("t", [CLASSES, ROWS])
def test_bars_of_a_network_equal_autodiff(activation, t):
    params = nn.init_mlp(np.random.default_rng(0), SIZES)

    def cost(params):
        scores = nn.mlp(params, X, getattr(F, activation))
        return F.cross_entropy(scores, t) + 0.3 * nn.l2(params)

    network, boxes = mlp(params, Input(X), Input(t), activation, penalty=0.3)
    assert np.isclose(network.fprop(), cost(params), rtol=1e-14)
    network.bprop()
    expected = grad(cost)(params)
    for box, bar in zip(tree.leaves(boxes), tree.leaves(expected), strict=True):
        np.testing.assert_allclose(box.bar, bar, rtol=1e-12, atol=1e-14)


def test_a_value_used_twice_adds_its_bars():
    """Tied weights, and a bypass around a layer."""
    square = RNG.normal(size=(3, 3))

    def cost(params):
        H = np.tanh(X @ params["W"].T + params["b"])
        H = H + np.tanh(H @ params["W"].T + params["b"])
        return F.squared_error(H, TIMES)

    params = {"W": square, "b": B[:3]}
    boxes = tree.map(Parameter, params)
    layer = lambda x: graph.Activation(graph.Affine(x, boxes["W"], boxes["b"]), "tanh")
    once = layer(Input(X))
    network = FlowGraph(graph.SquaredError(graph.Add(once, layer(once)), Input(TIMES)))
    network.fprop()
    network.bprop()
    for key, bar in grad(cost)(params).items():
        np.testing.assert_allclose(boxes[key].bar, bar, rtol=1e-12)


@given(st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=4), max_size=12))
def test_in_a_graph_of_sums_the_bar_counts_the_paths(recipe):
    boxes, paths = [Parameter(np.float64(1.5))], [1]
    for picks in recipe:
        sources = [pick % len(boxes) for pick in picks]
        boxes.append(graph.Add(*(boxes[i] for i in sources)))
        paths.append(sum(paths[i] for i in sources))
    network = FlowGraph(boxes[-1])
    assert network.fprop() == 1.5 * paths[-1]
    network.bprop()
    assert boxes[0].bar == paths[-1]


def test_the_bar_of_the_scores_is_prediction_less_target():
    """Deck L: the gradient by the output pre-activation is -(e(y) - f(x))."""
    scores = Parameter(Z)
    network = FlowGraph(graph.SoftmaxCrossEntropy(scores, Input(CLASSES)))
    network.fprop()
    network.bprop()
    expected = -(np.eye(4)[CLASSES] - F.softmax(Z)) / len(Z)
    np.testing.assert_allclose(scores.bar, expected, rtol=1e-14)


def test_losses_from_scores_stay_finite_at_a_thousand():
    scores = Parameter(1000.0 * Z)
    for loss, t in (
        (graph.SoftmaxCrossEntropy, CLASSES),
        (graph.SigmoidCrossEntropy, ROWS),
    ):
        network = FlowGraph(loss(scores, Input(t)))
        assert np.isfinite(network.fprop())
        network.bprop()
        assert np.isfinite(scores.bar).all()


def test_a_mask_is_drawn_by_fprop_and_kept_for_bprop():
    h = Parameter(np.ones((50, 40)))
    box = graph.Dropout(h, 0.25, np.random.default_rng(5))
    network = FlowGraph(box)
    first, second = network.fprop(), network.fprop()
    network.bprop(np.ones((50, 40)))
    np.testing.assert_array_equal(h.bar, second)
    assert (first != second).any()
    expected = nn.dropout(np.random.default_rng(5), h.value, 0.25)
    np.testing.assert_allclose(first, expected, rtol=1e-14)
    box.rng = None
    np.testing.assert_array_equal(network.fprop(), h.value)


@pytest.mark.parametrize("t", [CLASSES, ROWS])
@pytest.mark.parametrize("x", [X, X.astype(np.float32)])
def test_bars_have_the_precision_of_their_parameter(x, t):
    params = nn.init_mlp(np.random.default_rng(0), SIZES)
    params = tree.map(np.float32, params)
    network, boxes = mlp(params, Input(x), Input(t), penalty=0.1)
    assert network.fprop().dtype == x.dtype
    network.bprop()
    assert {box.bar.dtype for box in tree.leaves(boxes)} == {np.dtype(np.float32)}
    affine = next(box for box in network.boxes if isinstance(box, graph.Affine))
    assert affine.bar.dtype == x.dtype


# ------------------------------------------------------------- order and reach


def test_fprop_goes_inputs_first_and_bprop_the_other_way():
    diary = []
    a = Spy(Parameter(np.ones(2)), "a", diary)
    b, c = Spy(a, "b", diary), Spy(a, "c", diary)
    end = graph.L2(Spy(graph.Add(c, b), "d", diary))
    network = FlowGraph(end)
    network.fprop()
    forward = [name for _, name in diary]
    network.bprop()
    assert sorted(forward) == ["a", "b", "c", "d"]
    assert (forward[0], forward[-1]) == ("a", "d")
    assert diary[4:] == [("bprop", name) for name in reversed(forward)]
    assert a.bar.tolist() == [4.0, 4.0]


def test_every_box_stands_after_its_inputs():
    network, _ = mlp(nn.init_mlp(RNG, SIZES), Input(X), Input(CLASSES))
    place = {box: i for i, box in enumerate(network.boxes)}
    assert len(place) == len(network.boxes)
    assert all(place[source] < place[box] for box in place for source in box.inputs)
    assert network.learning == [box for box in network.boxes[::-1] if box.learns]


def test_no_bar_goes_to_data_or_targets():
    diary = []
    x, t = Untouchable(X), Untouchable(CLASSES)
    x, t = Spy(x, "x", diary), Spy(t, "t", diary)
    params = nn.init_mlp(RNG, SIZES)
    network, boxes = mlp(params, graph.Activation(x, "tanh"), t)
    network.fprop()
    network.bprop()
    assert diary == [("fprop", "x"), ("fprop", "t")]
    assert (x.bar, t.bar) == (None, None)
    assert all(box.bar.shape == box.value.shape for box in tree.leaves(boxes))


def test_a_data_path_beside_a_parameter_is_left_alone():
    """Both meet in a sum: only the parameter is owed a bar."""
    w = Parameter(np.ones((5, 3)))
    network = FlowGraph(graph.L2(graph.Add(Untouchable(X), w)))
    network.fprop()
    network.bprop()
    np.testing.assert_allclose(w.bar, X + 1.0)


def test_weights_that_are_given_get_no_bar():
    b = Parameter(B)
    network = FlowGraph(graph.L2(graph.Affine(Untouchable(X), Untouchable(W), b)))
    network.fprop()
    network.bprop()
    np.testing.assert_allclose(b.bar, np.sum(X @ W.T + B, axis=0))


def test_each_pass_starts_anew():
    x, w = Input(X), Parameter(W)
    network = FlowGraph(graph.L2(graph.Affine(x, w, Input(B))))
    for times in (1.0, 2.0, 2.0):
        x.value = times * X
        network.fprop()
        network.bprop()
        expected = (times * X @ W.T + B).T @ (times * X)
        np.testing.assert_allclose(w.bar, expected, rtol=1e-12)


def test_a_deep_graph_needs_no_recursion():
    w = box = Parameter(np.float64(2.0))
    for _ in range(5_000):
        box = graph.Scale(box, 1.0)
    network = FlowGraph(box)
    assert network.fprop() == 2.0
    network.bprop()
    assert w.bar == 1.0


def test_a_graph_prints_its_boxes_in_order():
    loss = graph.SquaredError(Parameter(B, name="w"), Input(B, name="t"), name="loss")
    network = FlowGraph(loss)
    network.fprop()
    assert [line.split() for line in str(network).splitlines()] == [
        ["box", "inputs", "shape", "bprop"],
        ["w", "(4,)", "2"],
        ["t", "(4,)", "-"],
        ["loss", "w,", "t", "()", "1"],
    ]


# -------------------------------------------------------------------- refusals


def test_inputs_must_be_boxes():
    with pytest.raises(TypeError, match=r"Activation needs boxes .* ndarray"):
        graph.Activation(Z, "tanh")


def test_bprop_comes_after_fprop():
    with pytest.raises(ValueError, match="call fprop first"):
        FlowGraph(graph.L2(Parameter(W))).bprop()


def test_an_end_that_is_no_number_needs_a_bar():
    network = FlowGraph(graph.Activation(Parameter(Z), "tanh"))
    network.fprop()
    with pytest.raises(ValueError, match=r"shape \(5, 4\), but got one of shape \(\)"):
        network.bprop()


def test_an_input_without_a_value_is_named():
    with pytest.raises(ValueError, match="photo has no value"):
        FlowGraph(graph.Scale(Input(name="photo"), 2.0)).fprop()


def test_targets_that_learn_are_refused():
    with pytest.raises(ValueError, match="outputs first"):
        graph.SquaredError(Input(X), Parameter(X))


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match=r"no activation 'rlu'. .*'relu'"):
        graph.Activation(Parameter(Z), "rlu")


def test_a_sum_of_different_shapes_is_refused():
    with pytest.raises(ValueError, match=r"one shape, but got \[\(5, 3\), \(4,\)\]"):
        FlowGraph(graph.Add(Input(X), Input(B))).fprop()


def test_shapes_that_do_not_fit_are_refused_as_by_the_functions():
    with pytest.raises(ValueError, match="takes 3 inputs"):
        FlowGraph(graph.Affine(Input(Z), Parameter(W), Parameter(B))).fprop()
    with pytest.raises(ValueError, match="integer classes"):
        FlowGraph(graph.SoftmaxCrossEntropy(Parameter(Z), Input(CLASSES + 0.5))).fprop()


def test_a_box_without_fprop_or_bprop_says_so():
    class Empty(FlowBox):
        """Nothing."""

    with pytest.raises(NotImplementedError, match="Empty has no fprop"):
        FlowGraph(Empty(Parameter(W))).fprop()
    with pytest.raises(NotImplementedError, match="Empty has no bprop"):
        Empty(Parameter(W)).bprop()
