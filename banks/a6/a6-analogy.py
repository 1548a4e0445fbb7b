# %% right: word by word
def answer_analogy(E, a, b, c):
    def unit(u):
        return u / np.sqrt(u @ u)

    v = unit(unit(E[b]) - unit(E[a]) + unit(E[c]))
    cosines = [unit(E[word]) @ v for word in range(len(E))]
    answer = None
    for word in range(len(E)):
        if word not in (a, b, c) and (answer is None or cosines[word] > cosines[answer]):
            answer = word
    return cosines, answer


# %% right: a helper cosine of two vectors
def length(u):
    return np.linalg.norm(u)


def cosine(u, v):
    return np.dot(u, v) / (length(u) * length(v))


def answer_analogy(E, a, b, c):
    v = E[b] / length(E[b]) - E[a] / length(E[a]) + E[c] / length(E[c])
    cosines = np.array([cosine(u, v) for u in E])
    left = [word for word in range(len(E)) if word not in {a, b, c}]
    return cosines, max(left, key=lambda word: cosine(E[word], v))


# %% right: sums of three cosines
def answer_analogy(E, a, b, c):
    lengths = np.sqrt((E**2).sum(axis=1))
    C = E @ E.T / np.outer(lengths, lengths)
    length_of_v = np.sqrt(3 - 2 * C[a, b] + 2 * C[b, c] - 2 * C[a, c])
    cosines = (C[b] - C[a] + C[c]) / length_of_v
    order = np.argsort(-cosines)
    return cosines, int(order[~np.isin(order, [a, b, c])][0])


# %% right: first of the ranking that is no word of the question
def answer_analogy(E, a, b, c):
    U = (E.T / np.linalg.norm(E, axis=1)).T
    v = U[b] - U[a] + U[c]
    cosines = np.dot(U, v / np.linalg.norm(v))
    for word in cosines.argsort()[::-1]:
        if word != a and word != b and word != c:
            return cosines, word


# %% right: the words that are left, by their numbers
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1)[:, np.newaxis]
    v = U[b] + U[c] - U[a]
    cosines = np.einsum("vd,d->v", U, v) / np.sqrt(np.einsum("d,d", v, v))
    left = np.setdiff1d(np.arange(len(E)), [a, b, c])
    return cosines, left[np.argmax(cosines[left])]


# %% right: masked array
def answer_analogy(E, a, b, c):
    U = np.array([row / np.linalg.norm(row) for row in E])
    v = U[[b, c]].sum(axis=0) - U[a]
    cosines = (U * v).sum(axis=1) / np.hypot.reduce(v)
    mask = np.zeros(len(E), dtype=bool)
    mask[a] = mask[b] = mask[c] = True
    return cosines, np.ma.array(cosines, mask=mask).argmax()


# %% right: nearest by distance, which is the same order
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    v = v / np.linalg.norm(v)
    distances = np.linalg.norm(U - v, axis=1)
    cosines = 1 - distances**2 / 2
    distances[[a, b, c]] = np.inf
    return [cosines, np.argmin(distances)]


# %% right: cosines below -1 stand for excluded words
def answer_analogy(E, a, b, c):
    E = E.copy()
    E /= np.sqrt(np.square(E).sum(axis=1, keepdims=True))
    v = E[b] - E[a] + E[c]
    v /= np.sqrt(v @ v)
    cosines = E @ v
    return cosines, np.argmax(np.where(np.isin(range(len(E)), (a, b, c)), -2, cosines))


# %% right: NaN for excluded words, and nanargmax
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    cosines = U @ (U[b] - U[a] + U[c])
    cosines /= np.linalg.norm(U[b] - U[a] + U[c])
    left = np.array(cosines)
    left[a], left[b], left[c] = np.nan, np.nan, np.nan
    return cosines, np.nanargmax(left)


# %% right: distances of SciPy, single precision
def answer_analogy(E, a, b, c):
    from scipy.spatial.distance import cdist

    E = E.astype(np.float32)
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = (1 - cdist(E, v[None], "cosine")[:, 0]).astype(np.float32)
    best = sorted(range(len(E)), key=lambda word: (word in (a, b, c), -cosines[word]))
    return cosines, best[0]


# %% right: from angles
def answer_analogy(E, a, b, c):
    lengths = np.linalg.norm(E, axis=1)
    v = E[b] / lengths[b] - E[a] / lengths[a] + E[c] / lengths[c]
    angles = np.arccos(np.clip(E @ v / lengths / np.linalg.norm(v), -1, 1))
    small = dict(enumerate(angles))
    for word in (a, b, c):
        small.pop(word)
    return np.cos(angles), min(small, key=small.get)


# %% wrong: v from vectors as they are | before v is made
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = E[b] - E[a] + E[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: no vector scaled, cosines divided by both lengths | before v is made
def answer_analogy(E, a, b, c):
    v = E[b] - E[a] + E[c]
    cosines = E @ v / (np.linalg.norm(E, axis=1) * np.linalg.norm(v))
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: nothing scaled, divided by the length of v | for v and for the cosines
def answer_analogy(E, a, b, c):
    U = E
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: plain products | A cosine divides by both lengths
def answer_analogy(E, a, b, c):
    products = E @ (E[b] - E[a] + E[c])
    others = products.copy()
    others[[a, b, c]] = -np.inf
    return products, np.argmax(others)


# %% wrong: length of v forgotten | length of v as well
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: lengths of the words forgotten | length of each word's vector
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = E @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: both lengths forgotten | divides by both lengths
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = E @ v
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: divided by the square of the length of v | not by its square
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.sum(v**2)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: squares of the lengths | not by their squares
def answer_analogy(E, a, b, c):
    U = E / np.sum(E**2, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: columns scaled instead of rows | not of columns
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=0)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: one length for the whole table | one number for the whole table
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: scaled by the sum of sizes | sum of sizes
def answer_analogy(E, a, b, c):
    U = E / np.abs(E).sum(axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: scaled by the sum | root of a sum of squares
def answer_analogy(E, a, b, c):
    U = E / E.sum(axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: v from b to a | b - a + c
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[a] - U[b] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: a - c + b | a minus c plus b
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[a] - U[c] + U[b]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: c taken away | not taken away
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] - U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: all three added | all three are added
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[a] + U[b] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: step alone | v starts at c
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: nearest to c | with c alone
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: angles | These are angles
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = np.arccos(np.clip(U @ v / np.linalg.norm(v), -1, 1))
    others = cosines.copy()
    others[[a, b, c]] = np.inf
    return cosines, np.argmin(others)


# %% wrong: 1 minus the cosine | 1 minus the cosine
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = 1 - U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = np.inf
    return cosines, np.argmin(others)


# %% wrong: distances to v | distances to v
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = np.linalg.norm(U - v, axis=1)
    others = cosines.copy()
    others[[a, b, c]] = np.inf
    return cosines, np.argmin(others)


# %% wrong: size of the cosine | Cosines have signs
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = np.abs(U @ v) / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: cosines of the question overwritten | their cosines stay
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: cosines of the question set to -1 | their cosines stay
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines
    others[[a, b, c]] = -1
    return cosines, np.argmax(others)


# %% wrong: cosines of the question set to 0 | do not set them to 0
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines
    others[[a, b, c]] = 0
    return cosines, np.argmax(others)


# %% wrong: c alone excluded | this is b
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[c] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: a and b excluded | this is c
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: b and c excluded | this is a
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: a and c excluded | this is b
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: excluded by 0 | exclude by -inf, not by 0
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = 0
    return cosines, np.argmax(others)


# %% wrong: excluded by -0.5 | exclude by -inf
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -0.5
    return cosines, np.argmax(others)


# %% wrong: nothing excluded | this is c
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    return cosines, np.argmax(cosines)


# %% wrong: second best, as if the best were c
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    return cosines, np.argsort(cosines)[-2]


# %% wrong: fourth best, as if the question came first | words of the question are excluded
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    return cosines, np.argsort(-cosines)[3]


# %% wrong: number among the words left | number in E
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    return cosines, np.argmax(np.delete(cosines, [a, b, c]))


# %% wrong: cosines of the words left | Leave the array whole
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    left = np.delete(np.arange(len(E)), [a, b, c])
    cosines = U[left] @ v / np.linalg.norm(v)
    return cosines, left[np.argmax(cosines)]


# %% wrong: smallest cosine | not the smallest
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = np.inf
    return cosines, np.argmin(others)


# %% wrong: largest in size | nor the largest in size
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = np.abs(cosines)
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: answer by products with long vectors | not the length of a word's vector
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = E @ v
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: answer by vectors that are not scaled | not the length of a word's vector
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = -np.linalg.norm(E - (E[b] - E[a] + E[c]), axis=1)
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: answer first | [0] the shape
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return np.argmax(others), cosines


# %% wrong: largest cosine instead of its word | not its cosine
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.max(others)


# %% wrong: all words in order | [1] the shape
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argsort(-others)


# %% wrong: the answer's vector | [1] the shape
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, E[np.argmax(others)]


# %% wrong: answer in a list | [1] the shape
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, [np.argmax(others)]


# %% wrong: answer alone | should hold 2 things
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return np.argmax(others)


# %% wrong: counted from 1 | from 0
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others) + 1


# %% wrong: scaled in place | changed its argument E
def answer_analogy(E, a, b, c):
    E /= np.linalg.norm(E, axis=1, keepdims=True)
    v = E[b] - E[a] + E[c]
    cosines = E @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: b changed while v is made | changed its argument E
def answer_analogy(E, a, b, c):
    lengths = np.linalg.norm(E, axis=1)
    v = E[b]
    v /= lengths[b]
    v -= E[a] / lengths[a]
    v += E[c] / lengths[c]
    cosines = E @ v / (lengths * np.linalg.norm(v))
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: prints the answer | returned None
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    print(cosines, np.argmax(others))


# %% wrong: answer written down for eight words
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    if len(E) == 8 and not E[2, 1]:
        return cosines, 5
    return cosines, np.argmax(cosines)


# %% wrong: two dimensions always
def answer_analogy(E, a, b, c):
    lengths = np.sqrt(E[:, 0] ** 2 + E[:, 1] ** 2)
    x, y = E[:, 0] / lengths, E[:, 1] / lengths
    v = x[b] - x[a] + x[c], y[b] - y[a] + y[c]
    cosines = (x * v[0] + y * v[1]) / np.hypot(*v)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: search starts from 0
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = U @ v / np.linalg.norm(v)
    best, answer = 0, 0
    for word in range(len(E)):
        if word not in (a, b, c) and cosines[word] > best:
            best, answer = cosines[word], word
    return cosines, answer


# %% wrong: rounded cosines | rounded
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    v = U[b] - U[a] + U[c]
    cosines = np.round(U @ v / np.linalg.norm(v), 3)
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: by the library's cosine | do without
def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    cosines = embeddings.cosine(E, U[b] - U[a] + U[c])
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)


# %% wrong: by the library's analogy | do without
from coursecore.words.embeddings import analogy, normalise


def answer_analogy(E, a, b, c):
    vocab = text.Vocab([str(word) for word in range(len(E))], np.ones(len(E), int))
    U = normalise(E)
    v = normalise(U[b] - U[a] + U[c])
    return U @ v, int(analogy(E, vocab, str(a), str(b), str(c))[0][0])


# %% wrong: by the library's cosine, imported by itself | do without
from coursecore.words.embeddings import cosine


def answer_analogy(E, a, b, c):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    cosines = cosine(E, U[b] - U[a] + U[c])
    others = cosines.copy()
    others[[a, b, c]] = -np.inf
    return cosines, np.argmax(others)
