"""Write files so that each is there whole, old or new, whenever the program ends."""

import os
from pathlib import Path


def write(path, content):
    """Replace a file by text or bytes in one step; say whether it changed."""
    path = Path(path).absolute()
    content = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return True
