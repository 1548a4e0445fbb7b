import string

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from coursegrader import building, files, notebooks
from coursegrader.__main__ import app
from coursegrader.notebooks import Refusal
from coursegrader.outputs import differences, merge_streams

TEXTS = notebooks.texts()
NAMES = [path.stem for path in TEXTS]
each_text = pytest.mark.parametrize("path", TEXTS, ids=NAMES)


@pytest.fixture(scope="module")
def built():
    """Build every text once."""
    return building.build_all(TEXTS)


@pytest.fixture
def course(tmp_path):
    """Return a function that writes a text into a course of its own."""

    def add(source, name="lectures/01-try"):
        path = tmp_path / "text" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        return path

    return add


# The course's own notebooks


def test_there_is_a_lecture_and_an_assignment():
    kinds = {path.parent.name for path in TEXTS}
    assert kinds == {"lectures", "solutions"}


def test_every_stored_notebook_has_a_text():
    assert building.strays() == []


@each_text
def test_stored_notebook_is_what_its_text_gives(path, built):
    new, stored = built[path], notebooks.notebook_path(path)
    assert not isinstance(new, Refusal), str(new)
    text = stored.read_text(encoding="utf-8")
    old = nbformat.reads(text, as_version=4)
    found = differences(new, old)
    advice = f"run `python -m coursegrader notebooks {path.stem}`"
    assert found == [], "\n".join([f"{stored.name}: {advice}", *found])
    assert notebooks.dumps(old) == text, f"{stored.name} is spaced by hand; {advice}"


@each_text
def test_text_is_what_its_notebook_gives(path):
    text = path.read_text(encoding="utf-8")
    stored = nbformat.read(notebooks.notebook_path(path), as_version=4)
    advice = "edit the text, or sync the notebook: python -m coursegrader sync"
    assert notebooks.to_text(stored) == text, f"{path.name}: {advice}"


@each_text
def test_stored_notebook_is_small(path):
    assert notebooks.notebook_path(path).stat().st_size <= notebooks.LARGEST


# Text <-> notebook

words = st.text(string.ascii_letters + string.digits + " éπ'\"$\\_*`", max_size=30)
prose = st.lists(words.map(str.strip), min_size=1, max_size=4).map("\n".join)
statements = st.lists(
    st.sampled_from(["x = 1", "def f(x):\n    return x", "# why", "f(x)", "", "s = '%%'"]),
    min_size=1,
    max_size=5,
).map("\n".join)
tags = st.lists(st.from_regex(r"topic-\d{3}", fullmatch=True), max_size=2, unique=True)
roles = st.sampled_from([None, *notebooks.ROLES])


@st.composite
def notebooks_with_roles(draw):
    cells = []
    for number in range(draw(st.integers(1, 6))):
        role = draw(roles)
        kinds = ["code", "markdown"]
        kind = (role and notebooks.ROLES[role][0]) or draw(st.sampled_from(kinds))
        source = draw(statements if kind == "code" else prose).strip()
        header = {"role": role, "id": f"a1-{number}"} if role else {}
        if role in ("test", "written"):
            header["points"] = draw(st.integers(1, 9))
        chosen = draw(tags)
        if chosen:
            header["tags"] = chosen
        make = getattr(nbformat.v4, f"new_{kind}_cell")
        metadata = notebooks.expand(header, kind)
        cells.append(make(source, metadata=metadata))
    return nbformat.v4.new_notebook(cells=cells)


@settings(max_examples=150)
@given(notebooks_with_roles())
def test_round_trip_is_the_identity(notebook):
    text = notebooks.to_text(notebook)
    back = notebooks.from_text(text)
    kept = [(c.cell_type, c.source, c.metadata) for c in notebook.cells]
    assert [(c.cell_type, c.source, c.metadata) for c in back.cells] == kept
    assert notebooks.to_text(back) == text


def test_ids_depend_on_nothing_but_the_cells():
    text = "# %%\n1\n\n# %%\n1\n\n# %%\n2\n"
    ids = [cell.id for cell in notebooks.from_text(text).cells]
    assert ids == [cell.id for cell in notebooks.from_text(text).cells]
    assert len(set(ids)) == 3
    longer = notebooks.from_text("# %%\n0\n\n" + text)
    assert [cell.id for cell in longer.cells][1:] == ids


def test_nbgrader_metadata_is_expanded_in_full():
    text = '# %% role="test" id="a1-x-visible" points=2\ncheck.that(x)\n'
    (cell,) = notebooks.from_text(text).cells
    assert cell.id == "a1-x-visible"
    assert cell.metadata.nbgrader == {
        "grade": True,
        "grade_id": "a1-x-visible",
        "locked": True,
        "points": 2,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }


@pytest.mark.parametrize(
    "header, words",
    [
        ('role="answer" id="a1-x"', "unknown role 'answer'"),
        ('role="solution"', "needs an id"),
        ('role="solution" id="a1 x"', "needs an id"),
        ('id="a1-x"', "without a role"),
        ('role="test" id="a1-x"', "needs points"),
        ('role="test" id="a1-x" points=0', "needs points"),
        ('role="test" id="a1-x" points=1.5', "needs points"),
        ('role="locked" id="a1-x" points=1', "earns no points"),
        ('[markdown] role="solution" id="a1-x"', "is a code cell"),
    ],
)
def test_a_wrong_header_is_refused(header, words):
    with pytest.raises(Refusal, match=words) as refused:
        notebooks.from_text(f"# %%\n1\n\n# %% {header}\n2\n", "a1.py")
    assert "a1.py, cell 2 (line 4)" in str(refused.value)


def test_an_id_used_twice_is_refused():
    cell = '# %% role="locked" id="a1-x"\n1\n'
    with pytest.raises(Refusal, match="stands on two cells") as refused:
        notebooks.from_text(f"{cell}\n{cell}")
    assert "a1-x" in str(refused.value)


def test_sync_takes_an_edited_notebook_back(course, tmp_path):
    path = course('# %% role="locked" id="a1-x"\nx = 1\n', "solutions/a1")
    stored = notebooks.notebook_path(path)
    notebook = notebooks.from_text(path.read_text())
    notebook.cells[0].source = "x = 2"
    notebook.cells[0].metadata.nbgrader["checksum"] = "0"
    notebook.cells[0].metadata["deletable"] = False
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="hello")]
    files.write(stored, notebooks.dumps(notebook))
    assert building.sync(stored, check=True) == 1
    assert "x = 1" in path.read_text()
    assert building.sync(stored) == 0
    assert path.read_text() == '# %% role="locked" id="a1-x"\nx = 2\n'
    assert building.sync(stored, check=True) == 0


def test_sync_refuses_a_release(tmp_path, capsys):
    path = tmp_path / "assignments" / "a1" / "a1.ipynb"
    assert building.sync(path) == 2
    assert "is made from its solution" in capsys.readouterr().out.replace("\n", " ")


# Executing


def test_building_twice_gives_the_same_bytes(course):
    path = course(
        "# %%\nimport matplotlib.pyplot as plt\n\n"
        "print(1, flush=True)\nprint(set('abcdefgh'))\n"
        "\n# %%\nplt.plot([1, 2, 4])\nplt.show()\n"
    )
    first, second = building.build_all([path])[path], notebooks.build(path)
    assert notebooks.dumps(first) == notebooks.dumps(second)
    assert first.cells[0].outputs[0].text.startswith("1\n{")
    assert "image/png" in first.cells[1].outputs[0].data
    assert "version" not in str(first.metadata)


def test_nothing_of_the_user_leaks_in(course, tmp_path, monkeypatch):
    home = tmp_path / "home"
    startup = home / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("leaked = 1")
    (home / "start.py").write_text("leaked = 2")
    (home / "matplotlibrc").write_text("lines.linewidth: 40")
    monkeypatch.setenv("IPYTHONDIR", str(home))
    monkeypatch.setenv("PYTHONSTARTUP", str(home / "start.py"))
    monkeypatch.setenv("MATPLOTLIBRC", str(home))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    path = course(
        "# %%\nimport os\n\nimport matplotlib\n\n"
        "print('leaked' in globals(), os.listdir())\n"
        "print(matplotlib.rcParams['lines.linewidth'] < 40)\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'], os.environ['COURSECORE_STATIC'])\n"
    )
    (cell,) = notebooks.build(path).cells
    assert cell.outputs[0].text == "False []\nTrue\n1 1\n"


@pytest.mark.parametrize(
    "source, words",
    [
        ("1 / 0", "raised ZeroDivisionError"),
        ("import warnings\nwarnings.warn('old')", "wrote to stderr"),
        ("object()", "memory address"),
        ("import ipywidgets\nipywidgets.IntSlider()", "live widget"),
        ("while True:\n    pass", "ran longer than 2 s"),
        ("import os\nos._exit(3)", "ended Python itself"),
    ],
)
def test_a_cell_that_cannot_be_stored_is_refused(course, source, words):
    path = course(f"# %% [markdown]\n# # Try\n\n# %%\n{source}\n\n# %%\n3\n")
    with pytest.raises(Refusal, match=words) as refused:
        notebooks.build(path, cell_seconds=2)
    message = str(refused.value)
    assert "text/lectures/01-try.py, cell 2 (line 4)" in message
    assert f"    {source.splitlines()[-1]}" in message


def test_a_large_notebook_is_refused(course, monkeypatch):
    monkeypatch.setattr(notebooks, "LARGEST", 1000)
    with pytest.raises(Refusal, match="Draw fewer points") as refused:
        notebooks.build(course("# %%\nprint('x' * 1000)\n"))
    assert "over 1 kB" in str(refused.value)


# The command


def test_the_command_says_what_it_did(course, tmp_path, capsys):
    course("# %%\n1\n", "lectures/01-good")
    course("# %%\n1 / 0\n", "lectures/02-bad")
    left = tmp_path / "lectures" / "03-old.ipynb"
    files.write(left, "{}")
    assert building.run(None, tmp_path) == 1
    told = capsys.readouterr().out
    assert "written" in told and "refused    text/lectures/02-bad.py" in told
    assert "left over  lectures/03-old.ipynb" in told
    assert not (tmp_path / "lectures" / "02-bad.ipynb").exists()
    assert building.run(["01"], tmp_path) == 0
    assert "unchanged" in capsys.readouterr().out


def test_an_unknown_name_is_refused(course, tmp_path, capsys):
    course("# %%\n1\n", "lectures/01-good")
    assert building.run(["02"], tmp_path) == 2
    assert "01-good" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["notebooks", "sync", "pace", "reproduce"])
def test_each_command_answers_bad_input_with_a_sentence(command):
    run = CliRunner().invoke(app, [command, "nowhere/99.ipynb"])
    assert run.exit_code == 2 and run.output.strip().endswith(".")


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.ipynb"
    assert files.write(path, "old") and not files.write(path, "old")

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        files.write(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.ipynb"]


# Comparing


def stream(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def test_streams_split_by_chance_are_joined():
    image = nbformat.v4.new_output("display_data", {"image/png": "a"})
    merged = merge_streams([stream("1"), stream("2"), image, stream("3")])
    assert [output.get("text") for output in merged] == ["12", None, "3"]


def notebook_of(source="1", outputs=(), **metadata):
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)
    cell["id"] = "one"
    return nbformat.v4.new_notebook(cells=[cell])


def picture(shade, alt="a line", digest="d", spot=None):
    import base64
    import io

    import numpy as np
    from matplotlib.image import imsave

    file = io.BytesIO()
    pixels = np.full((80, 80), shade)
    pixels[0, :3] = shade if spot is None else spot
    imsave(file, pixels, vmin=0, vmax=1, format="png")
    data = {"image/png": base64.b64encode(file.getvalue()).decode()}
    metadata = {"image/png": {"alt": alt}, "figure": digest}
    return nbformat.v4.new_output("display_data", data, metadata=metadata)


@pytest.mark.parametrize(
    "stored, words",
    [
        (notebook_of("2", [picture(0.5)]), "source differs"),
        (notebook_of("1", [picture(0.5)], tags=["x"]), "metadata differs"),
        (notebook_of("1"), "1 outputs are built, 0 stored"),
        (notebook_of("1", [stream("3")]), "output 1: output_type differs"),
        (notebook_of("1", [picture(0.5, digest="e")]), "metadata differs"),
        (notebook_of("1", [picture(0.5, alt="")]), "metadata differs"),
        (notebook_of("1", [picture(0.9)]), "picture is another one"),
        (notebook_of("1", [picture(0.5, spot=1.0)]), "picture is another one"),
    ],
)
def test_each_difference_is_found(stored, words):
    built = notebook_of("1", [picture(0.5)])
    assert differences(built, built) == []
    found = "\n".join(differences(built, stored))
    assert words in found and "cell 1 (one)" in found


def test_a_shade_more_or_less_is_the_same_picture():
    one, other = notebook_of("1", [picture(0.5)]), notebook_of("1", [picture(0.501)])
    assert differences(one, other) == []


def test_missing_cells_are_a_difference():
    built = notebook_of()
    empty = nbformat.v4.new_notebook(cells=[])
    assert differences(built, empty) == ["1 cells are built, 0 stored"]
