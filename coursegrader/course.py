"""The main job: from a class's notebooks to marks, feedback and a table."""

import hashlib
import os
import re
import shlex
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import nbformat
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from coursegrader import assignment as assignments
from coursegrader import sample
from coursegrader.assignment import Assignment
from coursegrader.banks import DamagedBank
from coursegrader.execution import Run
from coursegrader.feedback import write_feedback
from coursegrader.files import write
from coursegrader.gradebook import COURSE, Ledger, register
from coursegrader.grading import Interrupted, Outcome, alone, grade
from coursegrader.intake import (
    Submission,
    UnusableClass,
    find_submitted,
    read_due,
    scan,
)
from coursegrader.kernel import ROOT
from coursegrader.report import Row, legend, problem_lines, rows, table, write_csv

CONFIG = f"""\
# Settings with which nbgrader opens this class.
c = get_config()
c.CourseDirectory.course_id = "{COURSE}"
"""


def load_assignments(
    root: Path, say: Callable[[str], None] = print
) -> dict[str, Assignment]:
    """Read every assignment; renew its student release if it is not the source's."""
    from coursegrader.release import release

    found = {}
    for path in sorted((root / "solutions").glob("*/*.ipynb")):
        name = path.stem
        if path.parent.name != name:
            continue
        text = release(path, name)
        place = root / "assignments" / name / path.name
        if write(place, text):
            say(f"Student release written: {place.relative_to(root)}")
        found[name] = assignments.load(name, path.read_text(encoding="utf-8"), text)
    if not found:
        raise UnusableClass(
            f"There is no assignment in {root / 'solutions'}. Build them: make notebooks."
        )
    return found


def run(
    folder: Path | str | None = None,
    *,
    fresh: bool = False,
    timeout: int = 30,
    root: Path = ROOT,
    console: Console | None = None,
) -> int:
    """Grade a class, or the sample class, and print its marks; return an exit code.

    It is 0 if every submission has a mark or lacks it for a reason of its own, 1 if
    the grader failed for any, 2 if there is no class to grade, 130 if interrupted.
    """
    console = console or make_console()
    start = time.monotonic()
    try:
        if folder == "":
            raise UnusableClass(
                "CLASS is empty. Give the folder that contains submitted/, or leave "
                "CLASS out to grade the sample class."
            )
        known = load_assignments(root, console.print)
        if folder is None:
            folder, name = root / "build" / "sample-class", "sample"
            sample.write_class(folder, find_rosters(root, known))
        else:
            # "." has neither a name nor a parent that could hold class.toml.
            folder = Path(os.path.abspath(Path(folder).expanduser()))
            name = ""
        submitted = find_submitted(folder, known)
        work = root / "build" / "course" / (name or class_name(submitted))
        with alone(work):
            found, notes, outcome = mark_class(
                submitted, known, work, console, fresh=fresh, timeout=timeout
            )
    except (UnusableClass, sample.DamagedRoster, DamagedBank) as error:
        console.print(str(error), style="red", markup=False)
        return 2
    except Interrupted as error:
        console.print(str(error), markup=False)
        return 130
    except (RuntimeError, ValueError, OSError, SQLAlchemyError) as error:
        console.print(f"Grading failed: {error}", style="red", markup=False)
        return 1
    show(console, found, notes, outcome, work, time.monotonic() - start)
    return 1 if outcome.failures else 0


def make_console() -> Console:
    """Return a console that wraps no table when its output goes to a file."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=120)


def find_rosters(
    root: Path, known: Mapping[str, Assignment]
) -> list[tuple[Assignment, Path]]:
    """Find the assignments that the sample class hands in, and their banks."""
    banks = [(assignment, root / "banks" / name) for name, assignment in known.items()]
    found = [pair for pair in banks if (pair[1] / "class.toml").is_file()]
    if not found:
        raise UnusableClass(
            "There is no banks/aN/class.toml, so no sample class can be made. "
            "Grade a class of your own: make course CLASS=path."
        )
    return found


def class_name(submitted: Path) -> str:
    """Name a class's work folder after its folder, unlike any other folder's."""
    folder = submitted.resolve()
    folder = folder.parent if folder.name == "submitted" else folder
    plain = re.sub(r"[^A-Za-z0-9]+", "-", folder.name).strip("-") or "class"
    return f"{plain}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def mark_class(
    submitted: Path,
    known: Mapping[str, Assignment],
    work: Path,
    console: Console,
    *,
    fresh: bool = False,
    timeout: int = 30,
) -> tuple[list[Row], list[tuple[str, str]], Outcome]:
    """Grade a class into its work folder: gradebook, grades.csv and feedback pages."""
    work.mkdir(parents=True, exist_ok=True)
    due = read_due(submitted, known)
    submissions, notes = scan(submitted, known)
    if not submissions:
        name = next(iter(known))
        raise UnusableClass(
            f"{submitted} holds students' folders but none for an assignment of this "
            f"course ({', '.join(known)}). Expected <student>/{name}/{name}.ipynb, for "
            "example."
        )
    used = {
        name: known[name]
        for name in known
        if any(s.assignment == name for s in submissions)
    }
    for name, assignment in used.items():
        enter(work, name, assignment)
    write(work / "nbgrader_config.py", CONFIG)
    with Ledger(work / "gradebook.db", late_policy()) as ledger:
        for name in used:
            ledger.set_due(name, due.get(name))
        gone = ledger.keys().keys() - {(s.assignment, s.student) for s in submissions}
        for name, student in sorted(gone):
            notes.append((student, f"was graded before for {name} and is no longer in "
                          "the class folder: left out"))  # fmt: skip
        with progress(console) as (begin, advance):
            outcome = grade(
                work,
                ledger,
                used,
                submissions,
                Run(timeout),
                fresh=fresh,
                begin=begin,
                advance=advance,
            )
        found = rows(ledger, used, submissions, outcome.failures)
    write_csv(work / "grades.csv", found)
    write_feedback(work / "feedback", work, found)
    return found, notes, outcome


def enter(work: Path, name: str, assignment: Assignment) -> None:
    """Enter an assignment into the class's gradebook, unless it is there unchanged."""
    source = nbformat.writes(assignment.source)
    path = work / "source" / name / f"{name}.ipynb"
    book = work / "gradebook.db"
    known = book.is_file() and path.is_file()
    if known and path.read_text(encoding="utf-8") == source:
        return
    release = register(book, name, source)
    for folder, text in (("release", release), ("source", source)):
        write(work / folder / name / f"{name}.ipynb", text)


def late_policy() -> Config:
    """Read the course's own nbgrader settings, for its policy on late submissions."""
    settings = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    kept = ("AssignLatePenalties", "LateSubmissionPlugin")
    return Config({name: settings[name] for name in kept if name in settings})


@contextmanager
def progress(console: Console) -> Iterator[tuple[Callable, Callable]]:
    """Show how grading gets on: a bar on a terminal, else a line for each one."""
    if not console.is_terminal:
        state = {"done": 0, "total": 0}

        def begin(done: int, total: int) -> None:
            state.update(done=done, total=total)

        def advance(submission: Submission) -> None:
            state["done"] += 1
            line = f"{state['done']} of {state['total']}: {submission.student}"
            console.print(f"{line}, {submission.assignment}", markup=False)

        yield begin, advance
        return
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[student]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, student="", rate="")
        started = time.monotonic()
        count = [0]

        def begin(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        def advance(submission: Submission) -> None:
            count[0] += 1
            rate = 60 * count[0] / (time.monotonic() - started)
            words = f"{rate:.0f} a minute"
            bar.update(task, advance=1, student=submission.student, rate=words)

        yield begin, advance


def show(
    console: Console,
    found: list[Row],
    notes: list[tuple[str, str]],
    outcome: Outcome,
    work: Path,
    seconds: float,
) -> None:
    """Print the marks, the problems, and where everything is."""
    names = dict.fromkeys(row.assignment.name for row in found)
    for name in names:
        own = [row for row in found if row.assignment.name == name]
        console.print(table(own[0].assignment, own))
        # A space that does not break keeps each entry in one piece.
        entries = [line.replace(" ", "\xa0") for line in legend(own[0].assignment)]
        for line in textwrap.wrap("   ".join(entries), console.width):
            console.print(line.replace("\xa0", " "), style="dim", markup=False)
        console.print()
    problems = problem_lines(found, notes)
    if problems:
        console.print("Problems", style="bold")
        for line in problems:
            console.print(hang(line, console.width), markup=False)
        console.print()
    missing = sum(row.marks is None for row in found)
    counts = [f"{outcome.graded} graded", f"{outcome.already} already graded"]
    counts += [f"{missing} not graded"] if missing else []
    console.print(f"{', '.join(counts)}, in {seconds:.0f} s.")
    for label, path in (
        ("Feedback", work / "feedback" / "index.html"),
        ("Marks", work / "grades.csv"),
        ("Gradebook", work / "gradebook.db"),
    ):
        console.print(f"{label:<10} {shown(path)}", soft_wrap=True, markup=False)
    # The one beside this Python: with conda there is no .venv.
    jupyter = shlex.quote(str(Path(sys.executable).with_name("jupyter")))
    command = f"cd {shlex.quote(str(shown(work)))} && {jupyter} lab"
    for line in (
        "To mark written answers, choose Nbgrader, Formgrader in the menu of",
        f"  {command}",
        "and run this command again afterwards.",
        "To open the lectures: make lab",
    ):
        console.print(line, soft_wrap=True, markup=False)
    if outcome.failures:
        failed = ", ".join(f"{who} ({name})" for name, who in sorted(outcome.failures))
        closing = f"The grader failed for {failed}; why stands under Problems."
        console.print(closing, style="red", soft_wrap=True, markup=False)


def hang(line: str, width: int) -> str:
    """Break a line so that what goes on is indented further than where it begins."""
    return textwrap.fill(
        line,
        width,
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def shown(path: Path) -> Path:
    """Return a path relative to the current folder where it lies inside."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
