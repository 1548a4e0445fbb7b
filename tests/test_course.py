"""The main job: every submission gets its due, and nothing is lost or made up."""

import csv
import dataclasses
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Student
from rich.console import Console
from small_course import GRADED, NOT_GRADED, PROBLEMS, Class, answers
from traitlets.config import Config

from coursegrader import assignment as assignments
from coursegrader import course, sample
from coursegrader.assignment import grade_id, is_answer
from coursegrader.execution import Run, Verdict, execute
from coursegrader.gradebook import Ledger, ReleaseChanged, register
from coursegrader.grading import WORKERS, Busy, alone, checker_version, is_sound, key
from coursegrader.intake import Submission
from coursegrader.kernel import ROOT
from coursegrader.report import duration, problem_lines

SOLUTIONS = sorted((ROOT / "solutions").glob("*/*.ipynb"))


def mark(room, work, **options):
    """Grade a class without a word."""
    known = {room.assignment.name: room.assignment}
    console = Console(file=io.StringIO(), width=120)
    submitted = room.folder / "submitted"
    return course.mark_class(submitted, known, work, console, timeout=3, **options)


def read_csv(path):
    """Read a table of marks, by student."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("student", GRADED)
def test_points(graded, student):
    row = graded[2][student]
    points = tuple(row.points(exercise) for exercise in row.assignment.exercises[:2])
    assert points == GRADED[student], row.reason or row.problems


@pytest.mark.parametrize("student", NOT_GRADED)
def test_no_mark_without_a_verdict(graded, student):
    row = graded[2][student]
    assert NOT_GRADED[student] in row.reason
    assert row.marks is None and row.total is None
    cells = read_csv(graded[1] / "grades.csv")[student]
    assert cells["total"] == "" and cells["a9-double"] == ""
    assert cells["status"].startswith("not graded: ")


@pytest.mark.parametrize("student", PROBLEMS)
def test_problem_has_a_line(graded, student):
    found = problem_lines(list(graded[2].values()), graded[3])
    own = [line for line in found if line.startswith(f"{student}, a9:")]
    assert any(PROBLEMS[student] in line for line in own), own


def test_everyone_is_in_the_table(graded):
    assert graded[2].keys() == GRADED.keys() | NOT_GRADED.keys()


def test_unremarkable_students_have_no_problems(graded):
    assert graded[2]["Çağla Ünal 北"].problems == []
    assert graded[2]["wrong"].problems == []


def test_written_answer_waits_for_a_person(graded):
    row = graded[2]["Çağla Ünal 北"]
    assert [exercise.id for exercise in row.waiting] == ["a9-words"]
    assert graded[2]["blank"].points(row.assignment.exercises[2]) == 0
    assert row.so_far == 10


def test_table_shows_dash_for_what_is_to_mark(graded):
    console = Console(file=io.StringIO(), width=160)
    _, work, rows, notes, outcome = graded
    course.show(console, list(rows.values()), notes, outcome, work, 1.0)
    text = console.file.getvalue()
    line = next(line for line in text.splitlines() if "Çağla" in line)
    assert "–/2 (to mark)" in line
    assert "so far" in text.split("Çağla")[0]
    assert "make lab" in text and "index.html" in text and "Formgrader" in text


def test_report_breaks_no_entry_and_indents_what_goes_on(graded):
    console = Console(file=io.StringIO(), width=60)
    _, work, rows, notes, outcome = graded
    course.show(console, list(rows.values()), notes, outcome, work, 1.0)
    lines = console.file.getvalue().splitlines()
    assert "1  double   2  total   3  words (marked by hand)" in lines
    at = lines.index("Problems")
    problems = lines[at + 1 : lines.index("", at)]
    assert len(problems) > len(problem_lines(list(rows.values()), notes))
    assert all(re.match(r"  (?!  )\S.*, a9: |    \S", line) for line in problems)
    (command,) = (line for line in lines if line.endswith("jupyter lab"))
    assert command.startswith(f"  cd {shlex.quote(str(work))} && ")
    console = Console(file=io.StringIO(), width=30)
    course.show(console, list(rows.values()), notes, outcome, work, 1.0)
    assert "\n3  words (marked by hand)\n" in console.file.getvalue()


@pytest.mark.parametrize("student", ["endless", "dead", "dead at once"])
def test_stopped_answer_has_one_line(graded, student):
    assert len(graded[2][student].problems) == 1


def test_stop_in_a_cell_of_ones_own_names_the_exercise_above(small_assignment, tmp_path):
    book = tmp_path / "gradebook.db"
    register(book, "a9", nbformat.writes(small_assignment.source))
    notebook = answers(small_assignment)
    at = [grade_id(cell) for cell in notebook.cells].index("a9-double")
    notebook.cells[at + 1].source = "import os\nos._exit(1)"
    verdict = execute(notebook, small_assignment, book, Run(5))
    (line,) = verdict.problems
    assert line.startswith("a9-double: a cell of the student's below it ended the Python")
    assert verdict.scores["a9-double-hidden"] == 2


def test_csv_is_text_to_a_spreadsheet(graded):
    content = (graded[1] / "grades.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(content)))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert not any(cell.startswith(tuple("=+-@")) for row in rows for cell in row)
    assert ['\'=HYPERLINK("x")', "1 d 2 h"] in [[row[0], row[-1]] for row in rows]
    assert content.startswith('"student","assignment","a9-double","a9-total"')


def test_class_folder_is_not_touched(graded):
    folder = graded[0].folder / "submitted"
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert names == {"a9.ipynb", "timestamp.txt"}


def test_gradebook_is_nbgraders(graded):
    with Ledger(graded[1] / "gradebook.db") as ledger:
        submission = ledger.book.find_submission("a9", "wrong")
        assert submission.score == 6
        assert submission.needs_manual_grade
        assert ledger.book.find_submission("a9", "blank").score == 0


def test_second_run_grades_nothing(graded):
    room, work, rows, _, first = graded
    again, _, outcome = mark(room, work)
    assert (first.graded, outcome.graded) == (len(GRADED), 0)
    assert outcome.already == len(GRADED)
    assert [row.so_far for row in again] == [row.so_far for row in rows.values()]


def small_class(folder, assignment, students=("Ana", "Bo")):
    """Make a class of references."""
    room = Class(folder, assignment)
    for student in students:
        room.hand_in(student)
    return room


@pytest.fixture(scope="module")
def pair_once(small_assignment, tmp_path_factory):
    """Grade a class of two, once."""
    room = small_class(tmp_path_factory.mktemp("pair"), small_assignment)
    mark(room, room.folder / "work")
    return room


@pytest.fixture
def pair(pair_once, tmp_path):
    """Give a graded class of two, and its work folder, to change at will."""
    folder = tmp_path / "pair"
    shutil.copytree(pair_once.folder, folder)
    return Class(folder, pair_once.assignment), folder / "work"


def test_marks_by_hand_stay_and_broken_work_loses_its_mark(pair):
    room, work = pair
    with Ledger(work / "gradebook.db") as ledger:
        grade = ledger.book.find_grade("a9-words", "a9", "a9", "Ana")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        ledger.book.db.commit()
    wrong = answers(room.assignment, total="def total(x):\n    return 0")
    room.hand_in("Ana", wrong)
    room.hand_in("Bo", "no longer a notebook")
    (ana, bo), _, outcome = mark(room, work)
    assert (outcome.graded, outcome.already) == (1, 0)
    assert ana.so_far == 5.5
    assert bo.marks is None and "not JSON" in bo.reason
    assert not (work / "autograded" / "Bo" / "a9" / "a9.ipynb").exists()
    (ana, _), _, outcome = mark(room, work, fresh=True)
    assert (outcome.graded, ana.so_far) == (1, 5.5)


def test_student_who_left_is_reported(pair):
    room, work = pair
    shutil.rmtree(room.folder / "submitted" / "Bo")
    (ana,), notes, outcome = mark(room, work)
    assert (outcome.already, ana.so_far) == (1, 10)
    assert any(who == "Bo" and "no longer" in what for who, what in notes)


DRIVER = """
import sys
from pathlib import Path
from rich.console import Console
sys.path[:0] = [sys.argv[3], sys.argv[4]]
from coursegrader import assignment, course, grading
grading.checker_version = lambda: "unchanged"
source, release = (Path(sys.argv[1], n).read_text() for n in ("source", "release"))
known = {"a9": assignment.load("a9", source, release)}
where = Path(sys.argv[2])
try:
    console = Console(width=120)
    course.mark_class(where / "submitted", known, where / "work", console, timeout=3)
except grading.Interrupted as error:
    print(error, flush=True)
    sys.exit(130)
"""


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_run_goes_on(small_assignment, tmp_path, blow):
    names = ("Ana", "Bo", "Cy")
    room = small_class(tmp_path, small_assignment, names)
    (tmp_path / "source").write_text(nbformat.writes(small_assignment.source))
    (tmp_path / "release").write_text(nbformat.writes(small_assignment.release))
    places = [str(path) for path in (tmp_path, tmp_path, ROOT, Path(__file__).parent)]
    run = subprocess.Popen(
        [sys.executable, "-c", DRIVER, *places],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    seen = ""
    while "1 of 3" not in seen:
        seen = run.stdout.readline()
        assert seen, "the run ended before it graded anyone"
    run.send_signal(blow)
    rest = run.stdout.read()
    run.wait(timeout=60)
    run.stdout.close()
    time.sleep(1)
    if blow == signal.SIGINT:
        assert run.returncode == 130
        assert "of 3 graded; run the same command to go on" in rest
    rows, _, outcome = mark(room, tmp_path / "work")
    assert 1 <= outcome.already < 3
    assert outcome.already + outcome.graded == 3
    assert [row.so_far for row in rows] == [10] * 3


def test_half_written_mark_does_not_count(pair):
    room, work = pair
    with Ledger(work / "gradebook.db") as ledger:
        ledger.book.db.connection().exec_driver_sql(
            "DELETE FROM coursegrader_verdict WHERE student = 'Ana'"
        )
        ledger.book.find_grade("a9-double-visible", "a9", "a9", "Ana").auto_score = 0
        ledger.book.db.commit()
    (ana, bo), _, outcome = mark(room, work)
    assert (outcome.graded, outcome.already) == (1, 1)
    assert ana.so_far == bo.so_far == 10


def test_grader_that_fails_gives_no_mark_and_leaves_none(pair, monkeypatch):
    room, work = pair
    monkeypatch.setattr("coursegrader.execution.sys.executable", shutil.which("false"))
    rows, _, outcome = mark(room, work, fresh=True)
    assert len(outcome.failures) == 2
    assert all(row.marks is None and "autograder failed" in row.reason for row in rows)
    assert not list((work / "autograded").rglob("*.ipynb"))


def test_failure_after_the_cells_costs_no_answer(small_assignment, tmp_path):
    # nbgrader refuses more points than a cell has when every cell has run.
    double = "check.close = lambda *a, **k: 99\ndef double(x):\n    return 2 * x"
    notebook = answers(small_assignment, double=double)
    book = tmp_path / "gradebook.db"
    register(book, "a9", nbformat.writes(small_assignment.source))
    verdict = execute(notebook, small_assignment, book, Run(5))
    assert verdict.scores is None and verdict.problems == []
    assert "autograder failed" in verdict.reason


@pytest.mark.parametrize("cells, said", [("1 2 3 4 5", "done"), ("1 1 1 1 1", "")])
def test_only_a_child_that_stands_still_is_ended(tmp_path, monkeypatch, cells, said):
    child = tmp_path / "python"
    loop = f'for n in {cells}; do echo $n >"$3/running"; sleep 0.4; done'
    child.write_text(f"#!/bin/sh\n{loop}\necho done >&2\n")
    child.chmod(0o755)
    monkeypatch.setattr("coursegrader.execution.sys.executable", str(child))
    assert Run(1, deadline=0.6).start(tmp_path) == (said and f"{said}\n", b"")


SOUND = {
    "a9-double-visible": 2,
    "a9-double-hidden": 2.0,
    "a9-total-visible": 1.5,
    "a9-total-hidden": 0,
    "a9-words": None,
}
EMPTY = nbformat.writes(nbformat.v4.new_notebook())


@pytest.mark.parametrize(
    "forged",
    [
        {"scores": SOUND | {"a9-double-hidden": 100}},
        {"scores": SOUND | {"a9-double-hidden": -1}},
        {"scores": SOUND | {"a9-double-hidden": float("nan")}},
        {"scores": SOUND | {"a9-double-hidden": None}},
        {"scores": SOUND | {"a9-double-hidden": "2"}},
        {"scores": SOUND | {"a9-double-hidden": True}},
        {"scores": SOUND | {"a9-words": 2}},
        {"scores": SOUND | {"a9-triple": 1}},
        {"scores": {"a9-double-visible": 2}},
        {"scores": [2, 2]},
        {"comments": {"a9-words": 3}},
        {"comments": "well done"},
        {"notebook": "{}"},
        {"notebook": 7},
    ],
)
def test_impossible_verdict_is_not_sound(small_assignment, forged):
    honest = Verdict(SOUND, {}, EMPTY)
    judge = lambda verdict: is_sound(verdict, small_assignment, answers(small_assignment))
    assert judge(honest)
    assert not judge(dataclasses.replace(honest, **forged))


def test_blank_written_answer_scores_nothing(small_assignment):
    scores = SOUND | {"a9-words": 0}
    verdict = Verdict(scores, {}, EMPTY)
    assert is_sound(verdict, small_assignment, small_assignment.release)
    assert not is_sound(verdict, small_assignment, answers(small_assignment))


def test_damaged_verdict_is_no_mark_and_stops_nobody(pair, monkeypatch):
    room, work = pair
    honest, damaged = Verdict(SOUND, {}, EMPTY), Verdict({"a9-double-visible": 99})
    wrong = answers(room.assignment, double="def double(x):\n    return 7")
    room.hand_in("Ana", wrong)
    judge = lambda notebook, *_: damaged if "return 7" in str(notebook) else honest
    monkeypatch.setattr("coursegrader.grading.execute", judge)
    (ana, bo), _, outcome = mark(room, work, fresh=True)
    assert ana.status == "not graded: the grader's verdict is damaged"
    assert ana.marks is None and outcome.failures.keys() == {("a9", "Ana")}
    assert (outcome.graded, bo.so_far) == (1, 5.5)


def test_mark_that_cannot_be_recorded_stops_nobody(pair, monkeypatch):
    room, work = pair
    honest = Verdict(SOUND, {}, EMPTY)
    monkeypatch.setattr("coursegrader.grading.execute", lambda *_: honest)

    def failing_for_ana(method):
        def fail(ledger, assignment, student, *rest):
            if student == "Ana":
                # What a session refuses to write blocks it until it is rolled back.
                ledger.book.db.add(Student(first_name="nobody"))
                ledger.book.db.flush()
            return method(ledger, assignment, student, *rest)

        return fail

    for broken in (["record", "withdraw"], ["set_late"]):
        with monkeypatch.context() as patch:
            for name in broken:
                patch.setattr(Ledger, name, failing_for_ana(getattr(Ledger, name)))
            (ana, bo), _, outcome = mark(room, work, fresh=True)
        assert ana.reason.startswith("the grader failed: ")
        assert ("could not be withdrawn" in ana.reason) == ("withdraw" in broken)
        assert ana.marks is None and (outcome.graded, bo.so_far) == (1, 5.5)
    (ana, bo), _, outcome = mark(room, work)
    assert (outcome.graded, outcome.already, ana.so_far) == (1, 1, 5.5)


def test_verdict_left_in_the_job_folder_is_not_read(small_assignment, tmp_path):
    forged = json.dumps({"scores": SOUND, "comments": {}, "notebook": EMPTY})
    double = f"open('../../../verdict.json', 'w').write({forged!r})\n"
    double += "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
    book = tmp_path / "gradebook.db"
    register(book, "a9", nbformat.writes(small_assignment.source))
    notebook = answers(small_assignment, double=double)
    verdict = execute(notebook, small_assignment, book, Run(5))
    assert verdict.scores != SOUND


def test_changed_points_are_graded_again(pair, tmp_path):
    room, work = pair
    text = nbformat.writes(room.assignment.source).replace("-7.0", "-8.0")
    release = register(tmp_path / "new.db", "a9", text)
    room.assignment = assignments.load("a9", text, release)
    (ana, bo), _, outcome = mark(room, work)
    assert (outcome.graded, ana.so_far, bo.so_far) == (2, 8, 8)


def test_assignment_with_other_cells_is_refused(pair, tmp_path):
    room, work = pair
    text = nbformat.writes(room.assignment.source).replace("total-hidden", "sum-hidden")
    release = register(tmp_path / "new.db", "a9", text)
    room.assignment = assignments.load("a9", text, release)
    with pytest.raises(ReleaseChanged, match="gained or lost"):
        mark(room, work)


def test_late_policy_of_nbgrader_applies(pair):
    room, work = pair
    room.hand_in("Ana", timestamp="2026-03-03 00:00 UTC")
    (room.folder / "class.toml").write_text('[due]\na9 = "2026-03-02 23:00 UTC"\n')
    (ana, _), _, outcome = mark(room, work)
    assert (outcome.already, ana.late) == (2, "1 h")
    strict = Config()
    strict.LateSubmissionPlugin.penalty_method = "zero"
    with Ledger(work / "gradebook.db", strict) as ledger:
        when = ledger.book.find_submission("a9", "Ana").timestamp
        ledger.set_late("a9", "Ana", when)
        assert ledger.read("a9", "Ana").penalty == 10
        assert ledger.read("a9", "Ana").seconds_late == 3600
    (room.folder / "class.toml").unlink()
    (ana, _), _, outcome = mark(room, work)
    assert (outcome.already, ana.late) == (2, "")


def test_checker_version_follows_the_checks(tmp_path, monkeypatch):
    monkeypatch.setattr("coursegrader.grading.ROOT", tmp_path)
    (tmp_path / "coursecore").mkdir()
    place = tmp_path / "coursecore" / "check.py"
    place.write_text("tolerance = 1e-6")
    first = checker_version()
    assert checker_version() == first
    place.write_text("tolerance = 1e-5")
    assert checker_version() != first


def test_more_time_is_reason_to_grade_again(small_assignment):
    known = lambda run: key(Submission("Ana", "a9"), small_assignment, "checker", run)
    assert known(Run(30)) == known(Run(30)) != known(Run(60))


def test_damaged_gradebook_is_an_error_in_words(tmp_path, monkeypatch, pair):
    known = {"a9": pair[0].assignment}
    monkeypatch.setattr(course, "load_assignments", lambda root, say: known)
    work = tmp_path / "build" / "course" / course.class_name(pair[0].folder)
    work.mkdir(parents=True)
    (work / "gradebook.db").write_text("not a database " * 100)
    code, said = run_course(pair[0].folder, tmp_path)
    assert code == 1 and said.startswith("Grading failed: The gradebook")
    assert "not a database" in said and "by hand" in said


def test_two_runs_do_not_meet(tmp_path):
    with alone(tmp_path), pytest.raises(Busy, match="Another run"), alone(tmp_path):
        pass
    with alone(tmp_path):
        assert (tmp_path / ".lock").exists()


def run_course(folder, root, **options):
    """Run the command on a course of one's own; return its code and what it said."""
    console = Console(file=io.StringIO(), width=500)
    code = course.run(folder, root=root, console=console, **options)
    return code, console.file.getvalue()


def test_unusable_class_is_explained(tmp_path, monkeypatch, small_assignment):
    known = {"a9": small_assignment}
    monkeypatch.setattr(course, "load_assignments", lambda root, say: known)
    code, said = run_course(tmp_path / "nowhere", tmp_path)
    assert code == 2 and "There is no folder" in said
    (tmp_path / "photos" / "summer").mkdir(parents=True)
    code, said = run_course(tmp_path / "photos", tmp_path)
    assert code == 2 and "does not look like a class" in said
    (tmp_path / "submitted" / "Ana" / "b1").mkdir(parents=True)
    code, said = run_course(tmp_path, tmp_path)
    assert code == 2 and "none for an assignment of" in said


def test_empty_class_is_refused_in_words(tmp_path):
    command = [sys.executable, "-m", "coursegrader", "course", ""]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout.startswith("CLASS is empty. Give the folder")


def test_exit_code_says_whether_the_grader_failed(tmp_path, monkeypatch, small_assignment):
    known = {"a9": small_assignment}
    monkeypatch.setattr(course, "load_assignments", lambda root, say: known)
    room = small_class(tmp_path / "class", small_assignment)
    room.hand_in("Bo", "no notebook")
    fail = lambda *_: Verdict(reason="the autograder failed")
    monkeypatch.setattr("coursegrader.grading.execute", fail)
    code, said = run_course(room.folder, tmp_path)
    assert code == 1
    assert said.endswith("The grader failed for Ana (a9); why stands under Problems.\n")
    room.hand_in("Ana", "no notebook")
    code, said = run_course(room.folder, tmp_path)
    assert code == 0 and "The grader failed" not in said


def test_own_folder_end_to_end(tmp_path, monkeypatch, small_assignment):
    known = {"a9": small_assignment}
    monkeypatch.setattr(course, "load_assignments", lambda root, say: known)
    room = small_class(tmp_path / "my class", small_assignment, ["Bo"])
    code, said = run_course(room.folder, tmp_path)
    assert code == 0 and "1 graded, 0 already graded" in said
    (room.folder / "class.toml").write_text('[due]\na9 = "2026-03-02 23:00 UTC"\n')
    room.hand_in("Bo", timestamp="2026-03-03 00:00 UTC")
    monkeypatch.chdir(room.folder / "submitted")
    code, said = run_course(".", tmp_path)
    assert code == 0 and "0 graded, 1 already graded" in said
    assert "late by 1 h" in said
    place = next((tmp_path / "build" / "course").glob("my-class-*"))
    cells = read_csv(place / "grades.csv")["Bo"]
    assert (cells["so_far"], cells["total"], cells["max"]) == ("10", "", "12")
    assert (place / "feedback" / "Bo" / "a9.html").is_file()


def test_duration_in_words():
    words = [duration(seconds) for seconds in (59, 60, 7860, 94200, 0.4)]
    assert words == ["59 s", "1 min", "2 h 11 min", "1 d 2 h", "less than 1 s"]


def test_there_is_an_assignment():
    assert SOLUTIONS, "no solutions/aN/aN.ipynb: run make notebooks"


@pytest.fixture(scope="module")
def course_verdicts(tmp_path_factory):
    """Grade, for each assignment of the course, the blank release and the reference."""
    found = {}
    for path in SOLUTIONS:
        book = tmp_path_factory.mktemp(path.stem) / "gradebook.db"
        source = path.read_text(encoding="utf-8")
        release = register(book, path.stem, source)
        assignment = assignments.load(path.stem, source, release)
        solved = sample.hand_in(assignment, {}, {})
        pair = (assignment.release, solved)
        judge = lambda notebook, *known: execute(notebook, *known, Run(60))
        with ThreadPoolExecutor(WORKERS) as pool:
            jobs = [pool.submit(judge, each, assignment, book) for each in pair]
        found[path.stem] = (assignment, [job.result() for job in jobs])
    return found


@pytest.mark.parametrize("name", [path.stem for path in SOLUTIONS])
def test_blank_release_scores_nothing(course_verdicts, name):
    assignment, (blank, _) = course_verdicts[name]
    assert blank.problems == [] and blank.scores
    assert set(blank.scores.values()) == {0}
    assert blank.scores.keys() == {p.id for e in assignment.exercises for p in e.parts}


@pytest.mark.parametrize("name", [path.stem for path in SOLUTIONS])
def test_reference_scores_full_marks(course_verdicts, name):
    assignment, (_, solved) = course_verdicts[name]
    parts = [part for exercise in assignment.exercises for part in exercise.parts]
    expected = {part.id: None if part.manual else part.points for part in parts}
    assert solved.scores == expected, solved.reason or solved.problems


def write_roster(folder, text, bank=""):
    """Write a list of students and a bank of one exercise."""
    folder.mkdir(exist_ok=True)
    (folder / "class.toml").write_text('due = "2026-03-02 23:59 UTC"\n' + text)
    (folder / "a9-double.py").write_text(bank)
    return folder


def test_sample_class_is_the_same_each_time(small_assignment, tmp_path):
    bank = "# %% wrong: squares | square\ndef double(x):\n    return x * x\n"
    text = '[[student]]\nid = "Zoë"\nanswers = {a9-double = "squares"}\n'
    for damage in sample.DAMAGES:
        text += f'[[student]]\nid = "{damage}"\ndamage = "{damage}"\n'
    text += '[[student]]\nid = "Bo"\nblank = true\nsubmitted = "2026-03-03 01:00 UTC"\n'
    folder = write_roster(tmp_path / "bank", text, bank)
    sample.write_class(tmp_path / "one", [(small_assignment, folder)])
    sample.write_class(tmp_path / "two", [(small_assignment, folder)])
    one, two = (
        {p.relative_to(top): p.read_bytes() for p in top.rglob("*") if p.is_file()}
        for top in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert len(one) == len(sample.DAMAGES) + 3
    place = tmp_path / "one" / "submitted" / "Zoë" / "a9" / "a9.ipynb"
    zoe = json.loads(place.read_text(encoding="utf-8"))
    assert "".join(zoe["cells"][3]["source"]).endswith("return x * x")


@pytest.mark.parametrize("name", [path.stem for path in SOLUTIONS])
def test_rosters_of_the_course_can_be_made(tmp_path, course_verdicts, name):
    bank = ROOT / "banks" / name
    sample.write_class(tmp_path, [(course_verdicts[name][0], bank)])
    assert len(list((tmp_path / "submitted").iterdir())) >= 12


def test_roster_that_asks_for_nothing_known_is_refused(small_assignment, tmp_path):
    for line, word in [
        ('answers = {a9-double = "cubes"}', "cubes"),
        ('answers = {a9-triple = "cubes"}', "a9-triple"),
        ('damage = "fire"', "fire"),
        ("height = 180", "height"),
    ]:
        text = f'[[student]]\nid = "Zoë"\n{line}\n'
        folder = write_roster(tmp_path / "bank", text)
        with pytest.raises(sample.DamagedRoster, match=word):
            sample.write_class(tmp_path / "class", [(small_assignment, folder)])


def test_verdict_without_scores_is_no_mark(small_assignment):
    run = Run(5)
    run.stop()
    verdict = execute(answers(small_assignment), small_assignment, Path(os.devnull), run)
    assert verdict == Verdict(reason="interrupted")


def test_answer_cells_are_the_students(small_assignment):
    own = [grade_id(cell) for cell in small_assignment.source.cells if is_answer(cell)]
    assert own == ["a9-double", "a9-total", "a9-words"]
