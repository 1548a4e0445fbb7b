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


def _word_similarity(name):
    repository = "https://raw.githubusercontent.com/mfaruqui/eval-word-vectors"
    return f"{repository}/master/data/word-sim/{name}"


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
    "text8": Dataset(
        "text8, the first 100 MB of plain text of Wikipedia in March 2006 (Mahoney)",
        "CC BY-SA 3.0 and GFDL",
        (
            File(
                "text8",
                "6e890197040d37d85beb962ae1f041ff1d9a9ca8d20c7d99c85027eebf51dca7",
                ("https://mattmahoney.net/dc/text8.zip",),
            ),
            # The first million words, for who has them: head -c 5886828 text8
            File(
                "text8-1Mtok.txt",
                "de1e3ad1b4ade9c74a02543f7cf68930eecf0335e31dfc57fc25c0cdd7346695",
                ("https://mattmahoney.net/dc/text8.zip",),
            ),
        ),
    ),
    "toronto sentences": Dataset(
        "Sentences of 250 words, from an assignment of the University of Toronto",
        "none stated: for your own study, not to be passed on",
        (
            File(
                "raw_sentences.txt",
                "68f938bf5e07dd2a93ba94b8fe6e885d0e9c47bdd9288e4240392b01a516252f",
                ("https://www.cs.toronto.edu/~jba/a1_data.tar.gz",),
            ),
        ),
    ),
    "analogies": Dataset(
        "Word analogies (Mikolov, Chen, Corrado and Dean 2013)",
        "Apache 2.0",
        (
            File(
                "questions-words.txt",
                "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
                (
                    "https://raw.githubusercontent.com/tmikolov/word2vec/master/"
                    "questions-words.txt",
                ),
            ),
        ),
    ),
    "ws353": Dataset(
        "WordSimilarity-353 (Finkelstein et al. 2002; the file of Faruqui and Dyer 2014)",
        "CC BY 4.0",
        (
            File(
                "EN-WS-353-ALL.txt",
                "ce12919b240af45bdf46d243601eaca2b6212b159b5e7e9b435ee7ee40c5619c",
                (_word_similarity("EN-WS-353-ALL.txt"),),
            ),
        ),
    ),
    "simlex999": Dataset(
        "SimLex-999 (Hill, Reichart and Korhonen 2015; the file of Faruqui and Dyer 2014)",
        "for research",
        (
            File(
                "EN-SIMLEX-999.txt",
                "405394ffb7d25f6d0e3c041f87c9f27d29dc6b047506769953e85c4523b11685",
                (_word_similarity("EN-SIMLEX-999.txt"),),
            ),
        ),
    ),
}
