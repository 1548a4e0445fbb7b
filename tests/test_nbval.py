"""Run nbval, strictly, over every lecture, as one test for each.

nbval runs in a process of its own: it then meets none of this test run's settings,
and its kernel none of the user's. It passes cells without outputs and ignores
pictures; test_notebooks.py and test_lectures.py look at these.
"""

import re
import subprocess
import sys

import nbformat
import pytest

from coursegrader.kernel import ROOT, environment, isolated_folders
from coursegrader.notebooks import dumps, from_text

PATHS = sorted((ROOT / "lectures").glob("*.ipynb"))


def nbval(path):
    """Return nbval's exit code, the number of cells it passed, and what it printed."""
    arguments = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout=120")
    plain = ("-p", "no:cacheprovider", "--color=no", "-q", "-c", "pytest.ini")
    with isolated_folders() as (work, settings):
        (work / "pytest.ini").write_text("[pytest]\n")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments, *plain, str(path)],
            cwd=work,
            # Another order of sets at every run: a lecture may not depend on it.
            env=environment(settings, {"PYTHONHASHSEED": "random"}),
            capture_output=True,
            text=True,
        )
    passed = re.search(r"(\d+) passed", run.stdout)
    return run.returncode, int(passed[1]) if passed else 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_lecture_shows_what_it_stores(path):
    notebook = nbformat.read(path, as_version=4)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    code, passed, told = nbval(path)
    assert (code, passed) == (0, cells), told[-6000:]


def test_a_stored_output_that_is_wrong_is_found(tmp_path):
    notebook = from_text("# %%\nprint(1)\n\n# %%\nprint(2)\n")
    for cell in notebook.cells:
        output = nbformat.v4.new_output("stream", name="stdout", text="1\n")
        cell.update(outputs=[output], execution_count=1)
    path = tmp_path / "wrong.ipynb"
    path.write_text(dumps(notebook))
    code, passed, told = nbval(path)
    assert (code, passed) == (1, 1), told
