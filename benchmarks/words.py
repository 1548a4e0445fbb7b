"""Measure words: counting, GloVe, Bengio's model, memory; reproduce published figures.

    python benchmarks/words.py                everything timed: about 15 minutes
    python benchmarks/words.py --quick        a minute or two, to see that it runs
    python benchmarks/words.py --parts epoch --peers "coursecore replay" PyTorch
    python benchmarks/words.py --figures      the Toronto sentences: about 10 minutes
    GLOVE_C=folder python benchmarks/words.py     with the GloVe authors' own programs

- `counting`: the first million words of text8, co-occurrences and n-grams, tokens a second.
- `glove`: its words of at least 10 counts, window 10, 50-d: non-zeros a second, wall time
  to the cost that AdaGrad has after 25 sweeps, and what the vectors know.
- `epoch`: Bengio's model of 250 words, 3 × 16 inputs, 128 tanh units, batches of 100.
- `memory`: the most that counting holds under a budget, and a step of that model.

As in `engine.py` contestants take turns in one process, and each turn is divided by the
turn of the base beside it: a Python dictionary, NumPy by hand. GloVe's trainers, which run
for minutes, have a process each.
"""

import argparse
import json
from functools import partial
from itertools import product
from pathlib import Path

import counters
import engine
import factorisers
import measurements
import numpy as np
import originals
import predictors
import toronto
from engine import HOME, PRECISIONS, THREADS, conditions
from factorisers import ADAGRAD
from measurements import DIM, MIB

from coursecore import plots

PARTS = ["counting", "glove", "epoch", "memory"]
BASES = {"counting": counters.Dictionary.name, "epoch": predictors.ByHand.name}
NAMES = {
    "counting": list(counters.COUNTERS),
    "glove": [*factorisers.FACTORISERS, originals.NAME],
    "epoch": list(predictors.PREDICTORS),
}
# Rows: a tenth of the Toronto sentences' training part, in whole batches.
NUM_TOKENS, NUM_ROWS = 1_000_000, 37_200


ask_child = partial(engine.ask_child, program=__file__)


# ----------------------------------------------------------- in the main process


def compare(seconds, base, amount=None):
    """Return a row for each contestant: ratios to the base in the same round, and time.

    `amount` is how many tokens were counted, and makes the speed of it.
    """
    rows = []
    for name, times in seconds.items():
        quartiles = np.percentile(np.divide(times, seconds[base]), [25, 50, 75])
        row = {"contestant": name, "seconds": float(np.median(times))}
        row |= dict(zip(("low", "ratio", "high"), map(float, quartiles), strict=True))
        rows.append(row | ({"speed": amount / row["seconds"]} if amount else {}))
    return rows


def write_timed(part, setting, rows):
    """Write the rows of one setting of `counting` or `epoch` as lines of text."""
    lines = [" · ".join([part, *setting])]
    for row in rows:
        spread = f"({row['low']:.3f}–{row['high']:.3f})"
        amount = f"{1e3 * row['seconds']:10.1f} ms"
        if "speed" in row:
            amount = f"{row['speed'] / 1e6:10.2f} M tokens a second"
        lines.append(f"    {row['contestant']:21} {row['ratio']:8.3f} {spread:16} {amount}")
    return "\n".join(lines)


def reach(runs):
    """Add to each run its speed, and its wall time to the cost that AdaGrad ended at.

    That is None where the run did not get there; `at` is what the vectors know then.
    The goal is the authors' program's cost where that was measured.
    """
    names = [run["contestant"] for run in runs]
    judge = runs[names.index(originals.NAME if originals.NAME in names else ADAGRAD)]
    goal = judge["rows"][-1]["cost"]
    usual = judge["rows"][-1]["seconds"]
    for run in runs:
        there = next((row for row in run["rows"] if row["cost"] <= goal), None)
        run["speed"] = run["nonzeros"] * run["sweeps"] / run["rows"][-1]["seconds"]
        run["goal"], run["at"] = goal, there
        run["sooner"] = there and usual / there["seconds"]
    return runs


def write_glove(runs):
    """Write what GloVe's trainers reached as lines of text."""
    first = runs[0]
    lines = [f"glove · {first['words']:,} words, {first['nonzeros']:,} non-zeros, {DIM}-d, "
             f"goal: J/2N of {first['goal']:.5f}"]  # fmt: skip
    for run in runs:
        end, there = run["rows"][-1], run["at"]
        when = "goal not reached"
        if there:
            when = f"goal after {there['seconds']:.1f} s, {run['sooner']:.1f} x sooner"
            when += f", {there['right']} analogies"
        lines.append(
            f"    {run['contestant']:26} {run['speed'] / 1e6:6.2f} M a second, "
            f"{end['seconds'] / run['sweeps']:.2f} s a sweep; {when}; at the end, "
            f"{end['seconds']:.1f} s: {end['cost']:.5f}, {end['right']} of "
            f"{end['asked']}, ρ {end['spearman']:.3f}"
        )
        if "programs" in run:
            seconds = (f"{key} {value:.2f} s" for key, value in run["programs"].items())
            lines.append(f"        its programs: {', '.join(seconds)}")
    return "\n".join(lines)


def write_memory(found):
    """Write peaks as lines of text."""
    lines = []
    for kind, rows in found.items():
        lines.append(f"memory · peak of {kind}")
        lines += [f"    {name:32} {size / MIB:10.2f} MiB" for name, size in rows.items()]
    return "\n".join(lines)


def draw(results, path):
    """Draw what was timed: speeds of counting, GloVe's descents, ratios of an epoch."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plots.use_style()
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(16, 5))
    looks = list(zip(plots.CLASS_COLOURS, plots.CLASS_MARKERS, strict=True))
    mine = [row for row in results["timed"] if row["part"] == "counting"]
    labels = [f"{row['contestant']}, {row['setting'][0]}" for row in mine]
    left.barh(labels, [row["speed"] / 1e6 for row in mine], color=plots.CLASS_COLOURS[0])
    left.invert_yaxis()
    left.set(title="counting", xlabel="million tokens a second")
    styles = [*looks, (plots.GREY, "P"), (plots.RED, "X")]  # the last is one point
    for run, (colour, marker) in zip(results["glove"], styles, strict=False):
        xs, ys = ([row[key] for row in run["rows"]] for key in ("seconds", "cost"))
        middle.plot(xs, ys, marker=marker, color=colour, label=run["contestant"], ms=5)
    if results["glove"]:
        middle.axhline(results["glove"][0]["goal"], color=plots.GREY, linewidth=1)
        middle.set(xscale="log", yscale="log")
        middle.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2)
    middle.set(title="GloVe", xlabel="seconds of wall time", ylabel="cost J / 2N")
    mine = [row for row in results["timed"] if row["part"] == "epoch"]
    mine = [row for row in mine if "one thread" in row["setting"]]
    mine = [row for row in mine if row["contestant"] != BASES["epoch"]]
    names = list(dict.fromkeys(row["contestant"] for row in mine))
    for precision, (colour, marker) in zip(PRECISIONS, looks, strict=False):
        rows = [row for row in mine if precision in row["setting"]]
        low, ratio, high = (
            np.array([r[key] for r in rows]) for key in ("low", "ratio", "high")
        )
        right.errorbar(ratio, [names.index(row["contestant"]) for row in rows],
                       xerr=[ratio - low, high - ratio], fmt=marker, color=colour,
                       label=precision)  # fmt: skip
    right.set_yticks(range(len(names)), names)
    right.invert_yaxis()
    right.axvline(1, color=plots.GREY, linewidth=1)
    right.set(title="an epoch of Bengio's model", xlabel="multiples of NumPy by hand")
    right.legend(*right.get_legend_handles_labels())
    figure.savefig(path)
    plt.close(figure)


def chosen(part, options):
    """Name a part's contestants that can run here and are asked for, the base first."""
    here = {"counting": counters.COUNTERS,
            "glove": [*factorisers.installed(), *originals.installed()],
            "epoch": predictors.installed()}[part]  # fmt: skip
    base = BASES.get(part, ADAGRAD)
    return [base, *(name for name in here if name in options.peers and name != base)]


def settings(options):
    """List what to time in turns: part, the order for a child, and what it is called."""
    found = []
    if "counting" in options.parts:
        titles = {"cooccurrence": "co-occurrences", "ngrams": "n-grams"}
        found += [
            ("counting", {"kind": kind, "num_tokens": options.num_tokens, "threads": "one"},
             [titles[kind], f"{options.num_tokens:,} words of text8"])
            for kind in counters.KINDS
        ]  # fmt: skip
    if "epoch" in options.parts:
        threads = THREADS[:1] if options.quick else THREADS
        found += [
            ("epoch", {"precision": p, "num_rows": options.num_rows, "threads": t},
             [p, f"{t} thread{'' if t == 'one' else 's'}", f"{options.num_rows:,} rows"])
            for p, t in product(PRECISIONS, threads)
        ]  # fmt: skip
    return found


def time_parts(options):
    """Time counting and epochs; return and print a row for each contestant and setting."""
    found = []
    for part, order, setting in settings(options):
        peers = chosen(part, options)
        rounds = min(options.rounds, 5) if part == "counting" else options.rounds
        answer = ask_child(part=part, peers=peers, rounds=rounds, turn=1e-3, **order)
        rows = compare(answer["seconds"], BASES[part], answer.get("tokens"))
        print(write_timed(part, setting, rows), flush=True)
        found += [{"part": part, "setting": setting} | row for row in rows]
    return found


def run_glove(options):
    """Run GloVe's trainers, a process each; return and print what they reached."""
    order = {"part": "glove", "threads": "one", "num_tokens": options.num_tokens}
    runs = []
    for name in chosen("glove", options):
        sweeps = 2 if options.quick else None
        runs.append(ask_child(**order, name=name, sweeps=sweeps))
    print(write_glove(reach(runs)), flush=True)
    return runs


def reproduce(options):
    """Train on the Toronto sentences and compare with what was published."""
    parts = toronto.load()
    results = {"conditions": conditions()} | toronto.figures(parts, epochs=options.epochs)
    print(toronto.write(results))
    keep(results, options.output / "toronto")
    toronto.draw(results, options.output / "toronto.png")


def keep(results, path):
    content = json.dumps(results, indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(content + "\n")


def read_options(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = list(dict.fromkeys(name for part in NAMES.values() for name in part))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART",
                        help=", ".join(PARTS))  # fmt: skip
    parser.add_argument("--peers", nargs="+", choices=names, default=names, metavar="PEER",
                        help=", ".join(names))  # fmt: skip
    parser.add_argument("--rounds", type=int, default=9, help="turns of each contestant")
    parser.add_argument("--figures", action="store_true", help="the published figures only")
    parser.add_argument("--epochs", type=int, help="stop --figures early, for a trial")
    parser.add_argument("--quick", action="store_true", help="little data, no results kept")
    parser.add_argument("--output", type=Path, default=HOME, help="folder of the results")
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.num_tokens, options.num_rows = NUM_TOKENS, NUM_ROWS
    if options.quick:
        options.num_tokens, options.num_rows, options.rounds = 50_000, 5_000, 3
    return options


def main(options):
    if options.figures:
        return reproduce(options)
    results = {"conditions": conditions(), "rounds": options.rounds}
    print(json.dumps(results["conditions"], indent=2), flush=True)
    if originals.NAME in options.peers and not originals.installed():
        print(originals.ABSENT, flush=True)
    results["timed"] = time_parts(options)
    results["glove"] = run_glove(options) if "glove" in options.parts else []
    results["memory"] = {}
    if "memory" in options.parts:
        results["memory"] = ask_child(
            part="memory", threads="one", num_tokens=options.num_tokens
        )
        print(write_memory(results["memory"]), flush=True)
    if not options.quick:
        keep(results, options.output / "words")
        draw(results, options.output / "words.png")


if __name__ == "__main__":
    options = read_options()
    if options.child:
        print(json.dumps(measurements.run(options.child)))
    else:
        main(options)
