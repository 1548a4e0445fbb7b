"""Intake and repair: what arrives damaged leaves as the notebook it was meant to be."""

import json
import os
import sys

import nbformat
import pytest
from nbformat import NotebookNode
from small_course import Class, answers, find

from coursegrader.assignment import grade_id
from coursegrader.intake import (
    UnusableClass,
    find_submitted,
    read_due,
    scan,
    take,
)
from coursegrader.repair import MOST_CELLS


@pytest.fixture
def room(tmp_path, small_assignment):
    """Give an empty class."""
    return Class(tmp_path, small_assignment)


def take_in(room, notebook=None, **how):
    """Hand a notebook in and take it in."""
    room.hand_in("Ana", notebook, **how)
    return take(room.folder / "submitted" / "Ana", room.assignment)


@pytest.fixture
def reference(room, tmp_path):
    """Give the reference answer as it is graded."""
    other = Class(tmp_path / "other", room.assignment)
    return take_in(other).notebook


def text_of(room):
    """Return the reference as a file's text."""
    return nbformat.writes(answers(room.assignment))


def edit(room, change):
    """Return the reference's text after a change to its cells."""
    notebook = json.loads(text_of(room))
    notebook["cells"] = change(notebook["cells"])
    return json.dumps(notebook)


def strip_metadata(cells):
    return [
        {k: v for k, v in c.items() if k != "id"} | {"metadata": {"nbgrader": "gone"}}
        for c in cells
    ]


def retype(cells):
    for cell in cells:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("grade_id") == "a9-double-visible":
            cell["cell_type"] = "raw"
            meta.update(points="many", schema_version="seven", locked="yes")
            cell["metadata"]["tags"] = ["skip-execution"]
    return cells


def delete_checks(cells):
    return [
        cell
        for cell in cells
        if not cell["metadata"].get("nbgrader", {}).get("grade_id", "").endswith("hidden")
    ]


def add_nonsense(cells):
    return [*cells, {"cell_type": "sound"}, 7, {"cell_type": [], "source": 3}]


def tag_all(cells):
    for cell in cells:
        cell["metadata"]["tags"] = ["skip-execution"]
    return cells


REPAIRED = {
    "as it is": (lambda room: text_of(room), ""),
    "byte-order mark": (lambda room: b"\xef\xbb\xbf" + text_of(room).encode(), ""),
    "UTF-16": (lambda room: text_of(room).encode("utf-16"), ""),
    "newer minor format": (
        lambda room: text_of(room).replace('"nbformat_minor": 5', '"nbformat_minor": 99'),
        "",
    ),
    "old format": (
        lambda room: nbformat.writes(nbformat.convert(answers(room.assignment), 3), 3),
        "",
    ),
    "tags": (lambda room: edit(room, tag_all), ""),
    "moved cells": (lambda room: edit(room, lambda c: c[2:] + c[:2]), ""),
    "odd cells": (lambda room: edit(room, add_nonsense), ""),
    "no metadata": (lambda room: edit(room, strip_metadata), "marks were lost"),
    "retyped": (lambda room: edit(room, retype), "type was changed to raw"),
    "no checks": (lambda room: edit(room, delete_checks), "missing; put back"),
}


@pytest.mark.parametrize("damage", REPAIRED)
def test_repaired_to_the_reference(room, reference, damage):
    make, word = REPAIRED[damage]
    found = take_in(room, make(room))
    assert found.reason == ""
    graded = {grade_id(cell): cell.source for cell in found.notebook.cells}
    graded.pop(None)
    expected = {grade_id(cell): cell.source for cell in reference.cells}
    expected.pop(None)
    assert list(graded.items()) == list(expected.items())
    assert word in " ".join(found.problems)
    assert bool(word) == bool(found.problems), found.problems


def test_repaired_cells_carry_the_releases_metadata(room):
    found = take_in(room, edit(room, retype))
    release = {grade_id(cell): cell.metadata for cell in room.assignment.release.cells}
    for cell in found.notebook.cells:
        expected = release[grade_id(cell)] if grade_id(cell) else {}
        assert cell.metadata == expected
    nbformat.validate(found.notebook)


def test_deleted_answer_is_put_back_blank(room):
    gone = lambda cells: [c for c in cells if c.get("id") != "a9-double"]
    found = take_in(room, edit(room, gone))
    assert "NotImplementedError" in find(found.notebook, "a9-double").source
    assert found.problems == [
        "a9-double: the answer is missing; put back, the answer blank"
    ]


def test_answer_in_a_cell_of_ones_own_counts(room):
    notebook = answers(room.assignment)
    own = nbformat.v4.new_code_cell("def double(x):\n    return x + x")
    at = [grade_id(cell) for cell in notebook.cells].index("a9-double")
    notebook.cells[at] = own
    found = take_in(room, notebook)
    assert find(found.notebook, "a9-double").source == own.source
    assert found.problems == []


def test_of_two_copies_the_filled_one_is_graded(room):
    notebook = answers(room.assignment)
    blank = nbformat.from_dict(find(room.assignment.release, "a9-double"))
    blank.id = "copy"
    notebook.cells.append(blank)
    found = take_in(room, notebook)
    sources = [cell.source for cell in found.notebook.cells]
    assert "return 2 * x" in find(found.notebook, "a9-double").source
    assert blank.source not in sources
    assert "a9-double: the cell is there 2 times; one was graded" in found.problems


def test_earlier_copy_stays_for_what_it_defines(room):
    notebook = answers(room.assignment)
    first = nbformat.from_dict(find(notebook, "a9-double"))
    first.source, first.id = "factor = 2", "copy"
    find(notebook, "a9-double").source = "def double(x):\n    return factor * x"
    at = [grade_id(cell) for cell in notebook.cells].index("a9-double")
    notebook.cells.insert(at, first)
    found = take_in(room, notebook)
    sources = [cell.source for cell in found.notebook.cells]
    assert "factor * x" in find(found.notebook, "a9-double").source
    assert sources.index("factor = 2") < sources.index(
        find(found.notebook, "a9-double").source
    )


def test_own_cells_stay_where_they_were(room):
    notebook = answers(room.assignment)
    at = [grade_id(cell) for cell in notebook.cells].index("a9-total")
    notebook.cells.insert(at, nbformat.v4.new_code_cell("helper = 1"))
    found = take_in(room, notebook)
    sources = [cell.source for cell in found.notebook.cells]
    ids = [grade_id(cell) for cell in found.notebook.cells]
    assert sources.index("helper = 1") == ids.index("a9-total") - 1


REFUSED = {
    "empty": (b"", "empty"),
    "blank lines": (b" \n\n", "empty"),
    "half": (b'{"cells": [', "not JSON"),
    "a list": (b"[1, 2]", "no cells"),
    "deep": (b"[" * 100_000, "not JSON"),
    "Latin-1": (b'{"cells": "\xe9"}', "not UTF-8"),
    "no cell": (b'{"cells": []}', "no cells"),
    "cells of no kind": (b'{"cells": {"a": 1}}', "no cells"),
    "damaged old format": (b'{"worksheets": 3, "nbformat": 3}', "old format"),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_refused_with_a_reason(room, damage):
    content, word = REFUSED[damage]
    found = take_in(room, content)
    assert word in found.reason
    assert found.notebook is None


@pytest.mark.parametrize("half", ["\\ud83d", "\\udc00"])
def test_half_of_a_character_is_refused_in_words(room, half):
    found = take_in(room, text_of(room).replace("return 2 * x", f"return 2 * x  # {half}"))
    assert f"cell 4 holds half of a character ({half})" in found.reason
    whole = text_of(room).replace("2 * x", "2 * x  # \\ud83d\\ude00")
    assert take_in(room, whole).reason == ""


@pytest.mark.parametrize(
    "place, said",
    [
        ("a9.ipynb", "a9.ipynb lies directly in the student's folder; put the notebook at"),
        ("a9", "a9 is a file, not a folder; put the notebook at a9/a9.ipynb"),
        ("A9.IPYNB", "A9.IPYNB lies directly in the student's folder"),
        ("b9.ipynb", "nothing was handed in"),
    ],
)
def test_notebook_in_the_wrong_place_is_named(room, place, said):
    room.hand_in("Bo")
    (room.folder / "submitted" / "Ana").mkdir()
    (room.folder / "submitted" / "Ana" / place).write_text(text_of(room))
    (ana, bo), notes = scan(room.folder / "submitted", {"a9": room.assignment})
    assert said in ana.reason and bo.reason == "" and notes == []


def test_folder_in_another_case_is_named(room):
    path = room.hand_in("Ana")
    path.parent.rename(path.parent.with_name("A9"))
    (ana,), notes = scan(room.folder / "submitted", {"a9": room.assignment})
    same = path.is_file()  # where case makes no difference the notebook is found
    assert ana.reason == ("" if same else "the folder is named A9; rename it to a9")
    assert notes == []


def test_same_change_to_many_cells_is_one_line(room):
    def raise_points(cells):
        for cell in cells:
            if "points" in cell["metadata"].get("nbgrader", {}):
                cell["metadata"]["nbgrader"]["points"] = 100
        return cells

    found = take_in(room, edit(room, raise_points))
    assert found.problems == [
        "a9-double-visible: its points or grading marks were edited; restored, "
        "as in 4 more of the cells"
    ]


def test_notebook_of_another_assignment_is_refused(room):
    found = take_in(room, text_of(room).replace('"a9-', '"a8-'))
    assert "another assignment" in found.reason and "a8-" in found.reason


def test_other_name_is_taken_when_it_is_alone(room):
    found = take_in(room, file="a9 (1).ipynb")
    assert found.notebook is not None
    assert found.problems == ["the notebook is named a9 (1).ipynb; taken as a9.ipynb"]
    room.hand_in("Ana", file="draft.ipynb")
    found = take(room.folder / "submitted" / "Ana", room.assignment)
    assert "several notebooks" in found.reason
    found = take_in(room)
    assert found.reason == ""
    assert "left out: a9 (1).ipynb, draft.ipynb" in found.problems[0]


def test_other_files_are_left_out_by_name(room):
    room.hand_in("Ana", b"import os", file="numpy.py")
    room.hand_in("Ana", b"", file=".DS_Store")
    found = take_in(room)
    assert found.problems == ["left out, only the notebook is graded: numpy.py"]


def test_names_that_are_no_text_are_shown_as_text(room):
    folder = room.hand_in("Ana").parent
    if sys.platform != "linux":
        pytest.skip("file names are always text here")
    (folder / os.fsdecode(b"r\xe9sum\xe9 \x1b[2J.pdf")).touch()
    (folder.parent / os.fsdecode(b"\xe9")).mkdir()
    (found,), notes = scan(room.folder / "submitted", {"a9": room.assignment})
    assert [text for _, text in notes] and "r\\udce9sum" in found.problems[0]
    assert all(text.isprintable() for text in [*found.problems, *notes[0]])


def test_what_is_no_file_is_refused(room):
    path = room.hand_in("Ana")
    path.unlink()
    path.mkdir()
    student = room.folder / "submitted" / "Ana"
    assert "not a file" in take(student, room.assignment).reason
    path.rmdir()
    os.symlink("elsewhere", path)
    assert "is a link" in take(student, room.assignment).reason
    path.unlink()
    os.mkfifo(path)
    assert "not a file" in take(student, room.assignment).reason


def test_too_large_a_file_is_refused(room, monkeypatch):
    monkeypatch.setattr("coursegrader.intake.LARGEST_NOTEBOOK", 1000)
    assert "the limit is" in take_in(room).reason


def test_too_many_cells_are_cut(room):
    many = lambda cells: cells + [{"cell_type": "code", "source": "1"}] * MOST_CELLS
    found = take_in(room, edit(room, many))
    assert len(found.notebook.cells) <= MOST_CELLS
    assert f"only the first {MOST_CELLS:,} cells were read" in found.problems


@pytest.mark.parametrize(
    "stamp", ["2026-03-04 02:09 UTC", "2026-03-04T02:09:00Z", "2026-03-04 03:09 +0100"]
)
def test_timestamp_is_read(room, stamp):
    assert str(take_in(room, timestamp=stamp).timestamp) == "2026-03-04 02:09:00"


def test_timestamp_that_is_no_date_is_reported(room):
    for stamp in ("yesterday", "\x00", "9" * 100, ""):
        found = take_in(room, timestamp=stamp)
        assert found.timestamp is None and found.notebook is not None
        assert "is no date" in found.problems[0]
    assert "future" in take_in(room, timestamp="2999-01-01").problems[0]


def test_names_that_are_one_folder_elsewhere_are_noted(room):
    for name in ("anna", "Anna", "Bo"):
        room.hand_in(name)
    found, notes = scan(room.folder / "submitted", {"a9": room.assignment})
    apart = len({submission.student for submission in found} - {"Bo"})
    assert len(notes) == (2 if apart == 2 else 0)
    assert all("differs only in case" in note for _, note in notes)


def test_name_that_cannot_be_printed_is_noted(room):
    room.hand_in("Bo")
    room.hand_in("one\nline")
    found, notes = scan(room.folder / "submitted", {"a9": room.assignment})
    assert [submission.student for submission in found] == ["Bo"]
    assert "rename the folder" in notes[0][1]


def test_folder_of_no_assignment_is_noted(room):
    room.hand_in("Bo")
    (room.folder / "submitted" / "Bo" / "b7").mkdir()
    _, notes = scan(room.folder / "submitted", {"a9": room.assignment})
    assert notes == [("Bo", "the folder b7 was left out: the course has no assignment b7")]


def test_three_ways_to_name_a_class(room):
    room.hand_in("Bo")
    submitted = room.folder / "submitted"
    assert find_submitted(room.folder, ["a9"]) == submitted
    assert find_submitted(submitted, ["a9"]) == submitted
    moved = submitted.rename(room.folder / "students")
    assert find_submitted(moved, ["a9"]) == moved


def test_what_is_no_class_is_refused(room):
    (room.folder / "submitted").mkdir()
    with pytest.raises(UnusableClass, match="no student's folder"):
        find_submitted(room.folder, ["a9"])
    (room.folder / "marks.zip").touch()
    with pytest.raises(UnusableClass, match="is a file"):
        find_submitted(room.folder / "marks.zip", ["a9"])
    with pytest.raises(UnusableClass, match="There is no folder"):
        find_submitted(room.folder / "nothing", ["a9"])


def test_due_date_is_read(room):
    room.hand_in("Bo")
    submitted = room.folder / "submitted"
    assert read_due(submitted, ["a9"]) == {}
    place = room.folder / "class.toml"
    place.write_text('[due]\na9 = "2026-03-02 23:59 UTC"\na1 = 2026-01-01\n')
    assert str(read_due(submitted, ["a9"])["a9"]) == "2026-03-02 23:59:00"
    for text in ("due = ", '[due]\na9 = "soon"', "due = 3"):
        place.write_text(text)
        with pytest.raises(UnusableClass, match="cannot be read"):
            read_due(submitted, ["a9"])


def test_pictures_of_a_written_answer_are_kept(room):
    notebook = answers(room.assignment)
    picture = {"a.png": {"image/png": "iVBORw0KGgo="}}
    find(notebook, "a9-words")["attachments"] = NotebookNode(picture)
    found = take_in(room, notebook)
    assert find(found.notebook, "a9-words").attachments == picture
