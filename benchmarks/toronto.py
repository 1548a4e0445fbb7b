"""Reproduce the published figures on the Toronto sentences, and then do better.

    COURSECORE_DATA=folder python benchmarks/words.py --figures

The 465,686 4-grams within sentences, in the order of NumPy's permutation of seed 0: 372,500
to train on, 46,500 to choose by, 46,500 to test. Published are two of Bengio's models with
logistic units, which read their batches in the same order in every epoch; better is one
with no more parameters than the smaller of them, tuned by what the course teaches.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from coursecore import functional as F
from coursecore import optim, schedules, train, tree
from coursecore.data import corpora
from coursecore.words import ngram, nlm, text

NUM_WORDS = 250
SIZES = {"train": 372_500, "valid": 46_500, "test": 46_500}
RESAMPLES = 1_000  # of the bootstrap
SEED = 0


class InOrder:
    """Stand in for a generator where the rows are to stay in their order."""

    def permutation(self, num_rows):
        return np.arange(num_rows)


@dataclass(frozen=True)
class Setting:
    """A model and its training; `published` has (epoch, part, figure, tolerance)."""

    name: str
    dim: int
    hidden: int
    activation: object
    optimizer: object
    batch_size: int
    epochs: int
    init: str = "gaussian"
    shuffled: bool = False
    published: tuple = ()


MOMENTUM = optim.SGD(lr=0.1, momentum=0.9)
# The smaller published model stopped where its validation cost was lowest: at or below.
PUBLISHED = [
    Setting(
        "50-d, 200 logistic units", 50, 200, F.sigmoid, MOMENTUM, 100, 10,
        published=((1, "train", 3.96, 0.02), (1, "valid", 3.31, 0.02),
                   (10, "valid", 2.606, 0.02)),
    ),
    Setting(
        "16-d, 128 logistic units", 16, 128, F.sigmoid, MOMENTUM, 100, 6,
        published=((6, "valid", 2.772, None),),
    ),
]  # fmt: skip
# Found by runs of 8 to 30 epochs, judged on the validation part. Against the published
# 16-d and 128 units, whose 42,522 parameters it does not exceed: wider vectors and fewer
# units (worth 0.04 nats), Adam with half a cosine and more epochs (0.1), tanh and a little
# decay of the weights (0.02). Direct connections cost more units than they are worth.
EPOCHS, BATCH_SIZE = 30, 200
NUM_STEPS = EPOCHS * -(-SIZES["train"] // BATCH_SIZE)
BETTER = Setting(
    "40-d, 86 tanh units, tuned", 40, 86, F.tanh,
    optim.AdamW(lr=schedules.cosine(5e-3, NUM_STEPS), weight_decay=0.02),
    BATCH_SIZE, EPOCHS, init="glorot", shuffled=True,
)  # fmt: skip
COUNTED = {  # valid, 4-grams but where it says otherwise; None: ours to report
    "unigram": (1, ngram.witten_bell, 4.393),
    "Witten-Bell 2-gram": (2, ngram.witten_bell, 3.082),
    "Witten-Bell 3-gram": (3, ngram.witten_bell, 2.708),
    "Witten-Bell 4-gram": (4, ngram.witten_bell, 2.680),
    "Kneser-Ney 4-gram": (4, ngram.kneser_ney, 2.539),
}
TOLERANCE = 0.005  # of the counted figures


def load():
    """Return {part: 4-grams (N, 4)} of the Toronto sentences."""
    sentences = corpora.toronto_sentences()
    vocab = text.Vocab.count(sentences, unk=None)
    ngrams = text.windows(text.encode(sentences, vocab), 4)
    ngrams = ngrams[np.random.default_rng(0).permutation(len(ngrams))]
    ends = np.cumsum(list(SIZES.values()))
    return dict(zip(SIZES, np.split(ngrams[: ends[-1]], ends[:-1]), strict=True))


def fit(setting, parts, num_words=NUM_WORDS, epochs=None, seed=SEED, tell=print):
    """Train a model; return its parameters and a row for each epoch.

    The parameters are those of the epoch with the lowest validation cost. A row has the
    running mean of the training cost and the costs of the other parts, nats per word.
    """
    rng = np.random.default_rng(seed)
    sizes = (num_words, setting.dim, parts["train"].shape[1] - 1, setting.hidden)
    params = nlm.init(rng, *sizes, init=setting.init)
    others = [part for part in parts if part != "train"]
    rows = []

    def note(epoch):
        costs = {
            part: float(-np.mean(log_prob(setting, epoch.params, parts[part])))
            for part in others
        }
        rows.append({"epoch": epoch.number + 1, "train": epoch.history.train[-1]} | costs)
        figures = ", ".join(f"{part} {rows[-1][part]:.4f}" for part in parts)
        tell(f"    epoch {epoch.number + 1:3}: {figures}")

    contexts, targets = parts["train"][:, :-1], parts["train"][:, -1]
    params, _ = train.fit(
        partial(nlm.loss, activation=setting.activation), params, (contexts, targets),
        setting.optimizer, rng=rng if setting.shuffled else InOrder(),
        epochs=epochs or setting.epochs, batch_size=setting.batch_size,
        valid=(parts["valid"][:, :-1], parts["valid"][:, -1]), callbacks=[note],
        progress=False,
    )  # fmt: skip
    return params, rows


def log_prob(setting, params, ngrams):
    """Return log P of the last word of each n-gram (N,), in nats."""
    return nlm.log_prob(params, ngrams[:, :-1], ngrams[:, -1], setting.activation)


def check(setting, rows):
    """Compare with what was published: a row for each figure that was reached in time."""
    found = []
    for epoch, part, figure, tolerance in setting.published:
        if epoch <= len(rows):
            value = rows[epoch - 1][part]
            fine = (
                value <= figure if tolerance is None else abs(value - figure) <= tolerance
            )
            found.append(
                {"model": setting.name, "epoch": epoch, "part": part, "published": figure,
                 "tolerance": tolerance, "found": value, "agrees": bool(fine)}
            )  # fmt: skip
    return found


def count(parts, num_words=NUM_WORDS):
    """Return {name: model} of the counted models, and the counts they share."""
    counts = ngram.count(parts["train"], num_words)
    methods = COUNTED.items()
    return {name: make(counts.up_to(n)) for name, (n, make, _) in methods}, counts


def interval(rng, values, resamples=RESAMPLES):
    """Return the mean of values (N,) and its 95 % bootstrap interval: (mean, low, high)."""
    from scipy import stats

    found = stats.bootstrap(
        (values,), np.mean, n_resamples=resamples, batch=10, method="percentile", rng=rng
    ).confidence_interval
    return float(np.mean(values)), float(found.low), float(found.high)


def compare(rng, ours, losses, seen, resamples=RESAMPLES):
    """Return a row for each model and kind of context: seen in training, unseen, all.

    `losses` has -log P (N,) of the same n-grams for each model, and `ours` names the one
    that the others are compared with: "lead" is by how many nats it is ahead of them.
    Both come as (mean, low, high). Neighbouring n-grams of a sentence share words, so the
    true intervals are a little wider than these.
    """
    rows = []
    for name, loss in losses.items():
        kinds = {"seen": seen, "unseen": ~seen, "all": np.ones_like(seen)}
        for kind, mask in kinds.items():
            row = {"model": name, "contexts": kind, "share": float(np.mean(mask))}
            row["cost"] = interval(rng, loss[mask], resamples)
            lead = loss[mask] - losses[ours][mask]
            row["lead"] = (0.0,) * 3 if name == ours else interval(rng, lead, resamples)
            rows.append(row)
    return rows


def figures(parts, num_words=NUM_WORDS, epochs=None, seed=SEED, tell=print):
    """Train and count everything; return what `write` writes, a tree for JSON."""
    models, counts = count(parts, num_words)
    costs, reached = {}, []
    losses = {
        part: {n: -m.log_prob(parts[part][:, -m.n :]) for n, m in models.items()}
        for part in ("valid", "test")
    }
    for name, (_, _, published) in COUNTED.items():
        value = float(np.mean(losses["valid"][name]))
        reached.append(
            {"model": name, "part": "valid", "published": published, "found": value,
             "tolerance": TOLERANCE, "agrees": abs(value - published) <= TOLERANCE}
        )  # fmt: skip
        tell(f"{name}: valid {value:.4f}")
    num_parameters = {}
    for setting in [*PUBLISHED, BETTER]:
        tell(setting.name)
        params, costs[setting.name] = fit(setting, parts, num_words, epochs, seed, tell)
        num_parameters[setting.name] = sum(leaf.size for leaf in tree.leaves(params))
        reached += check(setting, costs[setting.name])
        for part in losses:
            losses[part][setting.name] = -log_prob(setting, params, parts[part])
    table = []
    for part in losses:
        seen = counts.total(parts[part][:, :-1]) > 0
        names = ["Witten-Bell 4-gram", "Kneser-Ney 4-gram", PUBLISHED[1].name, BETTER.name]
        chosen = {name: losses[part][name] for name in names}
        rng = np.random.default_rng(seed)
        table += [{"part": part} | r for r in compare(rng, BETTER.name, chosen, seen)]
    return {"seed": seed, "parameters": num_parameters, "epochs": costs,
            "published": reached, "contexts": table}  # fmt: skip


def write(results):
    """Write what was reached as lines of text."""
    lines = ["published, and found here"]
    for row in results["published"]:
        epoch = f" after epoch {row['epoch']}" if "epoch" in row else ""
        tolerance = row["tolerance"]
        wanted = f"{row['published']:.3f}"
        wanted = f"<= {wanted}" if tolerance is None else f"{wanted} ± {tolerance}"
        verdict = "" if row["agrees"] else "   MISSED"
        name = f"{row['model']}{epoch}, {row['part']}"
        lines.append(f"    {name:52} {wanted:15} {row['found']:.4f}{verdict}")
    lines.append("nats per word, with 95 % intervals, by contexts of three words")
    for row in results["contexts"]:
        kind = f"{row['part']}, {row['contexts']} ({100 * row['share']:.0f} %)"
        cost = "{:.3f} [{:.3f}, {:.3f}]".format(*row["cost"])
        lead = "lead {:+.3f} [{:+.3f}, {:+.3f}]".format(*row["lead"])
        lead = lead if any(row["lead"]) else ""
        lines.append(f"    {kind:22} {row['model']:28} {cost}   {lead}")
    return "\n".join(lines)


def draw(results, path):
    """Draw the validation cost by epoch, and the test cost by kind of context."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from coursecore import plots

    plots.use_style()
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
    looks = list(zip(plots.CLASS_COLOURS, plots.CLASS_MARKERS, strict=True))
    for (name, rows), (colour, marker) in zip(
        results["epochs"].items(), looks, strict=False
    ):
        xs, ys = zip(*((row["epoch"], row["valid"]) for row in rows), strict=True)
        left.plot(xs, ys, marker=marker, color=colour, label=name, markersize=4)
    for row in results["published"]:
        if row["model"] in ("Witten-Bell 4-gram", "Kneser-Ney 4-gram"):
            left.axhline(row["found"], color=plots.GREY, linestyle="--", linewidth=1)
            left.annotate(row["model"], (1, row["found"]), va="bottom", fontsize=8)
    left.set(xlabel="epoch", ylabel="validation, nats per word", ylim=(2.45, 3.45))
    left.legend()
    rows = [row for row in results["contexts"] if row["part"] == "test"]
    kinds, names = (
        list(dict.fromkeys(r[key] for r in rows)) for key in ("contexts", "model")
    )
    for place, (name, (colour, marker)) in enumerate(zip(names, looks, strict=False)):
        mine = [row["cost"] for row in rows if row["model"] == name]
        mean, low, high = map(np.array, zip(*mine, strict=True))
        xs = np.arange(len(kinds)) + 0.15 * (place - 1.5)
        right.errorbar(xs, mean, yerr=[mean - low, high - mean], fmt=marker, color=colour,
                       label=name)  # fmt: skip
    right.set_xticks(range(len(kinds)), [f"{kind} contexts" for kind in kinds])
    right.set(ylabel="test, nats per word")
    right.legend()
    figure.savefig(path)
    plt.close(figure)
