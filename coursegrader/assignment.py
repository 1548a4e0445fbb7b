"""The shape of one assignment: its answer cells, its checks and their points."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

import nbformat
from nbformat import NotebookNode

MARKER = re.compile(r"###\s*(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")

POINTS = re.compile(r" *\(\d+ points?\)$")


@dataclass(frozen=True)
class Part:
    """One graded cell: a check, or an answer that a person marks."""

    id: str
    points: float
    hidden: bool = False
    manual: bool = False


@dataclass(frozen=True)
class Exercise:
    """An answer cell and the graded cells that belong to it."""

    id: str
    label: str
    title: str
    parts: tuple[Part, ...]

    @property
    def points(self) -> float:
        """Return the points that a perfect answer earns."""
        return sum(part.points for part in self.parts)

    @property
    def manual(self) -> bool:
        """Say whether a person marks some of this exercise."""
        return any(part.manual for part in self.parts)


@dataclass(frozen=True)
class Assignment:
    """An assignment as the instructor wrote it and as students received it."""

    name: str
    source: NotebookNode
    release: NotebookNode

    @property
    def points(self) -> float:
        """Return the points of the whole assignment."""
        return sum(exercise.points for exercise in self.exercises)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of everything that decides a mark."""
        digest = hashlib.sha256()
        for cell in self.source.cells:
            content = (cell.cell_type, cell.source, sorted(metadata(cell).items()))
            digest.update(repr(content).encode())
        return digest.hexdigest()

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """Return the exercises in the order of the notebook."""
        return tuple(find_exercises(self.name, self.source))

    @cached_property
    def owner(self) -> dict[str, Exercise]:
        """Map the id of every answer cell and graded cell to its exercise."""
        cells = {exercise.id: exercise for exercise in self.exercises}
        for exercise in self.exercises:
            cells.update({part.id: exercise for part in exercise.parts})
        return cells

    @cached_property
    def hidden_lines(self) -> tuple[str, ...]:
        """Return the lines that stand in the source and not in the release."""
        released = {line.strip() for c in self.release.cells for line in lines(c)}
        secret = {
            line.strip()
            for cell in self.source.cells
            if cell.cell_type == "code" and metadata(cell).get("grade")
            for line in lines(cell)
        }
        longest_first = sorted(secret - released, key=lambda text: (-len(text), text))
        return tuple(
            line for line in longest_first if len(line) >= 12 and not MARKER.search(line)
        )


def lines(cell: NotebookNode) -> list[str]:
    """Return the lines of a cell's source."""
    return cell.source.splitlines()


def metadata(cell: NotebookNode) -> dict:
    """Return a cell's nbgrader metadata, empty where there is none to trust."""
    found = cell.get("metadata", {})
    found = found.get("nbgrader") if isinstance(found, dict) else None
    return dict(found) if isinstance(found, dict) else {}


def grade_id(cell: NotebookNode) -> str | None:
    """Return the id by which nbgrader knows a cell."""
    found = metadata(cell).get("grade_id")
    return found if isinstance(found, str) and found else None


def is_answer(cell: NotebookNode) -> bool:
    """Say whether students are to edit this cell."""
    return bool(metadata(cell).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """Say whether this is a code cell that earns points by running."""
    meta = metadata(cell)
    return cell.cell_type == "code" and bool(meta.get("grade")) and not is_answer(cell)


def is_manual(cell: NotebookNode) -> bool:
    """Say whether a person gives the points of this cell."""
    meta = metadata(cell)
    return bool(meta.get("task")) or bool(meta.get("grade") and meta.get("solution"))


def clear_markers(text: str) -> str:
    """Remove the lines that mark solutions and hidden tests, keeping what they hold."""
    kept = [line for line in text.splitlines() if not MARKER.search(line)]
    return "\n".join(kept)


def find_exercises(name: str, notebook: NotebookNode) -> list[Exercise]:
    """Group the cells of an instructor's notebook into exercises."""
    found: list[tuple[str, str, list[Part]]] = []
    title = ""
    for cell in notebook.cells:
        meta, cell_id = metadata(cell), grade_id(cell)
        if is_manual(cell):
            part = Part(cell_id, float(meta["points"]), manual=True)
            found.append((cell_id, title, [part]))
        elif is_answer(cell):
            found.append((cell_id, title, []))
        elif is_test(cell):
            hidden = "BEGIN HIDDEN TESTS" in cell.source
            part = Part(cell_id, float(meta["points"]), hidden=hidden)
            if not found or (found[-1][2] and found[-1][2][0].manual):
                found.append((cell_id, title, []))
            found[-1][2].append(part)
        elif cell.cell_type == "markdown":
            headings = re.findall(r"^#{1,6} +(.+?) *$", cell.source, re.MULTILINE)
            title = POINTS.sub("", headings[-1]) if headings else title
    return [
        Exercise(cell_id, cell_id.removeprefix(f"{name}-"), heading or cell_id, (*parts,))
        for cell_id, heading, parts in found
        if parts
    ]


def load(name: str, source: str, release: str) -> Assignment:
    """Read an assignment from the text of its two notebooks."""
    return Assignment(
        name,
        nbformat.reads(source, as_version=4),
        nbformat.reads(release, as_version=4),
    )
