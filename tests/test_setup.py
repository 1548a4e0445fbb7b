"""Set-up: the pinned environment, the commands, and what is said when they fail."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PINS = dict(re.findall(r"^([\w.-]+)==([\w.]+)", LOCK, re.MULTILINE))


def requirements(*extras):
    """Return what the project and these extras ask for, by name."""
    lines = PROJECT["dependencies"] + [line for name in extras for line in EXTRAS[name]]
    asked = {canonicalize_name(Requirement(line).name): line for line in lines}
    return {name: Requirement(line) for name, line in asked.items()}


# The environment


def test_the_extras_are_the_five_that_the_course_speaks_of():
    assert set(EXTRAS) == {"lab", "grade", "bench", "fast", "dev"}
    assert PROJECT["dependencies"] == ["numpy>=2"]


def test_the_lock_pins_every_direct_dependency_and_none_of_the_benchmarks():
    asked = requirements("lab", "grade", "dev")
    del asked["coursecore"]
    assert asked.keys() <= PINS.keys()
    for name, requirement in asked.items():
        assert requirement.specifier.contains(PINS[name]), requirement
    assert not (requirements("bench", "fast").keys() - {"numpy"}) & PINS.keys()


def test_the_lock_has_hashes_for_every_pin_and_no_address():
    blocks = re.split(r"\n(?=\S)", LOCK.strip())
    for block in blocks:
        assert re.match(r"[\w.-]+==[\w.]+ (; .+ )?\\\n", block), block
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block
    assert len(blocks) == len(PINS)
    assert not re.search(r"://|\bfile:|--(extra-)?index|--find-links| @ ", LOCK)


def test_conda_gets_the_versions_of_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *lines, pip = environment["dependencies"]
    pinned = {line for line in lines if "==" not in line and "=" in line}
    asked = requirements("lab", "grade", "dev").keys() - {"coursecore"}
    expected = {f"{name}={PINS[name]}" for name in asked}
    python = f"python {PROJECT['requires-python']}"
    assert pinned - {python} == expected
    assert python in lines
    assert pip == {"pip": ["--editable ."]}


def test_the_library_needs_only_numpy():
    program = (
        "import sys; before = set(sys.modules); import coursecore;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    imported = set(run.stdout.split())
    assert "coursecore" in imported
    assert imported - sys.stdlib_module_names == {"coursecore", "numpy"}


# The commands


def test_a_rule_of_the_makefile_has_at_most_five_lines_and_a_word_of_help():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    rules = re.findall(r"^([.\w-]+):(.*)\n((?:\t.*\n)*)", makefile, re.MULTILINE)
    recipes = {name: recipe for name, _, recipe in rules if name != ".PHONY"}
    assert {"course", "test", "lab", "notebooks", "lint", "lock"} <= recipes.keys()
    for name, recipe in recipes.items():
        assert 1 <= recipe.count("\n") <= 5, name
    helped = {name for name, rest, _ in rules if " ## " in rest}
    assert helped == recipes.keys() - {"help", ".venv"}
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(phony[1].split()) == recipes.keys()


@pytest.fixture
def clone(tmp_path):
    """Return a folder with what set-up reads, its name holding a space."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ["Makefile", "setup.sh", "requirements.lock"]:
        shutil.copy(ROOT / name, folder)
    return folder


def run(folder, *command, **variables):
    """Run a command as a new user's shell would: nothing inherited but the PATH."""
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def interpreter(folder, before_program="", venv="exit 1"):
    """Write a Python that runs a line before any -c program, and this for -m venv."""
    path = folder.parent / "python"
    path.write_text(
        f"""#!/bin/sh
case $1 in
-c) exec '{sys.executable}' -c "{before_program}
$2" ;;
*) {venv} ;;
esac
"""
    )
    path.chmod(0o755)
    return str(path)


# A .venv whose Python says what it is asked to run, and whose pip does nothing.
STUB = r"""mkdir -p .venv/bin &&
printf '#!/bin/sh\ncase $2 in pip) ;; *) printf "<%%s>" "$@" ;; esac\n' \
    >.venv/bin/python && chmod +x .venv/bin/python"""


def test_an_up_to_date_environment_is_left_alone_and_any_other_made_anew(clone):
    def set_up(folder):
        done = run(folder, "sh", "setup.sh", PYTHON=python)
        assert done.returncode == 0, done.stderr
        return done.stdout.startswith("Setting up .venv")

    python = interpreter(clone, venv=STUB)
    stamp = clone / ".venv" / "made-from"
    assert set_up(clone)
    assert not set_up(clone)
    stamp.unlink()  # as an interrupted set-up leaves it
    assert set_up(clone)
    with (clone / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write("# another lock\n")
    assert set_up(clone)
    (clone / ".venv" / "bin" / "python").write_text("#!/no/such/interpreter\n")
    assert set_up(clone)
    assert not set_up(clone)
    assert set_up(clone.rename(clone.with_name("moved")))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "<-m><coursegrader><course>"),
        (["CLASS=my 'own' class"], "<-m><coursegrader><course><my 'own' class>"),
    ],
)
def test_make_course_hands_on_the_folder_as_it_was_typed(clone, arguments, expected):
    python = interpreter(clone, venv=STUB)
    done = run(clone, "make", "course", f"PYTHON={python}", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == expected


def test_make_alone_lists_the_commands(clone):
    done = run(clone, "make")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^  course +mark a sample class", done.stdout, re.MULTILINE)
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("code", [0, 3])
def test_continuous_integration_runs_make_test_and_returns_its_code(tmp_path, code):
    make = tmp_path / "make"
    make.write_text(f'#!/bin/sh\necho "$PWD $*"\nexit {code}\n')
    make.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = run(tmp_path, str(ROOT / ".ci" / "run"), PATH=path)
    assert done.stdout == f"{ROOT} test\n"
    assert done.returncode == code


# What is said when set-up fails


def failure(folder, **variables):
    """Return the one sentence that a failing set-up says."""
    done = run(folder, "sh", "setup.sh", **variables)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert re.fullmatch(r"[A-Z][^.]*(\.(?!\s)[^.]*)*\.", sentence), sentence
    assert not (folder / ".venv" / "made-from").exists()
    return sentence


def test_too_old_a_python_is_named_with_what_is_needed(clone):
    python = interpreter(clone, "import sys; sys.version_info = (3, 9, 0)")
    sentence = failure(clone, PYTHON=python)
    assert f"needs Python 3.11 or newer, but {python} is Python 3.9" in sentence


def test_a_python_that_does_not_run_is_named(clone):
    sentence = failure(clone, PYTHON="no such python")
    assert "needs Python 3.11 or newer, but no such python does not run" in sentence


def test_a_missing_venv_module_names_the_package_to_install(clone):
    python = interpreter(clone, "import sys; sys.modules['ensurepip'] = None")
    assert "apt install python3-venv" in failure(clone, PYTHON=python)


def test_a_later_python_is_taken_when_the_first_is_too_old(clone):
    programs = clone.parent / "programs"
    programs.mkdir()
    old = Path(interpreter(clone, "import sys; sys.version_info = (3, 9, 0)"))
    old.rename(programs / "python3")
    Path(interpreter(clone, venv=STUB)).rename(programs / "python3.14")
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = run(clone, "sh", "setup.sh", PATH=path)
    assert done.returncode == 0, done.stderr


def test_an_unreachable_package_index_is_told_from_other_failures(clone):
    # One retry, because pip speaks of the connection only when it tries again.
    sentence = failure(
        clone,
        PYTHON=sys.executable,
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_RETRIES="1",
    )
    assert "pip cannot reach its package index" in sentence


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("Error: [Errno 13] Permission denied: '.venv'", "cannot write in"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "try another network"),
        ("ERROR: No matching distribution found for scipy==1.0", "No build of scipy"),
        ("Error: a hinge is loose", "(Error: a hinge is loose): the whole report is"),
    ],
)
def test_a_failure_is_told_in_one_sentence(clone, said, expected):
    python = interpreter(clone, venv=f'echo "{said}" >&2; exit 1')
    assert expected in failure(clone, PYTHON=python)
