"""Feedback pages: what they say, and what never reaches them."""

import base64
import html
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from nbformat import NotebookNode
from small_course import GRADED, NOT_GRADED

from coursegrader.feedback import (
    REDACTED,
    diagnosis,
    page_folders,
    plain,
    read_message,
    read_output,
    redact,
    shorten,
)

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 8).decode()


@pytest.fixture(scope="module")
def pages(graded):
    """Give the text of each student's page, and of the class's as ''."""
    folder = graded[1] / "feedback"
    found = {name: (folder / name / "a9.html") for name in graded[2]}
    found[""] = folder / "index.html"
    return {name: path.read_text(encoding="utf-8") for name, path in found.items()}


class Elements(HTMLParser):
    """Collect what a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_every_student_has_a_page(pages):
    assert pages.keys() == {"", *GRADED, *NOT_GRADED}
    assert all(page.startswith("<!DOCTYPE html>") for page in pages.values())


def test_nothing_of_a_students_goes_live(pages):
    for name, page in pages.items():
        found = Elements(page)
        assert not found.open, name
        assert not found.tags & {"script", "svg", "iframe", "object", "b onclick=alert(4)"}
        handlers = [a for a in found.attributes if a[1].startswith("on")]
        assert handlers == [], name
        for tag, attribute, value in found.attributes:
            if attribute in ("src", "href"):
                assert not re.match(r"\s*javascript:", value or "", re.IGNORECASE)
            if tag == "img" and attribute == "src":
                assert value.startswith("data:image/png;base64,")
        assert "script-src" not in page and "default-src 'none'" in page


def test_hostile_page_shows_text_and_picture(pages):
    page = pages["<b onclick=alert(4)>"]
    assert "plain words red" in page
    assert "\x1b" not in page
    assert html.escape("<script>alert(1)</script>", quote=False) in page
    assert page.count("<img ") == 1
    assert 'alt="Figure drawn by this answer"' in page


def test_hidden_check_shows_name_and_message_alone(pages, small_assignment):
    page = html.unescape(pages["wrong"])
    assert "a9-double-hidden (hidden check)" in page
    assert "lecture 6, eq. 7" in page
    assert "yours" in page and "expected" in page
    secret = small_assignment.hidden_lines
    assert any("secret_number" in line for line in secret)
    for name, text in pages.items():
        for line in secret:
            assert line not in html.unescape(text), name


def test_peeking_answer_shows_no_hidden_line(pages):
    page = html.unescape(pages["peeking"])
    assert "[a line of a hidden check]" in page
    assert "np.arange(5.0)" not in page


def test_short_line_of_a_hidden_check_is_no_secret_within_a_sentence():
    long = "check.close(total, [np.arange(5.0)], 10.0)"
    assignment = SimpleNamespace(hidden_lines=(long, "softmax_bar,"))
    said = f"softmax_bar, and others\n  softmax_bar,\nsee {long!r}"
    expected = f"softmax_bar, and others\n{REDACTED}\nsee '{REDACTED}'"
    assert redact(said, assignment) == expected


def test_page_shows_the_answer_and_what_failed(pages):
    page = html.unescape(pages["wrong"])
    assert "return x * x + 0.5" in page
    assert "Add, do not square." in page
    assert "✗ failed" in page and "✓ passed" in page
    assert "return np.sum(x)" in page
    assert "to be marked by hand" in page


def test_page_of_a_removed_answer_explains(pages):
    page = html.unescape(pages["dead"])
    assert "ended the Python process" in page
    assert "Not checked: the answer was taken out." in page
    assert "os._exit(0)" in page
    assert "NameError" not in page


def test_page_without_a_mark_says_why(pages):
    page = pages["not json"]
    assert "Not graded." in page and "not JSON" in page
    assert "not a mark of zero" in page


def test_late_page_says_by_how_much(pages):
    page = pages['=HYPERLINK("x")']
    assert "late by 1 d 2 h" in page and "No points were taken off" in page


def test_class_page_links_to_every_student(graded, pages):
    folder = graded[1] / "feedback"
    found = Elements(pages[""])
    links = [unquote(value) for tag, name, value in found.attributes if name == "href"]
    assert {link.split("/")[0] for link in links} == graded[2].keys()
    assert all((folder / link).is_file() for link in links)


def test_class_page_counts_messages_and_marks(pages):
    page = html.unescape(pages[""])
    assert f"{len(GRADED)} of {len(GRADED) + len(NOT_GRADED)} submissions graded" in page
    assert "double is not written yet" in page
    assert 'aria-label="full: ' in page


def test_folders_that_differ_only_in_case_are_told_apart():
    found = page_folders(["anna", "Anna", "Zo\u00eb", "Zoe\u0308", "Bo"])
    assert found["Bo"] == "Bo"
    assert len({name.casefold() for name in found.values()}) == 5
    assert found["anna"].startswith("anna-") and found["Anna"].startswith("Anna-")


def output(**fields):
    """Make a notebook's output."""
    return NotebookNode({"output_type": "display_data", "metadata": {}} | fields)


def test_only_true_pictures_are_shown(small_assignment):
    good = output(data={"image/png": PNG}, metadata={"image/png": {"alt": "A curve"}})
    (shown,) = read_output(good, small_assignment)
    assert (shown["kind"], shown["alt"]) == ("png", "A curve")
    for content in ("bm90IGEgcGljdHVyZQ==", "no base64!", '"><script>', ""):
        fake = output(data={"image/png": content})
        assert read_output(fake, small_assignment) == []
    huge = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 2_000_000).decode()
    assert read_output(output(data={"image/png": huge}), small_assignment) == []


def test_other_outputs_are_text_or_nothing(small_assignment):
    data = {"text/html": "<b>", "image/svg+xml": "<svg>", "text/plain": "plain"}
    (shown,) = read_output(output(data=data), small_assignment)
    assert shown == {"kind": "text", "text": "plain"}
    assert read_output(output(data={"text/html": "<b>"}), small_assignment) == []


def test_message_is_the_exceptions_text():
    error = {"output_type": "error", "traceback": ["secret"], "evalue": "Look again."}
    say = lambda *found: read_message(NotebookNode(outputs=list(map(NotebookNode, found))))
    assert say(error | {"ename": "AssertionError"}) == "Look again."
    assert say(error | {"ename": "NameError"}) == "NameError: Look again."
    assert "no message" in say(error | {"ename": "AssertionError", "evalue": ""})
    noise = {"output_type": "stream", "name": "stderr", "text": "careful"}
    assert "wrote to stderr" in say(noise) and "careful" in say(noise)
    assert "part of the points" in say()
    assert "did not run" in read_message(None)


def test_diagnosis_is_the_line_that_names_the_mistake():
    named = "f: values differ.\n  yours 1\n  expected 2\n  Sign?\n  Read: lecture 6."
    assert diagnosis(named) == "Sign?"
    assert diagnosis("f: values differ.\n  yours 1\n  expected 2") == "f: values differ."
    assert diagnosis("") == ""


def test_text_is_cut_and_cleaned():
    assert plain("\x1b[31mred\x1b[0m\x07 \x00end") == "red end"
    assert len(shorten("x" * 100_000)) < 7_000
    assert "left out" in shorten("x" * 100_000)
