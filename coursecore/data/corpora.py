"""Texts and word tests that others have published, and splits of sentences.

Where the files come from, and how they are checked, is the business of `catalogue` and
`downloads`. A sentence is a list of words; a word test is a list of tuples.
"""

import itertools
import math
import os
import re
import sys
from pathlib import Path

import numpy as np

from . import splits
from .downloads import FOLDER, read

# The first million words of text8 do for most purposes. A course without network hands
# out just their file, made by `head -c 5886828 text8 > text8-1Mtok.txt`.
MILLION = 1_000_000
EXTRACT = "text8-1Mtok.txt"


# ------------------------------------------------------------------------- texts


def text8(num_words=MILLION):
    """Return the first words of text8, a list: Wikipedia in 2006, a to z in small letters.

    There are 17,005,207 words; `num_words=None` returns them all, which takes about
    350 MB. There are no sentences: the text is one run of words without punctuation.

    Looks in the folder COURSECORE_DATA for text8, text8.zip or, where a million words
    do, text8-1Mtok.txt; downloads 31 MB at the first call otherwise. (Mahoney 2006.)
    """
    if num_words is not None and num_words < 0:
        raise ValueError(f"text8 has no first {num_words} words.")
    folder = Path(os.environ.get(FOLDER) or os.devnull)
    enough = num_words is not None and num_words <= MILLION and (folder / EXTRACT).is_file()
    content = read("text8", EXTRACT if enough else "text8").decode("ascii")
    found = (match[0] for match in re.finditer("[a-z]+", content))
    # One string for each distinct word, so that 17 million words fit in memory.
    return list(map(sys.intern, itertools.islice(found, num_words)))


def toronto_sentences():
    """Return 97,162 simple sentences of 250 different words, as lists of words.

    Small letters; punctuation marks and 's are words. They hold 465,686 4-grams. They
    were the data of an assignment at the University of Toronto; no licence is stated, so
    they are for your own study and not to be passed on.
    """
    content = read("toronto sentences", "raw_sentences.txt").decode("ascii")
    return [line.lower().split() for line in content.splitlines()]


# -------------------------------------------------------------------- word tests


def analogies(lower=True):
    """Return Mikolov's 19,544 analogies: {category: [(a, b, c, d), …]}, 14 categories.

    a is to b as c is to d: athens greece baghdad iraq. (Mikolov et al. 2013.)
    """
    content = read("analogies", "questions-words.txt").decode("ascii")
    return parse_analogies(content.lower() if lower else content, "questions-words.txt")


def ws353():
    """Return the 353 pairs of WordSimilarity-353: [(word, word, similarity), …].

    People judged how similar or related two words are, from 0 to 10; the number is
    their mean. "tiger tiger" is 10. Small letters. (Finkelstein et al. 2002.)
    """
    name = "EN-WS-353-ALL.txt"
    return parse_similarities(read("ws353", name).decode("ascii").lower(), name)


def simlex999():
    """Return the 999 pairs of SimLex-999: [(word, word, similarity), …].

    From 0 to 10: how similar two words are, not how related: "shore coast" is 8.83,
    "bread cheese" 1.95. Small letters. (Hill, Reichart and Korhonen 2015.)
    """
    name = "EN-SIMLEX-999.txt"
    return parse_similarities(read("simlex999", name).decode("ascii").lower(), name)


def parse_analogies(text, name="text"):
    """Read analogies of four words a line, under headings ": category".

    Returns {category: [(a, b, c, d), …]}. Raises ValueError with the number of the line
    for anything else: another number of words, a question before the first heading, a
    heading without or with a known name, a category without questions, an empty line.

    >>> parse_analogies(": capitals\\nparis france rome italy")
    {'capitals': [('paris', 'france', 'rome', 'italy')]}
    """
    questions, category = {}, None
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}, line {number}"
        if line.startswith(":"):
            _require_questions(questions, category, where)
            category = line[1:].strip()
            if not category or category in questions:
                raise ValueError(f"{where}: a heading needs a new name, got {line!r}.")
            questions[category] = []
            continue
        words = tuple(line.split())
        if len(words) != 4:
            raise ValueError(f"{where}: an analogy has four words, got {line!r}.")
        if category is None:
            raise ValueError(f'{where}: a heading ": category" must come before {line!r}.')
        questions[category].append(words)
    _require_questions(questions, category, f"{name}, at its end")
    return questions


def _require_questions(questions, category, where):
    if category is not None and not questions[category]:
        raise ValueError(f"{where}: the category {category!r} has no questions.")


def parse_similarities(text, name="text"):
    """Read pairs of words and a similarity from 0 to 10, three entries a line.

    Returns [(word, word, similarity), …]. Raises ValueError with the number of the line
    for anything else.

    >>> parse_similarities("tiger cat 7.35")
    [('tiger', 'cat', 7.35)]
    """
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        entries = line.split()
        try:
            first, second, similarity = *entries[:-1], float(entries[-1])
        except (IndexError, ValueError):
            similarity = math.nan
        if not 0 <= similarity <= 10:  # also where it is not a number
            raise ValueError(
                f"{name}, line {number}: needs two words and a similarity from 0 to 10,"
                f" got {line!r}."
            )
        pairs.append((first, second, similarity))
    return pairs


# ------------------------------------------------------------- splits of sentences


def split_sentences(rng, sentences, fractions=(0.8, 0.1, 0.1)):
    """Deal sentences out so that no sentence is in two parts: one list for each fraction.

    The *distinct* sentences are dealt out in these fractions; all copies of a sentence
    go where it goes, in the order they had. So what is measured on a later part is not
    the memory of a sentence seen in training. The later parts have then a larger share
    of rare sentences than the language has; where the entropy of the language is the
    measure, draw a new sample or split by position.
    """
    number = {}
    group = [number.setdefault(tuple(sentence), len(number)) for sentence in sentences]
    rows = np.arange(len(group))
    dealt = splits.split(rng, (rows,), fractions, groups=np.array(group, dtype=int))
    return [[sentences[row] for row in part.tolist()] for (part,) in dealt]


def split_positions(sequence, fractions=(0.8, 0.1, 0.1)):
    """Cut a list or array into runs, in order: one for each fraction.

    For texts whose sentences or words stand in an order that matters: the model is
    tested on what comes later. A sentence may recur in a later part.

    >>> split_positions("abcdefgh", (0.5, 0.25, 0.25))
    ['abcd', 'ef', 'gh']
    """
    if len(fractions) == 0 or min(fractions) <= 0 or not math.isclose(sum(fractions), 1.0):
        raise ValueError(f"A split needs fractions above 0 that sum to 1, got {fractions}.")
    ends = [round(len(sequence) * end) for end in itertools.accumulate(fractions)]
    parts = [sequence[a:b] for a, b in itertools.pairwise([0, *ends])]
    if min(map(len, parts)) == 0:
        raise ValueError(
            f"A split of {len(sequence)} things into {fractions} leaves a part empty."
        )
    return parts
