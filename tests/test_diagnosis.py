"""The diagnosis names the mistake that was made, and says nothing where none fits."""

import re

import numpy as np
import pytest

from coursecore import diagnose
from coursecore.engine.diagnosis import diagnose_projections

G = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.75], [1.5, 4.0, -2.5]])
ONE_WRONG = G.copy()
ONE_WRONG[1, 2] = 9.0
SIZES = {"N": 5, "K": 3}
TALL = np.arange(12.0).reshape(4, 3) ** 1.5 - 7.3

MISTAKES = [
    (G, -G, "wrong sign"),
    (G, G.T, "transpose"),
    (G[:2], G[:2].T, "transpose"),
    (G, 0 * G, "zero everywhere"),
    (G, 5 * G, "N times too large. Sum instead of mean"),
    (G, G / 5, "N times too small. Divided by N once too often"),
    (G, 3 * G, "K times too large"),
    (G, G / 3, "K times too small"),
    (G, 2 * G, "2 times too large"),
    (G, -G / 2, "2 times too small, and of the wrong sign"),
    (G, -5 * G, "N times too large, and of the wrong sign. Sum instead of mean"),
    (G, 0.7 * G, "Every entry is 0.7 times what is asked"),
    (G, G + 1, "Every entry is off by 1"),
    (G, G[::-1], "another order"),
    (G, ONE_WRONG, r"1 of 9 entries are wrong, first at \[1, 2\]"),
    (G[0], G, ""),
    (G.sum(axis=0), G, "forget the batch sum"),
    (G.reshape(9), G, "only the shape differs"),
    (G, np.where(G == 4.0, np.nan, G), r"NaN or infinity, first at \[2, 1\]"),
    (G, np.where(G == 4.0, np.inf, G), r"NaN or infinity, first at \[2, 1\]"),
    (np.array(3.0), np.array(6.0), "2 times too large"),
    (np.array(3.0), np.array(-3.0), "wrong sign"),
    (np.array(3.0), np.array(np.nan), "its only entry"),
    (np.array([3, 4]), np.array([6, 8]), "2 times too large"),
    (G, G**3 + 17 * G.T, "^$"),
    (np.ones(0), np.ones(0), "^$"),
    (G, G, "^$"),
    (np.array([True, False]), np.array([True, True]), r"1 of 2 entries.*\[1\]"),
    (np.zeros(3), np.ones(3), "off by 1"),
    (G, 1.001 * G, "Every entry is 1.001 times what is asked.$"),
    (G, 20 * G, "Did you sum over 20 where the mean is asked"),
    (G, G / 20, "Did you divide by 20 once too often"),
    (
        G,
        G * 5 / 3,
        "Every entry is N/K times what is asked. Did you divide by K instead of N",
    ),
    (
        G,
        G * np.sign(ONE_WRONG - 1),
        r"\d of 9 entries have the wrong sign, first at \[0, 0\]",
    ),
    (TALL.sum(axis=0), TALL / 4, ""),
    (TALL.mean(axis=0), TALL, "forget the batch mean"),
    (TALL, TALL.sum(axis=0), "summed over axis 0"),
    (TALL, TALL.sum(axis=1), "summed over axis 1"),
    (TALL, TALL.mean(axis=1), "averaged over axis 1"),
    (TALL, np.tile(TALL.sum(axis=0), (4, 1)), "Every row of yours is the sum of all rows"),
    (TALL, np.tile(TALL.mean(axis=1)[:, None], 3), "Every column .* is the mean of all"),
    (TALL, TALL * np.array([[2], [3], [5], [7]]), "Every row .* factor of its own"),
    (TALL, TALL * np.array([2, 3, 5]), "Every column .* factor of its own"),
    (G, np.round(10 * G**2) + G, "^$"),
    (np.full(3, np.inf), np.ones(3), ""),
]


@pytest.mark.parametrize(("expected", "yours", "sentence"), MISTAKES)
def test_diagnose_names_the_mistake(expected, yours, sentence):
    assert re.search(sentence, diagnose(yours, expected, SIZES))


def test_diagnose_tries_the_hints_first():
    hints = {"Did you forget the bias?": 2 * G, "Unlike": 7 * G}
    assert diagnose(2 * G, G, hints=hints) == "Did you forget the bias?"
    assert "wrong sign" in diagnose(-G, G, hints=hints)


def test_a_hint_that_is_the_right_answer_says_nothing():
    assert "hint" not in diagnose(2 * G, G, hints={"a hint": G})
    assert "hint" not in diagnose(G, G, hints={"a hint": G})


def test_a_penalty_is_a_multiple_of_the_parameter():
    x = np.linspace(-1.0, 2.0, 9).reshape(3, 3)
    assert "lacks 0.5 times the parameter itself" in diagnose(G - 0.5 * x, G, x=x)
    assert "plus 0.5 times the parameter itself" in diagnose(G + 0.5 * x, G, x=x)
    assert "lacks 0.5 times its sign" in diagnose(G - 0.5 * np.sign(x), G, x=x)
    assert "parameter" not in diagnose(G - 0.5 * x.T, G, x=x)
    assert "parameter" not in diagnose(G - 0.5 * x, G)


def test_projections_tell_the_mistakes_that_are_the_same_along_every_line():
    rng = np.random.default_rng(1)
    lines = rng.standard_normal((5, 3, 3))
    truths = [np.sum(G * line) for line in lines]
    x = rng.standard_normal((3, 3))

    def says(yours, **kwargs):
        return diagnose_projections(yours, lines, truths, **kwargs)

    assert says(G, x=x) == says(ONE_WRONG, x=x) == says(ONE_WRONG) == says(G[::-1]) == ""
    assert "wrong sign" in says(-G)
    assert "transpose" in says(G.T)
    assert "zero everywhere" in says(0 * G)
    assert "0.7 times" in says(0.7 * G)
    assert "lacks 2 times the parameter itself" in says(G - 2 * x, x=x)
    assert says(G**2, hints={"unlike": G**3, "squared": G**2, "right": G}) == "squared"
