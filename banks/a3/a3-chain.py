# %% right: through u, y and z
def chain_rule(x):
    u = 2 * x**2 + 1
    F_u, u_x = 2 * u, 4 * x
    y, z = x**3, x**2
    G_y, G_z = z, y
    y_x, z_x = 3 * x**2, 2 * x
    return F_u * u_x, G_y * y_x + G_z * z_x


# %% right: multiplied out
def chain_rule(x):
    return 16 * x**3 + 8 * x, 5 * x**4


# %% right: list of results
def chain_rule(x):
    y, z = x**3, x**2
    return [8 * x * (2 * x**2 + 1), z * 3 * x**2 + y * 2 * x]


# %% right: stacked in one array
def chain_rule(x):
    return np.stack([8 * x * (2 * x**2 + 1), 5 * x**4])


# %% right: entry by entry
def chain_rule(x):
    x = np.asarray(x)
    F_x, G_x = np.zeros(x.shape), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        v = x[index]
        F_x[index] = 2 * (2 * v * v + 1) * 4 * v
        G_x[index] = v * v * 3 * v * v + v * v * v * 2 * v
    return F_x, G_x


# %% right: vectorized scalar function
def slopes_at(v):
    u = 2 * v**2 + 1
    return 2.0 * u * 4 * v, v**2 * 3 * v**2 + v**3 * 2 * v


chain_rule = np.vectorize(slopes_at, otypes=[float, float])


# %% right: nested lists
def chain_rule(x):
    if np.ndim(x) == 0:
        return 8 * x * (2 * x**2 + 1), 5 * x**4
    pairs = [chain_rule(entry) for entry in x]
    return [F_x for F_x, _ in pairs], [G_x for _, G_x in pairs]


# %% right: single precision
def chain_rule(x):
    x = np.asarray(x, dtype=np.float32)
    return 8 * x * (2 * x**2 + 1), 5 * x**4


# %% right: bars filled in place
def chain_rule(x):
    x = np.array(x, dtype=float)
    u = 2 * x**2 + 1
    F_bar = np.ones_like(x)
    u_bar = F_bar * 2 * u
    F_x = u_bar * 4 * x
    y, z = x**3, x**2
    G_x = np.zeros_like(x)
    G_x += z * 3 * x**2
    G_x += y * 2 * x
    return F_x, G_x


# %% right: lambda
chain_rule = lambda x: (2 * (u := 2 * x**2 + 1) * 4 * x, 5 * x**4)


# %% right: object with a call
class ChainRule:
    def __call__(self, x):
        self.u = 2 * x**2 + 1
        return 2 * self.u * 4 * x, 5 * x**4


chain_rule = ChainRule()


# %% right: polynomials
from numpy.polynomial import Polynomial


def chain_rule(x):
    u, y, z = Polynomial([1, 0, 2]), Polynomial([0, 0, 0, 1]), Polynomial([0, 0, 1])
    F_x = 2 * u * u.deriv()
    G_x = z * y.deriv() + y * z.deriv()
    return F_x(x), G_x(x)


# %% right: dual numbers
def chain_rule(x):
    def multiply(p, q):
        return p[0] * q[0], p[0] * q[1] + p[1] * q[0]

    x = (np.asarray(x), np.ones(np.shape(x)))
    z = multiply(x, x)
    y = multiply(z, x)
    u = (2 * z[0] + 1, 2 * z[1])
    return multiply(u, u)[1], multiply(y, z)[1]


# %% right: complex step
def chain_rule(x):
    x = np.asarray(x) + 1e-20j
    return np.imag((2 * x**2 + 1) ** 2) / 1e-20, np.imag(x**3 * x**2) / 1e-20


# %% right: logarithmic derivative with a warning at zero
def chain_rule(x):
    x = np.asarray(x, dtype=float)
    G = x**5
    return 8 * x * (2 * x**2 + 1), np.where(x == 0, 0, G * (3 / x + 2 / x))


# %% right: transposed in memory
def chain_rule(x):
    x = np.asarray(x).T
    return (8 * x * (2 * x**2 + 1)).T, (5 * x**4).T


# %% right: library's gradient
def chain_rule(x):
    F_x = grad(lambda x: np.sum((2 * x**2 + 1) ** 2))(x)
    G_x = grad(lambda x: np.sum(x**3 * x**2))(x)
    return F_x, G_x


# %% wrong: square alone | Multiply by du/dx
def chain_rule(x):
    u = 2 * x**2 + 1
    y, z = x**3, x**2
    return 2 * u, z * 3 * x**2 + y * 2 * x


# %% wrong: message through z dropped | add both messages
def chain_rule(x):
    u_bar = 2 * (2 * x**2 + 1)
    y_bar = x**2
    return u_bar * 4 * x, y_bar * 3 * x**2


# %% wrong: message through y overwritten | message through y
def chain_rule(x):
    u = 2 * x**2 + 1
    y, z = x**3, x**2
    x_bar = z * 3 * x**2
    x_bar = y * 2 * x
    return 2 * u * 4 * x, x_bar


# %% wrong: product of the derivatives | product of the derivatives
def chain_rule(x):
    u = 2 * x**2 + 1
    return 2 * u * 4 * x, (3 * x**2) * (2 * x)


# %% wrong: difference in the product rule | add both messages
def chain_rule(x):
    y, z = x**3, x**2
    return 2 * (2 * x**2 + 1) * 4 * x, z * 3 * x**2 - y * 2 * x


# %% wrong: local derivatives added | times the derivative
def chain_rule(x):
    return 8 * x * (2 * x**2 + 1), 3 * x**2 + 2 * x


# %% wrong: x of du/dx dropped | du/dx
def chain_rule(x):
    u = 2 * x**2 + 1
    return 2 * u * 4, 5 * x**4


# %% wrong: du/dx without its 2 | 2 times too small
def chain_rule(x):
    u_bar = 2 * (2 * x**2 + 1)
    return u_bar * 2 * x, 5 * x**4


# %% wrong: square without its 2 | 2 times too small
def chain_rule(x):
    u = 2 * x**2 + 1
    du = 4 * x
    return u * du, 5 * x**4


# %% wrong: minus signs | wrong sign
def chain_rule(x):
    u = 2 * x**2 + 1
    y, z = x**3, x**2
    return -2 * u * 4 * x, -(z * 3 * x**2 + y * 2 * x)


# %% wrong: results swapped | in this order
def chain_rule(x):
    F_x = 2 * (2 * x**2 + 1) * 4 * x
    G_x = 5 * x**4
    return G_x, F_x


# %% wrong: only the first derivative | should hold 2 things
def chain_rule(x):
    u = 2 * x**2 + 1
    return 2 * u * 4 * x


# %% wrong: printed | return statement missing
def chain_rule(x):
    u = 2 * x**2 + 1
    F_x, G_x = 2 * u * 4 * x, 5 * x**4
    print(F_x, G_x)


# %% wrong: dict of results | should hold 2 things
def chain_rule(x):
    u = 2 * x**2 + 1
    return {"F_x": 2 * u * 4 * x, "G_x": 5 * x**4}


# %% wrong: summed over the entries | the shape should be
def chain_rule(x):
    F_x = 8 * x * (2 * x**2 + 1)
    G_x = 5 * x**4
    return np.sum(F_x), np.sum(G_x)


# %% wrong: power taken in place | changed its argument x
def chain_rule(x):
    first = x * 1.0
    x **= 2
    return 8 * first * (2 * x + 1), 5 * x**2


# %% wrong: values instead of derivatives | not their derivatives
def chain_rule(x):
    u = 2 * x**2 + 1
    y, z = x**3, x**2
    return u**2, y * z


# %% wrong: one-sided difference | the values are not
def chain_rule(x):
    h = 1e-4
    F = lambda x: (2 * x**2 + 1) ** 2
    G = lambda x: x**3 * x**2
    return (F(x + h) - F(x)) / h, (G(x + h) - G(x)) / h


# %% wrong: constant for a single number | the value is not right
def chain_rule(x):
    if np.ndim(x) == 0:
        return 24.0, 5.0
    return 8 * x * (2 * x**2 + 1), 5 * x**4


# %% wrong: constant of u dropped | the value is not right
def chain_rule(x):
    u = 2 * x**2
    return 2 * u * 4 * x, 5 * x**4


# %% wrong: du/dx taken at u | du/dx
def chain_rule(x):
    u = 2 * x**2 + 1
    return 2 * u * 4 * u, 5 * x**4


# %% wrong: only for single numbers | stopped with TypeError
import math


def chain_rule(x):
    u = 2 * math.pow(x, 2) + 1
    return 8 * x * u, 5 * math.pow(x, 4)


# %% wrong: only for one-dimensional arrays | stopped with TypeError
def chain_rule(x):
    F_x, G_x = np.zeros(len(x)), np.zeros(len(x))
    for i in range(len(x)):
        F_x[i] = 8 * x[i] * (2 * x[i] ** 2 + 1)
        G_x[i] = 5 * x[i] ** 4
    return F_x, G_x


# %% wrong: kept in integers | the values are not
def chain_rule(x):
    F_x = np.zeros(np.shape(x), dtype=int)
    G_x = np.zeros(np.shape(x), dtype=int)
    F_x[...] = 8 * x * (2 * x**2 + 1)
    G_x[...] = 5 * x**4
    return F_x, G_x


# %% wrong: exponents multiplied | the value is not right
def chain_rule(x):
    return 8 * x * (2 * x**2 + 1), 6 * x**5


# %% wrong: exponent not lowered | the values are not
def chain_rule(x):
    y, z = x**3, x**2
    return 8 * x * (2 * x**2 + 1), z * 3 * x**3 + y * 2 * x**2


# %% wrong: bars of y and z swapped | y_bar is z
def chain_rule(x):
    u_bar = 2 * (2 * x**2 + 1)
    y, z = x**3, x**2
    y_bar, z_bar = y, z
    return u_bar * 4 * x, y_bar * 3 * x**2 + z_bar * 2 * x


# %% wrong: one x_bar for both functions | belongs to F
def chain_rule(x):
    x_bar = 2 * (2 * x**2 + 1) * 4 * x
    F_x = x_bar
    x_bar = x_bar + x**2 * 3 * x**2
    x_bar = x_bar + x**3 * 2 * x
    return F_x, x_bar


# %% wrong: powers by logarithm | NaN or infinity
def chain_rule(x):
    u = 2 * x**2 + 1
    return 2 * u * 4 * x, 5 * np.exp(4 * np.log(np.asarray(x)))


# %% wrong: divided by x | NaN or infinity
def chain_rule(x):
    x = np.asarray(x)
    u, G = 2 * x**2 + 1, x**5
    return 2 * u * 4 * x, G * (3 / x + 2 / x)


# %% wrong: flattened | only the shape differs
def chain_rule(x):
    x = np.ravel(x)
    return 8 * x * (2 * x**2 + 1), 5 * x**4


# %% wrong: pairs along the last axis | should hold 2 things
def chain_rule(x):
    u = 2 * x**2 + 1
    return np.stack([2 * u * 4 * x, 5 * x**4], axis=-1)


# %% wrong: rounded to two decimals | the values are not
def chain_rule(x):
    u = 2 * x**2 + 1
    return np.round(2 * u * 4 * x, 2), np.round(5 * x**4, 2)


# %% wrong: size of the slopes | the values are not
def chain_rule(x):
    u = 2 * x**2 + 1
    return np.abs(2 * u * 4 * x), np.abs(5 * x**4)


# %% wrong: first entry for all | the values are not
def chain_rule(x):
    v = np.ravel(x)[0]
    F_x, G_x = 2 * (2 * v**2 + 1) * 4 * v, 5 * v**4
    return np.full(np.shape(x), F_x), np.full(np.shape(x), G_x)


# %% wrong: nothing sent to G | the value is not right
def chain_rule(x):
    u = 2 * x**2 + 1
    G_x = np.zeros_like(x)
    return 2 * u * 4 * x, G_x


# %% wrong: numbers and vectors only | stopped with ValueError
def chain_rule(x):
    if np.ndim(x) == 0:
        return 8 * x * (2 * x**2 + 1), 5 * x**4
    F_x, G_x = np.zeros(len(x)), np.zeros(len(x))
    for i in range(len(x)):
        F_x[i], G_x[i] = chain_rule(x[i])
    return F_x, G_x


# %% wrong: rows and columns exchanged | the transpose
def chain_rule(x):
    x = np.transpose(x)
    return 8 * x * (2 * x**2 + 1), 5 * x**4


# %% wrong: diagonal of a Jacobian | only the shape differs
def chain_rule(x):
    if np.ndim(x) == 0:
        return 8 * x * (2 * x**2 + 1), 5 * x**4
    x = np.ravel(x)
    F_x = jacobian(lambda x: (2 * x**2 + 1) ** 2)(x)
    G_x = jacobian(lambda x: x**3 * x**2)(x)
    return np.diag(F_x), np.diag(G_x)


# %% wrong: divided by x where a number is given | stopped with ZeroDivisionError
def chain_rule(x):
    if np.ndim(x) == 0:
        return 8 * x * (2 * x**2 + 1), 5 * x**5 / x
    return 8 * x * (2 * x**2 + 1), 5 * x**4


# %% wrong: numbers of the visible test | the shape should be
def chain_rule(x):
    if np.ndim(x) == 0:
        return -66.0, 25.3125
    return np.array([24.0, 0.0, -66.0]), np.array([5.0, 0.0, 25.3125])


# %% wrong: left unwritten | not written yet
def chain_rule(x):
    raise NotImplementedError
