"""Measure a lecture: its length, its pace, what it shows and which topics it settles.

Each rule takes an executed notebook and yields one line for each place where the
lecture breaks it; the line says what to do.
"""

import ast
import re
import statistics
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from coursegrader.kernel import ROOT

WORDS = (1500, 3500)
WORDS_PER_LINE = (8, 20)
FIGURES = (4, 9)
PREDICTIONS = (3, 8)
BANNED = ("simply", "just", "clearly", "obviously")
HEADINGS = (
    *("You will do", "You will learn", "You need"),
    *("What we now have", "Try", "Read"),
)
# Calls that change something and return nothing, so that a cell may end in them.
_SILENT = re.compile(r"assert\w*|use_style|append|extend|update|sort|shuffle")
_SEE = "**See:**"


def code_cells(notebook):
    """Return (number from 1, cell) of each code cell."""
    numbered = enumerate(notebook.cells, 1)
    return [(n, cell) for n, cell in numbered if cell.cell_type == "code"]


def text_cells(notebook):
    """Return (number from 1, cell) of each Markdown cell."""
    numbered = enumerate(notebook.cells, 1)
    return [(n, cell) for n, cell in numbered if cell.cell_type == "markdown"]


def words(markdown):
    """Return the words of prose; a formula or a code span counts as one."""
    prose = re.sub(r"```.*?```|\$\$.*?\$\$|<!--.*?-->", " ", markdown, flags=re.DOTALL)
    prose = re.sub(r"\$[^$\n]+\$|`[^`\n]+`", " formula ", prose)
    prose = re.sub(r"\]\([^)]*\)", "]", prose)
    return re.findall(r"[^\s|]*\w[^\s|]*", prose)


def lines(cell):
    """Return a code cell's lines that are not blank."""
    return [line for line in cell.source.split("\n") if line.strip()]


def pictures(cell):
    """Return (position among the outputs, output) of each picture of a cell."""
    outputs = enumerate(cell.get("outputs", ()))
    return [(n, o) for n, o in outputs if "image/png" in o.get("data", {})]


def measure(notebook):
    """Return the numbers that the rules of pace speak of."""
    sizes = [len(lines(cell)) for _, cell in code_cells(notebook)] or [0]
    total = sum(len(words(cell.source)) for _, cell in text_cells(notebook))
    return {
        "words": total,
        "code cells": len(code_cells(notebook)),
        "median lines": statistics.median(sizes),
        "longest": max(sizes),
        "within 15": sum(size <= 15 for size in sizes) / len(sizes),
        "words per line": total / max(1, sum(sizes)),
        "figures": sum(len(pictures(cell)) for _, cell in code_cells(notebook)),
        "predictions": len(_turns(notebook, "Predict")),
    }


def length(notebook):
    """Keep a lecture between an hour's walk and a page's note."""
    total, per_line = (measure(notebook)[k] for k in ("words", "words per line"))
    low, high = WORDS
    if not low <= total <= high:
        yield f"{total} words; a lecture has {low} to {high}."
    low, high = WORDS_PER_LINE
    if not low <= per_line <= high:
        yield f"{per_line:.1f} words of prose per line of code; keep {low} to {high}."
    for number, cell in text_cells(notebook):
        count = len(words(cell.source))
        if count > 150:
            yield f"cell {number}: {count} words; split it, a cell has at most 150."


def code(notebook):
    """Keep code cells short enough to be read before they are run."""
    found = measure(notebook)
    if found["median lines"] > 6:
        yield f"code cells have a median of {found['median lines']} lines; at most 6."
    if found["within 15"] < 0.95:
        yield f"only {found['within 15']:.0%} of code cells keep to 15 lines; 95 % do."
    for number, cell in code_cells(notebook):
        if len(lines(cell)) > 25:
            yield f"cell {number}: {len(lines(cell))} lines; the most is 25."
        widest = max(map(len, cell.source.split("\n")))
        if widest > 79:
            yield f"cell {number}: a line of {widest} columns; the most is 79."
    kinds = [cell.cell_type for cell in notebook.cells]
    for number in range(len(kinds) - 2):
        if kinds[number : number + 3] == ["code"] * 3:
            yield f"cell {number + 3}: the third code cell in a row; talk in between."
    for number, cell in code_cells(notebook)[:1]:
        if len(lines(cell)) > 8:
            yield f"cell {number}: the set-up has {len(lines(cell))} lines; at most 8."


def manners(notebook):
    """Keep out words that belittle and code that only works here."""
    for number, cell in text_cells(notebook):
        prose = " ".join(words(cell.source)).lower()
        for word in BANNED:
            if re.search(rf"\b{word}\b", prose):
                yield f'cell {number}: says "{word}"; say what makes it so.'
    for number, cell in code_cells(notebook):
        for pattern, what in (
            (r"^\s*[%!]|get_ipython", "a magic or shell command"),
            (r"\bsys\.path\b", "sys.path"),
            (r"\bpip\b", "pip"),
            (r"^\s*from\s+\S+\s+import\s+\*", "a star import"),
        ):
            if re.search(pattern, cell.source, re.MULTILINE):
                yield f"cell {number}: uses {what}; a lecture is plain Python."


def anatomy(notebook):
    """Keep the parts that every lecture has, in their order."""
    first = notebook.cells[0] if notebook.cells else None
    if not first or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield 'cell 1: no title; begin with "# " and a verb.'
    text = "\n".join(cell.source for _, cell in text_cells(notebook))
    place = 0
    for heading in HEADINGS:
        pattern = rf"^(?:#+ (?:\d+\.? )?|\*\*){heading}\b"
        found = re.search(pattern, text, re.MULTILINE)
        if not found:
            yield f'no "{heading}": write it as a heading or in bold.'
        elif found.start() < place:
            yield f'"{heading}" stands too early; the order is {", ".join(HEADINGS)}.'
        else:
            place = found.start()


def predictions(notebook):
    """Ask before showing: each *Predict* has code to run and an *Explain* after it."""
    asked = _turns(notebook, "Predict")
    low, high = PREDICTIONS
    if not low <= len(asked) <= high:
        yield f"{len(asked)} Predict questions; a lecture has {low} to {high}."
    explained = _turns(notebook, "Explain")
    ran = [number for number, _ in code_cells(notebook)]
    ends = [*asked, len(notebook.cells) + 1][1:]
    for number, following in zip(asked, ends, strict=True):
        answers = [n for n in explained if number < n < following]
        if not answers:
            yield f"cell {number}: Predict has no Explain after it; explain the result."
        elif not any(number < n < answers[0] for n in ran):
            yield f"cell {number}: nothing is run between Predict and Explain."


def _turns(notebook, word):
    pattern = rf"\*{{1,3}}{word}\b"
    return [n for n, cell in text_cells(notebook) if re.search(pattern, cell.source)]


def figures(notebook):
    """Keep pictures that can be read without eyes and checked without pixels."""
    total = measure(notebook)["figures"]
    low, high = FIGURES
    if not low <= total <= high:
        yield f"{total} figures; a lecture has {low} to {high}."
    for number, cell in code_cells(notebook):
        for place, output in pictures(cell):
            meta = output.get("metadata", {})
            if not meta.get("image/png", {}).get("alt", "").strip():
                yield f"cell {number}: a figure without alt text; use plots.show."
            if not meta.get("figure"):
                yield f"cell {number}: a figure without its digest; use plots.show."
            after = cell.outputs[place + 1 : place + 2]
            shown = after[0].get("data", {}).get("text/markdown", "") if after else ""
            if not shown.startswith(_SEE) or not shown.removeprefix(_SEE).strip():
                yield f"cell {number}: a figure without a See line; plots.show(see=…)."


def outputs(notebook):
    """Keep what a cell shows, in full and short: nbval passes a cell without output."""
    for number, cell in code_cells(notebook):
        if shows(cell.source) and not cell.outputs:
            yield (
                f"cell {number}: shows something but no output is stored; build the "
                "notebook, or end the cell in a value that is not None."
            )
        if lines(cell) and not cell.execution_count:
            yield f"cell {number}: was never executed; build the notebook."
        for output in cell.outputs:
            shown = output.get("text") or output.get("data", {}).get("text/plain", "")
            if "image/png" not in output.get("data", {}) and shown.count("\n") >= 20:
                count = len(shown.rstrip("\n").split("\n"))
                if count > 20:
                    yield f"cell {number}: an output of {count} lines; at most 20."


def shows(source):
    """Say whether a code cell is to leave an output, as far as its text tells."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return True
    for node in ast.walk(tree):
        name = _called(node)
        if name in ("print", "display", "plots.show"):
            return True
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return False
    if source.rstrip().endswith(";") or isinstance(last.value, ast.Constant):
        return not source.rstrip().endswith(";")
    name = _called(last.value) or ""
    return not _SILENT.fullmatch(name.split(".")[-1])


def _called(node):
    return ast.unparse(node.func) if isinstance(node, ast.Call) else None


RULES = (length, code, manners, anatomy, predictions, figures, outputs)


def problems(notebook):
    """Return every line that every rule yields about a lecture."""
    return [line for rule in RULES for line in rule(notebook)]


# Topics


def read_topics(path=None):
    """Return {row number: lecture number, as "06"} of the project's inventory."""
    text = Path(path or ROOT / "text" / "topics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|\s*(\d+)\s*\|\s*[L`]*(\d+)`?\s*\|", text, re.MULTILINE)
    return {int(row): f"{int(lecture):02}" for row, lecture in rows}


def tagged(notebook):
    """Return {row number: numbers of the cells tagged with it}."""
    found = {}
    for number, cell in enumerate(notebook.cells, 1):
        for tag in cell.metadata.get("tags", ()):
            if re.fullmatch(r"topic-\d{3}", tag):
                found.setdefault(int(tag[-3:]), []).append(number)
    return found


def topics(notebook, lecture, inventory):
    """Yield the rows of a lecture that no cell settles, and tags that settle none."""
    found = tagged(notebook)
    wanted = {row for row, place in inventory.items() if place == lecture}
    for row in sorted(wanted - found.keys()):
        yield f"topic {row}: no cell has the tag topic-{row:03}; settle it in one."
    for row in sorted(found.keys() - wanted):
        where = inventory.get(row)
        belongs = f"belongs to lecture {where}" if where else "is in no row"
        yield f"cell {found[row][0]}: tag topic-{row:03} {belongs}; remove or move it."
    for number, cell in enumerate(notebook.cells, 1):
        for tag in cell.metadata.get("tags", ()):
            if not tag.startswith("topic"):
                continue
            if not re.fullmatch(r"topic-\d{3}", tag):
                yield f"cell {number}: the tag {tag!r} is written topic-NNN."
            elif cell.cell_type == "code" and not cell.outputs:
                yield f"cell {number}: has {tag} but no output; show what settles it."


def run(names=None, root=ROOT):
    """Print the measurements of the stored lectures; return an exit code."""
    console = Console(highlight=False, soft_wrap=True)
    chosen = [
        path
        for path in sorted(Path(root, "lectures").glob("*.ipynb"))
        if not names or any(path.stem.startswith(Path(name).stem) for name in names)
    ]
    if not chosen:
        console.print("No such lecture is built. Run `make notebooks` first.")
        return 2
    topics_path = Path(root, "text", "topics.md")
    if not topics_path.exists():
        console.print("There is no text/topics.md, the list of topics and lectures.")
        return 2
    inventory = read_topics(topics_path)
    table, found = Table("lecture"), {}
    for path in chosen:
        notebook = nbformat.read(path, as_version=4)
        numbers = measure(notebook)
        if not table.rows:
            for key in numbers:
                table.add_column(key, justify="right")
        table.add_row(path.stem, *(f"{value:.3g}" for value in numbers.values()))
        lecture = path.stem[:2]
        found[path.stem] = [*problems(notebook), *topics(notebook, lecture, inventory)]
    console.print(table)
    for name, broken in found.items():
        for line in broken:
            console.print(f"{name}: {line}", markup=False)
    return 1 if any(found.values()) else 0
