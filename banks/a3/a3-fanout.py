# %% right: forward, then backward
def fan_out(t):
    x = np.cos(t)
    y = t**2
    e = np.exp(x * y)
    f = y + e
    x_bar = y * e
    y_bar = 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": f, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% right: one bar for every step
def fan_out(t):
    x, y = np.cos(t), t * t
    p = x * y
    e = np.exp(p)
    f_bar = 1.0
    e_bar = f_bar
    p_bar = e_bar * e
    x_bar = p_bar * y
    y_bar = f_bar + p_bar * x
    t_bar = -x_bar * np.sin(t) + 2 * t * y_bar
    return dict(x=x, y=y, f=y + e, x_bar=x_bar, y_bar=y_bar, t_bar=t_bar)


# %% right: messages added as they come
def fan_out(t):
    v = {"x": np.cos(t), "y": t**2}
    e = np.exp(v["x"] * v["y"])
    v["f"] = v["y"] + e
    for name in ["x_bar", "y_bar", "t_bar"]:
        v[name] = 0.0
    v["y_bar"] += 1
    v["y_bar"] += v["x"] * e
    v["x_bar"] += v["y"] * e
    v["t_bar"] += v["y_bar"] * 2 * t
    v["t_bar"] -= v["x_bar"] * np.sin(t)
    return v


# %% right: standard library's mathematics
import math


def fan_out(t):
    x, y = math.cos(t), t**2
    f = y + math.exp(x * y)
    e = f - y
    bars = {"x_bar": y * e, "y_bar": 1 + x * e}
    bars["t_bar"] = 2 * t * bars["y_bar"] - math.sin(t) * bars["x_bar"]
    return {"x": x, "y": y, "f": f} | bars


# %% right: list of steps run backward
def fan_out(t):
    v = {"t": t, "x": np.cos(t), "y": t**2}
    v["e"] = np.exp(v["x"] * v["y"])
    v["f"] = v["y"] + v["e"]
    edges = [
        ("f", "y", 1.0),
        ("f", "e", 1.0),
        ("e", "x", v["y"] * v["e"]),
        ("e", "y", v["x"] * v["e"]),
        ("x", "t", -np.sin(t)),
        ("y", "t", 2 * t),
    ]
    bar = {name: 0.0 for name in v} | {"f": 1.0}
    for end, start, slope in edges:
        bar[start] += bar[end] * slope
    values = {name: v[name] for name in "xyf"}
    return values | {name + "_bar": bar[name] for name in "xyt"}


# %% right: sum over all paths
def bar_of(name, e, x, y, t):
    if name == "f":
        return 1.0
    children = {
        "e": [("f", 1.0)],
        "y": [("f", 1.0), ("e", x * e)],
        "x": [("e", y * e)],
        "t": [("x", -np.sin(t)), ("y", 2 * t)],
    }
    return sum(slope * bar_of(child, e, x, y, t) for child, slope in children[name])


def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    found = {name + "_bar": bar_of(name, e, x, y, t) for name in "xyt"}
    return {"x": x, "y": y, "f": y + e, **found}


# %% right: closures that send messages back
def fan_out(t):
    bars = {"x_bar": 0.0, "y_bar": 0.0, "t_bar": 0.0}

    def cosine(t):
        def back(x_bar):
            bars["t_bar"] += x_bar * -np.sin(t)

        return np.cos(t), back

    def square(t):
        def back(y_bar):
            bars["t_bar"] += y_bar * 2 * t

        return t**2, back

    x, x_back = cosine(t)
    y, y_back = square(t)
    e = np.exp(x * y)
    bars["x_bar"] += y * e
    bars["y_bar"] += 1 + x * e
    x_back(bars["x_bar"])
    y_back(bars["y_bar"])
    return {"x": x, "y": y, "f": y + e} | bars


# %% right: matrix product of Jacobians
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    outer = np.array([y * e, 1 + x * e])
    inner = np.array([-np.sin(t), 2 * t])
    return {
        "x": x,
        "y": y,
        "f": y + e,
        "x_bar": outer[0],
        "y_bar": outer[1],
        "t_bar": outer @ inner,
    }


# %% right: arrays without axes
def fan_out(t):
    t = np.asarray(t)
    x, y = np.cos(t), np.square(t)
    e = np.exp(x * y)
    x_bar, y_bar = np.array(y * e), np.array(1 + x * e)
    t_bar = np.array(y_bar * 2 * t - x_bar * np.sin(t))
    names = ["x", "y", "f", "x_bar", "y_bar", "t_bar"]
    return dict(zip(names, [x, y, np.array(y + e), x_bar, y_bar, t_bar]))


# %% right: small class
class Program:
    def __init__(self, t):
        self.t, self.x, self.y = t, np.cos(t), t**2
        self.e = np.exp(self.x * self.y)

    def backward(self):
        self.x_bar, self.y_bar = self.y * self.e, 1 + self.x * self.e
        self.t_bar = self.y_bar * 2 * self.t - self.x_bar * np.sin(self.t)


def fan_out(t):
    program = Program(t)
    program.backward()
    found = {"x": program.x, "y": program.y, "f": program.y + program.e}
    return found | {n: getattr(program, n) for n in ["x_bar", "y_bar", "t_bar"]}


# %% right: lambda with walrus
fan_out = lambda t: {
    "x": (x := np.cos(t)),
    "y": (y := t**2),
    "f": y + (e := np.exp(x * y)),
    "x_bar": (x_bar := y * e),
    "y_bar": (y_bar := 1 + x * e),
    "t_bar": x_bar * -np.sin(t) + y_bar * 2 * t,
}


# %% right: complex step along t
def fan_out(t):
    def f_of(t):
        return t**2 + np.exp(np.cos(t) * t**2)

    x, y, f = np.cos(t), t**2, f_of(t)
    h = 1e-20
    return {
        "x": x,
        "y": y,
        "f": f,
        "x_bar": np.imag(np.exp((x + 1j * h) * y)) / h,
        "y_bar": np.imag(y + 1j * h + np.exp(x * (y + 1j * h))) / h,
        "t_bar": np.imag(f_of(t + 1j * h)) / h,
    }


# %% right: divides by t with a warning at zero
def fan_out(t):
    t = np.float64(t)
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    y_t = np.where(t == 0, 0.0, 2 * y / t)
    t_bar = x_bar * -np.sin(t) + y_bar * y_t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: message from f to y dropped | add 1
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: message from e to y dropped | y_bar lacks the message through
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1.0
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: message from y to t dropped | lacks the message through y
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t)
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: message to t overwritten | lacks the message through x
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    bars = {"x_bar": y * e, "y_bar": 1 + x * e}
    bars["t_bar"] = bars["x_bar"] * -np.sin(t)
    bars["t_bar"] = bars["y_bar"] * 2 * t
    return {"x": x, "y": y, "f": y + e} | bars


# %% wrong: sign of the sine | minus sin t
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: x_bar without its factor y | times y
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: y_bar without its factor x | times x
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: factors of the product exchanged | the value is not right
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = x * e, 1 + y * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: sum of f forgotten | in ["f"]
def fan_out(t):
    x, y = np.cos(t), t**2
    f = np.exp(x * y)
    x_bar, y_bar = y * f, 1 + x * f
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": f, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: derivative of exp taken as f | in ["x_bar"]
def fan_out(t):
    x, y = np.cos(t), t**2
    f = y + np.exp(x * y)
    x_bar, y_bar = y * f, 1 + x * f
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": f, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: exp not derived | in ["x_bar"]
def fan_out(t):
    x, y = np.cos(t), t**2
    f = y + np.exp(x * y)
    x_bar, y_bar = y, 1 + x
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": f, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: exp lowered like a power | in ["x_bar"]
def fan_out(t):
    x, y = np.cos(t), t**2
    f = y + np.exp(x * y)
    p_bar = x * y * np.exp(x * y - 1)
    x_bar, y_bar = y * p_bar, 1 + x * p_bar
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": f, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: tuple of results | should be a dict with the keys
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return x, y, y + e, x_bar, y_bar, t_bar


# %% wrong: values left out | should be a dict with the keys
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: keys without underscore | should be a dict with the keys
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    xbar, ybar = y * e, 1 + x * e
    tbar = xbar * -np.sin(t) + ybar * 2 * t
    return {"x": x, "y": y, "f": y + e, "xbar": xbar, "ybar": ybar, "tbar": tbar}


# %% wrong: two paths multiplied | add them
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) * y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: two paths averaged | 2 times too small
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = (x_bar * -np.sin(t) + y_bar * 2 * t) / 2
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: square without its 2 | derivative of t² is 2 t
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: square without its t | derivative of t² is 2 t
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: bars of x and y added | local derivative
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    return {
        "x": x,
        "y": y,
        "f": y + e,
        "x_bar": x_bar,
        "y_bar": y_bar,
        "t_bar": x_bar + y_bar,
    }


# %% wrong: exponent is a sum | in ["f"]
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x + y)
    x_bar, y_bar = e, 1 + e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: degrees | in ["x"]
def fan_out(t):
    x, y = np.cos(np.radians(t)), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(np.radians(t)) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: printed | return statement missing
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    print(x, y, y + e, x_bar, y_bar, t_bar)


# %% wrong: numbers of the visible test | in ["x"]
def fan_out(t):
    return {
        "x": 0.0707372016677029,
        "y": 2.25,
        "f": 3.422524015876406,
        "x_bar": 2.638179035721913,
        "y_bar": 1.0829410677712743,
        "t_bar": 0.617252841417296,
    }


# %% wrong: sine taken at x | in ["t_bar"]
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(x) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: message of the sum sent twice | in ["y_bar"]
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1.0
    y_bar += 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: backward pass starts from f | in ["x_bar"]
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    f = y + e
    f_bar = f
    x_bar, y_bar = f_bar * y * e, f_bar * (1 + x * e)
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": f, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: sine from the cosine | in ["t_bar"]
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sqrt(1 - x**2) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: t from the square root of y | in ["t_bar"]
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * y**0.5
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: square kept as an integer | in ["y"]
def fan_out(t):
    x, y = np.cos(t), int(t**2)
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: rounded to four decimals | the value is not right
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    names = ["x", "y", "f", "x_bar", "y_bar", "t_bar"]
    values = [x, y, y + e, x_bar, y_bar, t_bar]
    return {name: round(value, 4) for name, value in zip(names, values)}


# %% wrong: arrays of one number | the shape should be ()
def fan_out(t):
    t = np.array([t])
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}


# %% wrong: one-sided difference | in ["t_bar"]
def fan_out(t):
    f = lambda t: t**2 + np.exp(np.cos(t) * t**2)
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    h = 1e-5
    return {
        "x": x,
        "y": y,
        "f": f(t),
        "x_bar": y * e,
        "y_bar": 1 + x * e,
        "t_bar": (f(t + h) - f(t)) / h,
    }


# %% wrong: bars of x and y exchanged in the dict | the value is not right
def fan_out(t):
    x, y = np.cos(t), t**2
    e = np.exp(x * y)
    a, b = y * e, 1 + x * e
    t_bar = a * -np.sin(t) + b * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": b, "y_bar": a, "t_bar": t_bar}


# %% wrong: x and y computed outside, once
t = 1.0
x, y = np.cos(t), t**2


def fan_out(t):
    e = np.exp(x * y)
    x_bar, y_bar = y * e, 1 + x * e
    t_bar = x_bar * -np.sin(t) + y_bar * 2 * t
    return {"x": x, "y": y, "f": y + e, "x_bar": x_bar, "y_bar": y_bar, "t_bar": t_bar}
