"""Execute one submission with nbgrader's autograder, in a process of its own.

The parent calls `execute`; the child is `python -m coursegrader.execution FOLDER`. The
child sees a pristine gradebook that knows the assignment and no student, and answers
through a nameless open file that its kernel does not inherit.

This keeps submissions apart when they fail, not when they attack: a student's code runs
as the instructor's user, without a sandbox. It can read and change that user's files,
the class's gradebook among them, use the network, leave processes behind, and look into
its parent's memory and open files. It shares a process with the checks too, so it can
read them and decide what they report. Grade only classes that you trust.
"""

import atexit
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from coursegrader.assignment import Assignment, grade_id, is_test
from coursegrader.files import write
from coursegrader.kernel import environment

STUDENT = "student"


class Stopped(RuntimeError):
    """A cell did not end, or ended its kernel."""


@dataclass
class Verdict:
    """What came of executing one submission; without scores it is not a mark."""

    scores: dict[str, float | None] | None = None
    comments: dict[str, str | None] = field(default_factory=dict)
    notebook: str = ""
    reason: str = ""
    problems: list[str] = field(default_factory=list)


class Run:
    """Start children, and end them all when the run is interrupted."""

    def __init__(self, timeout: int, deadline: int | None = None) -> None:
        self.timeout = timeout
        self.deadline = deadline or max(120, 4 * timeout)
        self.children: set[subprocess.Popen] = set()
        self.stopping = threading.Event()

    def start(self, folder: Path) -> tuple[str, bytes]:
        """Run the child to its end, or until it stands still.

        Return what it printed, and what it answered.

        Many slow cells take long together, so only a cell at which the child is found
        twice, a deadline apart, counts as stuck.
        """
        with tempfile.TemporaryFile() as answer:
            printed = self.watch(folder, answer.fileno())
            answer.seek(0)
            return printed, answer.read()

    def watch(self, folder: Path, answer: int) -> str:
        """Run the child, which answers into an open file; return what it printed."""
        own = [str(folder), str(answer)]
        command = [sys.executable, "-m", "coursegrader.execution", *own]
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(folder, {"PATH": search_path()}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            pass_fds=(answer,),
            start_new_session=True,
        )
        self.children.add(child)
        try:
            if self.stopping.is_set():
                end(child)
            before, at = None, ""
            while before != at:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return child.communicate(timeout=self.deadline)[1]
                before, at = at, read(folder / "running")
            end(child)
            return ""
        finally:
            child.stderr.close()
            self.children.discard(child)

    def stop(self) -> None:
        """End every child now and start no other."""
        self.stopping.set()
        for child in list(self.children):
            end(child)


def search_path() -> str:
    """Return a PATH on which nbgrader finds alembic, which it calls by name."""
    own, known = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    return known if own in known.split(os.pathsep) else os.pathsep.join([own, known])


def end(child: subprocess.Popen) -> None:
    """End a child gently, so that it takes its kernel along; then by force."""
    for send in (child.terminate, child.kill):
        send()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=10)
            return


def execute(
    notebook: NotebookNode, assignment: Assignment, gradebook: Path, run: Run
) -> Verdict:
    """Autograde a repaired notebook; an answer that stops it costs only itself.

    A cell that does not end, or that ends Python, is taken out and the rest executed
    again, so that the other exercises earn what they deserve.
    """
    notebook = nbformat.from_dict(notebook)
    problems: dict[str, str] = {}
    removed: set[int] = set()
    while not run.stopping.is_set():
        verdict, index, why = attempt(notebook, assignment, gradebook, run)
        if verdict is not None:
            verdict.problems = [f"{name}: {said}" for name, said in problems.items()]
            return verdict
        if index is None:
            return Verdict(reason=why)
        index, name = blame(notebook, index, assignment)
        if index in removed:
            return Verdict(reason=f"{name}: {why}, again after it was taken out; "
                           "read the notebook by hand")  # fmt: skip
        removed.add(index)
        rest = f"{why}; it was taken out and the rest graded without it"
        message = f"this cell {rest}"
        # One line for each exercise: an answer often stops the cells that try it first.
        own = grade_id(notebook.cells[index])
        problems[name] = message if own else f"a cell of the student's below it {rest}"
        answer = textwrap.indent(notebook.cells[index].source, "# ", lambda _: True)
        notebook.cells[index].source = f"raise RuntimeError({message!r})\n{answer}"
    return Verdict(reason="interrupted")


def blame(notebook: NotebookNode, index: int, assignment: Assignment) -> tuple[int, str]:
    """Find the cell to take out, and the name of its exercise.

    Of a check, that is the answer that it checks.
    """
    cell = notebook.cells[index]
    if not is_test(cell):
        above = [grade_id(c) for c in notebook.cells[: index + 1]]
        owners = [assignment.owner[name].id for name in above if name in assignment.owner]
        return index, grade_id(cell) or (owners or ["the first cells"])[-1]
    answer = assignment.owner[grade_id(cell)].id
    ids = [grade_id(cell) for cell in notebook.cells]
    return ids.index(answer), answer


def attempt(
    notebook: NotebookNode, assignment: Assignment, gradebook: Path, run: Run
) -> tuple[Verdict | None, int | None, str]:
    """Execute once: a verdict, or the cell at which it stopped, and why."""
    name = assignment.name
    prefix = "coursegrader-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as path:
        folder = Path(path).resolve()
        work = folder / "submitted" / STUDENT / name
        work.mkdir(parents=True)
        nbformat.write(notebook, work / f"{name}.ipynb")
        shutil.copy(gradebook, folder / "gradebook.db")
        job = {"assignment": name, "timeout": run.timeout, "parent": os.getpid()}
        (folder / "job.json").write_text(json.dumps(job))
        printed, answer = run.start(folder)
        with contextlib.suppress(ValueError, LookupError, TypeError):
            found = json.loads(answer)
            verdict = Verdict(found["scores"], found["comments"], found["notebook"])
            return verdict, None, ""
        running = read(folder / "running")
        at = int(running) if running else None
        if why := read(folder / "stopped"):
            return None, at, why
        if at is not None and not run.stopping.is_set():
            return None, at, f"did not end within {run.deadline} seconds or ended Python"
        last = (printed.strip().splitlines() or ["it printed nothing"])[-1]
        return None, None, f"the autograder failed: {last[:200]}"


class WatchedExecute(Execute):
    """Execute cells, noting which one runs, and stop at one that does not end."""

    def preprocess_cell(self, cell, resources, index):
        """Execute one cell."""
        write(Path("running"), str(index))
        start = time.monotonic()
        try:
            result = super().preprocess_cell(cell, resources, index)
        except Exception as error:
            # What is raised for a cell that will not be interrupted differs by version.
            if time.monotonic() - start >= self.timeout:
                write(Path("stopped"), f"did not end within {self.timeout} seconds")
            elif isinstance(error, DeadKernelError):
                write(Path("stopped"), "ended the Python process that ran it")
            raise
        outputs = cell.get("outputs", [])
        if any(output.get("ename") == "CellTimeoutError" for output in outputs):
            write(Path("stopped"), f"did not end within {self.timeout} seconds")
            raise Stopped(f"cell {index}")
        # From here on a failure is the grader's, and no cell is to pay for it.
        Path("running").unlink()
        return result


def read(path: Path) -> str:
    """Return what a file says, or nothing if it is not there."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def follow(parent: int) -> None:
    """End this process when the one that started it is gone."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def leave(folder: Path, parent: int) -> None:
    """Remove this process's folder if nobody else is left to do it."""
    if os.getppid() != parent:
        shutil.rmtree(folder, ignore_errors=True)


def autograde(folder: Path, answer: int) -> None:
    """Autograde the one submission in a folder; write the verdict into an open file."""
    os.set_inheritable(answer, False)
    job = json.loads((folder / "job.json").read_text())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    atexit.register(leave, folder, job["parent"])
    threading.Thread(target=follow, args=(job["parent"],), daemon=True).start()
    name = job["assignment"]
    config = Config()
    config.Execute.timeout = job["timeout"]
    # Sockets in this folder: two kernels that start at once may choose one free port.
    config.KernelManager.transport = "ipc"
    config.KernelManager.ip = str(folder / "k")
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.assignment_id = name
    config.CourseDirectory.student_id = STUDENT
    stages = Autograde.autograde_preprocessors.default_args[0]
    config.Autograde.autograde_preprocessors = [
        WatchedExecute if stage is Execute else stage for stage in stages
    ]
    course = CourseDirectory(config=config)
    Autograde(coursedir=course, config=config).start()
    with Gradebook(course.db_url) as book:
        found = book.find_submission_notebook(name, name, STUDENT)
        scores = {grade.name: grade.auto_score for grade in found.grades}
        comments = {note.name: note.auto_comment for note in found.comments}
    graded = folder / "autograded" / STUDENT / name / f"{name}.ipynb"
    verdict = {
        "scores": scores,
        "comments": comments,
        "notebook": graded.read_text(encoding="utf-8"),
    }
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(verdict, file)


if __name__ == "__main__":
    autograde(Path(sys.argv[1]), int(sys.argv[2]))
