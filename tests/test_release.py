import nbformat
import pytest

from coursegrader import building, notebooks, release
from coursegrader.kernel import ROOT, execute
from coursegrader.lint import lint, names, secret_lines
from coursegrader.notebooks import Refusal

TEXTS = [path for path in notebooks.texts() if notebooks.is_assignment(path)]
each_assignment = pytest.mark.parametrize("path", TEXTS, ids=[p.stem for p in TEXTS])
MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME")


def read(path):
    return nbformat.read(path, as_version=4)


def nbgrader(cell):
    return cell.metadata.get("nbgrader", {})


# The course's own assignments


@each_assignment
def test_source_keeps_the_rules(path):
    problems = lint(read(notebooks.notebook_path(path)), path.stem)
    assert problems == [], "\n".join(problems)


@each_assignment
def test_release_is_what_nbgrader_generates(path):
    stored = building.release_path(path).read_text(encoding="utf-8")
    made = release.release(notebooks.notebook_path(path), path.stem)
    advice = f"run `python -m coursegrader notebooks {path.stem}`"
    assert made == stored, f"assignments/{path.stem} is not its source's; {advice}"


@each_assignment
def test_release_holds_no_answer(path):
    source = read(notebooks.notebook_path(path))
    stored = building.release_path(path).read_text(encoding="utf-8")
    released = nbformat.reads(stored, as_version=4)
    lines = {line.strip() for c in released.cells for line in c.source.split("\n")}
    lines |= {line.lstrip("# ") for line in lines}
    secret = secret_lines(source)
    assert secret, "a source without secret lines would prove nothing"
    assert [(i, line) for i, line in secret if line in lines] == []
    assert [marker for marker in MARKERS if marker in stored] == []


@each_assignment
def test_nothing_but_the_notebook_is_released(path):
    folder = building.release_path(path).parent
    found = [p.name for p in folder.iterdir() if p.name != ".ipynb_checkpoints"]
    assert found == [f"{path.stem}.ipynb"]


@each_assignment
def test_blank_release_runs_to_its_end(path):
    notebook = read(building.release_path(path))
    execute(notebook, go_on=True)
    ran = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source]
    assert all(cell.execution_count for cell in ran)
    for cell in ran:
        errors = [o.ename for o in cell.outputs if o.output_type == "error"]
        grade_id = nbgrader(cell).get("grade_id")
        if nbgrader(cell).get("grade"):
            assert errors, f"{grade_id} passes though nothing was answered"
        elif nbgrader(cell).get("locked"):
            assert not errors, f"{grade_id}: {errors} before anything was answered"


# A small assignment that keeps every rule, and the ways to break each

GOOD = '''# %% [markdown] role="locked" id="a1-intro"
# # Double

# %% role="locked" id="a1-setup"
import numpy as np

from coursecore import check

# %% role="solution" id="a1-double"
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return x + x  # the answer
    ### END SOLUTION

# %%
double(3)  # 6

# %% role="test" id="a1-double-visible" points=2
check.equal(double, (3,), 6)

# %% role="test" id="a1-double-hidden" points=2
### BEGIN HIDDEN TESTS
def check_double_hidden():
    for number in range(4):
        check.equal(double, (number,), 2 * number)


check_double_hidden()
### END HIDDEN TESTS

# %% [markdown] role="written" id="a1-why" points=1
# ### BEGIN MARK SCHEME
# One point: it adds the number to itself.
# ### END MARK SCHEME
'''
ANSWER = "return x + x  # the answer"
VISIBLE = "check.equal(double, (3,), 6)"
HIDDEN = "check.equal(double, (number,), 2 * number)"


def make(text):
    return notebooks.from_text(text, "a1")


@pytest.fixture
def source(tmp_path):
    """Return a function that stores a text's notebook and returns its path."""

    def store(text=GOOD):
        path = tmp_path / "a1.ipynb"
        path.write_text(notebooks.dumps(make(text)))
        return path

    return store


def test_a_good_assignment_passes():
    assert lint(make(GOOD), "a1") == []


WRITTEN = '# %% [markdown] role="written"'
EXERCISE = GOOD[GOOD.index('# %% role="solution"') : GOOD.index(WRITTEN)]
HIDDEN_CELL = EXERCISE[EXERCISE.index('# %% role="test" id="a1-double-hidden"') :]


@pytest.mark.parametrize(
    "old, new, words",
    [
        ('id="a1-intro"', 'id="intro"', "intro: ids begin with the assignment"),
        ("    ### END SOLUTION\n", "", "a1-double: a solution cell has one region"),
        ("# ### END MARK SCHEME\n", "", "a1-why: a written cell holds"),
        ("# ### BEGIN MARK", "# Why?\n#\n# ### BEGIN MARK", "a1-why: a written cell"),
        ("double(3)  # 6", "### BEGIN SOLUTION\n2\n### END SOLUTION", "without the role"),
        ("double(3)  # 6", "### BEGIN HIDDEN TESTS", "hidden tests without the role"),
        ("### BEGIN HIDDEN TESTS", "x = 1\n### BEGIN HIDDEN TESTS", "hidden wholly"),
        ("### END HIDDEN TESTS\n", "", "hidden wholly"),
        (HIDDEN_CELL, "", "no hidden test"),
        ("### BEGIN HIDDEN TESTS\n", "", "hidden"),
        ('"a1-double-visible"', '"a1-double-open"', "call it a1-double-visible"),
        ('"a1-double-visible" points=2', '"a1-double-visible" points=6', "(75%)"),
        ('"a1-why" points=1', '"a1-why" points=2', "at most a quarter"),
        (EXERCISE, "", "no test cell"),
        (VISIBLE, "double(3) == 6", "calls no check"),
        (VISIBLE, "assert double(3) == 6\n" + VISIBLE, "holds an assert"),
        (VISIBLE, VISIBLE + "\n3", "ends in a value"),
        ("\ncheck_double_hidden()", "\ndouble()", "ends in a value"),
        (VISIBLE, "import os\n" + VISIBLE, "imports os"),
        (VISIBLE, "from subprocess import run\n" + VISIBLE, "imports subprocess"),
        (VISIBLE, "x = In[-1]\n" + VISIBLE, "uses In"),
        (VISIBLE, "x = Out\n" + VISIBLE, "uses Out"),
        (VISIBLE, "open('x')\n" + VISIBLE, "uses open"),
        (VISIBLE, "get_ipython()\n" + VISIBLE, "uses get_ipython"),
        (VISIBLE, "y = unknown\n" + VISIBLE, "uses unknown, which neither"),
        (VISIBLE, "f = lambda: unknown\n" + VISIBLE, "uses unknown, which neither"),
        (VISIBLE, "double = 3\n" + VISIBLE, "assigns double, the student's answer"),
        (VISIBLE, "np = 3\n" + VISIBLE, "assigns np of a locked cell"),
        (HIDDEN, "check.equal(double, (three,), 6)", "uses three, which neither"),
        (VISIBLE, "check.equal(double, (3,), 6", "is not Python"),
    ],
)
def test_each_rule_refuses_a_bad_assignment(old, new, words):
    assert old in GOOD
    problems = lint(make(GOOD.replace(old, new)), "a1")
    found = "\n".join(problems)
    assert words in found
    assert all(line.startswith("a1, ") for line in problems)


@pytest.mark.parametrize("code", ["half = 3", "for half in []: pass", "def half(): ..."])
def test_a_test_takes_no_name_that_a_helper_may_have(code):
    """In nbgrader's kernel it would replace the student's own function of that name."""
    (problem,) = lint(make(GOOD.replace(VISIBLE, f"{code}\n{VISIBLE}")), "a1")
    assert "a1-double-visible: assigns half, which a student's helper may be" in problem
    assert "into a function check_double_visible()" in problem
    whole = f"def check_double_visible():\n    half = 3\n    {VISIBLE}\n\n\n"
    whole += "check_double_visible()"
    assert lint(make(GOOD.replace(VISIBLE, whole)), "a1") == []


def test_names_are_followed_into_functions():
    code = "def f(a):\n    global g\n    g = a + b\n    return [c for c in d]\nimport e.h"
    assert names(code) == ({"f", "g", "e"}, {"b", "d"})


def test_release_is_blank_and_complete(source):
    text = release.release(source(), "a1")
    released = nbformat.reads(text, as_version=4)
    before = [cell.id for cell in make(GOOD).cells]
    assert [cell.id for cell in released.cells] == before
    assert "raise NotImplementedError()" in released.cells[2].source
    assert released.cells[5].source == "" and VISIBLE in released.cells[4].source
    assert released.cells[6].source == "YOUR ANSWER HERE"
    assert nbgrader(released.cells[5])["points"] == 2
    assert text == release.release(source(), "a1")


@pytest.mark.parametrize("mark", ["# ", "#", "    ## "])
def test_release_refuses_an_answer_commented_out(source, mark):
    shown = GOOD.replace("double(3)  # 6", f"double(3)  # 6\n{mark}{ANSWER}")
    with pytest.raises(Refusal, match="a line of a1-double that students must not see"):
        release.release(source(shown), "a1")


def test_release_refuses_a_bad_source(source):
    with pytest.raises(Refusal, match="ids begin with the assignment"):
        release.release(source(GOOD.replace('id="a1-intro"', 'id="intro"')), "a1")


def test_a_line_of_the_answer_elsewhere_is_not_secret():
    shown = GOOD.replace("double(3)  # 6", f"double(3)  # 6\n# {ANSWER}")
    assert ("a1-double", ANSWER) in secret_lines(make(GOOD))
    assert ("a1-double", ANSWER) in secret_lines(make(shown))
    open_copy = GOOD.replace("double(3)  # 6", f"def f(x):\n    {ANSWER}")
    assert ("a1-double", ANSWER) not in secret_lines(make(open_copy))


def spoil_source(released):
    released.cells[2].source += "\n" + ANSWER


def spoil_hidden(released):
    released.cells[5].source = HIDDEN


def spoil_marks(released):
    released.cells[6].source = "One point: it adds the number to itself."


def spoil_marker(released):
    released.cells[5].source = "### BEGIN HIDDEN TESTS"


def spoil_output(released):
    output = nbformat.v4.new_output("stream", text="6")
    released.cells[3].outputs = [output]


def spoil_points(released):
    released.cells[5].metadata.nbgrader["points"] = 3


def spoil_id(released):
    released.cells[3].id = "other"


@pytest.mark.parametrize(
    "spoil, words",
    [
        (spoil_source, "holds a line of a1-double "),
        (spoil_hidden, "holds a line of a1-double-hidden "),
        (spoil_marks, "holds a line of a1-why "),
        (spoil_marker, "a HIDDEN TESTS marker"),
        (spoil_output, "holds an output"),
        (spoil_points, "points of the release"),
        (spoil_id, "cells of the release"),
    ],
)
def test_a_spoiled_release_is_found(source, spoil, words):
    path = source()
    released = nbformat.reads(release.generate(path, "a1"), as_version=4)
    assert release.verify(make(GOOD), released, "a1") == []
    spoil(released)
    assert words in "\n".join(release.verify(make(GOOD), released, "a1"))


def test_what_nbgrader_refuses_is_told(source, tmp_path):
    notebook = make(GOOD)
    notebook.cells[3].source = "### BEGIN SOLUTION\n1"
    path = source()
    path.write_text(notebooks.dumps(notebook))
    with pytest.raises(Refusal, match="nbgrader refused it") as refused:
        release.generate(path, "a1")
    assert "no end solution statement found" in str(refused.value)


def test_stock_nbgrader_finds_this_course():
    text = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    assert 'source_directory = "solutions"' in text
    assert 'release_directory = "assignments"' in text
