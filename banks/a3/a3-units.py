# %% right: layer by layer
def backward_units(weights, values):
    u_bar, W_bar = {}, {}
    u_bar["z"] = 1 - values["z"] ** 2
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            v_bar = 0.0
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
                v_bar += weights[i + j] * u_bar[j]
            if i not in "ab":
                u_bar[i] = v_bar * (1 - values[i] ** 2)
    return u_bar, W_bar


# %% right: written out unit by unit
def backward_units(weights, values):
    w, v = weights, values
    s = {j: 1 - v[j] * v[j] for j in "cdefghz"}
    z = s["z"]
    f, g, h = w["fz"] * z * s["f"], w["gz"] * z * s["g"], w["hz"] * z * s["h"]
    c = (w["cf"] * f + w["cg"] * g + w["ch"] * h) * s["c"]
    d = (w["df"] * f + w["dg"] * g + w["dh"] * h) * s["d"]
    e = (w["ef"] * f + w["eg"] * g + w["eh"] * h) * s["e"]
    u_bar = dict(c=c, d=d, e=e, f=f, g=g, h=h, z=z)
    return u_bar, {edge: u_bar[edge[1]] * v[edge[0]] for edge in w}


# %% right: recursion from the inputs
def backward_units(weights, values):
    def bar(j):
        if j == "z":
            v_bar = 1.0
        else:
            v_bar = sum(w * bar(edge[1]) for edge, w in weights.items() if edge[0] == j)
        return v_bar * (1 - values[j] ** 2)

    u_bar = {j: bar(j) for j in "cdefghz"}
    return u_bar, {edge: u_bar[edge[1]] * values[edge[0]] for edge in weights}


# %% right: matrices
def backward_units(weights, values):
    layers = ["ab", "cde", "fgh", "z"]
    v = [np.array([values[i] for i in layer]) for layer in layers]
    W = [
        np.array([[weights[i + j] for i in before] for j in after])
        for before, after in zip(layers, layers[1:])
    ]
    u_bar, W_bar = {}, {}
    bar = np.ones(1)
    for k in [3, 2, 1]:
        bar = bar * (1 - v[k] ** 2)
        u_bar.update(zip(layers[k], bar))
        outer = np.outer(v[k - 1], bar)
        edges = [i + j for i in layers[k - 1] for j in layers[k]]
        W_bar.update(zip(edges, outer.ravel()))
        bar = W[k - 1].T @ bar
    return u_bar, W_bar


# %% right: messages pushed back in topological order
from collections import defaultdict


def backward_units(weights, values):
    v_bar, u_bar = defaultdict(float), {}
    v_bar["z"] = 1.0
    for j in "zhgfedc":
        u_bar[j] = v_bar[j] * (1 - values[j] ** 2)
        for edge, weight in weights.items():
            if edge[1] == j:
                v_bar[edge[0]] += weight * u_bar[j]
    W_bar = {}
    for edge in weights:
        W_bar[edge] = u_bar[edge[1]] * values[edge[0]]
    return u_bar, W_bar


# %% right: sum over paths
from itertools import product


def backward_units(weights, values):
    slope = lambda j: 1 - values[j] ** 2
    u_bar = {"z": slope("z")}
    for j in "fgh":
        u_bar[j] = slope(j) * weights[j + "z"] * slope("z")
    for i in "cde":
        u_bar[i] = 0.0
    for i, j in product("cde", "fgh"):
        u_bar[i] += slope(i) * weights[i + j] * slope(j) * weights[j + "z"] * slope("z")
    return u_bar, {i + j: values[i] * u_bar[j] for i, j in weights}


# %% right: einsum and a list
def backward_units(weights, values):
    get = lambda rows, cols: np.array([[weights[i + j] for j in cols] for i in rows])
    slope = lambda layer: np.array([1 - values[j] ** 2 for j in layer])
    z = slope("z")
    fgh = np.einsum("jk,k,j->j", get("fgh", "z"), z, slope("fgh"))
    cde = np.einsum("ij,j,i->i", get("cde", "fgh"), fgh, slope("cde"))
    u_bar = dict(zip("cdefghz", [*cde, *fgh, *z]))
    return [u_bar, {e: u_bar[e[1]] * values[e[0]] for e in sorted(weights)}]


# %% right: slope of tanh at the pre-activation
def backward_units(weights, values):
    slope = {j: 1 / np.cosh(np.arctanh(values[j])) ** 2 for j in "cdefghz"}
    u_bar = {"z": slope["z"]}
    for i in "hgfedc":
        after = "z" if i in "fgh" else "fgh"
        u_bar[i] = slope[i] * np.dot(
            [weights[i + j] for j in after], [u_bar[j] for j in after]
        )
    return u_bar, {e: values[e[0]] * u_bar[e[1]] for e in weights}


# %% right: forward from every unit
def backward_units(weights, values):
    """Carry the slopes of all units by one unit forward to z."""
    slope = {j: 1 - values[j] ** 2 for j in "cdefghz"}

    def slope_of_z(j):
        moved = dict.fromkeys("cdefghz", 0.0)
        moved[j] = slope[j]
        for k in "fghz":
            if k != j:
                inputs = [e[0] for e in weights if e[1] == k]
                moved[k] = slope[k] * sum(weights[i + k] * moved[i] for i in inputs)
        return moved["z"]

    u_bar = {j: slope_of_z(j) for j in slope}
    return u_bar, {i + j: values[i] * u_bar[j] for i, j in weights}


# %% right: class of units
class Unit:
    def __init__(self, name, value):
        self.name, self.value, self.v_bar = name, value, 0.0

    @property
    def u_bar(self):
        return self.v_bar * (1 - self.value**2)


def backward_units(weights, values):
    units = {name: Unit(name, value) for name, value in values.items()}
    units["z"].v_bar = 1.0
    W_bar = {}
    for name in reversed("cdefghz"):
        unit = units[name]
        for edge in [edge for edge in weights if edge[1] == name]:
            source = units[edge[0]]
            source.v_bar += weights[edge] * unit.u_bar
            W_bar[edge] = source.value * unit.u_bar
    return {name: units[name].u_bar for name in "cdefghz"}, W_bar


# %% right: works on its own copies
def backward_units(weights, values):
    bars = dict(values)
    W_bar = weights.copy()
    bars["z"] = 1 - bars["z"] * bars["z"]
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            total = 0
            for j in after:
                total += W_bar[i + j] * bars[j]
                W_bar[i + j] = values[i] * bars[j]
            bars[i] = total * (1 - values[i] ** 2)
    del bars["a"], bars["b"]
    return bars, W_bar


# %% right: walrus and long floats
def backward_units(weights, values):
    v = {j: np.longdouble(value) for j, value in values.items()}
    u_bar = {"z": (z := (1 - v["z"]) * (1 + v["z"]))}
    u_bar |= {j: (1 - v[j]) * (1 + v[j]) * weights[j + "z"] * z for j in "fgh"}
    for i in "cde":
        v_bar = sum(weights[i + j] * u_bar[j] for j in "fgh")
        u_bar[i] = (1 - v[i]) * (1 + v[i]) * v_bar
    return u_bar, {e: u_bar[e[-1]] * v[e[0]] for e in weights}


# %% wrong: slope missing everywhere | multiply v_bar by s'(u)
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1.0}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: slope missing at the output | multiply v_bar by s'(u)
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1.0}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: slope missing at the hidden units | multiply v_bar by s'(u)
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: slope missing at the first layer | multiply v_bar by s'(u)
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2) if i in "fgh" else v_bar
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: last message overwrites the others | add all three
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            for j in after:
                v_bar = weights[i + j] * u_bar[j]
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: only the message of the first unit | add all three
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            first = after[0]
            v_bar = weights[i + first] * u_bar[first]
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: only the unit opposite | add all three
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            j = {"c": "f", "d": "g", "e": "h"}.get(i, after[0])
            v_bar = weights[i + j] * u_bar[j]
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: messages averaged | 3 times too small
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = np.mean([weights[i + j] * u_bar[j] for j in after])
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: messages multiplied | add them
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = np.prod([weights[i + j] * u_bar[j] for j in after])
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: value of the output not squared | 1 - v
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"]}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i])
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: slope of the sigmoid | 1 - v
def backward_units(weights, values):
    u_bar, W_bar = {"z": values["z"] * (1 - values["z"])}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * values[i] * (1 - values[i])
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: slope of tanh taken at v | 1 - v
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - np.tanh(values["z"]) ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - np.tanh(values[i]) ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: slope applied twice | twice
def backward_units(weights, values):
    u_bar, W_bar = {"z": (1 - values["z"] ** 2) ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2) ** 2
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: sign of the slope | wrong sign
def backward_units(weights, values):
    u_bar, W_bar = {"z": values["z"] ** 2 - 1}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (values[i] ** 2 - 1)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: sign of the output | wrong sign
def backward_units(weights, values):
    u_bar, W_bar = {"z": -(1 - values["z"] ** 2)}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: names of the edges reversed | stopped with KeyError
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[j + i] = u_bar[j] * values[i]
            v_bar = sum(weights[j + i] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: keys of W_bar reversed | should be a dict with the keys
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[j + i] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: keys of W_bar are pairs | should be a dict with the keys
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i, j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: value at the wrong end of the edge | value of the unit where the edge starts
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[j]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: value left out of W_bar | value of the unit where the edge starts
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: weight in place of the value | value of the unit where the edge starts
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * weights[i + j]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: W_bar from the bar after the slope | not of v_bar
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] / (1 - values[j] ** 2) * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: W_bar also times the weight | no weight
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * weights[i + j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: bars of the inputs returned | should be a dict with the keys
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    return u_bar, W_bar


# %% wrong: bar of the output left out | should be a dict with the keys
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    for j in "abz":
        del u_bar[j]
    return u_bar, W_bar


# %% wrong: results swapped | should be a dict with the keys
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return W_bar, u_bar


# %% wrong: results merged in one dict | should hold 2 things
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar | W_bar


# %% wrong: only the weights' bars | should hold 2 things
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return W_bar


# %% wrong: printed | return statement missing
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    print(u_bar, W_bar)


# %% wrong: weights left out of the messages | the value is not right
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: weights squared | the value is not right
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] ** 2 * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: starts from the output's value | starts from 1
def backward_units(weights, values):
    u_bar, W_bar = {"z": values["z"] * (1 - values["z"] ** 2)}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: layers visited from the inputs | zero
def backward_units(weights, values):
    u_bar, W_bar = dict.fromkeys("abcdefgh", 0.0), {}
    u_bar["z"] = 1 - values["z"] ** 2
    for before, after in [("ab", "cde"), ("cde", "fgh"), ("fgh", "z")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: first layer of weights left out | should be a dict with the keys
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    return u_bar, W_bar


# %% wrong: bars kept in the values | changed its argument values
def backward_units(weights, values):
    u_bar, W_bar = values, {}
    u_bar["z"] = 1 - values["z"] ** 2
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    u_bar = {j: u_bar[j] for j in "cdefghz"}
    return u_bar, W_bar


# %% wrong: weights updated on the way | changed its argument weights
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
                weights[i + j] -= 0.1 * W_bar[i + j]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: divided by the weights | NaN or infinity
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                message = weights[i + j] * u_bar[j]
                W_bar[i + j] = message * values[i] / weights[i + j]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: rounded to three decimals | the value is not right
def backward_units(weights, values):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    rounded = lambda bars: {name: round(float(bar), 3) for name, bar in bars.items()}
    return rounded(u_bar), rounded(W_bar)


# %% wrong: bars in arrays of one number | the shape should be ()
def backward_units(weights, values):
    u_bar, W_bar = {"z": np.array([1 - values["z"] ** 2])}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: reads the notebook's values
def backward_units(weights, v):
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            for j in after:
                W_bar[i + j] = u_bar[j] * values[i]
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    del u_bar["a"], u_bar["b"]
    return u_bar, W_bar


# %% wrong: bars kept from the last call | the value is not right
def backward_units(weights, values, u_bar={}):
    def bar(j):
        if j not in u_bar:
            after = "z" if j in "fgh" else "fgh"
            v_bar = 1.0 if j == "z" else sum(weights[j + k] * bar(k) for k in after)
            u_bar[j] = v_bar * (1 - values[j] ** 2)
        return u_bar[j]

    bars = {j: bar(j) for j in "cdefghz"}
    return bars, {edge: bars[edge[1]] * values[edge[0]] for edge in weights}


# %% wrong: differences by the function below | slopes_of_units
def backward_units(weights, values):
    return slopes_of_units(weights, biases, values["a"], values["b"])


# %% wrong: differences of the forward pass | run_units
def backward_units(weights, values):
    biases = {}
    for before, after in zip(LAYERS[:-1], LAYERS[1:]):
        for j in after:
            u = sum(weights[i + j] * values[i] for i in before)
            biases[j] = np.arctanh(values[j]) - u
    z_of = lambda W, b: run_units(W, b, values["a"], values["b"])["z"]
    h, z = 1e-6, values["z"]
    u_bar = {j: (z_of(weights, biases | {j: biases[j] + h}) - z) / h for j in biases}
    W_bar = {e: (z_of(weights | {e: weights[e] + h}, biases) - z) / h for e in weights}
    return u_bar, W_bar


# %% wrong: gradient taken from the library | do without grad
def backward_units(weights, values):
    def output(biases, weights):
        v = dict(values)
        for before, after in [("ab", "cde"), ("cde", "fgh"), ("fgh", "z")]:
            for j in after:
                v[j] = np.tanh(biases[j] + sum(weights[i + j] * v[i] for i in before))
        return v["z"]

    inputs = lambda j: [e for e in weights if e[1] == j]
    biases = {
        j: np.arctanh(values[j]) - sum(weights[e] * values[e[0]] for e in inputs(j))
        for j in "cdefghz"
    }
    u_bar = grad(lambda biases: output(biases, weights))(biases)
    return u_bar, grad(lambda weights: output(biases, weights))(weights)
