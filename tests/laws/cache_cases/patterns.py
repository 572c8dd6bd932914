"""Paths that are sought by a pattern, where no other name counts: more of C34."""

# A row on each line: they are to be compared.
# ruff: noqa: E501

from __future__ import annotations

from tests.laws.cache_cases.case import Case, Change, puts, removes, renames

OTHER = "%%step b\ny = 5"
_FILES = {"d/one.txt": "1", "d/two.txt": "2", "d/e.csv": "3", "d/sub/three.txt": "4"}
#: Ways to seek texts in ``d``.
_SHALLOW = {
    "glob": "import glob\nx = sorted(glob.glob('d/*.txt'))",
    "glob in a folder": "import glob\nx = sorted(glob.glob('*.txt', root_dir='d'))",
    "iglob in a function": "from glob import iglob\ndef names(folder):\n    return sorted(iglob(folder + '/*.txt'))\nx = names('d')",
    "glob of letters": "import glob\nx = sorted(glob.glob('d/*[a-z].t?t'))",
    "pathlib glob": "from pathlib import Path\nx = sorted(map(str, Path('d').glob('*.txt')))",
}
#: The same at any depth.
_DEEP = {
    "a recursive glob": "import glob\nx = sorted(glob.glob('d/**/*.txt', recursive=True))",
    "pathlib's recursive glob": "from pathlib import Path\nx = sorted(map(str, Path('d').glob('**/*.txt')))",
    "pathlib rglob": "from pathlib import Path\nx = sorted(map(str, Path('d').rglob('*.txt')))",
}
_CHANGES: dict[str, tuple[Change, str, str]] = {
    "another kind": (puts("d/notes.md", "1"), "", ""),
    "another kind gone": (removes("d/e.csv"), "", ""),
    "another kind deeper": (puts("d/sub/notes.md", "1"), "", ""),
    "no longer of the kind": (renames("d/two.txt", "d/two.bak"), "a", "a"),
    "by now of the kind": (renames("d/e.csv", "d/e.txt"), "a", "a"),
    "one more deeper": (puts("d/sub/four.txt", "1"), "", "a"),
    "one more in a new folder": (puts("d/new/four.txt", "1"), "", "a"),
}


def _rows() -> list[Case]:
    found = []
    for ways, is_deep in ((_SHALLOW, False), (_DEEP, True)):
        for title, source in ways.items():
            for words, (change, shallow, deep) in _CHANGES.items():
                cells = (f"%%step a\n{source}", OTHER)
                reruns = deep if is_deep else shallow
                found.append(Case("C34", f"{title}, {words}", cells, change, reruns, files=_FILES))
    return found


CASES = (
    *_rows(),
    Case(
        "C34",
        "hidden names that are asked for",
        ("%%step a\nimport glob\nx = sorted(glob.glob('d/.c*'))", OTHER),
        puts("d/.conf2", "1"),
        "a",
        files={"d/.conf": "1"},
    ),
    Case(
        "C34",
        "what another step writes",
        (
            "%%step w\nopen('d/two.txt', 'w').write('2')\nw = 1",
            "%%step a\nimport glob\nx = sorted(glob.glob('d/*.txt'))",
            OTHER,
        ),
        puts("d/notes.md", "1"),
        files={"d/one.txt": "1"},
    ),
    Case(
        "C34",
        "a file that the step itself writes",
        (
            "%%step a\nimport glob\nopen('d/two.txt', 'w').write('2')\nx = sorted(glob.glob('d/*.txt'))",
            OTHER,
        ),
        puts("d/notes.md", "1"),
        files={"d/one.txt": "1"},
    ),
)
