# %% right: own forward pass
def network_backward(params, X, T):
    W1, b1 = params[0]["W"], params[0]["b"]
    W2, b2 = params[1]["W"], params[1]["b"]
    H = 1 / (1 + np.exp(-(X @ W1.T + b1)))
    dY = (H @ W2.T + b2 - T) / X.shape[0]
    dZ = dY @ W2 * H * (1 - H)
    return [
        {"W": dZ.T @ X, "b": dZ.sum(0)},
        {"W": dY.T @ H, "b": dY.sum(0)},
    ]


# %% right: one example after the other
def network_backward(params, X, T):
    N = len(X)
    bars = [{name: np.zeros_like(p[name]) for name in p} for p in params]
    for x, t in zip(X, T):
        h = F.sigmoid(params[0]["W"] @ x + params[0]["b"])
        y_bar = (params[1]["W"] @ h + params[1]["b"] - t) / N
        z_bar = (params[1]["W"].T @ y_bar) * h * (1 - h)
        for bar, out, into in [(bars[0], z_bar, x), (bars[1], y_bar, h)]:
            bar["W"] += np.outer(out, into)
            bar["b"] += out
    return bars


# %% right: einsum
def network_backward(params, X, T):
    H = F.sigmoid(nn.linear(params[0], X))
    Y_bar = (nn.linear(params[1], H) - T) / len(T)
    Z_bar = np.einsum("nk,km,nm,nm->nm", Y_bar, params[1]["W"], H, 1 - H)
    return [
        {"W": np.einsum("no,ni->oi", bar, value), "b": np.einsum("no->o", bar)}
        for bar, value in [(Z_bar, X), (Y_bar, H)]
    ]


# %% right: a helper for the linear layer
def backward_through(layer, bar, inputs):
    return bar @ layer["W"], {"W": bar.T @ inputs, "b": bar.sum(axis=0)}


def network_backward(params, X, T):
    Z = nn.linear(params[0], X)
    H = F.sigmoid(Z)
    Y = nn.linear(params[1], H)
    H_bar, second = backward_through(params[1], (Y - T) / len(X), H)
    slope = F.sigmoid(Z) * F.sigmoid(-Z)
    _, first = backward_through(params[0], H_bar * slope, X)
    return [first, second]


# %% right: averaged at the end
def network_backward(params, X, T):
    H = F.sigmoid(nn.linear(params[0], X))
    error = nn.linear(params[1], H) - T
    delta = error.dot(params[1]["W"]) * (H - H**2)
    N = len(X)
    return [
        {"W": delta.T.dot(X) / N, "b": delta.mean(axis=0)},
        {"W": error.T.dot(H) / N, "b": error.mean(axis=0)},
    ]


# %% right: any number of layers
def network_backward(params, X, T):
    values = [X]
    for layer in params[:-1]:
        values.append(F.sigmoid(nn.linear(layer, values[-1])))
    bar = (nn.linear(params[-1], values[-1]) - T) / len(X)
    bars = []
    for layer, value in zip(reversed(params), reversed(values)):
        bars.insert(0, {"W": bar.T @ value, "b": bar.sum(axis=0)})
        bar = (bar @ layer["W"]) * value * (1 - value)
    return bars


# %% right: recursion over the layers
def descend(layers, X, T):
    Z = nn.linear(layers[0], X)
    if len(layers) == 1:
        Z_bar, later = (Z - T) / len(X), []
    else:
        H = F.sigmoid(Z)
        H_bar, later = descend(layers[1:], H, T)
        Z_bar = H_bar * H * (1 - H)
    bars = {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)}
    return Z_bar @ layers[0]["W"], [bars, *later]


def network_backward(params, X, T):
    return descend(params, X, T)[1]


# %% right: tuple of dicts of lists
def network_backward(params, X, T):
    H = F.sigmoid(nn.linear(params[0], X))
    Y_bar = (nn.linear(params[1], H) - T) / len(X)
    Z_bar = (Y_bar @ params[1]["W"]) * H * (1 - H)
    first = dict(b=Z_bar.sum(axis=0).tolist(), W=(X.T @ Z_bar).T.tolist())
    second = dict(b=Y_bar.sum(axis=0).tolist(), W=(H.T @ Y_bar).T.tolist())
    return first, second


# %% right: in place on a copy of the parameters
import copy


def network_backward(params, X, T):
    bars = copy.deepcopy(params)
    H = F.sigmoid(nn.linear(params[0], X))
    delta = nn.linear(params[1], H)
    delta -= T
    delta /= len(X)
    bars[1]["W"][:] = delta.T @ H
    delta.sum(axis=0, out=bars[1]["b"])
    delta = delta @ params[1]["W"]
    delta *= H
    delta *= 1 - H
    np.matmul(delta.T, X, out=bars[0]["W"])
    delta.sum(axis=0, out=bars[0]["b"])
    return bars


# %% right: biases as weights of a constant input
def network_backward(params, X, T):
    ones = np.ones((len(X), 1))
    X1 = np.hstack([X, ones])
    V1, V2 = (np.column_stack([layer["W"], layer["b"]]) for layer in params)
    H1 = np.hstack([H := F.sigmoid(X1 @ V1.T), ones])
    Y_bar = (H1 @ V2.T - T) / len(X)
    V1_bar = (Y_bar @ V2[:, :-1] * H * (1 - H)).T @ X1
    bars = V1_bar, Y_bar.T @ H1
    return [{"W": bar[:, :-1], "b": bar[:, -1]} for bar in bars]


# %% right: object with call and saved values
class Network:
    def forward(self, params, X):
        self.X, self.H = X, F.sigmoid(nn.linear(params[0], X))
        return nn.linear(params[1], self.H)

    def __call__(self, params, X, T):
        Y_bar = (self.forward(params, X) - T) / len(X)
        Z_bar = Y_bar @ params[1]["W"] * self.H * (1 - self.H)
        pairs = [(Z_bar, self.X), (Y_bar, self.H)]
        return [{"W": bar.T @ value, "b": bar.sum(0)} for bar, value in pairs]


network_backward = Network()


# %% right: matrix class, which warns
def network_backward(params, X, T):
    H = np.matrix(F.sigmoid(nn.linear(params[0], X)))
    W2 = np.matrix(params[1]["W"])
    Y_bar = (H * W2.T + params[1]["b"] - T) / len(X)
    Z_bar = np.multiply(Y_bar * W2, np.multiply(H, 1 - H))
    return [
        {"W": Z_bar.T * X, "b": np.ravel(Z_bar.sum(axis=0))},
        {"W": Y_bar.T * H, "b": np.ravel(Y_bar.sum(axis=0))},
    ]


# %% wrong: no slope of the sigmoid | lacks sigma'
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = Y_bar @ second["W"]
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: slope of the sigmoid at h | belongs at z
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    S = F.sigmoid(H)
    Z_bar = (Y_bar @ second["W"]) * S * (1 - S)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: slope z (1 - z) | h (1 - h)
def network_backward(params, X, T):
    first, second = params
    Z = nn.linear(first, X)
    H = F.sigmoid(Z)
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * Z * (1 - Z)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: slope of tanh | slope of tanh
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * (1 - H**2)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: slope of ReLU
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * (H > 0.5)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: half of the slope | h (1 - h)
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: divided by the slope | h (1 - h)
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) / (H * (1 - H))
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: sum instead of mean | N times too large
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = nn.linear(second, H) - T
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: divided by N twice | N times too small
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X / len(X), "b": Z_bar.mean(axis=0)},
        {"W": Y_bar.T @ H / len(X), "b": Y_bar.mean(axis=0)},
    ]


# %% wrong: biases averaged again | N times too small
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.mean(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.mean(axis=0)},
    ]


# %% wrong: averaged over outputs too | K times too small
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / T.size
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: divided by the number of inputs | divide by N
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / X.shape[1]
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: divided by all entries of X | D times too small
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / X.size
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: batch of five always | times what is asked
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / 5
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: without the half | 2 times too large
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = 2 * (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: target minus output | wrong sign
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (T - nn.linear(second, H)) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: targets left out
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = nn.linear(second, H) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: sigmoid at the output | outputs are linear
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (F.sigmoid(nn.linear(second, H)) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: slope of a sigmoid at the output | outputs are linear
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y = nn.linear(second, H)
    Y_bar = (Y - T) * Y * (1 - Y) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: hidden layer linear in the forward pass | sigma is missing
def network_backward(params, X, T):
    first, second = params
    H = nn.linear(first, X)
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = Y_bar @ second["W"]
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: biases left out of the forward pass | biases
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(X @ first["W"].T)
    Y_bar = (H @ second["W"].T - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: output bias left out of the forward pass | biases
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (H @ second["W"].T - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: first weights on the way back | matmul
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ first["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: transposed weights on the way back | matmul
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"].T) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: second weights updated before they are used
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    W2 = second["W"] - 0.1 * Y_bar.T @ H
    Z_bar = (Y_bar @ W2) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: message from the first output only | every output
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = np.outer(Y_bar[:, 0], second["W"][0]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: weights left out on the way back | through W2
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = Y_bar.sum(axis=1, keepdims=True) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: weight bars transposed | transpose
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": X.T @ Z_bar, "b": Z_bar.sum(axis=0)},
        {"W": H.T @ Y_bar, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: second weights from the input | the shape should be
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ X, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: second weights from the pre-activation | layer's input
def network_backward(params, X, T):
    first, second = params
    Z = nn.linear(first, X)
    H = F.sigmoid(Z)
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ Z, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: no batch sum for the biases | batch
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar},
        {"W": Y_bar.T @ H, "b": Y_bar},
    ]


# %% wrong: biases kept as rows | only the shape differs
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0, keepdims=True)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0, keepdims=True)},
    ]


# %% wrong: biases summed over the units | axis 0
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=1)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=1)},
    ]


# %% wrong: hidden bias without the slope | lacks sigma'
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": (Y_bar @ second["W"]).sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: hidden bias forgotten | zero everywhere
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": np.zeros_like(first["b"])},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: no biases | keys
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X},
        {"W": Y_bar.T @ H},
    ]


# %% wrong: layers in the order of the backward pass | comes first
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
    ]


# %% wrong: one layer only | hold 2 things
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: four arrays | hold 2 things
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        Z_bar.T @ X,
        Z_bar.sum(axis=0),
        Y_bar.T @ H,
        Y_bar.sum(axis=0),
    ]


# %% wrong: axes of length one squeezed away | only the shape differs
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": np.squeeze(Z_bar.T @ X), "b": Z_bar.sum(axis=0)},
        {"W": np.squeeze(Y_bar.T @ H), "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: gradient step in the parameters | changed its argument params
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    first["W"] -= Z_bar.T @ X
    first["b"] -= Z_bar.sum(axis=0)
    second["W"] -= Y_bar.T @ H
    second["b"] -= Y_bar.sum(axis=0)
    return params


# %% wrong: parameters after a step | gradient alone
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": first["W"] - Z_bar.T @ X, "b": first["b"] - Z_bar.sum(axis=0)},
        {"W": second["W"] - Y_bar.T @ H, "b": second["b"] - Y_bar.sum(axis=0)},
    ]


# %% wrong: targets subtracted in place | changed its argument T
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    T -= nn.linear(second, H)
    Y_bar = -T / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    return [
        {"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: prints | returned None
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    print({"W": Z_bar.T @ X, "b": Z_bar.sum(axis=0)})
    print({"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)})


# %% wrong: last example overwrites the others | last row
def network_backward(params, X, T):
    first, second = params
    for x, t in zip(X, T):
        h = F.sigmoid(first["W"] @ x + first["b"])
        y_bar = (second["W"] @ h + second["b"] - t) / len(X)
        z_bar = (second["W"].T @ y_bar) * h * (1 - h)
        bars = [
            {"W": np.outer(z_bar, x), "b": z_bar},
            {"W": np.outer(y_bar, h), "b": y_bar},
        ]
    return bars


# %% wrong: cost instead of gradient | should hold 2 things
def network_backward(params, X, T):
    H = F.sigmoid(nn.linear(params[0], X))
    Y = nn.linear(params[1], H)
    return np.sum((Y - T) ** 2) / (2 * len(X))


# %% wrong: filled into integers | zero everywhere
def network_backward(params, X, T):
    first, second = params
    H = F.sigmoid(nn.linear(first, X))
    Y_bar = (nn.linear(second, H) - T) / len(X)
    Z_bar = (Y_bar @ second["W"]) * H * (1 - H)
    W1_bar = np.zeros(first["W"].shape, dtype=int)
    for m in range(len(W1_bar)):
        W1_bar[m] = Z_bar[:, m] @ X
    return [
        {"W": W1_bar, "b": Z_bar.sum(axis=0)},
        {"W": Y_bar.T @ H, "b": Y_bar.sum(axis=0)},
    ]


# %% wrong: by grad | without grad
def cost(params, X, T):
    return F.squared_error(nn.mlp(params, X, F.sigmoid), T)


def network_backward(params, X, T):
    return grad(cost)(params, X, T)


# %% wrong: by numerical_grad | without numerical_grad
def network_backward(params, X, T):
    def cost(params):
        return F.squared_error(nn.mlp(params, X, F.sigmoid), T)

    return numerical_grad(cost, params)


# %% wrong: by value_and_grad | without value_and_grad
from coursecore import value_and_grad


def network_backward(params, X, T):
    cost = lambda p: F.squared_error(nn.mlp(p, X, F.sigmoid), T)
    return value_and_grad(cost)(params)[1]
