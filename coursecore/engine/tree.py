"""Trees: nested dicts, lists and tuples whose leaves are arrays or numbers.

A model's parameters are one tree. A gradient is a tree of the same shape. With
`leaves` and `unflatten` every function of a tree becomes a function of a plain
list, and nothing else in the library needs to know how parameters are nested.

    >>> params = {"W": [[1.0, 2.0]], "b": 3.0}
    >>> leaves(params)
    [1.0, 2.0, 3.0]
    >>> map(lambda x: 10 * x, params)
    {'W': [[10.0, 20.0]], 'b': 30.0}
    >>> paths(params)
    ['["W"][0][0]', '["W"][0][1]', '["b"]']
    >>> ravel(params)
    array([1., 2., 3.])
"""

import numpy as np


def leaves(tree):
    """List the leaves of `tree`, depth first, dicts in their own order."""
    found = []
    _collect(tree, found)
    return found


def paths(tree):
    """Name the leaves of `tree`: the text one would type to reach each of them.

    A tree that is itself a leaf has the empty name.
    """
    children = _children(tree)
    if children is None:
        return [""]
    return [key + path for key, child in children for path in paths(child)]


def unflatten(like, new_leaves):
    """Build a tree shaped as `like` from a list of leaves.

    Raises ValueError if the number of leaves does not fit.
    """
    new_leaves, nothing = list(new_leaves), object()
    supply = iter(new_leaves)
    try:
        tree = _refill(like, supply)
    except StopIteration:
        tree = nothing
    if tree is nothing or next(supply, nothing) is not nothing:
        raise ValueError(
            f"unflatten needs {len(leaves(like))} leaves for this tree, but got "
            f"{len(new_leaves)}. Pass one leaf for each of {paths(like)}."
        )
    return tree


def map(function, tree, *others):
    """Apply `function` leaf by leaf to one tree, or to several of the same shape.

    Dicts match by key, in whatever order they come; the result has the order of `tree`.

    Raises ValueError if the trees differ in shape.
    """
    children = _children(tree)
    if any(_keys(other) != _keys(tree) for other in others):
        raise ValueError(
            f"map needs trees of the same shape: the first has {_keys(tree) or 'a leaf'} "
            f"where another has {[_keys(other) or 'a leaf' for other in others]}. "
            f"Did one of them lose a key?"
        )
    if children is None:
        return function(tree, *others)
    columns = [dict(_children(other)) for other in others]
    mapped = [
        map(function, child, *(column[key] for column in columns))
        for key, child in children
    ]
    return _build(tree, mapped)


def ravel(tree):
    """Write all leaves, one after the other, into a vector of float64."""
    return np.concatenate([np.zeros(0), *[np.ravel(leaf) for leaf in leaves(tree)]])


def unravel(like, vector):
    """Build a tree shaped as `like`, in its dtypes, from such a vector: of views of it.

    Raises ValueError if the vector has not one number for each of the tree.
    """
    parts, start = [], 0
    if (num_numbers := sum(map(np.size, leaves(like)))) != len(vector):
        raise ValueError(
            f"unravel needs a vector of {num_numbers} numbers for this tree, but got "
            f"{len(vector)}."
        )
    for leaf in leaves(like):
        part = np.reshape(vector[start : start + np.size(leaf)], np.shape(leaf))[()]
        if type(leaf) is float and type(part) is np.float64:
            part = float(part)
        elif part.dtype != (dtype := np.result_type(leaf)):
            part = part.astype(dtype)
        parts.append(part)
        start += np.size(leaf)
    return unflatten(like, parts)


def dot(one, other):
    """Return the inner product of two trees of the same shape, a number."""
    return sum(leaves(map(lambda x, y: float(np.vdot(x, y)), one, other)))


def _children(tree):
    """Pair each child of an inner node with the text that indexes it; None for a leaf."""
    if isinstance(tree, dict):
        return [
            (f'["{key}"]' if isinstance(key, str) else f"[{key!r}]", child)
            for key, child in tree.items()
        ]
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return [(f".{key}", child) for key, child in zip(tree._fields, tree, strict=True)]
    if isinstance(tree, (list, tuple)):
        return [(f"[{i}]", child) for i, child in enumerate(tree)]
    return None


def _collect(tree, found):
    if isinstance(tree, dict):
        for child in tree.values():
            _collect(child, found)
    elif isinstance(tree, (list, tuple)):
        for child in tree:
            _collect(child, found)
    else:
        found.append(tree)


def _refill(like, supply):
    if isinstance(like, dict):
        return {key: _refill(child, supply) for key, child in like.items()}
    if isinstance(like, (list, tuple)):
        return _build(like, [_refill(child, supply) for child in like])
    return next(supply)


def _keys(tree):
    children = _children(tree)
    return None if children is None else sorted(key for key, _ in children)


def _build(like, children):
    """Make an inner node of the same kind as `like` out of new children."""
    if isinstance(like, dict):
        return dict(zip(like, children, strict=True))
    if hasattr(like, "_fields"):
        return type(like)(*children)
    return type(like)(children)
