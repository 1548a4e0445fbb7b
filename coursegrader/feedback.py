"""Write feedback pages: for each student what was earned and why, for the class a view.

Pages are rebuilt from marks, messages and plain text. Of what a student's notebook
holds, only text (escaped) and PNG pictures reach a page; of a hidden check, its name
and its message.
"""

import base64
import binascii
import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from urllib.parse import quote

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined
from nbformat import NotebookNode

from coursegrader.assignment import Assignment, Exercise, grade_id
from coursegrader.files import write
from coursegrader.intake import fold
from coursegrader.report import Row, number

ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")
LONGEST_TEXT, LARGEST_PICTURE, MOST_PICTURES = 6_000, 1_500_000, 8
LONG_LINE, REDACTED = 24, "[a line of a hidden check]"
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Check:
    """One graded cell on a page."""

    name: str
    points: str
    worth: str
    passed: bool
    message: str


@dataclass
class Section:
    """One exercise on a page."""

    exercise: Exercise
    points: str
    state: str
    checks: list[Check]
    answer: str = ""
    outputs: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def template_environment() -> Environment:
    """Return the templates, with escaping on and no undefined names."""
    loader = PackageLoader("coursegrader")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    made.filters["number"] = number
    return made


def page_folders(students: list[str]) -> dict[str, str]:
    """Name each student's folder so that no two are one folder on any machine."""
    count = Counter(fold(student) for student in students)
    return {
        student: student
        if count[fold(student)] == 1
        else f"{student}-{hashlib.sha256(student.encode()).hexdigest()[:6]}"
        for student in students
    }


def write_feedback(folder: Path, work: Path, found: list[Row]) -> None:
    """Write every student's pages and the class's page, and remove stale ones."""
    templates = template_environment()
    folders = page_folders(sorted({row.student for row in found}))
    sections: dict[tuple[str, str], list[Section]] = {}
    for stale in folder.iterdir() if folder.is_dir() else []:
        if stale.is_dir() and stale.name not in folders.values():
            shutil.rmtree(stale)
    for row in found:
        name = row.assignment.name
        made = read_sections(row, work) if row.marks else []
        sections[name, row.student] = made
        page = folder / folders[row.student] / f"{name}.html"
        text = templates.get_template("student.html.j2").render(
            row=row, assignment=row.assignment, sections=made
        )
        write(page, text)
    names = dict.fromkeys(row.assignment.name for row in found)
    classes = [
        summarise([row for row in found if row.assignment.name == name], sections)
        for name in names
    ]
    links = {
        (row.student, row.assignment.name): quote(
            f"{folders[row.student]}/{row.assignment.name}.html"
        )
        for row in found
    }
    index = templates.get_template("class.html.j2")
    write(folder / "index.html", index.render(classes=classes, links=links))


def read_sections(row: Row, work: Path) -> list[Section]:
    """Read what a page says about each exercise from the graded notebook."""
    name = row.assignment.name
    place = Path(row.student) / name / f"{name}.ipynb"
    graded = nbformat.read(work / "autograded" / place, as_version=4)
    submitted = nbformat.read(work / "submitted" / place, as_version=4)
    cells = {grade_id(cell): cell for cell in graded.cells if grade_id(cell)}
    answers = {grade_id(cell): cell for cell in submitted.cells if grade_id(cell)}
    return [
        read_section(row, exercise, cells, answers[exercise.id], graded)
        for exercise in row.assignment.exercises
    ]


def read_section(
    row: Row,
    exercise: Exercise,
    cells: Mapping[str, NotebookNode],
    answer: NotebookNode,
    graded: NotebookNode,
) -> Section:
    """Read what a page says about one exercise."""
    assignment, points = row.assignment, row.points(exercise)
    removed = f"{exercise.id}: this cell "
    stopped = [p for p in row.problems if p.startswith(removed)]
    checks = []
    for part in exercise.parts:
        if part.manual:
            continue
        earned = row.marks.parts[part.id].points
        message = "" if earned == part.points else read_message(cells.get(part.id))
        if stopped and message:
            message = "Not checked: the answer was taken out."
        kind = "hidden check" if part.hidden else "visible check"
        shown = redact(message, assignment)
        name = f"{part.id} ({kind})"
        passed = earned == part.points
        checks.append(Check(name, number(earned), number(part.points), passed, shown))
    state = (
        "to mark" if points is None
        else "full" if points >= exercise.points
        else "none" if points == 0
        else "part"
    )  # fmt: skip
    section = Section(exercise, number(points), state, checks)
    section.answer = shorten(plain(answer.source))
    section.outputs = read_outputs(exercise, graded, assignment)
    section.notes = [
        comment
        for name in (exercise.id, *(part.id for part in exercise.parts))
        if (comment := row.marks.comments.get(name))
    ]
    section.notes = stopped + list(dict.fromkeys(section.notes))
    return section


def read_message(cell: NotebookNode | None) -> str:
    """Return what a check said: the text of its exception, nothing around it."""
    if cell is None:
        return "The check did not run."
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            text = plain(str(output.evalue)).strip()
            if output.ename == "AssertionError":
                return text or "The check failed and gave no message."
            return f"{output.ename}: {text}" if text else output.ename
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            said = plain(output.text)
            return f"The check wrote to stderr, which counts as a failure: {said}"
    return "The check gave part of the points."


def read_outputs(
    exercise: Exercise, graded: NotebookNode, assignment: Assignment
) -> list[dict]:
    """Return the text and PNG outputs of an answer and of the cells tried after it."""
    found: list[dict] = []
    inside = False
    for cell in graded.cells:
        if grade_id(cell):
            inside = grade_id(cell) == exercise.id
        if not inside or cell.cell_type != "code":
            continue
        for output in cell.get("outputs", []):
            found += read_output(output, assignment)
    pictures = [item for item in found if item["kind"] == "png"][:MOST_PICTURES]
    return [i for i in found if i["kind"] == "text"][:MOST_PICTURES] + pictures


def read_output(output: NotebookNode, assignment: Assignment) -> list[dict]:
    """Return one output as text or as a PNG picture; anything else is left out."""
    if output.output_type == "stream":
        return text_item(output.text, assignment)
    if output.output_type == "error":
        return text_item(f"{output.ename}: {output.evalue}".strip(" :"), assignment)
    data = output.get("data", {})
    if "image/png" in data:
        picture = str(data["image/png"]).replace("\n", "")
        try:
            content = base64.b64decode(picture, validate=True)
        except (binascii.Error, ValueError):
            return []
        if not content.startswith(PNG) or len(content) > LARGEST_PICTURE:
            return []
        described = output.get("metadata", {}).get("image/png", {})
        alt = described.get("alt") if isinstance(described, dict) else None
        alt = alt if isinstance(alt, str) else "Figure drawn by this answer"
        return [{"kind": "png", "data": picture, "alt": alt}]
    return text_item(str(data.get("text/plain", "")), assignment)


def text_item(text: str, assignment: Assignment) -> list[dict]:
    """Return a piece of text output, if there is any."""
    text = redact(shorten(plain(text)), assignment).strip("\n")
    return [{"kind": "text", "text": text}] if text else []


def plain(text: str) -> str:
    """Remove terminal colours and control characters."""
    return ESCAPES.sub("", text)


def shorten(text: str) -> str:
    """Cut a text that is too long for a page, and say so."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}\n… ({len(text) - LONGEST_TEXT:,} characters left out)"


def redact(text: str, assignment: Assignment) -> str:
    """Remove every line of a hidden check that found its way into a text.

    A short line, such as `softmax_bar,`, is also what anybody writes: it goes only
    where it stands alone.
    """
    short = {line for line in assignment.hidden_lines if len(line) < LONG_LINE}
    for line in assignment.hidden_lines:
        if line not in short:
            text = text.replace(line, REDACTED)
    kept = [REDACTED if line.strip() in short else line for line in text.split("\n")]
    return "\n".join(kept)


def summarise(found: list[Row], sections: Mapping[tuple[str, str], list[Section]]) -> dict:
    """Summarise an assignment for the class: marks, their spread, common messages."""
    assignment = found[0].assignment
    graded = [row for row in found if row.marks]
    exercises = []
    for exercise in assignment.exercises:
        points = [p for row in graded if (p := row.points(exercise)) is not None]
        full = sum(p >= exercise.points for p in points)
        none = sum(p == 0 for p in points)
        counts = [("full", full), ("part", len(points) - full - none), ("none", none)]
        counts.append(("to mark", len(graded) - len(points)))
        average = mean(points) if points else None
        exercises.append({"exercise": exercise, "counts": counts, "mean": average})
    messages: Counter[tuple[str, str]] = Counter()
    for row in graded:
        for section in sections[assignment.name, row.student]:
            said = {diagnosis(c.message) for c in section.checks if not c.passed}
            messages.update((section.exercise.id, text) for text in said - {""})
    totals = [row.so_far for row in graded]
    return {
        "assignment": assignment,
        "rows": found,
        "graded": len(graded),
        "waiting": any(row.waiting for row in graded),
        "mean": mean(totals) if totals else None,
        "median": median(totals) if totals else None,
        "exercises": exercises,
        "messages": messages.most_common(12),
    }


def diagnosis(message: str) -> str:
    """Return the line of a message that names the mistake.

    A check ends with it, before saying where to read; if it found no name for the
    mistake, the first line says what is wrong.
    """
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    last = [line for line in lines if not line.startswith("Read:")][-1:]
    named = last and not last[0].startswith(("yours", "expected", "["))
    return (last if named else lines[:1] or [""])[0][:200]
