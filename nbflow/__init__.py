"""nbflow: the marked cells of a notebook, run as a cached, parallel, reproducible flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0.dev0"
__all__ = ["load", "runs"]

if TYPE_CHECKING:
    from nbflow.driver import load, runs


def __getattr__(name: str) -> Any:
    # Lazy, so that `import nbflow` stays light in every kernel and worker that starts.
    if name in __all__:
        from nbflow import driver

        return getattr(driver, name)
    raise AttributeError(f"module 'nbflow' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext nbflow``: marked cells of this kernel become steps of its flow."""
    from nbflow import magics

    magics.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext nbflow``: the kernel is as it was; the store stays."""
    from nbflow import magics

    magics.unload(shell)
