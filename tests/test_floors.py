"""The house: who may import whom, how long a module may be, what loads when."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import coursecore

ROOT = Path(coursecore.__file__).parent
MODULES = sorted(
    module.name for module in pkgutil.walk_packages([str(ROOT)], prefix="coursecore.")
)
FILES = {
    name: Path(importlib.import_module(name).__file__) for name in [*MODULES, "coursecore"]
}

# A module imports only from floors below its own (house of the course, section 2).
FLOORS = {
    "engine": {
        "tree": 0, "trace": 0, "memory": 1, "protocol": 2, "shapes": 3, "linalg": 3,
        "special": 3, "rules": 4, "autodiff": 5, "derivatives": 6, "program": 6,
        "replay": 6, "differences": 1, "diagnosis": 1, "gradcheck": 7,
    },
    "nets": {
        "functional": 0, "nn": 1, "linear": 2, "perceptrons": 3, "margins": 3,
        "kernels": 4, "graph": 2, "layers": 3, "objectives": 3, "sequential": 9,
    },
    "training": {
        "schedules": 0, "progress": 0, "descent": 1, "store": 0, "optim": 2,
        "resumption": 2, "divergence": 7, "newton": 7, "landscape": 7, "train": 8,
        "results": 0, "validation": 0, "selection": 1,
    },
    "words": {
        "files": 1, "loops": 0, "text": 2, "counts": 3, "ngram": 4, "cooccurrence": 2,
        "factorisation": 1, "vectors": 3, "glove": 4, "embeddings": 2, "nlm": 3,
    },
    "data": {
        "toys": 0, "catalogue": 0, "splits": 0, "grammar": 0, "manuals": 0, "bayes": 1,
        "downloads": 1, "language": 1, "everyday": 2, "corpora": 2,
    },
    "plots": {
        "style": 8, "graphs": 9, "curves": 9, "classifiers": 9, "networks": 9,
        "landscapes": 9, "words": 9,
    },
    "": {"usage": 7, "check": 9},
}  # fmt: skip
LINES = {  # the budget of each room
    "engine": 3_400, "nets": 2_600, "training": 3_000, "words": 2_600, "data": 2_300,
    "plots": 1_200, "": 750,
}  # fmt: skip
FLOOR = {name: floor for wing in FLOORS.values() for name, floor in wing.items()}
DIFFERENTIATION = {
    "trace", "memory", "protocol", "rules", "shapes", "linalg", "special", "autodiff",
    "derivatives", "program", "replay",
}  # fmt: skip
MAY_DIFFERENTIATE = {"train", "divergence", "newton", "landscape"}


def short(name):
    return name.rpartition(".")[2]


def wing(name):
    return name.split(".")[1] if name.count(".") == 2 else ""


def imports(name):
    """List the modules that a module's source imports, absolute, at any depth."""
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    found = []
    for node in ast.walk(ast.parse(FILES[name].read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            found += [
                inner if (inner := f"{module}.{alias.name}") in FILES else module
                for alias in node.names
            ]
    return found


def working_modules():
    return [name for name in MODULES if FILES[name].name != "__init__.py"]


def test_every_module_has_a_floor_in_its_wing():
    for name in working_modules():
        assert short(name) in FLOORS[wing(name)], f"{name} has no floor"


@pytest.mark.parametrize("name", working_modules())
def test_a_module_imports_only_from_floors_below(name):
    ours = [other for other in imports(name) if other.split(".")[0] == "coursecore"]
    wrong = [
        other for other in ours if FLOOR.get(short(other), 99) >= FLOOR.get(short(name), 0)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", working_modules())
def test_a_model_does_not_know_that_it_is_differentiated(name):
    reached = {short(other) for other in imports(name)} & DIFFERENTIATION
    behind = wing(name) in ("nets", "training", "words")
    walled = behind and short(name) not in MAY_DIFFERENTIATE
    assert not (walled and reached)


def test_imports_are_found_by_the_tests_above():
    assert "coursecore.engine.tree" in imports("coursecore.training.optim")
    assert "coursecore.engine.autodiff" in imports("coursecore.training.train")
    assert "coursecore.engine.rules" in imports("coursecore.engine.autodiff")
    assert "coursecore.nets.functional" in imports("coursecore.nets.nn")


def test_the_library_never_imports_the_grader():
    users = [
        name
        for name in FILES
        if any(other.split(".")[0] == "coursegrader" for other in imports(name))
    ]
    assert users == []


def test_importing_the_library_loads_numpy_and_the_standard_library_alone():
    code = (
        "import sys, numpy; before = set(sys.modules); import coursecore;"
        "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    loaded = set(run.stdout.split())
    assert "coursecore" in loaded
    assert loaded - {"coursecore", "numpy"} <= set(sys.stdlib_module_names)
    assert run.stderr == ""


def num_lines(name):
    return len(FILES[name].read_text().splitlines())


def test_line_budget():
    longest = max(FILES, key=num_lines)
    assert num_lines(longest) <= 350, longest
    for room, budget in LINES.items():
        assert sum(num_lines(name) for name in FILES if wing(name) == room) <= budget
    engine = ("coursecore.engine.trace", "coursecore.engine.autodiff")
    assert sum(map(num_lines, engine)) <= 450


def test_modules_are_named_by_nouns_of_one_word():
    banned = {"utils", "util", "helpers", "common", "misc", "base", "core"}
    for name in working_modules():
        assert short(name).isalpha()
        assert short(name) not in banned


def public(name):
    """List what a module defines for others: functions, classes and their methods."""
    module = importlib.import_module(name)
    for key, thing in vars(module).items():
        if key.startswith("_") or getattr(thing, "__module__", None) != name:
            continue
        if inspect.isfunction(thing):
            yield key, thing
        elif inspect.isclass(thing):
            yield key, thing
            for method, fun in vars(thing).items():
                if not method.startswith("_") and inspect.isfunction(fun):
                    yield f"{key}.{method}", fun


# A rule's helper is read beside its formula; what a Box answers has NumPy's own names.
WITHOUT_DOCSTRING = (
    *(f"coursecore.engine.{name}." for name in ("rules", "shapes", "linalg", "special")),
    "coursecore.engine.protocol.", "coursecore.engine.trace.Box.",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_modules_and_public_names_have_docstrings(name):
    module = importlib.import_module(name)
    assert module.__doc__
    missing = [
        f"{name}.{key}"
        for key, thing in public(name)
        if not inspect.getdoc(thing) and not f"{name}.{key}".startswith(WITHOUT_DOCSTRING)
    ]
    assert missing == []


def test_docstrings_begin_with_a_sentence_of_one_line():
    for name in working_modules():
        for key, thing in public(name):
            first = (inspect.getdoc(thing) or ".").splitlines()[0]
            assert first.rstrip("`").endswith((".", ":")), f"{name}.{key}: {first}"


def test_public_names_are_flat_and_exist():
    assert coursecore.__all__ == sorted(coursecore.__all__)
    for name in coursecore.__all__:
        assert hasattr(coursecore, name), name
        assert getattr(coursecore, name).__doc__, name


def test_every_module_of_the_wings_is_reachable_by_a_flat_name():
    flat = {id(getattr(coursecore, name)) for name in coursecore.__all__}
    inner = {  # what readers need of them is flat, or a name of the module above them
        *DIFFERENTIATION, "gradcheck", "differences", "diagnosis", "usage", "graph",
        "layers", "objectives", "sequential", "descent", "store", "resumption",
        "progress", "divergence", "results", "validation", *FLOORS["data"],
        *FLOORS["plots"], "files", "counts", "loops",
    }  # fmt: skip
    for name in working_modules():
        if short(name) not in inner:
            assert id(importlib.import_module(name)) in flat, name


def test_random_draws_come_from_an_explicit_rng():
    seeded = [name for name in working_modules() if "np.random.seed" in source(name)]
    global_draws = [
        f"{name}: {node.attr}"
        for name in working_modules()
        for node in ast.walk(ast.parse(source(name)))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) == "np.random"
        and node.attr not in ("default_rng", "Generator")
    ]
    assert seeded == global_draws == []


def source(name):
    return FILES[name].read_text()


def test_the_examples_in_docstrings_are_run_by_pytest(pytestconfig):
    assert "--doctest-modules" in pytestconfig.getini("addopts")
    assert "coursecore" in pytestconfig.getini("testpaths")
    assert sum(">>>" in source(name) for name in MODULES) >= 6
