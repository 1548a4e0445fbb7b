"""Build everything that is made from text, and say what was made."""

import base64
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from coursegrader import notebooks
from coursegrader.files import write
from coursegrader.kernel import ROOT
from coursegrader.lint import lint
from coursegrader.notebooks import Refusal, is_assignment, notebook_path
from coursegrader.release import release

WORKERS = 2  # notebooks executed at a time; each runs on one core


def choose(names=None, root=ROOT):
    """Return the texts that `names` mean: all, or by number, name or path.

    "06", "06-differentiate-a-program", "a3" and "text/solutions/a3.py" are names.
    """
    found = notebooks.texts(root)
    if not names:
        return found
    chosen = []
    for name in names:
        stem = Path(name).stem
        matches = [p for p in found if p.stem == stem or p.stem.startswith(f"{stem}-")]
        if not matches:
            known = ", ".join(p.stem for p in found) or "none yet"
            raise Refusal(
                f"No text is called {name!r}. Texts in text/lectures and "
                f"text/solutions: {known}."
            )
        chosen += [p for p in matches if p not in chosen]
    return chosen


def build(text_path):
    """Return the executed notebook of a text, checked as what it is."""
    if is_assignment(text_path):
        # Before executing: a refusal should not cost a minute.
        text = text_path.read_text(encoding="utf-8")
        problems = lint(notebooks.from_text(text, text_path.name), text_path.stem)
        if problems:
            raise Refusal("\n".join(problems))
    return notebooks.build(text_path)


def build_all(paths, report=lambda path, result, seconds: None):
    """Build many texts; return {path: notebook or Refusal} and report each at once."""

    def timed(path):
        start = time.monotonic()
        try:
            result = build(path)
        except Refusal as problem:
            result = problem
        return result, time.monotonic() - start

    results = {}
    pool = ThreadPoolExecutor(WORKERS)
    try:
        waiting = {pool.submit(timed, path): path for path in paths}
        for done in as_completed(waiting):
            path = waiting[done]
            results[path], seconds = done.result()
            report(path, results[path], seconds)
    finally:
        pool.shutdown(cancel_futures=True)
    return results


def run(names=None, root=ROOT):
    """Build the texts that `names` mean, then their releases; return an exit code."""
    console, problems = Console(highlight=False, soft_wrap=True), []
    try:
        paths = choose(names, root)
    except Refusal as problem:
        console.print(str(problem), markup=False)
        return 2

    def store(path, text, seconds):
        verb = "written" if write(path, text) else "unchanged"
        size = len(text.encode()) / 1000
        shown = path.relative_to(root)
        console.print(f"{verb:<9}  {seconds:5.1f} s  {size:5.0f} kB  {shown}")

    def refuse(path, problem):
        console.print(f"refused    {path.relative_to(root)}", style="bold", markup=False)
        console.print(f"{problem}\n", markup=False)
        problems.append(path)

    def report(path, result, seconds):
        bar.advance(task)
        if isinstance(result, Refusal):
            refuse(path, result)
        else:
            store(notebook_path(path), notebooks.dumps(result), seconds)
            for name, picture in pictures(result).items():
                write(notebook_path(path).with_name(f"{name}.png"), picture)

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task("notebooks", total=len(paths))
        results = build_all(paths, report)
    for path in paths:
        if is_assignment(path) and not isinstance(results[path], Refusal):
            start, target = time.monotonic(), release_path(path)
            try:
                text = release(notebook_path(path), path.stem)
            except Refusal as problem:
                refuse(target, problem)
            else:
                store(target, text, time.monotonic() - start)
    if not names:
        for stray in strays(root):
            console.print(
                f"left over  {stray.relative_to(root)} has no text; delete it or keep "
                "its text with `python -m coursegrader sync`",
                markup=False,
            )
            problems.append(stray)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if not isinstance(results[path], Refusal) and not is_canonical(text):
            made = notebook_path(path).relative_to(root)
            console.print(
                f"note       {path.relative_to(root)} would be spaced differently by "
                f"`python -m coursegrader sync {made}`",
                markup=False,
            )
    if not paths:
        console.print("Nothing to build: text/lectures and text/solutions are empty.")
    return 1 if problems else 0


def pictures(notebook):
    """Return {name: bytes} for the picture of each cell tagged `picture-NAME`.

    Pages such as the README show them; the build writes each beside its notebook.
    """
    found = {}
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", ()):
            if tag.startswith("picture-"):
                png = next(o.data["image/png"] for o in cell.outputs if "data" in o)
                found[tag.removeprefix("picture-")] = base64.b64decode(png)
    return found


def is_canonical(text):
    """Say whether writing the text's notebook back gives the same text."""
    return notebooks.to_text(notebooks.from_text(text)) == text


def release_path(text_path):
    """Return where the student release of a solution's text is stored."""
    name = text_path.stem
    return text_path.parents[2] / "assignments" / name / f"{name}.ipynb"


def strays(root=ROOT):
    """Return the notebooks that stand where built ones do but have no text."""
    texts = notebooks.texts(root)
    expected = {notebook_path(path) for path in texts}
    expected |= {release_path(path) for path in texts if is_assignment(path)}
    patterns = ("lectures/*.ipynb", "solutions/*/*.ipynb", "assignments/*/*.ipynb")
    found = {path for pattern in patterns for path in Path(root).glob(pattern)}
    return sorted(found - expected)


def sync(path, check=False):
    """Write an edited notebook back to its text and say so; return an exit code."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        target = notebooks.text_path(path)
        differ = notebooks.sync(path, check)
    except FileNotFoundError:
        console.print(f"There is no notebook {path}.", markup=False)
        return 2
    except (Refusal, nbformat.reader.NotJSONError) as problem:
        console.print(str(problem), markup=False)
        return 2
    shown = target.relative_to(target.parents[2])
    if not differ:
        console.print(f"unchanged  {shown}: text and notebook agree", markup=False)
    elif check:
        console.print(f"differs    {shown} is not the text of {path}", markup=False)
    else:
        console.print(f"written    {shown}", markup=False)
    return 1 if differ and check else 0
