"""Keep a class's marks in nbgrader's own gradebook, and what exactly was graded.

One table is added to nbgrader's: for every submission graded, the key of what was
graded (answer, release, checker) and the problems met. A mark counts only while that
row stands, and it is written last, so a run that is killed leaves no half mark.
"""

import functools
import json
import logging
import os
import sqlite3
import tempfile
import warnings
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import text
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from coursegrader.execution import Verdict, search_path

COURSE = "coursecore"
LEDGER = """
CREATE TABLE IF NOT EXISTS coursegrader_verdict (
    assignment TEXT NOT NULL, student TEXT NOT NULL, key TEXT NOT NULL,
    problems TEXT NOT NULL, PRIMARY KEY (assignment, student))
"""
INSERT = "INSERT INTO coursegrader_verdict VALUES (:assignment, :student, :key, :problems)"
DELETE = (
    "DELETE FROM coursegrader_verdict WHERE assignment = :assignment AND student = :student"
)


class ReleaseChanged(RuntimeError):
    """The assignment has other cells than when the class was first graded."""


class DamagedGradebook(RuntimeError):
    """The file of the class's gradebook is not a database."""


@dataclass(frozen=True)
class Mark:
    """What the gradebook says about one graded cell."""

    auto: float | None
    manual: float | None
    extra: float

    @property
    def points(self) -> float | None:
        """Return the points earned, or None while a person still has to mark it."""
        given = self.auto if self.manual is None else self.manual
        return None if given is None else given + self.extra


@dataclass(frozen=True)
class Marks:
    """Everything the gradebook holds for one submission."""

    parts: dict[str, Mark]
    comments: dict[str, str]
    penalty: float
    seconds_late: float
    problems: list[str]


def register(path: Path, name: str, source: str) -> str:
    """Enter an assignment into a gradebook and return the release nbgrader makes."""
    if not path.exists():
        new = path.with_name(f"{path.name}.empty")
        new.write_bytes(empty_gradebook())
        new.replace(path)
    refuse_damaged(path)
    with tempfile.TemporaryDirectory(prefix="coursegrader-") as folder:
        root = Path(folder).resolve()
        (root / "source" / name).mkdir(parents=True)
        (root / "source" / name / f"{name}.ipynb").write_text(source, encoding="utf-8")
        config = Config()
        config.CourseDirectory.root = str(root)
        config.CourseDirectory.db_url = address(path)
        config.CourseDirectory.course_id = COURSE
        config.CourseDirectory.assignment_id = name
        converter = GenerateAssignment(
            coursedir=CourseDirectory(config=config), config=config
        )
        heard = Heard()
        converter.log = heard.logger
        try:
            converter.start()
        except NbGraderException as error:
            if "associated with it" in (said := heard.text() + str(error)):
                raise ReleaseChanged(
                    f"Assignment {name} has gained or lost graded cells since this "
                    f"class was graded, so its marks no longer fit. Move {path.parent} "
                    "away and run again; marks given by hand stay in its gradebook.db."
                ) from None
            raise RuntimeError(f"nbgrader cannot release {name}: {said[-800:]}") from None
        release = root / "release" / name / f"{name}.ipynb"
        return release.read_text(encoding="utf-8")


@functools.cache
def empty_gradebook() -> bytes:
    """Return a new gradebook's file; to make one, nbgrader starts a slow program."""
    os.environ["PATH"] = search_path()
    with tempfile.TemporaryDirectory(prefix="coursegrader-") as folder:
        path = Path(folder) / "gradebook.db"
        Gradebook(address(path), COURSE).close()
        return path.read_bytes()


class Heard(logging.Handler):
    """Keep what nbgrader logs instead of printing it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []
        self.logger = logging.Logger("nbgrader")
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        self.messages.append(record.getMessage())

    def text(self) -> str:
        """Return everything heard."""
        return "\n".join(self.messages)


def refuse_damaged(path: Path) -> None:
    """Refuse a file that is no database; nbgrader would fail and leave it open."""
    with closing(sqlite3.connect(path)) as database:
        try:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise DamagedGradebook(
                f"The gradebook {path} cannot be read: {error}. Put a copy that is whole "
                "in its place, or move it away to grade the class anew; marks given by "
                "hand are in it alone."
            ) from None


def address(path: Path) -> str:
    """Return the address under which SQLAlchemy finds a gradebook."""
    return f"sqlite:///{path}"


class Ledger:
    """The class's gradebook, with a single writer: this process."""

    def __init__(self, path: Path, config: Config | None = None) -> None:
        self.path = path
        self.config = config or Config()
        os.environ["PATH"] = search_path()
        refuse_damaged(path)
        self.book = Gradebook(address(path), COURSE)
        self.book.db.execute(text(LEDGER))
        self.book.db.commit()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self.book.close()

    def set_due(self, assignment: str, due: datetime | None) -> None:
        """Set when an assignment is due, in UTC, or that no time is set."""
        self.book.update_or_create_assignment(assignment, duedate=due)

    def keys(self) -> dict[tuple[str, str], str]:
        """Return the key of every verdict, by assignment and student."""
        rows = self.book.db.execute(
            text("SELECT assignment, student, key FROM coursegrader_verdict")
        )
        return {(assignment, student): key for assignment, student, key in rows}

    def record(
        self,
        assignment: str,
        student: str,
        key: str,
        verdict: Verdict,
        timestamp: datetime | None,
    ) -> None:
        """Enter a verdict: the marks first, the row that makes them count last.

        Marks and comments given by a person are left as they are.
        """
        where = {"assignment": assignment, "student": student}
        self.book.update_or_create_student(student)
        with warnings.catch_warnings():
            # nbgrader builds a submission in an order that SQLAlchemy warns about.
            warnings.simplefilter("ignore", SAWarning)
            submission = self.book.update_or_create_submission(assignment, student)
        self.book.db.execute(text(DELETE), where)
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                score = verdict.scores[grade.name]
                grade.auto_score = score
                by_hand = grade.manual_score is not None
                grade.needs_manual_grade = by_hand or score is None
            for comment in notebook.comments:
                comment.auto_comment = verdict.comments.get(comment.name)
        self.book.db.commit()
        self.set_late(assignment, student, timestamp)
        row = where | {"key": key, "problems": json.dumps(verdict.problems)}
        self.book.db.execute(text(INSERT), row)
        self.book.db.commit()

    def set_late(self, assignment: str, student: str, when: datetime | None) -> None:
        """Enter when a submission came, and what nbgrader's late policy makes of it."""
        submission = self.book.update_or_create_submission(assignment, student)
        submission.timestamp = when
        self.book.db.commit()
        policy = AssignLatePenalties(config=self.config)
        policy.log = Heard().logger
        known = {"assignment": assignment, "student": student, "notebook": assignment}
        known["db_url"] = address(self.path)
        policy.preprocess(NotebookNode(cells=[]), {"nbgrader": known})
        self.book.db.expire_all()

    def roll_back(self) -> None:
        """Forget what was not committed; after a failure nothing else is possible."""
        self.book.db.rollback()

    def withdraw(self, assignment: str, student: str) -> None:
        """Take back an autograder's marks whose submission can no longer be graded."""
        where = {"assignment": assignment, "student": student}
        try:
            submission = self.book.find_submission(assignment, student)
        except MissingEntry:
            return
        self.book.db.execute(text(DELETE), where)
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score = None
                grade.needs_manual_grade = grade.manual_score is None
        self.book.db.commit()

    def read(self, assignment: str, student: str) -> Marks:
        """Read the marks of a submission that was graded."""
        submission = self.book.find_submission(assignment, student)
        parts, comments = {}, {}
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                extra = grade.extra_credit or 0.0
                parts[grade.name] = Mark(grade.auto_score, grade.manual_score, extra)
            for comment in notebook.comments:
                if comment.manual_comment:
                    comments[comment.name] = comment.manual_comment
        row = self.book.db.execute(
            text(
                "SELECT problems FROM coursegrader_verdict "
                "WHERE assignment = :assignment AND student = :student"
            ),
            {"assignment": assignment, "student": student},
        ).one()
        return Marks(
            parts,
            comments,
            submission.late_submission_penalty or 0.0,
            submission.total_seconds_late,
            json.loads(row.problems),
        )
