"""Run notebooks in a Jupyter kernel that nothing outside the course can influence.

The same notebook must give the same output on every machine, so the kernel sees
neither the user's start-up files and settings nor more than one BLAS thread.
"""

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
CELL_SECONDS = 120

# Variables with these beginnings change what a notebook prints or draws.
_FOREIGN = ("PYTHON", "IPYTHON", "JUPYTER", "MPL", "MATPLOTLIB", "NPY", "OPENBLAS")
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

# nbclient logs what it then raises.
_SILENT = logging.getLogger(__name__)
_SILENT.disabled = True


class _ThisPython(KernelSpecManager):
    """Offer one kernel: the Python that runs this program."""

    def get_kernel_spec(self, kernel_name):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


def environment(folder, changes=None):
    """Return environment variables for a kernel whose settings live in `folder`.

    `changes` overrides single variables, as `{"OMP_NUM_THREADS": "2"}`.
    """
    folder = Path(folder)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
    isolated = {
        "COURSECORE_STATIC": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(_font_cache()),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "COLUMNS": "80",
        "NO_COLOR": "1",
    }
    threads = dict.fromkeys(ONE_THREAD, "1")
    return {**kept, **isolated, **threads, **(changes or {})}


def _font_cache():
    # Being Matplotlib's folder of settings too, it keeps the user's own from being read.
    # Matplotlib announces on stderr that it builds this cache, and a notebook may
    # write nothing there: so it is built once, beforehand, and kept.
    folder = ROOT / "build" / "matplotlib"
    if not any(folder.glob("fontlist*.json")):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"],
            env={**os.environ, "MPLCONFIGDIR": str(folder)},
            capture_output=True,
            check=True,
        )
    return folder


@contextmanager
def isolated_folders():
    """Give two new empty folders: one to work in, one for settings."""
    with tempfile.TemporaryDirectory(
        prefix="coursecore-", ignore_cleanup_errors=True
    ) as folder:
        work, settings = Path(folder, "work"), Path(folder, "settings")
        work.mkdir()
        settings.mkdir()
        yield work, settings


def execute(notebook, changes=None, cell_seconds=CELL_SECONDS, go_on=False, on_cell=None):
    """Execute a notebook in place, in an empty folder and a kernel of its own.

    A cell that raises keeps its error as an output and ends the run there
    (nbclient's `CellExecutionError`), unless `go_on`; one that runs longer than
    `cell_seconds` raises its `CellTimeoutError`. `changes` overrides environment
    variables; `on_cell(cell, cell_index)` is called before each cell.
    """
    with isolated_folders() as (work, settings):
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=_ThisPython(),
            connection_file=str(settings / "kernel.json"),
            # Sockets in our own folder: no port to fight over, and none to listen on.
            transport="ipc",
            ip=str(settings / "k"),
        )
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=cell_seconds,
            allow_errors=go_on,
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(work)}},
            on_cell_execute=on_cell,
            log=_SILENT,
        )
        # A manager that we made is ours to stop: nbclient would leave it running. The
        # event loop is ours to close: nbclient's own way keeps one open per thread.
        run = client.async_execute(
            env=environment(settings, changes),
            cleanup_kc=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        asyncio.run(run)
