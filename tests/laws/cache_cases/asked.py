"""What is asked of files without a look into them: how large, since when, what for, for whom."""

# A row on each line: they are to be compared.
# ruff: noqa: E501

from __future__ import annotations

import os

from tests.laws.cache_cases.case import Case, Change, World, nothing, puts

OTHER = "%%step b\ny = 5"


def _touches(name: str) -> Change:
    return lambda world: os.utime(world.folder / name, (1, 1))


def _executable(name: str) -> Change:
    return lambda world: (world.folder / name).chmod(0o755)


def _becomes_a_folder(name: str) -> Change:
    def change(world: World) -> None:
        (world.folder / name).unlink()
        (world.folder / name).mkdir()

    return change


#: Questions about the file ``d/f``, beside which ``d/g`` lies.
_SIZES = {
    "getsize": "import os\nx = os.path.getsize('d/f')",
    "stat": "import os\nx = os.stat('d/f').st_size",
    "pathlib": "from pathlib import Path\nx = Path('d/f').stat().st_size",
    "a status that a function hands on": "from pathlib import Path\ndef status(p):\n    return Path(p).stat()\nx = status('d/f').st_size",
    "scandir": "import os\nx = sorted((e.name, e.stat().st_size) for e in os.scandir('d'))",
    "walk": "import os\nx = [os.path.getsize(os.path.join(r, n)) for r, _, names in os.walk('d') for n in names]",
    "an open file": "import os\nwith open('d/f') as f:\n    x = os.fstat(f.fileno()).st_size\ndel f",
}
_TIMES = {
    "getmtime": "import os\nx = os.path.getmtime('d/f')",
    "pathlib": "from pathlib import Path\nx = Path('d/f').stat().st_mtime_ns",
    "the newest of a folder": "import glob, os\nx = max(glob.glob('d/*'), key=os.path.getmtime)",
}
_KINDS = {
    "scandir": "import os\nx = sorted((e.name, e.is_dir()) for e in os.scandir('d'))",
    "walk": "import os\nx = [sorted(folders) for _, folders, _ in os.walk('d')]",
    "glob": "import glob\nx = glob.glob('d/*/')",
    "pathlib glob": "from pathlib import Path\nx = sorted(map(str, Path('d').glob('*/')))",
    "iterdir": "from pathlib import Path\nx = sorted(p.name for p in Path('d').iterdir() if p.is_file())",
}
_MODES = {
    "stat": "import os\nx = os.stat('d/f').st_mode & 0o100",
    "access": "import os\nx = os.access('d/f', os.X_OK)",
    "which": "import shutil\nx = shutil.which('f', path='d')",
}


def _rows() -> list[Case]:
    found = []
    for what, sources, change, none in (
        ("size", _SIZES, puts("d/f", "333"), _touches("d/f")),
        ("time", _TIMES, _touches("d/f"), puts("d/e/h", "1")),
        ("kind", _KINDS, _becomes_a_folder("d/f"), puts("d/f", "333")),
        ("mode", _MODES, _executable("d/f"), puts("d/f", "333")),
    ):
        for title, source in sources.items():
            cells = (f"%%step a\n{source}", OTHER)
            files = {"d/f": "1", "d/g": "22", "d/e/h": "4444"}
            found.append(Case("C30", f"{what} by {title}", cells, change, "a", files=files))
            found.append(
                Case("C30", f"{what} by {title}, something else", cells, none, files=files)
            )
    return found


def _becomes_a_link(name: str, target: str) -> Change:
    def change(world: World) -> None:
        (world.folder / name).unlink()
        (world.folder / name).symlink_to(target)

    return change


#: Questions whose answer is another once ``d/f`` is a link to ``g``.
_PLACES = {
    "samefile": "import os\nx = os.path.samefile('d/f', 'd/g')",
    "pathlib samefile": "from pathlib import Path\nx = Path('d/f').samefile('d/g')",
    "realpath": "import os\nx = os.path.basename(os.path.realpath('d/f'))",
    "resolve": "from pathlib import Path\nx = Path('d/f').resolve().name",
}
#: What changes when a file was read and what tells its state, but nothing that it holds.
_STATES = {
    "a hard link": "import os\nx = open('d/f').read()\nif not os.path.exists('d/h'):\n    os.link('d/f', 'd/h')",
    "a time that is set": "import os\nx = open('d/f').read()\nos.utime('d/f')",
    "a touch": "from pathlib import Path\nx = Path('d/f').read_text()\nPath('d/f').touch()",
}
#: Ways to read the folder ``d`` from where it is open.
_OPEN = "import os\nd = os.open('d', os.O_RDONLY)\n{}\nos.close(d)\ndel d"
_FOLDERS = {
    "a folder that is written through": ("os.fsync(d)\nx = 1", "", ""),
    "a file of an open folder": (
        "f = os.open('f', os.O_RDONLY, dir_fd=d)\nx = os.read(f, 9)\nos.close(f)\ndel f",
        "a",
        "",
    ),
    "a size in an open folder": ("x = os.stat('f', dir_fd=d).st_size", "a", ""),
    "the names in an open folder": ("x = sorted(os.listdir(d))", "", "a"),
    "a walk with open folders": ("x = [sorted(n) for _, _, n, _ in os.fwalk('d')]", "", "a"),
}
_HELD = {"d/f": "1", "d/g": "22"}


def _further() -> list[Case]:
    found = []
    for title, source in _PLACES.items():
        cells = (f"%%step a\n{source}", OTHER)
        change = _becomes_a_link("d/f", "g")
        found.append(Case("C30", f"{title} of a file", cells, puts("d/f", "333"), files=_HELD))
        found.append(Case("C30", f"{title} of a link", cells, change, "a", files=_HELD))
    for title, source in _STATES.items():
        found.append(Case("C30", title, (f"%%step a\n{source}", OTHER), nothing, files=_HELD))
    for title, (source, content, names) in _FOLDERS.items():
        cells = (f"%%step a\n{_OPEN.format(source)}", OTHER)
        found.append(Case("C30", title, cells, puts("d/f", "333"), content, files=_HELD))
        found.append(Case("C34", title, cells, puts("d/h", "333"), names, files=_HELD))
    return found


CASES = (
    *_rows(),
    *_further(),
    Case(
        "C30",
        "what Python says of its functions",
        (
            "%%step a\nimport os, shutil\nos.path.lexists('l') or os.symlink('d/f', 'l')\n"
            "shutil.copystat('d/f', 'l', follow_symlinks=False)\nx = os.open in os.supports_dir_fd",
            OTHER,
        ),
        nothing,
        files=_HELD,
    ),
    Case(
        "C30",
        "a way that has to be there",
        (
            "%%step a\nfrom pathlib import Path\ntry:\n    x = Path('no').resolve(strict=True).name\n"
            "except OSError:\n    x = ''",
            OTHER,
        ),
        puts("no", "1"),
        "a",
    ),
    Case(
        "C30",
        "another content of the same size",
        ("%%step a\nimport os\nx = os.path.getsize('f')", OTHER),
        puts("f", "2"),
        files={"f": "1"},
    ),
    Case(
        "C30",
        "files that are compared by their sizes",
        ("%%step a\nimport filecmp\nx = filecmp.cmp('f', 'g')", OTHER),
        puts("g", "1"),
        "a",
        files={"f": "1", "g": "22"},
    ),
    Case(
        "C30",
        "a size and time of what another step writes",
        (
            "%%step w\nopen('f', 'w').write('one')\nw = 1",
            "%%step a\nimport os\nx = os.path.getsize('f'), os.path.getmtime('f') > 1",
            OTHER,
        ),
        lambda world: (world.folder / "f").unlink(),
        files={},
    ),
)
