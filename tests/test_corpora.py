"""Corpora: loaders, strict parsers, splits without leakage. No test needs a network.

The loaders are tried on small files of the same form; the last tests read the real ones
where COURSECORE_DATA has them.
"""

import collections
import hashlib
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from coursecore.data import catalogue, corpora, downloads
from coursecore.data.everyday import everyday

REAL = os.environ.get("COURSECORE_DATA", "")


def lacks(name):
    return not (REAL and (Path(REAL) / name).is_file())


def needs(name):
    reason = f"COURSECORE_DATA names no folder with {name}"
    return pytest.mark.skipif(lacks(name), reason=reason)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Return a function that puts a file on the shelf and into the catalogue."""
    monkeypatch.setenv("COURSECORE_DATA", str(tmp_path))
    monkeypatch.setattr(downloads, "_announced", set())

    def put(dataset, **contents):
        entry = catalogue.DATASETS[dataset]
        files = []
        for file in entry.files:
            content = contents.get(file.name.replace("-", "_").partition(".")[0])
            if content is not None:
                (tmp_path / file.name).write_bytes(content)
                file = file._replace(sha256=hashlib.sha256(content).hexdigest())
            files.append(file)
        monkeypatch.setitem(catalogue.DATASETS, dataset, entry._replace(files=tuple(files)))

    return put


# ------------------------------------------------------------------------- texts


def test_text8_is_a_run_of_words(shelf, capsys):
    shelf("text8", text8=b" anarchism originated as a term as a")
    assert corpora.text8(3) == ["anarchism", "originated", "as"]
    everything = corpora.text8(None)
    assert everything == "anarchism originated as a term as a".split()
    assert everything[2] is everything[5]
    assert corpora.text8(0) == []
    out = capsys.readouterr().out
    assert out.count("Licence: CC BY-SA 3.0 and GFDL.") == 1


def test_text8_takes_the_first_million_words_where_they_do(shelf, monkeypatch):
    shelf("text8", text8_1Mtok=b" one two three", text8=b" one two three four five")
    assert corpora.text8(2) == ["one", "two"]
    assert corpora.text8() == ["one", "two", "three"]
    assert corpora.text8(corpora.MILLION + 1) == ["one", "two", "three", "four", "five"]
    assert corpora.text8(None)[-1] == "five"


def test_text8_may_lie_packed_on_the_shelf(shelf, tmp_path):
    shelf("text8", text8=b" one two three")
    (tmp_path / "text8").unlink()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("text8", b" one two three")
    (tmp_path / "text8.zip").write_bytes(buffer.getvalue())
    assert corpora.text8() == ["one", "two", "three"]


def test_a_text8_that_is_not_the_published_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSECORE_DATA", str(tmp_path))
    (tmp_path / "text8-1Mtok.txt").write_bytes(b" one two three")
    with pytest.raises(ValueError, match=r"is not the text8-1Mtok\.txt of the catalogue"):
        corpora.text8()
    with pytest.raises(ValueError, match="text8 has no first -1 words"):
        corpora.text8(-1)


def test_toronto_sentences_are_lists_of_words_in_small_letters(shelf, capsys):
    shelf("toronto sentences", raw_sentences=b" No ,  he says now .\nWho Will It Be ?\n")
    assert corpora.toronto_sentences() == [
        ["no", ",", "he", "says", "now", "."],
        ["who", "will", "it", "be", "?"],
    ]
    assert "Licence: none stated" in capsys.readouterr().out


# -------------------------------------------------------------------- word tests


def test_word_tests_are_read_from_the_shelf(shelf):
    shelf("analogies", questions_words=b": capital\nAthens Greece Baghdad Iraq\n")
    shelf("ws353", EN_WS_353_ALL=b"tiger\tcat\t7.35\r\nMaradona\tfootball\t8.62\r\n")
    shelf("simlex999", EN_SIMLEX_999=b"old\tnew\t1.58\n")
    assert corpora.analogies() == {"capital": [("athens", "greece", "baghdad", "iraq")]}
    assert corpora.analogies(lower=False)["capital"][0][0] == "Athens"
    assert corpora.ws353() == [("tiger", "cat", 7.35), ("maradona", "football", 8.62)]
    assert corpora.simlex999() == [("old", "new", 1.58)]


@pytest.mark.parametrize(
    "text, match",
    [
        (": a\none two three", "list.txt, line 2: an analogy has four words.*'one two th"),
        (": a\n1 2 3 4 5", "line 2: an analogy has four words"),
        (": a\n1 2 3 4\n\n1 2 3 4", "line 3: an analogy has four words, got ''"),
        ("1 2 3 4", 'line 1: a heading ": category" must come before'),
        (":\n1 2 3 4", "line 1: a heading needs a new name, got ':'"),
        (": a\n1 2 3 4\n: a\n1 2 3 4", "line 3: a heading needs a new name"),
        (": a\n: b\n1 2 3 4", "line 2: the category 'a' has no questions"),
        (": a\n1 2 3 4\n: b", "at its end: the category 'b' has no questions"),
    ],
)
def test_a_line_that_is_no_analogy_is_refused_by_its_number(text, match):
    with pytest.raises(ValueError, match=match):
        corpora.parse_analogies(text, "list.txt")


@pytest.mark.parametrize(
    "line",
    ["", "one", "one two", "1 2", "a b c 4", "a b x", "a b 10.5", "a b -1", "a b nan"],
)
def test_a_line_that_is_no_judged_pair_is_refused_by_its_number(line):
    with pytest.raises(
        ValueError, match=r"pairs, line 2: needs two words and a similarity"
    ):
        corpora.parse_similarities(f"tiger cat 7.35\n{line}\nold new 1", "pairs")
    assert corpora.parse_similarities("") == []
    assert corpora.parse_analogies("") == {}


# ------------------------------------------------------------- splits of sentences


def test_no_sentence_is_in_two_parts():
    sentences = everyday(np.random.default_rng(0), 3000)
    parts = corpora.split_sentences(np.random.default_rng(1), sentences, (0.6, 0.2, 0.2))
    distinct = [{" ".join(sentence) for sentence in part} for part in parts]
    assert not distinct[0] & distinct[1]
    assert not distinct[0] & distinct[2]
    assert not distinct[1] & distinct[2]
    both = collections.Counter(" ".join(s) for part in parts for s in part)
    assert both == collections.Counter(" ".join(s) for s in sentences)
    assert max(both.values()) > 10  # or there would be nothing to leak
    total = sum(map(len, distinct))
    np.testing.assert_allclose(
        [len(d) / total for d in distinct], [0.6, 0.2, 0.2], atol=1e-3
    )
    order = {id(sentence): number for number, sentence in enumerate(sentences)}
    for part in parts:
        numbers = [order[id(sentence)] for sentence in part]
        assert numbers == sorted(numbers)
    again = corpora.split_sentences(np.random.default_rng(1), sentences, (0.6, 0.2, 0.2))
    assert again == parts


def test_strings_can_be_sentences_too():
    lines = ["one line", "another line", "one line", "a third"]
    parts = corpora.split_sentences(np.random.default_rng(0), lines, (0.5, 0.5))
    assert sorted(parts[0] + parts[1]) == sorted(lines)
    assert not set(parts[0]) & set(parts[1])


def test_runs_are_cut_in_order():
    words = [str(n) for n in range(100)]
    parts = corpora.split_positions(words)
    assert [len(part) for part in parts] == [80, 10, 10]
    assert parts[0] + parts[1] + parts[2] == words
    thirds = corpora.split_positions(np.arange(10), (1 / 3, 1 / 3, 1 / 3))
    np.testing.assert_array_equal(np.concatenate(thirds), np.arange(10))
    assert [len(part) for part in thirds] == [3, 4, 3]


@pytest.mark.parametrize("fractions", [(), (0.5, 0.4), (1.5, -0.5), (1.0, 0.0)])
def test_fractions_that_do_not_divide_are_refused(fractions):
    with pytest.raises(ValueError, match="fractions above 0 that sum to 1"):
        corpora.split_positions("abcdefgh", fractions)


def test_splits_that_leave_a_part_empty_are_refused():
    with pytest.raises(ValueError, match=r"2 things into .* leaves a part empty"):
        corpora.split_positions("ab", (0.9, 0.05, 0.05))
    with pytest.raises(ValueError, match=r"1 groups into .* leaves a part without"):
        corpora.split_sentences(np.random.default_rng(0), [["a"], ["a"]], (0.5, 0.5))


# ------------------------------------------------------------------ the real files


@needs("text8-1Mtok.txt")
def test_the_first_million_words_of_text8():
    words = corpora.text8()
    assert len(words) == 1_000_000
    assert words[:4] == ["anarchism", "originated", "as", "a"]
    assert sum(count >= 10 for count in collections.Counter(words).values()) == 8412


@needs("raw_sentences.txt")
def test_the_toronto_sentences():
    sentences = corpora.toronto_sentences()
    assert len(sentences) == 97_162
    assert len({word for sentence in sentences for word in sentence}) == 250
    assert sum(max(0, len(sentence) - 3) for sentence in sentences) == 465_686


@needs("questions-words.txt")
def test_mikolovs_analogies():
    questions = corpora.analogies()
    assert len(questions) == 14
    assert sum(map(len, questions.values())) == 19_544
    assert ("boy", "girl", "brother", "sister") in questions["family"]


@needs("EN-WS-353-ALL.txt")
def test_ws353():
    pairs = corpora.ws353()
    assert len(pairs) == 353
    assert ("tiger", "tiger", 10.0) in pairs


@needs("EN-SIMLEX-999.txt")
def test_simlex999():
    pairs = corpora.simlex999()
    assert len(pairs) == 999
    assert ("shore", "coast", 8.83) in pairs
    assert ("bread", "cheese", 1.95) in pairs
