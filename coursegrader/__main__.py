"""The commands of `python -m coursegrader`: each names what it imports and runs."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def notebooks(names: Annotated[list[str] | None, typer.Argument()] = None):
    """Build lectures, solutions and releases from their texts (all, or NAMES)."""
    from coursegrader import building

    raise typer.Exit(building.run(names))


@app.command()
def sync(path: Path, check: bool = False):
    """Write an edited notebook back to its text; with --check, only compare."""
    from coursegrader import building

    raise typer.Exit(building.sync(path, check))


@app.command()
def pace(names: Annotated[list[str] | None, typer.Argument()] = None):
    """Measure lectures against the course's rules of pace."""
    from coursegrader import lectures

    raise typer.Exit(lectures.run(names))


@app.command()
def reproduce(names: Annotated[list[str] | None, typer.Argument()] = None):
    """Execute the lectures in unlike environments and compare what they show."""
    from coursegrader import reproduce

    raise typer.Exit(reproduce.run(names))


@app.command()
def course(
    folder: Annotated[str | None, typer.Argument(metavar="CLASS")] = None,
    fresh: Annotated[bool, typer.Option(help="Grade everything again.")] = False,
    timeout: Annotated[int, typer.Option(help="Seconds one cell may take.")] = 30,
):
    """Grade a class: the sample class, or the folder CLASS that holds submitted/."""
    from coursegrader import course

    raise typer.Exit(course.run(folder, fresh=fresh, timeout=timeout))


@app.command()
def banks(names: Annotated[list[str] | None, typer.Argument()] = None):
    """Grade the known right and wrong answers of every exercise (all, or NAMES)."""
    from coursegrader import banks

    raise typer.Exit(banks.run(names))


if __name__ == "__main__":
    app()
