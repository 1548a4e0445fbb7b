"""Execute the lectures in unlike environments: what they show must not change.

A stored number is a claim about the reader's machine too. The matrix imitates
other processors, numbers of threads and orders of a set's elements.
"""

import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from coursegrader import notebooks
from coursegrader.building import WORKERS, choose
from coursegrader.kernel import ONE_THREAD, ROOT
from coursegrader.notebooks import Refusal, is_assignment, notebook_path
from coursegrader.outputs import differences

# OpenBLAS's kernels by the instruction set that they need.
CORES = {"Haswell": "avx2", "SkylakeX": "avx512f", "Zen": "avx2", "Prescott": "sse3"}


def environments():
    """Return {name: changed variables} of what this machine can imitate."""
    matrix = {
        "again": {},
        "2 threads": dict.fromkeys(ONE_THREAD, "2"),
        "other hashes": {"PYTHONHASHSEED": "1"},
    }
    for core, needed in CORES.items():
        if needed in instructions():
            matrix[core] = {"OPENBLAS_CORETYPE": core}
    features = simd_features()
    if features:
        matrix["less SIMD"] = {"NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    return matrix


def instructions():
    """Return the instruction sets of this x86 processor; none known elsewhere."""
    cpuinfo = Path("/proc/cpuinfo")
    if platform.machine() not in ("x86_64", "AMD64") or not cpuinfo.exists():
        return set()
    flags = cpuinfo.read_text(encoding="utf-8", errors="replace").split()
    return {"sse3" if flag == "pni" else flag for flag in flags}


def simd_features():
    """Return the SIMD features that NumPy chooses at run time on this machine."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def compare(text_path, changes):
    """Return how a lecture run under `changes` differs from its stored notebook."""
    stored = nbformat.read(notebook_path(text_path), as_version=4)
    try:
        return differences(notebooks.build(text_path, changes), stored)
    except Refusal as problem:
        return [str(problem)]


def run(names=None, root=ROOT):
    """Print a table of lectures by environments; return 1 where any differs."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        chosen = [path for path in choose(names, root) if not is_assignment(path)]
    except Refusal as problem:
        console.print(str(problem), markup=False)
        return 2
    missing = [path for path in chosen if not notebook_path(path).exists()]
    if missing or not chosen:
        console.print("Not every lecture is built. Run `make notebooks` first.")
        return 2
    matrix = environments()
    found = {}
    with (
        Progress(console=console, disable=not sys.stdout.isatty()) as bar,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        pairs = [(path, name) for path in chosen for name in matrix]
        jobs = {pair: pool.submit(compare, pair[0], matrix[pair[1]]) for pair in pairs}
        for pair, job in bar.track(jobs.items(), description="reproducing"):
            found[pair] = job.result()
    table = Table("environment", *(path.stem[:2] for path in chosen))
    for name in matrix:
        counts = [len(found[path, name]) for path in chosen]
        table.add_row(name, *(f"{n} differ" if n else "same" for n in counts))
    console.print(table)
    absent = [core for core in CORES if core not in matrix]
    if absent:
        console.print(f"Not on this processor: {', '.join(absent)}.")
    for (path, name), lines in found.items():
        for line in lines:
            console.print(f"{path.stem}, {name}: {line}", markup=False)
    return 1 if any(found.values()) else 0
