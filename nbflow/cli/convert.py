"""``nbflow convert``: marks a plain notebook, runs both, and compares them cell by cell."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Literal

import click

from nbflow.cli import options
from nbflow.cli.light import import_nbformat
from nbflow.cli.main import FAILED, finish
from nbflow.cli.saying import say
from nbflow.errors import NotebookError


@click.command()
@options.notebook
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT.ipynb",
    help="The marked notebook (default: NAME.flow.ipynb beside NOTEBOOK).",
)
@click.option(
    "--spelling",
    type=click.Choice(["magic", "tag", "comment"]),
    default="magic",
    help="How marks are written; with tag or comment it runs without nbflow, but for a foreach.",
)
@click.option(
    "--in-place", is_flag=True, help="Overwrite NOTEBOOK, if all its cells show the same."
)
@click.option("--no-run", is_flag=True, help="Only mark it: run nothing and compare nothing.")
@options.as_json
def convert(
    notebook: Path,
    output: Path | None,
    spelling: Literal["magic", "tag", "comment"],
    in_place: bool,
    no_run: bool,
    as_json: bool,
) -> None:
    """Mark the cells of a plain NOTEBOOK as a flow.

    Then both are run, NOTEBOOK from top to bottom and the flow in a store that is thrown away, and
    what their cells show is compared. What cannot be a step stays ordinary, and it is told why.
    Exit code: 0 all show the same, 1 something differs or fails, 2 it cannot be converted.
    """
    import_nbformat()
    from nbflow.driver import writing
    from nbflow.driver.converting import Converting
    from nbflow.views import conversion as view
    from nbflow.views import objects

    target = _target(notebook, output, in_place)
    subject = Converting(notebook, spelling)

    def stage(told: str) -> None:
        if not as_json:
            say(f"{notebook.name}: {told} …", err=True)

    compared = None if no_run else subject.compare(stage)
    is_equal = compared is None or compared.is_equal
    written = not in_place or is_equal
    if in_place and written:
        writing.write(subject.document(), target)
    elif written:
        # What has come to be there while both ran stays as it is.
        writing.write_new(subject.document(), target)
    if as_json:
        told = view.told_as_data(subject, compared, str(target) if written else None)
        say(objects.text(told))
    else:
        say(view.conversion(subject, compared))
        say(f"wrote {target}" if written else f"{target} is as it was")
    finish(0 if is_equal else FAILED)


def _target(notebook: Path, output: Path | None, in_place: bool) -> Path:
    """Where the marked notebook goes; looked at before anything runs.

    Raises
    ------
    NotebookError
        It cannot go there.
    """
    if in_place:
        if output is not None:
            raise NotebookError("`-o` and `--in-place` exclude each other", "Leave out one.")
        if notebook.suffix != ".ipynb":
            raise NotebookError(
                f"`{notebook}` cannot be overwritten: the converted notebook is an .ipynb file",
                "Leave out `--in-place`.",
            )
        return notebook
    target = output or notebook.with_name(f"{notebook.stem}.flow.ipynb")
    remedy = "Give another name: `-o OUT.ipynb`."
    if target.suffix != ".ipynb":
        raise NotebookError(f"`-o {target}`: the converted notebook is an .ipynb file", remedy)
    if target.resolve() == notebook.resolve():
        raise NotebookError(
            f"`-o {target}` would overwrite the notebook that is converted",
            "Say so with `--in-place`, or give another name.",
        )
    if os.path.lexists(target):
        told = "Remove it, or give another name: `-o OUT.ipynb`."
        raise NotebookError(f"`{target}` is there already", told)
    folder = target.parent
    if not os.path.isdir(folder):  # noqa: PTH112 pathlib's raises where one may not look
        raise NotebookError(
            f"`{target}`: there is no folder {folder}",
            f"Make it: `mkdir -p {shlex.quote(str(folder))}`.",
        )
    if not os.access(folder, os.W_OK):
        raise NotebookError(f"`{target}` cannot be written: no permission in {folder}", remedy)
    return target
