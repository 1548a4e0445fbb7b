# %% [markdown] role="locked" id="a3-title"
# # Assignment 3: Backpropagate, then check
#
# You write the backward pass of three small programs and of one network, and then the
# instrument that tells whether a backward pass is right. By the end your own checker
# catches ten wrong gradients.
#
# | part | exercises | points |
# |---|---|---|
# | scalars | 1 chain rule, 2 fan-out, 3 nine units | 18 |
# | arrays | 4 a linear layer, 5 softmax, 6 a whole network | 24 |
# | checking | 7 numerical gradient, 8 relative error, 9 ten planted bugs, 10 in words | 28 |
#
# **You need** lecture 6. Equation numbers refer to it.
# Bars are derivatives of the final number: `x_bar` is $\bar x = \partial L/\partial x$,
# and has the shape of `x`.
#
# Write your code where it says YOUR CODE HERE, then run the test cells below it. Each
# exercise is also tested on inputs of other sizes that you do not see. The exercises are
# independent of each other. Your functions must not change their arguments.

# %% role="locked" id="a3-setup"
import numpy as np

from coursecore import check, check_grad, grad, jacobian, make_vjp, nn
from coursecore import functional as F
from coursecore import numerical_grad, relative_error, value_and_grad

DERIVATIVES = grad, value_and_grad, make_vjp, jacobian, numerical_grad


# %% [markdown] role="locked" id="a3-chain-statement"
# ## 1. One path (4 points)
#
# Take $F = u^2$ with $u = 2x^2 + 1$, and $G = y z$ with $y = x^3$ and $z = x^2$.
#
# Write `chain_rule(x)`. It returns the pair `(F_x, G_x)`: $dF/dx$ and $dG/dx$ at $x$.
# Go through $u$, $y$ and $z$ as the chain rule does; the checks look at the values.
#
# | name | shape |
# |---|---|
# | `x` | any: treat every entry by itself |
# | `F_x`, `G_x` | the shape of `x` |

# %% role="solution" id="a3-chain"
def chain_rule(x):
    """Return the derivatives of (2x² + 1)² and of x³·x² at x."""
    ### BEGIN SOLUTION
    u_bar = 2 * (2 * x**2 + 1)
    y, z = x**3, x**2
    y_bar, z_bar = z, y
    return u_bar * 4 * x, y_bar * 3 * x**2 + z_bar * 2 * x
    ### END SOLUTION


# %%
chain_rule(np.array([1.0, 2.0]))  # F_x = [24, 144], G_x = [5, 80]


# %% role="test" id="a3-chain-visible" points=2
def check_chain_visible():
    hints = {
        "The pair is asked for in this order: dF/dx, dG/dx.": (25.3125, -66.0),
        "These are F and G themselves, not their derivatives.": (30.25, -7.59375),
        "dF/dx is the derivative of the square alone. Multiply by du/dx.": (11.0, None),
        "du/dx is 4 x, not 4.": (44.0, None),
        "du/dx belongs at x: it is 4 x, not 4 u.": (242.0, None),
        "G depends on x twice, through y and through z: add both messages.": (
            None,
            15.1875,
        ),
        "G depends on x twice: the message through y is missing.": (None, 10.125),
        "Subtracted? Where two ways meet, add both messages.": (None, 5.0625),
        "A product's derivative is not the product of the derivatives.": (None, -20.25),
        "A message is a bar times the derivative: y_bar dy/dx.": (None, 3.75),
        "y_bar is z and z_bar is y, not the other way round.": (None, -29.53125),
        "This holds dF/dx as well, which belongs to F: start from 0.": (None, -40.6875),
    }
    see = "lecture 6, eq. 2 and 3"
    check.close(chain_rule, [-1.5], (-66.0, 25.3125), hints=hints, see=see)
    x = np.array([1.0, 0.0, -1.5])
    slopes = (
        numerical_grad(lambda x: np.sum((2 * x**2 + 1) ** 2), x),
        numerical_grad(lambda x: np.sum(x**3 * x**2), x),
    )
    check.close(chain_rule, [x], slopes, tolerance=1e-5, see=see)


check_chain_visible()


# %% role="test" id="a3-chain-hidden" points=2
### BEGIN HIDDEN TESTS
def check_chain_hidden():
    rng = np.random.default_rng()
    x = rng.uniform(-2, 2, size=(3, 4))
    F_x, G_x = 8 * x * (2 * x**2 + 1), 5 * x**4
    hints = {
        "dF/dx is the derivative of the square alone. Multiply by du/dx.": (
            F_x / (4 * x),
            G_x,
        ),
        "G depends on x twice, through y and through z: add both messages.": (
            F_x,
            3 * x**4,
        ),
        "G depends on x twice: the message through y is missing.": (F_x, 2 * x**4),
    }
    check.close(chain_rule, [x], (F_x, G_x), hints=hints, see="lecture 6, eq. 2 and 3")
    check.close(chain_rule, [-3.0], (-456.0, 405.0), see="lecture 6, eq. 2 and 3")
    check.close(chain_rule, [0.0], (0.0, 0.0), see="lecture 6, eq. 2 and 3")


check_chain_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-fanout-statement"
# ## 2. Two paths (6 points)
#
# Let $x = \cos t$, $y = t^2$ and $f = y + e^{xy}$. The value $y$ goes two ways inside
# $f$, and $t$ goes two ways as well.
#
# Write `fan_out(t)`. It runs forward, then backward, and returns a dict with the keys
# `"x"`, `"y"`, `"f"` and the bars `"x_bar"`, `"y_bar"`, `"t_bar"`, where
# $\bar v = df/dv$. All are numbers. Write it without the `DERIVATIVES` of the first cell:
# the checks use them to know the truth.

# %% role="locked" id="a3-fanout-setup"
def slopes_and_slips(t):
    """Return what fan_out should, by differences, and what common slips would give."""
    x, y = np.cos(t), t**2
    along_x = numerical_grad(lambda t: np.exp(np.cos(t) * y), t)
    along_y = numerical_grad(lambda t: t**2 + np.exp(x * t**2), t)
    x_bar = numerical_grad(lambda x: y + np.exp(x * y), x)
    y_bar = numerical_grad(lambda y: y + np.exp(x * y), y)
    right = {"x": x, "y": y, "f": y + np.exp(x * y), "x_bar": x_bar, "y_bar": y_bar}
    right["t_bar"] = along_x + along_y
    slips = {
        "x_bar is the bar of the product x y, times y.": {"x_bar": x_bar / y},
        "y_bar lacks the message along f = y + ...: add 1.": {"y_bar": y_bar - 1},
        "y_bar lacks the message through the product x y.": {"y_bar": 1.0},
        "The message of the product x y to y is its bar times x.": {
            "y_bar": 1 + (y_bar - 1) / x
        },
        "t_bar lacks the message through y.": {"t_bar": along_x},
        "t_bar lacks the message through x.": {"t_bar": along_y},
        "The derivative of cos t is minus sin t.": {"t_bar": along_y - along_x},
        "The derivative of t² is 2 t: where is the 2?": {"t_bar": along_x + along_y / 2},
        "The derivative of t² is 2 t: where is the t?": {"t_bar": along_x + along_y / t},
        "Two messages meet in t_bar: add them.": {"t_bar": along_x * along_y},
        "Each bar goes on times its local derivative, dx/dt or dy/dt.": {
            "t_bar": x_bar + y_bar
        },
    }
    return right, {sentence: right | slip for sentence, slip in slips.items()}


# %% role="solution" id="a3-fanout"
def fan_out(t):
    """Return the values and bars of f = y + exp(x y), x = cos t, y = t²."""
    ### BEGIN SOLUTION
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}
    ### END SOLUTION


# %%
fan_out(0.0)  # x = 1, y = 0, f = 1, x_bar = 0, y_bar = 2, t_bar = 0


# %% role="test" id="a3-fanout-visible" points=3
def check_fanout_visible():
    check.own(fan_out, *DERIVATIVES)
    expected, hints = slopes_and_slips(1.5)
    check.close(fan_out, [1.5], expected, hints=hints, see="lecture 6, eq. 3")


check_fanout_visible()


# %% role="test" id="a3-fanout-hidden" points=3
### BEGIN HIDDEN TESTS
def check_fanout_hidden():
    check.own(fan_out, *DERIVATIVES)

    def right_fan_out(t):
        x, y, e = np.cos(t), t**2, np.exp(np.cos(t) * t**2)
        right = {"x": x, "y": y, "f": y + e, "x_bar": y * e, "y_bar": 1 + x * e}
        return right | {"t_bar": y * e * -np.sin(t) + (1 + x * e) * 2 * t}

    for point in [*np.random.default_rng().uniform(0.5, 1.5, size=3), -0.8, 0.0]:
        expected, hints = right_fan_out(point), slopes_and_slips(point)[1] if point else {}
        check.close(fan_out, [float(point)], expected, hints=hints, see="lecture 6, eq. 3")


check_fanout_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-units-statement"
# ## 3. Nine units (8 points)
#
# The network of lecture 6: inputs $a, b$, then $c, d, e$, then $f, g, h$, then the output
# $z$. Every unit $j$ but the inputs has the value $v_j = s(u_j)$ with the pre-activation
# $u_j = \sum_i W_{ij} v_i + \beta_j$. Here $s = \tanh$, so $s'(u_j) = 1 - v_j^2$.
#
# Below, `run_units` is the forward pass and returns the value of every unit. The dict
# `weights` has a number for every edge: `weights["cf"]` leads from $c$ to $f$.
#
# Write `backward_units(weights, values)`. It returns two dicts of numbers:
#
# | dict | keys | entry |
# |---|---|---|
# | `u_bar` | `"c"` … `"h"` and `"z"`: 7 units | $\partial z/\partial u_j$ |
# | `W_bar` | `"ac"` … `"hz"`: 18 edges | $\partial z/\partial W_{ij}$ |
#
# Write it without `run_units` and without the `DERIVATIVES` of the first cell.

# %% role="locked" id="a3-units-setup"
LAYERS = ["ab", "cde", "fgh", "z"]


def run_units(weights, biases, a, b):
    """Return the value of every unit, {"a": a, ..., "z": z}."""
    values = {"a": a, "b": b}
    for before, after in zip(LAYERS[:-1], LAYERS[1:], strict=True):
        for j in after:
            u = biases[j] + sum(weights[i + j] * values[i] for i in before)
            values[j] = np.tanh(u)
    return values


def draw_units(rng):
    """Draw the weights, the biases and the inputs of the nine units."""
    edges = [i + j for k in range(3) for i in LAYERS[k] for j in LAYERS[k + 1]]
    weights = {edge: rng.uniform(-1, 1) for edge in edges}
    biases = {j: rng.uniform(-1, 1) for j in "cdefghz"}
    return weights, biases, rng.uniform(-1, 1), rng.uniform(-1, 1)


def slopes_of_units(weights, biases, a, b):
    """Return what backward_units should, by finite differences of run_units."""
    u_bar = numerical_grad(lambda u: run_units(weights, u, a, b)["z"], biases)
    W_bar = numerical_grad(lambda W: run_units(W, biases, a, b)["z"], weights)
    return from_output(u_bar, W_bar)


def from_output(u_bar, W_bar):
    """Order two dicts from z back, so that a check names the first slip on that way."""
    return {j: u_bar[j] for j in "zhgfedc"}, {e: W_bar[e] for e in reversed(W_bar)}


def slips_of_slope(u_bar, W_bar, values):
    """Return, for hints, what other slopes than 1 - v² would give."""
    slopes = {
        "u_bar should be the bar before s: multiply v_bar by s'(u).": lambda v: 1.0,
        "s'(u) is 1 - v²: square the value.": lambda v: 1 - v,
        "v (1 - v) is the slope of the sigmoid; tanh has 1 - v².": lambda v: v * (1 - v),
        "s' belongs at u: it is 1 - v², not 1 - tanh(v)².": lambda v: 1 - np.tanh(v) ** 2,
        "You multiply by s'(u) twice.": lambda v: (1 - v**2) ** 2,
        "The backward pass starts from 1, not from z.": lambda v: v * (1 - v**2),
    }
    return {
        sentence: (
            {j: u_bar[j] / (1 - values[j] ** 2) * slope(values[j]) for j in u_bar},
            W_bar,
        )
        for sentence, slope in slopes.items()
    }


# %% role="solution" id="a3-units"
def backward_units(weights, values):
    """Return ∂z/∂u for every unit and ∂z/∂W for every edge, as two dicts."""
    ### BEGIN SOLUTION
    u_bar, W_bar = {"z": 1 - values["z"] ** 2}, {}
    for before, after in [("fgh", "z"), ("cde", "fgh"), ("ab", "cde")]:
        for i in before:
            W_bar |= {i + j: u_bar[j] * values[i] for j in after}
            v_bar = sum(weights[i + j] * u_bar[j] for j in after)
            u_bar[i] = v_bar * (1 - values[i] ** 2)
    return {j: u_bar[j] for j in "cdefghz"}, W_bar
    ### END SOLUTION


# %%
weights, biases, a, b = draw_units(np.random.default_rng(0))
values = run_units(weights, biases, a, b)
u_bar, W_bar = backward_units(weights, values)
u_bar["z"], 1 - values["z"] ** 2  # these two are equal


# %% role="test" id="a3-units-visible" points=4
def check_units_visible():
    check.own(backward_units, slopes_of_units, run_units, *DERIVATIVES)
    net = draw_units(np.random.default_rng(3))
    expected = slopes_of_units(*net)
    check.close(
        backward_units,
        [net[0], run_units(*net)],
        expected,
        sizes={"3": 3},
        hints=slips_of_slope(*expected, run_units(*net)),
        see="lecture 6, eq. 8",
    )


check_units_visible()


# %% role="test" id="a3-units-hidden" points=4
### BEGIN HIDDEN TESTS
def check_units_hidden():
    def truth_and_slips(weights, biases, a, b):
        v = run_units(weights, biases, a, b)
        u_bar, W_bar = from_output(
            grad(lambda u: run_units(weights, u, a, b)["z"])(biases),
            grad(lambda W: run_units(W, biases, a, b)["z"])(weights),
        )
        slope = {j: 1 - v[j] ** 2 for j in u_bar}
        ends = {e: u_bar[e[1]] for e in W_bar}
        start = "W_bar takes the value of the unit where the edge starts"
        for_weights = {
            f"{start}: yours has none.": ends,
            f"{start}, not where it ends.": {e: ends[e] * v[e[1]] for e in W_bar},
            f"{start}, not the weight.": {e: ends[e] * weights[e] for e in W_bar},
            f"{start}, and no weight.": {e: W_bar[e] * weights[e] for e in W_bar},
            "W_bar is made of u_bar, not of v_bar.": {
                e: W_bar[e] / slope[e[1]] for e in W_bar
            },
        }
        sent = {i: [weights[i + j] * u_bar[j] for j in "fgh"] for i in "cde"}
        for_units = {
            "The messages to c, d and e are multiplied: add them.": np.prod,
            "Only f's message arrives at c, d and e: add all three.": lambda m: m[0],
            "Only g's message arrives at c, d and e: add all three.": lambda m: m[1],
            "Only h's message arrives at c, d and e: add all three.": lambda m: m[2],
        }
        hints = slips_of_slope(u_bar, W_bar, v)
        hints |= {sentence: (u_bar, slip) for sentence, slip in for_weights.items()}
        for sentence, take in for_units.items():
            hints[sentence] = u_bar | {i: take(sent[i]) * slope[i] for i in "cde"}, W_bar
        return v, (u_bar, W_bar), hints

    check.own(backward_units, slopes_of_units, run_units, *DERIVATIVES)
    nets = [draw_units(np.random.default_rng()) for _ in range(3)]
    nets.append((dict.fromkeys(nets[0][0], 0.0), *nets[0][1:]))
    for net in nets:
        v, expected, hints = truth_and_slips(*net)
        check.close(
            backward_units,
            [net[0], v],
            expected,
            sizes={"3": 3},
            hints=hints,
            see="lecture 6, eq. 8",
        )


check_units_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-linear-statement"
# ## 4. A linear layer sends back three bars (8 points)
#
# A layer computes $Z = X W^\top + b$ for a batch of $N$ rows. Its output's bar
# $\bar Z$ has arrived. Write `linear_backward(Z_bar, X, W)`, which returns a dict with
# the keys `"X"`, `"W"` and `"b"`: the bars of the three inputs. (Lecture 6, equation 6.)
#
# | name | shape |
# |---|---|
# | `Z_bar` | (N, M) |
# | `X`, result `"X"` | (N, D) |
# | `W`, result `"W"` | (M, D) |
# | result `"b"` | (M,) |
#
# Use arrays, no loop over the batch is needed. Write it without the `DERIVATIVES` of the
# first cell.

# %% role="solution" id="a3-linear"
def linear_backward(Z_bar, X, W):
    """Return the bars of X, W and b for Z = X Wᵀ + b, given the bar of Z."""
    ### BEGIN SOLUTION
    return {"X": Z_bar @ W, "W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)}
    ### END SOLUTION


# %%
linear_backward(np.array([[1.0, 0.0]]), np.array([[3.0, 4.0]]), np.eye(2))
# X: [[1, 0]], W: [[3, 4], [0, 0]], b: [1, 0]

# %% role="test" id="a3-linear-visible" points=4
def check_linear_visible():
    rng = np.random.default_rng(4)
    X, W, Z_bar = (
        rng.standard_normal((3, 2)),
        rng.standard_normal((4, 2)),
        rng.standard_normal((3, 4)),
    )
    inputs = {"X": X, "W": W, "b": np.zeros(4)}
    expected = numerical_grad(
        lambda v: np.sum(Z_bar * (v["X"] @ v["W"].T + v["b"])), inputs
    )
    check.own(linear_backward, *DERIVATIVES)
    check.close(
        linear_backward, [Z_bar, X, W], expected, sizes={"N": 3}, see="lecture 6, eq. 6"
    )


check_linear_visible()


# %% role="test" id="a3-linear-hidden" points=4
### BEGIN HIDDEN TESTS
def check_linear_hidden():
    check.own(linear_backward, *DERIVATIVES)
    rng = np.random.default_rng()
    for N, D, M in [(1, 3, 2), (5, 1, 3), (4, 2, 1), (1, 1, 1), (6, 3, 3)]:
        X, W, Z_bar = (rng.standard_normal(shape) for shape in [(N, D), (M, D), (N, M)])
        inputs = {"X": X, "W": W, "b": np.zeros(M)}
        right = numerical_grad(
            lambda v: np.sum(Z_bar * (v["X"] @ v["W"].T + v["b"])), inputs
        )
        hints = {
            "The bias takes part in every row: sum its bar over the batch.": right
            | {"b": Z_bar},
            "Sum over the batch, axis 0: b has an entry for every output.": right
            | {"b": Z_bar.sum(axis=1)},
            "Only the first row arrives. Sum over the batch.": right
            | {"W": np.outer(Z_bar[0], X[0]), "b": Z_bar[0]},
            "Only the last row is left. Add the rows up, with +=.": right
            | {"W": np.outer(Z_bar[-1], X[-1]), "b": Z_bar[-1]},
            "This is the slope alone. Multiply by the bar that arrives, Z_bar.": {
                "X": np.tile(W.sum(axis=0), (N, 1)),
                "W": np.tile(X.sum(axis=0), (M, 1)),
                "b": np.ones(M),
            },
        }
        if M == D:
            hints["X_bar is Z_bar times W, not times its transpose."] = right | {
                "X": Z_bar @ W.T
            }
        check.close(
            linear_backward,
            [Z_bar, X, W],
            right,
            sizes={"N": N},
            hints=hints,
            see="lecture 6, eq. 6",
        )


check_linear_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-softmax-statement"
# ## 5. Softmax and cross-entropy together (6 points)
#
# The cost of scores $Z$ with integer targets $t$ is
# $L = -\frac1N \sum_n \log \mathrm{softmax}(Z_n)_{t_n}$, in the library
# `F.cross_entropy(Z, t)`. Write `softmax_bar(Z, t)`: its derivative $\bar Z$
# (equation 7). Scores may be as large as 1000. `F.softmax` may be used, the
# `DERIVATIVES` of the first cell may not.
#
# | name | shape |
# |---|---|
# | `Z`, result | (N, K) |
# | `t` | (N,), integers in 0 … K-1 |

# %% role="solution" id="a3-softmax"
def softmax_bar(Z, t):
    """Return the derivative of the mean cross-entropy by the scores Z."""
    ### BEGIN SOLUTION
    Z_bar = F.softmax(Z)
    Z_bar[np.arange(len(t)), t] -= 1
    return Z_bar / len(t)
    ### END SOLUTION


# %%
softmax_bar(np.array([[0.0, 0.0]]), np.array([1]))  # [[0.5, -0.5]]


# %% role="test" id="a3-softmax-visible" points=3
def check_softmax_visible():
    Z, t = np.array([[0.0, 1.0, 2.0]]), np.array([2])
    hints = {
        "Every entry is right but the target's. Did you subtract the one-hot target?": F.softmax(
            Z
        )
    }
    expected = numerical_grad(lambda Z: F.cross_entropy(Z, t), Z)
    check.own(softmax_bar, *DERIVATIVES)
    check.close(
        softmax_bar, [Z, t], expected, sizes={"K": 3}, hints=hints, see="lecture 6, eq. 7"
    )
    Z = np.array([[0.0, 1.0, -1.0], [3.0, -1.0, 0.0], [1.0, 2.0, 2.0], [0.0, 0.5, 1.0]])
    t = np.array([1, 1, 0, 0])  # no row has the last class, and two miss their target
    expected = numerical_grad(lambda Z: F.cross_entropy(Z, t), Z)
    check.close(
        softmax_bar, [Z, t], expected, sizes={"N": 4, "K": 3}, see="lecture 6, eq. 7"
    )


check_softmax_visible()


# %% role="test" id="a3-softmax-hidden" points=3
### BEGIN HIDDEN TESTS
def check_softmax_hidden():
    check.own(softmax_bar, *DERIVATIVES)
    rng = np.random.default_rng()
    for N, K in [(5, 3), (1, 2), (4, 4)]:
        Z, t = 2 * rng.standard_normal((N, K)), rng.integers(K, size=N)
        P, one_hot = F.softmax(Z), np.eye(K)[t]
        some_row, first = one_hot.any(axis=0), (np.arange(N) == 0)[:, None]
        sums = {
            "The one-hot target is missing: subtract 1 at the target of each row.": P,
            "Subtract the one-hot target, do not add it.": P + one_hot,
            "At the target stands p - 1, not 0: subtract the one-hot target.": P
            * (1 - one_hot),
            "This is the bar of the target's entry alone. All K scores matter.": one_hot
            * (P - 1),
            "Only the first row has its target subtracted.": P - first * one_hot,
            "All targets are subtracted in the first row. Pair row n with t[n].": P
            - first * some_row,
            "The first target is subtracted in every row.": P - one_hot[0],
            "Z_bar[:, t] changes whole columns. Pair row n with t[n].": P - some_row,
            "Both parts belong to the mean: divide both by N.": N * P - one_hot,
            "This subtracts 1 at the predicted class. Subtract it at the target.": P
            - np.eye(K)[P.argmax(axis=1)],
            "Classes count from 0: the target's column is t, not t - 1.": P
            - np.eye(K)[t - 1],
            "Softmax is taken down the columns. It belongs to each row.": F.softmax(Z.T).T
            - one_hot,
            "Softmax is taken over the whole array. It belongs to each row.": F.softmax(
                Z.ravel()
            ).reshape(N, K)
            - one_hot,
            "The exponentials are no probabilities yet: divide by their sum.": np.exp(Z)
            - one_hot,
            "These are the scores. Take the softmax of them first.": Z - one_hot,
            "This is log-softmax. The bar needs softmax itself.": F.log_softmax(Z)
            - one_hot,
            "This is the sigmoid of each score. The classes compete: use softmax.": F.sigmoid(
                Z
            )
            - one_hot,
            "This is the derivative by the probabilities. Go on to the scores.": -one_hot
            / P,
            "There is no factor p (1 - p): it cancels against the logarithm.": (P - one_hot)
            * P
            * (1 - P),
        }
        check.close(
            softmax_bar,
            [Z, t],
            (P - one_hot) / N,
            sizes={"N": N, "K": K},
            hints={sentence: total / N for sentence, total in sums.items()},
            see="lecture 6, eq. 7",
        )
    Z = np.array([[1000.0, 999.0, 0.0], [-1000.0, -1001.0, -1002.0]])
    expected = (F.softmax(Z) - np.eye(3)[[0, 1]]) / 2
    check.close(softmax_bar, [Z, np.array([0, 1])], expected, see="lecture 6, eq. 7")


check_softmax_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-network-statement"
# ## 6. A whole network (10 points)
#
# A network with one hidden layer and $K$ outputs, with the cost averaged over the batch:
#
# $$Z = X W_1^\top + b_1, \quad H = \sigma(Z), \quad Y = H W_2^\top + b_2, \quad
# L = \frac{1}{2N} \sum_n \lVert Y_n - T_n \rVert^2 .$$
#
# Write `network_backward(params, X, T)`, which returns $\partial L/\partial$`params`. Both
# `params` and the result are lists of two dicts, `[{"W": W1, "b": b1}, {"W": W2, "b": b2}]`.
# `F.sigmoid` and `nn.linear` may be used, the `DERIVATIVES` of the first cell may not.
#
# | name | shape | name | shape |
# |---|---|---|---|
# | `X` | (N, D) | `T` | (N, K) |
# | `W1` | (M, D) | `W2` | (K, M) |

# %% role="solution" id="a3-network"
def network_backward(params, X, T):
    """Return the gradient of the mean squared error of a two-layer network."""
    ### BEGIN SOLUTION
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]
    ### END SOLUTION


# %%
params = nn.init_mlp(np.random.default_rng(0), [2, 3, 1])
network_backward(params, np.ones((4, 2)), np.zeros((4, 1)))  # shapes as in params


# %% role="locked" id="a3-network-setup"
def network_cost(params, X, T):
    """Return the cost whose gradient is asked for."""
    return F.squared_error(nn.mlp(params, X, F.sigmoid), T)


# %% role="test" id="a3-network-visible" points=5
def check_network_visible():
    rng = np.random.default_rng(6)
    params = nn.init_mlp(rng, [3, 2, 4])
    for layer in params:
        layer["b"] = rng.standard_normal(len(layer["b"]))
    X, T = rng.standard_normal((5, 3)), rng.standard_normal((5, 4))
    check.own(network_backward, *DERIVATIVES, network_cost)
    check.gradient(
        network_backward,
        [params, X, T],
        network_cost,
        sizes={"N": 5, "D": 3, "K": 4},
        see="lecture 6, eq. 6",
    )


check_network_visible()


# %% role="test" id="a3-network-hidden" points=5
### BEGIN HIDDEN TESTS
def check_network_hidden():
    check.own(network_backward, *DERIVATIVES, network_cost)

    def bars(X, Z_bar, H, Y_bar):
        return [
            {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
            {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
        ]

    rng = np.random.default_rng()
    for N, D, M, K in [(1, 2, 3, 1), (5, 1, 1, 2), (3, 4, 4, 4), (6, 3, 2, 1)]:
        params = nn.init_mlp(rng, [D, M, K])
        for layer in params:
            layer["b"] = rng.standard_normal(len(layer["b"]))
        X, T = rng.standard_normal((N, D)), rng.standard_normal((N, K))
        first, second = params
        Z, W2 = nn.linear(first, X), second["W"]
        H = F.sigmoid(Z)
        Y, slope = nn.linear(second, H), H * (1 - H)
        Y_bar = (Y - T) / N
        unbent = Y_bar @ W2
        Z_bar = unbent * slope
        right = bars(X, Z_bar, H, Y_bar)
        bent = (F.sigmoid(Y) - T) / N
        bent_bar = Y_bar * Y * (1 - Y)
        flat = (nn.linear(second, Z) - T) / N
        H_0 = F.sigmoid(X @ first["W"].T)
        Y_0 = (H_0 @ W2.T - T) / N
        Y_1 = (H @ W2.T - T) / N
        one_output = np.outer(Y_bar[:, 0], W2[0])
        no_weights = Y_bar.sum(axis=1, keepdims=True)
        hints = {
            "The hidden layer's bar lacks sigma'(z) = h (1 - h).": bars(
                X, unbent, H, Y_bar
            ),
            "sigma' is taken at h, but belongs at z: it is h (1 - h).": bars(
                X, unbent * F.sigmoid(H) * (1 - F.sigmoid(H)), H, Y_bar
            ),
            "sigma'(z) is h (1 - h), not z (1 - z).": bars(
                X, unbent * Z * (1 - Z), H, Y_bar
            ),
            "sigma'(z) is h (1 - h): the factor h is missing.": bars(
                X, unbent * (1 - H), H, Y_bar
            ),
            "Multiply by sigma'(z) = h (1 - h), do not divide.": bars(
                X, unbent / slope, H, Y_bar
            ),
            "This is the slope of tanh. That of sigma is h (1 - h).": bars(
                X, unbent * (1 - H**2), H, Y_bar
            ),
            "The outputs are linear: no sigma there.": bars(X, bent @ W2 * slope, H, bent),
            "The outputs are linear: no factor y (1 - y).": bars(
                X, bent_bar @ W2 * slope, H, bent_bar
            ),
            "The hidden layer is H = sigma(Z): sigma is missing.": bars(
                X, flat @ W2, Z, flat
            ),
            "The forward pass lacks the biases.": bars(
                X, Y_0 @ W2 * H_0 * (1 - H_0), H_0, Y_0
            ),
            "The forward pass lacks the biases of the outputs.": bars(
                X, Y_1 @ W2 * slope, H, Y_1
            ),
            "Only the first output sends its message back. Add those of every output.": bars(
                X, one_output * slope, H, Y_bar
            ),
            "The message goes back through W2: multiply by it.": bars(
                X, no_weights * slope, H, Y_bar
            ),
            "The bar of W2 takes the layer's input, which is H.": bars(X, Z_bar, Z, Y_bar),
            "Only the last row is left. Add the rows up.": bars(
                X[-1:], Z_bar[-1:], H[-1:], Y_bar[-1:]
            ),
            "The mean is over the rows: divide by N, not by D.": bars(
                X, Z_bar * N / D, H, Y_bar * N / D
            ),
            "The first layer comes first in the list.": right[::-1],
            "Sum over the batch, axis 0: b has an entry for every unit.": [
                {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=1)},
                {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=1)},
            ],
            "Return the gradient alone, not the parameters after a step.": [
                {name: layer[name] - bar[name] for name in layer}
                for layer, bar in zip(params, right, strict=True)
            ],
        }
        check.gradient(
            network_backward,
            [params, X, T],
            network_cost,
            sizes={"N": N},
            hints=hints,
            see="lecture 6, eq. 6",
        )


check_network_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-differences-statement"
# ## 7. The gradient by differences (6 points)
#
# Write `differences(f, x, h)`, the two-sided estimate of the gradient of a function that
# takes an array and returns a number (equation 9):
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h} .$$
#
# `x` is a float array of any shape, also a matrix; the result is a new array of that
# shape. `x` itself must not change. Write it without the `DERIVATIVES` of the first cell.

# %% role="solution" id="a3-differences"
def differences(f, x, h):
    """Estimate the gradient of f at x by two-sided differences."""
    ### BEGIN SOLUTION
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
    ### END SOLUTION


# %%
differences(lambda x: np.sum(x**2), np.array([1.0, 2.0]), 1e-5)  # about [2, 4]


# %% role="test" id="a3-differences-visible" points=3
def check_differences_visible():
    def cubes(x):
        return float(np.sum(x**3))

    x = np.array([1.0, -2.0, 0.5])
    right = 3 * x**2 + 0.01
    hints = {
        "This is the one-sided difference. Step to both sides of x.": right + 0.3 * x,
        "This is the one-sided difference, backward.": right - 0.3 * x,
        "The two-sided difference is divided by 2h, not by h.": 2 * right,
        "Step by the h that is given, to each side.": 3 * x**2,
        "Step by the h that is given, not by half of it.": 3 * x**2 + 0.0025,
        "Step one entry at a time; here all moved at once.": np.full(3, np.sum(right)),
        "Step one entry at a time; take each step back.": np.cumsum(right),
    }
    check.own(differences, *DERIVATIVES)
    check.close(differences, [cubes, x, 0.1], right, hints=hints, see="lecture 6, eq. 9")
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    rows = np.array([[15.0, 15.0], [75.0, 75.0]])
    hints = {"Step one entry at a time; here a whole row moved.": rows}
    check.close(
        differences, [cubes, x, 1e-5], 3 * x**2, hints=hints, see="lecture 6, eq. 9"
    )


check_differences_visible()


# %% role="test" id="a3-differences-hidden" points=3
### BEGIN HIDDEN TESTS
def check_differences_hidden():
    check.own(differences, *DERIVATIVES)

    def cubes(x):
        return float(np.sum(x**3))

    def mixed(x):
        return float(3 * x.flat[0] - np.prod(x))

    rng = np.random.default_rng()
    for shape in [(1,), (5,), (2, 3), (2, 1, 2)]:
        x, h = rng.uniform(0.5, 2.0, size=shape), rng.uniform(0.01, 0.1)
        hints = {
            "This is the one-sided difference. Step to both sides of x.": 3 * x**2
            + 3 * x * h
            + h**2,
            "This is the one-sided difference, backward.": 3 * x**2 - 3 * x * h + h**2,
            "The two-sided difference is divided by 2h, not by h.": 2 * (3 * x**2 + h**2),
        }
        check.close(
            differences, [cubes, x, h], 3 * x**2 + h**2, hints=hints, see="lecture 6, eq. 9"
        )
        slope = -np.prod(x) / x
        slope.flat[0] += 3
        check.close(differences, [mixed, x, h], slope, see="lecture 6, eq. 9")


check_differences_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-error-statement"
# ## 8. How far apart? (4 points)
#
# Write `relative_distance(a, b)`: the largest $|a_i - b_i| / (|a_i| + |b_i|)$ over all
# entries of two arrays of one shape (equation 10), returned as a number. Two cases need
# a decision, and this is ours:
#
# - where both entries are exactly 0 they agree: the entry counts as 0;
# - if either array holds NaN anywhere, the result is infinity, `np.inf`, for a NaN is
#   never right.
#
# Do not use the library's `relative_error`.

# %% role="solution" id="a3-error"
def relative_distance(a, b):
    """Return the largest relative error between the entries of a and b."""
    ### BEGIN SOLUTION
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))
    ### END SOLUTION


# %%
relative_distance(np.array([1.0, 2.0]), np.array([1.0, 6.0]))  # 0.5


# %% role="test" id="a3-error-visible" points=2
def check_error_visible():
    check.own(relative_distance, relative_error)
    see = "lecture 6, eq. 10"
    hints = {
        "This is the mean. One wrong entry must not drown: take the largest.": 0.25,
        "Take the largest of all |a - b| / (|a| + |b|), each without its sign.": 0.0,
    }
    for a, b in [([1.0, 2.0], [1.0, 6.0]), ([0.0, 3.0], [0.0, 1.0])]:
        pair = [np.array(a), np.array(b)]
        check.close(relative_distance, pair, 0.5, hints=hints, see=see)
    hints = {"A NaN is never right: where one is found, return np.inf.": 0.0}
    pair = [np.array([np.nan, 1.0]), np.ones(2)]
    check.close(relative_distance, pair, np.inf, hints=hints, see=see)


check_error_visible()


# %% role="test" id="a3-error-hidden" points=2
### BEGIN HIDDEN TESTS
def check_error_hidden():
    check.own(relative_distance, relative_error)
    rng = np.random.default_rng()
    cases = [(shape, sign) for shape in [(1,), (4,), (3, 2)] for sign in (1, -1)]
    for shape, sign in cases:
        a = rng.standard_normal(shape)
        b = np.copysign(rng.standard_normal(shape), sign * a)  # unlike signs give 1
        each = np.abs(a - b) / (np.abs(a) + np.abs(b))
        hints = {
            "This is the mean. One wrong entry must not drown: take the largest.": np.mean(
                each
            ),
            "This is the sum over the entries: take the largest.": np.sum(each),
            "Divide entry by entry, then take the largest.": np.max(np.abs(a - b))
            / np.max(np.abs(a) + np.abs(b)),
            "The numerator is |a - b|, without its sign.": np.max(np.sign(a - b) * each),
            "The denominator is |a| + |b|, not |a| alone.": np.max(
                np.abs(a - b) / np.abs(a)
            ),
            "The denominator is |a| + |b|, not |a + b|.": np.max(np.abs((a - b) / (a + b))),
            "This is the absolute error. Divide by |a| + |b|.": np.max(np.abs(a - b)),
        }
        check.close(
            relative_distance, [a, b], np.max(each), hints=hints, see="lecture 6, eq. 10"
        )
        hints = {"Only exact zeros agree: tiny entries count like others.": 0.0}
        check.close(
            relative_distance,
            [1e-9 * a, 1e-9 * b],
            np.max(each),
            hints=hints,
            see="lecture 6, eq. 10",
        )
    zero, nan = np.zeros(3), np.array([1.0, np.nan, 1.0])
    one = np.array([0.0, 1.0, 0.0])
    check.close(relative_distance, [zero, one], 1.0, see="lecture 6, eq. 10")
    check.close(relative_distance, [zero, zero], 0.0, see="lecture 6, eq. 10")
    check.close(relative_distance, [nan, nan], np.inf, see="lecture 6, eq. 10")
    check.close(relative_distance, [np.ones(3), nan], np.inf, see="lecture 6, eq. 10")


check_error_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-checker-statement"
# ## 9. Ten planted bugs (10 points)
#
# Now the instrument itself. Write `is_correct(f, gradient, x)`. It returns `True` if
# `gradient(x)` is the gradient of `f` at `x`, and `False` if it is not.
#
# - `f` takes a float array and returns a number; `gradient` takes the same array and
#   should return an array of its shape.
# - Correct gradients must pass: large ones, tiny ones, and those that are exactly zero.
# - Ten wrong gradients must fail. Five are in the visible test; five you do not see. Think
#   of a single bad entry among good ones, of NaN, and of a wrong shape that broadcasts.
#
# You may use the library's `numerical_grad(f, x)` and `relative_error(a, b)`, or your own.
# `check_grad` and the other `DERIVATIVES` of the first cell are not for this exercise.

# %% role="locked" id="a3-checker-setup"
def logistic_cost(w):
    """Return the mean logistic loss of a fixed data set: a smooth function of w (4,)."""
    X = np.sin(np.arange(1.0, 25.0)).reshape(6, 4)
    return float(np.mean(np.log1p(np.exp(-X @ w))))


def logistic_slope(w):
    """Return the gradient of logistic_cost, which is correct."""
    X = np.sin(np.arange(1.0, 25.0)).reshape(6, 4)
    return -X.T @ (1 / (1 + np.exp(X @ w))) / len(X)


# %% role="solution" id="a3-checker"
def is_correct(f, gradient, x):
    """Return whether gradient(x) is the gradient of f at x."""
    ### BEGIN SOLUTION
    yours = np.asarray(gradient(x.copy()))
    if yours.shape != x.shape or not np.isfinite(yours).all():
        return False
    numerical = numerical_grad(f, x)
    scale = max(np.abs(yours).max(), np.abs(numerical).max())
    rounding = 1e-9 * abs(f(x)) + 1e-12
    return bool(np.abs(yours - numerical).max() <= 1e-5 * scale + rounding)
    ### END SOLUTION


# %%
is_correct(logistic_cost, logistic_slope, np.ones(4))  # True


# %% role="test" id="a3-checker-visible" points=5
def check_checker_visible():
    def wrong_sign(w):
        return -logistic_slope(w)

    def sum_instead_of_mean(w):
        return 6 * logistic_slope(w)

    def all_zero(w):
        return 0 * w

    def reversed_order(w):
        return logistic_slope(w)[::-1]

    def off_by_a_constant(w):
        return logistic_slope(w) + 0.001

    check.own(is_correct, grad, value_and_grad, make_vjp, jacobian, check_grad)
    x = np.array([0.5, -1.0, 0.2, 2.0])
    check.equal(
        is_correct, [logistic_cost, logistic_slope, x], True, see="lecture 6, eq. 9 and 10"
    )
    for wrong in [
        wrong_sign,
        sum_instead_of_mean,
        all_zero,
        reversed_order,
        off_by_a_constant,
    ]:
        check.equal(
            is_correct, [logistic_cost, wrong, x], False, see="lecture 6, eq. 9 and 10"
        )


check_checker_visible()


# %% role="test" id="a3-checker-hidden" points=5
### BEGIN HIDDEN TESTS
def check_checker_hidden():
    check.own(is_correct, grad, value_and_grad, make_vjp, jacobian, check_grad)

    def one_entry_off_by_one_percent(w):
        slope = logistic_slope(w)
        slope[2] -= 0.01 * abs(slope[2])
        return slope

    def everything_off_by_a_thousandth(w):
        return 1.001 * logistic_slope(w)

    def one_entry_nan(w):
        return logistic_slope(w) * np.array([1.0, np.nan, 1.0, 1.0])

    def shape_that_broadcasts(w):
        return logistic_slope(w)[None, :]

    def flat(w):
        return 3.0

    def zero_slope(w):
        return np.zeros(w.shape)

    def big(w):
        return float(1e6 * np.sum(w**4))

    def big_slope(w):
        return 4e6 * w**3

    def small(w):
        return float(1e-9 * np.sum(np.abs(w)))

    def small_slope(w):
        return 1e-9 * np.sign(w)

    def small_without_sign(w):
        return np.full(w.shape, 1e-9)  # right where every entry of w is positive

    def matrix(W):
        return float(np.sum(np.tanh(W) ** 2))

    def matrix_slope(W):
        return 2 * np.tanh(W) * (1 - np.tanh(W) ** 2)

    x = np.random.default_rng().uniform(0.3, 1.5, size=4)
    for f, right in [
        (logistic_cost, logistic_slope),
        (flat, zero_slope),
        (big, big_slope),
        (small, small_slope),
    ]:
        check.equal(is_correct, [f, right, x], True, see="lecture 6, eq. 9 and 10")
    check.equal(
        is_correct, [matrix, matrix_slope, x.reshape(2, 2)], True, see="lecture 6, eq. 10"
    )
    for wrong in [
        one_entry_off_by_one_percent,
        everything_off_by_a_thousandth,
        one_entry_nan,
        shape_that_broadcasts,
    ]:
        check.equal(
            is_correct, [logistic_cost, wrong, x], False, see="lecture 6, eq. 9 and 10"
        )
    see = "lecture 6, eq. 10"
    check.equal(is_correct, [small, small_without_sign, x], True, see=see)
    check.equal(is_correct, [small, small_without_sign, -x], False, see=see)


check_checker_hidden()
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a3-words-statement"
# ## 10. In words (8 points)
#
# A friend trains a network with a backward pass written by hand. The training cost falls
# from 0.69 to 0.31 and 91 % of the test images are classified correctly. "So the gradient
# is right," your friend says, "and the check with h = 1e-10 that reports a relative error
# of 3e-5 is just noise."
#
# a. Why is a falling cost no proof? Give one wrong gradient that still lowers the cost, and
# say why it does. (3 points)
#
# b. What can the reported 3e-5 mean at h = 1e-10, and what would you run next to tell a
# bug from rounding? Name the h, the precision and the error you would then accept. (3 points)
#
# c. The check fails at a single entry of a ReLU network and passes everywhere else. Give one
# innocent and one guilty explanation, and a test that separates them. (2 points)
#
# Answer in the cell below, in at most 200 words.

# %% [markdown] role="written" id="a3-words" points=8
# ### BEGIN MARK SCHEME
# **a (3).** 1 point: the cost falls along every direction that makes an acute angle with
# the negative gradient, not only along the gradient. 1 point: a concrete example, such as a
# positive factor, a missing bias gradient, a layer that is never updated. 1 point: why that
# example still has a positive inner product with the true gradient.
#
# **b (3).** 1 point: rounding error of about 1e-16 |f| / h is 1e-6 |f| here and easily
# reaches 3e-5 relative to a small gradient, so that the number alone decides nothing.
# 1 point: repeat two-sided with h about 1e-5 in float64 (or watch how the error moves
# with h). 1 point: accept about 1e-6 or below; an error that stays at 3e-5 is a bug.
#
# **c (2).** 1 point: innocent, a unit within h of its kink, where the two sides have
# different slopes; guilty, a wrong case of the ReLU derivative or one wrong index. 1 point:
# move the input a little or draw a new one: the innocent failure goes away or moves.
# ### END MARK SCHEME
