"""Grade the graders: every known answer of a bank against its exercise's checks.

A bank `banks/aN/<exercise id>.py` holds cells, each a whole answer to that exercise:

    # %% right: with a loop
    # %% wrong: forgot the batch | divide by N

After the bar stand words that the check's message must hold. A wrong answer may lose
points in either of the exercise's checks; a right one must pass both.
"""

import ast
import contextlib
import io
import os
import re
import signal
import tempfile
import warnings
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import numpy as np
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from rich.console import Console
from rich.table import Table

from coursegrader.assignment import (
    Assignment,
    Exercise,
    grade_id,
    is_test,
    load,
    metadata,
)
from coursegrader.files import write
from coursegrader.kernel import ONE_THREAD, ROOT

HEADER = re.compile(r"^# %% (right|wrong): *([^|\n]*?) *(?:\| *(.*?) *)?$", re.MULTILINE)
SECONDS = 20
SEEDS = (0, 1, 2)


class DamagedBank(ValueError):
    """A bank's file does not follow the format."""


@dataclass(frozen=True)
class Answer:
    """A known answer to an exercise."""

    exercise: str
    right: bool
    name: str
    hint: str
    code: str


@dataclass(frozen=True)
class Result:
    """What the checks made of a known answer."""

    answer: Answer
    points: float
    worth: float
    message: str
    refused_by: tuple[str, ...]

    @property
    def fault(self) -> str:
        """Say what is wrong with the checks' verdict, or nothing."""
        if self.answer.right:
            return "" if self.points == self.worth else "right refused"
        if self.points == self.worth:
            return "wrong accepted"
        said = self.answer.hint.casefold() in self.message.casefold()
        return "" if said else "hint missing"


def read_bank(path: Path) -> list[Answer]:
    """Read the answers of one exercise."""
    text = path.read_text(encoding="utf-8")
    pieces = HEADER.split(text)
    stray = re.search(r"^# %%.*$", "".join(pieces[0::4]), re.MULTILINE)
    if stray:
        raise DamagedBank(
            f"{path}: the line {stray[0]!r} is no header. "
            "Write `# %% right: name` or `# %% wrong: name | words of the message`."
        )
    answers = [
        Answer(path.stem, kind == "right", name, hint or "", code.strip("\n"))
        for kind, name, hint, code in zip(*(pieces[i::4] for i in range(1, 5)), strict=True)
    ]
    names = [answer.name for answer in answers]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DamagedBank(f"{path}: more than one answer is named {', '.join(twice)}.")
    return answers


def read_banks(folder: Path, assignment: Assignment) -> dict[str, list[Answer]]:
    """Read the banks of an assignment, by exercise."""
    banks = {path.stem: read_bank(path) for path in sorted(folder.glob("*.py"))}
    known = {exercise.id for exercise in assignment.exercises}
    if unknown := sorted(banks.keys() - known):
        raise DamagedBank(
            f"{folder}: {assignment.name} has no exercise {', '.join(unknown)}. "
            f"Name each bank after one of {', '.join(sorted(known))}."
        )
    order = [e.id for e in assignment.exercises if e.id in banks]
    return {name: banks[name] for name in order}


def grade_answers(
    assignment: Assignment, exercise: Exercise, answers: list[Answer]
) -> list[Result]:
    """Grade answers to one exercise as nbgrader would, each in its own namespace."""
    before, after = [], []
    parts = {part.id for part in exercise.parts}
    ids = [grade_id(cell) for cell in assignment.source.cells]
    answer_at = ids.index(exercise.id)
    last_at = max(ids.index(part) for part in parts)
    for index, cell in enumerate(assignment.source.cells[: last_at + 1]):
        locked = cell.cell_type == "code" and metadata(cell).get("locked")
        if ids[index] in parts or (locked and not is_test(cell)):
            (before if index < answer_at else after).append(cell)
    return [judge(answer, before, after) for answer in answers]


def judge(answer: Answer, before: list[NotebookNode], after: list[NotebookNode]) -> Result:
    """Grade an answer on several draws of the checks' inputs; return the worst verdict.

    Hidden checks draw inputs anew each time. Here the draws are the same in each run,
    so that a table can be published, and an answer that only luck lets pass shows.
    """
    verdicts = []
    for seed in SEEDS:
        with draw_from(seed):
            verdicts.append(grade_answer(answer, before, after))
    worst = min if answer.right else max
    return worst(verdicts, key=lambda verdict: verdict.points)


def draw_from(seed: int):
    """Have every generator that is made without a seed start from this one."""
    draw = np.random.default_rng
    fixed = lambda given=None: draw(seed if given is None else given)
    return patch.object(np.random, "default_rng", fixed)


def grade_answer(
    answer: Answer, before: list[NotebookNode], after: list[NotebookNode]
) -> Result:
    """Grade one answer: run what precedes it, itself, and its checks."""
    namespace: dict = {"__name__": "__main__", "__builtins__": __builtins__}
    for cell in before:
        run_cell(cell.source, namespace)
    run_cell(answer.code, namespace)
    points = worth = 0.0
    messages, refused_by = [], []
    for cell in after:
        outputs = run_cell(cell.source, namespace)
        if not is_test(cell):
            continue
        graded = NotebookNode(cell, outputs=outputs)
        earned, most = determine_grade(graded)
        points, worth = points + earned, worth + most
        if earned < most:
            refused_by.append(grade_id(cell))
            messages += [o.get("evalue") or o.get("text", "") for o in outputs]
    return Result(answer, points, worth, "\n".join(messages), (*refused_by,))


def run_cell(source: str, namespace: dict) -> list[NotebookNode]:
    """Run a cell as a kernel would; return the outputs that decide its points."""
    outputs: list[NotebookNode] = []
    errors = io.StringIO()
    try:
        tree = ast.parse(source)
        last = (
            tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        )
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(errors),
            warnings.catch_warnings(),
            limit(SECONDS),
        ):
            warnings.simplefilter("default")
            exec(compile(tree, "<cell>", "exec"), namespace)
            value = None
            if last is not None:
                expression = ast.Expression(last.value)
                value = eval(compile(expression, "<cell>", "eval"), namespace)
        if value is not None and not source.rstrip().endswith(";"):
            data = NotebookNode({"text/plain": repr(value)})
            outputs.append(NotebookNode(output_type="execute_result", data=data))
    except (Exception, SystemExit) as error:
        name, value = type(error).__name__, str(error)
        outputs.append(NotebookNode(output_type="error", ename=name, evalue=value))
    if errors.getvalue():
        text = errors.getvalue()
        outputs.insert(0, NotebookNode(output_type="stream", name="stderr", text=text))
    return outputs


@contextlib.contextmanager
def limit(seconds: int):
    """Stop what runs longer than this."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"did not end within {seconds} seconds")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def grade_banks(assignment: Assignment, folder: Path) -> dict[str, list[Result]]:
    """Grade every answer of every bank, in two processes."""
    banks = read_banks(folder, assignment)
    exercises = {exercise.id: exercise for exercise in assignment.exercises}
    # NumPy reads these as it is loaded, so they must stand before a process starts.
    variables = dict.fromkeys(ONE_THREAD, "1") | {"MPLBACKEND": "agg"}
    with (
        tempfile.TemporaryDirectory(prefix="coursegrader-") as place,
        patch.dict(os.environ, variables),
        ProcessPoolExecutor(2, get_context("spawn"), os.chdir, (place,)) as pool,
    ):
        jobs = {
            name: pool.submit(grade_answers, assignment, exercises[name], answers)
            for name, answers in banks.items()
        }
        return {name: job.result() for name, job in jobs.items()}


def summary(results: dict[str, list[Result]]) -> list[tuple[str, ...]]:
    """Count, for each exercise, answers and faults; a last row holds the sums."""
    rows = []
    for name, found in results.items():
        wrong = [result for result in found if not result.answer.right]
        hinted = [result for result in wrong if result.answer.hint]
        given = [r for r in hinted if r.answer.hint.casefold() in r.message.casefold()]
        counts = (
            len(wrong),
            sum(result.fault == "wrong accepted" for result in found),
            len(found) - len(wrong),
            sum(result.fault == "right refused" for result in found),
            len(hinted),
            len(given),
        )
        rows.append((name, *counts))
    sums = [sum(row[column] for row in rows) for column in range(1, len(COLUMNS))]
    return [tuple(map(str, row)) for row in [*rows, ("all", *sums)]]


COLUMNS = (
    "exercise",
    "wrong answers",
    "of them accepted",
    "right answers",
    "of them refused",
    "hints intended",
    "hints given",
)


def faults(results: Iterable[list[Result]]) -> list[str]:
    """Return a line for each wrong answer accepted and each right one refused."""
    return describe(results, ("wrong accepted", "right refused"))


def lost_hints(results: Iterable[list[Result]]) -> list[str]:
    """Return a line for each wrong answer whose message lacks the words intended."""
    return describe(results, ("hint missing",))


def describe(results: Iterable[list[Result]], kinds: tuple[str, ...]) -> list[str]:
    """Return a line for each answer that is misjudged in one of some ways."""
    return [
        f"{result.answer.exercise}: {result.fault}: {result.answer.name} "
        f"({result.points:g} of {result.worth:g}). "
        + (f"Wanted: {result.answer.hint!r}. " if result.answer.hint else "")
        + f"Said: {result.message[:400]!r}"
        for found in results
        for result in found
        if result.fault in kinds
    ]


def markdown(names: dict[str, dict[str, list[Result]]]) -> str:
    """Return the page that publishes how good the checks are."""
    lines = [
        "# Assignments",
        "",
        "Each `aN/aN.ipynb` is what students receive; `make course` grades what they",
        "hand in. The checks are themselves checked: against answers known to be",
        "wrong, and against right answers written in unlike ways. `make banks` grades",
        "them all and writes this table.",
    ]
    for name, results in names.items():
        head = " | ".join(COLUMNS)
        lines += ["", f"## {name}", "", f"| {head} |", "|---" + "|---:" * 6 + "|"]
        lines += [f"| {' | '.join(row)} |" for row in summary(results)]
    return "\n".join(lines) + "\n"


def run(names: list[str] | None = None, root: Path = ROOT) -> int:
    """Grade banks (all, or those named), print and publish what came of it."""
    console = Console(highlight=False)
    graded = {}
    try:
        for path in sorted((root / "banks").glob("*")):
            name = path.name
            if not path.is_dir() or (names and name not in names):
                continue
            source = (root / "solutions" / name / f"{name}.ipynb").read_text("utf-8")
            graded[name] = grade_banks(load(name, source, source), path)
    except (DamagedBank, OSError) as error:
        console.print(str(error), style="red", markup=False)
        return 2
    if not graded:
        asked = ", ".join(names or ["banks/"])
        console.print(f"No bank found for {asked}.", style="red", markup=False)
        return 2
    wrong = False
    for name, results in graded.items():
        table = Table(title=f"Bank of {name}", title_justify="left")
        for index, column in enumerate(COLUMNS):
            side = "right" if index else "left"
            table.add_column(column, justify=side, no_wrap=not index)
        for row in summary(results):
            table.add_row(*row)
        console.print(table)
        for line in [*faults(results.values()), *lost_hints(results.values())]:
            console.print(line, markup=False)
        wrong = wrong or bool(faults(results.values()))
    if not names:
        write(root / "assignments" / "README.md", markdown(graded))
    return 1 if wrong else 0
