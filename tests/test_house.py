"""The house itself: layers, types, cost of importing, nothing of one machine in the files."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "nbflow").rglob("*.py"))
TEXTS = {
    ".cfg",
    ".css",
    ".dot",
    ".ipynb",
    ".js",
    ".json",
    ".md",
    ".py",
    ".svg",
    ".toml",
    ".ts",
    ".txt",
}
TEXTS |= {".yml", ".yaml", ""}

#: Imports that cost tens of milliseconds, or that a plain kernel must not be given unasked.
HEAVY = {"IPython", "nbformat", "numpy", "pandas", "papermill", "rich", "jupytext", "nbclient"}
#: And those that only a notebook has a use for.
WIDGETS = {"anywidget", "ipywidgets", "traitlets"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_each_layer_imports_only_layers_below_it() -> None:
    linter = "from importlinter.cli import lint_imports_command as main; main()"
    result = run(sys.executable, "-c", linter, "--no-logo", "--no-cache")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {
        module(path): {name for _, name in own_imports(path, at_start=True)} for path in SOURCES
    }
    done: set[str] = set()
    for start in graph:
        assert not circle(graph, start, (), done)


@pytest.mark.slow
def test_imports_inside_functions_are_only_of_what_is_heavy() -> None:
    # An import in a function is for what costs time to import, never to dodge a circle: so the
    # module that it names must not lead back to the one that it stands in.
    graph = {
        module(path): {name for _, name in own_imports(path, at_start=False)} for path in SOURCES
    }
    for path in SOURCES:
        late = own_imports(path, at_start=False) - own_imports(path, at_start=True)
        for line, name in late:
            targets = reached(graph, name) - {"nbflow"}
            assert module(path) not in targets, f"{path}:{line} imports {name}"


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_types_are_strict() -> None:
    result = run(sys.executable, "-m", "mypy")
    assert result.returncode == 0, result.stdout + result.stderr


def test_importing_nbflow_is_light() -> None:
    code = "import sys, nbflow; print(*sorted(sys.modules))"
    modules = run(sys.executable, "-c", code).stdout.split()
    assert "nbflow" in modules
    assert not (HEAVY | WIDGETS) & set(modules)
    # The figure itself, 50 ms, is left to the benchmarks: a busy machine must not fail a test.
    assert len([name for name in modules if "." not in name]) < 120


def test_the_command_line_imports_no_widgets() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from nbflow.cli import main; "
        "told = CliRunner().invoke(main, ['graph', 'binder/primes.ipynb', '--svg', '-']); "
        "assert told.exit_code == 0; print(*sorted(sys.modules))"
    )
    modules = run(sys.executable, "-c", code).stdout.split()
    assert "nbflow.views.svg" in modules
    assert not {"anywidget", "ipywidgets"} & set(modules)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_module_is_small_and_names_its_job(path: Path) -> None:
    text = path.read_text()
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "the module docstring names the module's job"
    assert text.count("\n") <= 400, "one file, one job"


def test_no_file_names_a_registry_or_a_place_on_this_machine() -> None:
    # Written in parts, so that this file does not find itself.
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "conda" + ".anaconda"]
    places = ["/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/", "C:" + "\\Users"]
    found = [
        f"{name}: {word}"
        for name in run(
            "git", "ls-files", "--cached", "--others", "--exclude-standard"
        ).stdout.splitlines()
        if (ROOT / name).is_file() and Path(name).suffix in TEXTS
        for word in (*hosts, *places)
        if word in (ROOT / name).read_text(errors="replace")
    ]
    assert not found


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def own_imports(path: Path, *, at_start: bool) -> set[tuple[int, str]]:
    """Line and name of each of our own modules that a file imports, at its start or at all."""
    known = {module(source) for source in SOURCES}
    found = set()
    for node in statements(ast.parse(path.read_text()), at_start=at_start):
        if isinstance(node, ast.Import):
            found |= {(node.lineno, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {(node.lineno, name if name in known else node.module) for name in names}
    return {(line, name) for line, name in found if name in known}


def statements(tree: ast.AST, *, at_start: bool) -> Iterator[ast.AST]:
    """All statements, or those that run when the module is imported."""
    for node in ast.iter_child_nodes(tree):
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not typing_only and not (
            at_start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ):
            yield node
            yield from statements(node, at_start=at_start)


def circle(
    graph: dict[str, set[str]], name: str, above: tuple[str, ...], done: set[str]
) -> tuple[str, ...]:
    """The first circle below a module, or nothing; modules known to be free of one are skipped."""
    if name in above:
        return (*above[above.index(name) :], name)
    if name not in done:
        for target in sorted(graph[name] - {name}):
            if found := circle(graph, target, (*above, name), done):
                return found
        done.add(name)
    return ()


def reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += graph.get(name, ())
    return seen


def test_the_panel_is_built_where_no_library_is_installed() -> None:
    build = ROOT / "labextension" / "build.py"
    code = f"import runpy; print(len(runpy.run_path({str(build)!r})['styles']()))"
    told = run(sys.executable, "-I", "-S", "-c", code)
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) > 1000
