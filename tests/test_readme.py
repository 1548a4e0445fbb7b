"""The README says what is so: its commands, its code, its links and its picture."""

import re

import nbformat
import numpy as np

from coursegrader.building import pictures
from coursegrader.kernel import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_a_target_of_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    commands = set(re.findall(r"\bmake ([a-z]+)\b", README))
    assert {"course", "test", "lab"} <= commands <= targets


def test_every_variable_of_a_command_is_read_by_its_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    option = re.compile(r"\bmake ([a-z]+) ([A-Z]+)=")
    told = set(option.findall(README))
    assert ("course", "CLASS") in told
    assert told == set(option.findall(makefile)), "the help of make tells the same"
    for target, variable in told:
        (recipe,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.M)
        assert re.search(rf"\$[{{(]?{variable}\b", recipe), f"{target}: {variable}="


def test_ci_runs_the_readmes_test_command():
    assert re.search(r"^exec make test\b", (ROOT / ".ci" / "run").read_text(), re.M)


def test_the_code_runs_and_the_comment_is_true():
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    names = {}
    exec(code, names)
    slopes = names["grad"](lambda x: np.sum(np.tanh(x) ** 2))(np.ones(3))
    assert f"# {np.array2string(slopes, precision=4, separator=', ')}" in code.replace(
        "array(", ""
    ).replace(")\n", "\n")
    assert names["nn"].accuracy(names["params"], names["X"], names["t"]) > 0.95
    assert names["model"].evaluate(names["X"], names["t"])[1] > 0.7
    assert f"answer  # {names['answer']!r}" in code


def test_every_link_leads_somewhere():
    for page in ROOT.glob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_every_folder_of_the_map_exists():
    folders = re.findall(r"^\| `(\w+)/` \|", README, re.M)
    assert len(folders) == 9
    assert all((ROOT / folder).is_dir() for folder in folders)


def test_the_picture_is_the_lectures():
    (link,) = re.findall(r"!\[[^]]+\]\((.+?)\)", README)
    path = ROOT / link
    drawn = {}
    for lecture in path.parent.glob("*.ipynb"):
        drawn |= pictures(nbformat.read(lecture, as_version=4))
    assert path.read_bytes() == drawn[path.stem]
