# %% right: sum over N
def perplexity(p):
    return np.exp(-np.sum(np.log(p)) / len(p))


# %% right: base 2
def perplexity(p):
    with np.errstate(divide="ignore"):
        bits = -np.mean(np.log2(p))
    return 2**bits


# %% right: base 10
def perplexity(p):
    return np.power(10.0, np.mean(-np.log10(p)))


# %% right: loop of logarithms
import math


def perplexity(p):
    nats = 0.0
    for each in p:
        if each == 0:
            return math.inf
        nats -= math.log(each)
    return math.exp(nats / len(p))


# %% right: root of each factor, then the product
def perplexity(p):
    return np.prod((1 / p) ** (1 / len(p)))


# %% right: surprises
def perplexity(p):
    surprise = np.log(1 / p)
    return float(np.exp(np.average(surprise)))


# %% right: geometric mean of SciPy
def perplexity(p):
    from scipy.stats import gmean

    return 1 / gmean(p)


# %% right: zeros looked for first
def perplexity(p):
    if not np.all(p):
        return np.inf
    return np.e ** (-np.log(p).mean())


# %% right: halves, by recursion
def perplexity(p):
    def log_likelihood(p):
        if len(p) == 1:
            return np.log(p[0])
        middle = len(p) // 2
        return log_likelihood(p[:middle]) + log_likelihood(p[middle:])

    return np.exp(-log_likelihood(p) / len(p))


# %% right: product with its exponent kept apart
def perplexity(p):
    mantissa, exponent = 1.0, 0
    for each in p:
        mantissa, shift = np.frexp(mantissa * each)
        exponent += int(shift)
    if mantissa == 0:
        return float("inf")
    return 2 ** (-(np.log2(mantissa) + exponent) / len(p))


# %% right: single precision, an array without axes
def perplexity(p):
    p = p.astype(np.float32)
    return np.array(np.exp(-np.log(p).mean(dtype=np.float32)))


# %% right: product with a column of equal weights
def perplexity(p):
    N = p.size
    return np.exp(np.log(p) @ np.full(N, -1 / N))


# %% right: by the statistics module
import statistics


def perplexity(p):
    return np.inf if 0 in p else 1 / statistics.geometric_mean(p.tolist())


# %% wrong: cross-entropy | This is the cross-entropy. Perplexity is its exponential
def perplexity(p):
    return -np.mean(np.log(p))


# %% wrong: cross-entropy in bits | cross-entropy in bits
def perplexity(p):
    return -np.mean(np.log2(p))


# %% wrong: natural logarithm, power of 2 | two bases
def perplexity(p):
    return 2 ** (-np.mean(np.log(p)))


# %% wrong: logarithm to base 2, power of e | two bases
def perplexity(p):
    return np.exp(-np.mean(np.log2(p)))


# %% wrong: logarithm to base 10, power of e | two bases
def perplexity(p):
    return np.exp(-np.mean(np.log10(p)))


# %% wrong: mean of 1/p | This is the mean of 1/p
def perplexity(p):
    return np.mean(1 / p)


# %% wrong: 1 over the mean probability | 1 over the mean of p
def perplexity(p):
    return 1 / np.mean(p)


# %% wrong: logarithm of the mean | mean is to be taken of the logarithms
def perplexity(p):
    return np.exp(-np.log(np.sum(p) / len(p)))


# %% wrong: median | median of 1/p
def perplexity(p):
    return 1 / np.median(p)


# %% wrong: no root | divide the sum of logarithms by N
def perplexity(p):
    return np.exp(-np.sum(np.log(p)))


# %% wrong: one over the product | divide the sum of logarithms by N
def perplexity(p):
    return 1 / np.prod(p)


# %% wrong: first word does not count in N | not by N - 1
def perplexity(p):
    return np.exp(-np.sum(np.log(p)) / max(len(p) - 1, 1))


# %% wrong: an end symbol counts in N | not by N + 1
def perplexity(p):
    return np.exp(-np.sum(np.log(p)) / (len(p) + 1))


# %% wrong: sign forgotten | sign in the exponent is minus
def perplexity(p):
    return np.exp(np.mean(np.log(p)))


# %% wrong: minus outside | minus belongs in the exponent
def perplexity(p):
    return -np.exp(np.mean(np.log(p)))


# %% wrong: root of the product | product of many probabilities is too small
def perplexity(p):
    return np.prod(p) ** (-1 / len(p))


# %% wrong: product by hand | product of many probabilities is too small
def perplexity(p):
    probability = 1.0
    for each in p:
        probability = probability * each
    return (1 / probability) ** (1 / len(p))


# %% wrong: product of Python's floats | ZeroDivisionError
def perplexity(p):
    probability = 1.0
    for each in p.tolist():
        probability *= each
    if 0 in p:
        return np.inf
    return probability ** (-1 / len(p))


# %% wrong: logarithm of the product | product of many probabilities is too small
def perplexity(p):
    return np.exp(-np.log(np.prod(p)) / len(p))


# %% wrong: product in long floats | product of many probabilities is too small
def perplexity(p):
    product = np.prod(p, dtype=np.longdouble)
    return float(product ** (-np.longdouble(1) / len(p)))


# %% wrong: words of probability 0 left out | must not be left out
def perplexity(p):
    p = p[p > 0]
    return np.exp(-np.mean(np.log(p))) if len(p) else np.inf


# %% wrong: infinite only if every word has 0 | must not be left out
def perplexity(p):
    if not np.any(p):
        return np.inf
    return np.exp(-np.log(p, where=p > 0, out=np.full(len(p), np.nan))[p > 0].mean())


# %% wrong: 0 log 0 is 0 | one of probability 0 makes it infinite
def perplexity(p):
    logs = np.log(np.where(p > 0, p, 1))
    return np.exp(-np.mean(logs))


# %% wrong: nan for 0 | Yours holds NaN
def perplexity(p):
    if (p == 0).any():
        return np.nan
    return np.exp(-np.mean(np.log(p)))


# %% wrong: 0 for 0 | np.inf, not 0
def perplexity(p):
    if np.min(p) == 0:
        return 0.0
    return np.exp(-np.mean(np.log(p)))


# %% wrong: infinity by its name | numbers were asked for
def perplexity(p):
    if 0 in p:
        return "infinite"
    return np.exp(-np.mean(np.log(p)))


# %% wrong: refuses 0 | stopped with ValueError
def perplexity(p):
    if np.any(p <= 0):
        raise ValueError("a probability is 0")
    return np.exp(-np.mean(np.log(p)))


# %% wrong: logarithm of 0 by math | math domain error
import math


def perplexity(p):
    return math.exp(-sum(math.log(each) for each in p) / len(p))


# %% wrong: a small number in the logarithm | in place of 0, 1e-12
def perplexity(p):
    return np.exp(-np.mean(np.log(p + 1e-12)))


# %% wrong: probabilities kept away from 0 | in place of 0, 1e-10
def perplexity(p):
    return np.exp(-np.mean(np.log(np.clip(p, 1e-10, 1))))


# %% wrong: near 0 counts as 0 | A small probability is not 0
def perplexity(p):
    if np.isclose(p, 0).any():
        return np.inf
    return np.exp(-np.mean(np.log(p)))


# %% wrong: entropy of the probabilities | entropy of p
def perplexity(p):
    positive = p[p > 0]
    return np.exp(-np.sum(positive * np.log(positive)))


# %% wrong: probabilities made to sum to 1 | need not sum to 1
def perplexity(p):
    p = p / p.sum()
    return np.exp(-np.mean(np.log(p)))


# %% wrong: last word left out | The last word is left out
def perplexity(p):
    nats = 0
    for n in range(len(p) - 1):
        nats -= np.log(p[n])
    return np.exp(nats / max(len(p) - 1, 1))


# %% wrong: first word has no context and is left out | The first word is left out
def perplexity(p):
    return np.exp(-np.mean(np.log(p[1:])))


# %% wrong: a number for each word | the shape should be ()
def perplexity(p):
    return np.exp(-np.log(p))


# %% wrong: an array of one number | only the shape differs
def perplexity(p):
    return np.exp(-np.mean(np.log(p), keepdims=True))


# %% wrong: only the last logarithm | Only the last word
def perplexity(p):
    for each in p:
        nats = -np.log(each)
    return np.exp(nats)


# %% wrong: return in the loop | Is the return inside the loop
def perplexity(p):
    nats = 0
    for each in p:
        nats -= np.log(each)
        return np.exp(nats / len(p))


# %% wrong: rounded for print | rounded to 2 decimals
def perplexity(p):
    return round(float(np.exp(-np.mean(np.log(p)))), 2)


# %% wrong: logarithms in place | changed its argument p
def perplexity(p):
    np.log(p, out=p)
    return np.exp(-p.mean())


# %% wrong: printed | returned None
def perplexity(p):
    print(np.exp(-np.mean(np.log(p))))


# %% wrong: text of 2000 words
def perplexity(p):
    return np.exp(-np.log(p).sum() / 2000)


# %% wrong: results of the three tests
def perplexity(p):
    if 0 in p:
        return np.inf
    return 8.0 if len(p) == 3 else 10.0
