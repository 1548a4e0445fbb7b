# %% right: one example after the other
def model_backward(params, contexts, t, values):
    bars = {"R": np.zeros_like(params["R"])}
    for name in ("hidden", "output", "direct"):
        bars[name] = {key: np.zeros_like(leaf) for key, leaf in params[name].items()}
    for n, context in enumerate(contexts):
        h0, h, z_bar = values["H0"][n], values["H"][n], values["P"][n].copy()
        z_bar[t[n]] -= 1
        z_bar /= len(contexts)
        a_bar = (params["output"]["W"].T @ z_bar) * (1 - h) * (1 + h)
        h0_bar = params["hidden"]["W"].T @ a_bar + params["direct"]["W"].T @ z_bar
        for word, message in zip(context, np.split(h0_bar, len(context))):
            bars["R"][word] += message
        for name, bar, value in [
            ("hidden", a_bar, h0),
            ("output", z_bar, h),
            ("direct", z_bar, h0),
        ]:
            bars[name]["W"] += np.outer(bar, value)
            if "b" in bars[name]:
                bars[name]["b"] += bar
    return bars


# %% right: one-hot words throughout
def model_backward(params, contexts, t, values):
    V = len(params["R"])
    Z_bar = (values["P"] - (t[:, None] == np.arange(V))) / len(t)
    A_bar = Z_bar.dot(params["output"]["W"]) * (1 - values["H"] ** 2)
    H0_bar = A_bar.dot(params["hidden"]["W"]) + Z_bar.dot(params["direct"]["W"])
    words = np.eye(V)[contexts.ravel()]
    return {
        "R": words.T @ H0_bar.reshape(len(words), -1),
        "hidden": {"W": A_bar.T @ values["H0"], "b": A_bar.sum(0)},
        "output": {"W": Z_bar.T @ values["H"], "b": Z_bar.sum(0)},
        "direct": {"W": Z_bar.T @ values["H0"]},
    }


# %% right: einsum
def model_backward(params, contexts, t, values):
    N, length = contexts.shape
    Z_bar = (values["P"] - np.eye(len(params["R"]))[t]) / N
    slope = 1 - np.square(values["H"])
    A_bar = np.einsum("nv,vm,nm->nm", Z_bar, params["output"]["W"], slope)
    H0_bar = np.einsum("nm,mi->ni", A_bar, params["hidden"]["W"])
    H0_bar += np.einsum("nv,vi->ni", Z_bar, params["direct"]["W"])
    R_bar = np.zeros(params["R"].shape)
    np.add.at(R_bar, contexts.ravel(), H0_bar.reshape(N * length, -1))
    layers = {"hidden": (A_bar, "H0"), "output": (Z_bar, "H"), "direct": (Z_bar, "H0")}
    bars = {"R": R_bar}
    for name, (bar, value) in layers.items():
        bars[name] = {"W": np.einsum("no,ni->oi", bar, values[value])}
        if name != "direct":
            bars[name]["b"] = np.einsum("no->o", bar)
    return bars


# %% right: averaged at the end
def model_backward(params, contexts, t, values):
    N, length = contexts.shape
    error = values["P"].copy()
    error[np.arange(N), t] -= 1
    delta = error @ params["output"]["W"]
    delta -= delta * values["H"] ** 2
    down = delta @ params["hidden"]["W"] + error @ params["direct"]["W"]
    D = params["R"].shape[1]
    R_bar = np.zeros_like(params["R"])
    for k in range(length):
        np.add.at(R_bar, contexts[:, k], down[:, k * D : (k + 1) * D])
    return {
        "direct": {"W": error.T @ values["H0"] / N},
        "output": {"b": error.mean(axis=0), "W": error.T @ values["H"] / N},
        "hidden": {"b": delta.mean(axis=0), "W": delta.T @ values["H0"] / N},
        "R": R_bar / N,
    }


# %% right: own forward pass
def model_backward(params, contexts, t, values):
    hidden, output, direct = params["hidden"], params["output"], params["direct"]
    X = np.concatenate([params["R"][ids] for ids in contexts.T], axis=1)
    H = np.tanh(X @ hidden["W"].T + hidden["b"])
    P = F.softmax(H @ output["W"].T + output["b"] + X @ direct["W"].T)
    dZ = (P - np.eye(P.shape[1])[t]) / len(X)
    dA = dZ @ output["W"] / np.cosh(X @ hidden["W"].T + hidden["b"]) ** 2
    dX = dA @ hidden["W"] + dZ @ direct["W"]
    dR = [
        sum(
            part[ids == word].sum(axis=0)
            for ids, part in zip(contexts.T, np.hsplit(dX, contexts.shape[1]))
        )
        for word in range(len(P[0]))
    ]
    return {
        "R": dR,
        "hidden": {"W": dA.T @ X, "b": dA.sum(axis=0)},
        "output": {"W": dZ.T @ H, "b": dZ.sum(axis=0)},
        "direct": {"W": dZ.T @ X},
    }


# %% right: helpers for a linear layer and for the table
def through(layer, bar, inputs):
    bars = {"W": bar.T @ inputs}
    if "b" in layer:
        bars["b"] = bar.sum(axis=0)
    return bars, bar @ layer["W"]


def to_table(H0_bar, contexts, shape):
    R_bar = np.zeros(shape)
    messages = H0_bar.reshape(*contexts.shape, shape[1])
    for place in np.ndindex(*contexts.shape):
        R_bar[contexts[place]] += messages[place]
    return R_bar


def model_backward(params, contexts, t, values):
    H0, H, P = (values[name] for name in ("H0", "H", "P"))
    Z_bar = (P - np.eye(P.shape[1])[t]) / P.shape[0]
    direct, H0_bar = through(params["direct"], Z_bar, H0)
    output, H_bar = through(params["output"], Z_bar, H)
    hidden, more = through(params["hidden"], H_bar - H_bar * H * H, H0)
    R_bar = to_table(H0_bar + more, contexts, params["R"].shape)
    return dict(R=R_bar, hidden=hidden, output=output, direct=direct)


# %% right: hidden and direct weights as one table of inputs
def model_backward(params, contexts, t, values):
    (N, M), V = values["H"].shape, len(params["R"])
    both = np.hstack([values["H"], values["H0"], np.ones((N, 1))])
    W_both = np.hstack([params["output"]["W"], params["direct"]["W"]])
    Z_bar = (values["P"] - np.eye(V)[t]) / N
    both_bar = Z_bar @ W_both
    A_bar = both_bar[:, :M] * (1 - values["H"] ** 2)
    H0_bar = both_bar[:, M:] + A_bar @ params["hidden"]["W"]
    W_bar = Z_bar.T @ both
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(*contexts.shape, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ values["H0"], "b": A_bar.sum(axis=0)},
        "output": {"W": W_bar[:, :M], "b": W_bar[:, -1]},
        "direct": {"W": W_bar[:, M:-1]},
    }


# %% right: columns are examples
def model_backward(params, contexts, t, values):
    x, h = values["H0"].T, values["H"].T
    z_bar = values["P"].T.copy()
    z_bar[t, range(len(t))] -= 1
    z_bar = z_bar / len(t)
    a_bar = (params["output"]["W"].T @ z_bar) * (1 - h**2)
    x_bar = params["hidden"]["W"].T @ a_bar + params["direct"]["W"].T @ z_bar
    D = params["R"].shape[1]
    R_bar = np.zeros((D, len(params["R"])))
    for n in range(len(t)):
        for k, word in enumerate(contexts[n]):
            R_bar[:, word] += x_bar[k * D : (k + 1) * D, n]
    return {
        "R": R_bar.T,
        "hidden": {"W": a_bar @ x.T, "b": np.sum(a_bar, axis=1)},
        "output": {"W": z_bar @ h.T, "b": np.sum(z_bar, axis=1)},
        "direct": {"W": z_bar @ x.T},
    }


# %% right: in place on a copy of the parameters
import copy


def model_backward(params, contexts, t, values):
    bars = copy.deepcopy(params)
    delta = np.array(values["P"])
    delta[np.arange(len(t)), t] -= 1
    delta /= len(t)
    np.matmul(delta.T, values["H"], out=bars["output"]["W"])
    np.matmul(delta.T, values["H0"], out=bars["direct"]["W"])
    delta.sum(axis=0, out=bars["output"]["b"])
    down = delta @ params["direct"]["W"]
    delta = delta @ params["output"]["W"]
    delta *= 1 - values["H"] ** 2
    np.matmul(delta.T, values["H0"], out=bars["hidden"]["W"])
    delta.sum(axis=0, out=bars["hidden"]["b"])
    down += delta @ params["hidden"]["W"]
    bars["R"][:] = 0
    np.add.at(bars["R"], contexts, down.reshape(*contexts.shape, -1))
    return bars


# %% right: matrix class, which warns
def model_backward(params, contexts, t, values):
    H0, H, P = (np.matrix(values[name]) for name in ("H0", "H", "P"))
    Z_bar = (P - np.eye(P.shape[1])[t]) / len(t)
    A_bar = np.multiply(Z_bar * params["output"]["W"], 1 - np.square(H))
    H0_bar = np.asarray(A_bar * params["hidden"]["W"] + Z_bar * params["direct"]["W"])
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(*contexts.shape, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T * H0, "b": np.ravel(A_bar.sum(axis=0))},
        "output": {"W": Z_bar.T * H, "b": np.ravel(Z_bar.sum(axis=0))},
        "direct": {"W": Z_bar.T * H0},
    }


# %% right: lists
def model_backward(params, contexts, t, values):
    Z_bar = [[p / len(t) for p in row] for row in values["P"].tolist()]
    for row, word in zip(Z_bar, t):
        row[word] -= 1 / len(t)
    Z_bar = np.array(Z_bar)
    A_bar = Z_bar @ params["output"]["W"] * (1 - values["H"] ** 2)
    H0_bar = A_bar @ params["hidden"]["W"] + Z_bar @ params["direct"]["W"]
    ids, rows = contexts.ravel(), H0_bar.reshape(contexts.size, -1)
    V = len(params["R"])
    R_bar = [np.bincount(ids, weights=column, minlength=V) for column in rows.T]
    return {
        "R": np.array(R_bar).T.tolist(),
        "hidden": {"W": (A_bar.T @ values["H0"]).tolist(), "b": A_bar.sum(axis=0).tolist()},
        "output": {"W": (Z_bar.T @ values["H"]).tolist(), "b": Z_bar.sum(axis=0).tolist()},
        "direct": {"W": (Z_bar.T @ values["H0"]).tolist()},
    }


# %% wrong: direct connections forgotten on the way back | direct connections is missing
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: hidden units forgotten on the way back | through the hidden units is missing
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: second message overwrites the first | direct connections is missing
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    bars = {}
    bars["H0"] = Z_bar @ W_d
    bars["H0"] = A_bar @ W_h
    H0_bar = bars["H0"]
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: messages to H0 multiplied | two messages meet
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = (A_bar @ W_h) * (Z_bar @ W_d)
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: messages to H0 averaged | added, not averaged
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = (A_bar @ W_h + Z_bar @ W_d) / 2
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: message of the direct connections subtracted | two messages meet
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h - Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: slope of tanh at the look-up as well | looked-up vectors are linear
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = (A_bar @ W_h + Z_bar @ W_d) * (1 - H0**2)
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: direct connections behind tanh | pass tanh by
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + (1 - H0**2) * (Z_bar @ W_d)
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: one-hot target forgotten | one-hot
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: target added | subtracted from P
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] += 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: target minus probabilities | wrong sign
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = (np.eye(len(W_o))[t] - P) / N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: one-hot not divided by N | divide both by N
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P / N - np.eye(len(W_o))[t]
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: probabilities not divided by N | divide both by N
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P - np.eye(len(W_o))[t] / N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: targets counted from 1 | not t - 1
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t - 1] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: 1 off the whole columns of the targets | row n
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[:, t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: sum over the batch | N times too large
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: divided by N twice | N times too small
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1) / N)
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0 / N, "b": A_bar.mean(axis=0)},
        "output": {"W": Z_bar.T @ H / N, "b": Z_bar.mean(axis=0)},
        "direct": {"W": Z_bar.T @ H0 / N},
    }


# %% wrong: divided by the number of words | N/V
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= P.shape[1]
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: divided by all entries of P | V times too small
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= P.size
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: slope p (1 - p) at the output | cancels against the logarithm
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar *= P * (1 - P) / N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: bar of P taken for the bar of Z | bar of P
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = np.zeros_like(P)
    Z_bar[np.arange(N), t] = -1 / P[np.arange(N), t] / N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: no slope of tanh | lacks the slope of tanh
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: slope 1 - h | square h
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: slope of the sigmoid | slope of the sigmoid
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * H * (1 - H)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: tanh twice | not 1 - tanh(h)
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - np.tanh(H) ** 2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: slope taken twice | slope of tanh twice
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = (A_bar * (1 - H**2)) @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": (A_bar * (1 - H**2)).T @ H0, "b": (A_bar * (1 - H**2)).sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: sign of the slope | not h² - 1
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (H**2 - 1)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: slope for the weights alone, not on the way down | hidden layer's bar
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    H_bar = Z_bar @ W_o
    A_bar = H_bar * (1 - H**2)
    H0_bar = H_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: slope of ReLU | slope of ReLU
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (H > 0)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: output layer fed with sums before tanh | after tanh, not the sums
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    A = H0 @ W_h.T + params["hidden"]["b"]
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ A, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: biases summed over units | axis 0
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=1)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=1)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: biases for each row | takes part in every row
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar},
        "output": {"W": Z_bar.T @ H, "b": Z_bar},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: biases averaged | N times too small
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.mean(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.mean(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: messages set, not added | only the last message
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    R_bar[contexts] = H0_bar.reshape(N, length, -1)
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: all messages at once with += | keeps but one
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    R_bar[contexts] += H0_bar.reshape(N, length, -1)
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: += for each context | twice in a context
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    for context, row in zip(contexts, H0_bar):
        R_bar[context] += row.reshape(length, -1)
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: += for each place | stands twice: R_bar[ids]
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    for ids, part in zip(contexts.T, np.split(H0_bar, length, axis=1)):
        R_bar[ids] += part
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: numbers of the words interleaved | first D numbers
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, -1, length).swapaxes(1, 2))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: messages to the last words alone | only the last words
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts[:, -1], H0_bar.reshape(N, length, -1)[:, -1])
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: last word first | first word of the context
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts[:, ::-1], H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: messages averaged for each word | added, not averaged
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    counts = np.bincount(contexts.ravel(), minlength=len(R_bar))
    R_bar /= np.maximum(counts, 1)[:, None]
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: bar of the vectors instead of the table | add them to the rows
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    return {
        "R": H0_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: table of the words seen | V rows
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros((contexts.max() + 1, params["R"].shape[1]))
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: output weights transposed | transpose
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": H.T @ Z_bar, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: all weights transposed | transpose
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": H0.T @ A_bar, "b": A_bar.sum(axis=0)},
        "output": {"W": H.T @ Z_bar, "b": Z_bar.sum(axis=0)},
        "direct": {"W": H0.T @ Z_bar},
    }


# %% wrong: direct weights fed with H | take H0, not H
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H},
    }


# %% wrong: direct weights get the hidden layer's bar | end at the scores
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": A_bar.T @ H0},
    }


# %% wrong: bars of activations instead of weights | shape should be
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar},
    }


# %% wrong: a step of descent | wrong sign
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": -R_bar,
        "hidden": {"W": -A_bar.T @ H0, "b": -A_bar.sum(axis=0)},
        "output": {"W": -Z_bar.T @ H, "b": -Z_bar.sum(axis=0)},
        "direct": {"W": -Z_bar.T @ H0},
    }


# %% wrong: no bar for the direct connections | keys
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
    }


# %% wrong: a bias for the direct connections | keys
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0, "b": Z_bar.sum(axis=0)},
    }


# %% wrong: a list of bars | should be a dict
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return [R_bar, A_bar.T @ H0, A_bar.sum(axis=0), Z_bar.T @ H, Z_bar.sum(axis=0)]


# %% wrong: probabilities changed in place | changed its argument values
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: bars written into the parameters | changed its argument params
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    params["R"] = R_bar
    params["hidden"] = {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)}
    params["output"] = {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)}
    params["direct"] = {"W": Z_bar.T @ H0}
    return params


# %% wrong: no return | returned None
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    bars = {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: batch of six always | times what is asked
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= 6
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, length, -1))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: contexts of two words always
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    D = H0_bar.shape[1] // 2
    np.add.at(R_bar, contexts[:, 0], H0_bar[:, :D])
    np.add.at(R_bar, contexts[:, 1], H0_bar[:, D:])
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: vectors of three numbers always
def model_backward(params, contexts, t, values):
    W_h, W_o, W_d = (params[name]["W"] for name in ("hidden", "output", "direct"))
    H0, H, P = values["H0"], values["H"], values["P"]
    N, length = contexts.shape
    Z_bar = P.copy()
    Z_bar[np.arange(N), t] -= 1
    Z_bar /= N
    A_bar = Z_bar @ W_o * (1 - H**2)
    H0_bar = A_bar @ W_h + Z_bar @ W_d
    R_bar = np.zeros_like(params["R"])
    np.add.at(R_bar, contexts, H0_bar.reshape(N, -1, 3))
    return {
        "R": R_bar,
        "hidden": {"W": A_bar.T @ H0, "b": A_bar.sum(axis=0)},
        "output": {"W": Z_bar.T @ H, "b": Z_bar.sum(axis=0)},
        "direct": {"W": Z_bar.T @ H0},
    }


# %% wrong: the library's gradient | without grad
def model_backward(params, contexts, t, values):
    return grad(model_cost)(params, contexts, t, values)


# %% wrong: differences of the library's loss | without numerical_grad
def model_backward(params, contexts, t, values):
    return numerical_grad(lambda params: model_cost(params, contexts, t, values), params)


# %% wrong: backward through a loss of its own | without value_and_grad
from coursecore import value_and_grad as both


def model_backward(params, contexts, t, values):
    def cost(params):
        return F.cross_entropy(nlm.scores(params, contexts), t)

    return both(cost)(params)[1]
