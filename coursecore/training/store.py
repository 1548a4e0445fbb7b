"""Files for trees: parameters, the state of an optimizer, a whole run of training.

A file is an `.npz` archive of NumPy's: the arrays one by one, and beside them the
structure of the tree as JSON. Nothing in it can run, as a pickle can: loading a file
from a stranger is safe. A file is either written whole or not at all, and one that is
damaged is refused, so that a power cut costs an epoch and never the whole run.

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "params.npz")
    >>> save(path, {"W": np.eye(2), "sizes": (2, 2), "name": "identity"})
    >>> load(path)["W"]
    array([[1., 0.],
           [0., 1.]])
"""

import contextlib
import errno
import io
import json
import os
import secrets
import shutil
import zipfile
from pathlib import Path

import numpy as np

FORMAT = "coursecore tree"
VERSION = 1


def save(path, tree):
    """Write a tree to the file `path`, whole or not at all; what was there is replaced.

    A tree is made of dicts, lists and tuples; its leaves are arrays of any dtype but
    object, NumPy's scalars, None, bool, int, float and str. A named tuple comes back as
    a plain one. The state of a generator, `rng.bit_generator.state`, is a tree as well.

    Raises TypeError naming a leaf of another kind, OSError if the file cannot be
    written. Either way the old file is kept and no half of the new one stays behind.
    """
    arrays = []
    header = {"format": FORMAT, "version": VERSION, "tree": _encode(tree, "", arrays)}
    archive = io.BytesIO()
    numbered = {str(i): array for i, array in enumerate(arrays)}
    np.savez(archive, structure=np.array(json.dumps(header)), **numbered)
    with replacing(path) as file:
        file.write(archive.getbuffer())


@contextlib.contextmanager
def replacing(path):
    """Open a new binary file that takes the place of `path` when the block has ended.

    It stands beside the old one and is renamed at last. If the block or the disk fails,
    the old file is kept and nothing of the new one stays behind. Raises OSError if the
    file cannot be written, or if `path` is there and is no file: a device, a folder.
    """
    path = Path(os.path.realpath(path))
    partial = path.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        if path.exists() and not path.is_file():
            kind = errno.EISDIR if path.is_dir() else errno.EINVAL
            raise OSError(kind, "it is a device or a folder, and no file")
        with open(partial, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.is_file():
            shutil.copymode(path, partial)
        os.replace(partial, path)
    except OSError as error:
        kept = "the old file is kept" if path.is_file() else "nothing was written"
        raise OSError(
            error.errno,
            f"The file could not be written ({error.strerror}); {kept}. Is there a folder "
            f"{path.parent} that you may write to, on a disk with room?",
            str(path),
        ) from error
    finally:
        with contextlib.suppress(OSError):  # after a success it has its new name
            partial.unlink()


def load(path):
    """Read the tree that `save` wrote to the file `path`.

    Raises FileNotFoundError if there is none, and ValueError for a file that is cut
    short, damaged, of another origin, or written by a newer version of the library.
    """
    path = Path(path)
    if not path.exists():
        others = sorted(other.name for other in path.parent.glob("*.npz"))[:5]
        raise FileNotFoundError(
            f"load found no file {path}. The folder {path.absolute().parent} holds "
            f"{', '.join(others) or 'no .npz file'}."
        )
    content = io.BytesIO(path.read_bytes())
    try:
        with zipfile.ZipFile(content) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
    except Exception as error:  # zipfile has many ways to stumble over a broken file
        raise ValueError(
            f"load cannot read {path}: the file is cut short or damaged, or no file of "
            f"`save` at all ({error}). Take a copy of it, or make it again."
        ) from error
    header = _header(path, entries)
    try:
        return _decode(header["tree"], entries)
    except Exception as error:
        raise ValueError(
            f"load cannot read {path}: its structure and its arrays do not fit together "
            f"({error!r}). Take a copy of it, or make it again."
        ) from error


def _header(path, entries):
    """Return the JSON of an archive, or say whose file it is instead."""
    try:
        header = json.loads(_array(entries["structure.npy"]).item())
        foreign, newer = header["format"] != FORMAT, header["version"] > VERSION
    except Exception:  # whatever is odd about it, it is not ours
        foreign = True
    if foreign:
        raise ValueError(
            f"load reads files written by `save`, but {path} is another kind of archive "
            f"with the entries {sorted(entries)[:5]}. Arrays alone are read by np.load."
        )
    if newer:
        raise ValueError(
            f"load reads files up to version {VERSION}, but {path} has version "
            f"{header['version']}: a newer coursecore wrote it. Update the library."
        )
    return header


def _encode(tree, where, arrays):
    """Turn a tree into JSON, in which arrays, tuples and dicts are marked as such."""
    kind = type(tree)
    if tree is None or kind in (bool, int, float, str):
        return tree
    if (kind is np.ndarray or isinstance(tree, np.generic)) and not tree.dtype.hasobject:
        arrays.append(tree)
        return {"array" if kind is np.ndarray else "scalar": len(arrays) - 1}
    if isinstance(tree, dict):
        return {
            "dict": [
                [_key(key, where), _encode(child, f"{where}[{key!r}]", arrays)]
                for key, child in tree.items()
            ]
        }
    if isinstance(tree, (list, tuple)):
        children = [_encode(x, f"{where}[{i}]", arrays) for i, x in enumerate(tree)]
        return {"tuple": children} if isinstance(tree, tuple) else children
    raise TypeError(
        f"save writes arrays, numbers, strings, None, dicts, lists and tuples, but the "
        f"leaf {where or 'tree'} is a {kind.__name__}"
        f"{' of dtype ' + str(tree.dtype) if hasattr(tree, 'dtype') else ''}. Turn it "
        f"into one of these first, or leave it out."
    )


def _key(key, where):
    if key is None or type(key) in (bool, int, float, str):
        return key
    raise TypeError(
        f"save writes dicts whose keys are strings or numbers, but {where or 'tree'} has "
        f"the key {key!r}, a {type(key).__name__}."
    )


def _decode(node, entries):
    if isinstance(node, list):
        return [_decode(child, entries) for child in node]
    if not isinstance(node, dict):
        return node
    ((kind, content),) = node.items()
    if kind == "dict":
        return {key: _decode(child, entries) for key, child in content}
    if kind == "tuple":
        return tuple(_decode(child, entries) for child in content)
    array = _array(entries[f"{content}.npy"])
    return array[()] if kind == "scalar" else array


def _array(entry):
    return np.load(io.BytesIO(entry), allow_pickle=False)
