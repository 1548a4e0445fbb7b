# %% right: steps an own copy and puts the entry back
def differences(f, x, h):
    moved = x.copy()
    gradient = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        kept = moved[index]
        moved[index] = kept + h
        above = f(moved)
        moved[index] = kept - h
        below = f(moved)
        moved[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient

# %% right: flat and reshaped
def differences(f, x, h):
    slopes = []
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = h
        step = step.reshape(x.shape)
        slopes.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(slopes).reshape(x.shape)

# %% right: rows of the identity
def differences(f, x, h):
    units = np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [f(x + h * e) - f(x - h * e) for e in units]
    return np.reshape(slopes, x.shape) / (2 * h)

# %% right: a closure for one direction
def differences(f, x, h):
    def slope(index):
        def at(size):
            moved = x.copy()
            moved[index] += size
            return f(moved)

        return (at(h) - at(-h)) / (2 * h)

    gradient = np.zeros_like(x)
    for index, _ in np.ndenumerate(x):
        gradient[index] = slope(index)
    return gradient

# %% right: nditer with a multi-index
def differences(f, x, h):
    gradient = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        i = it.multi_index
        plus, minus = np.array(x), np.array(x)
        plus[i] += h
        minus[i] -= h
        gradient[i] = (f(plus) - f(minus)) / (plus[i] - minus[i])
        it.iternext()
    return gradient

# %% right: recursion over the first axis
def differences(f, x, h):
    if x.ndim == 0:
        return (f(x + h) - f(x - h)) / (2 * h)

    def fixed(i):
        def g(part):
            whole = x.copy()
            whole[i] = part
            return f(whole)

        return g

    return np.array([differences(fixed(i), x[i], h) for i in range(len(x))])

# %% right: the mean of the forward and the backward quotient
def differences(f, x, h):
    here = f(x)
    result = np.zeros_like(x)
    for i in range(x.size):
        e = np.zeros_like(x)
        e.flat[i] = 1.0
        forward = (f(x + h * e) - here) / h
        backward = (here - f(x - h * e)) / h
        result.flat[i] = 0.5 * (forward + backward)
    return result

# %% right: vectorize over the entries
def differences(f, x, h):
    where = np.arange(x.size).reshape(x.shape)

    def slope(i):
        e = h * (where == i)
        return (f(x + e) - f(x - e)) / (2 * h)

    return np.vectorize(slope, otypes=[float])(where)

# %% right: a nested list comes back
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for i in range(x.size):
        s = np.zeros_like(x)
        s.flat[i] = h
        gradient.flat[i] = (f(x + s) - f(x - s)) / (2 * h)
    return gradient.tolist()

# %% right: Fortran order
def differences(f, x, h):
    gradient = np.zeros(x.shape, order="F")
    for index in np.ndindex(x.shape):
        e = np.where(np.arange(x.size).reshape(x.shape) == np.ravel_multi_index(index, x.shape), h, 0)
        gradient[index] = (f(x + e) - f(x - e)) / 2 / h
    return gradient

# %% right: restores the argument afterwards
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + h
        up = f(x)
        x[index] = old - h
        down = f(x)
        x[index] = old
        gradient[index] = (up - down) / (2 * h)
    return gradient

# %% right: own class with a call
class Stepper:
    def __init__(self, f, x):
        self.f, self.x = f, x

    def __call__(self, i, amount):
        moved = self.x.ravel().copy()
        moved[i] += amount
        return self.f(moved.reshape(self.x.shape))


def differences(f, x, h):
    at = Stepper(f, x)
    return np.array([(at(i, h) - at(i, -h)) / (2 * h) for i in range(x.size)]).reshape(
        x.shape
    )

# %% right: a lambda, and it prints
differences = lambda f, x, h: (
    print("shape", x.shape),
    np.array(
        [
            (f(x + (e := h * row.reshape(x.shape))) - f(x - e)) / (2 * h)
            for row in np.eye(x.size)
        ]
    ).reshape(x.shape),
)[1]

# %% wrong: one-sided forward | one-sided
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x)) / h
    return gradient

# %% wrong: one-sided backward | backward
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x) - f(x - step)) / h
    return gradient

# %% wrong: divided by h | 2h
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / h
    return gradient

# %% wrong: no parentheses around 2 * h | values are not
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / 2 * h
    return gradient

# %% wrong: sides swapped | wrong sign
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x - step) - f(x + step)) / (2 * h)
    return gradient

# %% wrong: h hard-coded | step by the h
def differences(f, x, h):
    h = 1e-5
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: steps every entry at once | one entry at a time
def differences(f, x, h):
    slope = (f(x + h) - f(x - h)) / (2 * h)
    return np.full(x.shape, slope)

# %% wrong: returns the slope along all ones | shape should be
def differences(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)

# %% wrong: the step is never taken back | one entry at a time
def differences(f, x, h):
    gradient = np.zeros_like(x)
    step = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: steps the argument itself | changed its argument x
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        below = f(x)
        gradient[index] = (above - below) / (2 * h)
    return gradient

# %% wrong: the copy is only another name | zero everywhere
def differences(f, x, h):
    plus = x
    minus = x
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        plus[index] += h
        minus[index] -= h
        gradient[index] = (f(plus) - f(minus)) / (2 * h)
    return gradient

# %% wrong: vectors only | stopped with
def differences(f, x, h):
    gradient = np.zeros(len(x))
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: moves whole rows of a matrix | one entry at a time
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: vectors and matrices only | stopped with
def differences(f, x, h):
    gradient = np.zeros_like(x)
    if x.ndim == 1:
        for i in range(len(x)):
            e = np.zeros_like(x)
            e[i] = h
            gradient[i] = (f(x + e) - f(x - e)) / (2 * h)
        return gradient
    rows, columns = x.shape
    for i in range(rows):
        for j in range(columns):
            e = np.zeros_like(x)
            e[i, j] = h
            gradient[i, j] = (f(x + e) - f(x - e)) / (2 * h)
    return gradient

# %% wrong: square matrices only | entries
def differences(f, x, h):
    gradient = np.zeros_like(x)
    if x.ndim == 1:
        indices = [(i,) for i in range(len(x))]
    else:
        indices = [(i, j) for i in range(len(x)) for j in range(len(x))]
    for index in indices:
        e = np.zeros_like(x)
        e[index] = h
        gradient[index] = (f(x + e) - f(x - e)) / (2 * h)
    return gradient

# %% wrong: flat result | shape
def differences(f, x, h):
    slopes = []
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        slopes.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(slopes)

# %% wrong: a matrix comes back transposed | transpose
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient.T

# %% wrong: return inside the loop | still zero
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
        return gradient

# %% wrong: the last entry is left out | 1 of 3 entries
def differences(f, x, h):
    gradient = np.zeros(x.size)
    for i in range(x.size - 1):
        step = np.zeros(x.size)
        step[i] = h
        step = step.reshape(x.shape)
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient.reshape(x.shape)

# %% wrong: added up instead of stored | shape should be
def differences(f, x, h):
    gradient = 0
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient += (f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: an integer result array | values are not
def differences(f, x, h):
    gradient = np.zeros(x.shape, dtype=int)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: rounded | values are not
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient.round(2)

# %% wrong: works in float32 | values are not
def differences(f, x, h):
    x = x.astype(np.float32)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: prints | returned None
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    print(gradient)

# %% wrong: the derivative of the visible example
def differences(f, x, h):
    return 3 * x**2 + h**2

# %% wrong: the library's gradient | without numerical_grad
def differences(f, x, h):
    return numerical_grad(f, x, h)

# %% wrong: the library's gradient by another name | without numerical_grad
from coursecore import numerical_grad as by_differences


def differences(f, x, h):
    return by_differences(f, x, h)

# %% wrong: the library reached through an own function | without numerical_grad
import coursecore


def slope(f, x, h):
    return coursecore.numerical_grad(f, x, h)


def differences(f, x, h):
    return slope(f, x, h)

# %% wrong: a relative step | values are not
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h * x[index]
        gradient[index] = (f(x + step) - f(x - step)) / (2 * step[index])
    return gradient

# %% wrong: half a step to each side | step by the h
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h / 2
        gradient[index] = (f(x + step) - f(x - step)) / h
    return gradient

# %% wrong: half a step to each side, divided by 2h | values are not
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h / 2
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: the entry alone, the others zero | values are not
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        plus, minus = np.zeros_like(x), np.zeros_like(x)
        plus[index], minus[index] = x[index] + h, x[index] - h
        gradient[index] = (f(plus) - f(minus)) / (2 * h)
    return gradient

# %% wrong: f entry by entry | values are not
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        v = x[index]
        gradient[index] = (f(v + h) - f(v - h)) / (2 * h)
    return gradient

# %% wrong: a slope of np.gradient | shape should be
def differences(f, x, h):
    return np.gradient(f(x), h)

# %% wrong: the absolute slope | values are not
def differences(f, x, h):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = abs(f(x + step) - f(x - step)) / (2 * h)
    return gradient

# %% wrong: the gradient by autodiff | without
from coursecore import value_and_grad


def differences(f, x, h):
    return value_and_grad(f)(x)[1]
