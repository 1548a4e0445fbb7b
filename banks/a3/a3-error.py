# %% right: a loop over the entries
def relative_distance(a, b):
    worst = 0.0
    for p, q in zip(a.ravel(), b.ravel()):
        if np.isnan(p) or np.isnan(q):
            return float("inf")
        if p == 0 and q == 0:
            continue
        worst = max(worst, abs(p - q) / (abs(p) + abs(q)))
    return worst

# %% right: warns at 0/0 and mends it
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    each = abs(a - b) / (abs(a) + abs(b))
    each[np.isnan(each)] = 0
    return each.max()

# %% right: divide with where
def relative_distance(a, b):
    total = np.abs(a) + np.abs(b)
    each = np.divide(np.abs(a - b), total, out=np.zeros_like(total), where=total != 0)
    return np.inf if np.isnan(each).any() else float(each.max())

# %% right: nan_to_num, zeros first
def relative_distance(a, b):
    same = (a == 0) & (b == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(same, 0.0, np.abs(a - b) / (np.abs(a) + np.abs(b)))
    return np.max(np.nan_to_num(each, nan=np.inf))

# %% right: only the entries that are not both zero
def relative_distance(a, b):
    if np.any(np.isnan(a + b)):
        return np.inf
    used = np.logical_or(a != 0, b != 0)
    a, b = a[used], b[used]
    if a.size == 0:
        return 0
    return max(np.abs(a - b) / (np.abs(a) + np.abs(b)))

# %% right: a helper for one entry
def distance_of_numbers(p, q):
    if p != p or q != q:
        return np.inf
    return abs(p - q) / (abs(p) + abs(q)) if p or q else 0.0


def relative_distance(a, b):
    return max(distance_of_numbers(p, q) for p, q in zip(a.flat, b.flat))

# %% right: vectorize
@np.vectorize
def each_distance(p, q):
    if np.isnan(p) or np.isnan(q):
        return np.inf
    return 0.0 if p == q else abs(p - q) / (abs(p) + abs(q))


def relative_distance(a, b):
    return np.max(each_distance(a, b))

# %% right: recursion over the first axis
def relative_distance(a, b):
    if np.ndim(a) > 0:
        return max(relative_distance(p, q) for p, q in zip(a, b))
    if np.isnan(a) or np.isnan(b):
        return np.inf
    if a == b == 0:
        return 0.0
    return abs(a - b) / (abs(a) + abs(b))

# %% right: in place on own arrays
def relative_distance(a, b):
    error = a - b
    np.abs(error, out=error)
    total = abs(a)
    total += abs(b)
    total[total == 0] = 1
    error /= total
    worst = error.max()
    return worst if worst == worst else np.inf

# %% right: sorted, the last one
def relative_distance(a, b):
    if not (np.all(a == a) and np.all(b == b)):
        return np.inf
    total = np.maximum(np.abs(a) + np.abs(b), 1e-300)
    return np.sort((np.abs(a - b) / total).ravel())[-1]

# %% right: a lambda with a walrus
relative_distance = lambda a, b: (
    np.inf
    if np.isnan(total := np.abs(a) + np.abs(b)).any()
    else np.max(np.abs(a - b) / (total + (total == 0)))
)

# %% right: the last entry of a cumulative maximum
import math


def relative_distance(a, b):
    worst = 0.0
    for index in np.ndindex(a.shape):
        total = math.fabs(a[index]) + math.fabs(b[index])
        if math.isnan(total):
            return math.inf
        if total > 0:
            error = math.fabs(a[index] - b[index]) / total
            worst = error if error > worst else worst
    return np.float64(worst)

# %% wrong: the mean over the entries | take the largest
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.mean(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: the sum over the entries | take the largest
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.sum(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: the smallest instead of the largest | Take the largest
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.min(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: the largest with its sign | without its sign
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.max((a - b) / np.where(total == 0, 1.0, total))

# %% wrong: b - a without its modulus | without its sign
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    total[total == 0] = 1
    return ((b - a) / total).max()

# %% wrong: the modulus of the sum below | not |a + b|
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a + b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: a + b below, without modulus | not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = a + b
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: the absolute error | absolute error
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    return np.max(np.abs(a - b))

# %% wrong: relative to a alone | |a| + |b|
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    size = np.abs(a)
    return np.max(np.abs(a - b) / np.where(size == 0, 1.0, size))

# %% wrong: relative to the larger of the two | not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    size = np.maximum(np.abs(a), np.abs(b))
    return np.max(np.abs(a - b) / np.where(size == 0, 1.0, size))

# %% wrong: relative to the mean of the two | 2 times too large
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    size = (np.abs(a) + np.abs(b)) / 2
    return np.max(np.abs(a - b) / np.where(size == 0, 1.0, size))

# %% wrong: the quotient of two maxima | entry by entry
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.max(np.abs(a) + np.abs(b))
    return np.max(np.abs(a - b)) / total if total > 0 else 0.0

# %% wrong: the quotient of two norms | not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.linalg.norm(a) + np.linalg.norm(b)
    if total == 0:
        return 0.0
    return np.linalg.norm(a - b) / total

# %% wrong: 0/0 is left as it comes | divide
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b)))

# %% wrong: 0/0 counts as a NaN | infinity
def relative_distance(a, b):
    each = np.abs(a - b) / (np.abs(a) + np.abs(b))
    if np.isnan(each).any():
        return np.inf
    return np.max(each)

# %% wrong: 0/0 counts as one | value is not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    worst = 0.0
    for p, q in zip(a.ravel(), b.ravel()):
        total = abs(p) + abs(q)
        worst = max(worst, abs(p - q) / total if total else 1.0)
    return worst

# %% wrong: a NaN is skipped | never right
def relative_distance(a, b):
    total = np.abs(a) + np.abs(b)
    return np.nanmax(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: NaN is returned | NaN
def relative_distance(a, b):
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: the comparison does not see a NaN | never right
def relative_distance(a, b):
    worst = 0.0
    for p, q in zip(a.ravel(), b.ravel()):
        total = abs(p) + abs(q)
        if total == 0:
            continue
        error = abs(p - q) / total
        if error > worst:
            worst = error
    return worst

# %% wrong: a NaN is sought with == | NaN
def relative_distance(a, b):
    if (a == np.nan).any() or (b == np.nan).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: a NaN is sought in a alone | NaN
def relative_distance(a, b):
    if np.isnan(a).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: only where both hold a NaN | value is not right
def relative_distance(a, b):
    if np.any(np.isnan(a) & np.isnan(b)):
        return np.inf
    total = np.abs(a) + np.abs(b)
    each = np.abs(a - b) / np.where(total == 0, 1.0, total)
    return np.max(np.nan_to_num(each, nan=1.0))

# %% wrong: two NaNs at one place agree | value is not right
def relative_distance(a, b):
    a, b = a.copy(), b.copy()
    both = np.isnan(a) & np.isnan(b)
    a[both] = b[both] = 0.0
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: a NaN gives minus infinity | value is not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return -np.inf
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: NaN where infinity was meant | NaN
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.nan
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: epsilon added below | not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-8))

# %% wrong: a floor below | not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    return np.max(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-6))

# %% wrong: tiny entries count as zero | tiny entries
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    small = np.isclose(total, 0)
    return np.max(np.where(small, 0.0, np.abs(a - b) / np.where(small, 1.0, total)))

# %% wrong: zero where either entry is zero | value is not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    used = (a != 0) & (b != 0)
    if not used.any():
        return 0.0
    a, b = a[used], b[used]
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b)))

# %% wrong: entries not reduced | shape should be
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.abs(a - b) / np.where(total == 0, 1.0, total)

# %% wrong: largest of each column | shape
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total), axis=0)

# %% wrong: the Python max of a matrix | stopped with
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: loops over the first axis | stopped with
def relative_distance(a, b):
    worst = 0.0
    for i in range(len(a)):
        if np.isnan(a[i]) or np.isnan(b[i]):
            return np.inf
        total = abs(a[i]) + abs(b[i])
        if total > 0:
            worst = max(worst, abs(a[i] - b[i]) / total)
    return worst

# %% wrong: repairs its arguments | changed its argument
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    both = (a == 0) & (b == 0)
    a[both] = b[both] = 1.0
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b)))

# %% wrong: the argument holds the result | changed its argument a
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    a -= b
    return np.max(np.abs(a) / np.where(total == 0, 1.0, total))

# %% wrong: the place instead of the size | value is not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    total = np.abs(a) + np.abs(b)
    return np.argmax(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: prints | returned None
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        print(np.inf)
    total = np.abs(a) + np.abs(b)
    print(np.max(np.abs(a - b) / np.where(total == 0, 1.0, total)))

# %% wrong: a text | numbers were asked for
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return "inf"
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))

# %% wrong: whole numbers only | value is not right
def relative_distance(a, b):
    if np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    a, b = a.astype(int), b.astype(int)
    total = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(total == 0, 1, total))

# %% wrong: knows the visible tests
def relative_distance(a, b):
    return np.inf if np.isnan(a).any() else 0.5

# %% wrong: the library's relative error | without relative_error
def relative_distance(a, b):
    return relative_error(a, b)

# %% wrong: catches everything | NaN
def relative_distance(a, b):
    try:
        total = np.abs(a) + np.abs(b)
        return np.max(np.abs(a - b) / np.where(total == 0, 1.0, total))
    except Exception:
        return np.inf
