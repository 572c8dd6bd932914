"""Where the store of a notebook lies, and which stores are near."""

from __future__ import annotations

from pathlib import Path

from nbflow.errors import StoreError


def store_beside(notebook: Path) -> Path:
    """Where a notebook's store lies unless another place is named."""
    return notebook.absolute().parent / ".nbflow"


def nearest_store(here: Path) -> Path | None:
    """The store of a folder, or of the next above that has one."""
    above = (folder / ".nbflow" for folder in (here, *here.parents))
    return next((store for store in above if store.is_dir()), None)


def stores_near(here: Path, given: Path | None = None) -> list[Path]:
    """The store that was named; else that of this folder or the next above, and those below.

    Raises
    ------
    StoreError
        There is none.
    """
    if given is not None:
        if not given.is_dir():
            raise StoreError(f"there is no store {given}", "Name the folder with `--store DIR`.")
        return [given]
    nearest = nearest_store(here)
    stores = [*([nearest] if nearest else []), *sorted(here.glob("*/.nbflow"))]
    # A link and what it leads to are one store.
    stores = list({store.resolve(): store for store in reversed(stores)}.values())[::-1]
    if not stores:
        raise StoreError(
            f"there is no store in {here}, above it or in its folders",
            "Go to the notebook's folder, or name the store with `--store DIR`.",
        )
    return stores
