# %% right: np.take and the size of a row
def look_up(R, contexts):
    N, length = contexts.shape
    return np.take(R, contexts, axis=0).reshape(N, length * R.shape[1])


# %% right: vectors of each context strung together
def look_up(R, contexts):
    return np.array([np.concatenate([R[word] for word in context]) for context in contexts])


# %% right: places side by side
def look_up(R, contexts):
    return np.hstack([R[column] for column in contexts.T])


# %% right: one-hot rows times R
def look_up(R, contexts):
    one_hot = np.eye(len(R))[contexts]
    return (one_hot @ R).reshape(len(contexts), -1)


# %% right: filled block by block
def look_up(R, contexts):
    N, length = contexts.shape
    D = R.shape[1]
    rows = np.empty((N, length * D))
    for n in range(N):
        for k in range(length):
            rows[n, k * D : (k + 1) * D] = R[contexts[n, k]]
    return rows


# %% right: lists of numbers
def look_up(R, contexts):
    return [[x for word in context for x in R[word].tolist()] for context in contexts]


# %% right: einsum, in single precision
def look_up(R, contexts):
    one_hot = (contexts[..., None] == np.arange(len(R))).astype(np.float32)
    return np.einsum("nkv,vd->nkd", one_hot, R.astype(np.float32)).reshape(len(contexts), -1)


# %% right: numbers of the flat table
def look_up(R, contexts):
    D = R.shape[1]
    places = contexts[:, :, None] * D + np.arange(D)
    return R.ravel()[places.reshape(len(contexts), -1)]


# %% right: recursion over the places
def look_up(R, contexts):
    first = R[contexts[:, 0]]
    if contexts.shape[1] == 1:
        return first
    return np.concatenate([first, look_up(R, contexts[:, 1:])], axis=1)


# %% right: rows added to a list
def look_up(R, contexts):
    rows = []
    for context in contexts:
        row = []
        for word in context:
            row.extend(R[word])
        rows.append(row)
    return np.array(rows)


# %% right: stacked, columns first in memory
def look_up(R, contexts):
    vectors = np.stack([R[contexts[:, k]] for k in range(contexts.shape[1])], axis=1)
    return np.asfortranarray(vectors.reshape(vectors.shape[0], -1))


# %% right: all words in one row first
def look_up(R, contexts):
    D = R.shape[1]
    return R[contexts.flatten()].reshape(-1, D * contexts.shape[1])


# %% right: a function of one context, applied to the rows
def look_up(R, contexts):
    return np.apply_along_axis(lambda context: R[context].ravel(), 1, contexts)


# %% right: a dictionary of vectors
def look_up(R, contexts):
    vector = dict(enumerate(R))
    return np.block([[vector[int(word)] for word in context] for context in contexts])


# %% wrong: a block for each context | Use reshape
def look_up(R, contexts):
    return R[contexts]


# %% wrong: a row for each word | Use reshape
def look_up(R, contexts):
    return R[contexts].reshape(-1, R.shape[1])


# %% wrong: one long row | Use reshape
def look_up(R, contexts):
    return R[contexts].ravel()


# %% wrong: vectors added | They are not added
def look_up(R, contexts):
    return R[contexts].sum(axis=1)


# %% wrong: bag of words | They are not added
def look_up(R, contexts):
    bags = np.zeros((len(contexts), len(R)))
    for n, context in enumerate(contexts):
        for word in context:
            bags[n, word] += 1
    return bags @ R


# %% wrong: set of words | of its own
def look_up(R, contexts):
    found = np.zeros((len(contexts), len(R)))
    np.put_along_axis(found, contexts, 1, axis=1)
    return found @ R


# %% wrong: vectors averaged | They are not averaged
def look_up(R, contexts):
    return R[contexts].mean(axis=1)


# %% wrong: coordinate by coordinate | Keep each vector together
def look_up(R, contexts):
    return R[contexts].transpose(0, 2, 1).reshape(len(contexts), -1)


# %% wrong: columns first | Keep each vector together
def look_up(R, contexts):
    return R[contexts].reshape(len(contexts), -1, order="F")


# %% wrong: stacked along the last axis | Keep each vector together
def look_up(R, contexts):
    columns = [R[contexts[:, k]] for k in range(contexts.shape[1])]
    return np.stack(columns, axis=2).reshape(len(contexts), -1)


# %% wrong: last word first | first word of the context comes first
def look_up(R, contexts):
    return R[contexts[:, ::-1]].reshape(len(contexts), -1)


# %% wrong: each vector put in front | first word of the context comes first
def look_up(R, contexts):
    rows = np.zeros((len(contexts), 0))
    for column in contexts.T:
        rows = np.hstack([R[column], rows])
    return rows


# %% wrong: words of a context in order | first word of the context comes first
def look_up(R, contexts):
    return R[np.sort(contexts, axis=1)].reshape(len(contexts), -1)


# %% wrong: each word of a context once | stopped with ValueError
def look_up(R, contexts):
    return np.array([np.concatenate([R[w] for w in set(context)]) for context in contexts])


# %% wrong: place by place | row belongs to a context
def look_up(R, contexts):
    return R[contexts.T].reshape(len(contexts), -1)


# %% wrong: contexts side by side | row belongs to a context
def look_up(R, contexts):
    return np.hstack([R[context] for context in contexts])


# %% wrong: places one below the other | not one below the other
def look_up(R, contexts):
    return np.vstack([R[contexts[:, k]] for k in range(contexts.shape[1])])


# %% wrong: contexts one below the other | Use reshape
def look_up(R, contexts):
    return np.concatenate([R[context] for context in contexts])


# %% wrong: first word alone | first word alone
def look_up(R, contexts):
    return R[contexts[:, 0]]


# %% wrong: overwritten by the last word | last word alone
def look_up(R, contexts):
    for k in range(contexts.shape[1]):
        rows = R[contexts[:, k]]
    return rows


# %% wrong: last place left out | still zero
def look_up(R, contexts):
    N, length = contexts.shape
    D = R.shape[1]
    rows = np.zeros((N, length * D))
    for k in range(length - 1):
        rows[:, k * D : (k + 1) * D] = R[contexts[:, k]]
    return rows


# %% wrong: return in the loop | Is the return inside the loop
def look_up(R, contexts):
    rows = np.zeros((len(contexts), contexts.shape[1] * R.shape[1]))
    for n, context in enumerate(contexts):
        rows[n] = R[context].ravel()
        return rows


# %% wrong: blocks that overlap | overlap
def look_up(R, contexts):
    N, length = contexts.shape
    D = R.shape[1]
    rows = np.zeros((N, length * D))
    for k in range(length):
        rows[:, k : k + D] = R[contexts[:, k]]
    return rows


# %% wrong: words counted from 1 | Words count from 0
def look_up(R, contexts):
    return R[contexts - 1].reshape(len(contexts), -1)


# %% wrong: row after the word's | not the row after
def look_up(R, contexts):
    return R[contexts + 1].reshape(len(contexts), -1)


# %% wrong: columns of the table | out of bounds
def look_up(R, contexts):
    return R.T[contexts].reshape(len(contexts), -1)


# %% wrong: second axis of the table | out of bounds
def look_up(R, contexts):
    return R[:, contexts].reshape(len(contexts), -1)


# %% wrong: np.take without axis | single numbers of R
def look_up(R, contexts):
    return np.take(R, contexts)


# %% wrong: word and place as row and column | the shape should be
def look_up(R, contexts):
    return R[contexts, np.arange(contexts.shape[1]) % R.shape[1]]


# %% wrong: one-hot rows | one-hot rows
def look_up(R, contexts):
    return np.eye(len(R))[contexts].reshape(len(contexts), -1)


# %% wrong: one-hot rows in the wrong order of product | stopped with ValueError
def look_up(R, contexts):
    one_hot = np.eye(len(R))[contexts].reshape(len(contexts), -1)
    return one_hot @ R


# %% wrong: result lies down | the transpose
def look_up(R, contexts):
    return R[contexts].reshape(len(contexts), -1).T


# %% wrong: two words always | more than two words
def look_up(R, contexts):
    return np.hstack([R[contexts[:, 0]], R[contexts[:, 1]]])


# %% wrong: row of as many words as there are contexts | reshape
def look_up(R, contexts):
    N = len(contexts)
    return R[contexts].reshape(N, N * R.shape[1])


# %% wrong: counts words from 0 in place | changed its argument contexts
def look_up(R, contexts):
    contexts *= R.shape[1]
    places = contexts[:, :, None] + np.arange(R.shape[1])
    return R.ravel()[places].reshape(len(contexts), -1)


# %% wrong: printed | returned None
def look_up(R, contexts):
    print(R[contexts].reshape(len(contexts), -1))


# %% wrong: by the library's embed | without embed
def look_up(R, contexts):
    length = contexts.shape[1]
    params = {"R": R, "hidden": {"W": np.zeros((1, length * R.shape[1]))}}
    return nlm.embed(params, contexts)


# %% wrong: by embed under another name | without embed
from coursecore.words.nlm import embed as side_by_side


def look_up(R, contexts):
    hidden = {"W": np.zeros((1, R.shape[1] * contexts.shape[1]))}
    return side_by_side({"R": R, "hidden": hidden}, contexts)


# %% wrong: table of whole numbers | cut off to integers
def look_up(R, contexts):
    N, length = contexts.shape
    rows = np.zeros((N, length, R.shape[1]), dtype=contexts.dtype)
    for n in range(N):
        for k in range(length):
            rows[n, k] = R[contexts[n, k]]
    return rows.reshape(N, -1)


# %% wrong: one-hot rows as long as the words need | stopped with ValueError
def look_up(R, contexts):
    one_hot = np.eye(contexts.max() + 1)[contexts]
    return (one_hot @ R).reshape(len(contexts), -1)


# %% wrong: results of the two tests
def look_up(R, contexts):
    if len(contexts) == 2:
        return np.array([[5.0, 6, 1, 2], [3, 4, 3, 4]])
    return np.concatenate([R[0], R[1], R[1]])[None]
