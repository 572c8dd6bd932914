"""Whoever watches imports is not to be noticed by those who ask a module for its loader."""

from __future__ import annotations

import zipfile

from tests.run.tasks import Desk

_IMPORTS = "import importlib.machinery, importlib.resources, importlib.util, inspect, pkgutil\n"


def test_a_module_of_the_users_has_its_own_loader(local: Desk) -> None:
    package = local.root / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("VALUE = 1")
    (package / "text.txt").write_text("held")
    body = (
        "a = pkgutil.get_data('pack', 'text.txt')\n"
        "import pack\n"
        "b = importlib.resources.files('pack').joinpath('text.txt').read_text()\n"
        "c = inspect.getsource(pack)\n"
        "spec = importlib.util.find_spec('pack')\n"
        "d = type(spec.loader) is type(pack.__loader__) is importlib.machinery.SourceFileLoader\n"
        "e = importlib.reload(pack).VALUE"
    )
    outcome = local.run(_IMPORTS + body, outputs="a b c d e")
    assert outcome.values == {"a": b"held", "b": "held", "c": "VALUE = 1\n", "d": True, "e": 1}


def test_a_library_has_its_own_loader(local: Desk) -> None:
    # Of the second, readers are wrapped once it has been imported.
    body = (
        "import sys\n"
        "a = [name in sys.modules for name in ('nbclient', 'pyarrow')]\n"
        "b = len(pkgutil.get_data('nbclient', '__init__.py')) > 0\n"
        "found = [importlib.util.find_spec(name) for name in ('nbclient', 'pyarrow.parquet')]\n"
        "c = [type(spec.loader).__name__ for spec in found]\n"
    )
    outcome = local.run(_IMPORTS + body, outputs="a b c")
    assert outcome.values == {"a": [False, False], "b": True, "c": ["SourceFileLoader"] * 2}


def test_modules_of_one_archive_are_loaded_each_as_it_is(local: Desk) -> None:
    with zipfile.ZipFile(local.root / "lib.zip", "w") as archive:
        archive.writestr("one.py", "import two\nkept = [two.VALUE]")
        archive.writestr("two.py", "VALUE = 2")
    body = (
        "import sys\nsys.path.insert(0, 'lib.zip')\n"
        "importlib.util.find_spec('one')\n"
        "import two, one\nx = one.kept\nsys.path.pop(0)"
    )
    outcome = local.run(_IMPORTS + body, outputs="x")
    assert outcome.values == {"x": [2]}
