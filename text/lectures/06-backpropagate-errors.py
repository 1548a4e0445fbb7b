# %% [markdown]
# # 6. Backpropagate errors, and check that you did
#
# A network with a million weights has a million derivatives. By the end of this lecture
# you compute all of them for about the price of two more forward passes, and you can
# tell a gradient that is right from one that only seems to work.

# %%
import matplotlib.pyplot as plt
import numpy as np

from coursecore import check_grad, data, grad, graph, jacobian, make_vjp, nn
from coursecore import functional as F
from coursecore import numerical_grad, plots, relative_error, trace, tree

plots.use_style()

# %% tags=["topic-099"]
x, t = 2.0, 0.0


def loss_program(w, b):
    z = w * x + b
    y = F.sigmoid(z)
    return {"z": z, "y": y, "L": 0.5 * (y - t) ** 2}


plots.show(
    plots.graph(loss_program, 1.0, -1.0, bars=True),
    see="values (blue, below) run to the right, bars (red, above) run back.",
)

# %% [markdown]
# **You will do:** differentiate one neuron, nine neurons and a whole network by hand; build
# backpropagation in seven lines; measure which step size makes a gradient check honest.
#
# **You will learn:** why bars run backward; why a value used twice gets two messages; what
# a vector-Jacobian product is.
#
# **You need:** lectures 3 and 5; the chain rule; [the notation page](../NOTATION.md).
# Throughout, $\bar v$ means $\partial L/\partial v$, the derivative of the final number by $v$.

# %% [markdown] tags=["topic-091"]
# ## What do we want to know?
#
# Training moves the weights of a network downhill on its cost. All weights and biases of all
# layers together are one point in *weight space*, one coordinate each, and we want the slope
# along every coordinate.
#
# The cost is a mean of losses over examples, and a derivative of a mean is the mean of the
# derivatives. So we may study one example at a time.
#
# **Predict.** Four examples have the slopes 1, 1, 1 and 5. What is the slope of their mean loss?

# %% tags=["topic-091"]
rng = np.random.default_rng(0)
X, T, w = rng.normal(size=(50, 3)), rng.normal(size=50), rng.normal(size=3)
slope = grad(lambda w, x, t: 0.5 * (x @ w - t) ** 2)
each = [slope(w, X[n], T[n]) for n in range(50)]
batch = grad(lambda w: F.squared_error(X @ w, T))(w)
np.allclose(np.mean(each, axis=0), batch), sum([1, 1, 1, 5]) / 4

# %% [markdown] tags=["topic-092"]
# **Explain.** It is 2, the mean of the four; 8 would be the slope of their *sum*, a factor $N$
# that we meet again as a bug.
#
# A derivative is a limit, and a partial derivative is the same limit along one coordinate
# with the others held still:
#
# $$\frac{\partial f}{\partial x_i} = \lim_{h \to 0} \frac{f(\dots, x_i + h, \dots) - f(\dots, x_i, \dots)}{h} .$$

# %% tags=["topic-092"]
h = 2.0 ** -np.arange(0, 12)
error = np.abs(((3 + h) ** 3 - 3**3) / h - 27)
figure, ax = plt.subplots()
ax.loglog(h, error, "o-", color=plots.BLUE)
ax.set(xlabel="step h", ylabel="error of the quotient for x³ at 3")
plots.show(figure, see="halve the step, and the error halves as well.")

# %% [markdown] tags=["topic-093", "topic-094"]
# For the line $f = wx + b$ the three partial derivatives are $x$ by $w$, $1$ by $b$ and $w$ by
# $x$. Collected in a vector they are the *gradient*, and it points where $f$ grows fastest. For
# $f = x^2 - 4x + y^2 + 2y$ it is $(2x - 4,\; 2y + 2)$.
#
# **Predict.** Where does that gradient vanish, and which way do the arrows point around there?

# %% tags=["topic-093"]
line = grad(lambda v: v["w"] * v["x"] + v["b"])
line({"w": 3.0, "x": 2.0, "b": 1.0})

# %% tags=["topic-094"]
bowl = grad(lambda p: p[0] ** 2 - 4 * p[0] + p[1] ** 2 + 2 * p[1])
grid = np.meshgrid(np.arange(-1.0, 6), np.arange(-4.0, 3))
points = np.stack([axis.ravel() for axis in grid], axis=1)
arrows = np.array([bowl(p) for p in points])
figure, ax = plt.subplots(figsize=(4.4, 3.6))
ax.quiver(*points.T, *arrows.T, color=plots.RED, scale=70)
ax.plot(2, -1, "k*", markersize=14)
ax.set(xlabel="x", ylabel="y", aspect="equal")
plots.show(figure, see="all arrows point uphill, away from the star (2, −1).")

# %% [markdown]
# **Explain.** It vanishes at $(2, -1)$, the bottom of the bowl. The arrows point *outward*: the
# gradient is the direction of increase, which is why descent takes a minus sign.
#
# **In one line:** a gradient has one slope for each parameter, and averages over examples.

# %% [markdown] tags=["topic-095", "topic-096"]
# ## How do slopes combine along a path?
#
# If $x$ moves $y$ and $y$ moves $f$, the quotient of the whole is exactly the product of two
# quotients, as long as $y$ moves at all:
#
# $$\frac{f(y(x+h)) - f(y(x))}{h} = \frac{f(y + c) - f(y)}{c} \cdot \frac{y(x+h) - y(x)}{h},
# \qquad c = y(x+h) - y(x).$$
#
# As $h \to 0$ so does $c$, and the two factors become $df/dy$ and $dy/dx$. That is the chain
# rule. Take $F(x) = (2x^2+1)^2$ at $x = 1$: inside, $y = 2x^2 + 1$ has slope $4x = 4$; outside,
# $y^2$ has slope $2y = 6$.

# %% tags=["topic-095", "topic-096"]
for h in [0.1, 0.01, 0.001]:
    c = (2 * (1 + h) ** 2 + 1) - 3
    print(f"h = {h:<6} outer {((3 + c) ** 2 - 9) / c:.4f}   inner {c / h:.4f}")

assert grad(lambda x: (2 * x**2 + 1) ** 2)(1.0) == 8 * 1 * (2 * 1**2 + 1)


# %% [markdown] tags=["topic-097"]
# Now a neuron: logistic least squares on one example, as in the picture at the top. In a
# calculus class one substitutes everything and differentiates the whole:
#
# $$\frac{\partial L}{\partial w} = (\sigma(wx+b) - t)\,\sigma'(wx+b)\,x, \qquad
# \frac{\partial L}{\partial b} = (\sigma(wx+b) - t)\,\sigma'(wx+b).$$
#
# Correct, and it repeats itself: $wx + b$ appears four times. With ten layers the formulas
# would not fit on this page. What would a *program* do? It would name every result and
# use it again.

# %% [markdown] tags=["topic-098", "topic-100"]
# **Forward** (1) and **backward** (2), one line for each line, in opposite order:
#
# | | (1) forward | (2) backward |
# |---|---|---|
# | a | $z = wx + b$ | $\bar w = \bar z\, x, \quad \bar b = \bar z$ |
# | b | $y = \sigma(z)$ | $\bar z = \bar y\, \sigma'(z), \quad \sigma' = y(1-y)$ |
# | c | $L = \tfrac12 (y - t)^2$ | $\bar y = y - t$ |
#
# The bar of a value is also called its *error signal*. It is no new mathematics; it is a number
# that the program has stored.

# %%
def neuron(w, b, x, t):
    z = w * x + b  # 1a
    y = F.sigmoid(z)  # 1b
    y_bar = y - t  # 2c
    z_bar = y_bar * y * (1 - y)  # 2b
    return {"y": y_bar, "z": z_bar, "w": z_bar * x, "b": z_bar}  # 2a


# %% tags=["topic-098", "topic-100"]
bars = neuron(1.0, -1.0, x=2.0, t=0.0)
for name, bar in bars.items():
    print(f"{name}_bar  {bar:.4f}")

gradient = [bars["w"], bars["b"]]
check_grad(lambda p: loss_program(*p)["L"], [1.0, -1.0], gradient)


# %% [markdown] tags=["topic-097"]
# `check_grad` compared both entries with differences of the loss and was content: it returns
# how many entries it looked at.
#
# **Predict.** We count the operations of both ways, for $L$ with its two derivatives. Does naming
# results save a little, about half, or nothing?

# %%
def substituted(w, b):
    s = lambda: F.sigmoid(w * x + b)
    L = 0.5 * (s() - t) ** 2
    w_bar = (s() - t) * s() * (1 - s()) * x
    b_bar = (s() - t) * s() * (1 - s())
    return L, w_bar, b_bar


# %% tags=["topic-097"]
structured = lambda w, b: (loss_program(w, b)["L"], neuron(w, b, x, t))
tapes = [trace(way, 1.0, -1.0)[1].tape for way in (substituted, structured)]
[len(tape) - 2 for tape in tapes]  # without the two inputs


# %% [markdown]
# **Explain.** `trace` runs a program and lists each operation that it performs; we look inside in
# lecture 7. Naming saves more than half even for one neuron. With depth the gap grows, because a
# substituted formula repeats every layer below it.
#
# **In one line:** run forward, keep what you computed, and multiply slopes from the back.

# %% [markdown] tags=["topic-101", "topic-102"]
# ## What if a value is used twice?
#
# Add a penalty: $R = \tfrac12 w^2$ and $L_{reg} = L + \lambda R$. Now $w$ feeds both $z$ and $R$.
# In softmax regression it is worse: each score $z_k$ takes part in *every* probability. A change
# of $w$ reaches the end along each path, and the effects add. With two paths,
# $f(x(t), y(t))$:
#
# $$\bar t = \bar x\, \frac{dx}{dt} + \bar y\, \frac{dy}{dt} . \tag{3}$$

# %%
def penalised(w, b):
    steps = loss_program(w, b)
    R = 0.5 * w**2
    return steps | {"R": R, "L_reg": steps["L"] + 0.1 * R}


def softmax_regression(z1, z2, z3):
    e1, e2, e3 = np.exp(z1), np.exp(z2), np.exp(z3)
    total = e1 + e2 + e3
    y1, y2, y3 = e1 / total, e2 / total, e3 / total
    return {"y1": y1, "y2": y2, "y3": y3, "L": -np.log(y2) + 0 * (y1 + y3)}


# %% tags=["topic-101"]
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2))
plots.graph(penalised, 1.0, -1.0, bars=True, ax=axes[0])
plots.graph(softmax_regression, 0.0, 1.0, 2.0, values=False, ax=axes[1])
plots.show(figure, see="left, w has two arrows out; right, each score three.")

# %% [markdown] tags=["topic-104", "topic-106"]
# In the program, some parts of equation (3) are numbers already stored, and some are formulas
# still to be evaluated. Boxed and blue: stored. Plain: to do.
#
# $$\bar t = \color{#0072b2}{\boxed{\bar x}}\; \frac{dx}{dt} + \color{#0072b2}{\boxed{\bar y}}\;
# \frac{dy}{dt} .$$
#
# So for the penalised neuron $\bar w$ is a sum of two messages, $\bar z x$ and $\bar R w$, and
# everything else is as before:
#
# $$\bar L_{reg} = 1, \quad \bar R = \lambda, \quad \bar L = 1, \quad \bar y = y - t, \quad
# \bar z = \bar y\,\sigma'(z), \quad \bar w = \bar z x + \bar R w, \quad \bar b = \bar z .$$

# %% tags=["topic-104", "topic-106"]
traced = graph(penalised)(1.0, -1.0).bars
by_hand = bars | {"R": 0.1, "L": 1.0, "w": bars["z"] * 2.0 + 0.1 * 1.0}
assert all(np.isclose(traced[name], bar) for name, bar in by_hand.items())
{name: round(float(bar), 4) for name, bar in traced.items()}

# %% [markdown] tags=["topic-102", "topic-103"]
# Two more, small enough for paper. For $f = y + e^{xy}$ with $x = \cos t$ and $y = t^2$ the two
# messages are $y e^{xy} \cdot (-\sin t)$ and $(1 + x e^{xy}) \cdot 2t$. And for $f = yz$ with
# $y = x^3$, $z = x^2$ they are $z \cdot 3x^2$ and $y \cdot 2x$.
#
# **Predict.** What does the second sum to?

# %% tags=["topic-102"]
t1, x1, y1 = 1.0, np.cos(1.0), 1.0**2
along_x = y1 * np.exp(x1 * y1) * -np.sin(t1)
along_y = (1 + x1 * np.exp(x1 * y1)) * 2 * t1
check_grad(lambda t: t**2 + np.exp(np.cos(t) * t**2), t1, along_x + along_y)
f"{along_x:.4f} + {along_y:.4f} = {along_x + along_y:.4f}"

# %% tags=["topic-103"]
[float(grad(lambda x: x**3 * x**2)(x)) for x in (1.0, 2.0, 3.0)]


# %% [markdown]
# **Explain.** $3x^4 + 2x^4 = 5x^4$: 5, 80, 405, as it must be, since $x^3 x^2 = x^5$. Answering
# $3x^4$ or $2x^4$ forgets a message, which is easily done in a backward pass written by hand.
#
# **In one line:** where a value fans out, the messages that come back are summed.

# %% [markdown] tags=["topic-105"]
# ## Can we write it once for all programs?
#
# Yes. List the values $v_1, \dots, v_N$ in a *topological order*, parents before children, and let
# $v_N$ be the loss. Forward, compute each from its parents. Backward, start with $\bar v_N = 1$ and
#
# $$\bar v_i = \sum_{j \in \mathrm{Ch}(v_i)} \bar v_j \frac{\partial v_j}{\partial v_i},
# \qquad i = N-1, \dots, 1 . \tag{4}$$
#
# A program hands messages the other way round: each node, once its own bar is complete, sends a
# message to each of its parents.

# %%
def backprop(slopes, order):
    """Return all bars; slopes[j][i] is dv_j/dv_i for each parent i of j."""
    bars = dict.fromkeys(order, 0)
    bars[order[-1]] = 1
    for j in reversed(order):
        for i, slope in slopes[j].items():
            bars[i] += bars[j] * slope
    return bars


# %% [markdown] tags=["topic-105"]
# A graph has many topological orders. Below, 20 random graphs of 12 nodes; node $j$ depends on
# some of the nodes before it, with whole-number slopes, so that equality is exact. We compare the order
# $0, 1, \dots, 11$ with the one that always takes the *highest* node whose parents are done.
#
# **Predict.** Do the bars depend on the order?

# %%
def highest_first(slopes):
    order, left = [], set(slopes) - {11}
    while left:
        ready = [j for j in left if not left & set(slopes[j])]
        order.append(max(ready))
        left.remove(order[-1])
    return [*order, 11]


def draw_graph(rng, j):
    parents = [i for i in range(j) if rng.random() < 0.4]
    return {i: int(rng.integers(-3, 4)) for i in parents}


# %% tags=["topic-105"]
rng = np.random.default_rng(1)
different = 0
for _ in range(20):
    slopes = {j: draw_graph(rng, j) for j in range(12)}
    first, second = list(range(12)), highest_first(slopes)
    different += first != second
    assert backprop(slopes, first) == backprop(slopes, second)
different

# %% [markdown] tags=["topic-109", "topic-110", "topic-111"]
# **Explain.** No: in 20 graphs whose orders differ the bars agree exactly. All that counts is that a
# node sends only after all messages to it have arrived.
#
# For arrays the slope becomes the *Jacobian*, the table of all $\partial y_k / \partial z_j$, and
# equation (4) reads $\bar z = (\partial y/\partial z)^\top \bar y$: a **vector-Jacobian product**.
# Two that we need:
#
# $$z = Wx \;\Rightarrow\; \bar x = W^\top \bar z, \qquad\qquad y = e^z \;\Rightarrow\;
# \bar z = e^z \circ \bar y .$$

# %% tags=["topic-110"]
rng = np.random.default_rng(2)
W, x_in, bar = (rng.normal(size=size) for size in [(3, 4), 4, 3])
_, vjp_matrix = make_vjp(lambda x: W @ x, x_in)
_, vjp_exp = make_vjp(np.exp, W @ x_in)
assert np.allclose(vjp_matrix(bar), W.T @ bar)
np.allclose(vjp_exp(bar), np.exp(W @ x_in) * bar)

# %% tags=["topic-109"]
J = jacobian(lambda x: np.exp(W @ x))(x_in)
_, vjp = make_vjp(lambda x: np.exp(W @ x), x_in)
assert np.allclose(vjp(bar), J.T @ bar)
N, M, D = 128, 256, 784
full, bar_of_W = 8 * (N * M) * (M * D), 8 * M * D
f"Jacobian of X Wᵀ by W: {full / 1e9:.1f} GB; W_bar: {bar_of_W / 1e6:.1f} MB"

# %% [markdown] tags=["topic-109", "topic-111", "topic-108"]
# That is one layer of a small digit classifier: the table of all slopes would fill the memory of a large
# computer, while the answer that we want from it is smaller than a photograph. So we never build the Jacobian. Each
# function gets a rule that takes $\bar z$ in and gives $\bar x$ out, and no rule knows what comes before or
# after it.
#
# The full algorithm for arrays is the scalar one with a rule in place of the slope. This is the loop at the heart of the
# library, as it stands there. `tape` lists the operations in the order in which they ran, which *is* a
# topological order; `parents` says which arguments of an operation were results of earlier ones.

# %% tags=["topic-111"]
import inspect

from coursecore import backward_pass

source = inspect.getsource(backward_pass)
print("    " + source[source.index("bars = [None]") :])


# %% tags=["topic-108"]
def network(X, W1, b1, W2, b2):
    Z = X @ W1.T + b1
    H = np.tanh(Z)
    Y = H @ W2.T + b2
    return {"Z": Z, "H": H, "Y": Y, "L": F.squared_error(Y, np.zeros((5, 2)))}


rng = np.random.default_rng(3)
shapes = [(5, 3), (4, 3), (4,), (2, 4), (2,)]
figure = plots.graph(network, *[rng.normal(size=shape) for shape in shapes])
plots.show(figure, see="a node is an array; its bar has the shape below it.")


# %% [markdown]
# **In one line:** backpropagation visits nodes from the end, and each hands its parents
# the VJP of its own bar.

# %% [markdown] tags=["topic-107", "topic-112"]
# ## What does a layer send back?
#
# A network with one hidden layer, several outputs and squared error, for one example. Here
# $z, h, y$ are vectors, and $\circ$ multiplies entry by entry.
#
# | | (5) forward | (6) backward | one entry |
# |---|---|---|---|
# | a | $z = W_1 x + b_1$ | $\bar W_1 = \bar z x^\top,\; \bar b_1 = \bar z$ | $\bar w_{ij} = \bar z_i x_j$ |
# | b | $h = \sigma(z)$ | $\bar z = \bar h \circ \sigma'(z)$ | $\bar z_i = \bar h_i \sigma'(z_i)$ |
# | c | $y = W_2 h + b_2$ | $\bar W_2 = \bar y h^\top,\; \bar b_2 = \bar y,\; \bar h = W_2^\top \bar y$ | $\bar h_i = \sum_k \bar y_k w_{ki}$ |
# | d | $L = \tfrac12 \lVert y - t \rVert^2$ | $\bar y = y - t$ | $\bar y_k = y_k - t_k$ |
#
# Hidden unit $i$ feeds every output, so that its bar is a sum over $k$: fan-out, as a matrix product.

# %%
def mlp_backward(first, second, x, t):
    h = F.sigmoid(first["W"] @ x + first["b"])  # 5a, 5b
    y_bar = second["W"] @ h + second["b"] - t  # 5c, 6d
    h_bar = second["W"].T @ y_bar  # 6c
    z_bar = h_bar * h * (1 - h)  # 6b
    return [
        {"W": np.outer(z_bar, x), "b": z_bar},  # 6a
        {"W": np.outer(y_bar, h), "b": y_bar},  # 6c
    ]


# %% tags=["topic-112"]
rng = np.random.default_rng(4)
params = nn.init_mlp(rng, [3, 4, 2])
x3, t2 = rng.normal(size=3), rng.normal(size=2)
output = lambda params: nn.mlp(params, x3[None], F.sigmoid)
loss = lambda params: F.squared_error(output(params), t2[None])
check_grad(loss, params, grads=mlp_backward(*params, x3, t2))

# %% [markdown]
# All 26 entries agree with differences of the loss. Now the last column, unit by unit:

# %% tags=["topic-107"]
first_bar, second_bar = mlp_backward(*params, x3, t2)
y_bar, W2 = second_bar["b"], params[1]["W"]
h = F.sigmoid(params[0]["W"] @ x3 + params[0]["b"])
h_bar = [sum(y_bar[k] * W2[k, i] for k in range(2)) for i in range(4)]
z_bar = [h_bar[i] * h[i] * (1 - h[i]) for i in range(4)]
np.allclose(first_bar["W"], [[z * x for x in x3] for z in z_bar])


# %% [markdown] tags=["topic-116", "topic-117", "topic-119"]
# Loops and matrices give the same. Read the last column as the general rule: if $p$ depends on $a$ through $q_1, q_2, \dots$ then
# $\partial p/\partial a = \sum_i \frac{\partial p}{\partial q_i}\frac{\partial q_i}{\partial a}$,
# with $p$ the loss, $a$ a hidden unit and $q_i$ the pre-activations above it. That is the step at
# which writing out formulas gets out of hand, and bars do not.
#
# For classification only line d changes. With softmax and cross-entropy over a batch of $N$ rows,
# $P = \mathrm{softmax}(Z)$ and $T$ one-hot:
#
# $$\bar Z = \tfrac1N (P - T) . \tag{7}$$

# %%
def deep_backward(params, X, t, slope=lambda h: 1 - h**2):
    """Backpropagate through any number of tanh layers, for a batch."""
    H = [X]
    for layer in params[:-1]:
        H.append(np.tanh(nn.linear(layer, H[-1])))
    P = F.softmax(nn.linear(params[-1], H[-1]))
    Z_bar = (P - np.eye(P.shape[1])[t]) / len(t)  # equation 7
    grads = []
    for layer, below in zip(reversed(params), reversed(H), strict=True):
        grads.insert(0, {"W": Z_bar.T @ below, "b": Z_bar.sum(axis=0)})
        Z_bar = (Z_bar @ layer["W"]) * slope(below)
    return grads


# %% tags=["topic-117", "topic-119", "topic-120"]
rng = np.random.default_rng(5)
X4, t4 = rng.normal(size=(6, 4)), rng.integers(3, size=6)
cost = lambda params: F.cross_entropy(nn.mlp(params, X4), t4)
for sizes in ([4, 3], [4, 5, 3], [4, 4, 4, 4, 3]):
    params = nn.init_mlp(rng, sizes)
    count = check_grad(cost, params, grads=deep_backward(params, X4, t4))
    print(len(sizes) - 1, "layers:", count, "entries agree")

# %% [markdown] tags=["topic-120"]
# Where one example had $W^\top \bar z$, the batch has rows and so `Z_bar @ W`; where it had an outer
# product, the batch sums $N$ of them in `Z_bar.T @ H`. The bias takes part in every row, so its bar is a sum
# over rows: fan-out once more. And the factor $1/N$ of the mean enters once, at the top, in equation (7);
# everything below inherits it.
#
# **Find the slip.** Deck L's summary box computes the bar of the layer below as $W \bar a$. Two slides
# earlier the same deck had it right. What is missing, and for which networks would nobody
# notice from the shapes?

# %% tags=["topic-120", "topic-116"]
square = {"W": rng.normal(size=(3, 3)), "b": np.zeros(3)}
a_bar, below = rng.normal(size=3), rng.normal(size=3)
truth = numerical_grad(lambda h: a_bar @ (square["W"] @ h), below)
assert np.allclose(truth, square["W"].T @ a_bar)
error = relative_error(square["W"] @ a_bar, truth)
f"relative error without the transpose: {error:.2f}"

# %% [markdown] tags=["topic-118", "topic-127"]
# The transpose. Wherever a layer is as wide as the next one the wrong product runs without
# complaint, and only a gradient check tells.
#
# Line b needs the slope of each activation, and the slope is cheap once the value is known:
# $1$ for linear, $y(1-y)$ for the sigmoid, $1 - y^2$ for tanh.

# %% tags=["topic-118"]
z = np.linspace(-4, 4, 81)
slope_of = {F.linear: lambda y: np.ones(81), F.sigmoid: lambda y: y * (1 - y),
            F.tanh: lambda y: 1 - y**2}  # fmt: skip
figure, axes = plt.subplots(1, 3, figsize=(9, 2.6), sharex=True)
for ax, (g, slope) in zip(axes, slope_of.items(), strict=True):
    ax.plot(z, g(z), color=plots.BLACK, label="value")
    ax.plot(z, slope(g(z)), "--", color=plots.RED, label="slope")
    ax.set(title=g.__name__, xlabel="z", ylim=(-1.2, 1.2))
    assert np.allclose(slope(g(z)), grad(lambda z: np.sum(g(z)))(z))
axes[0].legend()
plots.show(figure, see="the sigmoid's slope is at most 1/4; far out, 0.")


# %% [markdown] tags=["topic-127", "topic-128"]
# Libraries often pack lines (a) to (c) into objects: a layer computes forward, keeps its
# input, and passes the bar of its input backward to the layer before. It is the same table.
#
# Why not write out one formula for $\nabla f$ and be done? With ReLU it has a case for every
# pattern of units that are on, up to $2^n$ of them.

# %%
class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, X):
        self.X = X
        return X @ self.W.T + self.b

    def backward(self, Z_bar):
        self.W_bar, self.b_bar = Z_bar.T @ self.X, Z_bar.sum(axis=0)
        return Z_bar @ self.W


# %% tags=["topic-127", "topic-128"]
layer = Linear(params[0]["W"], params[0]["b"])
layer.forward(X4)
Z_bar = rng.normal(size=(6, 4))
_, vjp = make_vjp(lambda X: X @ layer.W.T + layer.b, X4)
assert np.allclose(layer.backward(Z_bar), vjp(Z_bar))

points = rng.normal(size=(20_000, 6))
for n in range(1, 7):
    units_on = points[:, :n] @ rng.normal(size=(n, n)) > 0
    print(n, "ReLU units:", len(np.unique(units_on, axis=0)), "patterns")


# %% [markdown] tags=["topic-113", "topic-114", "topic-126"]
# With $n$ ReLU units on $n$ inputs we met all $2^n$ patterns. Backpropagation handles one of them
# at a time: the one that this input switches on.
#
# ## What does it cost?
#
# Forward, a weight is used in one multiply-add for each example. Backward it is used in line (c)
# for $\bar h$, and its own bar takes one more.
#
# **Predict.** The gradient function runs forward *and* backward. How many times the multiply-adds of
# the forward pass is that? And if every layer is made twice as wide?

# %%
def multiply_adds(program, *arrays):
    tape = trace(program, *arrays)[1].tape
    products = [node for node in tape if node.fun is np.matmul]
    return sum(node.args[0].shape[-1] * node.value.size for node in products)


def forward(arrays):
    X, *weights = arrays
    for W in weights:
        X = np.tanh(X @ W.T)
    return np.mean(X**2)


# %% tags=["topic-113", "topic-114", "topic-126"]
for width, depth in [(10, 2), (20, 2), (20, 4)]:
    arrays = [np.ones((8, width))] + [np.ones((width, width))] * depth
    ahead = multiply_adds(lambda *a: forward(list(a)), *arrays)
    whole = multiply_adds(lambda *a: grad(forward)(list(a)), *arrays)
    print(f"{depth} × {width}: {ahead:5}, backward {whole / ahead - 1} times")
    assert ahead == 8 * depth * width**2

# %% [markdown] tags=["topic-113", "topic-114", "topic-126", "topic-115"]
# **Explain.** Three times: once forward and exactly twice backward. The cost is one multiply-add for
# each weight and example, so it is $O(P)$ in the number $P$ of parameters, linear in depth and
# quadratic in width. For one matrix $W \in \mathbb{R}^{k \times m}$ both its node and its weight
# derivatives take $O(km)$. A step of stochastic gradient descent is therefore $O(P)$ too, and all of it is
# matrix products, which GPUs do well.
#
# Nearly all networks in use are trained this way. Brains, as far as anyone knows, are not: no signal
# has been found that carries error derivatives back, and the rules that could run in neurons learn more
# slowly on computers. How the brain learns is open.

# %% [markdown] tags=["topic-122"]
# ## Can we follow every number?
#
# To be sure that no step is magic we go through one small network by hand, that of deck N:
# inputs $a, b$; hidden units $c, d, e$; hidden units $f, g, h$; output $z$. Unit $j$ has the
# pre-activation $u_j = \sum_i W_{ij} v_i + \beta_j$ and the value $v_j = \sigma(u_j)$. (Deck N writes
# $\bar j$ for our $u_j$, so its bars are not ours; and what deck L calls the children of a box, its
# inputs, are parents to us.)
#
# There are 25 parameters. Forward, from left to right, we store all 16 numbers.

# %%
inputs_of = dict.fromkeys("cde", "ab") | dict.fromkeys("fgh", "cde")
inputs_of["z"] = "fgh"


def run(W, beta, a=1.0, b=-0.5):
    u, v = {}, {"a": a, "b": b}
    for j, before in inputs_of.items():
        u[j] = sum(W[i + j] * v[i] for i in before) + beta[j]
        v[j] = F.sigmoid(u[j])
    return u, v


# %% tags=["topic-122"]
rng = np.random.default_rng(6)
W = {i + j: rng.uniform(-2, 2) for j in inputs_of for i in inputs_of[j]}
beta = {j: rng.uniform(-1, 1) for j in inputs_of}
u, v = run(W, beta)
print("u:", {j: round(float(u_j), 3) for j, u_j in u.items()})
print("v:", {j: round(float(v_j), 3) for j, v_j in v.items()})

# %% [markdown] tags=["topic-123"]
# Backward, from right to left, in four moves: the output's pre-activation; the units that feed it; their
# pre-activations; and the next layer, where each unit collects three messages. The bars of values are wanted for
# none of the 25 parameters. We compute them because the next layer needs them.

# %%
slope = {j: v[j] * (1 - v[j]) for j in inputs_of}
v_bar, u_bar = {}, {"z": slope["z"]}
for i in "fgh":
    v_bar[i] = W[i + "z"] * u_bar["z"]
    u_bar[i] = v_bar[i] * slope[i]
for i in "cde":
    v_bar[i] = sum(W[i + j] * u_bar[j] for j in "fgh")
    u_bar[i] = v_bar[i] * slope[i]
W_bar = {edge: u_bar[edge[1]] * v[edge[0]] for edge in W}

# %% [markdown]
# Each number against a difference: nudge that one pre-activation (through its bias) or that
# one weight, and see how far $z$ moves.

# %% tags=["topic-123"]
by_bias = numerical_grad(lambda beta: run(W, beta)[1]["z"], beta)
by_weight = numerical_grad(lambda W: run(W, beta)[1]["z"], W)
for j in "zfghcde":
    print(f"∂z/∂u_{j} {u_bar[j]:9.5f}   by differences {by_bias[j]:9.5f}")
assert all(np.isclose(u_bar[j], by_bias[j], rtol=1e-6) for j in beta)
assert all(np.isclose(W_bar[e], by_weight[e], rtol=1e-6) for e in W)

# %% [markdown] tags=["topic-124", "topic-125"]
# They agree, and so do all 18 weights.
#
# Now as vectors. Put layer $i$'s values in $v_i$, the bars of its values in $\delta_i$ and of its
# pre-activations in $\delta^u_i$, and let $W_i$ have a row for each unit of layer $i + 1$:
#
# $$\delta_i = W_i^\top \delta^u_{i+1}, \qquad \Delta_i = \delta^u_{i+1} v_i^\top,
# \qquad \delta^u_i = s'(u_i) \circ \delta_i . \tag{8}$$
#
# **Find the slip.** Deck N's second claim is that the derivatives of the weights are
# $\Delta_i = v_i \delta_{i+1}^\top$. Two things are wrong with it. Look at shapes first.

# %% tags=["topic-124", "topic-125"]
W1 = np.array([[W[i + j] for i in "cde"] for j in "fgh"])
delta_u2 = np.array([u_bar[j] for j in "fgh"])
assert np.allclose(W1.T @ delta_u2, [v_bar[i] for i in "cde"])

v0, delta_u1 = np.array([v["a"], v["b"]]), np.array([u_bar[j] for j in "cde"])
W0_bar = np.array([[W_bar[i + j] for i in "ab"] for j in "cde"])
assert np.allclose(np.outer(delta_u1, v0), W0_bar)
claimed = np.outer(v0, delta_u1)
f"W_0 is {W0_bar.shape}, but the claim gives {claimed.shape}"

# %% [markdown] tags=["topic-121"]
# It is transposed, and it takes the bars of the values where those of the pre-activations belong.
# The network's output is seldom the loss itself. One more factor joins them,
# $\nabla L = \frac{\partial L}{\partial f} \nabla f$; for binary cross-entropy
# $\frac{\partial L}{\partial f} = -\frac{t}{f} + \frac{1-t}{1-f}$.

# %% tags=["topic-121"]
loss = lambda u_z: F.binary_cross_entropy(np.reshape(u_z, 1), np.ones(1))
z, target = v["z"], 1.0
L_bar = -target / z + (1 - target) / (1 - z)
check_grad(loss, u["z"], grads=L_bar * u_bar["z"])


# %% [markdown] tags=["topic-129"]
# ## How do we know that a gradient is right?
#
# By its definition. Nudge one input and look at the quotient, one-sided as in the limit above, or
# two-sided:
#
# $$\frac{f(x+h) - f(x)}{h} \qquad\text{or}\qquad \frac{f(x+h) - f(x-h)}{2h} . \tag{9}$$
#
# Both are slopes of a secant. Which is nearer to the tangent?

# %%
def draw_secants(h):
    f, x0, xs = (lambda x: np.exp(x) - x), 0.5, np.linspace(-0.7, 1.7, 60)
    one, two = (f(x0 + h) - f(x0)) / h, (f(x0 + h) - f(x0 - h)) / (2 * h)
    slopes = {"tangent": np.exp(x0) - 1, "one-sided": one, "two-sided": two}
    figure, ax = plt.subplots()
    ax.plot(xs, f(xs), color=plots.BLACK, label="f")
    styles = [(":", plots.RED), ("--", plots.BLUE), ("-.", plots.ORANGE)]
    for (name, m), (style, colour) in zip(slopes.items(), styles, strict=True):
        line = f(x0) + m * (xs - x0)
        ax.plot(xs, line, style, color=colour, label=f"{name} {m:.3f}")
    ax.set(xlabel="x", ylabel="f(x)", title=f"h = {h}")
    ax.legend()
    return figure


# %% tags=["topic-129"]
plots.interact(
    draw_secants,
    see="at h = 1 the two-sided secant leans like the tangent, nearly.",
    h=([1.0, 0.5, 0.2, 0.1, 0.01], 1.0),
)

# %% [markdown] tags=["topic-129", "topic-130"]
# The two-sided one: on both sides the curvature bends by the same amount, and it cancels. Its
# error shrinks with $h^2$, the other's with $h$. (With a live kernel, move the slider.)
#
# So make $h$ tiny? Deck G suggests $10^{-10}$. But a computer keeps 16 digits, and the difference of two nearly equal
# numbers keeps few of them: the rounding error of the quotient is about $10^{-16}|f|/h$. It *grows* as $h$ shrinks.
#
# We measure, on 10,000 random neurons with known derivatives. Their activation
# $\tfrac12 + \tfrac12 z/\sqrt{1+z^2}$ rounds alike on every processor, so that you see our digits.

# %%
rng = np.random.default_rng(7)
w, x, b, t = rng.uniform(-2, 2, size=(4, 10_000))


def neuron_loss(w, x, b, t):
    z = w * x + b
    return 0.5 * (0.5 + 0.5 * z / np.sqrt(1 + z * z) - t) ** 2


z = w * x + b
root = np.sqrt(1 + z * z)
exact = (0.5 + 0.5 * z / root - t) * 0.5 / (root * root * root) * x


# %%
def errors(h, dtype=np.float64):
    """Return the relative errors of both quotients, computed in dtype."""
    w_, *rest = (a.astype(dtype) for a in (w, x, b, t))
    up, here, down = (neuron_loss(w_ + dtype(s), *rest) for s in (h, 0, -h))
    quotients = (up - here) / dtype(h), (up - down) / dtype(2 * h)
    return [np.abs(q - exact) / (np.abs(q) + np.abs(exact)) for q in quotients]


steps = np.array([float(f"1e-{k}") for k in range(1, 13)])
medians = np.array([[np.median(e) for e in errors(h)] for h in steps])

# %% [markdown]
# For twelve steps from 0.1 down to $10^{-12}$ we take the median of the 10,000 relative errors: half of the
# neurons lie below each curve.
#
# Where would you look for the best step, and for which quotient would it be the smaller one?

# %% tags=["topic-129", "topic-130", "picture-error-against-step"]
figure, ax = plt.subplots()
ax.loglog(steps, medians[:, 0], "s--", color=plots.BLUE, label="one-sided")
ax.loglog(steps, medians[:, 1], "o-", color=plots.ORANGE, label="two-sided")
ax.axhline(1e-6, color=plots.BLACK, linestyle=":", label="limit 1e-6")
ax.set(xlabel="step h", ylabel="median relative error")
ax.legend()
one, two = steps[medians.argmin(axis=0)]
plots.show(figure, see=f"lowest at {one:.0e} (one-sided) and {two:.0e}.")

# %% tags=["topic-130"]
for h in (1e-10, 1e-5):
    one, two = (np.mean(e > 1e-6) for e in errors(h))
    print(f"h = {h:.0e}: refused {one:.0%} one-sided, {two:.0%} two-sided")

assert 100 < np.divide(*medians.min(axis=0)) < 1000

# %% [markdown] tags=["topic-130", "topic-131"]
# **Explain.** Each curve is a V: from the right the missing terms of the Taylor series shrink, with slope 1 and slope 2;
# from the left rounding grows, with slope $-1$ for both. The two-sided valley lies at a *larger* step and is hundreds of times deeper.
#
# That is the **slip**: with $h = 10^{-10}$ and the limit $10^{-6}$ most *correct* gradients are refused, 75 % or 60 %.
# Two-sided with $h = 10^{-5}$ refuses none. (One-sided, $h = 10^{-5}$ is no cure either: there the Taylor term is too large.)
#
#
# The limit is on the **relative error**, since a slope of 1000 may be off by more than one of 0.001:
#
# $$\frac{|a - b|}{|a| + |b|} . \tag{10}$$
#
# It has a hole of its own. **Predict.** What does (10) give where both slopes are exactly 0, as for an unused
# weight? And does `error > 1e-6` raise the alarm if a slope is NaN?

# %% tags=["topic-131"]
with np.errstate(invalid="ignore"):
    naive = np.abs(np.zeros(1) - 0) / (np.zeros(1) + 0)
print("0/0 is", naive[0], "and NaN > 1e-6 is", bool(np.nan > 1e-6))
print("library:", relative_error(0.0, 0.0), relative_error(np.nan, np.nan))

# %% [markdown] tags=["topic-131"]
# **Explain.** Both go wrong quietly: 0/0 is NaN, and any comparison with NaN is false, so that a check
# written as "complain if the error is large" lets every NaN pass. `relative_error` puts a floor under the denominator and
# calls NaN infinitely wrong.
#
# Check in double precision and on small random inputs: many draws find many cases, and zeros or ones hide factors.
# How much does precision matter? The same two-sided difference, in 32 bits, at its own best step:

# %% tags=["topic-131"]
single = min(np.median(errors(h, np.float32)[1]) for h in steps[:6])
f"best median: {single:.0e} in float32, {medians[:, 1].min():.0e} in float64"

# %% [markdown] tags=["topic-132"]
# In single precision no step comes near the limit of $10^{-6}$: a float32 keeps 7 digits where a float64 keeps 16,
# and half of them are lost in the difference. Most frameworks compute in single precision unless you ask, so ask
# before you check.
#
# One thing no step size cures. At a kink, such as ReLU's at 0, the two sides have different slopes, and a difference
# that straddles it reports a mixture of the two. If a single entry fails and moves away when you draw another input, suspect a kink; if it
# stays, suspect the code.

# %% [markdown] tags=["topic-132"]
# ## Break it: does a wrong gradient train?
#
# We forget one factor in `deep_backward`, the slope $1 - h^2$ of line (b), and train a network on 1,258 images of
# handwritten digits with the right and with the wrong gradient.
#
# **Predict.** With the bug, does the cost (i) rise, (ii) fall now and then, or (iii) fall at every one of
# 300 steps?

# %%
rng = np.random.default_rng(0)
train_set, valid_set = data.split(rng, data.digits(), (0.7, 0.3))


def descend(slope):
    params, costs = nn.init_mlp(np.random.default_rng(1), [64, 16, 10]), []
    for _ in range(300):
        grads = deep_backward(params, *train_set, slope)
        Z = nn.mlp(params, train_set[0])
        costs.append(F.cross_entropy(Z, train_set[1]))
        params = tree.map(lambda w, g: w - 0.5 * g, params, grads)
    return np.array(costs), nn.accuracy(params, *valid_set)


# %% tags=["topic-132"]
right, wrong = descend(lambda h: 1 - h**2), descend(lambda h: 1.0)
figure, ax = plt.subplots()
ax.semilogy(right[0], color=plots.BLUE, label="right gradient")
ax.semilogy(wrong[0], "--", color=plots.RED, label="slope forgotten")
ax.set(xlabel="step of gradient descent", ylabel="training cost (nats)")
ax.legend()
plots.show(figure, see="both costs fall smoothly; neither curve looks broken.")

# %% [markdown]
# Would you have noticed? Count the steps, and look at images that neither network has seen:

# %% tags=["topic-132"]
for name, (costs, accuracy) in {"right": right, "wrong": wrong}.items():
    falls = np.sum(np.diff(costs) < 0)
    print(f"{name}: cost falls {falls} of 299 times; unseen: {accuracy:.1%}")

# %% [markdown] tags=["topic-132"]
# **Explain.** At every step. The forgotten slope is positive, so that each entry of the hidden bar keeps its
# sign and the step still leads downhill, only not in the best direction. The price is hidden in the error on new
# digits. Learning algorithms often seem to work with wrong derivatives; they would work better with right ones, and a
# wrong one can send you looking for the fault elsewhere for weeks. The check takes a second.

# %% tags=["topic-132"]
params = nn.init_mlp(np.random.default_rng(2), [64, 16, 10])
X20, t20 = train_set[0][:20], train_set[1][:20]
wrong = deep_backward(params, X20, t20, lambda h: 1.0)
try:
    check_grad(lambda p: F.cross_entropy(nn.mlp(p, X20), t20), params, wrong)
except AssertionError as message:
    print(message)

# %% [markdown]
# The layer above passed; the first wrong entry is in layer 0, and so the fault lies between the
# two. That is how to use a gradient check: it tells not only *that* but *where*.
#
# **In one line:** a falling cost proves nothing; a two-sided check in double precision does.

# %% [markdown]
# ## What we now have
#
# | symbol | code | shape |
# |---|---|---|
# | $\bar v = \partial L/\partial v$ | `v_bar` | that of `v` |
# | $W,\; b$ | `layer["W"]`, `layer["b"]` | (M, D), (M,) |
# | $\bar Z^\top H,\; \sum_n \bar Z_n,\; \bar Z W$ | `Z_bar.T @ H`, `Z_bar.sum(axis=0)`, `Z_bar @ W` | (M, D), (M,), (N, D) |
# | equation (4) | `backward_pass`, `grad`, `make_vjp` | |
# | equations (9), (10) | `numerical_grad`, `relative_error`, `check_grad` | |
#
# A program is a list of simple steps, and each knows how to send a bar to its inputs. Where paths part,
# messages are summed. Whoever writes a gradient by hand checks it against differences.

# %% [markdown]
# ## Try
#
# 1. Give the nine units the activation tanh. Which single line changes?
# 2. Which of 1,000, 100 and 10 is the best number of random draws for a gradient check, and what does it depend on?
# 3. Forget the bias gradient instead of the slope. Does the network still train? What does the check say?
# 4. Show that equation (7) has rows that sum to zero, and say why a softmax layer must have that.
#
# Assignment 3 goes on from here: your own checker, against ten planted bugs.
#
# ## Read
#
# - Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", *Nature* 323 (1986)
# - Baydin et al., "Automatic differentiation in machine learning: a survey", *JMLR* 18 (2018)
# - Lillicrap et al., "Backpropagation and the brain", *Nature Reviews Neuroscience* 21 (2020)
