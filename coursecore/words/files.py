"""Text files: read a piece at a time, written whole or not at all.

All are UTF-8, whatever the machine. What is no text is refused with the line and the
byte where it stops being one, as early as it is met.
"""

from ..training import store

PIECE = 1 << 20  # bytes that are read at a time


def pieces(path):
    """Yield a file's text in pieces that end after a line or, failing that, a word.

    Only a line of more than a megabyte is cut, at a space or a tab. Raises ValueError,
    with the line and the byte, if the file is not text in UTF-8.
    """
    kept, at, line = b"", 0, 1
    with open(path, "rb") as file:
        while True:
            block = file.read(PIECE)
            piece = kept + block
            cut = _cut(piece) if block else len(piece)
            yield _decode(piece[:cut], path, at, line)
            at, line, kept = at + cut, line + piece.count(b"\n", 0, cut), piece[cut:]
            if not block:
                return


def read_lines(path):
    """Return the lines of a text file, without their ends, as a list."""
    text = "".join(pieces(path))
    return text.removesuffix("\n").split("\n") if text else []


def write_lines(path, lines):
    """Write lines to a text file, whole or not at all; what was there is replaced.

    If it fails, of whatever cause, the old file is kept: see `store.replacing`.
    """
    with store.replacing(path) as file:
        file.writelines(f"{line}\n".encode() for line in lines)


def _cut(piece):
    """Return where the last whole line ends; in a line without end, the last word.

    After a NUL it is no use to wait for either: this is no text.
    """
    line = piece.find(b"\0") + 1 or piece.rfind(b"\n") + 1
    return line or max(piece.rfind(b" "), piece.rfind(b"\t")) + 1


def _decode(piece, path, at, line):
    try:
        text = piece.decode("utf-8")
        wrong, why = piece.find(b"\0"), "a NUL byte"
    except UnicodeDecodeError as error:
        wrong, why = error.start, f"the byte 0x{error.object[error.start]:02x}"
    if wrong >= 0:
        line += piece.count(b"\n", 0, wrong)
        raise ValueError(
            f"{path} is not text in UTF-8: byte {at + wrong}, in line {line}, is {why}. "
            f"Save it as UTF-8, or choose another file."
        )
    return text if at else text.removeprefix("\ufeff")  # a mark that some editors write
