"""Which files a source seems to read and to write."""

from __future__ import annotations

import pytest

from nbflow.analysis import analyse

#: Body, paths that it may look at, paths that it writes.
CASES = (
    ("df.to_csv('x.csv')", "", "x.csv"),
    ("pd.read_csv('x.csv')", "x.csv", ""),
    ("open('log')", "log", ""),
    ("open('log', 'w')", "", "log"),
    ("open('log', mode='a')", "log", "log"),
    ("path = 'x.txt'\nopen(path, 'w')", "x.txt", "x.txt"),
    ("Path('x.txt').write_text('a')", "", "x.txt"),
    ("(Path('out') / 'x.txt').open('w')", "", "out/x.txt"),
    ("open(os.path.join('out', 'x.txt'))", "out/x.txt out", ""),
    ("os.makedirs('out')", "", "out/"),
    ("os.remove('x.txt')", "x.txt", "x.txt"),
    ("os.rename('a.txt', 'b.txt')", "a.txt", "a.txt b.txt"),
    ("shutil.copy('a.txt', 'b.txt')", "a.txt", "b.txt"),
    ("os.symlink('a.txt', 'b.txt')", "a.txt", "b.txt"),
    ("Path('b.txt').symlink_to('a.txt')", "a.txt", "b.txt"),
    ("glob.glob('out/*.csv')", "out/", ""),
    ("os.listdir('out')", "out", ""),
    ("tree.write('x.xml')", "", "x.xml"),
    ("file.write('one of x.xml')", "", ""),
    ("torch.save(model, 'm.pt')", "", "m.pt"),
    ("sqlite3.connect('x.db')", "x.db", "x.db"),
    ("%%writefile made.py\nx = 1", "", "made.py"),
    ("!echo one > x.txt", "", "x.txt"),
    ("!cat x.txt >> y.txt", "x.txt y.txt", "y.txt"),
    ("!mkdir -p out", "", "out/"),
    ("print('Not a path. At all', 1.5)", "", ""),
    ("pd.read_csv('https://example.org/x.csv')", "", ""),
    ("def save():\n    open('x.txt', 'w')", "", ""),
)


@pytest.mark.parametrize(("body", "read", "written"), CASES, ids=[case[0] for case in CASES])
def test_files_are_told_by_the_texts_that_name_them(body: str, read: str, written: str) -> None:
    facts = analyse(body)
    assert set(read.split()) - {"out"} <= facts.paths <= set(read.split())
    assert facts.files_written == set(written.split())


def test_what_a_function_writes_is_told_of_its_definition() -> None:
    (definition,) = analyse("def save():\n    open('x.txt', 'w')").definitions
    assert definition.files_written == {"x.txt"}


def test_a_variable_that_holds_a_path_is_told_by_its_name() -> None:
    assert analyse("df.to_csv(path)").written_by_name == {"path"}
