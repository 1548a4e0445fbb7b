"""Refuse an assignment whose tests could not be trusted.

A test cell is run by nbgrader in the student's kernel and by our grader outside it,
in any order. It can do so only if it is self-contained and says what it found
through `coursecore.check`; each rule below keeps one of these.
"""

import ast
import builtins
import re
import symtable
from dataclasses import dataclass, field

from coursegrader.notebooks import contract

BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
WRITTEN = (
    ("### BEGIN MARK SCHEME", "### END MARK SCHEME"),
    (BEGIN_SOLUTION, END_SOLUTION),
)
_IMPORTS = {"coursecore", "math", "numpy"}
_FORBIDDEN = {
    *("In", "Out", "get_ipython", "exit", "quit", "display"),
    *("open", "input", "exec", "eval", "compile", "__import__", "breakpoint"),
    *("globals", "locals", "vars", "dir"),
}
_BUILTINS = set(dir(builtins)) | {"__name__"}


@dataclass
class Cell:
    """One cell as the linter sees it."""

    number: int
    kind: str
    role: str | None
    id: str
    points: int
    source: str
    assigned: set = field(default_factory=set)
    free: set = field(default_factory=set)

    @property
    def hidden(self):
        """Say whether the cell holds a hidden test."""
        return "BEGIN HIDDEN TESTS" in self.source


def lint(notebook, name):
    """Return one line for each rule that an assignment's source breaks."""
    cells, problems = [], []
    for number, raw in enumerate(notebook.cells, 1):
        header = contract(raw.metadata, raw.cell_type)
        cell_id = header.get("id", f"cell {number}")
        cell = Cell(
            number,
            raw.cell_type,
            header.get("role"),
            cell_id,
            header.get("points", 0),
            raw.source,
        )
        if raw.cell_type == "code":
            try:
                cell.assigned, cell.free = names(raw.source)
            except SyntaxError as error:
                problems.append(f"{cell_id}: is not Python ({error}); mend it.")
        cells.append(cell)
    if not problems:
        for rule in (_ids, _markers, _exercises, _points, _tests):
            problems += rule(cells, name)
    return [f"{name}, {problem}" for problem in problems]


def names(source):
    """Return the names a code cell assigns, and those it needs from elsewhere."""
    assigned, used = set(), set()

    def visit(table, top):
        for symbol in table.get_symbols():
            bound = symbol.is_assigned() or symbol.is_imported()
            if bound and (top or symbol.is_declared_global()):
                assigned.add(symbol.get_name())
            if symbol.is_referenced() and (top or symbol.is_global()):
                used.add(symbol.get_name())
        for child in table.get_children():
            visit(child, False)

    visit(symtable.symtable(source, "cell", "exec"), True)
    return assigned, used - assigned


def secret_lines(notebook):
    """Return (cell id, line) for each line that only the instructor may see.

    These are the lines of more than 12 characters in solutions and hidden tests,
    less those that also stand somewhere open.
    """
    secret, visible = [], set()
    for cell in notebook.cells:
        cell_id = cell.metadata.get("nbgrader", {}).get("grade_id", "a cell")
        inside = False
        for line in cell.source.split("\n"):
            if re.search(r"BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)", line):
                inside = True
            elif re.search(r"END (SOLUTION|HIDDEN TESTS|MARK SCHEME)", line):
                inside = False
            elif inside:
                secret.append((cell_id, line.strip()))
            else:
                visible.add(line.strip())
    return [(i, line) for i, line in secret if len(line) > 12 and line not in visible]


def _ids(cells, name):
    for cell in cells:
        if cell.role and not cell.id.startswith(f"{name}-"):
            yield f"{cell.id}: ids begin with the assignment; rename it {name}-…"
    ids = [cell.id for cell in cells if cell.role]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"{repeated}: two cells have this id; rename one."


def _markers(cells, name):
    for cell in cells:
        lines = [line.strip() for line in cell.source.strip().split("\n")]
        marks = [line for line in lines if line in (BEGIN_SOLUTION, END_SOLUTION)]
        if cell.role == "solution":
            if marks != [BEGIN_SOLUTION, END_SOLUTION]:
                yield (
                    f"{cell.id}: a solution cell has one region to fill; write "
                    f"{BEGIN_SOLUTION} and {END_SOLUTION} once each, alone on a line."
                )
        elif cell.role == "written":
            # nbgrader replaces the whole cell, or the region, by the space to answer.
            if (lines[0], lines[-1]) not in WRITTEN or cell.source.count("###") != 2:
                yield (
                    f"{cell.id}: a written cell holds the answer and its marks alone; "
                    "put the question in a locked cell before it, and between "
                    "### BEGIN MARK SCHEME and ### END MARK SCHEME all that is here."
                )
        elif "BEGIN SOLUTION" in cell.source or "END SOLUTION" in cell.source:
            yield f"{cell.id}: holds a solution without the role; make it a solution."
        if cell.role == "test" and cell.hidden:
            whole = lines[0] == BEGIN_HIDDEN and lines[-1] == END_HIDDEN
            if not whole or cell.source.count("HIDDEN TESTS") != 2:
                yield (
                    f"{cell.id}: a hidden test is hidden wholly; its first line is "
                    f"{BEGIN_HIDDEN} and its last {END_HIDDEN}."
                )
        elif "HIDDEN TESTS" in cell.source:
            yield f"{cell.id}: holds hidden tests without the role; make it a test."


def _exercises(cells, name):
    answers = [n for n, cell in enumerate(cells) if cell.role == "solution"]
    before = cells[: answers[0]] if answers else cells
    for cell in before:
        if cell.role == "test":
            yield f"{cell.id}: comes before any solution cell; move it after its own."
    ends = [*answers, len(cells)][1:]
    for start, end in zip(answers, ends, strict=True):
        answer, tests = cells[start], [c for c in cells[start:end] if c.role == "test"]
        for kind, hidden in (("visible", False), ("hidden", True)):
            if not any(test.hidden == hidden for test in tests):
                yield (
                    f"{answer.id}: has no {kind} test; add a test cell "
                    f"{answer.id}-{kind} after it."
                )
        for test in tests:
            kind = "hidden" if test.hidden else "visible"
            if not test.id.startswith(f"{answer.id}-{kind}"):
                yield (
                    f"{test.id}: is a {kind} test of {answer.id}; call it "
                    f"{answer.id}-{kind}."
                )


def _points(cells, name):
    graded = [cell for cell in cells if cell.role in ("test", "written")]
    for cell in graded:
        if type(cell.points) is not int or cell.points <= 0:
            yield f"{cell.id}: has {cell.points!r} points; give a whole number above 0."
            return
    visible = sum(c.points for c in graded if c.role == "test" and not c.hidden)
    hidden = sum(c.points for c in graded if c.hidden)
    written = sum(c.points for c in graded if c.role == "written")
    automatic = visible + hidden
    if not automatic:
        yield "points: no test cell; an assignment needs at least one exercise."
    elif not 0.35 <= visible / automatic <= 0.65:
        yield (
            f"points: {visible} of {automatic} automatic points are visible "
            f"({visible / automatic:.0%}); shift points until it is 35–65 %."
        )
    if written > 0.25 * (automatic + written):
        yield (
            f"points: {written} of {automatic + written} points are for written "
            "answers; at most a quarter may be."
        )


def _tests(cells, name):
    tests = [cell for cell in cells if cell.role == "test"]
    locked = set().union(
        *(c.assigned for c in cells if c.role == "locked" and c.kind == "code")
    )
    targets = set().union(*(c.assigned for c in cells if c.role == "solution"))
    known = locked | targets | _BUILTINS
    for cell in tests:
        yield from _statements(cell)
        for word in sorted(cell.assigned - targets - locked - {_own(cell)}):
            yield (
                f"{cell.id}: assigns {word}, which a student's helper may be called; put "
                f"the test into a function {_own(cell)}() and call it."
            )
        for word in sorted((cell.free | cell.assigned) & _FORBIDDEN):
            yield (
                f"{cell.id}: uses {word}; a test sees only arguments and answers. "
                "Write it without."
            )
        for word in sorted(cell.free - known - _FORBIDDEN):
            yield (
                f"{cell.id}: uses {word}, which neither it, a locked cell nor a "
                "solution cell defines; define it in the test."
            )
        for word in sorted(cell.assigned & targets):
            yield f"{cell.id}: assigns {word}, the student's answer; use another name."
        for word in sorted(cell.assigned & locked):
            yield f"{cell.id}: assigns {word} of a locked cell; use another name."


def _statements(cell):
    tree = ast.parse(cell.source)
    nodes = list(ast.walk(tree))
    if not any(_is_check(node) for node in nodes):
        yield f"{cell.id}: calls no check; test with check.close and its like."
    if any(isinstance(node, ast.Assert) for node in nodes):
        yield (
            f"{cell.id}: holds an assert, whose failure says nothing to a student; "
            "use check.close, check.equal and so on."
        )
    last = tree.body[-1] if tree.body else None
    whole = isinstance(last, ast.Expr) and ast.unparse(last.value) == f"{_own(cell)}()"
    if isinstance(last, ast.Expr) and not (whole or _is_check(last.value)):
        yield (
            f"{cell.id}: ends in a value, which nbgrader would read as points; end "
            "it in a check."
        )
    for node in nodes:
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "."]
        for module in modules:
            if module.split(".")[0] not in _IMPORTS:
                yield (
                    f"{cell.id}: imports {module}; a test may import "
                    f"{', '.join(sorted(_IMPORTS))} alone."
                )


def _own(cell):
    """Return the name of the function that a test is written into."""
    return "check_" + cell.id.partition("-")[2].replace("-", "_")


def _is_check(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "check"
    )
