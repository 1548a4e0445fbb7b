"""Make a sample class: real notebooks, in nbgrader's folders, from a bank of answers.

`banks/aN/class.toml` lists the students who hand in assignment N. Each takes the
reference answer where nothing else is said; `answers` names answers of the bank, `blank`
leaves the release as it is, `submitted` is the time of handing in, and `damage` spoils
the file in a usual way.
"""

import json
import shutil
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursegrader.assignment import (
    Assignment,
    clear_markers,
    grade_id,
    is_answer,
    is_manual,
)
from coursegrader.banks import read_banks

KEYS = {"id", "answers", "blank", "written", "submitted", "damage"}


class DamagedRoster(ValueError):
    """The list of the sample class asks for something that is not there."""


def truncate(text: str) -> str | None:
    """Cut a notebook as a broken download does."""
    return text[: len(text) // 2]


def mark_bytes(text: str) -> str | None:
    """Put a byte-order mark in front, as some editors do."""
    return "\ufeff" + text


def strip(text: str) -> str | None:
    """Lose all metadata and ids, as some other notebook programs do."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return json.dumps(notebook | {"nbformat_minor": 4})


def rename(text: str) -> str | None:
    """Turn it into a notebook of another assignment."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if "grade_id" in cell["metadata"].get("nbgrader", {}):
            found = cell["metadata"]["nbgrader"]
            found["grade_id"] = "other-" + found["grade_id"]
    return json.dumps(notebook)


def without_exercise(text: str) -> str | None:
    """Delete the first answer cell and its checks."""
    return edit_first(text, lambda cells: [])


def with_copies(text: str) -> str | None:
    """Hold the first answer cell and its checks twice."""
    return edit_first(text, lambda cells: [*cells, *cells])


def with_edited_tests(text: str) -> str | None:
    """Have the first exercise's checks replaced by something that always passes."""

    def edit(cells: list[dict]) -> list[dict]:
        for cell in cells[1:]:
            cell["source"] = "pass"
            cell["metadata"]["nbgrader"]["points"] = 100
        return cells

    return edit_first(text, edit)


def edit_first(text: str, edit: Callable[[list[dict]], list[dict]]) -> str:
    """Edit the cells from the first answer to its last check."""
    notebook = json.loads(text)
    cells = notebook["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    first = next(i for i, mark in enumerate(marks) if mark.get("solution"))
    last = first
    while last + 1 < len(cells) and not (
        cells[last + 1]["cell_type"] == "markdown" or marks[last + 1].get("solution")
    ):
        last += 1
    graded = [c for c in cells[first : last + 1] if c["metadata"].get("nbgrader")]
    notebook["cells"] = cells[:first] + edit(graded) + cells[last + 1 :]
    return json.dumps(notebook)


DAMAGES: dict[str, Callable[[str], str | None]] = {
    "truncated": truncate,
    "empty": lambda text: "",
    "no notebook": lambda text: None,
    "byte-order mark": mark_bytes,
    "no metadata": strip,
    "other assignment": rename,
    "missing exercise": without_exercise,
    "duplicated cells": with_copies,
    "edited tests": with_edited_tests,
}


def write_class(folder: Path, rosters: Sequence[tuple[Assignment, Path]]) -> None:
    """Write the sample class: what it hands in for assignments, each with its bank.

    It is the same each time, and what the folder held before is gone.
    """
    shutil.rmtree(folder, ignore_errors=True)
    due = ["[due]"]
    for assignment, bank in rosters:
        roster = tomllib.loads((bank / "class.toml").read_text(encoding="utf-8"))
        banks = read_banks(bank, assignment)
        known = {e: {a.name: a.code for a in answers} for e, answers in banks.items()}
        for student in roster["student"]:
            if wrong := sorted(student.keys() - KEYS):
                raise DamagedRoster(f"{bank}/class.toml: no such key: {', '.join(wrong)}.")
            write_submission(folder, assignment, student, known)
        due.append(f'{assignment.name} = "{roster["due"]}"')
    (folder / "class.toml").write_text("\n".join(due) + "\n", encoding="utf-8")


def write_submission(
    folder: Path, assignment: Assignment, student: dict, known: dict[str, dict[str, str]]
) -> None:
    """Write what one student of the list hands in, spoilt if the list says so."""
    name = assignment.name
    place = folder / "submitted" / student["id"] / name
    place.mkdir(parents=True)
    notebook = hand_in(assignment, student, known)
    damage = student.get("damage")
    if damage is not None and damage not in DAMAGES:
        raise DamagedRoster(
            f"class.toml of {name}: {student['id']}: no such damage: {damage}. "
            f"There are: {', '.join(DAMAGES)}."
        )
    text = DAMAGES.get(damage, str)(nbformat.writes(notebook))
    if text is not None:
        (place / f"{name}.ipynb").write_text(text, encoding="utf-8")
    if "submitted" in student:
        stamp = f"{student['submitted']}\n"
        (place / "timestamp.txt").write_text(stamp, encoding="utf-8")


def hand_in(
    assignment: Assignment, student: dict, known: dict[str, dict[str, str]]
) -> NotebookNode:
    """Fill in the release as one student of the list does."""
    notebook = nbformat.from_dict(assignment.release)
    if student.get("blank"):
        return notebook
    sources = {grade_id(cell): cell for cell in assignment.source.cells}
    answers = dict(student.get("answers", {}))
    for cell in notebook.cells:
        cell_id = grade_id(cell)
        if cell_id is None or not (is_answer(cell) or is_manual(cell)):
            continue
        chosen = answers.pop(cell_id, None)
        if is_manual(cell):
            cell.source = student.get("written", clear_markers(sources[cell_id].source))
        elif chosen is None:
            cell.source = clear_markers(sources[cell_id].source)
        elif chosen in known.get(cell_id, {}):
            cell.source = known[cell_id][chosen]
        else:
            raise DamagedRoster(
                f"class.toml: {student['id']}: the bank of {cell_id} has no answer "
                f"named {chosen!r}."
            )
    if answers:
        raise DamagedRoster(
            f"class.toml: {student['id']}: {assignment.name} has no answer cell "
            f"{', '.join(answers)}."
        )
    return notebook
