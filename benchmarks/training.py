"""Measure training: an epoch of the course's MNIST network, optimizers, accuracy.

    python benchmarks/training.py             everything: about 6 minutes
    python benchmarks/training.py --quick     under a minute, to see that it runs
    python benchmarks/training.py --parts epoch --peers "coursecore fit" PyTorch

- `epoch`: the network 784-100-10, sigmoid and softmax, Adam 1e-3, batches of 100, on
  MNIST's 10,000 test images; an epoch of the 60,000 training images is six of these.
  Where MNIST cannot be had, random images of that shape are trained on, and it is said.
- `steps`: an optimizer's step alone, on 8 small leaves and on large ones.
- `accuracy`: what the same budget reaches on scikit-learn's digits, over several seeds.

As in `engine.py` contestants take turns in one process, and each turn is divided by the
turn of hand-written NumPy beside it.
"""

import argparse
import contextlib
import json
import os
import sys
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import engine
import numpy as np
import steps
from engine import (
    BASE,
    HOME,
    PRECISIONS,
    THREADS,
    conditions,
    summarize,
    time_in_turn,
)
from trainers import CLASSIFIERS, TRAINERS, installed

from coursecore import data, nn, plots, tree

SIZES = [784, 100, 10]
BATCH_SIZE = 100
BUDGET = {"num_units": 100, "epochs": 30, "batch_size": 32}  # of `accuracy`
PARTS = ["epoch", "steps", "accuracy"]
MNIST, RANDOM = "MNIST's test images", "random images"


# -------------------------------------------------------------------- the data


def images(source):
    """Return X (10000, 784) in [0, 1] and t (10000,) of the source MNIST or RANDOM."""
    if source == MNIST:
        with contextlib.redirect_stdout(sys.stderr):  # where the licence is announced
            (both,) = data.mnist(parts=("test",))
        return both
    rng = np.random.default_rng(0)
    return rng.random((10_000, SIZES[0])), rng.integers(SIZES[-1], size=10_000)


def available():
    """Return MNIST if its images are here or can be fetched, else RANDOM."""
    try:
        images(MNIST)
    except (OSError, ImportError):  # no network; no pooch to download with
        return RANDOM
    return MNIST


# ------------------------------------------------------------ in a child process


def epochs(peers, precision, source, num_images):
    """Make the functions to time, {name: function}: an epoch from the same weights."""
    X, t = (array[:num_images] for array in images(source))
    start = tree.leaves(nn.init_mlp(np.random.default_rng(0), SIZES))
    params = [w.astype(precision) for w in start]
    X = X.astype(precision)

    def one(name):
        train = TRAINERS[name]().trainer(params, X, t, BATCH_SIZE)
        return lambda: train(1, np.random.default_rng(1))

    functions = {name: one(name) for name in peers}
    for function in functions.values():
        function()
    return functions


def accuracies(peers, seeds, budget):
    """Return {name: [accuracy on the rows held out, one for each seed]}."""
    found = {name: [] for name in peers}
    for seed in range(seeds):
        (X, t), (X_test, t_test) = data.split(np.random.default_rng(seed), data.digits())
        for name in peers:
            rng = np.random.default_rng([seed, 1])
            classes = CLASSIFIERS[name]().classify(rng, X, t, X_test, **budget)
            found[name].append(float(np.mean(classes == t_test)))
    return found


def run_child(order):
    part, turns = order["part"], (order.get("rounds"), order.get("turn"))
    if order["threads"] == "one" and hasattr(os, "sched_setaffinity"):
        # JAX has as many threads as it may use cores.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if part == "accuracy":
        return accuracies(order["peers"], order["seeds"], order["budget"])
    if part == "steps":
        optimizer, tree_name = order["workload"].split(", ")
        functions = steps.entries(optimizer, steps.TREES[tree_name], order["precision"])
    else:
        functions = epochs(
            order["peers"], order["precision"], order["source"], order["images"]
        )
    return time_in_turn(functions, *turns)


ask_child = partial(engine.ask_child, program=__file__)


# ----------------------------------------------------------- in the main process


def settings(options):
    """List what to time: part, workload, precision and threads of each setting."""
    workloads = {
        "epoch": ["epoch"],
        # Nothing in an optimizer's step has more than one thread.
        "steps": [
            f"{optimizer}, {name}" for name in steps.TREES for optimizer in steps.OPTIMIZERS
        ],
    }
    chosen = []
    for part in (part for part in workloads if part in options.parts):
        threads = THREADS if part == "epoch" and not options.quick else THREADS[:1]
        for choice in product(workloads[part], PRECISIONS, threads):
            keys = ("workload", "precision", "threads")
            chosen.append({"part": part} | dict(zip(keys, choice, strict=True)))
    return chosen


def write_table(rows):
    """Write the rows of one setting as lines of text."""
    first = rows[0]
    lines = [
        f"{first['workload']} · {first['precision']} · BLAS threads: {first['threads']}"
    ]
    for row in rows:
        quartiles = f"({row['low']:.2f}–{row['high']:.2f})"
        amount = f"{1e3 * row['seconds']:9.3f} ms"
        lines.append(
            f"    {row['contestant']:21} {row['ratio']:7.2f} {quartiles:16} {amount}"
        )
    return "\n".join(lines)


def compare(found):
    """Return a row for each contestant: mean accuracy, spread, and coursecore's lead.

    The lead is the mean over the seeds of coursecore's accuracy less the contestant's on
    the same rows, with its standard error: accuracies of one split go up and down together.
    """
    ours = np.array(next(iter(found.values())))
    rows = []
    for name, accuracies in found.items():
        leads = ours - accuracies
        rows.append(
            {"contestant": name, "accuracies": accuracies}
            | {"mean": float(np.mean(accuracies)), "std": spread(accuracies)}
            | {"lead": float(np.mean(leads)), "error": spread(leads) / len(leads) ** 0.5}
        )
    return rows


def spread(values):
    """Return the standard deviation of a sample of at least two."""
    return float(np.std(values, ddof=1))


def write_accuracies(rows, seeds, budget):
    """Write what was reached on the digits as lines of text."""
    lines = [
        f"accuracy on digits, 64-{budget['num_units']}-10, {budget['epochs']} epochs of "
        f"batches of {budget['batch_size']}, {seeds} seeds, in per cent"
    ]
    for row in rows:
        mean, std, lead, error = (
            100 * row[key] for key in ("mean", "std", "lead", "error")
        )
        line = f"    {row['contestant']:21} {mean:6.2f} ± {std:.2f}"
        if row is not rows[0]:
            line += f"   coursecore leads by {lead:+.2f} ± {error:.2f}"
        lines.append(line)
    return "\n".join(lines)


def draw_ratios(ax, rows, place, kind):
    """Draw ratios with their quartiles: row[place] down the side, row[kind] in colour."""
    places, kinds = (list(dict.fromkeys(row[key] for row in rows)) for key in (place, kind))
    styles = list(zip(plots.CLASS_COLOURS, plots.CLASS_MARKERS, strict=True))
    for name, (colour, marker) in zip(kinds, styles, strict=False):
        mine = [row for row in rows if row[kind] == name]
        low, middle, high = (
            np.array([row[key] for row in mine]) for key in ("low", "ratio", "high")
        )
        ax.errorbar(
            middle, [places.index(row[place]) for row in mine],
            xerr=[middle - low, high - middle], fmt=marker, color=colour, label=name,
        )  # fmt: skip
    ax.set_yticks(range(len(places)), places)
    ax.invert_yaxis()
    ax.axvline(1, color=plots.GREY, linewidth=1)
    ax.set(xlabel="time, in multiples of NumPy by hand")
    if rows:
        ax.legend()


def draw(results, path):
    """Draw the ratios of one thread, of epochs and of steps, and accuracies by seed."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plots.use_style()
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 5))
    one = [
        row
        for row in results["rows"]
        if row["threads"] == "one" and row["contestant"] != BASE
    ]
    whole = [row for row in one if row["part"] == "epoch"]
    draw_ratios(left, whole, "contestant", "precision")
    left.set(title="an epoch")
    alone = [row for row in one if (row["part"], row["precision"]) == ("steps", "float64")]
    draw_ratios(middle, alone, "workload", "contestant")
    middle.set(title="an optimizer's step, float64")
    for place, row in enumerate(results["accuracy"]):
        colour, marker = plots.CLASS_COLOURS[place], plots.CLASS_MARKERS[place]
        places = np.full(len(row["accuracies"]), place)
        right.plot(places, row["accuracies"], marker, color=colour, alpha=0.8)
    names = [row["contestant"] for row in results["accuracy"]]
    right.set_xticks(range(len(names)), names)
    right.set(title="accuracy on digits, a mark a seed", xlim=(-0.5, len(names) - 0.5))
    figure.savefig(path)
    plt.close(figure)


def read_options(arguments=None):
    known = list(dict.fromkeys([*TRAINERS, *CLASSIFIERS]))
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART",
                        help=", ".join(PARTS))  # fmt: skip
    parser.add_argument("--peers", nargs="+", choices=known, default=known, metavar="PEER",
                        help=", ".join(known))  # fmt: skip
    parser.add_argument("--rounds", type=int, default=25, help="turns of each contestant")
    parser.add_argument("--seeds", type=int, default=5, help="of `accuracy`, at least 2")
    parser.add_argument("--quick", action="store_true", help="short turns, no results kept")
    parser.add_argument("--output", type=Path, default=HOME, help="folder of the results")
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.seeds < 2:
        parser.error(f"a spread needs at least 2 seeds, got --seeds {options.seeds}")
    return options


def main(options):
    rounds, turn = (3, 0.005) if options.quick else (options.rounds, 0.05)
    seeds = 2 if options.quick else options.seeds
    budget = BUDGET | ({"epochs": 3} if options.quick else {})
    num_images = 1_000 if options.quick else 10_000
    source = available() if "epoch" in options.parts else None
    results = {"conditions": conditions() | {"data": source, "images": num_images}}
    if find_spec("sklearn"):
        versions = results["conditions"]["versions"]
        versions["scikit-learn"] = metadata.version("scikit-learn")
    results |= {"rounds": rounds, "rows": [], "budget": budget, "accuracy": []}
    print(json.dumps(results["conditions"], indent=2), flush=True)
    timed = [name for name in installed(TRAINERS) if name in {BASE, *options.peers}]
    for setting in settings(options):
        seconds = ask_child(**setting, peers=timed, rounds=rounds, turn=turn, source=source,
                            images=num_images)  # fmt: skip
        rows = [setting | row for row in summarize(seconds, setting["workload"])]
        results["rows"] += rows
        print(write_table(rows), flush=True)
    if "accuracy" in options.parts:
        ours, *others = installed(CLASSIFIERS)
        peers = [ours, *(name for name in others if name in options.peers)]
        found = ask_child(part="accuracy", peers=peers, threads="one", seeds=seeds,
                          budget=budget)  # fmt: skip
        results["accuracy"] = compare(found)
        print(write_accuracies(results["accuracy"], seeds, budget), flush=True)
    if not options.quick:
        text = json.dumps(results, indent=1, ensure_ascii=False)
        (options.output / "training.json").write_text(text + "\n")
        draw(results, options.output / "training.png")


if __name__ == "__main__":
    options = read_options()
    if options.child:
        print(json.dumps(run_child(options.child)))
    else:
        main(options)
