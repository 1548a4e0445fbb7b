"""What the benchmark of words measures, each in a process of its own.

`run(order)` does what is asked for by the part it belongs to, `counting`, `glove`,
`epoch` or `memory`, and returns numbers that can be written as JSON. See `words`.
"""

import contextlib
import os
import sys
import tracemalloc

import counters
import factorisers
import numpy as np
import originals
import predictors
from engine import time_in_turn
from toronto import NUM_WORDS

from coursecore.data import corpora
from coursecore.words import cooccurrence, glove, text

MIN_COUNT, WINDOW, DIM, N = 10, 10, 50, 3  # of counting and GloVe; n-grams of 1 to N words
MODEL = (NUM_WORDS, 16, 3, 128)  # words, dimensions, context and hidden units of Bengio's
BATCH_SIZE = 100
BUDGETS = [16, 64, 2048]  # of counting, in MiB
MIB = 2**20
# Python does not see what PyTorch and JAX allocate.
SEEN = [predictors.ByHand, predictors.Coursecore, predictors.CoursecoreReplay,
        predictors.CoursecoreFit, predictors.Autograd]  # fmt: skip


# -------------------------------------------------------------------- the data


def tokens_of_text8(num_tokens):
    with contextlib.redirect_stdout(sys.stderr):  # where the licence is announced
        return corpora.text8(num_tokens)


def encode(tokens, min_count):
    """Return the vocabulary and the ids (T,) of the words in it; the others are dropped.

    So does the authors' program: what stood beside a rare word moves together.
    """
    vocab = text.Vocab.count([tokens], min_count=min_count, unk=None)
    return vocab, vocab.encode([token for token in tokens if token in vocab])


def random_rows(num_rows):
    """Draw contexts (N, 3) and targets (N,): what is timed does not depend on the words."""
    rows = np.random.default_rng(0).integers(NUM_WORDS, size=(num_rows, 4))
    return rows[:, :3], rows[:, 3]


# ------------------------------------------------------------- measured in a process


def counting(peers, kind, num_tokens):
    """Make the functions to time, {name: function}, from words or from their ids."""
    tokens = tokens_of_text8(num_tokens)
    vocab, ids = encode(tokens, MIN_COUNT)

    def one(name):
        counter = counters.COUNTERS[name]()
        if kind == "ngrams":
            return lambda: counter.ngrams(tokens, N)
        if hasattr(counter, "prepare"):
            counter.prepare(tokens, MIN_COUNT)
        return lambda: counter.cooccurrence(ids, len(vocab), WINDOW)

    functions = {name: one(name) for name in peers if name in counters.installed(kind)}
    return functions, len(tokens) if kind == "ngrams" else len(ids)


def epochs(peers, precision, num_rows):
    """Make the functions to time, {name: function}: some rows, always from one start."""
    contexts, targets = random_rows(num_rows)
    params = predictors.init(np.random.default_rng(0), *MODEL, precision)

    def one(name):
        train = predictors.PREDICTORS[name]().trainer(params, contexts, targets, BATCH_SIZE)
        return lambda: train(1, np.random.default_rng(1))

    functions = {name: one(name) for name in peers}
    for function in functions.values():
        function()
    return functions


def descend(name, num_tokens, sweeps=None):
    """Run one of GloVe's trainers; return its speed and a row for each sweep.

    A row has the seconds of wall time so far, without what is measured between sweeps,
    the cost J / 2N, and what the vectors know. The original has one row, of its end.
    """
    tokens = tokens_of_text8(num_tokens)
    vocab, ids = encode(tokens, MIN_COUNT)
    X = cooccurrence.count(text.Corpus(ids, [0]), len(vocab), WINDOW)
    with contextlib.redirect_stdout(sys.stderr):
        tests = corpora.analogies(), corpora.ws353()
    rng, rows, more = np.random.default_rng(0), [], {}

    def note(params, seconds):
        known = factorisers.judge(params, vocab, *tests)
        rows.append({"seconds": seconds, "cost": factorisers.mean_cost(X, params)} | known)

    if name == originals.NAME:
        sweeps = sweeps or 25
        params, more = run_original(tokens, vocab.words, sweeps)
        note(params, more["programs"]["glove"])
    else:
        params = glove.init(rng, len(vocab), DIM, np.float32)
        factorisers.compile_loops(name, X, params)

        def after(params, history):
            note(params, sum(history.seconds))

        _, history = factorisers.fit(name, X, params, rng, sweeps, after)
        sweeps = len(history.train)
    return {"contestant": name, "nonzeros": X.nnz, "words": len(vocab), "sweeps": sweeps,
            "rows": rows} | more  # fmt: skip


def run_original(tokens, words, sweeps):
    """Let the authors' programs do everything; return parameters, and what they told.

    Raises ValueError if they do not number the words as we do.
    """
    programs = originals.Programs()
    theirs = programs.count_words(tokens, MIN_COUNT)
    if theirs != words:
        raise ValueError(
            f"vocab_count has {len(theirs):,} words, from {theirs[:3]}, where Vocab.count "
            f"has {len(words):,}, from {words[:3]}: their vectors cannot be compared."
        )
    programs.count(WINDOW)
    programs.shuffle()
    params, told = programs.descend(DIM, sweeps)
    return params, {"programs": programs.seconds, "told": told}


def peaks(num_tokens):
    """Measure the most bytes that counting holds, and a step of Bengio's model.

    The result is part of what counting holds. A step is measured after another, and what
    is kept between them counts.
    """
    vocab, ids = encode(tokens_of_text8(num_tokens), MIN_COUNT)

    def count(counter, **options):
        return counter.cooccurrence(ids, len(vocab), WINDOW, **options)

    ours = counters.Coursecore()
    X = count(ours)  # the first call loads SciPy
    sizes = {"the result alone": sum(x.nbytes for x in (X.data, X.indices, X.indptr))}
    del X
    for budget in BUDGETS:
        name = f"{ours.name}, budget {budget:,} MiB"
        sizes[name] = peak(lambda budget=budget: count(ours, budget=budget * MIB))
    sizes[counters.Dictionary.name] = peak(lambda: count(counters.Dictionary()))
    found = {"counting": sizes, "step": {}}
    contexts, targets = random_rows(BATCH_SIZE)
    params = predictors.init(np.random.default_rng(0), *MODEL)
    for one in (one for one in SEEN if one.name in predictors.installed()):
        train = one().trainer(params, contexts, targets, BATCH_SIZE)
        found["step"][one.name] = peak(
            lambda train=train: train(1, np.random.default_rng(1)), warm=True
        )
    return found


def peak(function, warm=False):
    """Measure the most bytes held in a call; with `warm`, in the second of two."""
    tracemalloc.start()
    if warm:
        function()
        tracemalloc.reset_peak()
    function()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def run(order):
    if order.pop("threads") == "one" and hasattr(os, "sched_setaffinity"):
        # JAX has as many threads as it may use cores.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    part, turns = order.pop("part"), (order.pop("rounds", None), order.pop("turn", None))
    if part == "glove":
        return descend(**order)
    if part == "memory":
        return peaks(**order)
    if part == "epoch":
        return {"seconds": time_in_turn(epochs(**order), *turns)}
    functions, num_tokens = counting(**order)
    return {"seconds": time_in_turn(functions, *turns), "tokens": num_tokens}
