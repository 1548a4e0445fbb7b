"""Text: tokens, vocabularies, corpora and windows, on well-formed and ill-formed input."""

import errno
import os
import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursecore.words import files, text
from coursecore.words.text import Corpus, Vocab, tokenize

SENTENCES = [["the", "cat", "sat"], ["the", "dog", "sat"], ["a", "cat"]]


def vocabulary(**options):
    return Vocab.count(SENTENCES, **options)


def written(folder, content, name="text.txt"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ---------------------------------------------------------------------------- tokens


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("", []),
        (" \t \n", []),
        ("Stop.", ["stop", "."]),
        ("Don't! It's well-known.", ["don't", "!", "it's", "well-known", "."]),
        ("it 's mine", ["it", "'s", "mine"]),
        ("'quoted' words", ["'quoted", "'", "words"]),
        ("3.14, 1,000.5 and 5.", ["3.14", ",", "1,000.5", "and", "5", "."]),
        ("The U.S. and e.g. Dr. No", ["the", "u.s.", "and", "e.g.", "dr.", "no"]),
        ("so ... no -- yes", ["so", "...", "no", "--", "yes"]),
        ("<unk> a_b (x+y)", ["<unk>", "a_b", "(", "x", "+", "y", ")"]),
        ("Ελλάς, Москва; हिन्दी।", ["ελλάς", ",", "москва", ";", "हिन्दी", "।"]),
        ("中文，很好。", ["中文", "，", "很好", "。"]),
        ("“Ça va?” 5€ hi😀", ["“", "ça", "va", "?", "”", "5", "€", "hi", "😀"]),
        ("a\u00a0b\u2003c\u2028d", ["a", "b", "c", "d"]),
        ("\ufeffa\u200bb hy\u00adphen", ["a", "b", "hyphen"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),  # a joiner of no width belongs to its word
    ],
)
def test_lines_are_cut_into_words_and_marks(line, tokens):
    assert tokenize(line) == tokens


def test_case_is_kept_where_asked():
    assert tokenize("New York", lower=False) == ["New", "York"]


def test_two_ways_to_write_an_accent_are_one_word():
    assert tokenize("cafe\u0301") == tokenize("caf\u00e9") == ["café"]


@given(st.text() | st.text("aZ1é'’-.,:<unk> \n\u0301\u200b\ufeff\xad"))
def test_nothing_but_white_space_is_lost_and_tokens_are_cut_no_further(line):
    tokens = tokenize(line, lower=False)
    kept = re.sub(r"[\s\u200b\ufeff]", "", line.replace("\xad", ""))
    bare = unicodedata.normalize("NFD", "".join(tokens))
    assert bare == unicodedata.normalize("NFD", kept)
    assert all(unicodedata.is_normalized("NFC", token) for token in tokens)
    assert tokenize(" ".join(tokens), lower=False) == tokens


def test_only_a_line_can_be_cut():
    with pytest.raises(TypeError, match="line as a str, but got bytes"):
        tokenize(b"The cat")


# ---------------------------------------------------------------------- vocabularies


def test_words_stand_by_frequency_then_alphabet():
    vocab = vocabulary(unk=None)
    assert vocab.words == ["cat", "sat", "the", "a", "dog"]
    assert vocab.counts.tolist() == [2, 2, 2, 1, 1]
    assert list(vocab) == vocab.words
    assert [vocab[word] for word in vocab] == [0, 1, 2, 3, 4]
    assert "dog" in vocab
    assert "mouse" not in vocab


def test_rare_words_are_left_to_unk():
    vocab = vocabulary(min_count=2)
    assert vocab.words == ["cat", "sat", "the", "<unk>"]
    assert vocab.counts.tolist() == [2, 2, 2, 2]
    assert vocabulary(max_words=3).words == ["cat", "sat", "<unk>"]
    assert vocabulary(max_words=3).counts.sum() == 8
    assert vocabulary(max_words=3, unk=None).words == ["cat", "sat", "the"]
    assert vocabulary().counts.tolist() == [2, 2, 2, 1, 1, 0]


def test_unk_in_the_text_counts_with_the_words_it_stands_for():
    vocab = Vocab.count([["<unk>", "a", "<unk>", "a", "b"]], min_count=2)
    assert vocab.words == ["a", "<unk>"]
    assert vocab.counts.tolist() == [2, 3]


def test_encoding_and_decoding_are_inverse():
    vocab = vocabulary()
    for tokens in SENTENCES:
        ids = vocab.encode(tokens)
        assert ids.dtype == np.int32
        assert vocab.decode(ids) == tokens
    assert vocab.encode([]).shape == (0,)
    assert vocab.decode([]) == []


def test_an_unknown_word_becomes_unk_or_is_refused_with_the_nearest_spellings():
    assert vocabulary().encode(["mouse", "cat"]).tolist() == [5, 0]
    vocab = Vocab(["seventy", "seven", "eleven"], np.ones(3, int))
    with pytest.raises(KeyError, match=r"'sevnty' is not .* mean 'seventy'"):
        vocab["sevnty"]
    with pytest.raises(KeyError, match="'sevn' is not in the vocabulary"):
        vocab.encode(["seven", "sevn"])
    with pytest.raises(KeyError, match=r"'xyz' is not in the vocabulary\."):
        vocab["xyz"]


def test_a_vocabulary_of_one_word_works():
    vocab = Vocab.count([["a", "a"]], unk=None)
    assert len(vocab) == 1
    assert vocab.encode(["a", "a"]).tolist() == [0, 0]


def test_a_vocabulary_survives_its_file(tmp_path):
    path = tmp_path / "vocab.txt"
    vocab = Vocab.count([["naïve", "中文", "中文", "<unk>", "x:y"]])
    vocab.save(path)
    again = Vocab.load(path)
    assert path.read_text(encoding="utf-8").splitlines()[0] == "中文 2"
    assert again.words == vocab.words
    assert again.counts.tolist() == vocab.counts.tolist()
    assert (again.unk, again["unheard"]) == ("<unk>", vocab["<unk>"])
    assert Vocab.load(path, unk=None).unk is None
    vocabulary(unk=None).save(path)  # replaces what was there
    assert Vocab.load(path).unk is None
    assert os.listdir(tmp_path) == ["vocab.txt"]


WORDS = st.text(st.characters(), min_size=1) | st.text("a\0\ufeff\u200b\x85 é", min_size=1)


@given(st.dictionaries(WORDS, st.integers(0, 10**18 - 1), min_size=1))
def test_what_a_vocabulary_takes_its_file_gives_back(tmp_path_factory, tally):
    path = tmp_path_factory.getbasetemp() / "vocab.txt"
    try:
        vocab = Vocab(list(tally), np.array(list(tally.values()), np.int64))
    except ValueError as error:
        assert "without white space, NUL or surrogates" in str(error)
        return
    vocab.save(path)
    again = Vocab.load(path)
    assert dict(zip(again.words, again.counts.tolist(), strict=True)) == tally


NO_ENTRIES = [
    "the", "the many", " 5", "", "the -5", "the 2.5", "new york 5", "a 5",
    f"b {10**18}",
]  # fmt: skip


@pytest.mark.parametrize("line", NO_ENTRIES)
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path, line):
    path = written(tmp_path, f"a 7\n{line}\nb 3\n")
    with pytest.raises(ValueError, match="line 2: a vocabulary has a word and its count"):
        Vocab.load(path)


def test_an_empty_file_is_no_vocabulary(tmp_path):
    with pytest.raises(ValueError, match="at least one word"):
        Vocab.load(written(tmp_path, ""))


@pytest.mark.parametrize(
    ("words", "counts", "unk", "message"),
    [
        ([], [], None, "at least one word"),
        (["a", "a"], [1, 1], None, "'a' came twice"),
        (["new york"], [1], None, "without white space, .* but got 'new york'"),
        ([""], [1], None, "without white space"),
        (["\ufeffa"], [1], None, "without white space"),
        (["a\0b"], [1], None, r"NUL or surrogates, but got 'a\\x00b'"),
        (["a\udc80"], [1], None, r"NUL or surrogates, but got 'a\\udc80'"),
        ([3], [1], None, "a str without"),
        (["a"], [-1], None, "negative, but 'a' has -1"),
        (["a"], [np.nan], None, "whole number .* float64"),
        (["a", "b"], [1], None, r"2 words, but got counts of shape \(1,\)"),
        (["a"], [1], "<unk>", "unk='<unk>' is not among the words"),
    ],
)
def test_what_is_no_vocabulary_is_refused(words, counts, unk, message):
    with pytest.raises(ValueError, match=message):
        Vocab(words, np.array(counts), unk)


def test_an_empty_corpus_has_no_vocabulary():
    for empty in ([], [[]]):
        with pytest.raises(ValueError, match="the corpus is empty"):
            Vocab.count(empty)
    for options in ({"min_count": 3}, {"max_words": 1}, {"max_words": 0, "unk": None}):
        with pytest.raises(ValueError, match=r"No word is left .* commonest has 2 counts"):
            vocabulary(**options)


def test_a_line_is_not_taken_for_a_sentence_of_letters():
    for wrong in (vocabulary().encode, lambda line: Vocab.count([line])):
        with pytest.raises(TypeError, match="list of tokens, but got the str 'the cat'"):
            wrong("the cat")


def test_ids_and_words_are_not_confused():
    vocab = vocabulary()
    with pytest.raises(TypeError, match=r"but got 3\. .* vocab.words\[i\]"):
        vocab[3]
    with pytest.raises(ValueError, match="from 0 to 5, but got -1 to 2"):
        vocab.decode([-1, 2])
    with pytest.raises(ValueError, match="from 0 to 5, but got 6 to 6"):
        vocab.decode([6])
    with pytest.raises(TypeError, match="whole numbers, but got dtype float64"):
        vocab.decode([0.5])
    for wrong, shape in ((0, r"\(\)"), ([[0, 1]], r"\(1, 2\)")):
        with pytest.raises(ValueError, match=rf"come in 1 dimension.*, but got {shape}"):
            vocab.decode(wrong)


# --------------------------------------------------------------------------- corpora


def test_a_corpus_holds_sentences_end_to_end():
    vocab = vocabulary()
    corpus = text.encode([[], *SENTENCES, []], vocab)
    assert len(corpus) == 3
    assert [vocab.decode(sentence) for sentence in corpus] == SENTENCES
    assert corpus.ids.dtype == np.int32
    assert corpus.starts.tolist() == [0, 3, 6]
    assert corpus.ends.tolist() == [3, 6, 8]
    assert corpus.lengths.tolist() == [3, 3, 2]
    assert corpus[2].tolist() == corpus[-1].tolist() == [3, 0]


@given(st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=6), st.data())
def test_choosing_sentences_agrees_with_lists(sentences, given_data):
    corpus = Corpus.join(sentences)
    mask = given_data.draw(
        st.lists(st.booleans(), min_size=len(sentences), max_size=len(sentences))
    )
    rows = np.flatnonzero(mask)[::-1]
    assert [s.tolist() for s in corpus] == sentences
    assert [s.tolist() for s in corpus[np.array(mask, bool)]] == [
        s for s, kept in zip(sentences, mask, strict=True) if kept
    ]
    assert [s.tolist() for s in corpus[rows]] == [sentences[i] for i in rows]
    assert [s.tolist() for s in corpus[1:4]] == sentences[1:4]


def test_vocabularies_and_corpora_are_shown_in_a_line():
    assert repr(vocabulary()) == "Vocab of 6 words: cat, sat, the, a, dog, …"
    corpus = text.encode(SENTENCES, vocabulary())
    assert repr(corpus) == "Corpus of 3 sentences, 8 tokens"


def test_an_empty_corpus_has_no_sentences():
    for corpus in (Corpus.join([]), text.encode([[]], vocabulary())):
        assert len(corpus) == 0
        assert list(corpus) == []
        assert text.windows(corpus, 2).shape == (0, 2)


def test_what_is_no_corpus_is_refused():
    with pytest.raises(ValueError, match="rise from 0 to at most 3, but got"):
        Corpus(np.arange(3), np.array([0, 2, 1]))
    with pytest.raises(ValueError, match="rise from 0"):
        Corpus(np.arange(3), np.array([1]))
    with pytest.raises(ValueError, match="rise from 0"):
        Corpus(np.arange(3), np.array([0, 4]))
    with pytest.raises(ValueError, match=r"1 dimension.*, but got \(2, 2\)"):
        Corpus(np.zeros((2, 2), int), [0])
    with pytest.raises(ValueError, match="but got -1 to 2: take those that the same voc"):
        Corpus.join([[-1, 2]])
    with pytest.raises(TypeError, match="whole numbers, but got dtype float64"):
        Corpus.join([[0.5, 2]])


@given(
    st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=6), st.integers(1, 7)
)  # fmt: skip
def test_windows_are_all_the_runs_within_sentences(sentences, size):
    expected = [s[i : i + size] for s in sentences for i in range(len(s) - size + 1)]
    found = text.windows(Corpus.join(sentences), size)
    assert found.tolist() == expected
    assert found.shape == (len(expected), size)
    assert text.windows(sentences, size).tolist() == expected


def test_a_window_larger_than_every_sentence_finds_nothing():
    assert text.windows([[1], [2, 3]], 3).shape == (0, 3)
    with pytest.raises(ValueError, match="at least 1 token, but got size=0"):
        text.windows([[1]], 0)


# ----------------------------------------------------------------------------- files


def test_a_file_has_a_sentence_on_each_line_that_is_not_empty(tmp_path):
    path = written(tmp_path, "\ufeffThe cat sat.\r\n\n  \nStop\n\nA dog")
    vocab = Vocab.count_file(path, unk=None)
    corpus = text.encode_file(path, vocab)
    assert [vocab.decode(sentence) for sentence in corpus] == [
        ["the", "cat", "sat", "."], ["stop"], ["a", "dog"],
    ]  # fmt: skip


def test_an_empty_file_is_an_empty_corpus(tmp_path):
    path = written(tmp_path, "\n \n")
    assert len(text.encode_file(path, vocabulary())) == 0
    with pytest.raises(ValueError, match="the corpus is empty"):
        Vocab.count_file(path)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
def test_reading_in_pieces_changes_nothing(tmp_path, monkeypatch, size):
    content = "Ein Bär saß.\n\nwörter wörter " * 5 + "€ 😀\nend"
    path = written(tmp_path, content)
    lines = [tokenize(line) for line in content.split("\n")]
    vocab = Vocab.count(lines, unk=None)
    monkeypatch.setattr(files, "PIECE", size)
    corpus = text.encode_file(path, vocab)
    assert [vocab.decode(s) for s in corpus] == [tokens for tokens in lines if tokens]
    assert Vocab.count_file(path, unk=None).counts.tolist() == vocab.counts.tolist()


def test_a_long_line_is_never_held_whole(tmp_path, monkeypatch):
    path = written(tmp_path, "word " * 5_000)
    monkeypatch.setattr(files, "PIECE", 1_000)
    assert max(map(len, files.pieces(path))) <= 1_005
    corpus = text.encode_file(path, Vocab.count_file(path))
    assert corpus.lengths.tolist() == [5_000]


def test_what_is_no_text_is_not_read_to_its_end(tmp_path, monkeypatch):
    path = written(tmp_path, bytes(1_000))  # no line ends here, and no word
    monkeypatch.setattr(files, "PIECE", 10)
    held, cut = [], files._cut
    monkeypatch.setattr(files, "_cut", lambda piece: held.append(len(piece)) or cut(piece))
    with pytest.raises(ValueError, match="byte 0, in line 1, is a NUL byte"):
        text.encode_file(path, vocabulary())
    assert held == [10]


@pytest.mark.parametrize("size", [4, 1 << 20])
@pytest.mark.parametrize(
    ("content", "byte", "line", "what"),
    [
        (b"fine\ncaf\xe9 noir\n", 8, 2, "the byte 0xe9"),
        (b"\x89PNG\r\n", 0, 1, "the byte 0x89"),
        (b"one\ntwo\nthree\0\n", 13, 3, "a NUL byte"),
        (b"cut in a char \xe2\x82", 14, 1, "the byte 0xe2"),
    ],
)
def test_a_file_that_is_not_text_is_refused(
    tmp_path, monkeypatch, content, byte, line, what, size
):  # fmt: skip
    monkeypatch.setattr(files, "PIECE", size)
    path = written(tmp_path, content, "photo.jpg")
    pattern = rf"photo\.jpg is not text in UTF-8: byte {byte}, in line {line}, is {what}"
    with pytest.raises(ValueError, match=pattern):
        Vocab.count_file(path)
    with pytest.raises(ValueError, match=pattern):
        text.encode_file(path, vocabulary())


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        text.encode_file(tmp_path / "nothing.txt", vocabulary())


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "vocab.txt"
    vocabulary().save(path)
    before = path.read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left .* the old file is kept"):
        Vocab(["new"], np.ones(1, int)).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["vocab.txt"]


def test_a_failure_between_the_lines_writes_nothing(tmp_path):
    def broken():
        yield "first"
        raise RuntimeError("the second line cannot be made")

    with pytest.raises(RuntimeError, match="second line"):
        files.write_lines(tmp_path / "new.txt", broken())
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match=r"Is there a folder .*missing"):
        vocabulary().save(tmp_path / "missing" / "vocab.txt")
