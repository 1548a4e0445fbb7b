"""Turn the course's text into executed notebooks, and edited notebooks into text.

The text, in jupytext's percent format, is the truth. A cell's header says what
nbgrader must know in three words, `role`, `id` and `points`; the notebook spells
them out as nbgrader's metadata. Building is a function of the text alone: twice
the same text gives twice the same bytes.
"""

import hashlib
import re
from pathlib import Path

import jupytext
import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode, from_dict

from coursegrader.files import write
from coursegrader.kernel import CELL_SECONDS, ROOT, execute
from coursegrader.outputs import find_refused_output, merge_streams, quote

LARGEST = 400_000  # bytes of a stored notebook

# role: (cell type or None for both, grade, solution, locked)
ROLES = {
    "locked": (None, False, False, True),
    "solution": ("code", False, True, False),
    "test": ("code", True, False, True),
    "written": ("markdown", True, True, False),
}
_OPTIONS = {"cell_metadata_filter": "all", "notebook_metadata_filter": "-all"}
_ADDED = {
    *("nbgrader", "deletable", "editable"),
    *("scrolled", "collapsed", "execution", "jupyter", "trusted"),
}
_METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    # Jupyter would add the version of Python; ours must not depend on it.
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}


class Refusal(ValueError):
    """Say what in a text or notebook must change before it can be used."""


def texts(root=ROOT):
    """Return the paths of all texts, lectures before solutions."""
    folder = Path(root, "text")
    return sorted(folder.glob("lectures/*.py")) + sorted(folder.glob("solutions/*.py"))


def notebook_path(text_path):
    """Return where the notebook of a text is stored."""
    text_path = Path(text_path)
    root, name = text_path.parents[2], text_path.stem
    if text_path.parent.name == "lectures":
        return root / "lectures" / f"{name}.ipynb"
    return root / "solutions" / name / f"{name}.ipynb"


def text_path(notebook_path):
    """Return where the text of a lecture or solution notebook stands."""
    path = Path(notebook_path).resolve()
    if path.parent.name == "lectures":
        return path.parents[1] / "text" / "lectures" / f"{path.stem}.py"
    if path.parents[1].name == "solutions" and path.parent.name == path.stem:
        return path.parents[2] / "text" / "solutions" / f"{path.stem}.py"
    raise Refusal(
        f"{notebook_path} has no text: only lectures/NAME.ipynb and "
        "solutions/NAME/NAME.ipynb have one. A release in assignments/ is made from "
        "its solution; edit that."
    )


def is_assignment(path):
    """Say whether a text or notebook is an assignment rather than a lecture."""
    return "solutions" in Path(path).parts[-3:]


# Text <-> notebook


def from_text(text, name="the text"):
    """Return the notebook that a text describes, not executed."""
    parsed = jupytext.reads(text, fmt="py:percent")
    occurrences = {}
    cells = []
    for number, cell in enumerate(parsed.cells):
        kept = {k: v for k, v in cell.metadata.items() if k != "lines_to_next_cell"}
        try:
            metadata = expand(kept, cell.cell_type)
        except Refusal as problem:
            raise Refusal(f"{place(name, text, number)}: {problem}") from None
        key = (cell.cell_type, cell.source)
        occurrences[key] = occurrences.get(key, 0) + 1
        grade_id = metadata.get("nbgrader", {}).get("grade_id")
        new = {
            "cell_type": cell.cell_type,
            "id": grade_id or _digest(*key, occurrences[key]),
            "metadata": metadata,
            "source": cell.source,
        }
        if cell.cell_type == "code":
            new |= {"execution_count": None, "outputs": []}
        cells.append(new)
    ids = [cell["id"] for cell in cells]
    for grade_id in sorted({i for i in ids if ids.count(i) > 1}):
        raise Refusal(f"{name}: the id {grade_id!r} stands on two cells; rename one.")
    return from_dict(
        {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    )


def to_text(notebook):
    """Return the text of a notebook: its cells without outputs or ids."""
    cells = []
    for cell in notebook.cells:
        make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
        cells.append(make(cell.source, metadata=contract(cell.metadata, cell.cell_type)))
    bare = nbformat.v4.new_notebook(cells=cells, metadata={"jupytext": _OPTIONS})
    return jupytext.writes(bare, fmt="py:percent")


def expand(metadata, cell_type):
    """Spell out `role`, `id` and `points` as nbgrader's metadata."""
    metadata = dict(metadata)
    role, grade_id, points = (metadata.pop(k, None) for k in ("role", "id", "points"))
    if role is None:
        if grade_id is not None or points is not None:
            raise Refusal("id or points without a role; give the cell a role.")
        return metadata
    if role not in ROLES:
        raise Refusal(f"unknown role {role!r}; roles are {', '.join(ROLES)}.")
    wanted, grade, solution, locked = ROLES[role]
    if wanted not in (None, cell_type):
        raise Refusal(f"a {role} cell is a {wanted} cell, but this is {cell_type}.")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(grade_id or "")):
        raise Refusal(
            f"a {role} cell needs an id of letters, digits and hyphens, as "
            f'id="a3-loss"; this one has {grade_id!r}.'
        )
    if grade and (type(points) is not int or points <= 0):
        raise Refusal(
            f"a {role} cell needs points, a positive whole number as points=2; "
            f"{grade_id} has {points!r}."
        )
    if not grade and points is not None:
        raise Refusal(f"a {role} cell earns no points; remove them from {grade_id}.")
    nbgrader = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if grade:
        nbgrader["points"] = points
    return {"nbgrader": nbgrader, **metadata}


def contract(metadata, cell_type):
    """Write nbgrader's metadata as `role`, `id` and `points`, the inverse of `expand`.

    What Jupyter and nbgrader add on their own (checksums, locks, scrolling) goes.
    """
    rest = {k: v for k, v in metadata.items() if k not in _ADDED}
    role = role_of(metadata, cell_type)
    if role is None:
        return rest
    nbgrader = metadata["nbgrader"]
    header = {"role": role, "id": nbgrader["grade_id"]}
    if nbgrader["grade"]:
        points = nbgrader["points"]
        header["points"] = int(points) if points == int(points) else points
    return {**header, **rest}


def role_of(metadata, cell_type):
    """Return the role that nbgrader's metadata gives a cell, or None."""
    nbgrader = metadata.get("nbgrader", {})
    flags = tuple(bool(nbgrader.get(k)) for k in ("grade", "solution", "locked"))
    if not any(flags):
        return None
    for role, (wanted, *expected) in ROLES.items():
        if flags == tuple(expected) and wanted in (None, cell_type):
            return role
    raise Refusal(
        f"the {cell_type} cell {nbgrader.get('grade_id')!r} is of a kind that the "
        f"course does not use (grade, solution, locked = {flags}); make it one of "
        f"{', '.join(ROLES)}."
    )


def place(name, text, number):
    """Say where cell `number` (from 0) stands in a text, for a person to find it."""
    lines = enumerate(text.split("\n"), 1)
    starts = [n for n, line in lines if line.startswith("# %%")]
    line = f" (line {starts[number]})" if number < len(starts) else ""
    return f"{name}, cell {number + 1}{line}"


def _digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]


# Executing


def build(text_path, changes=None, cell_seconds=CELL_SECONDS):
    """Return the executed notebook of the text at `text_path`.

    Refused: a cell that raises, writes to stderr, leaves an interactive widget or
    prints something that differs from run to run; a notebook over 400 kB.
    """
    text_path = Path(text_path)
    name, text = "/".join(text_path.parts[-3:]), text_path.read_text(encoding="utf-8")
    notebook = from_text(text, name)
    problem, reached = None, 0

    def on_cell(cell, cell_index):
        nonlocal reached
        reached = cell_index

    try:
        execute(notebook, changes, cell_seconds, on_cell=on_cell)
    except CellExecutionError:
        pass  # its output, which we read below, says it better
    except CellTimeoutError:
        problem = f"ran longer than {cell_seconds} s; make it shorter."
    except DeadKernelError:
        problem = "ended Python itself; look for exit() or too much memory."
    clean(notebook)
    for number, cell in enumerate(notebook.cells):
        refused = find_refused_output(cell)
        if problem and number == reached:
            refused = problem
        if refused:
            raise Refusal(f"{place(name, text, number)}: {refused}\n{quote(cell)}")
    size = len(dumps(notebook).encode())
    if size > LARGEST:
        raise Refusal(
            f"{name}: the executed notebook is {size // 1000} kB, over "
            f"{LARGEST // 1000} kB. Draw fewer points or smaller figures."
        )
    return notebook


def clean(notebook):
    """Reset what a kernel and its time of running leave in an executed notebook."""
    notebook.metadata = from_dict(_METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = merge_streams(cell.outputs)


# Files


def dumps(notebook):
    """Return the bytes of a notebook as text, in nbformat's own canonical JSON."""
    if not isinstance(notebook, NotebookNode):
        notebook = from_dict(notebook)
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def sync(path, check=False):
    """Write an edited notebook back to its text; say whether they differed.

    With `check`, write nothing.
    """
    target = text_path(path)
    text = to_text(nbformat.read(path, as_version=4))
    before = target.read_text(encoding="utf-8") if target.exists() else None
    if not check:
        write(target, text)
    return text != before
