"""Grade a class: what is to do, done side by side, recorded one by one.

What is to do is a difference of sets: the keys of what was handed in, without the keys
of what was graded. So a run that was interrupted goes on where it stopped, and one that
is repeated has nothing to do.
"""

import contextlib
import fcntl
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursegrader.assignment import Assignment, grade_id
from coursegrader.execution import Run, Verdict, execute
from coursegrader.files import write
from coursegrader.gradebook import Ledger, register
from coursegrader.intake import Submission
from coursegrader.kernel import ROOT

WORKERS = 2
# The modules through which an answer passes on its way to a mark.
DECIDING = ("assignment", "intake", "repair", "execution", "kernel")


class Busy(RuntimeError):
    """Another run is grading this class."""


class Interrupted(RuntimeError):
    """The run was interrupted; what was graded stands."""


@dataclass
class Outcome:
    """What a run did: how many it graded, and why it could not grade the others."""

    graded: int = 0
    already: int = 0
    failures: dict[tuple[str, str], str] = field(default_factory=dict)


def checker_version() -> str:
    """Return a digest of the code that decides marks, besides the assignment."""
    versions = [f"{name} {version(name)}" for name in ("nbgrader", "numpy")]
    digest = hashlib.sha256("\n".join(versions).encode())
    own = [Path(__file__).with_name(f"{name}.py") for name in DECIDING]
    for path in [*sorted((ROOT / "coursecore").rglob("*.py")), *own]:
        digest.update(f"{path.parent.name}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()


def key(submission: Submission, assignment: Assignment, checker: str, run: Run) -> str:
    """Return the name of exactly this answer, marked by exactly these checks."""
    parts = (assignment.name, submission.student, submission.digest)
    content = "\n".join((*parts, assignment.digest, checker, str(run.timeout)))
    return hashlib.sha256(content.encode()).hexdigest()


@contextlib.contextmanager
def alone(work: Path) -> Iterator[None]:
    """Hold a class's work folder, so that no second run writes into it."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(
                f"Another run is grading this class in {work}. Wait until it ends."
            ) from None
        yield


def grade(
    work: Path,
    ledger: Ledger,
    assignments: Mapping[str, Assignment],
    submissions: list[Submission],
    run: Run,
    *,
    fresh: bool = False,
    advance: Callable[[Submission], None] = lambda submission: None,
    begin: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """Grade every submission that has no verdict yet; record each as it is done."""
    outcome, checker, known = Outcome(), checker_version(), ledger.keys()
    to_do: dict[tuple[str, str], str] = {}
    for submission in submissions:
        name, student = submission.assignment, submission.student
        if submission.notebook is None:
            ledger.withdraw(name, student)
            remove(place(work, "autograded", submission))
            continue
        wanted = key(submission, assignments[name], checker, run)
        if known.get((name, student)) == wanted and not fresh:
            outcome.already += 1
            ledger.set_late(name, student, submission.timestamp)
        else:
            to_do[name, student] = wanted
    queue = [s for s in submissions if (s.assignment, s.student) in to_do]
    total = outcome.already + len(queue)
    begin(outcome.already, total)
    gradebooks = pristine(work, assignments)
    pending: dict[Future[Verdict], Submission] = {}
    pool = ThreadPoolExecutor(WORKERS)
    try:
        for submission in queue:
            name = submission.assignment
            book = gradebooks[name]
            job = (submission.notebook, assignments[name], book, run)
            pending[pool.submit(execute, *job)] = submission
        while pending:
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                submission = pending.pop(future)
                where = (submission.assignment, submission.student)
                assignment, wanted = assignments[where[0]], to_do[where]
                reason = settle(work, ledger, submission, assignment, wanted, future)
                if reason:
                    outcome.failures[where] = reason
                else:
                    outcome.graded += 1
                advance(submission)
    except KeyboardInterrupt:
        done = outcome.already + outcome.graded
        raise Interrupted(
            f"Interrupted: {done} of {total} graded; run the same command to go on."
        ) from None
    finally:
        run.stop()
        pool.shutdown(wait=True, cancel_futures=True)
    return outcome


def settle(
    work: Path,
    ledger: Ledger,
    submission: Submission,
    assignment: Assignment,
    wanted: str,
    future: Future[Verdict],
) -> str:
    """Record a verdict, or return why there is none.

    One submission's trouble, whatever it is, must not end the others' run.
    """
    name, student = submission.assignment, submission.student
    try:
        verdict = future.result()
        reason = verdict.reason
        if verdict.scores is not None:
            if is_sound(verdict, assignment, submission.notebook):
                keep(work, submission, verdict)
                ledger.record(name, student, wanted, verdict, submission.timestamp)
                return ""
            reason = "the grader's verdict is damaged"
    except Exception as error:
        ledger.roll_back()
        reason = f"the grader failed: {in_a_line(error)}"
    try:
        ledger.withdraw(name, student)
        remove(place(work, "autograded", submission))
    except Exception as error:
        ledger.roll_back()
        reason += f"; and its earlier marks could not be withdrawn: {in_a_line(error)}"
    return reason


def in_a_line(error: Exception) -> str:
    """Say what went wrong in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def is_sound(verdict: Verdict, assignment: Assignment, notebook: NotebookNode) -> bool:
    """Say whether a verdict is one that this assignment and this answer can have.

    It comes from a process that ran a student's code, so it is taken at no word.
    """
    parts = {part.id: part for e in assignment.exercises for part in e.parts}
    if not isinstance(verdict.scores, dict) or verdict.scores.keys() != parts.keys():
        return False
    given = {grade_id(cell): cell.source for cell in notebook.cells}
    blank = {grade_id(cell): cell.source for cell in assignment.release.cells}
    for name, score in verdict.scores.items():
        if parts[name].manual and given[name] != blank[name]:
            possible = score is None
        else:
            number = type(score) in (int, float) and math.isfinite(score)
            possible = number and 0 <= score <= parts[name].points
        if not possible:
            return False
    notes = verdict.comments
    if not isinstance(notes, dict) or not all(
        isinstance(note, str | None) for note in notes.values()
    ):
        return False
    try:
        nbformat.validate(nbformat.reads(verdict.notebook, as_version=4))
    except Exception:
        # What is no notebook fails to be one in any way.
        return False
    return True


def keep(work: Path, submission: Submission, verdict: Verdict) -> None:
    """Keep the answer and its graded notebook where nbgrader expects them."""
    submitted = nbformat.writes(submission.notebook)
    for folder, text in (("submitted", submitted), ("autograded", verdict.notebook)):
        write(place(work, folder, submission), text)


def place(work: Path, folder: str, submission: Submission) -> Path:
    """Return where nbgrader expects a notebook of this submission."""
    name = submission.assignment
    return work / folder / submission.student / name / f"{name}.ipynb"


def remove(path: Path) -> None:
    """Remove a notebook that no longer stands for anything."""
    path.unlink(missing_ok=True)


def pristine(work: Path, assignments: Mapping[str, Assignment]) -> dict[str, Path]:
    """Make a gradebook for each assignment that knows it and no student."""
    folder = work / "pristine"
    folder.mkdir(exist_ok=True)
    books = {}
    for name, assignment in assignments.items():
        book = folder / f"{name}-{assignment.digest[:16]}.db"
        if not book.exists():
            for old in folder.glob(f"{name}-*.db"):
                old.unlink()
            made = book.with_suffix(".new")
            made.unlink(missing_ok=True)
            register(made, name, nbformat.writes(assignment.source))
            made.rename(book)
        books[name] = book
    return books
