"""Files of trees: what is written comes back, and what is damaged is refused."""

import errno
import json
import os
import resource
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursecore import train
from coursecore.training import store

TREE = {
    "layers": [{"W": np.arange(6.0).reshape(2, 3), "b": np.zeros(2, np.float32)}],
    "state": (None, 3, 0.1, True, "Adam"),
}


def same(a, b):
    """Compare two trees by kinds, shapes, dtypes and every bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (np.ndarray, np.generic)):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    return a == b or a != a


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tree.npz"


def names(path):
    return sorted(other.name for other in path.parent.iterdir())


# ------------------------------------------------------------------ round trip

dtypes = st.sampled_from(
    ["f8", "f4", "f2", ">f8", "i8", "u1", "?", "c16", "U3", "S2", "M8[s]"]
)
arrays = dtypes.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=3))
)
numbers = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
keys = st.text(max_size=5) | st.integers(0, 9)
leaves = numbers | arrays | arrays.filter(np.size).map(lambda array: array.ravel()[0])
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(trees)
def test_what_is_saved_is_loaded(tmp_path_factory, tree):
    path = tmp_path_factory.getbasetemp() / "round.npz"
    store.save(path, tree)
    assert same(store.load(path), tree)


def test_a_view_is_saved_as_what_it_shows(path):
    whole = np.arange(12.0).reshape(3, 4)
    store.save(path, {"part": whole[::2, 1:], "turned": whole.T})
    loaded = store.load(path)
    np.testing.assert_array_equal(loaded["part"], whole[::2, 1:])
    np.testing.assert_array_equal(loaded["turned"], whole.T)


def test_what_is_loaded_may_be_changed(path):
    store.save(path, TREE)
    loaded = store.load(path)
    loaded["layers"][0]["W"] += 1.0
    assert not same(loaded, TREE)
    assert same(store.load(path), TREE)


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_a_generator_goes_on_where_it_was(path, kind):
    rng = np.random.Generator(getattr(np.random, kind)(7))
    rng.standard_normal(5)
    rng.integers(10, dtype=np.uint32)  # leaves half a draw in the buffer
    store.save(path, rng.bit_generator.state)
    expected = rng.integers(1000, size=8, dtype=np.uint32), rng.standard_normal(8)
    again = np.random.Generator(getattr(np.random, kind)(0))
    again.bit_generator.state = store.load(path)
    drawn = again.integers(1000, size=8, dtype=np.uint32), again.standard_normal(8)
    assert same(drawn, expected)


def test_a_named_tuple_comes_back_as_a_plain_one(path):
    store.save(path, train.LearningRates([1.0], [2.0], 0.5))
    assert same(store.load(path), ([1.0], [2.0], 0.5))


def test_numpy_reads_the_arrays_without_us(path):
    store.save(path, TREE)
    with np.load(path, allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["0"], TREE["layers"][0]["W"])
        assert json.loads(archive["structure"].item())["version"] == 1


def test_train_has_them_too():
    assert (train.save, train.load) == (store.save, store.load)


def test_the_name_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store.save("model", TREE)
    assert os.listdir() == ["model"]
    assert same(store.load("model"), TREE)


def test_a_link_stays_a_link(path):
    real = path.with_name("real.npz")
    path.symlink_to(real)
    store.save(path, TREE)
    store.save(path, [1])
    assert path.is_symlink()
    assert store.load(real) == [1]


def test_a_new_file_has_the_permissions_of_the_old(path):
    store.save(path, TREE)
    path.chmod(0o640)
    store.save(path, [1])
    assert path.stat().st_mode & 0o777 == 0o640


# ------------------------------------------------------- what is refused on load


def test_a_missing_file_is_named_with_its_neighbours(path):
    store.save(path.with_name("tre.npz"), TREE)
    with pytest.raises(FileNotFoundError, match=r"no file .*tree.npz.* holds tre\.npz"):
        store.load(path)
    with pytest.raises(FileNotFoundError, match=r"holds no \.npz file"):
        store.load(path.parent / "folder" / "tree.npz")


def test_a_file_cut_anywhere_is_refused(path):
    store.save(path, TREE)
    whole = path.read_bytes()
    refused = 0
    for length in [*range(0, len(whole), 13), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"tree\.npz.* cut short or damaged"):
            store.load(path)
        refused += 1
    assert refused > 80


def test_a_flipped_bit_is_refused_or_harmless(path):
    """Some bytes of a zip archive, such as the date, mean nothing to us."""
    store.save(path, TREE)
    whole = path.read_bytes()
    refused = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            assert same(store.load(path), TREE)
        except ValueError as error:
            assert "tree.npz" in str(error)
            refused += 1
    assert refused > len(whole) / 14


def test_another_archive_is_refused(path):
    np.savez(path, W=np.ones(2))
    with pytest.raises(ValueError, match=r"another kind of archive .*W\.npy.* np\.load"):
        store.load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ValueError, match=r"readme\.txt"):
        store.load(path)
    np.savez(path, structure=np.array('{"format": "other", "version": 1, "tree": 0}'))
    with pytest.raises(ValueError, match="another kind"):
        store.load(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="no file of `save`"):
        store.load(path)


class Bomb:
    def __reduce__(self):
        return (os.abort, ())


def test_a_pickle_is_never_run(path):
    with zipfile.ZipFile(path, "w") as archive, archive.open("structure.npy", "w") as file:
        np.lib.format.write_array(file, np.array([Bomb()], dtype=object))
    with pytest.raises(ValueError, match="another kind"):
        store.load(path)
    header = {"format": store.FORMAT, "version": 1, "tree": {"array": 0}}
    np.savez(path, structure=np.array(json.dumps(header)))
    with zipfile.ZipFile(path, "a") as archive, archive.open("0.npy", "w") as file:
        np.lib.format.write_array(file, np.array([Bomb()], dtype=object))
    with pytest.raises(ValueError, match=r"do not fit together.*allow_pickle"):
        store.load(path)


def test_a_newer_file_is_refused(path, monkeypatch):
    monkeypatch.setattr(store, "VERSION", 2)
    store.save(path, TREE)
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"up to version 1, but .* 2: .*Update"):
        store.load(path)


def test_a_structure_without_its_arrays_is_refused(path):
    header = {"format": store.FORMAT, "version": 1, "tree": {"array": 0}}
    np.savez(path, structure=np.array(json.dumps(header)))
    with pytest.raises(ValueError, match=r"do not fit together.*0\.npy"):
        store.load(path)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError):
        store.load(tmp_path)


# ------------------------------------------------------- what is refused on save


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"net": [1.0, {"f": np.tanh}]}, r"leaf \['net'\]\[1\]\['f'\] is a ufunc"),
        ([np.array([None])], r"leaf \[0\] is a ndarray of dtype object"),
        (np.ma.ones(3), "leaf tree is a MaskedArray"),
        ({"rng": np.random.default_rng(0)}, r"\['rng'\] is a Generator"),
        ([{("a", 1): 2.0}], r"\[0\] has the key \('a', 1\), a tuple"),
        ([1j], "complex"),
    ],
)
def test_what_cannot_be_written_is_named(path, tree, words):
    store.save(path, TREE)
    with pytest.raises(TypeError, match=words):
        store.save(path, tree)
    assert same(store.load(path), TREE)
    assert names(path) == ["tree.npz"]


def test_a_disk_that_is_full_leaves_the_old_file(path):
    """The system itself refuses to write more than 2,000 bytes into any file."""
    store.save(path, TREE)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(OSError, match="the old file is kept") as caught:
            store.save(path, np.zeros(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.errno == errno.EFBIG
    assert caught.value.filename == os.path.realpath(path)
    assert same(store.load(path), TREE)
    assert names(path) == ["tree.npz"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()]
)
def test_a_write_that_breaks_off_leaves_nothing_behind(path, monkeypatch, call, error):
    def fail(*args):
        raise error

    store.save(path, TREE)
    with monkeypatch.context() as patch:
        patch.setattr(store.os, call, fail)
        with pytest.raises(type(error)):
            store.save(path, [2])
    assert same(store.load(path), TREE)
    assert names(path) == ["tree.npz"]


def test_what_is_no_file_is_not_replaced(tmp_path):
    """As root, a rename over /dev/null would end the device."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(OSError, match="is a device or a folder, and no file"):
            store.save(tmp_path / name, TREE)
    assert sorted(os.listdir(tmp_path)) == ["folder", "pipe"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_that_may_not_be_written_is_named(path, monkeypatch):
    def refuse(*args):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(PermissionError, match=r"nothing was written.* folder .*tree\.npz"):
        store.save(path, TREE)
    monkeypatch.undo()
    assert names(path) == []


def test_a_folder_that_is_not_there_is_named(path):
    with pytest.raises(FileNotFoundError, match=r"Is there a folder .*none that you may"):
        store.save(path.parent / "none" / "tree.npz", TREE)
    with pytest.raises(IsADirectoryError, match="nothing was written"):
        store.save(path.parent, TREE)
    assert names(path) == []
