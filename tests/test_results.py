"""Results: the table as text and as HTML, its columns, its order."""

import math

import numpy as np
import pytest

from coursecore import functional as F
from coursecore import optim
from coursecore.training.results import Results, Trial, label


def trial(number, settings, score=None, **more):
    scores = {} if score is None else {"score": score}
    return Trial(number, settings, scores=scores, **more)


ROWS = (
    trial(0, {"lr": 0.1, "init": "he"}, 0.25, seconds=2.0),
    trial(1, {"lr": 10.0, "init": "glorot"}, error="FloatingPointError: <nan> & more"),
    trial(2, {"lr": 1.0, "init": None}, 1 / 3, seconds=1.0),
    trial(3, {"lr": 0.5, "init": "zero"}, math.nan, seconds=3.0),
)
RESULTS = Results(ROWS)


def test_the_table_is_aligned_numbers_right_and_words_left():
    assert str(RESULTS) == repr(RESULTS)
    assert str(RESULTS).splitlines() == [
        "trial   lr  init     score  error",
        "    0  0.1  he        0.25",
        "    1   10  glorot     nan  FloatingPointError: <nan> & more",
        "    2    1  None    0.3333",
        "    3  0.5  zero       nan",
        "lowest score: trial 0 (2 of 4 without a finite one)",
    ]


def test_the_table_says_no_seconds_so_that_it_is_the_same_again():
    again = Results(tuple(trial(0, {"lr": 1}, 2, seconds=s) for s in (0.1, 0.2)))
    assert "seconds" not in str(again) + again._repr_html_()
    assert again.rows[0] == again.rows[1]


def test_the_table_names_functions_and_records():
    settings = {"f": F.relu, "sizes": [2, 8], "optimizer": optim.SGD(lr=0.5), "on": True}
    text = str(Results((trial(0, settings, 1.0),)))
    for word in ("relu", "[2, 8]", "SGD(lr=0.5", "True"):
        assert word in text


def test_long_and_broken_texts_stay_in_a_line():
    text = str(Results((trial(0, {"a": 1}, error="first\n\tsecond " + "x" * 100),)))
    assert "first second xxx" in text
    assert "…" in text
    assert max(map(len, text.splitlines())) < 90
    assert text.endswith("lowest score: none (1 of 1 without a finite one)")


def test_html_is_escaped():
    text = Results(
        (trial(0, {"<b>": "<script>"}, 1.0, error='<img src="x">'),)
    )._repr_html_()
    assert "<th>&lt;b&gt;</th>" in text
    assert "<td>&lt;script&gt;</td>" in text
    assert "<img" not in text
    assert text.count("<tr>") == text.count("</tr>") == 2
    assert text.count("<td>") == text.count("<th>") == 4


def test_html_and_text_have_the_same_cells():
    text = RESULTS._repr_html_()
    for cell in ("trial", "glorot", "0.3333", "nan", "None"):
        assert f">{cell}<" in text
    assert "lowest score: trial 0" in text


def test_columns_come_by_name():
    assert RESULTS.column("lr") == [0.1, 10.0, 1.0, 0.5]
    assert RESULTS.column("init") == ["he", "glorot", None, "zero"]
    assert RESULTS.column("error")[1].startswith("Floating")
    np.testing.assert_array_equal(RESULTS.column("seconds"), [2.0, np.nan, 1.0, 3.0])
    np.testing.assert_array_equal(RESULTS.column("score"), [0.25, np.nan, 1 / 3, np.nan])
    with pytest.raises(ValueError, match=r"no column 'cost'.*\['lr', 'init', 'score', "):
        RESULTS.column("cost")


def numbers(results):
    return [row.number for row in results.rows]


def test_sorting_puts_the_best_first_and_the_failed_last():
    assert numbers(RESULTS.sort()) == [0, 2, 1, 3]
    assert numbers(Results(ROWS, maximise=True).sort()) == [2, 0, 1, 3]
    assert numbers(RESULTS.sort(limit=1)) == [0]
    assert numbers(RESULTS.sort("lr")) == [0, 3, 2, 1]
    assert numbers(RESULTS.sort("lr", limit=2)) == [0, 3]
    assert numbers(RESULTS.sort("init")) == [2, 1, 0, 3]
    assert numbers(RESULTS.sort("seconds")) == [2, 0, 3, 1]


def test_sorting_takes_numbers_and_words_together():
    values = ["b", 3, True, np.float64(-1), float("nan"), "a", F.relu]
    mixed = Results(tuple(trial(i, {"v": value}, 0.0) for i, value in enumerate(values)))
    assert numbers(mixed.sort("v")) == [3, 1, 2, 5, 0, 6, 4]


def test_the_best_of_equals_is_the_first_whatever_the_order():
    equal = Results(tuple(trial(i, {"a": i}, 1.0) for i in (2, 0, 1)))
    assert equal.best.number == 0
    assert Results(ROWS, maximise=True).best.number == 2
    assert "highest score: trial 2" in str(Results(ROWS, maximise=True))


def test_no_rows_have_no_best_and_a_table_still():
    nothing = RESULTS.sort(limit=0)
    assert str(nothing) == "trial\nlowest score: none"
    with pytest.raises(ValueError, match="0 of 0 failed"):
        _ = nothing.best


def test_labels_are_what_json_holds_and_have_no_address():
    assert label(np.float32(0.5)) == 0.5
    assert type(label(np.int64(3))) is int
    assert label((2, (np.bool_(True), None))) == [2, [True, None]]
    assert label(F.tanh) == "tanh"
    assert label(object()) == "<object object>"
