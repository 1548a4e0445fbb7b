"""Results: the trials of a search, as records, as a table and as lines of a file.

>>> first = Trial(0, {"lr": 0.1}, scores={"score": 0.5})
>>> Results((first, Trial(1, {"lr": 9.0}, error="oh")))
trial   lr  score  error
    0  0.1    0.5
    1    9    nan  oh
lowest score: trial 0 (1 of 2 without a finite one)
"""

import html
import json
import math
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Trial:
    """One call of score: its number, settings, scores, seconds, and error if it failed.

    Where score takes `rng`, it got `np.random.default_rng(trial.seed)`: with that and
    the settings any trial can be run again.
    """

    number: int
    settings: dict
    seed: tuple | None = None
    scores: dict = field(default_factory=dict)
    seconds: float = field(default=math.nan, compare=False)
    error: str = ""


@dataclass(frozen=True, repr=False)
class Results:
    """The trials of a search; printed, a table with a row a trial.

    `by` names the score that ranks them. Low is good, or high with `maximise`. A trial
    that failed, or whose score is not finite, is kept and never the best.
    """

    rows: tuple
    by: str = "score"
    maximise: bool = False

    @property
    def best(self):
        """Return the Trial with the best score; of equals, the first.

        Raises ValueError if no trial has a finite score.
        """
        if all(math.isinf(self._rank(row)) for row in self.rows):
            names = sorted({name for row in self.rows for name in row.scores})
            errors = [row.error for row in self.rows if row.error]
            raise ValueError(
                f"No trial has a finite {self.by!r}: {len(errors)} of {len(self.rows)} "
                f"failed{f' (the first: {errors[0]})' if errors else ''}, and the "
                f"scores that came are {names}. Mend score, or choose by= among them."
            )
        return min(self.rows, key=lambda row: (self._rank(row), row.number))

    def column(self, name):
        """Return a setting, a score, "seconds" or "error" of all rows as a list.

        A score that a trial does not have is nan.
        """
        if name in ("seconds", "error"):
            return [getattr(row, name) for row in self.rows]
        settings, scores = self._names()
        if name in settings:
            return [row.settings[name] for row in self.rows]
        if name in scores:
            return [row.scores.get(name, math.nan) for row in self.rows]
        raise ValueError(
            f"These results have no column {name!r}; they have "
            f"{[*settings, *scores, 'seconds', 'error']}."
        )

    def sort(self, by=None, limit=None):
        """Return the Results ordered best first, or upward by a column; at most `limit`.

        Numbers come before words, and nan after both.
        """
        keys = map(self._rank, self.rows) if by is None else map(_order, self.column(by))
        pairs = sorted(zip(keys, self.rows, strict=True), key=lambda pair: pair[0])
        return replace(self, rows=tuple(row for _, row in pairs[:limit]))

    def __repr__(self):
        head, body = self._cells()
        aligned = []
        for name, *cells in zip(head, *body, strict=True):
            texts = [name, *map(_text, cells)]
            width = max(map(len, texts))
            justify = str.rjust if all(map(_is_number, cells)) else str.ljust
            aligned.append([justify(text, width) for text in texts])
        lines = ["  ".join(texts).rstrip() for texts in zip(*aligned, strict=True)]
        return "\n".join([*lines, self._summary()])

    def _repr_html_(self):
        head, body = self._cells()
        lines = [_html_row("th", head), *(_html_row("td", map(_text, row)) for row in body)]
        summary = f"</table>\n<p>{html.escape(self._summary())}</p>"
        return "\n".join(["<table>", *lines, summary])

    def _rank(self, row):
        value = row.scores.get(self.by, math.nan)
        if row.error or not math.isfinite(value):
            return math.inf
        return -value if self.maximise else value

    def _names(self):
        settings = dict.fromkeys(name for row in self.rows for name in row.settings)
        scores = dict.fromkeys(name for row in self.rows for name in row.scores)
        return list(settings), list(scores)

    def _cells(self):
        settings, scores = self._names()
        failed = any(row.error for row in self.rows)
        head = ["trial", *settings, *scores, *["error"] * failed]
        body = [
            [
                row.number,
                *(label(row.settings[name]) for name in settings),
                *(row.scores.get(name, math.nan) for name in scores),
                *[row.error] * failed,
            ]
            for row in self.rows
        ]
        return head, body

    def _summary(self):
        ranked = [row for row in self.rows if math.isfinite(self._rank(row))]
        lost = len(self.rows) - len(ranked)
        words = f"{'highest' if self.maximise else 'lowest'} {self.by}: "
        words += f"trial {self.best.number}" if ranked else "none"
        return words + f" ({lost} of {len(self.rows)} without a finite one)" * (lost > 0)


def _html_row(tag, texts):
    cells = "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)
    return f"<tr>{cells}</tr>"


def _is_number(cell):
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _order(cell):
    cell = label(cell)
    if not _is_number(cell):
        return (1, 0.0, _text(cell))
    return (2, 0.0, "") if math.isnan(cell) else (0, cell, "")


def _text(cell):
    text = f"{cell:.4g}" if isinstance(cell, float) else " ".join(str(cell).split())
    return text if len(text) <= 60 else text[:59] + "…"


def label(value):
    """Return a value as JSON can hold it, a function by its name, others by their repr."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [label(each) for each in value]
    # An address differs from session to session and says nothing.
    return getattr(value, "__name__", None) or re.sub(r" at 0x\w+", "", repr(value))


# ------------------------------------------------------------------- on the disk


def resume(file, header, trials):
    """Open a search's file; return the trials that it holds, by number, and the stream.

    The first line is the header, which says what is searched; each other line is a trial.
    A last line without its end was being written when the search was stopped: it is cut
    off. Raises ValueError if the file holds anything but a part of this search.
    """
    path, first = Path(file), _line(header)
    stored = path.read_bytes() if path.exists() else b""
    *lines, half = stored.split(b"\n")
    if lines:
        _require_same_search(path, lines[0], header)
    elif not first.startswith(half):
        raise ValueError(f"{path} is not the file of a search. Choose another file.")
    done = {}
    for count, line in enumerate(lines[1:], start=2):
        trial = _read(path, count, line, trials)
        if trial is not None:
            done[trial.number] = trial
    if half:
        os.truncate(path, len(stored) - len(half))
    stream = path.open("ab")
    if not lines:
        _write(stream, first)
    return done, stream


def append(stream, trial):
    """Write a trial as one line of JSON that is on the disk when this returns."""
    record = {
        "trial": trial.number,
        "settings": label_settings(trial.settings),
        "scores": trial.scores,
        "seconds": round(trial.seconds, 6),
        "error": trial.error,
    }
    _write(stream, _line(record))


def label_settings(settings):
    """Return a dict of settings, or of lists of them, as JSON can hold it."""
    return {name: label(value) for name, value in settings.items()}


def _line(record):
    return json.dumps(record).encode() + b"\n"


def _write(stream, line):
    stream.write(line)
    stream.flush()
    os.fsync(stream.fileno())


def _require_same_search(path, line, header):
    try:
        stored = json.loads(line)
        theirs = {key: stored[key] for key in header}
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{path} is not the file of a search. Choose another file."
        ) from None
    for key in header:
        if _line(theirs[key]) != _line(header[key]):
            hint = " Pass an rng made anew, as the first time." if key == "seed" else ""
            raise ValueError(
                f"{path} holds another search: its {key} is {theirs[key]}, but this one's "
                f"is {header[key]}.{hint} Choose another file, or delete this one to start "
                f"anew."
            )


def _read(path, count, line, trials):
    """Return the trial of a line; None if this search does not go as far as it."""
    try:
        record = json.loads(line)
        number, settings = int(record["trial"]), record["settings"]
        scores = {name: float(value) for name, value in record["scores"].items()}
        seconds, error = float(record["seconds"]), str(record["error"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(
            f"{path}, line {count}, is damaged: {line[:60]!r}. Delete that line, and its "
            f"trial is run again."
        ) from None
    if not 0 <= number < len(trials):
        return None
    trial = trials[number]
    if _line(settings) != _line(label_settings(trial.settings)):
        raise ValueError(
            f"{path} holds another search: its trial {number} has the settings {settings}, "
            f"but this one's has {label_settings(trial.settings)}. Choose another file, or "
            f"delete this one to start anew."
        )
    return replace(trial, scores=scores, seconds=seconds, error=error)
