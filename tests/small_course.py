"""An assignment of two exercises and a question, and a class that does all one can do.

It stands here, and not among the course's assignments, so that the grader is tested
without them; each student's folder shows one thing that happens to real classes.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from rich.console import Console

from coursegrader import assignment as assignments
from coursegrader.assignment import Assignment, clear_markers, grade_id
from coursegrader.course import mark_class
from coursegrader.gradebook import register
from coursegrader.notebooks import from_text

TEXT = '''\
# %% [markdown] role="locked" id="a9-title"
# # Assignment 9

# %% role="locked" id="a9-setup"
import numpy as np

from coursecore import check

# %% [markdown] role="locked" id="a9-double-statement"
# ## 1. Twice (4 points)

# %% role="solution" id="a9-double"
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %%
double(21)

# %% role="test" id="a9-double-visible" points=2
check.close(double, [2.0], 4.0, hints={"Add, do not square.": 4.5})

# %% role="test" id="a9-double-hidden" points=2
### BEGIN HIDDEN TESTS
secret_number_of_the_hidden_check = -3.5
check.close(double, [secret_number_of_the_hidden_check], -7.0, see="lecture 6, eq. 7")
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a9-total-statement"
# ## 2. Total (6 points)

# %% role="solution" id="a9-total"
def total(x):
    """Return the sum of x."""
    ### BEGIN SOLUTION
    return np.sum(x)
    ### END SOLUTION


# %% role="test" id="a9-total-visible" points=3
check.close(total, [np.ones(3)], 3.0)

# %% role="test" id="a9-total-hidden" points=3
### BEGIN HIDDEN TESTS
check.close(total, [np.arange(5.0)], 10.0)
### END HIDDEN TESTS

# %% [markdown] role="locked" id="a9-words-statement"
# ## 3. In words (2 points)

# %% [markdown] role="written" id="a9-words" points=2
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
'''

PAYLOAD = "<script>alert(1)</script><img src=x onerror=alert(2)>"
SHOWS = f"""
from IPython.display import HTML, SVG, Markdown, display
import matplotlib.pyplot as plt
print("plain words \\x1b[31mred\\x1b[0m")
display(HTML({PAYLOAD!r}), Markdown({PAYLOAD!r}))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(3)'></svg>"))
display({{"image/png": "bm90IGEgcGljdHVyZQ=="}}, raw=True)
plt.plot([1, 2]); plt.show()
"""

PEEK = """
import sys

def total(x):
    frame, seen = sys._getframe(), ""
    while frame:
        seen += str(frame.f_globals.get("In", [""])[-1])
        frame = frame.f_back
    raise ValueError(seen)
"""


def make_assignment(folder: Path) -> Assignment:
    """Build the assignment and have nbgrader release it."""
    source = nbformat.writes(from_text(TEXT))
    return assignments.load("a9", source, register(folder / "new.db", "a9", source))


def answers(assignment: Assignment, **own: str) -> NotebookNode:
    """Fill in the release: the reference, but for the cells given by name."""
    notebook = nbformat.from_dict(assignment.release)
    reference = {grade_id(cell): cell for cell in assignment.source.cells}
    for cell in notebook.cells:
        cell_id = grade_id(cell)
        if cell_id in ("a9-double", "a9-total", "a9-words"):
            solved = clear_markers(reference[cell_id].source)
            cell.source = own.get(cell_id.removeprefix("a9-"), solved)
    return notebook


def find(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    """Return the cell that has an id."""
    return next(cell for cell in notebook.cells if grade_id(cell) == cell_id)


@dataclass
class Class:
    """A folder of submissions to fill."""

    folder: Path
    assignment: Assignment

    def hand_in(
        self,
        student: str,
        notebook: NotebookNode | str | bytes | None = None,
        file: str = "a9.ipynb",
        timestamp: str | None = None,
    ) -> Path:
        """Put a notebook (the reference, if none is given) into a student's folder."""
        if notebook is None:
            notebook = answers(self.assignment)
        if isinstance(notebook, NotebookNode):
            notebook = nbformat.writes(notebook)
        if isinstance(notebook, str):
            notebook = notebook.encode()
        folder = self.folder / "submitted" / student / "a9"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(notebook)
        if timestamp is not None:
            (folder / "timestamp.txt").write_text(timestamp)
        return folder / file


def fill(room: Class) -> None:
    """Hand in everything that happens."""
    made = lambda **own: answers(room.assignment, **own)
    text = nbformat.writes(made())
    due = '[due]\na9 = "2026-03-02 23:59 UTC"\n'
    (room.folder / "class.toml").write_text(due)

    room.hand_in("Çağla Ünal 北", timestamp="2026-03-02 20:00 UTC")
    room.hand_in("blank", nbformat.from_dict(room.assignment.release))
    room.hand_in('=HYPERLINK("x")', timestamp="2026-03-04 02:09 UTC")
    room.hand_in("wrong", made(double="def double(x):\n    return x * x + 0.5"))
    hostile = "def double(x):\n    return 0 * x\n" + SHOWS
    room.hand_in("<b onclick=alert(4)>", made(double=hostile, words=PAYLOAD))
    room.hand_in("peeking", made(total=PEEK))
    missing = made()
    gone = ("a9-double", "a9-double-visible", "a9-double-hidden")
    missing.cells = [cell for cell in missing.cells if grade_id(cell) not in gone]
    room.hand_in("missing exercise", missing)
    edited = made(double="def double(x):\n    return 0")
    for name in ("a9-double-visible", "a9-double-hidden"):
        find(edited, name).source = "pass"
        find(edited, name).metadata.nbgrader["points"] = 100
    room.hand_in("edited tests", edited)

    loop = "def double(x):\n    while True:\n        try:\n            while True: pass\n"
    room.hand_in("endless", made(double=loop + "        except BaseException: pass"))
    room.hand_in("dead", made(double="import os\ndef double(x):\n    os._exit(0)"))
    room.hand_in("dead at once", made(total="import os\nos._exit(1)"))

    room.hand_in("not json", text[: len(text) // 2])
    room.hand_in("other assignment", text.replace('"a9-', '"a8-'))
    (room.folder / "submitted" / "no notebook" / "a9").mkdir(parents=True)
    (room.folder / "submitted" / "no folder").mkdir()


GRADED = {
    # student: points of the two exercises
    "Çağla Ünal 北": (4, 6),
    "blank": (0, 0),
    '=HYPERLINK("x")': (4, 6),
    "wrong": (0, 6),
    "<b onclick=alert(4)>": (0, 6),
    "peeking": (4, 0),
    "missing exercise": (0, 6),
    "edited tests": (0, 6),
    "endless": (0, 6),
    "dead": (0, 6),
    "dead at once": (4, 0),
}

# student: a word of the reason
NOT_GRADED = {
    "not json": "not JSON",
    "other assignment": "another assignment",
    "no notebook": "no notebook",
    "no folder": "nothing was handed in",
}

# student: words of a line in the report
PROBLEMS = {
    '=HYPERLINK("x")': "late by 1 d 2 h (no penalty)",
    "missing exercise": "a9-double: the answer and its checks are missing",
    "edited tests": "a9-double-visible: the locked cell was edited",
    "endless": "a9-double: this cell did not end within 3 seconds",
    "dead": "a9-double: this cell ended the Python process",
    "dead at once": "a9-total: this cell ended the Python process",
}


@pytest.fixture(scope="session")
def small_assignment(tmp_path_factory):
    """Give a small assignment that stands for any.

    While it is in use the checker counts as unchanged, whatever is edited meanwhile.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coursegrader.grading.checker_version", lambda: "unchanged")
        yield make_assignment(tmp_path_factory.mktemp("assignment"))


@pytest.fixture(scope="session")
def graded(small_assignment, tmp_path_factory):
    """Grade, once, a class in which everything happens; give folders and rows."""
    folder = tmp_path_factory.mktemp("class 100% [of] it")
    room = Class(folder, small_assignment)
    fill(room)
    work = folder / "work"
    said = Console(file=io.StringIO(), width=120)
    rows, notes, outcome = mark_class(
        folder / "submitted", {"a9": small_assignment}, work, said, timeout=3
    )
    by_student = {row.student: row for row in rows}
    return room, work, by_student, notes, outcome
