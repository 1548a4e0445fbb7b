"""Searches: every setting tried once, whatever the jobs, interruptions and failures."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from coursecore import data, nn, optim, train
from coursecore import functional as F
from coursecore.training import selection
from coursecore.training.selection import (
    grid_search,
    integers,
    log_uniform,
    random_search,
    uniform,
)

SPACE = {"lr": [0.1, 1.0, 10.0], "units": [2, 4]}


def fresh(seed=0):
    return np.random.default_rng(seed)


def bowl(lr, units):
    return np.log10(lr) ** 2 + (units - 4) ** 2


def noisy(lr, units, rng):
    return bowl(lr, units) + rng.standard_normal()


# ---------------------------------------------------------------- grid and random


def test_a_grid_is_every_combination_in_the_order_of_the_lists():
    results = grid_search(bowl, SPACE)
    pairs = list(zip(results.column("lr"), results.column("units"), strict=True))
    assert pairs == [(0.1, 2), (0.1, 4), (1.0, 2), (1.0, 4), (10.0, 2), (10.0, 4)]
    assert results.column("score") == [bowl(*pair) for pair in pairs]
    assert results.best.settings == {"lr": 1.0, "units": 4}
    assert [row.number for row in results.rows] == list(range(6))


def test_arrays_ranges_and_tuples_are_lists_of_values():
    space = {"lr": np.logspace(-1, 1, 3), "units": range(2, 5, 2)}
    assert grid_search(bowl, space) == grid_search(bowl, SPACE)
    assert type(grid_search(bowl, space).rows[0].settings["lr"]) is float


def test_maximise_looks_for_the_highest():
    results = grid_search(bowl, SPACE, maximise=True)
    assert results.best.scores["score"] == max(results.column("score"))


def test_a_dict_of_scores_is_ranked_by_its_first_or_the_named_one():
    score = lambda a: {"valid": (a - 1) ** 2, "train": -a}
    space = {"a": [0, 1, 2]}
    assert grid_search(score, space).best.settings == {"a": 1}
    assert grid_search(score, space, by="train").best.settings == {"a": 2}
    assert grid_search(score, space).column("train") == [0.0, -1.0, -2.0]


def test_a_name_that_no_score_has_costs_no_results():
    results = grid_search(bowl, SPACE, by="accuracy")
    assert len(results.column("score")) == 6
    with pytest.raises(ValueError, match=r"finite 'accuracy'.*\['score'\].*by="):
        _ = results.best


def test_settings_may_be_functions_records_lists_and_words():
    def score(activation, optimizer, sizes, init):
        sizes.append(3)
        return len(sizes) + optimizer.lr + float(activation(1.0)) + len(init)

    space = {
        "activation": [F.tanh, F.relu],
        "optimizer": [optim.SGD(lr=0.1)],
        "sizes": [[2, 4]],
        "init": ["he"],
    }
    results = grid_search(score, space)
    assert results.column("score") == [3 + 0.1 + np.tanh(1.0) + 2, 3 + 0.1 + 1.0 + 2]
    assert results.best.settings["activation"] is F.tanh
    assert results.best.settings["sizes"] == [2, 4]


def test_random_search_draws_from_lists_and_samplers():
    space = {"lr": log_uniform(1e-3, 1e1), "units": [2, 4], "extra": lambda rng: 7}
    score = lambda lr, units, extra: bowl(lr, units) + extra
    results = random_search(score, space, rng=fresh(), num_trials=200)
    rates = np.array(results.column("lr"))
    assert set(results.column("units")) == {2, 4}
    assert set(results.column("extra")) == {7}
    assert len(set(rates)) == 200
    assert rates.min() >= 1e-3
    assert rates.max() < 1e1
    # Each decade gets a quarter: 50 of 200, give or take 4 standard deviations.
    counts = np.histogram(np.log10(rates), bins=[-3, -2, -1, 0, 1])[0]
    assert np.all(np.abs(counts - 50) < 4 * np.sqrt(200 * 0.25 * 0.75))


def test_random_search_follows_the_rng_and_its_trials_do_not_depend_on_their_number():
    space = {"lr": uniform(0.1, 1.0), "units": integers(2, 9)}
    few, many, other = (
        random_search(noisy, space, rng=fresh(seed), num_trials=count)
        for seed, count in ((0, 4), (0, 7), (1, 4))
    )
    assert few.rows == many.rows[:4]
    assert few != other


def test_random_search_tries_more_values_of_what_matters():
    """The score hangs on one of two settings: a grid of 16 has 4 values of it.

    The nearest of 4 even steps is 1/16 away on average, of 16 draws about 1/34.
    """
    steps = np.linspace(0.125, 0.875, 4)
    space = {"a": uniform(0, 1), "b": uniform(0, 1)}
    misses = []
    for seed, goal in enumerate(np.linspace(0.01, 0.99, 50)):
        score = lambda a, b, goal=goal: abs(a - goal)
        grid = grid_search(score, {"a": steps, "b": steps})
        drawn = random_search(score, space, rng=fresh(seed), num_trials=16)
        assert len(grid.rows) == len(drawn.rows)
        misses.append([each.best.scores["score"] for each in (grid, drawn)])
    by_grid, at_random = np.mean(misses, axis=0)
    assert abs(by_grid - 1 / 16) < 0.005
    assert at_random < 0.7 * by_grid


@pytest.mark.parametrize(
    ("sampler", "mean", "kind"),
    [
        (uniform(-1, 3), 1.0, float),
        (integers(2, 5), 3.0, int),
        (log_uniform(1, np.e), np.e - 1, float),
    ],
)
def test_samplers_have_their_means(sampler, mean, kind):
    rng = fresh()
    values = [sampler(rng) for _ in range(4000)]
    assert all(type(value) is kind for value in values)
    assert abs(np.mean(values) - mean) < 4 * np.std(values) / np.sqrt(4000)
    assert sampler.low <= min(values)
    assert max(values) < sampler.high


def test_a_trial_can_be_run_again_from_its_seed():
    best = grid_search(noisy, SPACE, rng=fresh()).best
    again = noisy(**best.settings, rng=np.random.default_rng(best.seed))
    assert again == best.scores["score"]


def test_trials_have_streams_of_their_own():
    results = random_search(
        lambda lr, rng: rng.uniform(), {"lr": uniform(0, 1)}, rng=fresh(), num_trials=50
    )
    scores = results.column("score")
    assert len({*scores, *results.column("lr")}) == 100
    assert abs(np.corrcoef(scores, results.column("lr"))[0, 1]) < 4 / np.sqrt(50)


def test_a_network_is_selected_on_validation_data():
    """XOR's clouds need hidden units, and a learning rate that is not tiny."""
    rng = fresh(3)
    X, t = data.xor()
    t = t.repeat(10)
    X, X_valid = np.repeat(X, 10, axis=0) + 0.1 * rng.standard_normal((2, 40, 2))
    cost = lambda params, X, t: F.cross_entropy(nn.mlp(params, X), t)

    def score(lr, sizes, rng):
        params = nn.init_mlp(rng, sizes)
        params, _ = train.fit(cost, params, (X, t), optim.SGD(lr=lr), rng=rng, epochs=60)
        return {
            "valid": cost(params, X_valid, t),
            "accuracy": nn.accuracy(params, X_valid, t),
        }

    space = {"lr": [1e-3, 1.0], "sizes": [[2, 2], [2, 8, 2]]}
    results = grid_search(score, space, rng=fresh())
    assert results.best.settings == {"lr": 1.0, "sizes": [2, 8, 2]}
    assert results.best.scores["accuracy"] == 1.0


# ----------------------------------------------------------------------- in parallel


def test_two_jobs_find_what_one_finds(tmp_path):
    table = np.arange(6.0)

    def score(row, rng):  # a closure over data, as in a notebook
        if row == 4:
            raise ArithmeticError("four")
        return {"valid": table[row] + rng.standard_normal(), "other": row}

    space, files = {"row": list(range(6))}, (tmp_path / "one", tmp_path / "two")
    one, two = (
        grid_search(score, space, rng=fresh(), jobs=jobs, file=file)
        for jobs, file in zip((1, 2), files, strict=True)
    )
    assert one == two
    assert two.rows[4].error == "ArithmeticError: four"
    assert [len(file.read_text().splitlines()) for file in files] == [7, 7]
    drawn = [
        random_search(score, {"row": integers(0, 6)}, rng=fresh(), num_trials=5, jobs=jobs)
        for jobs in (1, 2)
    ]
    assert drawn[0] == drawn[1]


def test_two_jobs_run_apart_and_an_interruption_comes_through(tmp_path):
    def score(row, stop):
        if stop and row == 3:
            raise KeyboardInterrupt
        return os.getpid()

    results = grid_search(score, {"row": [0, 1], "stop": [False]}, jobs=2)
    assert os.getpid() not in results.column("score")
    space = {"row": [0, 1, 2, 3], "stop": [True]}
    with pytest.raises(KeyboardInterrupt):
        grid_search(score, space, jobs=2, file=tmp_path / "file")
    assert len((tmp_path / "file").read_bytes().splitlines()) >= 1


def test_joblib_is_loaded_for_several_jobs_only():
    code = (
        "import sys; from coursecore.training.selection import grid_search;"
        "grid_search(lambda a: a, {'a': [1, 2]}); print('joblib' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "False\n"


# ---------------------------------------------------------------------- failures


def test_a_trial_that_fails_is_a_row_with_its_message():
    def score(lr, units):
        if lr > 1:
            raise FloatingPointError("the cost became nan")
        return bowl(lr, units)

    results = grid_search(score, SPACE)
    assert (
        results.column("error")
        == [""] * 4 + ["FloatingPointError: the cost became nan"] * 2
    )
    assert np.isnan(results.column("score")[4])
    assert results.best.settings == {"lr": 1.0, "units": 4}


def test_a_score_that_is_no_number_is_a_failure():
    results = grid_search(lambda a: "good" if a else 1.0, {"a": [0, 1]})
    assert "could not convert" in results.rows[1].error
    assert results.best.number == 0


def test_a_score_that_is_not_finite_is_never_the_best():
    values = [np.nan, np.inf, -np.inf, 3.0]
    results = grid_search(lambda i: values[i], {"i": range(4)})
    assert results.best.number == 3
    assert grid_search(lambda i: values[i], {"i": range(4)}, maximise=True).best.number == 3


def test_without_a_success_there_is_no_best():
    results = grid_search(lambda a: 1 / 0, {"a": [1, 2]})
    with pytest.raises(ValueError, match=r"2 of 2 failed .the first: ZeroDivisionError"):
        _ = results.best


# -------------------------------------------------------------------- resumption


class Score:
    """Counts its calls; stops with Ctrl-C or fails at given values of a."""

    def __init__(self):
        self.calls, self.stop, self.fail = [], None, ()

    def __call__(self, a, rng):
        if a == self.stop:
            raise KeyboardInterrupt
        self.calls.append(a)
        if a in self.fail:
            raise RuntimeError("not this one")
        return {"valid": float(a) + rng.standard_normal(), "train": np.float64(a) / 3}


def run(score, file=None, values=6, seed=0, **options):
    return grid_search(
        score, {"a": list(range(values))}, rng=fresh(seed), file=file, **options
    )


@pytest.fixture
def file(tmp_path):
    return tmp_path / "search.jsonl"


def test_an_interrupted_search_goes_on_and_repeats_nothing(file):
    score = Score()
    score.stop = 3
    with pytest.raises(KeyboardInterrupt):
        run(score, file)
    assert score.calls == [0, 1, 2]
    assert len(file.read_bytes().splitlines()) == 1 + 3
    score.stop = None
    resumed = run(score, str(file))
    assert score.calls == [0, 1, 2, 3, 4, 5]
    assert resumed == run(Score())
    assert run(score, file) == resumed
    assert len(score.calls) == 6


@pytest.mark.parametrize("kept", [0, 1, 7, 60, -1, -25])
def test_a_line_that_was_cut_is_written_again(file, kept):
    """Cut in the header (kept bytes from the start), or in the last of six trials."""
    whole = run(Score(), file)
    file.write_bytes(file.read_bytes()[:kept])
    score = Score()
    assert run(score, file) == whole
    assert score.calls == ([5] if kept < 0 else [0, 1, 2, 3, 4, 5])
    lines = file.read_bytes().splitlines()
    assert [json.loads(line)["trial"] for line in lines[1:]] == [0, 1, 2, 3, 4, 5]
    assert run(score, file) == whole


def test_each_trial_is_on_the_disk_before_the_next_begins(file):
    seen = []

    def score(a):
        seen.append(len(file.read_bytes().splitlines()))
        return a

    grid_search(score, {"a": [5, 6, 7]}, file=file)
    assert seen == [1, 2, 3]


def test_two_jobs_resume_what_one_began(file):
    sign = file.with_name("stop")

    def score(a, rng):
        if a == 2 and sign.exists():
            raise KeyboardInterrupt
        return a * rng.standard_normal()

    sign.touch()
    with pytest.raises(KeyboardInterrupt):
        run(score, file)
    sign.unlink()
    assert run(score, file, jobs=2) == run(score)


def test_failures_are_kept_and_retried_on_demand(file):
    score = Score()
    score.fail = (1, 4)
    first = run(score, file)
    assert [bool(error) for error in first.column("error")] == [0, 1, 0, 0, 1, 0]
    score.fail = ()
    assert run(score, file) == first
    assert score.calls == [0, 1, 2, 3, 4, 5]
    assert run(score, file, retry=True) == run(Score())
    assert score.calls == [0, 1, 2, 3, 4, 5, 1, 4]
    assert run(score, file) == run(Score())


def test_a_random_search_is_resumed_with_more_trials(file):
    space, calls = {"lr": log_uniform(1e-3, 1.0)}, []

    def score(lr, rng):
        calls.append(lr)
        return lr + rng.uniform()

    search = lambda count, file: random_search(
        score, space, rng=fresh(), num_trials=count, file=file
    )
    few = search(3, file)
    many = search(5, file)
    assert len(calls) == 5
    assert many.rows[:3] == few.rows
    assert search(3, file) == few
    assert len(calls) == 5
    assert many == search(5, None)


def test_nan_and_infinity_survive_the_file(file):
    values = {0: np.nan, 1: np.inf, 2: 0.1 + 0.2}
    search = lambda: grid_search(lambda a: values[a], {"a": [0, 1, 2]}, file=file)
    np.testing.assert_array_equal(search().column("score"), list(values.values()))
    values.clear()
    assert search().column("score")[1:] == [np.inf, 0.1 + 0.2]
    assert np.isnan(search().column("score")[0])
    assert search().column("error") == ["", "", ""]


def test_seconds_are_kept_by_the_file(file):
    assert run(Score(), file).column("seconds") == pytest.approx(
        run(Score(), file).column("seconds"), abs=1e-6
    )


def test_functions_and_records_are_known_again_in_another_session(file):
    """Their names are kept, without addresses, which differ from session to session."""
    schedule = lambda: lambda step: 0.1
    score = lambda optimizer: optimizer.momentum
    for _ in range(2):
        space = {"optimizer": [optim.SGD(lr=0.1), (schedule(), F.tanh)]}
        grid_search(score, space, file=file)
    assert "0x" not in file.read_text()
    assert len(file.read_text().splitlines()) == 3


# ---------------------------------------------------------- files of something else


def test_the_file_of_another_search_is_refused_by_name(file):
    run(Score(), file)
    kept = file.read_bytes()
    space = {"b": [0, 1]}
    cases = [
        (lambda: run(Score(), file, values=5), "search.jsonl.*its space is"),
        (lambda: run(Score(), file, seed=1), "its seed is .*rng made anew"),
        (lambda: grid_search(lambda b: b, space, file=file), "its score is .*delete"),
        (
            lambda: random_search(
                Score(), {"a": [0]}, rng=fresh(), num_trials=2, file=file
            ),
            "its search is grid_search, but this one's is random_search",
        ),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    assert file.read_bytes() == kept


def test_other_draws_of_a_function_are_refused(file):
    search = lambda draw: random_search(
        lambda a: a, {"a": draw}, rng=fresh(), num_trials=2, file=file
    )
    search(lambda rng: 1)
    with pytest.raises(ValueError, match=r"trial 0 has the settings \{'a': 1\}.*'a': 2"):
        search(lambda rng: 2)


@pytest.mark.parametrize(
    "text", ["lr,score\n0.1,3\n", "notes without an end", '{"a": 1}\n', "[1]\n", "\x00\n"]
)
def test_a_file_that_is_no_search_is_refused_and_left_alone(file, text):
    file.write_text(text)
    with pytest.raises(ValueError, match=r"search\.jsonl is not the file of a search"):
        run(Score(), file)
    assert file.read_text() == text


@pytest.mark.parametrize(
    "line", ["oops", '{"trial": 1}', "[1, 2]", '{"trial": 0, "settings": {}, "scores": 3}']
)
def test_a_damaged_line_is_named(file, line):
    run(Score(), file)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:2], line, *lines[3:]]) + "\n")
    with pytest.raises(ValueError, match=r"search\.jsonl, line 3, is damaged"):
        run(Score(), file)
    score = Score()
    file.write_text("\n".join([*lines[:2], *lines[3:]]) + "\n")
    assert run(score, file) == run(Score())
    assert score.calls == [1]


def test_a_folder_that_is_not_there_is_named_before_any_trial(tmp_path):
    score = Score()
    with pytest.raises(FileNotFoundError, match="nowhere"):
        run(score, tmp_path / "nowhere" / "file")
    assert score.calls == []


# --------------------------------------------------------------------- refusals


@pytest.mark.parametrize("search", [grid_search, random_search])
def test_a_score_that_does_not_take_the_settings_is_refused(search):
    options = {"rng": fresh(), "num_trials": 2} if search is random_search else {}
    with pytest.raises(TypeError, match=r"\['lr', 'unit'\].*takes \(lr, units\)"):
        search(bowl, {"lr": [1.0], "unit": [2]}, **options)
    with pytest.raises(TypeError, match=r"missing .*units"):
        search(bowl, {"lr": [1.0]}, **options)
    assert len(search(lambda **settings: 1.0, {"lr": [1.0]}, **options).rows) >= 1
    assert len(search(max, {"key": [1.0]}, **options).column("error")) >= 1


def test_a_score_that_takes_rng_needs_one():
    with pytest.raises(ValueError, match="grid_search needs one: rng="):
        grid_search(noisy, SPACE)


@pytest.mark.parametrize("space", [{}, [1, 2], {"rng": [1]}, None])
def test_a_space_without_settings_is_refused(space):
    with pytest.raises(ValueError, match=r"dict with at least one setting .* got"):
        grid_search(bowl, space)


@pytest.mark.parametrize("values", ["adam", 0.1, [], {0.1, 0.2}, uniform(0, 1)])
def test_values_that_are_no_list_are_refused(values):
    with pytest.raises(TypeError, match=r"space\['lr'\] must be a list .*\[0.1\]"):
        grid_search(bowl, {"units": [1], "lr": values})


@pytest.mark.parametrize("jobs", [0, 1.5, None])
def test_no_job_is_refused(jobs):
    with pytest.raises(ValueError, match="jobs must be a positive number"):
        grid_search(bowl, SPACE, jobs=jobs)


def test_no_trial_is_refused():
    with pytest.raises(ValueError, match="num_trials of at least 1, got 0"):
        random_search(bowl, SPACE, rng=fresh(), num_trials=0)


@pytest.mark.parametrize(
    ("make", "low", "high"),
    [
        (uniform, 1, 1), (uniform, 0, np.inf), (integers, 5, 2), (log_uniform, 0, 1),
        (log_uniform, -1, 1), (log_uniform, 1, np.nan),
    ],
)  # fmt: skip
def test_a_sampler_without_room_is_refused(make, low, high):
    with pytest.raises(ValueError, match=f"{make.__name__} needs finite .*low={low}"):
        make(low, high)


def test_all_names_of_the_module_are_there():
    assert all(getattr(selection, name).__doc__ for name in selection.__all__)
