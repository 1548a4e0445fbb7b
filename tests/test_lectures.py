import copy
import re

import nbformat
import pytest

from coursegrader import lectures
from coursegrader.kernel import ROOT
from coursegrader.lectures import problems, topics

PATHS = sorted((ROOT / "lectures").glob("*.ipynb"))
each_lecture = pytest.mark.parametrize("path", PATHS, ids=[p.stem for p in PATHS])


# The course's own lectures


@each_lecture
@pytest.mark.parametrize("rule", lectures.RULES, ids=lambda rule: rule.__name__)
def test_lecture_keeps_the_rule(path, rule):
    found = list(rule(nbformat.read(path, as_version=4)))
    assert found == [], "\n".join([path.stem, *found])


@each_lecture
def test_lecture_settles_its_topics(path):
    notebook = nbformat.read(path, as_version=4)
    found = list(topics(notebook, path.stem[:2], lectures.read_topics()))
    assert found == [], "\n".join([path.stem, *found])


def test_the_inventory_is_complete():
    inventory = lectures.read_topics()
    assert sorted(inventory) == list(range(1, 222))
    assert set(inventory.values()) == {f"{n:02}" for n in range(1, 11)}


# A small lecture that keeps every rule, and the ways to break each


def markdown(source, *tags):
    cell = nbformat.v4.new_markdown_cell(source)
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def code(source, *outputs, tags=()):
    cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=list(outputs))
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def value(text="1"):
    return nbformat.v4.new_output("execute_result", {"text/plain": text}, execution_count=1)


def figure():
    metadata = {"image/png": {"alt": "a line that rises"}, "figure": "f00d"}
    data = {"image/png": "", "text/plain": "<Figure>"}
    see = {"text/markdown": "**See:** it rises"}
    make = nbformat.v4.new_output
    return make("display_data", data, metadata=metadata), make("display_data", see)


BODY = "x = 1\n" * 12 + "x"
PROSE = "We look at what it shows. " * 20  # 120 words
SHOW = "fig = draw()\n" * 5 + "plots.show(fig, see='it rises')"


@pytest.fixture
def lecture():
    cells = [
        markdown("# Draw a line"),
        markdown(f"**You will do** a\n\n**You will learn** b\n\n**You need** c\n\n{PROSE}"),
        code("import numpy as np\n\nx = 1"),
    ]
    for number in range(4):
        cells += [
            markdown(f"*Predict*: up or down?\n\n{PROSE}", f"topic-00{number + 1}"),
            code(SHOW, *figure()),
            markdown(f"*Explain*: it rises.\n\n{PROSE}"),
            code(BODY, value(), tags=[f"topic-00{number + 1}"]),
            markdown(PROSE),
            code(f"y = {number}\n" * 5 + "y", value()),
        ]
    cells += [markdown(f"## 8. What we now have\n\n## Try\n\n## Read\n\n{PROSE}")]
    return nbformat.v4.new_notebook(cells=cells)


INVENTORY = {1: "06", 2: "06", 3: "06", 4: "06", 5: "07"}


def test_a_good_lecture_passes(lecture):
    assert problems(lecture) == []
    assert list(topics(lecture, "06", INVENTORY)) == []


def replace(number, **changes):
    return lambda cells: cells[number].update(changes)


def swap(old, new):
    def change(cells):
        for cell in cells:
            cell.source = cell.source.replace(old, new)

    return change


def drop(number, count=1):
    return lambda cells: cells.__delitem__(slice(number, number + count))


def insert(number, *new):
    return lambda cells: cells.__setitem__(slice(number, number), copy.deepcopy(new))


def alter_output(number, change):
    return lambda cells: change(cells[number].outputs)


FIGURE = (code("plots.show(fig, see='a')", *figure()), markdown("Then."))
ASKED = (markdown("*Predict*"), code("1", value()), markdown("*Explain*"))
LONG = value("\n".join(map(str, range(22))))
BREAKS = [
    # length
    (swap("at what", ""), "a lecture has 1500 to 3500"),
    (swap("We look", "We look" + " and look" * 9), "1500 to 3500"),
    (swap(BODY, "x"), "words of prose per line of code"),
    (
        insert(1, *[markdown("one two\n" * 74), markdown("Then.")] * 6),
        "per line of code",
    ),
    (replace(1, source="**You will do**" + " a" * 160), "at most 150"),
    # code
    (swap("y = ", "y = 1\n" * 14 + "y = "), "a median of"),
    (swap("x = 1\n", "x = 1\n" + "x = 2\n"), "of code cells keep to 15 lines"),
    (replace(6, source="x = 1\n" * 26 + "x"), "27 lines; the most is 25"),
    (replace(6, source="x + " * 20 + "x"), "81 columns"),
    (insert(4, code("y = 1"), code("y = 1")), "third code cell in a row"),
    (replace(2, source="x = 1\n" * 9), "the set-up has 9 lines"),
    # manners
    *[
        (insert(1, markdown(f"It is {word}, of course.")), f'says "{word.lower()}"')
        for word in ("simply", "Just", "clearly", "Obviously")
    ],
    (replace(2, source="%matplotlib inline"), "a magic"),
    (replace(2, source="!ls"), "a magic"),
    (replace(2, source="import sys\nsys.path.append('.')"), "sys.path"),
    (replace(2, source="import pip"), "uses pip"),
    (replace(2, source="from numpy import *"), "a star import"),
    # anatomy
    (replace(0, source="Draw a line"), "no title"),
    *[(swap(heading, "Other"), f'no "{heading}') for heading in lectures.HEADINGS],
    (replace(1, source="**You will learn** b\n\n**You will do** a"), "too early"),
    # predictions
    (swap("*Predict*", "Say"), "0 Predict questions"),
    (
        insert(3, *ASKED * 6),
        "10 Predict",
    ),
    (replace(5, source="It rises."), "cell 4: Predict has no Explain"),
    (drop(4), "cell 4: nothing is run"),
    # figures
    (lambda cells: [drop(n)(cells) for n in (10, 4)], "2 figures"),
    (insert(3, *FIGURE * 6), "10 figures"),
    (alter_output(4, lambda o: o[0].metadata.pop("image/png")), "without alt text"),
    (
        alter_output(4, lambda o: o[0].metadata.update({"image/png": {"alt": " "}})),
        "without alt text",
    ),
    (alter_output(4, lambda o: o[0].metadata.pop("figure")), "without its digest"),
    (alter_output(4, lambda o: o.pop()), "without a See line"),
    (
        alter_output(4, lambda o: o[1].data.update({"text/markdown": "**See:** "})),
        "without a See",
    ),
    # outputs
    (replace(8, outputs=[]), "cell 9: shows something but no output"),
    (replace(8, source="y = 2\nprint(y)\ny = 3", outputs=[]), "no output"),
    (replace(8, execution_count=None), "never executed"),
    (replace(8, outputs=[LONG]), "an output of 22 lines"),
]


@pytest.mark.parametrize("number", range(len(BREAKS)), ids=lambda n: f"{n}-{BREAKS[n][1]}")
def test_each_rule_refuses_a_bad_lecture(lecture, number):
    change, words = BREAKS[number]
    change(lecture.cells)
    found = "\n".join(problems(lecture))
    assert words in found, found


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda nb: nb.cells[3].metadata.pop("tags"), None),
        (
            lambda nb: [nb.cells[n].metadata.pop("tags") for n in (3, 6)],
            "topic 1: no cell",
        ),
        (
            lambda nb: nb.cells[3].metadata.tags.append("topic-005"),
            "belongs to lecture 07",
        ),
        (lambda nb: nb.cells[3].metadata.tags.append("topic-009"), "is in no row"),
        (lambda nb: nb.cells[3].metadata.tags.append("topic-9"), "written topic-NNN"),
        (
            lambda nb: nb.cells[6].update(outputs=[]),
            "cell 7: has topic-001 but no output",
        ),
    ],
)
def test_each_topic_needs_a_cell_that_shows_it(lecture, change, words):
    change(lecture)
    found = "\n".join(topics(lecture, "06", INVENTORY))
    assert (words in found) if words else not found, found


@pytest.mark.parametrize(
    "source, expected",
    [
        ("x = 1", False),
        ("x", True),
        ("x;", False),
        ("f(x)", True),
        ("def f(x):\n    return x", False),
        ("for x in y:\n    print(x)", True),
        ("plots.show(fig, see='a')\nx = 1", True),
        ("np.testing.assert_allclose(a, b)", False),
        ("plots.use_style()", False),
        ("'a value'", True),
        ("", False),
    ],
)
def test_whether_a_cell_shows_something(source, expected):
    assert lectures.shows(source) is expected


def test_words_are_those_a_reader_reads():
    text = "# A *title*\n\nSee [the page](https://a.b/c) of $x + y$.\n\n$$\nz = 1\n$$\n"
    assert len(lectures.words(text)) == 7
    assert lectures.words("| a | b |\n|---|---|\n") == ["a", "b"]
    assert lectures.words("```python\nx = 1\n```") == []


def test_the_inventory_is_read(tmp_path):
    path = tmp_path / "topics.md"
    path.write_text("| # | lecture |\n|---|---|\n| 1 | 06 | a |\n| 12 | `10` | b |\n")
    assert lectures.read_topics(path) == {1: "06", 12: "10"}


def test_the_command_prints_measurements(lecture, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "150")
    assert lectures.run(None, tmp_path) == 2
    assert "make notebooks" in capsys.readouterr().out
    (tmp_path / "lectures").mkdir()
    (tmp_path / "text").mkdir()
    rows = "\n".join(f"| {row} | {where} |" for row, where in INVENTORY.items())
    (tmp_path / "text" / "topics.md").write_text(rows)
    nbformat.write(lecture, tmp_path / "lectures" / "06-draw-a-line.ipynb")
    assert lectures.run(["06"], tmp_path) == 0
    assert re.search(r"06-draw-a-line", capsys.readouterr().out)
    lecture.cells[0].source = "Draw"
    nbformat.write(lecture, tmp_path / "lectures" / "06-draw-a-line.ipynb")
    assert lectures.run(None, tmp_path) == 1
    assert "no title" in capsys.readouterr().out
