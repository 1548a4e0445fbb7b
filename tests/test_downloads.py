"""Downloads: found, fetched, checked, refused in words. No test needs a network.

A server on this machine plays the mirror; a port that nobody listens on plays the
missing network. The last tests read MNIST itself where COURSECORE_DATA has it.
"""

import errno
import gzip
import hashlib
import io
import os
import socket
import struct
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest

from coursecore import data
from coursecore.data import downloads

REAL = os.environ.get("COURSECORE_DATA", "")
IMAGES = (np.arange(6 * 28 * 28).reshape(6, 28, 28) % 256).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint8)


def idx(array, code=8):
    """Write an array in the IDX format: the inverse of what is tested."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


CONTENT = {
    "train-images-idx3-ubyte": idx(IMAGES),
    "train-labels-idx1-ubyte": idx(LABELS),
    "t10k-images-idx3-ubyte": idx(IMAGES[:2]),
    "t10k-labels-idx1-ubyte": idx(LABELS[:2]),
}
NAME = "t10k-labels-idx1-ubyte"


def zipped(name, content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


class Mirror(BaseHTTPRequestHandler):
    """Serve what stands in `server.shelf`: bytes, or bytes and a promised length."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path not in self.server.shelf:
            return self.send_error(404)
        body, length = self.server.shelf[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def mirror(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.shelf, server.asked = {}, []
    server.address = f"http://127.0.0.1:{server.server_port}"
    server.put = lambda path, body, length=None: server.shelf.update(
        {path: (body, len(body) if length is None else length)}
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Give the test a cache of its own, no folder of the user's, nothing announced."""
    monkeypatch.delenv("COURSECORE_DATA", raising=False)
    monkeypatch.setattr(downloads, "_announced", set())
    folder = tmp_path / "cache" / "coursecore"
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    return folder


def catalogue(monkeypatch, urls, content=CONTENT):
    """Put a small MNIST into the catalogue, to be had at these addresses."""
    files = [
        data.File(
            name, hashlib.sha256(body).hexdigest(), tuple(url.format(name) for url in urls)
        )
        for name, body in content.items()
    ]
    entry = data.Dataset("A small MNIST", "free to test", tuple(files))
    monkeypatch.setitem(data.DATASETS, "mnist", entry)


@pytest.fixture
def small(mirror, cache, monkeypatch):
    """Serve a small MNIST, packed, from the mirror."""
    catalogue(monkeypatch, [mirror.address + "/{}.gz"])
    for name, body in CONTENT.items():
        mirror.put(f"/{name}.gz", gzip.compress(body))
    return mirror


@pytest.fixture
def closed_port(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def files_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# ------------------------------------------------------------------- MNIST


def test_mnist_is_downloaded_once_and_scaled(small, cache, capsys):
    (X, t), (X_test, t_test) = data.mnist()
    np.testing.assert_array_equal(X, IMAGES.reshape(6, 784) / 255)
    np.testing.assert_array_equal(t, LABELS)
    assert (X_test.shape, t_test.tolist()) == ((2, 784), [3, 1])
    assert (X.dtype, t.dtype.kind, X.max()) == (np.float64, "i", 1.0)
    assert len(small.asked) == 4
    data.mnist()
    assert len(small.asked) == 4
    assert files_in(cache) == sorted(CONTENT)
    written = capsys.readouterr()
    assert written.out == "A small MNIST. Licence: free to test.\n"
    assert written.err == ""


def test_one_part_of_mnist_asks_for_its_files_alone(small, cache):
    [(X, _)] = data.mnist(["test"], dtype=np.float32)
    assert X.dtype == np.float32
    np.testing.assert_allclose(X, IMAGES[:2].reshape(2, 784) / 255, rtol=1e-6)
    assert files_in(cache) == ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
    with pytest.raises(ValueError, match='parts "train" and "test", got \'valid\''):
        data.mnist(["valid"])


def test_pooch_is_silent_during_a_download_and_as_before_after_it(
    small, cache, monkeypatch
):
    logger, records = pooch.get_logger(), []
    monkeypatch.setattr(logger, "handle", records.append)
    data.fetch("mnist", NAME)
    assert records == []
    logger.info("as before")
    assert [record.msg for record in records] == ["as before"]


def test_a_name_that_the_catalogue_lacks_is_refused():
    with pytest.raises(ValueError, match="No data set 'cifar'; there are mnist"):
        data.fetch("cifar", NAME)
    with pytest.raises(ValueError, match="No file 'images' in mnist; there are train-im"):
        data.read("mnist", "images")


# --------------------------------------------------------- the user's folder


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_of_the_user_is_looked_at_first(
    packed, small, cache, tmp_path, monkeypatch
):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, body in CONTENT.items():
        # Packed anew, with another time in its header: the content is what counts.
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(body, mtime=12345))
        else:
            (folder / name).write_bytes(body)
    monkeypatch.setenv("COURSECORE_DATA", str(folder))
    before = files_in(folder)
    (_, t), _ = data.mnist()
    np.testing.assert_array_equal(t, LABELS)
    assert data.read("mnist", NAME) == CONTENT[NAME]
    assert small.asked == []
    assert files_in(folder) == before
    assert not cache.exists()


def test_what_the_folder_lacks_goes_to_the_cache(small, cache, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv("COURSECORE_DATA", str(folder))
    assert data.fetch("mnist", NAME) == cache / NAME
    assert files_in(folder) == []


def test_a_wrong_file_in_the_folder_is_refused_and_left(small, tmp_path, monkeypatch):
    path = tmp_path / f"{NAME}.gz"
    path.write_bytes(gzip.compress(b"something else"))
    monkeypatch.setenv("COURSECORE_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=r"(?s)SHA-256.*Delete it, or put there") as info:
        data.fetch("mnist", NAME)
    assert path.name in str(info.value)
    assert path.exists()


def test_a_truncated_file_in_the_folder_is_refused(small, tmp_path, monkeypatch):
    path = tmp_path / f"{NAME}.gz"
    path.write_bytes(gzip.compress(CONTENT[NAME])[:-9])
    monkeypatch.setenv("COURSECORE_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=r"labels-idx1-ubyte.gz is damaged or was cut"):
        data.fetch("mnist", NAME)


def test_a_folder_that_is_none_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSECORE_DATA", str(tmp_path / "missing"))
    with pytest.raises(NotADirectoryError, match="missing, which is not a folder"):
        data.mnist()


# ------------------------------------------------------ downloads that fail


def refused(match):
    with pytest.raises(OSError, match=match) as info:
        data.fetch("mnist", NAME)
    message = str(info.value)
    assert NAME in message
    assert "COURSECORE_DATA" in message
    return message


def test_a_wrong_checksum_leaves_nothing_behind(small, cache):
    small.put(f"/{NAME}.gz", gzip.compress(idx(LABELS[::-1])))
    message = refused("wrong checksum: SHA-256")
    assert small.address in message
    assert files_in(cache) == []


@pytest.mark.parametrize("cut", [5, 15, -9, -1])
def test_a_truncated_archive_leaves_nothing_behind(cut, small, cache):
    small.put(f"/{NAME}.gz", gzip.compress(CONTENT[NAME])[:cut])
    message = refused("what came is damaged or was cut short")
    assert "tmp" not in message
    assert files_in(cache) == []


def test_a_page_in_place_of_the_file_leaves_nothing_behind(small, cache):
    small.put(f"/{NAME}.gz", b"<html>Please log in to the network</html>")
    refused("is damaged or was cut short .*[Nn]ot a gzip")
    assert files_in(cache) == []


def test_a_connection_that_breaks_off_leaves_nothing_behind(small, cache):
    small.put(f"/{NAME}.gz", gzip.compress(CONTENT[NAME])[:10], length=5000)
    refused("the connection broke off")
    assert files_in(cache) == []


def test_a_file_that_the_server_lacks(small, cache):
    small.shelf.clear()
    refused("the server answered 404 Not Found")
    assert files_in(cache) == []


def test_a_missing_network_is_said_to_be_missing(closed_port, cache, monkeypatch):
    catalogue(monkeypatch, [closed_port + "/{}.gz"])
    message = refused("no connection: is there a network")
    assert closed_port in message
    assert files_in(cache) == []


def test_a_silent_server_is_given_up(small, cache, monkeypatch):
    import requests

    def never(*args, **kwargs):
        raise requests.ReadTimeout("too long")

    monkeypatch.setattr(requests, "get", never)
    refused("did not answer in time")


def test_an_address_that_is_none_is_quoted(cache, monkeypatch):
    catalogue(monkeypatch, ["no-such-scheme/{}.gz"])
    refused("Invalid URL")


def test_the_second_mirror_helps_out(small, cache, closed_port, monkeypatch):
    catalogue(monkeypatch, [closed_port + "/{}.gz", small.address + "/{}.gz"])
    assert data.fetch("mnist", NAME).read_bytes() == CONTENT[NAME]
    small.shelf.clear()
    (cache / NAME).unlink()
    message = refused("no connection")
    assert "404" in message


def test_a_full_disk_is_reported(small, cache, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(downloads.shutil, "copyfileobj", full)
    refused("No space left on device")
    assert files_in(cache) == []


# ----------------------------------------------------------------- the cache


def test_a_half_file_in_the_cache_is_replaced(small, cache):
    path = data.fetch("mnist", NAME)
    path.write_bytes(CONTENT[NAME][:-1])
    assert data.fetch("mnist", NAME).read_bytes() == CONTENT[NAME]
    path.write_bytes(CONTENT[NAME][:-1])
    small.shelf.clear()
    refused("404")
    assert files_in(cache) == []


def test_a_cache_that_cannot_be_written(small, cache, monkeypatch):
    def forbid(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(downloads.tempfile, "TemporaryFile", forbid)
    message = refused(r"The cache .*coursecore cannot be written \(Permission denied\)")
    assert small.address in message
    assert small.asked == []


def test_a_cache_that_cannot_be_made(small, cache, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    refused(r"cannot be written \(Not a directory\)")


def test_a_cache_that_cannot_be_written_can_be_read(small, cache, monkeypatch):
    path = data.fetch("mnist", NAME)
    monkeypatch.setattr(downloads, "_require_writable", lambda *_: pytest.fail("asked"))
    assert data.fetch("mnist", NAME) == path


# ------------------------------------------------------------ other packings


@pytest.mark.parametrize(
    "ending, pack",
    [
        (".zip", lambda body: zipped("words", body)),
        (".gz", gzip.compress),
        (".txt", lambda body: body),
    ],
)
def test_a_new_entry_of_the_catalogue_is_all_it_takes(
    ending, pack, mirror, cache, tmp_path, monkeypatch, capsys
):
    body = b"anarchism originated as a term"
    url = f"{mirror.address}/corpus{ending}"
    file = data.File("words", hashlib.sha256(body).hexdigest(), (url,))
    entry = data.Dataset("Some words", "CC BY-SA 3.0", (file,))
    monkeypatch.setitem(data.DATASETS, "words", entry)
    mirror.put(f"/corpus{ending}", pack(body))
    assert data.read("words", "words") == body
    assert data.fetch("words", "words") == cache / "words"
    assert capsys.readouterr().out == "Some words. Licence: CC BY-SA 3.0.\n"
    # The same from a folder of the user's, under the name it was published by.
    (tmp_path / f"corpus{ending}").write_bytes(pack(body))
    monkeypatch.setenv("COURSECORE_DATA", str(tmp_path))
    assert data.fetch("words", "words").name == f"corpus{ending}"
    assert data.read("words", "words") == body
    (tmp_path / "words.gz").write_bytes(gzip.compress(body))
    assert data.fetch("words", "words").name == "words.gz"


def test_an_archive_without_the_member_is_refused(mirror, cache, monkeypatch):
    file = data.File(NAME, "0" * 64, (mirror.address + "/corpus.zip",))
    monkeypatch.setitem(data.DATASETS, "mnist", data.Dataset("Words", "none", (file,)))
    mirror.put("/corpus.zip", zipped("another", b"text"))
    refused("no item named")
    mirror.put("/corpus.zip", b"PK but no archive")
    refused("not a zip file")


# ----------------------------------------------------------------------- IDX


@pytest.mark.parametrize(
    "code, dtype",
    [(8, "u1"), (9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")],
)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 0), (1, 2, 3, 4)])
def test_an_array_comes_back_as_it_was(code, dtype, shape, tmp_path):
    array = np.random.default_rng(0).integers(-100, 100, shape).astype(dtype)
    path = tmp_path / "array"
    path.write_bytes(idx(array, code))
    back = data.read_idx(path)
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype
    back[...] = 0
    packed = tmp_path / "array.gz"
    packed.write_bytes(gzip.compress(idx(array, code)))
    np.testing.assert_array_equal(data.read_idx(str(packed)), array)


GOOD = idx(np.arange(6, dtype=np.uint8).reshape(2, 3))


@pytest.mark.parametrize(
    "content, match",
    [
        (b"", r"begins with the bytes \[\]"),
        (b"\0\0\x08", r"not an IDX file"),
        (b"\0\1" + GOOD[2:], r"begins with the bytes \[0, 1, 8, 2\]"),
        (b"\0\0\x0a" + GOOD[3:], r"not an IDX file.*a type from \[8, 9, 11"),
        (b"\0\0\x08\0", r"the number of dimensions"),
        (GOOD[:10], r"ends within its 2 dimensions"),
        (GOOD[:-1], r"shape \(2, 3\), 6 bytes, but holds 5"),
        (GOOD + b"\0", r"6 bytes, but holds 7"),
        (b"\0\0\x08\2" + b"\xff" * 8, r"4294967295\), .* bytes, but holds 0"),
        (b"\0\0\x08\2\0\0\0\2\0\0\0\2" + GOOD[12:], r"shape \(2, 2\), 4 bytes"),
    ],
)
def test_what_is_no_idx_file_is_refused(content, match, tmp_path):
    path = tmp_path / "numbers"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=match) as info:
        data.read_idx(path)
    assert str(path) in str(info.value)


def test_a_truncated_packed_idx_file_is_refused(tmp_path):
    path = tmp_path / "numbers.gz"
    for content in (gzip.compress(GOOD)[:-8], b"plain text", gzip.compress(GOOD)[:12]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"numbers.gz is damaged or was cut short"):
            data.read_idx(path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        data.read_idx(tmp_path / "nowhere")


# ------------------------------------------------------------ the catalogue


def test_the_catalogue_is_complete():
    assert len(data.DATASETS["mnist"].files) == 4
    for entry in data.DATASETS.values():
        assert entry.title
        assert entry.licence
        for file in entry.files:
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.urls
            assert all(url.startswith("https://") for url in file.urls)


def lacks(part):
    return not (REAL and list(Path(REAL).glob(f"{part}-images-idx3-ubyte*")))


@pytest.mark.skipif(
    lacks("t10k"), reason="COURSECORE_DATA names no folder with MNIST's test digits"
)
def test_the_real_test_digits():
    [(X, t)] = data.mnist(["test"])
    assert (X.shape, X.min(), X.max()) == ((10_000, 784), 0.0, 1.0)
    assert t[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(t).min() > 800
    means = np.stack([X[:5000][t[:5000] == k].mean(axis=0) for k in range(10)])
    nearest = np.argmin(np.sum(means**2, axis=1) - 2 * X[5000:] @ means.T, axis=1)
    assert np.mean(nearest == t[5000:]) > 0.8


@pytest.mark.skipif(
    lacks("train"),
    reason="COURSECORE_DATA names no folder with MNIST's training digits",
)
def test_the_real_training_digits():
    [(X, t)] = data.mnist(["train"], dtype=np.float32)
    assert X.shape == (60_000, 784)
    assert t[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
