"""Report a class's marks: rows of a table, a CSV file, a line for every problem."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table
from rich.text import Text

from coursegrader.assignment import Assignment, Exercise
from coursegrader.files import write
from coursegrader.gradebook import Ledger, Marks
from coursegrader.intake import Submission

FORMULA = ("=", "+", "-", "@")


@dataclass
class Row:
    """One student's marks for one assignment, or the reason why there are none."""

    student: str
    assignment: Assignment
    marks: Marks | None = None
    reason: str = ""
    problems: list[str] = field(default_factory=list)

    def points(self, exercise: Exercise) -> float | None:
        """Return the points of an exercise; None if it is not marked to the end."""
        if self.marks is None:
            return None
        found = [self.marks.parts[part.id].points for part in exercise.parts]
        return None if None in found else sum(found)

    @property
    def waiting(self) -> list[Exercise]:
        """Return the exercises that a person has yet to mark."""
        if self.marks is None:
            return []
        return [e for e in self.assignment.exercises if self.points(e) is None]

    @property
    def total(self) -> float | None:
        """Return the final mark; None while there is anything left to mark."""
        return None if self.waiting else self.so_far

    @property
    def so_far(self) -> float | None:
        """Return the points earned so far, less any penalty for lateness."""
        if self.marks is None:
            return None
        earned = [self.points(e) or 0.0 for e in self.assignment.exercises]
        return max(0.0, sum(earned) - self.marks.penalty)

    @property
    def late(self) -> str:
        """Say by how much the submission was late, if it was."""
        seconds = self.marks.seconds_late if self.marks else 0
        return duration(seconds) if seconds > 0 else ""

    @property
    def status(self) -> str:
        """Say what stands: graded, still to mark by hand, or why it is not graded."""
        if self.marks is None:
            return f"not graded: {self.reason}"
        if self.waiting:
            return "graded; to mark by hand: " + ", ".join(e.label for e in self.waiting)
        return "graded"


def rows(
    ledger: Ledger,
    assignments: Mapping[str, Assignment],
    submissions: list[Submission],
    failures: Mapping[tuple[str, str], str],
) -> list[Row]:
    """Read the marks of everything handed in; without a verdict there is no mark."""
    known = ledger.keys()
    found = []
    for submission in submissions:
        where = (submission.assignment, submission.student)
        row = Row(submission.student, assignments[submission.assignment])
        row.problems = list(submission.problems)
        if where in known and where not in failures:
            row.marks = ledger.read(*where)
            row.problems += row.marks.problems
        else:
            row.reason = submission.reason or failures.get(where, "not graded yet")
        found.append(row)
    return found


def duration(seconds: float) -> str:
    """Write a time span in its two largest units."""
    left, words = int(seconds), []
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        number, left = divmod(left, length)
        if number:
            words.append(f"{number} {unit}")
    return " ".join(words[:2]) or "less than 1 s"


def number(points: float | None) -> str:
    """Write points briefly: 3, 2.5, or a dash where there are none yet."""
    return "–" if points is None else f"{points:.2f}".rstrip("0").rstrip(".")


def table(assignment: Assignment, found: list[Row]) -> Table:
    """Lay out the marks of one assignment, exercises by number."""
    made = Table(title=f"Assignment {assignment.name}", title_justify="left")
    made.add_column("student", no_wrap=True, max_width=28)
    for index, exercise in enumerate(assignment.exercises, start=1):
        head = f"{index}\n/{number(exercise.points)}"
        made.add_column(head, justify="right", no_wrap=True)
    sums = "so far" if any(row.waiting for row in found) else "total"
    made.add_column(f"{sums}\n/{number(assignment.points)}", justify="right")
    made.add_column("late", no_wrap=True)
    made.add_column("status")
    for row in found:
        cells = [mark(row, exercise) for exercise in assignment.exercises]
        status = brief(row)
        student = Text(row.student)
        so_far = Text(number(row.so_far), style="bold")
        made.add_row(student, *cells, so_far, Text(row.late), status)
    return made


def mark(row: Row, exercise: Exercise) -> Text:
    """Write one exercise's points: full, part, none, or still to mark."""
    points = row.points(exercise)
    if points is None:
        return Text("–", style="dim")
    style = "green" if points >= exercise.points else "red" if points == 0 else "yellow"
    return Text(number(points), style=style)


def brief(row: Row) -> Text:
    """Write a row's status in as few words as it takes."""
    if row.marks is None:
        return Text("not graded", style="red")
    if row.waiting:
        left = sum(exercise.points for exercise in row.waiting)
        return Text(f"–/{number(left)} (to mark)", style="dim")
    return Text("graded", style="green")


def legend(assignment: Assignment) -> list[str]:
    """Say which exercise each number in the table stands for."""
    return [
        f"{index}  {exercise.label}" + (" (marked by hand)" if exercise.manual else "")
        for index, exercise in enumerate(assignment.exercises, start=1)
    ]


def problem_lines(found: list[Row], notes: list[tuple[str, str]]) -> list[str]:
    """Return one line for each thing that an instructor should know."""
    lines = [f"{student}: {note}" for student, note in notes]
    for row in found:
        name = f"{row.student}, {row.assignment.name}"
        if row.marks is None:
            lines.append(f"{name}: not graded: {row.reason}")
        if row.late:
            lost = (
                f"penalty {number(row.marks.penalty)}"
                if row.marks.penalty
                else "no penalty"
            )
            lines.append(f"{name}: late by {row.late} ({lost})")
        lines += [f"{name}: {problem}" for problem in row.problems]
    return lines


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def write_csv(path: Path, found: list[Row]) -> None:
    """Write the marks, a row for each student and assignment, all or nothing."""
    assignments = list({row.assignment.name: row.assignment for row in found}.values())
    exercises = [exercise for a in assignments for exercise in a.exercises]
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    head = ["student", "assignment", *(exercise.id for exercise in exercises)]
    writer.writerow([*head, "so_far", "total", "max", "status", "late"])
    for row in found:
        own = set(row.assignment.exercises)
        points = [row.points(e) if e in own else None for e in exercises]
        points += [row.so_far, row.total, row.assignment.points]
        cells = ["" if value is None else number(value) for value in points]
        end = [harmless(row.status), row.late]
        writer.writerow([harmless(row.student), row.assignment.name, *cells, *end])
    write(path, text.getvalue())
