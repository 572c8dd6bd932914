"""What an exported script defines for itself, where it needs it."""

#: Calls a function for every item of a foreach.
EACH = '''\
def each(
    function: Callable[..., Any], items: Iterable[Any], workers: int, /, **shared: Any
) -> list[Any]:
    """Call a function for every item, in processes side by side; results in order."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(partial(function, **shared), items))'''

#: Stands around the function of a foreach that is to be awaited.
AWAITED = '''\
def result_of(function: Callable[..., Any], item: Any, /, **shared: Any) -> Any:
    """What a function gives for an item, awaited in a process of its own."""
    return asyncio.run(function(item, **shared))'''

#: Sets variables for one step.
ENVIRONMENT = '''\
@contextmanager
def environment_set(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value'''

#: The imports that these, and the command line, may be in need of, by the name that each binds.
IMPORTS = {
    **{name: f"import {name}" for name in ("argparse", "ast", "asyncio", "os", "sys")},
    **{n: f"from collections.abc import {n}" for n in ("Callable", "Iterable", "Iterator")},
    "ProcessPoolExecutor": "from concurrent.futures import ProcessPoolExecutor",
    "contextmanager": "from contextlib import contextmanager",
    "partial": "from functools import partial",
    "get_context": "from multiprocessing import get_context",
    "Any": "from typing import Any",
    "deepcopy": "from copy import deepcopy",
    "plt": "import matplotlib.pyplot as plt",
}
