"""Progress: a bar where somebody watches, and not a byte where nobody does."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

from coursecore import optim, train
from coursecore.training.progress import is_watched
from coursegrader.kernel import environment, isolated_folders


def fit(start=1.0, epochs=3, **options):
    square = lambda x, rows: x * x + 0.0 * np.sum(rows)
    options |= {"rng": np.random.default_rng(0), "epochs": epochs}
    return train.fit(square, start, (np.ones(4),), optim.SGD(), **options)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def sit_down(monkeypatch):
    """Put somebody in front of a terminal, and return what it shows."""
    monkeypatch.delenv("COURSECORE_STATIC", raising=False)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setattr(sys, "stderr", Terminal())
    return sys.stderr


def test_training_is_silent_here(capfd):
    assert not is_watched()
    fit()
    assert capfd.readouterr() == ("", "")


def test_a_bar_in_a_terminal(monkeypatch):
    screen = sit_down(monkeypatch)
    fit()
    shown = screen.getvalue()
    assert "3/3" in shown and "epoch" in shown and "cost=" in shown


def test_no_bar_on_request(monkeypatch):
    screen = sit_down(monkeypatch)
    fit(progress=False)
    assert screen.getvalue() == ""


def test_a_bar_on_request(capfd):
    fit(progress=True)
    out, err = capfd.readouterr()
    assert out == "" and "3/3" in err


def test_a_run_that_goes_on_counts_what_is_done(monkeypatch, tmp_path):
    screen = sit_down(monkeypatch)
    fit(checkpoint=tmp_path / "run.npz", progress=False, epochs=2)
    fit(checkpoint=tmp_path / "run.npz", epochs=5)
    assert "2/5" in screen.getvalue() and "5/5" in screen.getvalue()
    assert "0/5" not in screen.getvalue()


def test_a_bar_is_closed_when_training_fails(monkeypatch):
    screen = sit_down(monkeypatch)
    with pytest.raises(FloatingPointError):
        fit(start=np.nan)
    assert screen.getvalue().endswith("\n")


def test_nobody_watches_a_log_a_test_or_a_stored_output(monkeypatch):
    sit_down(monkeypatch)
    assert is_watched()
    for variable in ("COURSECORE_STATIC", "PYTEST_CURRENT_TEST"):
        monkeypatch.setenv(variable, "1")
        assert not is_watched()
        monkeypatch.delenv(variable)
    for stderr in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stderr)
        assert not is_watched()


def test_without_tqdm_there_is_no_bar(monkeypatch):
    screen = sit_down(monkeypatch)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    fit()
    assert screen.getvalue() == ""


def test_ipython_in_a_terminal_is_a_terminal(monkeypatch):
    sit_down(monkeypatch)
    shell = SimpleNamespace(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert is_watched()


CELL = """
import numpy as np
from coursecore import optim, train
square = lambda x, rows: x * x + 0.0 * np.sum(rows)
rng = np.random.default_rng(0)
train.fit(square, 1.0, (np.ones(4),), optim.SGD(), rng=rng, epochs=3);
"""


def test_a_notebook_shows_a_bar_to_people_only():
    """Front ends for people let a cell ask for input; programs that run it do not."""
    with isolated_folders() as (work, settings):
        variables = environment(settings)
        del variables["COURSECORE_STATIC"]
        variables.pop("PYTEST_CURRENT_TEST", None)
        manager, client = start_new_kernel(env=variables, cwd=str(work))
        try:
            shown = {}
            for people in (False, True):
                messages = []
                client.execute_interactive(
                    CELL, allow_stdin=people, output_hook=messages.append, timeout=60,
                    stdin_hook=lambda message: None,
                )  # fmt: skip
                kinds = [message["msg_type"] for message in messages]
                shown[people] = [
                    kind for kind in kinds if kind in ("stream", "display_data")
                ]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    assert shown[False] == []
    assert shown[True] != []
