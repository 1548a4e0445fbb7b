"""Measure the engine against hand-written NumPy and against other engines.

    python benchmarks/engine.py               everything: 20 to 40 minutes
    python benchmarks/engine.py --quick       three minutes, to see that it runs
    python benchmarks/engine.py --workloads W1 W2 --peers coursecore PyTorch

One step is forward, backward and SGD update. Contestants take turns in one process, and
each turn is divided by the turn of hand-written NumPy beside it: a ratio outlives a noisy
machine, a time does not. Every workload, precision and number of BLAS threads has a
process of its own. `--fresh` gives every contestant its own, as W6 always does: what a
first training loop meets, before the allocator has settled.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import tracemalloc
from importlib import metadata
from itertools import product
from pathlib import Path

import numpy as np
from contestants import (
    PACKAGES,
    PEERS,
    Autograd,
    ByHand,
    Coursecore,
    CoursecoreNets,
    installed,
    takes_part,
)
from workloads import CHAIN, DEEP, WORKLOADS

import coursecore
from coursecore import plots

HOME = Path(__file__).resolve().parent
BASE = ByHand.name
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
HESSIANS = {f"W8-{key}": key for key in ("W1", "W2", "W5")}
PRECISIONS = ["float64", "float32"]
THREADS = ["one", "default"]
MEMORY = "memory"


# ------------------------------------------------------------ in a child process


def entries(workload, peers, precision):
    """Make the functions to time, {name: function}, warmed up."""
    hessian = workload in HESSIANS
    program = WORKLOADS[HESSIANS.get(workload, workload)]
    # A chain has no parameters to update.
    kind = "hvp" if hessian else "gradient" if is_chain(workload) else "step"
    functions = {}
    for name in peers:
        if takes_part(name, program, kind):
            contestant = PEERS[name]()
            functions[name] = getattr(contestant, kind)(program, precision)
            if hessian:
                functions[f"{name} gradient"] = contestant.gradient(program, precision)
    for function in functions.values():
        function()
        function()
    return functions


def is_chain(workload):
    return workload.startswith("W6")


def time_in_turn(functions, rounds, turn):
    """Time functions A B C, A B C, …; return {name: [seconds a call, one each round]}.

    In each turn a function is called until about `turn` seconds have passed.
    """
    calls = {}
    for name, function in functions.items():
        start = time.perf_counter()
        function()
        calls[name] = max(1, round(turn / (time.perf_counter() - start)))
    seconds = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(calls[name]):
                function()
            seconds[name].append((time.perf_counter() - start) / calls[name])
    return seconds


def peak_memory(peers, precision):
    """Measure the most bytes that one step of a deep network holds beyond its input."""
    step = PEERS[peers[0]]().step(DEEP, precision)
    step()
    tracemalloc.start()
    step()
    return {peers[0]: [tracemalloc.get_traced_memory()[1]]}


def run_child(order):
    if order["threads"] == "one" and hasattr(os, "sched_setaffinity"):
        # JAX has as many threads as it may use cores.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if order["workload"] == MEMORY:
        return peak_memory(order["peers"], order["precision"])
    functions = entries(order["workload"], order["peers"], order["precision"])
    return time_in_turn(functions, order["rounds"], order["turn"])


def ask_child(threads, program=__file__, **order):
    """Run `order` in a new process of a program and return its answer."""
    environment = os.environ | (ONE_THREAD if threads == "one" else {})
    order["threads"] = threads
    command = [sys.executable, program, "--child", json.dumps(order)]
    child = subprocess.run(command, env=environment, capture_output=True, text=True)
    if child.returncode:
        raise SystemExit(f"{order} failed:\n{child.stderr}")
    return json.loads(child.stdout)


# ----------------------------------------------------------- in the main process


def measure(workload, peers, precision, threads, rounds, turn, fresh):
    """Return {name: [seconds a call]} of the contestants that take part."""
    order = {"workload": workload, "precision": precision, "threads": threads, "turn": turn}
    if not fresh:
        return ask_child(**order, peers=peers, rounds=rounds)
    seconds = {}
    for _ in range(rounds):
        for name in peers:
            for key, times in ask_child(**order, peers=[name], rounds=3).items():
                seconds.setdefault(key, []).append(float(np.median(times)))
    return seconds


def summarize(seconds, workload):
    """Return a row for each contestant: median time, median ratio and its quartiles."""
    rows = []
    for name, times in seconds.items():
        base = seconds.get(f"{name} gradient" if workload in HESSIANS else BASE)
        if name.endswith(" gradient") or base is None:
            continue
        quartiles = np.percentile(np.divide(times, base), [25, 50, 75])
        rows.append(
            {"contestant": name, "seconds": float(np.median(times))}
            | dict(zip(("low", "ratio", "high"), map(float, quartiles), strict=True))
        )
    return rows


def title(workload):
    if workload == MEMORY:
        return f"peak memory of a step, {DEEP.title}"
    if workload in HESSIANS:
        return f"Hessian-vector product of {HESSIANS[workload]}, in gradients"
    return WORKLOADS[workload].title


def write_amount(row):
    if row["workload"] == MEMORY:
        return f"{row['seconds'] / 2**20:8.1f} MiB"
    if is_chain(row["workload"]):
        return f"{1e6 * row['seconds'] / CHAIN:8.3f} µs an operation"
    return f"{1e3 * row['seconds']:8.3f} ms"


def write_table(rows):
    """Write the rows of one setting as lines of text."""
    first = rows[0]
    lines = [f"{first['workload']}  {title(first['workload'])}"]
    lines[0] += f" · {first['precision']} · BLAS threads: {first['threads']}"
    for row in rows:
        spread = f"({row['low']:.2f}–{row['high']:.2f})"
        name, ratio = row["contestant"], row["ratio"]
        lines.append(f"    {name:16} {ratio:7.2f} {spread:16} {write_amount(row)}")
    return "\n".join(lines)


def conditions():
    """Describe what decides the numbers: versions, processor, BLAS, load."""
    versions = {"coursecore": coursecore.__version__}
    for package in ["numpy", *PACKAGES.values(), "jaxlib"]:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    try:
        processor = next(
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        )
    except (OSError, StopIteration):
        processor = platform.processor()
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "python": platform.python_version(),
        "versions": versions,
        "processor": processor,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "blas": f"{blas['name']} {blas['version']}",
        "OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE", "not set"),
        "load": round(os.getloadavg()[0], 2),
    }


def draw(rows, path):
    """Draw one thread's ratios: a panel for each precision, a row for each workload."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plots.use_style()
    # A chain is measured in µs and memory in bytes: multiples of them say little.
    keys = [key for key in dict.fromkeys(row["workload"] for row in rows)
            if key != MEMORY and not is_chain(key)]  # fmt: skip
    names = [name for name in PEERS if name != BASE]
    looks = zip(
        [plots.GREY, plots.RED, *plots.CLASS_COLOURS],
        "x|" + plots.CLASS_MARKERS,
        strict=True,
    )
    styles = dict(zip(names, looks, strict=True))
    figure, panels = plt.subplots(
        1, 2, sharey=True, sharex=True, figsize=(10, 1.4 + 0.5 * len(keys))
    )
    for ax, precision in zip(panels, PRECISIONS, strict=True):
        for name, (colour, marker) in styles.items():
            mine = [
                row
                for row in rows
                if (row["contestant"], row["precision"], row["threads"])
                == (name, precision, "one")
                and row["workload"] in keys
            ]
            if not mine:
                continue
            ratios = np.array([row["ratio"] for row in mine])
            spread = [[row["ratio"] - row["low"] for row in mine],
                      [row["high"] - row["ratio"] for row in mine]]  # fmt: skip
            places = [keys.index(row["workload"]) for row in mine]
            ax.errorbar(
                ratios, places, xerr=spread, fmt=marker, color=colour, label=name, alpha=0.8
            )
        ax.axvline(1, color=plots.GREY, linewidth=1)
        ax.set(title=precision, xscale="log")
        ax.set_xticks([0.25, 0.5, 1, 2, 4, 8, 16], ["¼", "½", "1", "2", "4", "8", "16"])
        ax.minorticks_off()
    panels[0].set_yticks(range(len(keys)), [f"{key}  {title(key)}" for key in keys])
    panels[0].invert_yaxis()
    figure.supxlabel("time, in multiples of NumPy by hand", fontsize=11)
    labelled = panels[0].get_legend_handles_labels()
    figure.legend(*labelled, loc="outside upper center", ncols=4)
    figure.savefig(path)
    plt.close(figure)


def settings(options):
    """List what to measure: (workload, peers, precision, threads, fresh)."""
    peers = [name for name in installed() if name in {BASE, *options.peers}]
    # Python does not see what PyTorch and JAX allocate.
    visible = (BASE, Coursecore.name, CoursecoreNets.name, Autograd.name)
    seen = [name for name in peers if name in visible]
    chosen = []
    for workload, precision, threads in product(options.workloads, PRECISIONS, THREADS):
        chain, memory = is_chain(workload), workload == MEMORY
        if threads == "default" and (chain or memory or options.quick):
            continue
        if precision == "float32" and chain:
            continue
        who = seen if memory else peers
        chosen.append((workload, who, precision, threads, options.fresh or chain or memory))
    return chosen


def read_options(arguments=None):
    known = [*WORKLOADS, *HESSIANS, MEMORY]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workloads", nargs="+", choices=known, default=known, metavar="W")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS),
                        metavar="PEER", help=", ".join(PEERS))  # fmt: skip
    parser.add_argument("--rounds", type=int, default=25, help="turns of each contestant")
    parser.add_argument("--fresh", action="store_true", help="a process for each of them")
    parser.add_argument("--quick", action="store_true", help="short turns, no results kept")
    parser.add_argument("--output", type=Path, default=HOME, help="folder of the results")
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(options):
    rounds, turn = (3, 0.005) if options.quick else (options.rounds, 0.05)
    results = {"conditions": conditions(), "rounds": rounds, "rows": []}
    print(json.dumps(results["conditions"], indent=2), flush=True)
    for workload, peers, precision, threads, fresh in settings(options):
        turns = min(rounds, 3 if workload == MEMORY else 7) if fresh else rounds
        seconds = measure(workload, peers, precision, threads, turns, turn, fresh)
        setting = {"workload": workload, "precision": precision, "threads": threads,
                   "fresh": fresh}  # fmt: skip
        rows = [setting | row for row in summarize(seconds, workload)]
        results["rows"] += rows
        print(write_table(rows), flush=True)
    if not options.quick:
        name = "engine-fresh" if options.fresh else "engine"
        text = json.dumps(results, indent=1, ensure_ascii=False)
        (options.output / f"{name}.json").write_text(text + "\n")
        draw(results["rows"], options.output / f"{name}.png")


if __name__ == "__main__":
    options = read_options()
    if options.child:
        print(json.dumps(run_child(options.child)))
    else:
        main(options)
