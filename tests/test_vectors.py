"""Vectors in files: they come back bit for bit, gensim reads them, damage is named."""

import os

import numpy as np
import pytest

from coursecore.training import store
from coursecore.words import vectors

WORDS = ["the", "Zürich", "don't", "3.14", "日本", "<unk>"]
E = np.random.default_rng(0).normal(size=(6, 4)) * 10.0 ** np.arange(-150, 150, 75)


@pytest.fixture(params=["vectors.txt", "vectors.npz", "vectors"])
def path(request, tmp_path):
    return tmp_path / request.param


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_vectors_come_back_bit_for_bit(path, dtype):
    given = np.sin(E).astype(dtype)
    vectors.save(path, WORDS, given)
    words, loaded = vectors.load(path, dtype)
    assert words == WORDS
    assert loaded.dtype == dtype
    np.testing.assert_array_equal(loaded, given)
    assert os.listdir(path.parent) == [path.name]


def test_numbers_of_any_size_come_back(path):
    vectors.save(str(path), WORDS, E)
    np.testing.assert_array_equal(vectors.load(str(path))[1], E)


def test_gensim_reads_and_writes_the_same_text(tmp_path):
    gensim = pytest.importorskip("gensim", reason="compares with gensim's KeyedVectors")
    path, theirs = tmp_path / "ours.txt", tmp_path / "theirs.txt"
    given = np.sin(E).astype(np.float32)
    vectors.save(path, WORDS, given)
    read = gensim.models.KeyedVectors.load_word2vec_format(str(path), binary=False)
    assert read.index_to_key == WORDS
    np.testing.assert_array_equal(read.vectors, given)
    read.save_word2vec_format(str(theirs), binary=False)
    words, loaded = vectors.load(theirs, np.float32)
    assert words == WORDS
    np.testing.assert_array_equal(loaded, given)


def test_what_other_programs_write_is_read(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("2 2\nna\u00efve 1e-3 -.5 \n\u00a0 1 2\r\n", encoding="utf-8")
    words, loaded = vectors.load(path)
    assert words == ["naïve", "\u00a0"]
    np.testing.assert_array_equal(loaded, [[0.001, -0.5], [1.0, 2.0]])


GOOD = ["3 2", "a 1 2", "b 3 4", "c 5 6", ""]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], r"line 1: .* begin with a line .V D.* with ''"),
        (GOOD[1:], "line 1: .* with 'a 1 2'"),
        (["3 -2", *GOOD[1:]], "line 1"),
        (["0 2", ""], "line 1: .* with '0 2'. Files of GloVe's own program"),
        (["3 0", "a", "b", "c", ""], "line 1"),
        (["3 99999999999999", *GOOD[1:]], "line 2: .* 99999999999999 finite .* 'a 1 2'"),
        ([*GOOD[:2], " 3 4", *GOOD[3:]], "line 3: a line has a word .* is ' 3 4'"),
        (GOOD[:-2], "line 3: after 3 vectors, .* but it has 1. It may be cut short"),
        (GOOD[:-1], "line 4: after 3 vectors, .* but it has 2. It may be cut short"),
        ([*GOOD[:-1], "d 1"], "line 5: after 3 vectors"),
        ([*GOOD[:-1], "d 1 2", ""], "after 3 vectors, .* but it has 4"),
        ([*GOOD[:2], "b 3", *GOOD[3:]], "line 3: a line has a word and 2 .* is 'b 3'"),
        ([*GOOD[:2], "b 3 4 5", *GOOD[3:]], "line 3: .* 'b 3 4 5'"),
        ([*GOOD[:2], "b 3 x", *GOOD[3:]], "line 3: .* 'b 3 x'"),
        ([*GOOD[:3], "c nan 6", ""], "line 4: .* 2 finite numbers, .* 'c nan 6'"),
        ([*GOOD[:3], "c inf 6", ""], "line 4"),
        ([*GOOD[:3], "a 5 6", ""], "line 4: the word 'a' has a vector in line 2 already"),
    ],
)
def test_a_damaged_file_is_refused_by_the_line(tmp_path, lines, message):
    path = tmp_path / "vectors.txt"
    path.write_text("\n".join(lines))
    with pytest.raises(ValueError, match=message):
        vectors.load(path)


def test_numbers_that_float32_cannot_hold_are_refused(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("1 2\na 1e300 2\n")
    assert vectors.load(path)[1][0, 0] == 1e300
    with pytest.raises(ValueError, match=r"2 finite numbers.*'a 1e300 2'"):
        vectors.load(path, np.float32)


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.npz"])
def test_no_cut_of_a_file_is_taken_for_the_whole(tmp_path, name):
    path = tmp_path / name
    vectors.save(path, WORDS, E)
    whole = path.read_bytes()
    for end in [
        *range(0, len(whole), 1 + len(whole) // 60),
        *range(len(whole) - 40, len(whole)),
    ]:
        path.write_bytes(whole[:end])
        with pytest.raises(ValueError, match=r"vectors\."):
            vectors.load(path)


def test_other_archives_are_refused(tmp_path):
    path = tmp_path / "tree.npz"
    store.save(path, [1, 2])
    with pytest.raises(ValueError, match="no words with their vectors"):
        vectors.load(path)
    store.save(path, {"words": ["a", "a"], "vectors": np.eye(2)})
    with pytest.raises(ValueError, match="one stands twice"):
        vectors.load(path)
    with pytest.raises(FileNotFoundError):
        vectors.load(tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("words", "E", "message"),
    [
        (["a"], np.eye(2), r"as many vectors, .* 1 words and vectors of shape \(2, 2\)"),
        ([], np.empty((0, 2)), "0 words"),
        (["a", "b"], np.ones(2), r"shape \(2,\)"),
        (["a", "b"], np.array([[0.0], [np.nan]]), "vector of 'b' holds NaN"),
        (["a", "a"], np.eye(2), "one stands twice"),
        (["a", "New York"], np.eye(2), "without white space, not 'New York'"),
        (["a", ""], np.eye(2), "not ''"),
        (["a", 7], np.eye(2), "not 7"),
        (["a"], np.array([[1j]]), "real numbers.* complex128"),
        (["a"], np.array([["x"]]), "real numbers"),
    ],
)
def test_nothing_is_written_of_what_could_not_be_read(path, words, E, message):
    with pytest.raises(ValueError, match=message):
        vectors.save(path, words, E)
    assert os.listdir(path.parent) == []


def test_a_failure_keeps_the_old_file(path, monkeypatch):
    vectors.save(path, WORDS, E)
    before = path.read_bytes()

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        vectors.save(path, WORDS, 2 * E)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
