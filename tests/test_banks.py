"""The graders, graded: no known wrong answer passes, no known right one fails."""

import numpy as np
import pytest

from coursegrader.assignment import load
from coursegrader.banks import (
    SEEDS,
    DamagedBank,
    faults,
    grade_answers,
    grade_banks,
    lost_hints,
    markdown,
    read_bank,
    read_banks,
    run,
    summary,
)
from coursegrader.kernel import ROOT

BANKS = sorted(path.stem for path in (ROOT / "solutions").glob("*/*.ipynb"))

BANK = """\
# %% right: adds
def double(x):
    return x + x

# %% right: warns on the way
def double(x):
    np.log(0.0)
    print("working")
    return 2 * x

# %% wrong: squares and a half | Add, do not square
def double(x):
    return x * x + 0.5

# %% wrong: gives nothing | double
def double(x):
    pass

# %% wrong: leaves
def double(x):
    raise SystemExit

# %% wrong: does not parse
def double(x) return 2 * x
"""


@pytest.fixture(scope="module")
def course_results():
    """Grade every bank of the course."""
    found = {}
    for name in BANKS:
        source = (ROOT / "solutions" / name / f"{name}.ipynb").read_text("utf-8")
        found[name] = grade_banks(load(name, source, source), ROOT / "banks" / name)
    return found


@pytest.mark.parametrize("name", BANKS)
def test_no_wrong_answer_accepted_and_no_right_one_refused(course_results, name):
    assert faults(course_results[name].values()) == []


@pytest.mark.parametrize("name", BANKS)
def test_every_hint_intended_is_given(course_results, name):
    assert lost_hints(course_results[name].values()) == []


@pytest.mark.parametrize("name", BANKS)
def test_every_hidden_check_refuses_what_the_visible_one_lets_pass(course_results, name):
    source = (ROOT / "solutions" / name / f"{name}.ipynb").read_text("utf-8")
    exercises = {e.id: e for e in load(name, source, source).exercises}
    for exercise, found in course_results[name].items():
        hidden = {part.id for part in exercises[exercise].parts if part.hidden}
        alone = [r.answer.name for r in found if r.refused_by and hidden >= {*r.refused_by}]
        assert alone, f"{exercise}: without its hidden check the same would be accepted"


@pytest.mark.parametrize("name", BANKS)
def test_every_exercise_has_enough_answers(course_results, name):
    source = (ROOT / "solutions" / name / f"{name}.ipynb").read_text("utf-8")
    exercises = [e for e in load(name, source, source).exercises if not e.manual]
    assert [e.id for e in exercises] == list(course_results[name])
    for found in course_results[name].values():
        right = sum(result.answer.right for result in found)
        assert right >= 8 and len(found) - right >= 20, found[0].answer.exercise


def test_table_of_the_assignments_page_is_current(course_results):
    page = ROOT / "assignments" / "README.md"
    stored = page.read_text(encoding="utf-8") if page.is_file() else ""
    assert not BANKS or stored == markdown(course_results), "run make banks"


@pytest.fixture
def bank(tmp_path):
    """Give the folder of a small bank."""
    (tmp_path / "a9-double.py").write_text(BANK, encoding="utf-8")
    return tmp_path


def grade_small(assignment, bank):
    """Grade the small bank here, without processes."""
    answers = read_banks(bank, assignment)["a9-double"]
    return grade_answers(assignment, assignment.exercises[0], answers)


def test_answers_are_judged_as_nbgrader_does(small_assignment, bank):
    found = grade_small(small_assignment, bank)
    assert [result.points for result in found] == [4, 4, 0, 0, 0, 0]
    assert [result.fault for result in found] == [""] * 6
    assert "Add, do not square" in found[2].message
    both = "a9-double-visible", "a9-double-hidden"
    assert [result.refused_by for result in found] == [(), ()] + [both] * 4


def test_each_check_that_refuses_is_named(small_assignment, bank):
    half = "# %% wrong: size | wrong sign\ndef double(x):\n    return 2 * abs(x)\n"
    (bank / "a9-double.py").write_text(half)
    (result,) = grade_small(small_assignment, bank)
    assert (result.points, result.refused_by) == (2, ("a9-double-hidden",))


def test_each_fault_is_named(small_assignment, bank):
    text = BANK.replace("x + x", "x + 1").replace("x * x + 0.5", "x + x")
    (bank / "a9-double.py").write_text(text.replace("| double", "| triple"))
    found = grade_small(small_assignment, bank)
    named = [result.fault for result in found]
    assert named[:4] == ["right refused", "", "wrong accepted", "hint missing"]
    assert len(faults([found])) == 2
    assert len(lost_hints([found])) == 1
    assert summary({"a9-double": found})[-1] == ("all", "4", "1", "2", "1", "2", "0")


def test_processes_give_the_same(small_assignment, bank):
    found = grade_banks(small_assignment, bank)
    assert found == {"a9-double": grade_small(small_assignment, bank)}


@pytest.mark.parametrize(
    "last, points",
    [("None", 2), ("0", 0), ("1.5", 1.5), ("'words'", 2), ("import sys; print(1)", 2)],
)
def test_value_of_a_check_counts_as_in_nbgrader(small_assignment, bank, last, points):
    source = small_assignment.source.copy()
    source.cells = [cell.copy() for cell in source.cells]
    (check,) = [c for c in source.cells if c.get("id") == "a9-double-visible"]
    check.source = f"import sys\n{last}"
    changed = type(small_assignment)("a9", source, small_assignment.release)
    assert grade_small(changed, bank)[0].points == points + 2


def test_answer_that_luck_lets_pass_counts_as_accepted(small_assignment, bank):
    lucky = "# %% wrong: by luck\ndef double(x):\n    return 2 * x if LUCK else 0.0\n"
    (bank / "a9-double.py").write_text(lucky)
    source = small_assignment.source.copy()
    source.cells = [cell.copy() for cell in source.cells]
    (setup,) = [c for c in source.cells if c.get("id") == "a9-setup"]
    setup.source += "\nLUCK = np.random.default_rng().random() > 0.6"
    changed = type(small_assignment)("a9", source, small_assignment.release)
    assert [np.random.default_rng(seed).random() > 0.6 for seed in SEEDS].count(True) == 1
    results = {grade_small(changed, bank)[0].fault for _ in range(5)}
    assert results == {"wrong accepted"}


def test_text_on_stderr_costs_the_points(small_assignment, bank):
    source = small_assignment.source.copy()
    source.cells = [cell.copy() for cell in source.cells]
    (check,) = [c for c in source.cells if c.get("id") == "a9-double-visible"]
    check.source = "import sys\nprint(1, file=sys.stderr)"
    changed = type(small_assignment)("a9", source, small_assignment.release)
    result = grade_small(changed, bank)[0]
    assert (result.points, result.fault) == (2, "right refused")


def test_damaged_bank_is_refused(small_assignment, tmp_path):
    path = tmp_path / "a9-double.py"
    for text, word in [
        ("# %% maybe: this\n1\n", "is no header"),
        ("# %% right: a\n1\n# %% wrong: a\n2\n", "more than one answer is named a"),
    ]:
        path.write_text(text)
        with pytest.raises(DamagedBank, match=word):
            read_bank(path)
    path.write_text("")
    path.rename(tmp_path / "a9-triple.py")
    with pytest.raises(DamagedBank, match="no exercise a9-triple"):
        read_banks(tmp_path, small_assignment)


def test_no_bank_is_an_error_in_words(tmp_path, capsys):
    assert run(["a9"], tmp_path) == 2
    assert "No bank found for a9" in capsys.readouterr().out
