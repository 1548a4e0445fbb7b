"""How often does `diagnose` name a mistake by itself?

The checks of an assignment give `diagnose` hints of their own: what this or that mistake
would give in this exercise. Here they are taken away, the bank of known wrong answers is
graded, and every sentence that `diagnose` finds from the two arrays alone is compared
with the words that the bank asks for.

    python benchmarks/diagnosis.py            # a3, the assignment on backpropagation
    python benchmarks/diagnosis.py a3 --show  # every answer with what was said of it
"""

import argparse
from unittest.mock import patch

from coursecore import check, diagnose
from coursegrader.assignment import load
from coursegrader.banks import grade_answers, read_banks
from coursegrader.kernel import ROOT


def name_mistakes(assignment="a3"):
    """Diagnose each wrong answer of a bank without hints.

    Returns rows (exercise, answer, words wanted, sentence) for the answers whose numbers
    a check compared; what fails otherwise (an exception, a missing key) needs no diagnosis.
    """
    notebook = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    source = notebook.read_text("utf-8")
    course = load(assignment, source, source)
    exercises = {exercise.id: exercise for exercise in course.exercises}
    heard = []

    def without_hints(yours, expected, sizes=None, hints=None):
        heard.append(diagnose(yours, expected, sizes))
        return heard[-1]

    rows = []
    with patch.object(check, "diagnose", without_hints):
        for name, answers in read_banks(ROOT / "banks" / assignment, course).items():
            for answer in answers:
                if answer.right or not answer.hint:
                    continue
                heard.clear()
                grade_answers(course, exercises[name], [answer])
                if heard:
                    rows.append((name, answer.name, answer.hint, _most_said(heard)))
    return rows


def _most_said(sentences):
    """Return the sentence found on most inputs; one found by chance is on few."""
    return max(dict.fromkeys(sentences), key=sentences.count)


def is_named(wanted, sentence):
    """Tell whether a sentence holds the words that the bank asks for."""
    return wanted.casefold() in sentence.casefold()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment", nargs="?", default="a3")
    parser.add_argument("--show", action="store_true", help="print every answer")
    options = parser.parse_args()
    rows = name_mistakes(options.assignment)
    print(f"{'exercise':16}{'compared':>10}{'explained':>11}{'in the words wanted':>21}")
    for name in [*dict.fromkeys(row[0] for row in rows), "all"]:
        mine = [row for row in rows if name in (row[0], "all")]
        said = [row for row in mine if row[3]]
        named = [row for row in said if is_named(row[2], row[3])]
        print(f"{name:16}{len(mine):10}{len(said):11}{len(named):21}")
    for name, answer, wanted, sentence in rows if options.show else ():
        mark = "=" if is_named(wanted, sentence) else " "
        print(f"{mark} {name} | {answer} | {wanted} | {sentence}")


if __name__ == "__main__":
    main()
