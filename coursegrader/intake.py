"""Take a class in: find its folders, read each notebook, say what is wrong with it.

Nothing here writes into the class folder, and no input stops the class: a submission
that cannot be read becomes a reason, in words, and everybody else goes on.
"""

import hashlib
import json
import re
import stat
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import parse_utc

from coursegrader.assignment import Assignment, grade_id
from coursegrader.repair import read_cells, repair

LARGEST_NOTEBOOK = 50_000_000
# One of the two codes with which UTF-16 writes a rare character, without the other.
HALF = re.compile("[\ud800-\udfff]")
COMPANIONS = {"timestamp.txt", "submission_secret.txt"}


class UnusableClass(ValueError):
    """The folder given is not a class: nothing can be graded."""


class Refused(ValueError):
    """A submission cannot be graded; the message is the reason."""


@dataclass
class Submission:
    """What one student handed in for one assignment, ready to be graded or not."""

    student: str
    assignment: str
    notebook: NotebookNode | None = None
    digest: str = ""
    timestamp: datetime | None = None
    reason: str = ""
    problems: list[str] = field(default_factory=list)


def find_submitted(folder: Path, names: Iterable[str]) -> Path:
    """Find the folder that holds one folder per student."""
    names = set(names)
    if not folder.exists():
        raise UnusableClass(
            f"There is no folder {folder}. Give the folder that contains submitted/."
        )
    if not folder.is_dir():
        raise UnusableClass(
            f"{folder} is a file. Give the folder that contains submitted/ "
            "(unpack an archive first)."
        )
    submitted = folder / "submitted"
    if submitted.is_dir():
        folder = submitted
    elif folder.name != "submitted" and not any(
        child.name in names
        for student in subfolders(folder)
        for child in subfolders(student)
    ):
        known = ", ".join(sorted(names))
        raise UnusableClass(
            f"{folder} does not look like a class. Expected "
            "submitted/<student>/<assignment>/<assignment>.ipynb inside it, or "
            f"<student>/<assignment>/…, for one of the assignments {known}."
        )
    if not subfolders(folder):
        raise UnusableClass(f"{folder} holds no student's folder: nothing to grade.")
    return folder


def subfolders(folder: Path) -> list[Path]:
    """Return the visible folders inside a folder, in the order of their names."""
    return [path for path in visible(folder) if path.is_dir()]


def visible(folder: Path) -> list[Path]:
    """Return what a folder shows, in the order of the names; nothing if it is closed."""
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except PermissionError:
        return []
    return sorted(found, key=lambda path: path.name)


def read_due(submitted: Path, names: Iterable[str]) -> dict[str, datetime]:
    """Read when each assignment is due from class.toml beside the submissions.

    The file holds a table `[due]` with a line such as `a3 = "2026-03-02 23:59 UTC"`.
    """
    path = submitted.parent / "class.toml"
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("due", {})
        return {name: utc(table[name]) for name in names if name in table}
    except (ValueError, AttributeError, TypeError, OverflowError) as error:
        raise UnusableClass(
            f"{path} cannot be read: {error}. Expected a table [due] with lines like "
            'a3 = "2026-03-02 23:59 UTC".'
        ) from None


def utc(moment: object) -> datetime:
    """Convert a time as people and nbgrader write it to UTC without a zone."""
    text = str(moment).strip()
    try:
        # nbgrader's own reader takes "+0100" for a hundred seconds.
        found = datetime.fromisoformat(re.sub(r" (?=[+-]\d\d:?\d\d$)", "", text))
    except ValueError:
        return parse_utc(text)
    return parse_utc(found)


def scan(
    submitted: Path, assignments: Mapping[str, Assignment]
) -> tuple[list[Submission], list[tuple[str, str]]]:
    """Read a whole class: its submissions, and what is odd about its folders.

    Every student is expected to hand in each assignment that anyone handed in.
    """
    students, notes = [], []
    for folder in subfolders(submitted):
        if folder.name.isprintable():
            students.append(folder)
        else:
            notes.append(
                (
                    shown(folder),
                    "not graded: the folder's name holds characters that "
                    "are not UTF-8 text or cannot be printed; rename the folder",
                )
            )
    expected = [
        name for name in assignments if any(traces(folder, name) for folder in students)
    ]
    known = {fold(name) for name in assignments}
    for folder in students:
        for child in subfolders(folder):
            if fold(child.name) not in known:
                notes.append(
                    (
                        folder.name,
                        f"the folder {shown(child)} was left out: "
                        f"the course has no assignment {shown(child)}",
                    )
                )
    folded = Counter(fold(folder.name) for folder in students)
    for folder in students:
        if folded[fold(folder.name)] > 1:
            notes.append(
                (
                    folder.name,
                    "another student's name differs only in case or "
                    "in how accents are written: both are graded, apart",
                )
            )
    found = [take(folder, assignments[name]) for name in expected for folder in students]
    return found, notes


def shown(path: Path) -> str:
    """Return a file's name as text that can be printed and stored, whatever it holds."""
    letters = (c if c.isprintable() else ascii(c)[1:-1] for c in path.name)
    return "".join(letters)


def fold(name: str) -> str:
    """Return the form under which two names are one folder on some machines."""
    return unicodedata.normalize("NFC", name).casefold()


def traces(student: Path, name: str) -> list[Path]:
    """Find what a student's folder holds of an assignment, in its place or not."""
    names = {fold(name), fold(f"{name}.ipynb")}
    return [path for path in visible(student) if fold(path.name) in names]


def misplaced(student: Path, name: str) -> str:
    """Say what was found in place of an assignment's folder, and where it should be."""
    found = traces(student, name)
    if not found:
        return "nothing was handed in"
    if found[0].is_dir():
        return f"the folder is named {shown(found[0])}; rename it to {name}"
    wanted = f"put the notebook at {name}/{name}.ipynb"
    if fold(found[0].name) == fold(name):
        return f"{shown(found[0])} is a file, not a folder; {wanted}"
    return f"{shown(found[0])} lies directly in the student's folder; {wanted}"


def take(student: Path, assignment: Assignment) -> Submission:
    """Take in what one student handed in for one assignment."""
    submission = Submission(student.name, assignment.name)
    folder = student / assignment.name
    try:
        if not folder.is_dir():
            raise Refused(misplaced(student, assignment.name))
        if folder.is_symlink():
            raise Refused(f"the folder {assignment.name} is a link; put a folder there")
        read_timestamp(folder / "timestamp.txt", submission)
        path = choose_notebook(folder, assignment, submission.problems)
        content = read_bytes(path)
        submission.digest = hashlib.sha256(content).hexdigest()
        cells = read_notebook(content)
        refuse_foreign(cells, assignment)
        repaired, problems = repair(cells, assignment)
        nbformat.validate(repaired)
        submission.notebook = repaired
        submission.problems += problems
    except Refused as refusal:
        submission.reason = str(refusal)
    except OSError as error:
        submission.reason = f"the notebook cannot be read: {error.strerror or error}"
    except nbformat.ValidationError as error:
        problem = str(error).splitlines()[0]
        submission.reason = f"the notebook's cells are damaged: {problem}"
    except Exception as error:
        # A file damaged in a way nobody foresaw must not stop the class.
        submission.reason = f"the notebook cannot be read ({type(error).__name__})"
    return submission


def read_timestamp(path: Path, submission: Submission) -> None:
    """Read when a submission was handed in, where that is known."""
    if not path.is_file():
        return
    text = path.read_bytes()[:200].decode("utf-8", "replace").strip()
    try:
        submission.timestamp = utc(text)
    except (ValueError, OverflowError, TypeError, AttributeError):
        submission.problems.append(
            f"timestamp.txt says {text[:40]!r}, which is no date: whether it was late "
            "is not known"
        )
        return
    if submission.timestamp > datetime.now(UTC).replace(tzinfo=None):
        submission.problems.append(
            f"timestamp.txt says {text[:40]}, which is in the future"
        )


def choose_notebook(folder: Path, assignment: Assignment, problems: list[str]) -> Path:
    """Choose the notebook to grade among the files of a folder."""
    wanted = f"{assignment.name}.ipynb"
    visible = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    notebooks = [path for path in visible if path.suffix.lower() == ".ipynb"]
    other = [shown(p) for p in visible if p not in notebooks and p.name not in COMPANIONS]
    if other:
        problems.append(f"left out, only the notebook is graded: {', '.join(other)}")
    exact = [path for path in notebooks if path.name == wanted]
    if exact:
        extra = [shown(path) for path in notebooks if path.name != wanted]
        if extra:
            problems.append(f"{wanted} was graded and left out: {', '.join(extra)}")
        return exact[0]
    if not notebooks:
        raise Refused(f"no notebook in the folder; expected {wanted}")
    if len(notebooks) > 1:
        found = ", ".join(map(shown, notebooks))
        raise Refused(
            f"several notebooks and none is named {wanted}: {found}; "
            f"name the right one {wanted}"
        )
    problems.append(f"the notebook is named {shown(notebooks[0])}; taken as {wanted}")
    return notebooks[0]


def read_bytes(path: Path) -> bytes:
    """Read a notebook's file, refusing what is no plain file or too large."""
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        raise Refused(f"{shown(path)} is a link; hand in the file itself")
    if not stat.S_ISREG(info.st_mode):
        raise Refused(f"{shown(path)} is not a file")
    if info.st_size > LARGEST_NOTEBOOK:
        raise Refused(
            f"{shown(path)} has {info.st_size / 1e6:.0f} MB; the limit is "
            f"{LARGEST_NOTEBOOK / 1e6:.0f} MB. Clear its outputs"
        )
    return path.read_bytes()


def decode(content: bytes) -> str:
    """Decode a notebook's bytes: UTF-8, or what its byte-order mark says."""
    if not content.strip():
        raise Refused("the file is empty")
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            f"the file is not UTF-8 text (byte {error.start:,}); "
            "save the notebook again in JupyterLab"
        ) from None


def read_notebook(content: bytes) -> list[NotebookNode]:
    """Read a notebook's cells, whatever its version of the format."""
    text = decode(content)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Refused(f"the file is not a notebook: it is not JSON{where}") from None
    if not isinstance(notebook, dict) or not {"cells", "worksheets"} & set(notebook):
        raise Refused("the file is JSON, but not a notebook: it has no cells")
    if "cells" not in notebook:
        try:
            notebook = nbformat.reads(text, as_version=4)
        except Exception as error:
            # Old notebooks come damaged in any way, and their converter trusts them.
            raise Refused(
                "the notebook is in an old format that cannot be converted "
                f"({type(error).__name__}); save it again in JupyterLab"
            ) from None
    cells = read_cells(notebook["cells"])
    if not cells:
        raise Refused("the notebook has no cells")
    for place, cell in enumerate(cells, start=1):
        if half := HALF.search(json.dumps(cell, ensure_ascii=False)):
            raise Refused(
                f"cell {place} holds half of a character ({ascii(half[0])[1:-1]}), which "
                "is no text; delete it there and save the notebook again"
            )
    return cells


def refuse_foreign(cells: list[NotebookNode], assignment: Assignment) -> None:
    """Refuse a notebook whose graded cells all belong elsewhere."""
    ids = {found for cell in cells if (found := grade_id(cell))}
    own = {grade_id(cell) for cell in assignment.release.cells} - {None}
    if ids and not ids & own:
        shown = ", ".join(sorted(ids)[:3])
        raise Refused(
            f"this is a notebook of another assignment: its graded cells "
            f"are {shown}{', …' if len(ids) > 3 else ''}"
        )
