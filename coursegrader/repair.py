"""Rebuild a submitted notebook on the release: its answers, in the release's cells.

What a student may edit is taken from the student, everything else from the release, in
the release's order. So deleted, duplicated, moved, retyped or edited cells, lost
metadata and changed points all end in a notebook that nbgrader can grade.
"""

import ast
import copy
from collections import Counter
from typing import Any

import nbformat
from nbformat import NotebookNode

from coursegrader.assignment import Assignment, grade_id, is_answer, is_manual, metadata

MOST_CELLS = 2_000
KINDS = {"code", "markdown", "raw"}


def read_cells(found: Any) -> list[NotebookNode]:
    """Read cells with care: type, source, id, nbgrader metadata, and nothing else."""
    cells = []
    for raw in found[:MOST_CELLS] if isinstance(found, list) else []:
        if not isinstance(raw, dict) or str(raw.get("cell_type")) not in KINDS:
            continue
        source = raw.get("source", "")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        cell = NotebookNode(
            cell_type=raw["cell_type"],
            source=source if isinstance(source, str) else "",
            id=raw.get("id"),
            metadata={"nbgrader": metadata(raw)},
        )
        pictures = raw.get("attachments")
        if cell.cell_type == "markdown" and isinstance(pictures, dict):
            cell["attachments"] = pictures
        cells.append(cell)
    return cells


def repair(
    cells: list[NotebookNode], assignment: Assignment
) -> tuple[NotebookNode, list[str]]:
    """Rebuild a notebook on the release and say what had to be repaired."""
    problems: list[str] = []
    restored: dict[str, list[str]] = {}
    release = [cell for cell in assignment.release.cells if grade_id(cell)]
    names = identify(cells, release)
    if not any(grade_id(cell) for cell in cells):
        problems.append("the cells' grading marks were lost: put back from the release")
    else:
        problems += missing(set(names), assignment)
    groups = group(cells, names)
    rebuilt = [ordinary(cell) for cell, _ in groups.pop(None, [])]
    for original in release:
        cell_id = grade_id(original)
        copies = groups.get(cell_id, [])
        own = choose([cell for cell, _ in copies], original)
        if len(copies) > 1:
            count = len(copies)
            problems.append(f"{cell_id}: the cell is there {count} times; one was graded")
        for cell, _ in copies:
            # A copy above the chosen answer may hold code that the answer needs.
            if own is not None and cell is own:
                break
            if is_answer(original) and cell.cell_type == "code":
                rebuilt.append(ordinary(cell))
        rebuilt.append(restore(original, own, restored))
        rebuilt += [ordinary(cell) for _, after in copies for cell in after]
    for what, (first, *others) in restored.items():
        also = f", as in {len(others)} more of the cells" if others else ""
        problems.append(f"{first}: {what}; restored{also}")
    if len(cells) == MOST_CELLS:
        problems.append(f"only the first {MOST_CELLS:,} cells were read")
    notebook = copy.deepcopy(assignment.release)
    notebook.cells = name_cells(rebuilt)
    return notebook, problems


def missing(present: set[str | None], assignment: Assignment) -> list[str]:
    """Say which answers and checks are gone, a line for each exercise."""
    found = []
    for exercise in assignment.exercises:
        checks = [part.id for part in exercise.parts if part.id != exercise.id]
        gone = [name for name in checks if name not in present]
        if exercise.id not in present:
            what = "the answer and its checks are" if gone else "the answer is"
            found.append(f"{exercise.id}: {what} missing; put back, the answer blank")
        elif gone:
            found.append(f"{', '.join(gone)}: missing; put back from the release")
    return found


def identify(cells: list[NotebookNode], release: list[NotebookNode]) -> list[str | None]:
    """Say which cell of the release each submitted cell is.

    By its grade id, else its cell id, else what it says, else what it defines, else the
    place where a written answer stands: right after the cell that precedes it.
    """
    known = {grade_id(cell): cell for cell in release}
    by_id = {cell.get("id"): grade_id(cell) for cell in release if cell.get("id")}
    names = [
        found if (found := grade_id(cell)) in known
        else by_id.get(cell.get("id")) if isinstance(cell.get("id"), str) else None
        for cell in cells
    ]  # fmt: skip
    texts = Counter(cell.source.strip() for cell in release)
    said = {
        text: grade_id(cell)
        for cell in release
        if (text := cell.source.strip()) and texts[text] == 1
    }
    defined = {
        name: grade_id(cell)
        for cell in release
        if is_answer(cell) and cell.cell_type == "code"
        for name in definitions(cell.source)
    }
    taken = {name for name in names if name}
    for index, cell in enumerate(cells):
        if names[index] is None and (name := said.get(cell.source.strip())):
            names[index] = None if name in taken else name
    taken |= {name for name in names if name}
    for index, cell in enumerate(cells):
        if names[index] is None and cell.cell_type == "code":
            found = {defined.get(name) for name in definitions(cell.source)}
            found -= {None, *taken}
            names[index] = found.pop() if len(found) == 1 else None
    order = [grade_id(cell) for cell in release]
    for position, original in enumerate(release[1:], start=1):
        before, name = order[position - 1], order[position]
        if original.cell_type == "markdown" and name not in names and before in names:
            place = len(names) - names[::-1].index(before)
            if place < len(cells) and names[place] is None:
                names[place] = name if cells[place].cell_type == "markdown" else None
    return names


def definitions(source: str) -> set[str]:
    """Return the names of the functions and classes that a cell defines."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    kinds = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    return {node.name for node in body if isinstance(node, kinds)}


def group(cells: list[NotebookNode], names: list[str | None]) -> dict[str | None, list]:
    """Give each cell of the release its copies, each with the cells that follow it."""
    groups: dict[str | None, list] = {None: []}
    following = None
    for cell, name in zip(cells, names, strict=True):
        if name is not None:
            following = []
            groups.setdefault(name, []).append((cell, following))
        elif following is None:
            groups[None].append((cell, []))
        else:
            following.append(cell)
    return groups


def choose(copies: list[NotebookNode], original: NotebookNode) -> NotebookNode | None:
    """Choose the last copy that was filled in, else the last."""
    filled = [c for c in copies if c.source.strip() != original.source.strip()]
    return (filled or copies or [None])[-1]


def restore(
    original: NotebookNode, own: NotebookNode | None, restored: dict[str, list[str]]
) -> NotebookNode:
    """Return the release's cell, holding the student's answer if it is an answer.

    What else of it was changed is noted in `restored`: in which cells each thing was.
    """
    cell = copy.deepcopy(original)
    if own is None:
        return cell
    cell_id = grade_id(original)
    meta = metadata(own)
    if is_answer(original) or is_manual(original):
        cell["source"] = own.source
        if cell.cell_type == "markdown" and "attachments" in own:
            cell["attachments"] = own.attachments
    elif own.source.strip() != original.source.strip():
        restored.setdefault("the locked cell was edited", []).append(cell_id)
    if own.cell_type != original.cell_type:
        what = f"the cell's type was changed to {own.cell_type}"
        restored.setdefault(what, []).append(cell_id)
    keys = ("points", "grade", "solution", "locked")
    if meta and any(meta.get(key) != metadata(original).get(key) for key in keys):
        what = "its points or grading marks were edited"
        restored.setdefault(what, []).append(cell_id)
    return cell


def ordinary(cell: NotebookNode) -> NotebookNode:
    """Return a cell of the student's own, without any metadata."""
    make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
    made = make(cell.source)
    if "attachments" in cell:
        made["attachments"] = cell.attachments
    return made


def name_cells(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Give every cell an id of its own that is the same each time."""
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index:04d}"
    return cells
