"""Manuals: which lines of a docstring are prose, and the same walk twice."""

import importlib
import re
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path

import pytest

from coursecore.data.manuals import PACKAGES, docstrings, manuals, prose

ROOT = Path(__file__).parents[1]
MODULE = importlib.import_module("coursecore.data.manuals")
# What numpy's own manual comes to with the version of requirements.lock, on Linux and
# macOS and with every Python.
NUMPY = "2.4.6", "8027857585bbe1facf2377f73883504f94600bdd6ce35fb6575fa3c0e3bd3e42"

DOCSTRING = """Count the words of a text.

    The text may have several lines. It is cut at white space
    (see :func:`~text.tokenize` for more), and ``None`` counts as empty.
    Words are compared letter by letter [1]_.

    .. versionadded:: 1.4
       This line is not prose at all.

    .. note:: Nor is this one here.

    Parameters
    ----------
    text : str or list of str
        The text to be counted. By default all of it is counted,
        i.e. nothing is left out.
    size : {int, None}
        If `size` is 3.5 it is rounded.
        Names like max_words are not plain words of English.

    Notes
    -----
    The two cases are::

        First a line of code.

    - The first item is a sentence. It has
      a second line of words.
    - The second item is another.
    1. Numbers may stand before an item.

    ======  ==================
    Name    A row of a table.
    ======  ==================

    | Lines of a block are no prose.

    Too few words. What is asked of *the reader* here? See `the page <https://a.b/c>`_ now.

    >>> count("a b")
    The answer is not a sentence.

    See Also
    --------
    other : Another function of that kind.

    References
    ----------
    Nobody and Another wrote a book about it.
    """

SOURCE = '''
"""The module has a docstring of its own."""
text = """A string that nobody reads as documentation."""

class Tree:
    """A tree is made of its branches."""

    def climb(self):
        """Go up as far as you can."""
        def inner():
            "Functions within functions have theirs."

    async def fall(self):
        """Come down a little faster than that."""

    def silent(self): return "a string that is not the first statement"

add_newdoc("package", "leaf", """A leaf is at the end of a branch.""")
add_newdoc("package", "twig", ("thin", """A twig is a thin branch of it."""))
print("What is printed is no documentation.", "\\d")
'''


@pytest.fixture(scope="module")
def numpy_twice():
    return manuals(("numpy",)), manuals(("numpy",))


def test_prose_is_what_remains_of_a_docstring():
    (cleaned,) = docstrings(f"def count():\n    '''{DOCSTRING}'''\n")
    assert prose(cleaned) == [
        "Count the words of a text.",
        "The text may have several lines.",
        "It is cut at white space (see tokenize for more), and None counts as empty.",
        "Words are compared letter by letter.",
        "The text to be counted.",
        "By default all of it is counted, that is nothing is left out.",
        "The first item is a sentence.",
        "It has a second line of words.",
        "The second item is another.",
        "Numbers may stand before an item.",
        "What is asked of the reader here?",
        "See the page now.",
    ]


def test_docstrings_are_those_of_the_source_in_its_order():
    assert docstrings(SOURCE) == [
        "The module has a docstring of its own.",
        "A tree is made of its branches.",
        "Go up as far as you can.",
        "Functions within functions have theirs.",
        "Come down a little faster than that.",
        "A leaf is at the end of a branch.",
        "A twig is a thin branch of it.",
    ]
    assert docstrings("") == []
    assert prose("") == []


def test_two_walks_give_the_same(numpy_twice):
    first, second = numpy_twice
    assert first == second
    assert len(first.digest) == 64
    assert first.versions == {"numpy": metadata.version("numpy")}


def test_the_manual_of_numpy_is_english_prose(numpy_twice):
    sentences = numpy_twice[0].sentences
    assert 5_000 < len(sentences) < 10_000
    assert 400_000 < sum(map(len, sentences)) < 800_000
    assert "Evenly spaced values within a given interval." not in sentences[0]
    assert "Return evenly spaced values within a given interval." in sentences
    for sentence in sentences:
        assert sentence[0].isupper()
        assert sentence[-1] in ".?!"
        assert len(sentence.split()) >= 4
        assert not set("`_<>=[]{}\\\n") & set(sentence)
    words = " ".join(sentences).lower().split()
    for common in ("the", "of", "is", "array"):
        assert 0.005 < words.count(common) / len(words) < 0.15
    if metadata.version("numpy") == NUMPY[0]:
        assert numpy_twice[0].digest == NUMPY[1]


def test_the_packages_are_pinned_by_the_lock():
    lock = (ROOT / "requirements.lock").read_text()
    for package, distribution in PACKAGES.items():
        assert util.find_spec(package) is not None
        assert re.search(rf"^{distribution}==", lock, re.MULTILINE)
    assert f"numpy=={NUMPY[0]} " in lock


def test_packages_are_read_and_not_imported(tmp_path):
    code = (
        "import sys; from coursecore.data.manuals import _folder;"
        "print(_folder('scipy').name, 'scipy' in sys.modules, 'sklearn' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split() == ["scipy", "False", "False"]


def test_a_folder_is_walked_in_order_and_without_its_tests(tmp_path, monkeypatch):
    for path, sentence in {
        "b.py": "Last comes what is named last.",
        "a/z.py": "In the middle comes a folder.",
        "a/__init__.py": "First comes the file of the folder.",
        "a/tests/t.py": "Tests are not a part of the manual.",
        "externals/e.py": "Nor is what others have written.",
        "distutils/d.py": "Python 3.11 alone is given this by NumPy.",
        "a/data.txt": "This is not even a program.",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f'"""{sentence}"""')
    monkeypatch.setattr(MODULE, "_folder", lambda package: tmp_path)
    assert manuals(("scipy",)).sentences == [
        "First comes the file of the folder.",
        "In the middle comes a folder.",
        "Last comes what is named last.",
    ]


def test_packages_that_are_not_there_are_refused(monkeypatch):
    with pytest.raises(ValueError, match=r"manuals of numpy, .* not of 'torch'"):
        manuals(("torch",))
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"not installed\. Install scikit-learn"):
        manuals(("sklearn",))
