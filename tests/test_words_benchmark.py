"""The contestants of the benchmark of words agree; nothing here is timed."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import coursecore
from coursecore import functional as F
from coursecore import optim, tree
from coursecore.words import cooccurrence, embeddings, glove, nlm, text

HOME = Path(coursecore.__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(HOME))

import counters  # noqa: E402
import factorisers  # noqa: E402
import measurements  # noqa: E402
import originals  # noqa: E402
import predictors  # noqa: E402
import toronto  # noqa: E402
import words  # noqa: E402
from predictors import PREDICTORS, JaxScan  # noqa: E402

BASE = predictors.ByHand.name
PREDICTING = predictors.installed()
CLOSE = {"float64": 1e-10, "float32": 1e-4}


# ----------------------------------------------------------------------------- counting


def draw_tokens(num_tokens=300, num_words=9):
    rng = np.random.default_rng(0)
    return [f"w{i}" for i in rng.integers(num_words, size=num_tokens)]


def test_everybody_counts_the_same_cooccurrences():
    _, ids = measurements.encode(draw_tokens(), min_count=1)
    base, ours = counters.Dictionary(), counters.Coursecore()
    expected = base.pairs(base.cooccurrence(ids, 9, window=4))
    found = ours.pairs(ours.cooccurrence(ids, 9, window=4))
    assert found == pytest.approx(expected, rel=1e-12)
    assert any(i == j for i, j in expected)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("name", counters.installed("ngrams"))
def test_everybody_counts_the_same_ngrams(name, n):
    tokens, base, one = draw_tokens(), counters.Dictionary(), counters.COUNTERS[name]()
    expected = base.grams(base.ngrams(tokens, n), n)
    assert one.grams(one.ngrams(tokens, n), n) == expected
    assert sum(expected.values()) == len(tokens) - n + 1


def test_words_below_the_least_count_are_dropped():
    vocab, ids = measurements.encode(["a", "b", "a", "c", "b", "a"], min_count=2)
    assert vocab.decode(ids) == ["a", "b", "a", "b", "a"]


# ---------------------------------------------------------------------- Bengio's model


@cache
def problem(precision="float64", num_rows=30):
    """Draw a small model and rows for it: params, contexts, targets."""
    rng = np.random.default_rng(0)
    params = predictors.init(rng, 12, 4, 3, 5, precision)
    params = [w + rng.normal(size=w.shape).astype(precision) for w in params]
    return params, rng.integers(12, size=(num_rows, 3)), rng.integers(12, size=num_rows)


def train(name, precision="float64", num_rows=30, epochs=3):
    params, contexts, targets = problem(precision, num_rows)
    start = [w.copy() for w in params]
    run = PREDICTORS[name]().trainer(params, contexts, targets, batch_size=10)
    result = run(epochs, np.random.default_rng(1))
    for w, v in zip(params, start, strict=True):
        np.testing.assert_array_equal(w, v)  # the start is nobody's to change
    return run, result


@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize("name", PREDICTING)
def test_predictors_end_at_the_same_weights_and_cost(name, precision):
    _, (expected, expected_cost) = train(BASE, precision)
    _, (params, cost) = train(name, precision)
    assert cost == pytest.approx(expected_cost, rel=CLOSE[precision])
    for w, v in zip(params, expected, strict=True):
        assert np.asarray(w).dtype == v.dtype == precision
        np.testing.assert_allclose(w, v, rtol=0, atol=CLOSE[precision])


@pytest.mark.parametrize("name", [name for name in PREDICTING if name != JaxScan.name])
def test_predictors_agree_where_the_last_batch_is_smaller(name):
    _, (_, expected) = train(BASE, num_rows=34)
    assert train(name, num_rows=34)[1][1] == pytest.approx(expected, rel=1e-10)


@pytest.mark.skipif(
    JaxScan.name not in PREDICTING, reason="needs JAX: an epoch as one scan"
)
def test_a_scan_needs_batches_of_one_size():
    with pytest.raises(ValueError, match="same shape"):
        train(JaxScan.name, num_rows=34)


@pytest.mark.parametrize("name", PREDICTING)
def test_every_call_trains_from_the_same_start_and_does_learn(name):
    run, (_, cost) = train(name)
    assert run(3, np.random.default_rng(1))[1] == cost
    assert run(30, np.random.default_rng(1))[1] < cost


def test_the_workload_is_the_model_of_the_library():
    params, contexts, targets = problem()
    value, grads = predictors.gather_gradient(params, contexts, targets)
    loss = coursecore.value_and_grad(nlm.loss)
    expected, bars = loss(predictors.as_tree(params), contexts, targets)
    assert value == pytest.approx(expected, rel=1e-12)
    for g, bar in zip(grads, predictors.flat(bars), strict=True):
        np.testing.assert_allclose(g, bar, rtol=0, atol=1e-12)


# -------------------------------------------------------------------------------- GloVe


@cache
def counts(num_words=30):
    ids = np.random.default_rng(0).integers(num_words, size=2_000)
    return cooccurrence.count(text.Corpus(ids, [0]), num_words, window=4)


def start(dim=3, dtype=np.float64):
    return glove.init(np.random.default_rng(1), 30, dim, dtype)


@pytest.mark.parametrize("name", factorisers.installed())
def test_trainers_descend_the_cost_that_is_told(name):
    seen = []

    def note(params, history):
        seen.append(factorisers.mean_cost(counts(), params))

    rng = np.random.default_rng(2)
    params, history = factorisers.fit(name, counts(), start(), rng, sweeps=4, callback=note)
    assert len(seen) == len(history.train) == 4
    assert seen[-1] == factorisers.mean_cost(counts(), params)
    assert seen[-1] < 0.9 * factorisers.mean_cost(counts(), start())
    if "AdaGrad" not in name:  # which tells the cost as it was met
        told = history.train[-1] / (2 * counts().nnz)
        assert told == pytest.approx(seen[-1], rel=1e-9)


@pytest.mark.skipif(not find_spec("numba"), reason="needs Numba: its loops, compiled")
@pytest.mark.parametrize(
    "name", [n for n in factorisers.FACTORISERS if n.endswith(factorisers.NUMBA)]
)
def test_numba_only_makes_it_faster(name):
    rngs = [np.random.default_rng(2), np.random.default_rng(2)]
    plain = name.removesuffix(factorisers.NUMBA)
    factorisers.compile_loops(name, counts(), start())
    (params, _), (expected, _) = (
        factorisers.fit(each, counts(), start(), rng, sweeps=3)
        for each, rng in zip((name, plain), rngs, strict=True)
    )
    for w, v in zip(tree.leaves(params), tree.leaves(expected), strict=True):
        np.testing.assert_allclose(w, v, rtol=0, atol=1e-7)


def test_the_mean_cost_is_that_of_all_entries_at_once(monkeypatch):
    expected = glove.cost(start(), *glove.nonzeros(counts())) / (2 * counts().nnz)
    monkeypatch.setattr(factorisers, "CHUNK", 17)
    assert factorisers.mean_cost(counts(), start()) == pytest.approx(expected, rel=1e-12)


def test_what_vectors_know_is_what_embeddings_say():
    vocab = text.Vocab(["a", "b", "c", "d"], np.ones(4, int))
    params = tree.map(lambda w: w[:4], start())
    questions = {"one": [("a", "b", "c", "d"), ("a", "b", "c", "x")]}
    pairs = [("a", "b", 1.0), ("c", "d", 3.0), ("a", "d", 2.0)]
    found = factorisers.judge(params, vocab, questions, pairs)
    E = glove.vectors(params)
    assert found["asked"] == 1 and found["right"] in (0, 1)
    assert found["spearman"] == embeddings.spearman(E, vocab, pairs).rho


# ------------------------------------------------------------- the authors' programs


@pytest.fixture
def original():
    """Count a text of 30 words with the authors' programs, where they are."""
    if not originals.installed():
        pytest.skip(f"needs the GloVe authors' programs: {originals.VARIABLE} is not set")
    programs = originals.Programs()
    programs.count_words(draw_tokens(2_000, 30), min_count=1)
    # It keeps common pairs in a table. Were all of them common, it would count one twice.
    programs.count(window=4, max_product=100)
    return programs


def ours_of(tokens):
    vocab, ids = measurements.encode(tokens, min_count=1)
    return vocab, cooccurrence.count(text.Corpus(ids, [0]), len(vocab), window=4)


def test_the_original_numbers_words_and_counts_pairs_as_we_do(original):
    vocab, X = ours_of(draw_tokens(2_000, 30))
    assert original.words == vocab.words
    np.testing.assert_allclose(original.counts().toarray(), X.toarray(), rtol=1e-12)
    one, base = counters.Original(), counters.Dictionary()
    one.prepare(draw_tokens(), min_count=1)
    _, ids = measurements.encode(draw_tokens(), min_count=1)
    expected = base.pairs(base.cooccurrence(ids, 9, window=4))
    found = one.pairs(one.cooccurrence(ids, 9, window=4, max_product=20))
    assert found == pytest.approx(expected, rel=1e-12)


def test_the_original_gives_rare_words_no_place_in_a_window(original):
    tokens = ["rare" if i % 50 == 7 else t for i, t in enumerate(draw_tokens(2_000, 30))]
    _, X = ours_of([token for token in tokens if token != "rare"])
    assert "rare" not in original.count_words(tokens, min_count=45)
    original.count(window=4, max_product=100)
    np.testing.assert_allclose(original.counts().toarray(), X.toarray(), rtol=1e-12)


def test_the_original_ends_at_the_cost_that_it_tells(original):
    original.shuffle()
    params, told = original.descend(dim=3, sweeps=200)
    assert len(told) == 200 and told[-1] < 0.5 * told[0]
    assert {key: np.shape(w) for key, w in params.items()} == {
        "R": (30, 3), "R_tilde": (30, 3), "b": (30,), "b_tilde": (30,)
    }  # fmt: skip
    cost = factorisers.mean_cost(original.counts(), params)
    assert 0.9 * told[-1] < cost < told[-1]  # told before each step, here after all
    assert set(original.seconds) == set(originals.PROGRAMS)
    assert min(original.seconds.values()) > 0


def test_the_biases_of_the_original_are_not_mistaken_for_each_other(original):
    i, j = np.divmod(np.random.default_rng(0).permutation(900), 30)
    records = np.empty(900, originals.RECORD)
    records["word"], records["company"] = i + 1, j + 1
    records["count"] = (i + 1) / (j + 1)  # far from symmetric
    records.tofile(original.files / "shuffled")
    params, told = original.descend(dim=3, sweeps=50)
    assert glove.cost(params, i, j, records["count"]) / 1_800 < told[-1] < 0.1 * told[0]


def test_a_program_that_fails_says_what_it_was_asked(original):
    with pytest.raises(ChildProcessError, match=r"(?s)glove .*-vocab-file none.* none"):
        original.run("glove", vocab_file="none", verbose=0)


def test_the_files_of_the_original_are_gone_with_it(original):
    programs = originals.Programs()
    files = programs.files
    assert files.is_dir()
    del programs
    assert not files.exists()


def test_the_original_is_left_out_where_no_folder_is_named(monkeypatch, capsys):
    monkeypatch.delenv(originals.VARIABLE, raising=False)
    assert originals.folder() is None and originals.installed() == []
    assert originals.NAME not in counters.installed("cooccurrence")
    assert originals.NAME not in words.chosen("glove", words.read_options([]))
    options = words.read_options(["--quick"])
    options.parts = []
    words.main(options)
    assert "left out, because GLOVE_C does not name" in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match="set GLOVE_C"):
        originals.Programs()


def test_a_folder_without_the_programs_is_refused(monkeypatch, tmp_path):
    (tmp_path / "glove").touch(mode=0o755)
    (tmp_path / "shuffle").touch(mode=0o644)  # not to be run
    monkeypatch.setenv(originals.VARIABLE, str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"has no vocab_count, cooccur, shuffle\. "):
        originals.installed()
    monkeypatch.setenv(originals.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"nowhere has no vocab_count.*GLOVE_C"):
        words.chosen("glove", words.read_options([]))


# ------------------------------------------------------------------ published figures


@cache
def small_parts():
    """Draw n-grams in which the last word follows from the one before it, mostly."""
    rng = np.random.default_rng(0)
    ngrams = rng.integers(8, size=(1_600, 4))
    easy = rng.random(1_600) < 0.8
    ngrams[easy, 3] = (ngrams[easy, 2] + 1) % 8
    return dict(zip(toronto.SIZES, np.split(ngrams, [1_000, 1_300]), strict=True))


@pytest.fixture
def quick(monkeypatch):
    """Make the descents of small models short and steep."""
    steep = {"batch_size": 50, "optimizer": optim.Adam(lr=0.03)}
    small = [replace(s, dim=3, hidden=8, **steep) for s in toronto.PUBLISHED]
    monkeypatch.setattr(toronto, "PUBLISHED", small)
    better = replace(toronto.BETTER, dim=4, hidden=9, **steep)
    monkeypatch.setattr(toronto, "BETTER", better)
    monkeypatch.setattr(toronto, "RESAMPLES", 50)


@pytest.fixture
def results(quick):
    return toronto.figures(small_parts(), 8, epochs=2, tell=lambda line: None)


def test_figures_hold_what_was_published_and_what_was_found(results, tmp_path):
    models = [row["model"] for row in results["published"]]
    assert models[: len(toronto.COUNTED)] == list(toronto.COUNTED)
    epochs = results["epochs"][toronto.BETTER.name]
    assert [row["epoch"] for row in epochs] == [1, 2]
    assert epochs[1]["valid"] < epochs[0]["valid"] < np.log(8)
    written = toronto.write(results)
    assert "MISSED" in written  # nobody published this
    assert written.count("unseen") == 8
    toronto.draw(json.loads(json.dumps(results)), tmp_path / "toronto.png")
    assert (tmp_path / "toronto.png").stat().st_size > 10_000


def test_costs_of_all_contexts_are_the_means_of_seen_and_unseen_ones(results):
    rows = [r for r in results["contexts"] if r["part"] == "test"]
    for seen, unseen, both in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        assert seen["model"] == unseen["model"] == both["model"]
        assert seen["share"] + unseen["share"] == pytest.approx(1)
        mean = seen["share"] * seen["cost"][0] + unseen["share"] * unseen["cost"][0]
        assert both["cost"][0] == pytest.approx(mean)
        assert both["cost"][1] <= both["cost"][0] <= both["cost"][2]
    best = rows[-1]
    assert best["model"] == toronto.BETTER.name and best["lead"] == (0.0, 0.0, 0.0)
    assert rows[2]["lead"][0] == pytest.approx(rows[2]["cost"][0] - best["cost"][0])
    (epoch,) = (r for r in results["epochs"][best["model"]] if r["epoch"] == 2)
    assert best["cost"][0] == pytest.approx(epoch["test"])


def test_an_interval_covers_the_mean_as_the_normal_distribution_has_it():
    values = np.random.default_rng(0).normal(2.0, 1.0, size=2_000)
    mean, low, high = toronto.interval(np.random.default_rng(1), values, resamples=500)
    error = np.std(values) / 2_000**0.5
    assert mean == np.mean(values)
    assert (low, high) == pytest.approx(
        (mean - 1.96 * error, mean + 1.96 * error), rel=0.01
    )


def test_figures_agree_within_their_tolerance_or_below():
    near = replace(
        toronto.BETTER, published=((1, "valid", 3.31, 0.02), (2, "valid", 2.772, None))
    )
    rows = [{"valid": 3.3299}, {"valid": 2.7}]
    assert [row["agrees"] for row in toronto.check(near, rows)] == [True, True]
    rows = [{"valid": 3.2899}, {"valid": 2.7721}]
    assert [row["agrees"] for row in toronto.check(near, rows)] == [False, False]
    assert len(toronto.check(near, rows[:1])) == 1


def test_the_published_models_read_their_batches_in_order_and_the_better_one_is_small():
    np.testing.assert_array_equal(toronto.InOrder().permutation(4), [0, 1, 2, 3])
    assert not any(setting.shuffled for setting in toronto.PUBLISHED)
    assert all(setting.activation is F.sigmoid for setting in toronto.PUBLISHED)
    sizes = [
        nlm.num_parameters(toronto.NUM_WORDS, s.dim, 3, s.hidden)
        for s in (toronto.PUBLISHED[1], toronto.BETTER)
    ]
    assert sizes[1] <= sizes[0] == 42_522


def test_the_toronto_sentences_are_cut_as_published(monkeypatch):
    sentences = [[f"w{i % 7}", "is", f"w{i % 5}", "so", "."] for i in range(20)]
    monkeypatch.setattr(toronto.corpora, "toronto_sentences", lambda: sentences)
    monkeypatch.setattr(toronto, "SIZES", {"train": 30, "valid": 5, "test": 4})
    parts = toronto.load()
    assert {part: x.shape for part, x in parts.items()} == {
        "train": (30, 4), "valid": (5, 4), "test": (4, 4)
    }  # fmt: skip
    vocab = text.Vocab.count(sentences, unk=None)
    ngrams = text.windows(text.encode(sentences, vocab), 4)
    order = np.random.default_rng(0).permutation(40)[:39]
    np.testing.assert_array_equal(np.concatenate(list(parts.values())), ngrams[order])


# ------------------------------------------------------------------ the program itself


def test_ratios_are_taken_round_by_round():
    seconds = {"base": [1.0, 2.0, 4.0], "ours": [2.0, 3.0, 4.0]}
    base, row = words.compare(seconds, "base", amount=6)
    assert (row["low"], row["ratio"], row["high"]) == (1.25, 1.5, 1.75)
    assert (row["speed"], base["ratio"]) == (2.0, 1.0)
    assert "1.500 (1.250–1.750)" in words.write_timed("counting", ["n-grams"], [row])


def glove_run(name, costs, seconds=1.0):
    known = {"right": 5, "asked": 9, "spearman": 0.5}
    rows = [
        {"seconds": seconds * (n + 1), "cost": cost} | known for n, cost in enumerate(costs)
    ]
    return {"contestant": name, "nonzeros": 600, "words": 30, "sweeps": len(costs),
            "rows": rows}  # fmt: skip


def test_the_goal_is_the_last_cost_of_adagrad_or_of_the_original():
    slow = glove_run("AdaGrad", [0.3, 0.2, 0.1])
    fast = glove_run("4 CG steps", [0.2, 0.09], seconds=0.5)
    never = glove_run("least squares", [0.4])
    runs = words.reach([slow, fast, never])
    assert [run["sooner"] for run in runs] == [1.0, 3.0, None]
    assert fast["speed"] == 1_200 and fast["goal"] == 0.1
    written = words.write_glove(runs)
    assert "3.0 x sooner" in written and "goal not reached" in written
    assert "0.50 s a sweep" in written
    original = glove_run(originals.NAME, [0.2], seconds=30.0)
    original |= {"programs": {"cooccur": 1.5, "glove": 30.0}}
    runs = words.reach([slow, fast, original])
    assert fast["goal"] == 0.2 and fast["sooner"] == 60.0
    assert "its programs: cooccur 1.50 s, glove 30.00 s" in words.write_glove(runs)


def test_settings_hold_the_base_and_what_is_asked_for():
    options = words.read_options(["--parts", "epoch", "--peers", "coursecore"])
    assert words.chosen("epoch", options) == [BASE, "coursecore"]
    assert words.chosen("glove", options) == ["AdaGrad"]
    found = words.settings(options)
    assert [order["threads"] for _, order, _ in found] == ["one", "default"] * 2
    quick = words.read_options(["--quick"])
    assert [part for part, _, _ in words.settings(quick)] == ["counting"] * 2 + [
        "epoch"
    ] * 2
    assert quick.num_tokens < words.NUM_TOKENS


@pytest.fixture
def little_text8(monkeypatch):
    """Put random words where text8 is read, and tests that ask for them."""
    monkeypatch.setattr(measurements.corpora, "text8", lambda n: draw_tokens(n, 60))
    questions = {"one": [("w1", "w2", "w3", "w4")]}
    monkeypatch.setattr(measurements.corpora, "analogies", lambda: questions)
    pairs = [("w1", "w2", 1.0), ("w3", "w4", 2.0), ("w5", "w6", 3.0)]
    monkeypatch.setattr(measurements.corpora, "ws353", lambda: pairs)


@pytest.mark.parametrize("kind", counters.KINDS)
def test_counting_is_measured_a_round_at_a_time(little_text8, kind):
    found = measurements.run(
        {"part": "counting", "kind": kind, "num_tokens": 900, "threads": "default",
         "peers": list(counters.COUNTERS), "rounds": 2, "turn": 1e-5}
    )  # fmt: skip
    assert {len(times) for times in found["seconds"].values()} == {2}
    assert set(found["seconds"]) == set(counters.installed(kind))
    assert found["tokens"] > 500


def test_a_descent_is_measured_sweep_by_sweep(little_text8, monkeypatch):
    monkeypatch.setattr(measurements, "DIM", 4)
    order = {"part": "glove", "num_tokens": 2_000, "threads": "default", "sweeps": 2}
    found = measurements.run(order | {"name": "4 CG steps"})
    assert found["sweeps"] == len(found["rows"]) == 2
    assert found["rows"][1]["seconds"] > found["rows"][0]["seconds"] > 0
    assert found["rows"][0]["asked"] == 1


def test_the_original_is_measured_beside_the_others(little_text8, monkeypatch, original):
    monkeypatch.setattr(measurements, "DIM", 4)
    order = {"part": "glove", "num_tokens": 2_000, "threads": "default", "sweeps": 3}
    found = measurements.run(order | {"name": originals.NAME})
    (row,) = found["rows"]
    assert row["seconds"] == found["programs"]["glove"] > 0 and row["asked"] == 1
    assert len(found["told"]) == found["sweeps"] == 3
    assert row["cost"] < found["told"][0]
    with pytest.raises(ValueError, match=r"vocab_count has 60 words.*Vocab\.count has 1"):
        measurements.run_original(draw_tokens(2_000, 60), ["w1"], sweeps=1)


def test_memory_is_measured_with_what_a_step_keeps(little_text8):
    found = measurements.run({"part": "memory", "num_tokens": 2_000, "threads": "default"})
    assert len(found["counting"]) == len(measurements.BUDGETS) + 2
    by_hand = found["step"][BASE]
    params = predictors.init(np.random.default_rng(0), *measurements.MODEL)
    assert by_hand > 2 * sum(w.nbytes for w in params)  # parameters and momentum
    assert "MiB" in words.write_memory(found)


def test_an_epoch_is_measured_in_its_own_process():
    order = {"part": "epoch", "precision": "float32", "threads": "one", "num_rows": 200,
             "peers": [BASE, "coursecore replay"], "rounds": 2, "turn": 1e-5}  # fmt: skip
    command = [sys.executable, HOME / "words.py", "--child", json.dumps(order)]
    child = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = json.loads(child.stdout)["seconds"]
    assert set(seconds) == {BASE, "coursecore replay"}
    assert {len(times) for times in seconds.values()} == {2}


def test_results_are_drawn_and_kept(tmp_path):
    ratios = {"low": 0.9, "ratio": 1.0, "high": 1.1, "seconds": 1.0}
    timed = [
        {"part": "counting", "setting": ["n-grams"], "contestant": "ours", "speed": 3e6},
        {"part": "epoch", "setting": ["float64", "one thread"], "contestant": "ours"}
        | ratios,
    ]
    runs = words.reach([glove_run("AdaGrad", [0.3, 0.2, 0.1])])
    results = {"timed": timed, "glove": runs, "memory": {}}
    words.keep(results, tmp_path / "words")
    assert json.loads((tmp_path / "words.json").read_text()) == results
    words.draw(results, tmp_path / "words.png")
    assert (tmp_path / "words.png").stat().st_size > 10_000


def test_a_measurement_that_fails_says_what_was_asked():
    with pytest.raises(SystemExit, match=r"(?s)'threads': 'one'.*unexpected keyword"):
        words.ask_child(part="memory", threads="one", colour="blue")
