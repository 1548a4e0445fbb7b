"""What a notebook shows: outputs fit to be stored, and how two notebooks differ."""

import base64
import difflib
import io
import json
import re

import numpy as np


def merge_streams(outputs):
    """Join neighbouring outputs to the same stream: where they split is chance."""
    merged = []
    for output in outputs:
        is_stream = output.output_type == "stream"
        if is_stream and merged and merged[-1].get("name") == output.name:
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def find_refused_output(cell):
    """Say why a cell's outputs cannot be stored, or return None."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        shown = output.get("text", "") + str(data.get("text/plain", ""))
        if output.output_type == "error":
            plain = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.traceback))
            frames = [f"    | {line}" for line in plain.split("\n")[-12:]]
            return (
                f"raised {output.ename}: {output.evalue}\nIf the error is the point, "
                "catch it and print it: a stored traceback holds one machine's paths.\n"
                + "\n".join(frames)
            )
        if output.get("name") == "stderr":
            return (
                f"wrote to stderr: {output.text.strip()}\n"
                "Warnings are errors in our notebooks; mend or catch what causes it."
            )
        if any("widget" in kind for kind in data):
            return (
                "left a live widget, which is lost without a kernel. Draw it with "
                "coursecore.plots, which stores a figure when the course is built."
            )
        if re.search(r"\bat 0x[0-9a-f]{6,}", shown):
            return (
                f"printed a memory address, which differs at every run: {shown.strip()}"
                "\nEnd the cell with a value, or with nothing."
            )
    return None


def quote(cell, lines=6):
    """Return the beginning of a cell's source, indented, to show in a message."""
    source = cell.source.split("\n")
    more = ["..."] if len(source) > lines else []
    return "\n".join(f"    {line}" for line in source[:lines] + more)


def differences(built, stored):
    """Return one line for each way in which two notebooks differ.

    `built` is what the text gives here and now, `stored` what the file holds. Two
    pictures of the same data (the digest beside them) are the same when they look
    the same: fonts and processors may move a pixel's shade by a little.
    """
    found = []
    if len(built.cells) != len(stored.cells):
        found.append(f"{len(built.cells)} cells are built, {len(stored.cells)} stored")
    pairs = zip(built.cells, stored.cells, strict=False)
    for number, (new, old) in enumerate(pairs, 1):
        where = f"cell {number} ({new.get('id')})"
        for key in sorted({*new, *old} - {"outputs"}):
            if new.get(key) != old.get(key):
                shown = _show(new.get(key), old.get(key))
                found.append(f"{where}: {key} differs{shown}")
        found += [f"{where}: {line}" for line in _output_differences(new, old)]
    for key in sorted({*built, *stored} - {"cells"}):
        if built.get(key) != stored.get(key):
            shown = _show(built.get(key), stored.get(key))
            found.append(f"notebook: {key} differs{shown}")
    return found


def _output_differences(new, old):
    new, old = new.get("outputs", []), old.get("outputs", [])
    if len(new) != len(old):
        yield f"{len(new)} outputs are built, {len(old)} stored"
    for number, (a, b) in enumerate(zip(new, old, strict=False), 1):
        for key in sorted({*a, *b} - {"data"}):
            if a.get(key) != b.get(key):
                yield f"output {number}: {key} differs{_show(a.get(key), b.get(key))}"
        a_data, b_data = a.get("data", {}), b.get("data", {})
        for kind in sorted({*a_data, *b_data}):
            x, y = a_data.get(kind), b_data.get(kind)
            if x == y:
                continue
            if kind == "image/png" and x and y:
                if not look_alike(x, y):
                    yield f"output {number}: the stored picture is another one"
            else:
                yield f"output {number}: {kind} differs{_show(x, y)}"


def _show(new, old):
    texts = (
        json.dumps(x, indent=1, sort_keys=True) if isinstance(x, dict) else str(x)
        for x in (old, new)
    )
    old, new = (text.split("\n") for text in texts)
    lines = difflib.unified_diff(old, new, "stored", "built", n=0, lineterm="")
    return "".join(f"\n      {line[:200]}" for line in list(lines)[:14])


def look_alike(picture, other):
    """Say whether two base64 PNG pictures differ by less than the eye can see."""
    from matplotlib.image import imread

    try:
        a, b = (imread(io.BytesIO(base64.b64decode(p))) for p in (picture, other))
    except (OSError, SyntaxError, ValueError):
        return False
    # A line that moved changes many pixels much; rounding changes a few a little.
    return a.shape == b.shape and float((np.abs(a - b) > 0.1).mean()) < 1e-4
