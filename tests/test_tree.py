"""Trees: leaves, names, rebuilding."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursecore import grad, tree


class Layer(NamedTuple):
    W: object
    b: object


NESTED = {"layers": [Layer(1.0, 2.0), Layer(3.0, 4.0)], "scale": (5.0,), 7: 6.0}

trees = st.recursive(
    st.floats(-9, 9),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(["W", "b", 1, (2, 3)]), inner, max_size=3),
        st.tuples(inner, inner).map(lambda pair: Layer(*pair)),
    ),
    max_leaves=8,
)


@given(trees)
def test_unflatten_undoes_leaves(example):
    rebuilt = tree.unflatten(example, tree.leaves(example))
    assert rebuilt == example
    assert type(rebuilt) is type(example)


@given(trees)
def test_each_leaf_has_a_name_and_map_keeps_the_shape(example):
    assert len(tree.paths(example)) == len(tree.leaves(example))
    assert len(set(tree.paths(example))) == len(tree.paths(example))
    assert tree.map(lambda x: x, example) == example
    doubled = tree.leaves(tree.map(lambda x: 2 * x, example))
    assert doubled == [2 * x for x in tree.leaves(example)]


@given(trees)
def test_a_path_is_what_one_would_type(example):
    for path, leaf in zip(tree.paths(example), tree.leaves(example), strict=True):
        assert eval(f"example{path}", {"example": example}) == leaf


def test_leaves_come_depth_first_in_the_order_of_the_dict():
    assert tree.leaves(NESTED) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert tree.leaves({"b": 1.0, "a": 2.0}) == [1.0, 2.0]
    assert tree.paths(NESTED)[:2] == ['["layers"][0].W', '["layers"][0].b']
    assert tree.paths(3.0) == [""]


def test_arrays_are_leaves():
    x = np.arange(3.0)
    assert tree.leaves(x)[0] is x
    assert tree.leaves({"x": x})[0] is x


def test_empty_trees_have_no_leaves():
    assert tree.leaves({"a": [], "b": ()}) == []
    assert tree.unflatten({"a": [], "b": ()}, []) == {"a": [], "b": ()}


def test_map_takes_several_trees():
    total = tree.map(lambda x, y, z: x + y + z, NESTED, NESTED, NESTED)
    assert tree.leaves(total) == [3.0, 6.0, 9.0, 12.0, 15.0, 18.0]
    assert isinstance(total["layers"][0], Layer)


def test_map_refuses_trees_of_different_shapes():
    with pytest.raises(ValueError, match=r'\["b"\].*lose a key'):
        tree.map(lambda x, y: x, {"W": 1.0, "b": 2.0}, {"W": 1.0})
    with pytest.raises(ValueError, match="same shape"):
        tree.map(lambda x, y: x, [1.0, 2.0], [1.0])


def test_map_never_pairs_leaves_of_different_keys():
    params, grads = {"W": 5.0, "b": 1.0}, {"b": 1.0, "W": 5.0}
    try:
        difference = tree.map(lambda x, y: x - y, params, grads)
    except ValueError as error:
        assert "same shape" in str(error)
    else:
        assert difference == {"W": 0.0, "b": 0.0}


@pytest.mark.parametrize("new", [[1.0], [1.0, 2.0, 3.0]])
def test_unflatten_refuses_another_number_of_leaves(new):
    with pytest.raises(ValueError, match=f"needs 2 leaves.*got {len(new)}"):
        tree.unflatten({"W": 0.0, "b": 0.0}, iter(new))


def test_ravel_and_unravel_undo_each_other_and_keep_dtypes():
    params = {"W": np.ones((2, 3), dtype=np.float32), "b": [2.0, np.zeros(0)]}
    vector = tree.ravel(params)
    assert vector.dtype == np.float64 and vector.tolist() == [1.0] * 6 + [2.0]
    back = tree.unravel(params, 2 * vector)
    assert back["W"].dtype == np.float32 and back["W"].shape == (2, 3)
    assert back["b"][0] == 4.0 and type(back["b"][0]) is float
    with pytest.raises(ValueError, match="7 numbers for this tree, but got 8"):
        tree.unravel(params, np.zeros(8))


def test_unravel_is_traced():
    params = {"w": np.array([1.0, 2.0]), "b": 3.0}
    cost = lambda p: np.sum(p["w"] ** 2) * p["b"]
    slope = grad(lambda vector: cost(tree.unravel(params, vector)))(tree.ravel(params))
    assert slope.tolist() == [6.0, 12.0, 5.0]


def test_dot_is_the_inner_product_of_what_ravel_gives():
    one, other = {"a": np.arange(3.0), "b": 2.0}, {"a": np.ones(3), "b": 5.0}
    assert tree.dot({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}) == 5.0
    assert tree.dot(one, other) == tree.ravel(one) @ tree.ravel(other) == 13.0
