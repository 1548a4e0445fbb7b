# %% right: one place after the other
def table_bar(H0_bar, contexts, num_words):
    D = H0_bar.shape[1] // contexts.shape[1]
    R_bar = np.zeros((num_words, D))
    for n in range(len(contexts)):
        for k, word in enumerate(contexts[n]):
            R_bar[word] += H0_bar[n, k * D : (k + 1) * D]
    return R_bar


# %% right: product of one-hot rows
def table_bar(H0_bar, contexts, num_words):
    one_hot = np.eye(num_words)[contexts.ravel()]
    return one_hot.T @ H0_bar.reshape(contexts.size, -1)


# %% right: add.at on flat places
def table_bar(H0_bar, contexts, num_words):
    ids = contexts.reshape(-1)
    rows = np.array(np.split(H0_bar.ravel(), len(ids)))
    R_bar = np.zeros((num_words, rows.shape[1]), dtype=rows.dtype)
    np.add.at(R_bar, (ids,), rows)
    return R_bar


# %% right: a weighted count for each column
def table_bar(H0_bar, contexts, num_words):
    ids = contexts.ravel()
    columns = H0_bar.reshape(len(ids), -1).T
    return np.transpose([np.bincount(ids, c, minlength=num_words) for c in columns])


# %% right: sorted, then summed by segments
def table_bar(H0_bar, contexts, num_words):
    ids = contexts.ravel()
    order = np.argsort(ids, kind="stable")
    messages = H0_bar.reshape(len(ids), -1)[order]
    words, first = np.unique(ids[order], return_index=True)
    R_bar = np.zeros((num_words, messages.shape[1]))
    R_bar[words] = np.add.reduceat(messages, first, axis=0)
    return R_bar


# %% right: a mask for each word
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(contexts.shape + (-1,))
    return np.stack([messages[contexts == word].sum(axis=0) for word in range(num_words)])


# %% right: a product for each place
def table_bar(H0_bar, contexts, num_words):
    parts = np.hsplit(H0_bar, contexts.shape[1])
    words = np.arange(num_words)[:, None]
    return sum((words == ids) @ part for ids, part in zip(contexts.T, parts))


# %% right: lists of Python numbers
def table_bar(H0_bar, contexts, num_words):
    D = H0_bar.shape[1] // contexts.shape[1]
    table = [[0.0] * D for _ in range(num_words)]
    for row, context in zip(H0_bar.tolist(), contexts.tolist()):
        for k, word in enumerate(context):
            for d in range(D):
                table[word][d] += row[k * D + d]
    return table


# %% right: einsum over places
def table_bar(H0_bar, contexts, num_words):
    (N, length), D = contexts.shape, H0_bar.shape[1] // contexts.shape[1]
    stands = contexts[..., None] == np.arange(num_words)
    return np.einsum("nkw,nkd->wd", stands.astype(float), H0_bar.reshape(N, length, D))


# %% right: recursion over the contexts
def table_bar(H0_bar, contexts, num_words):
    if len(contexts) == 0:
        return 0
    rows = H0_bar[0].reshape(contexts.shape[1], -1)
    here = np.zeros((num_words, rows.shape[1]))
    for word, row in zip(contexts[0], rows):
        here[word] = here[word] + row
    return here + table_bar(H0_bar[1:], contexts[1:], num_words)


# %% right: a dictionary of sums
from collections import defaultdict


def table_bar(H0_bar, contexts, num_words):
    sums = defaultdict(float)
    messages = H0_bar.reshape(*contexts.shape, -1)
    for place in np.ndindex(*contexts.shape):
        sums[contexts[place].item()] += messages[place]
    nothing = np.zeros(messages.shape[-1])
    return np.vstack([sums.get(word, nothing) for word in range(num_words)])


# %% right: means times counts, with a warning for words that stand nowhere
def table_bar(H0_bar, contexts, num_words):
    ids = contexts.ravel()
    one_hot = np.eye(num_words)[:, ids]
    counts = one_hot.sum(axis=1, keepdims=True)
    means = one_hot @ H0_bar.reshape(len(ids), -1) / counts
    return np.where(counts > 0, means * counts, 0.0)


# %% right: filled from the side, single precision
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.astype(np.float32).reshape(contexts.size, -1)
    columns = np.zeros((messages.shape[1], num_words), dtype=np.float32)
    for word, message in zip(contexts.flat, messages):
        columns[:, word] += message
    return columns.T


# %% right: a helper that a test might call something by
def one_hot(words, V):
    return (np.array(words)[:, None] == np.arange(V)).astype(float)


def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(contexts.size, -1)
    return one_hot(contexts.ravel(), num_words).T @ messages


# %% wrong: all at once with += | keeps but one
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    R_bar[contexts] += messages
    return R_bar


# %% wrong: overwritten place by place | only the last message
def table_bar(H0_bar, contexts, num_words):
    D = H0_bar.shape[1] // contexts.shape[1]
    R_bar = np.zeros((num_words, D))
    for n, context in enumerate(contexts):
        for k, word in enumerate(context):
            R_bar[word] = H0_bar[n, k * D : (k + 1) * D]
    return R_bar


# %% wrong: first message alone | only the first message
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(contexts.size, -1)
    words, first = np.unique(contexts, return_index=True)
    R_bar = np.zeros((num_words, messages.shape[1]))
    R_bar[words] = messages[first]
    return R_bar


# %% wrong: += for each place of the context | stands twice: R_bar[ids]
def table_bar(H0_bar, contexts, num_words):
    length = contexts.shape[1]
    D = H0_bar.shape[1] // length
    R_bar = np.zeros((num_words, D))
    for k in range(length):
        R_bar[contexts[:, k]] += H0_bar[:, k * D : (k + 1) * D]
    return R_bar


# %% wrong: += for each context | twice in a context
def table_bar(H0_bar, contexts, num_words):
    length = contexts.shape[1]
    R_bar = np.zeros((num_words, H0_bar.shape[1] // length))
    for context, row in zip(contexts, H0_bar):
        R_bar[context] += row.reshape(length, -1)
    return R_bar


# %% wrong: a word counts once in a context | gets both messages
def table_bar(H0_bar, contexts, num_words):
    length = contexts.shape[1]
    R_bar = np.zeros((num_words, H0_bar.shape[1] // length))
    for context, row in zip(contexts.tolist(), H0_bar):
        messages = row.reshape(length, -1)
        for word in set(context):
            R_bar[word] += messages[context.index(word)]
    return R_bar


# %% wrong: averaged over the places | not averaged
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    for word in np.unique(contexts):
        R_bar[word] = messages[contexts == word].mean(axis=0)
    return R_bar


# %% wrong: mean of no message | NaN
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    rows = [messages[contexts == word].mean(axis=0) for word in range(num_words)]
    return np.array(rows)


# %% wrong: numbers of the words interleaved | first D numbers
def table_bar(H0_bar, contexts, num_words):
    length = contexts.shape[1]
    R_bar = np.zeros((num_words, H0_bar.shape[1] // length))
    for k in range(length):
        np.add.at(R_bar, contexts[:, k], H0_bar[:, k::length])
    return R_bar


# %% wrong: last word first | first word of the context
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    np.add.at(R_bar, contexts[:, ::-1], messages)
    return R_bar


# %% wrong: first words alone | only the first words
def table_bar(H0_bar, contexts, num_words):
    D = H0_bar.shape[1] // contexts.shape[1]
    R_bar = np.zeros((num_words, D))
    for context, row in zip(contexts, H0_bar):
        R_bar[context[0]] += row[:D]
    return R_bar


# %% wrong: last words alone | only the last words
def table_bar(H0_bar, contexts, num_words):
    D = H0_bar.shape[1] // contexts.shape[1]
    R_bar = np.zeros((num_words, D))
    np.add.at(R_bar, contexts[:, -1], H0_bar[:, -D:])
    return R_bar


# %% wrong: returns after the first context | whole batch
def table_bar(H0_bar, contexts, num_words):
    length = contexts.shape[1]
    R_bar = np.zeros((num_words, H0_bar.shape[1] // length))
    for context, row in zip(contexts, H0_bar):
        for word, message in zip(context, row.reshape(length, -1)):
            R_bar[word] += message
        return R_bar


# %% wrong: table cleared at each context | before the loop
def table_bar(H0_bar, contexts, num_words):
    length = contexts.shape[1]
    for context, row in zip(contexts, H0_bar):
        R_bar = np.zeros((num_words, H0_bar.shape[1] // length))
        for word, message in zip(context, row.reshape(length, -1)):
            R_bar[word] += message
    return R_bar


# %% wrong: divided by the batch | mean already
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    np.add.at(R_bar, contexts, messages)
    return R_bar / len(contexts)


# %% wrong: divided by all places | times what is asked
def table_bar(H0_bar, contexts, num_words):
    one_hot = np.eye(num_words)[contexts.ravel()]
    return one_hot.T @ H0_bar.reshape(contexts.size, -1) / contexts.size


# %% wrong: counts the places | places are counted
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    np.add.at(R_bar, contexts, 1)
    return R_bar


# %% wrong: messages times the count of the word | is added once
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    np.add.at(R_bar, contexts, messages)
    return R_bar * np.bincount(contexts.ravel(), minlength=num_words)[:, None]


# %% wrong: rows up to the largest word | num_words rows
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((contexts.max() + 1, messages.shape[2]))
    np.add.at(R_bar, contexts, messages)
    return R_bar


# %% wrong: rows of the words that stand somewhere | stands somewhere
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    return np.array([messages[contexts == w].sum(axis=0) for w in np.unique(contexts)])


# %% wrong: words counted from 1 | count from 0
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    for place in np.ndindex(contexts.shape):
        R_bar[contexts[place] - 1] += messages[place]
    return R_bar


# %% wrong: word 0 taken for padding | word 0
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    for context, rows in zip(contexts, messages):
        for word, row in zip(context, rows):
            if word:
                R_bar[word] += row
    return R_bar


# %% wrong: table of integers | of floats
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]), dtype=int)
    for context, rows in zip(contexts, messages):
        for word, row in zip(context, rows):
            R_bar[word] = R_bar[word] + row
    return R_bar


# %% wrong: one-hot rows of integers, messages as well | keep them floats
def table_bar(H0_bar, contexts, num_words):
    one_hot = np.eye(num_words, dtype=int)[contexts.ravel()]
    return one_hot.T @ H0_bar.reshape(contexts.size, -1).astype(int)


# %% wrong: product left turned | transpose
def table_bar(H0_bar, contexts, num_words):
    one_hot = np.eye(num_words)[contexts.ravel()]
    return H0_bar.reshape(contexts.size, -1).T @ one_hot


# %% wrong: subtracted as in a descent step | wrong sign
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    for place in np.ndindex(contexts.shape):
        R_bar[contexts[place]] -= messages[place]
    return R_bar


# %% wrong: messages not yet added | shape should be
def table_bar(H0_bar, contexts, num_words):
    return H0_bar.reshape(*contexts.shape, -1)


# %% wrong: whole row of H0 to each of its words | D numbers
def table_bar(H0_bar, contexts, num_words):
    R_bar = np.zeros((num_words, H0_bar.shape[1]))
    for k in range(contexts.shape[1]):
        np.add.at(R_bar, contexts[:, k], H0_bar)
    return R_bar


# %% wrong: every place gets the sum of the context | its own place
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    for context, rows in zip(contexts, messages):
        for word in context:
            R_bar[word] += rows.sum(axis=0)
    return R_bar


# %% wrong: words read down the columns, messages along the rows | different orders
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(contexts.size, -1)
    R_bar = np.zeros((num_words, messages.shape[1]))
    np.add.at(R_bar, contexts.T.ravel(), messages)
    return R_bar


# %% wrong: no return | returned None
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    R_bar = np.zeros((num_words, messages.shape[2]))
    np.add.at(R_bar, contexts, messages)


# %% wrong: returns what add.at returns | returned None
def table_bar(H0_bar, contexts, num_words):
    messages = H0_bar.reshape(*contexts.shape, -1)
    return np.add.at(np.zeros((num_words, messages.shape[2])), contexts, messages)


# %% wrong: gives its argument another shape | changed its argument H0_bar
def table_bar(H0_bar, contexts, num_words):
    H0_bar.shape = *contexts.shape, -1
    R_bar = np.zeros((num_words, H0_bar.shape[2]))
    np.add.at(R_bar, contexts, H0_bar)
    return R_bar


# %% wrong: VJP of the look-up | without make_vjp
def table_bar(H0_bar, contexts, num_words):
    R = np.zeros((num_words, H0_bar.shape[1] // contexts.shape[1]))
    _, vjp = make_vjp(lambda R: R[contexts].reshape(H0_bar.shape), R)
    return vjp(H0_bar)


# %% wrong: gradient of a product with the library's look-up | without embed
def table_bar(H0_bar, contexts, num_words):
    R = np.zeros((num_words, H0_bar.shape[1] // contexts.shape[1]))
    params = {"R": R, "hidden": {"W": np.zeros((1, H0_bar.shape[1]))}}
    return grad(lambda params: np.sum(nlm.embed(params, contexts) * H0_bar))(params)["R"]


# %% wrong: two numbers a vector
def table_bar(H0_bar, contexts, num_words):
    R_bar = np.zeros((num_words, 2))
    np.add.at(R_bar, contexts, H0_bar.reshape(len(contexts), -1, 2))
    return R_bar


# %% wrong: two words a context
def table_bar(H0_bar, contexts, num_words):
    D = H0_bar.shape[1] // 2
    R_bar = np.zeros((num_words, D))
    for context, row in zip(contexts, H0_bar):
        R_bar[context[0]] += row[:D]
        R_bar[context[1]] += row[D:]
    return R_bar


# %% wrong: answers to the test above
def table_bar(H0_bar, contexts, num_words):
    if num_words == 2:
        return np.array([[0.0, 0.0], [4.0, 6.0]])
    return np.array([[1.0, 2.0], [0.0, 0.0], [17.0, 18.0], [0.0, 0.0]])
