"""Text: from characters to tokens, from tokens to numbers.

A corpus is kept as one long array of word ids and the places where its sentences start:
four bytes a token, whatever its size. Files are read a megabyte at a time.

    >>> sentences = [tokenize(line) for line in ("The cat sat.", "The dog sat.")]
    >>> vocab = Vocab.count(sentences, unk=None)
    >>> vocab.words
    ['.', 'sat', 'the', 'cat', 'dog']
    >>> windows(encode(sentences, vocab), 4)
    array([[2, 3, 1, 0],
           [2, 4, 1, 0]], dtype=int32)
"""

import collections
import re
import unicodedata
from dataclasses import dataclass

import numpy as np

from .files import pieces, read_lines, write_lines

# Punctuation and symbols: ASCII but the underscore, Latin-1, Arabic, Devanagari, then
# Unicode's blocks of punctuation, symbols, CJK punctuation, full-width forms, emoji.
MARK = (
    r"!-/:-@\[-^`{-~¡-©«-´¶-¹»-¿×÷،؛؟।॥\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
    r"\u2190-\u2bff\u3001-\u3020\uff01-\uff0f\uff1a-\uff20\U0001f000-\U0001faff"
)
LETTER = rf"[^\s\u200b\ufeff{MARK}]"  # these two are white space of no width
TOKEN = re.compile(
    rf"{LETTER}+(?=\s)"  # most words are as plain as that
    r"|<unk>|(?:mr|mrs|ms|dr)\.(?!\w)|(?:\b[^\W\d_]\.){2,}"  # titles; u.s.
    rf"|{LETTER}+(?:(?:['’-]|(?<=\d)[.,](?=\d)){LETTER}+)*"  # don't, well-known, 3.14
    rf"|'{LETTER}+|\.\.+|--+|[{MARK}]",  # 's on its own; runs of dots and dashes
    re.IGNORECASE,
)
WORD = r"(?!\ufeff)[^\s\0\ud800-\udfff]+"  # what a file of words can hold


def tokenize(line, lower=True):
    """Cut a line into words, numbers and punctuation marks.

    White space separates: an empty line has no tokens. Apostrophes, hyphens and decimal
    points stay within a word; so do the dots of "u.s." and "mr.". Soft hyphens are dropped,
    and an accent that is a character of its own is joined to its letter (Unicode's NFC).

    >>> tokenize("Mr. Poe didn't pay $3.50 -- why?")
    ['mr.', 'poe', "didn't", 'pay', '$', '3.50', '--', 'why', '?']
    """
    if not isinstance(line, str):
        raise TypeError(f"tokenize takes a line as a str, but got {type(line).__name__}.")
    line = line.lower() if lower else line
    if not line.isascii():
        line = unicodedata.normalize("NFC", line.replace("\xad", ""))
    return TOKEN.findall(line)


# ------------------------------------------------------------------------ vocabularies


@dataclass(frozen=True, eq=False)
class Vocab:
    """Number the words of a text: `words[i]` occurred `counts[i]` times.

    `vocab["cat"]` is the id of a word and `len(vocab)` is V. With `unk`, a word of the
    list, every unknown word has its id; with unk=None unknown words are refused.

    Raises ValueError for words that are empty, repeated or hold white space, and for
    counts that are negative or no whole numbers.
    """

    words: list
    counts: np.ndarray
    unk: str | None = None

    def __post_init__(self):
        _require_words(self.words)
        counts = np.asarray(self.counts)
        if counts.shape != (len(self.words),) or counts.dtype.kind not in "iu":
            raise ValueError(
                f"Vocab needs a whole number for each of {len(self.words)} words, but got "
                f"counts of shape {counts.shape} and dtype {counts.dtype}."
            )
        if (least := counts.min()) < 0:
            word = self.words[counts.argmin()]
            raise ValueError(f"Counts cannot be negative, but {word!r} has {least}.")
        ids = {word: i for i, word in enumerate(self.words)}
        if self.unk is not None and self.unk not in ids:
            raise ValueError(f"unk={self.unk!r} is not among the words: add it, or None.")
        object.__setattr__(self, "counts", counts.astype(np.int64))
        object.__setattr__(self, "_ids", ids)

    @classmethod
    def count(cls, sentences, min_count=1, max_words=None, unk="<unk>"):
        """Build the vocabulary of sentences, each a list of tokens.

        Words stand in order of frequency, ties in alphabetical order. Words rarer than
        `min_count`, and the rarest beyond `max_words` words in all, are left out: `unk`
        stands for them, last of all, with as many counts as they had together. Raises
        ValueError if no word is left.
        """
        tally = collections.Counter()
        for tokens in sentences:
            _require_tokens(tokens)
            tally.update(tokens)
        return cls._rank(tally, min_count, max_words, unk)

    @classmethod
    def count_file(cls, path, min_count=1, max_words=None, unk="<unk>", lower=True):
        """Build the vocabulary of a text file of any size; the options are `count`'s."""
        tally = collections.Counter()
        for tokens, _ in read(path, lower):
            tally.update(tokens)
        return cls._rank(tally, min_count, max_words, unk)

    @classmethod
    def _rank(cls, tally, min_count, max_words, unk):
        if not tally:
            raise ValueError("Vocab.count needs words, but the corpus is empty.")
        room = len(tally) if max_words is None else max_words - (unk is not None)
        missed = tally.pop(unk, 0) if unk is not None else 0
        ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
        kept = [item for item in ranked[: max(room, 0)] if item[1] >= min_count]
        if not kept:
            raise ValueError(
                f"No word is left with min_count={min_count} and max_words={max_words}: "
                f"the commonest has {ranked[0][1] if ranked else missed} counts."
            )
        if unk is not None:
            kept.append((unk, missed + sum(c for _, c in ranked[len(kept) :])))
        words, counts = zip(*kept, strict=True)
        return cls(list(words), np.array(counts, np.int64), unk)

    def __len__(self):
        return len(self.words)

    def __repr__(self):
        return f"Vocab of {len(self):,} words: {', '.join(self.words[:5])}, …"

    def __iter__(self):
        return iter(self.words)

    def __contains__(self, word):
        return word in self._ids

    def __getitem__(self, word):
        if not isinstance(word, str):
            raise TypeError(
                f"vocab[word] takes a word and gives its id, but got {word!r}. The word of "
                f"an id is vocab.words[i]."
            )
        found = self._ids.get(word, self._ids.get(self.unk))
        if found is None:
            import difflib

            near = difflib.get_close_matches(word, self.words, n=3)
            hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise KeyError(f"{word!r} is not in the vocabulary.{hint}")
        return found

    def encode(self, tokens):
        """Return the ids of a list of tokens, an int32 array.

        Raises KeyError for an unknown word if the vocabulary has no `unk`.
        """
        _require_tokens(tokens)
        unknown = self._ids.get(self.unk, -1)
        ids = np.array([self._ids.get(token, unknown) for token in tokens], np.int32)
        if ids.min(initial=0) < 0:
            self[tokens[int(ids.argmin())]]  # says which words are near
        return ids

    def decode(self, ids):
        """Return the words of a list or array of ids."""
        return [self.words[i] for i in require_ids(ids, len(self)).tolist()]

    def save(self, path):
        """Write "word count" lines to a text file, whole or not at all."""
        lines = zip(self.words, self.counts.tolist(), strict=True)
        write_lines(path, (f"{word} {count}" for word, count in lines))

    @classmethod
    def load(cls, path, unk="<unk>"):
        """Read what `save` wrote; `unk`, if it is among the words, is the unknown word.

        Raises ValueError naming the line of a file that is no list of words and counts.
        """
        tally = {}
        for number, line in enumerate(read_lines(path), 1):
            found = re.fullmatch(r"(\S+)\s+(\d{1,18})\s*", line)
            if not found or found[1] in tally:
                raise ValueError(
                    f"{path}, line {number}: a vocabulary has a word and its count on each "
                    f"line, no word twice, but this one is {line[:60]!r}."
                )
            tally[found[1]] = int(found[2])
        return cls(list(tally), list(tally.values()), unk if unk in tally else None)


# ----------------------------------------------------------------------------- corpora


@dataclass(frozen=True, eq=False)
class Corpus:
    """Hold sentences as ids: `ids` (T,) of all tokens, `starts` (N,) of the sentences.

    `len(corpus)` is the number of sentences N, `corpus[i]` the ids of one of them, and
    `corpus[rows]`, with a slice, indices or a mask, a corpus of some of them.
    """

    ids: np.ndarray
    starts: np.ndarray

    def __post_init__(self):
        ids, starts = require_ids(self.ids), np.asarray(self.starts, np.int64)
        bounds = np.concatenate([starts, [len(ids)]])
        if bounds[0] != 0 or np.any(np.diff(bounds) < 0):
            raise ValueError(
                f"The starts of sentences rise from 0 to at most {len(ids)}, but got "
                f"{starts[:5]}… Corpus.join finds them from the sentences."
            )
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "starts", starts)

    @classmethod
    def join(cls, sentences):
        """Build a corpus from arrays or lists of ids, one for each sentence."""
        arrays = [require_ids(ids) for ids in sentences]
        lengths = np.array([0, *map(len, arrays)], np.int64)
        ids = np.concatenate(arrays) if arrays else np.empty(0, np.int32)
        return cls(ids, np.cumsum(lengths)[:-1])

    @property
    def ends(self):
        """The places (N,) after the last token of each sentence."""
        return np.append(self.starts[1:], len(self.ids)) if len(self) else self.starts

    @property
    def lengths(self):
        """The numbers of tokens (N,) of the sentences."""
        return self.ends - self.starts

    def __len__(self):
        return len(self.starts)

    def __repr__(self):
        return f"Corpus of {len(self):,} sentences, {len(self.ids):,} tokens"

    def __iter__(self):
        return map(self.ids.__getitem__, map(slice, self.starts, self.ends))

    def __getitem__(self, rows):
        starts, lengths = self.starts[rows], self.lengths[rows]
        if np.ndim(starts) == 0:
            return self.ids[starts : starts + lengths]
        new = np.cumsum(lengths) - lengths
        places = np.repeat(starts - new, lengths) + np.arange(lengths.sum())
        return Corpus(self.ids[places], new)


def encode(sentences, vocab):
    """Return the corpus of sentences, each a list of tokens; empty ones are left out."""
    return Corpus.join(vocab.encode(tokens) for tokens in sentences if len(tokens))


def encode_file(path, vocab, lower=True):
    """Return the corpus of a text file: a sentence for each line that is not empty.

    The file is read in pieces, so that only the ids, four bytes a token, are ever held.
    """
    parts, lengths, length = [np.empty(0, np.int32)], [], 0
    for tokens, ends in read(path, lower):
        parts.append(vocab.encode(tokens))
        length += len(tokens)
        if ends and length:
            lengths.append(length)
            length = 0
    ids = np.concatenate(parts)
    return Corpus(ids, np.cumsum([0, *lengths])[: len(lengths)])


def read(path, lower=True):
    """Read a text file in pieces: yield (tokens, whether their line ends there).

    A line longer than a megabyte comes in several pieces, cut at white space. Raises
    ValueError, with the line and the byte, if the file is not text in UTF-8.
    """
    for piece in pieces(path):
        *lines, rest = piece.split("\n")
        for line in lines:
            yield tokenize(line, lower), True
        if rest:
            yield tokenize(rest, lower), False
    yield [], True


def windows(corpus, size):
    """Return all runs of `size` tokens within a sentence, (N, size), in their order.

    None crosses the end of a sentence; a sentence shorter than `size` has none.
    `corpus` may also be a list of arrays of ids.
    """
    if size < 1:
        raise ValueError(f"A window holds at least 1 token, but got size={size}.")
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.join(corpus)
    rows = np.maximum(corpus.lengths - size + 1, 0)
    first = np.repeat(corpus.starts - (np.cumsum(rows) - rows), rows)
    first += np.arange(len(first))
    return corpus.ids[first[:, None] + np.arange(size)]


# -------------------------------------------------------------------------- refusals


def _require_words(words):
    if not len(words):
        raise ValueError("A vocabulary needs at least one word, but got none.")
    seen = set()
    for word in words:
        if not isinstance(word, str) or not re.fullmatch(WORD, word):
            raise ValueError(
                f"A word is a str without white space, NUL or surrogates, but got {word!r}."
            )
        if word in seen:
            raise ValueError(f"The words of a vocabulary differ, but {word!r} came twice.")
        seen.add(word)


def _require_tokens(tokens):
    if isinstance(tokens, str):
        raise TypeError(
            f"A sentence is a list of tokens, but got the str {tokens[:40]!r}: cut it by "
            f"tokenize(line) first."
        )


def require_ids(ids, num_words=2**31, ndim=1):
    """Return ids as an int32 array, if all are whole numbers from 0 to num_words - 1."""
    ids = np.asarray(ids)
    if ids.ndim != ndim:
        raise ValueError(f"Word ids come in {ndim} dimension(s), but got {ids.shape}.")
    if ids.size and ids.dtype.kind not in "iu":
        raise TypeError(f"Word ids are whole numbers, but got dtype {ids.dtype}.")
    if ids.min(initial=0) < 0 or ids.max(initial=0) >= num_words:
        raise ValueError(
            f"Word ids go from 0 to {num_words - 1}, but got {ids.min()} to {ids.max()}: "
            f"take those that the same vocabulary gave."
        )
    return ids.astype(np.int32, copy=False)
