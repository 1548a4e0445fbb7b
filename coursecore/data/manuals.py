"""Manuals: real English from the documentation inside the installed packages.

NumPy, SciPy, matplotlib and scikit-learn explain themselves in docstrings, about eleven
million characters. Without code, tables, signatures and references, sentences of prose
remain. Nothing is downloaded, and whoever has the packages of the lock has the same text.
"""

import ast
import hashlib
import inspect
import re
import warnings
from pathlib import Path
from typing import NamedTuple

# The packages by the names they are imported by, and by those they are installed by.
PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "matplotlib": "matplotlib",
    "sklearn": "scikit-learn",
}
# Folders that hold tests or copies of other packages; NumPy ships distutils with Python
# 3.11 alone, and the text is to be the same with all.
APART = {"tests", "testing", "externals", "_vendored", "vendored", "distutils"}
SECTIONS = {"references", "see also", "examples", "example", "methods", "attributes"}


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Manuals(NamedTuple):
    """Sentences (strings, in order), where they are from, and a digest of them all."""

    sentences: list[str]
    versions: dict[str, str]
    digest: str


def manuals(packages=tuple(PACKAGES)):
    """Return sentences of documentation, the packages' versions and a SHA-256 digest.

    With the versions of the lock 43,628 sentences, 2.9 million characters. Sources are
    read, not run, in the order of their names, which takes about six seconds. Equal
    digests mean equal sentences in equal order. A sentence stands once for each place
    where it is written, so copies occur: cut all into words by `text.tokenize` first, as
    some differ in capitals alone, and then divide them by `split_sentences`.

    Raises ValueError for a package that is not one of `PACKAGES`, or not installed.
    """
    from importlib import metadata

    sentences, versions = [], {}
    for package in packages:
        folder = _folder(package)
        versions[package] = metadata.version(PACKAGES[package])
        for path in sorted(folder.rglob("*.py"), key=lambda path: path.parts):
            if not APART & set(path.relative_to(folder).parts):
                for docstring in docstrings(path.read_text(encoding="utf-8")):
                    sentences += prose(docstring)
    digest = hashlib.sha256("\n".join(sentences).encode()).hexdigest()
    return Manuals(sentences, versions, digest)


def _folder(package):
    from importlib import util

    if package not in PACKAGES:
        raise ValueError(f"There are manuals of {', '.join(PACKAGES)}, not of {package!r}.")
    spec = util.find_spec(package)  # finds it without importing it
    if spec is None:
        raise ValueError(
            f"The manual of {package} is in its package, which is not installed."
            f" Install {PACKAGES[package]}, or leave it out of `packages`."
        )
    return Path(spec.submodule_search_locations[0])


def docstrings(source):
    """List the docstrings of a module's source, in the order they are written.

    NumPy and SciPy document what is written in C by calls of `add_newdoc`; the longest
    string of such a call counts as a docstring.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a doubtful "\\d" of theirs is not ours
        tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and _is_text(first.value):
                found.append(first.value)
        elif isinstance(node, ast.Call) and _called(node) == "add_newdoc":
            strings = [part for part in ast.walk(node) if _is_text(part)]
            found += sorted(strings, key=lambda part: len(part.value))[-1:]
    found.sort(key=lambda text: (text.lineno, text.col_offset))
    return [inspect.cleandoc(text.value) for text in found]


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _called(call):
    return getattr(call.func, "id", getattr(call.func, "attr", None))


# ------------------------------------------------------------------ prose of a docstring

_UNDERLINE = re.compile(r"([-=~^])\1{2,}")
_TABLE = re.compile(r"[|+]|[=-]{2,}(\s|$)|.*\S\s{3,}\S")
_ITEM = re.compile(r"([-*•]|\d{1,2}[.)]|\(?[a-z]\))\s+")
_CODE = re.compile(r"``([^`]*)``")
_ROLE = re.compile(r"(?::[\w:+-]+:)?`(~?)([^`<]*)(?:<[^`]*)?`_{0,2}")
_EMPHASIS = re.compile(r"(\*\*?)(\w[^*]*)\1")
_CITATION = re.compile(r"\s*(\[[\w\d]+\]_(, )?)+")
_END = re.compile(r"(?<=[a-z)][.?!])\s+(?=[A-Z])")
# Letters, and what a sentence may hold besides: no code, formula, path or address.
_PLAIN = re.compile(r"[A-Z][A-Za-z0-9 ,;:'’\"()-]*[.?!]")
_ODD = re.compile(r"::|[a-z][A-Z]|[A-Za-z]\(|\w:\w|\d[A-Za-z]")


def prose(docstring):
    """List the sentences of a docstring, without markup.

    Dropped are code, doctests, tables, formulas, directives, headings, the lines that
    name parameters, whole sections of references, and sentences that are not plain
    words: those with underscores, brackets, symbols or fewer than four words.

    >>> prose("Return the ``sum``. It is\\nalways a number.\\n\\n>>> sum([1])\\n1")
    ['It is always a number.']
    """
    sentences = []
    for paragraph in _paragraphs(docstring):
        plain = _CODE.sub(r"\1", _CITATION.sub("", paragraph))
        plain = _EMPHASIS.sub(r"\2", _ROLE.sub(_shown, plain))
        plain = plain.replace("i.e.", "that is").replace("e.g.", "for example")
        for sentence in _END.split(" ".join(plain.split())):
            long_enough = sentence.count(" ") >= 3
            if long_enough and _PLAIN.fullmatch(sentence) and not _ODD.search(sentence):
                sentences.append(sentence)
    return sentences


def _shown(match):
    """Return what :func:`~numpy.linalg.norm` or :ref:`Norms <norms>` shows: norm, Norms."""
    shortened, shown = match[1], match[2].strip()
    return shown.rpartition(".")[2] if shortened else shown


def _paragraphs(docstring):
    """Yield runs of prose: lines of one indentation; an item of a list begins a run."""
    run, depth, section, doctest, code = [], 0, "", False, None
    lines = docstring.expandtabs().splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        words, indent = line.strip(), len(line) - len(line.lstrip())
        if code is not None and (not words or indent > code):
            continue  # within a literal block or a directive
        # What a directive or "::" introduces is all that is indented deeper.
        code = indent if words.startswith(".. ") or words.endswith("::") else None
        # A doctest ends at an empty line.
        doctest = words.startswith(">>>") or (doctest and words != "")
        heading = _UNDERLINE.fullmatch(following.strip()) and words
        if heading:
            section = words.lower()
        item = _ITEM.match(words)
        left_out = (
            not words or heading or doctest or section in SECTIONS
            or words.startswith(".. ") or _TABLE.match(words)
        )  # fmt: skip
        if run and (left_out or item or indent != depth):
            yield " ".join(run)
            run = []
        if not left_out:
            marker = item.end() if item else 0
            depth = depth if run else indent + marker
            run.append(words[marker:])
    if run:
        yield " ".join(run)
