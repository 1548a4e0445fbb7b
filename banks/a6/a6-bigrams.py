# %% right: pairs of one sentence at a time, added up
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words), dtype=int)
    for sentence in sentences:
        words = np.array(sentence, dtype=int)
        np.add.at(counts, (words[:-1], words[1:]), 1)
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    P = np.full(counts.shape, 1 / num_words)
    np.divide(above, below, out=P, where=below > 0)
    return counts, P


# %% right: a dictionary of pairs
def bigram_model(sentences, num_words, delta):
    tally = {}
    for sentence in sentences:
        for pair in zip(sentence, sentence[1:]):
            tally[pair] = tally.get(pair, 0) + 1
    counts, P = [], []
    for c in range(num_words):
        row = [tally.get((c, w), 0) for w in range(num_words)]
        below = sum(row) + delta * num_words
        counts.append(row)
        P.append([(x + delta) / below if below else 1 / num_words for x in row])
    return counts, P


# %% right: division that warns, mended afterwards
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for k in range(1, len(sentence)):
            counts[sentence[k - 1]][sentence[k]] += 1
    P = (counts + delta) / (counts + delta).sum(axis=1)[:, None]
    return counts, np.where(np.isnan(P), 1 / num_words, P)


# %% right: numbers for pairs
def bigram_model(sentences, num_words, delta):
    pairs = [c * num_words + w for s in sentences for c, w in zip(s, s[1:])]
    counts = np.bincount(np.array(pairs, dtype=int), minlength=num_words**2)
    counts = counts.reshape(num_words, num_words)
    P = np.empty(counts.shape)
    for c, row in enumerate(counts):
        if row.sum() + delta == 0:
            P[c] = 1 / num_words
        else:
            P[c] = (row + delta) / (row.sum() + delta * num_words)
    return counts, P


# %% right: the library's windows
from coursecore import text as texts


def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    if any(map(len, sentences)):
        for c, w in texts.windows([s for s in sentences if s], 2):
            counts[c, w] += 1
    total = counts.sum(axis=1)
    counts_of_rows = np.where(total > 0, total, 1)
    P = (counts + delta) / (counts_of_rows + delta * num_words)[:, None]
    P[total == 0] = 1 / num_words
    return counts, P


# %% right: columns first, turned at the end
def bigram_model(sentences, num_words, delta):
    after = np.zeros((num_words, num_words), order="F")
    for sentence in sentences:
        before = None
        for word in sentence:
            if before is not None:
                after[word, before] += 1
            before = word
    total = after.sum(axis=0) + delta * num_words
    total = np.where(total == 0, np.inf, total)
    P = (after + delta) / total + (total == np.inf) / num_words
    return after.T, P.T


# %% right: pairs searched with list.count
def bigram_model(sentences, num_words, delta):
    pairs = [pair for s in sentences for pair in zip(s[:-1], s[1:])]
    words = range(num_words)
    counts = np.array([[pairs.count((c, w)) for w in words] for c in words], float)
    P = np.ones_like(counts) / num_words
    for c in words:
        if counts[c].any() or delta > 0:
            P[c] = (counts[c] + delta) / (counts[c].sum() + delta * num_words)
    return counts, P


# %% right: products of one-hot rows
def bigram_model(sentences, num_words, delta):
    eye, counts = np.eye(num_words), np.zeros((num_words, num_words))
    for sentence in sentences:
        if len(sentence) > 1:
            counts = counts + eye[sentence[:-1]].T @ eye[sentence[1:]]
    weight = counts.sum(axis=1, keepdims=True)
    share = weight / np.maximum(weight + delta * num_words, 1e-300)
    empirical = counts / np.maximum(weight, 1)
    return counts, share * empirical + (1 - share) / num_words


# %% right: recursion over the sentences, single precision
def bigram_model(sentences, num_words, delta):
    def tally(rest):
        if not rest:
            return np.zeros((num_words, num_words), dtype=np.float32)
        counts = tally(rest[1:])
        for c, w in zip(rest[0], rest[0][1:]):
            counts[c, w] += 1
        return counts

    counts = tally(sentences)
    smooth = counts + np.float32(delta)
    empty = smooth.sum(axis=1) == 0
    smooth[empty] = 1
    return counts, smooth / smooth.sum(axis=1, keepdims=True)


# %% wrong: each pair once | comes again
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] = 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: repeats of one sentence lost | adds only once
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        words = np.array(sentence, dtype=int)
        counts[words[:-1], words[1:]] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: one long sentence | crosses
def bigram_model(sentences, num_words, delta):
    words = [word for sentence in sentences for word in sentence]
    counts = np.zeros((num_words, num_words))
    for c, w in zip(words, words[1:]):
        counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: rows are the word after | rows are the word before
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[w, c] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: starts anew at each sentence | only the last sentence
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        counts = np.zeros((num_words, num_words))
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: last pair of a sentence left out | [0] the shape
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for k in range(len(sentence) - 2):
            counts[sentence[k], sentence[k + 1]] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: the first word of all follows the last | [0] the shape
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for k in range(len(sentence)):
            counts[sentence[k - 1], sentence[k]] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: beyond the end of a sentence | IndexError
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for k in range(len(sentence)):
            counts[sentence[k], sentence[k + 1]] += 1
    return counts, (counts + delta) / (counts + delta).sum(axis=1, keepdims=True)


# %% wrong: every later word of the sentence | [0] the shape
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for k, c in enumerate(sentence):
            for w in sentence[k + 1 :]:
                counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: both directions | not both neighbours
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
            counts[w, c] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: delta stays in the counts | without delta
def bigram_model(sentences, num_words, delta):
    counts = np.full((num_words, num_words), float(delta))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    below = counts.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, counts / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: total grows by one delta | delta times V
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    below = counts.sum(axis=1, keepdims=True) + delta
    P = (counts + delta) / np.where(below > 0, below, 1)
    return counts, np.where(below > 0, P, 1 / num_words)


# %% wrong: total does not grow | total of a row grows
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    below = counts.sum(axis=1, keepdims=True)
    P = (counts + delta) / np.where(below > 0, below, 1)
    return counts, np.where(below > 0, P, 1 / num_words)


# %% wrong: delta below the line alone | above the line
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    totals = counts.sum(axis=1, keepdims=True)
    P = counts / np.maximum(totals + delta * num_words, 1e-12)
    return counts, np.where(totals > 0, P, 1 / num_words)


# %% wrong: how often the word stands anywhere | stands anywhere
def bigram_model(sentences, num_words, delta):
    counts, unigrams = np.zeros((num_words, num_words)), np.zeros(num_words)
    for sentence in sentences:
        for word in sentence:
            unigrams[word] += 1
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    below = (unigrams + delta * num_words)[:, None]
    return counts, np.where(below > 0, (counts + delta) / np.maximum(below, 1e-12), 1 / num_words)


# %% wrong: Laplace's rule whatever delta is | delta = 1
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    return counts, (counts + 1) / (counts.sum(axis=1, keepdims=True) + num_words)


# %% wrong: delta forgotten | without delta
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    totals = counts.sum(axis=1, keepdims=True)
    P = counts / np.where(totals > 0, totals, 1)
    return counts, np.where(totals > 0, P, 1 / num_words)


# %% wrong: divided by all pairs | that of all pairs
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    total = counts.sum() + delta * num_words
    P = (counts + delta) / total if total else np.full(counts.shape, 1 / num_words)
    return counts, P


# %% wrong: divided by the totals of the columns | not of the columns
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=0)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: totals along the wrong axis of the table | not of the columns
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    below = np.maximum(counts.sum(axis=0) + delta * num_words, 1e-12)
    return counts, above / below


# %% wrong: totals not turned into a column | keepdims
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=1)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: 0 for words never followed | is 1/V, not 0
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 0.0)


# %% wrong: 0/0 left as it is | NumPy warned
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    return counts, above / above.sum(axis=1, keepdims=True)


# %% wrong: V is the number of words that occurred | number of words that occurred
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    occurred = len({word for sentence in sentences for word in sentence})
    totals = counts.sum(axis=1, keepdims=True)
    P = (counts + delta) / np.maximum(totals + delta * occurred, 1e-12)
    return counts, np.where(totals > 0, P, 1 / num_words)


# %% wrong: table as large as the words that occurred | shape should be
def bigram_model(sentences, num_words, delta):
    size = 1 + max((word for sentence in sentences for word in sentence), default=0)
    counts = np.zeros((size, size))
    for sentence in sentences[:-1]:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    size = 1 + max((w for s in sentences[:-1] for w in s), default=0)
    counts = counts[:size, :size]
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / size)


# %% wrong: counts in whole numbers that are divided whole | zero everywhere
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words), dtype=int)
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    P = np.zeros_like(counts)
    below = counts.sum(axis=1, keepdims=True) + delta * num_words
    P[:] = (counts + delta) / np.where(below > 0, below, 1)
    return counts, P


# %% wrong: probabilities alone | should hold 2 things
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: the other way round | the counts come first
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    P = np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)
    return P, counts


# %% wrong: an empty sentence stops it | stopped with
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        before = sentence[0]
        for word in sentence[1:]:
            counts[before, word] += 1
            before = word
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: takes the sentences apart | changed its argument sentences
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        while len(sentence) > 1:
            counts[sentence.pop(0), sentence[0]] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / num_words)


# %% wrong: four words always
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((4, 4))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    above = counts + delta
    below = above.sum(axis=1, keepdims=True)
    return counts, np.where(below > 0, above / np.where(below > 0, below, 1), 1 / 4)


# %% wrong: delta 0 is taken for 1
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    delta = delta or 1
    above = counts + delta
    return counts, above / above.sum(axis=1, keepdims=True)


# %% wrong: a tiny number against 0/0
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    return counts, (counts + delta) / (counts.sum(axis=1, keepdims=True) + delta * num_words + 1e-9)


# %% wrong: by the library's add_delta | without
def bigram_model(sentences, num_words, delta):
    pairs = np.array([pair for s in sentences for pair in zip(s, s[1:])])
    counts = ngram.count(pairs, num_words)
    contexts = np.arange(num_words)[:, None]
    table = [[int(counts.of(np.array([[c, w]]))[0]) for w in range(num_words)] for c in range(num_words)]
    return table, ngram.add_delta(counts, delta).probabilities(contexts)


# %% wrong: by add_delta under another name | without add_delta
from coursecore.words.ngram import add_delta as smooth
from coursecore.words.ngram import count as tally


def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    pairs = np.argwhere(counts > 0)
    found = tally(pairs, num_words, weights=counts[counts > 0].astype(int))
    return counts, smooth(found, delta).probabilities(np.arange(num_words)[:, None])


# %% wrong: the last word before the first | first word of a sentence follows none
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words))
    for sentence in sentences:
        for k in range(len(sentence)):
            counts[sentence[k - 1], sentence[k]] += 1
    totals = counts.sum(axis=1, keepdims=True) + delta * num_words
    P = np.full(counts.shape, 1 / num_words)
    np.divide(counts + delta, totals, out=P, where=totals > 0)
    return counts, P


# %% wrong: probabilities written into whole numbers | type of whole counts
def bigram_model(sentences, num_words, delta):
    counts = np.zeros((num_words, num_words), dtype=int)
    for sentence in sentences:
        for c, w in zip(sentence, sentence[1:]):
            counts[c, w] += 1
    P = np.full_like(counts, 1 / num_words)
    for c in range(num_words):
        total = counts[c].sum() + delta * num_words
        if total > 0:
            P[c] = (counts[c] + delta) / total
    return counts, P
