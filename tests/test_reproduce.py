import nbformat
import pytest

from coursegrader import files, notebooks, reproduce


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Store one lecture that prints an environment variable."""
    text = tmp_path / "text" / "lectures" / "01-try.py"
    text.parent.mkdir(parents=True)
    text.write_text("# %%\nimport os\n\nprint(os.environ.get('DAY', 'Monday'))\n")
    path = notebooks.notebook_path(text)
    files.write(path, notebooks.dumps(notebooks.build(text)))
    matrix = {"again": {}, "a day later": {"DAY": "Tuesday"}}
    monkeypatch.setattr(reproduce, "environments", lambda: matrix)
    return tmp_path


def test_a_difference_is_printed(course, capsys):
    assert reproduce.run(None, course) == 1
    told = capsys.readouterr().out
    assert "01-try, a day later: cell 1" in told and "+Tuesday" in told
    assert "01-try, again" not in told


def test_no_difference_is_success(course, monkeypatch, capsys):
    monkeypatch.setattr(reproduce, "environments", lambda: {"again": {}})
    assert reproduce.run(["01"], course) == 0
    assert "same" in capsys.readouterr().out


def test_a_lecture_not_yet_built_is_named(course, capsys):
    (path,) = (course / "lectures").glob("*.ipynb")
    assert nbformat.read(path, as_version=4).cells
    path.unlink()
    assert reproduce.run(None, course) == 2
    assert "make notebooks" in capsys.readouterr().out


def test_the_matrix_imitates_what_the_machine_has(monkeypatch):
    monkeypatch.setattr(reproduce, "instructions", lambda: {"avx2", "sse3"})
    monkeypatch.setattr(reproduce, "simd_features", lambda: ["X86_V3", "X86_V4"])
    matrix = reproduce.environments()
    assert {"Haswell", "Zen", "Prescott"} <= matrix.keys()
    assert "SkylakeX" not in matrix
    assert matrix["less SIMD"] == {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"}
    assert matrix["2 threads"]["OPENBLAS_NUM_THREADS"] == "2"
