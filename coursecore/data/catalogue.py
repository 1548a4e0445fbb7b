"""The catalogue of real data sets: what each is, where it is published, its checksums.

To add a data set is to add one entry here; `downloads` does the rest. A checksum is that
of the *content*, after unpacking, so that a copy is the right one however it was packed.
"""

from typing import NamedTuple


class File(NamedTuple):
    """A file of a data set: its name unpacked, SHA-256 of its content, its addresses.

    An address that ends in .gz is unpacked; from one that ends in .zip the member
    `name` is taken; any other is the file itself. Addresses are tried in their order.
    """

    name: str
    sha256: str
    urls: tuple[str, ...]


class Dataset(NamedTuple):
    """A data set: its title with authors, what its licence allows, its files."""

    title: str
    licence: str
    files: tuple[File, ...]


def _mnist(name, sha256):
    # The authors' own page no longer hands the files out; these are the mirrors that
    # PyTorch and TensorFlow take them from.
    mirrors = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    return File(name, sha256, tuple(f"{mirror}{name}.gz" for mirror in mirrors))


DATASETS = {
    "mnist": Dataset(
        "MNIST handwritten digits (LeCun, Cortes and Burges 1998)",
        "CC BY-SA 3.0 as usually stated",
        (
            _mnist(
                "train-images-idx3-ubyte",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            _mnist(
                "train-labels-idx1-ubyte",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            _mnist(
                "t10k-images-idx3-ubyte",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            _mnist(
                "t10k-labels-idx1-ubyte",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
    ),
}
