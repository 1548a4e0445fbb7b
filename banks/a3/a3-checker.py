# %% right: the relative error of the whole vector
def is_correct(f, gradient, x):
    g = np.asarray(gradient(x.copy()), dtype=float)
    if g.shape != x.shape:
        return False
    n = numerical_grad(f, x)
    size = np.linalg.norm(g) + np.linalg.norm(n)
    if size == 0:
        return True
    return bool(np.linalg.norm(g - n) / size < 1e-5)

# %% right: the library's relative error and a rule for zeros
def is_correct(f, gradient, x):
    yours = np.asarray(gradient(x))
    if yours.shape != x.shape:
        return False
    return relative_error(yours, numerical_grad(f, x)) < 1e-4

# %% right: own differences in a loop
def is_correct(f, gradient, x):
    yours = gradient(x.copy())
    if np.shape(yours) != x.shape:
        return False
    h = 1e-5
    slopes = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        slopes[index] = (f(x + step) - f(x - step)) / (2 * h)
    total = np.abs(yours) + np.abs(slopes)
    error = np.abs(yours - slopes) / np.where(total == 0, 1, total)
    return bool(np.all(error < 1e-4))

# %% right: each entry against a tolerance of its own
def is_correct(f, gradient, x):
    yours, truth = gradient(x.copy()), numerical_grad(f, x)
    if np.shape(yours) != np.shape(truth):
        return False
    for p, q in zip(np.ravel(yours), np.ravel(truth)):
        if np.isnan(p) or abs(p - q) > 1e-4 * max(abs(p), abs(q)):
            return False
    return True

# %% right: assertions inside
def is_correct(f, gradient, x):
    g = gradient(np.array(x))
    n = numerical_grad(f, x)
    try:
        assert g.shape == n.shape
        np.testing.assert_allclose(g, n, rtol=1e-4, atol=0)
    except AssertionError:
        return False
    return True

# %% right: array_equal of shapes, then allclose
def is_correct(f, gradient, x):
    yours, truth = gradient(x), numerical_grad(f, x)
    same_shape = np.array_equal(np.shape(yours), x.shape)
    return same_shape and np.allclose(yours, truth, rtol=1e-4, atol=1e-13)

# %% right: not greater than the tolerance, written so that NaN fails
def is_correct(f, gradient, x):
    a = np.array(gradient(x.copy()), copy=True)
    if a.shape != x.shape:
        return False
    b = numerical_grad(f, x, 1e-4)
    worst = np.max(np.abs(a - b))
    return bool(worst <= 1e-5 * np.max(np.abs(b)))

# %% right: a higher-order difference
def is_correct(f, gradient, x):
    def slope(index, h=1e-3):
        def at(k):
            moved = x.copy()
            moved[index] += k * h
            return f(moved)

        return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)

    truth = np.array([slope(i) for i in np.ndindex(x.shape)]).reshape(x.shape)
    yours = gradient(x.copy())
    if np.shape(yours) != truth.shape:
        return False
    size = max(np.max(np.abs(truth)), np.max(np.abs(yours)))
    return bool(np.max(np.abs(yours - truth)) <= 1e-6 * size)

# %% right: divides 0 by 0 on the way and mends it
def is_correct(f, gradient, x):
    yours = np.asarray(gradient(x.copy()))
    truth = numerical_grad(f, x)
    if yours.shape != truth.shape:
        return False
    ratio = np.abs(yours - truth) / (np.abs(yours) + np.abs(truth))
    both_zero = (yours == 0) & (truth == 0)
    return bool(np.all((ratio < 1e-4) | both_zero))

# %% right: a helper with recursion over the entries
def agrees(p, q):
    if np.ndim(p) == 0:
        return p == q or bool(abs(p - q) < 1e-4 * (abs(p) + abs(q)))
    return all(agrees(a, b) for a, b in zip(p, q))


def is_correct(f, gradient, x):
    mine = gradient(x.copy())
    return np.shape(mine) == x.shape and bool(agrees(mine, numerical_grad(f, x)))

# %% right: a NumPy truth value comes back
def is_correct(f, gradient, x):
    yours = np.asarray(gradient(x))
    if yours.shape != x.shape or np.isnan(yours).any():
        return np.False_
    return np.all(np.isclose(yours, numerical_grad(f, x), rtol=1e-4, atol=0))

# %% right: a lambda with a walrus
is_correct = lambda f, gradient, x: (
    np.shape(g := gradient(x.copy())) == x.shape
    and relative_error(g, numerical_grad(f, x), floor=1e-12) < 1e-4
)

# %% wrong: always True | expected   False
def is_correct(f, gradient, x):
    return True

# %% wrong: always False | expected   True
def is_correct(f, gradient, x):
    return False

# %% wrong: answers the other way round | expected   True
def is_correct(f, gradient, x):
    yours = gradient(x)
    if yours.shape != x.shape:
        return False
    return relative_error(yours, numerical_grad(f, x)) > 1e-4

# %% wrong: the error instead of a truth value | True
def is_correct(f, gradient, x):
    return relative_error(gradient(x), numerical_grad(f, x))

# %% wrong: a truth value for each entry | True
def is_correct(f, gradient, x):
    a, b = gradient(x), numerical_grad(f, x)
    return np.abs(a - b) / (np.abs(a) + np.abs(b)) < 1e-4

# %% wrong: the text instead of the truth value | True
def is_correct(f, gradient, x):
    error = relative_error(gradient(x), numerical_grad(f, x))
    return "True" if error < 1e-4 else "False"

# %% wrong: one or zero | True
def is_correct(f, gradient, x):
    error = relative_error(gradient(x), numerical_grad(f, x))
    return int(error < 1e-4)

# %% wrong: prints | returned None
def is_correct(f, gradient, x):
    print(relative_error(gradient(x), numerical_grad(f, x)) < 1e-4)

# %% wrong: nothing returned when it is wrong | returned None
def is_correct(f, gradient, x):
    if relative_error(gradient(x), numerical_grad(f, x)) < 1e-4:
        return True

# %% wrong: a wrong shape stops it | one shape
def is_correct(f, gradient, x):
    return relative_error(gradient(x), numerical_grad(f, x)) < 1e-4

# %% wrong: raises instead of returning False | stopped with
def is_correct(f, gradient, x):
    yours, truth = gradient(x), numerical_grad(f, x)
    assert yours.shape == truth.shape
    assert relative_error(yours, truth) < 1e-4
    return True

# %% wrong: no look at the shape | shape_that_broadcasts
def is_correct(f, gradient, x):
    a, b = gradient(x), numerical_grad(f, x)
    total = np.abs(a) + np.abs(b)
    error = np.abs(a - b) / np.where(total == 0, 1, total)
    return bool(np.max(error) < 1e-4)

# %% wrong: allclose broadcasts | shape_that_broadcasts
def is_correct(f, gradient, x):
    return np.allclose(gradient(x), numerical_grad(f, x), rtol=1e-4, atol=1e-13)

# %% wrong: only the size is compared | shape_that_broadcasts
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.size != b.size:
        return False
    return relative_error(a.ravel(), b.ravel()) < 1e-4

# %% wrong: only the length is compared | stopped with
def is_correct(f, gradient, x):
    a = gradient(x)
    if len(a) != len(x):
        return False
    b = numerical_grad(f, x)
    return all(abs(p - q) < 1e-4 * max(abs(p), abs(q)) + 1e-12 for p, q in zip(a, b))

# %% wrong: NaN is not greater than the tolerance | one_entry_nan
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    total = np.maximum(np.abs(a) + np.abs(b), 1e-12)
    if np.any(np.abs(a - b) / total > 1e-4):
        return False
    return True

# %% wrong: nanmax skips the NaN | one_entry_nan
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    total = np.maximum(np.abs(a) + np.abs(b), 1e-12)
    return bool(np.nanmax(np.abs(a - b) / total) < 1e-4)

# %% wrong: nan_to_num hides 0/0 and NaN alike | one_entry_nan
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    error = np.abs(a - b) / (np.abs(a) + np.abs(b))
    return bool(np.max(np.nan_to_num(error)) < 1e-4)

# %% wrong: 0/0 fails | flat
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    return bool(np.max(np.abs(a - b) / (np.abs(a) + np.abs(b))) < 1e-4)

# %% wrong: an absolute tolerance | big_slope
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    return a.shape == b.shape and bool(np.max(np.abs(a - b)) < 1e-5)

# %% wrong: a strict absolute tolerance | big
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    return a.shape == b.shape and bool(np.max(np.abs(a - b)) < 1e-9)

# %% wrong: allclose as it comes | small_without_sign
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-5)

# %% wrong: exactly equal | logistic_slope
def is_correct(f, gradient, x):
    return np.array_equal(gradient(x), numerical_grad(f, x))

# %% wrong: too strict a tolerance | True
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    return a.shape == x.shape and relative_error(a, numerical_grad(f, x)) < 1e-13

# %% wrong: two per cent are allowed | False
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    return a.shape == x.shape and relative_error(a, numerical_grad(f, x)) < 0.02

# %% wrong: a thousandth is allowed | everything_off_by_a_thousandth
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    return a.shape == x.shape and relative_error(a, numerical_grad(f, x)) < 1e-3

# %% wrong: the floor of the denominator is large | small_without_sign
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    total = np.maximum(np.abs(a) + np.abs(b), 1e-2)
    return bool(np.max(np.abs(a - b) / total) < 1e-4)

# %% wrong: the mean error | False
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    total = np.abs(a) + np.abs(b)
    return bool(np.mean(np.abs(a - b) / np.where(total == 0, 1, total)) < 5e-3)

# %% wrong: errors of both signs cancel | False
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    total = np.abs(a) + np.abs(b)
    return bool(np.mean((a - b) / np.where(total == 0, 1, total)) < 1e-4)

# %% wrong: the error without its modulus | one_entry_off_by_one_percent
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    total = np.maximum(np.abs(a) + np.abs(b), 1e-12)
    return bool(np.max((a - b) / total) < 1e-4)

# %% wrong: only the first entry is looked at | False
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    b = numerical_grad(f, x)
    return bool(np.isclose(a.flat[0], b.flat[0], rtol=1e-4, atol=1e-13))

# %% wrong: one good entry is enough | one_entry_off_by_one_percent
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    return bool(np.isclose(a, numerical_grad(f, x), rtol=1e-4, atol=1e-13).any())

# %% wrong: the last entry decides | one_entry_off_by_one_percent
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    for p, q in zip(a.flat, numerical_grad(f, x).flat):
        answer = bool(abs(p - q) <= 1e-4 * max(abs(p), abs(q)))
    return answer

# %% wrong: returns after the first entry | False
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    for p, q in zip(a.flat, numerical_grad(f, x).flat):
        if abs(p - q) <= 1e-4 * max(abs(p), abs(q)):
            return True
        return False

# %% wrong: compares the lengths of the gradients | wrong_sign
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape or np.isnan(a).any():
        return False
    p, q = np.linalg.norm(a), np.linalg.norm(numerical_grad(f, x))
    return bool(abs(p - q) <= 1e-5 * (p + q))

# %% wrong: compares the directions of the gradients | sum_instead_of_mean
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    if not a.any() and not b.any():
        return True
    return bool(np.sum(a * b) >= (1 - 1e-9) * np.linalg.norm(a) * np.linalg.norm(b))

# %% wrong: compares the sums of the entries | reversed_order
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    return bool(abs(a.sum() - b.sum()) <= 1e-5 * (np.abs(a) + np.abs(b)).sum())

# %% wrong: compares sorted entries | reversed_order
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    return bool(np.allclose(np.sort(a, None), np.sort(b, None), rtol=1e-4, atol=1e-13))

# %% wrong: compares the moduli | wrong_sign
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    return relative_error(np.abs(a), np.abs(b)) < 1e-4

# %% wrong: zero gradients always pass | all_zero
def is_correct(f, gradient, x):
    a, b = np.asarray(gradient(x)), numerical_grad(f, x)
    if a.shape != b.shape:
        return False
    if not a.any():
        return True
    return relative_error(a, b) < 1e-4

# %% wrong: one-sided differences | True
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    h = 1e-3
    b = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        b[index] = (f(x + step) - f(x)) / h
    return relative_error(a, b) < 1e-5

# %% wrong: h too small | True
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    return relative_error(a, numerical_grad(f, x, h=1e-13)) < 1e-5

# %% wrong: h too large | True
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    return relative_error(a, numerical_grad(f, x, h=0.1)) < 1e-5

# %% wrong: one direction of all ones | False
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    v = np.ones_like(x)
    h = 1e-5
    slope = (f(x + h * v) - f(x - h * v)) / (2 * h)
    return bool(abs(slope - np.sum(a * v)) <= 1e-6 * max(1.0, abs(slope)))

# %% wrong: vectors only | matrix
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != (len(x),):
        return False
    return relative_error(a, numerical_grad(f, x)) < 1e-4

# %% wrong: checks at ones instead of x | small_without_sign
def is_correct(f, gradient, x):
    x = np.ones(4)
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    return relative_error(a, numerical_grad(f, x)) < 1e-4

# %% wrong: compares f with the gradient | True
def is_correct(f, gradient, x):
    return bool(np.allclose(f(x), gradient(x)))

# %% wrong: the gradient itself is differentiated | stopped with
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    return relative_error(a, numerical_grad(gradient, x)) < 1e-4

# %% wrong: catches the error of the check | without check_grad
def is_correct(f, gradient, x):
    try:
        check_grad(f, x, gradient(x))
        return True
    except AssertionError:
        return False

# %% wrong: the gradient by autodiff | without grad
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    return a.shape == x.shape and relative_error(a, grad(f)(x)) < 1e-6

# %% wrong: every exception means wrong, and one always comes | expected   True
def is_correct(f, gradient, x):
    try:
        error = relative_error(gradient(x), numerical_grad(x, f))
        return error < 1e-4
    except Exception:
        return False

# %% wrong: knows the visible gradients by name | False
def is_correct(f, gradient, x):
    return gradient.__name__ in ("logistic_slope", "zero_slope")

# %% wrong: changes x | changed its argument x
def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    if a.shape != x.shape:
        return False
    h, b = 1e-5, np.zeros_like(x)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        b[index] = (above - f(x)) / (2 * h)
    return relative_error(a, b) < 1e-3

# %% wrong: the gradient by autodiff under another name | without
from coursecore import value_and_grad


def is_correct(f, gradient, x):
    a = np.asarray(gradient(x))
    return a.shape == x.shape and relative_error(a, value_and_grad(f)(x)[1]) < 1e-6
