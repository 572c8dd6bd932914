"""IPython's syntax, and what happens to text that nothing can read."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbflow.analysis import analyse
from nbflow.records.facts import Facts

MAGICS = [
    # body, binds, reads, late reads
    ("%time x = f(a)", "x", "f a", ""),
    ("%time --no-raise-error x = a", "x", "a", ""),
    ("%prun -l 10 -s cumulative x = f(a)", "x", "f a", ""),
    ("%timeit x = f(a)", "", "f a", ""),
    ("%timeit -n 10 -r3 -q f(a)", "", "f a", ""),
    ("r = %timeit -o f(a)", "r", "f a", ""),
    ("if a:\n    %time x = b\nelse:\n    x = 1", "x", "a b", ""),
    ("x = !ls {a} $b/*.csv", "x", "", "a b"),
    ("!echo {a + 1} $b", "", "", "a b"),
    ("!awk '{print $1}' {a}", "", "", "a"),
    ("!echo $$HOME {", "", "", ""),
    ("!!ls", "", "", ""),
    ("x = %pwd", "x", "", ""),
    ("a.b?", "", "", "a"),
    ("?a", "", "", "a"),
    ("a??", "", "", "a"),
    ("%%time\nx = f(a)", "x", "f a", ""),
    ("# a directive\n\n%%time\nx = f(a)", "x", "f a", ""),
    ("%%timeit y = b\nx = f(a, y)", "", "f a b", ""),
    ("%%capture out\nx = a", "x out", "a", ""),
    ("%%capture --no-stderr out\nx = a", "x out", "a", ""),
    ("%%time\n%%capture out\nx = a", "x out", "a", ""),
    ("%%time\nx = !ls\n%time y = a", "x y", "a", ""),
    ("%%bash\necho $x {y}", "", "", ""),
    ("%%bash --out v --err w\necho", "v w", "", ""),
    ("%%script --out=v bash\necho", "v", "", ""),
    ("%%html\n<b>{x}</b>", "", "", ""),
    ("%%writefile {a}.py\nimport x", "", "", "a"),
    ("get_ipython().run_line_magic('time', 'x = a')", "x", "a", ""),
    ("  x = a\n  y = b", "x y", "a b", ""),
    (">>> x = a\n>>> y = b", "x y", "a b", ""),
    ("pip install a", "", "", ""),
    ("time x = f(a)", "x", "f a", ""),
    ("matplotlib inline", "", "", ""),
    ("ls -l {a}", "", "", "a"),
    ("def f():\n    !ls {a}\nf()", "f", "", "a"),
]


@pytest.mark.parametrize(
    ("body", "excused"),
    [("ls -l", {"ls", "l"}), ("pwd", {"pwd"}), ("ls = l", set()), ("ls\nl", set()), ("my", set())],
)
def test_a_line_may_be_a_magic_without_its_sign(body: str, excused: set[str]) -> None:
    assert analyse(body).excused == excused


@pytest.mark.parametrize(("body", "binds", "reads", "late"), MAGICS)
def test_magics_bind_and_read_what_they_run(body: str, binds: str, reads: str, late: str) -> None:
    facts = analyse(body)
    assert facts.syntax_error is None
    assert set(facts.binds) == set(binds.split())
    assert set(facts.reads) == set(reads.split())
    assert set(facts.late_reads) == set(late.split())
    assert facts.dynamic == ()


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("\n\n!ls\nx = a", 4),
        ("!ls \\\n  -l \\\n  -a\nx = a", 4),
        ("%time f(1)\n\nx = a", 3),
        ("# mark\n%%time\n\nx = a", 4),
        ("%%time\n%%capture\n# why\nx = a", 4),
        ("a?\nx = 1", 1),
        ("\n  y = 1\n  x = a", 3),
    ],
)
def test_lines_stay_the_users_own(body: str, line: int) -> None:
    facts = analyse(body)
    assert {**facts.reads, **facts.late_reads}["a"] == line


def test_configuration_magics_are_listed_as_they_stand() -> None:
    body = "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%pwd\nx = 1\n%env A=b"
    assert analyse(body).config_magics == (
        "%matplotlib inline",
        "%load_ext autoreload",
        "%autoreload 2",
        "%env A=b",
    )


@pytest.mark.parametrize(
    "magic", ["%run a.py", "%pylab", "%store -r x", "%reset -f", "%whos", "%unheard of"]
)
def test_magics_that_hide_names_are_named(magic: str) -> None:
    assert analyse(f"x = 1\n{magic}").dynamic == ((2, magic.split()[0]),)


def test_an_unknown_cell_magic_is_named() -> None:
    assert analyse("%%cython\ncdef int x").dynamic == ((1, "%%cython"),)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("x = ", 1),
        ("x = 1\ny = (", 2),
        ("x = 1\nreturn x", 2),
        ("for x in a:\n    pass\nbreak", 3),
        ("def f():\n  a\n b", 3),
        ("!ls\nx = = 1", 2),
        ("%%time\n\nx = = 1", 3),
        ("%time x = = 1", 1),
        ("a b c", 1),
        ("\x00", 1),
        ("x = '\ud800'", 1),
        ("(" * 500 + ")" * 500, 1),
        ("x = " + "-" * 20_000 + "1", 1),
        ("x = " + "+".join(["a"] * 20_000), 1),
    ],
)
def test_what_nothing_can_read_is_a_syntax_error_at_its_line(body: str, line: int) -> None:
    facts = analyse(body)
    assert facts.syntax_error is not None
    message, found = facts.syntax_error
    assert (found, message != "") == (line, True)
    assert facts == Facts(
        facts.digest,
        syntax_error=facts.syntax_error,
        would_bind=facts.would_bind,
        would_change=facts.would_change,
    )


def test_numbers_of_any_length_are_read() -> None:
    assert analyse("x = 0x" + "f" * 10_000).syntax_error is None


SAME = [
    ("x = 1", "x  =  1  # one"),
    ("x = f(a, b)", "\n\nx = f(\n    a,\n    b,\n)"),
    ("def f():\n    return 'a'", 'def f():\n\n  # why\n  return "a"'),
    ("%time x = 1", "%time   x=1"),
    ("%%time\nx = 1", "%%time\n\nx = 1  # one"),
    ("f();", "f()  ;  # quiet"),
    ("f(1 + (2 * 3))", "f(1 + 2 * 3)"),
]
OTHER = [
    ("x = 1", "x = True"),
    ("x = 1", "x = 1.0"),
    ("x = 'a'", "x = b'a'"),
    ("x = 'a'", "x = a"),
    ("f()", "f();"),
    ("f()\ng()", "g()\nf()"),
    ("def f():\n    'a'", "def f():\n    'b'"),
    ("def f(x): ...", "async def f(x): ..."),
    ("x = {**a}", "x = {None: a}"),
    ("f(*a)", "f(a)"),
    ("%time x = 1", "x = 1"),
    ("%%bash\nls", "%%bash\nls -l"),
    ("%%bash\nls", "%%sh\nls"),
    ("!ls a", "!ls b"),
    ("x = 'a' f'{b}'", "x = f'a{b!r}'"),
    ("x = (", "x = ["),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_layout_does_not_change_the_digest(one: str, other: str) -> None:
    assert analyse(one).digest == analyse(other).digest


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_meaning_changes_the_digest(one: str, other: str) -> None:
    assert analyse(one).digest != analyse(other).digest


def test_a_definitions_digest_does_not_depend_on_its_cell() -> None:
    (alone,) = analyse("def f(): return 1").definitions
    beside = analyse("%%time\nimport a\n\ndef f():\n    return 1").definitions[-1]
    assert alone.digest == beside.digest


def test_ipython_is_not_imported_for_plain_python() -> None:
    assert "IPython" not in _modules_after("x = 'a %b'\nprint(x)  # what?")
    assert "IPython" in _modules_after("%time x = 1")


def _modules_after(body: str) -> list[str]:
    code = (
        f"import sys; from nbflow.analysis import analyse; analyse({body!r}); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


SNIPPETS = [body for body, *_ in MAGICS] + [
    "for i in range(3):\n    x = i\nelse:\n    y = x",
    "try:\n    import a\nexcept E as e:\n    raise\nfinally:\n    z = 1",
    "match a:\n    case {'k': [b, *c], **d} if e:\n        f = 1",
    "class A(B):\n    x: int = 1\n    def f(self): return super().f()",
    "x = [(y := i) for i in a if (lambda z: z)(i)]",
    "async def f():\n    async with a as b:\n        return [c async for c in b]",
    "while True:\n    try:\n        x = 1\n    finally:\n        break",
    "def f():\n    global x\n    del x\nwith a as (b, c[0]): f()",
]


@settings(deadline=None)  # the first example that needs IPython imports it
@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    _is_consistent(analyse(text))


@settings(deadline=None)
@given(st.data())
def test_no_damaged_code_raises(data: st.DataObject) -> None:
    bodies = data.draw(st.lists(st.sampled_from(SNIPPETS), min_size=1, max_size=3))
    text = "\n".join(bodies)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    filling = data.draw(st.text("()[]{}:;=%!?\\\n\t #'\"@*,.ax1\u00e9\x00\ud800", max_size=4))
    _is_consistent(analyse(text[:start] + filling + text[end:]))


def _is_consistent(facts: Facts) -> None:
    assert facts.binds.keys().isdisjoint(facts.may_bind)
    assert facts.reads.keys().isdisjoint(facts.late_reads)
    assert facts.mutates.keys() <= facts.reads.keys() | facts.late_reads.keys()
    bound = facts.binds.keys() | facts.may_bind.keys()
    assert {name for d in facts.definitions for name in d.names} <= bound


def test_the_compilers_warnings_wait_until_the_code_runs() -> None:
    assert analyse("x = '\\d'\nx is 'a'").syntax_error is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_counts(end: str) -> None:
    facts = analyse(end.join(["# note", "%pwd", "x = a"]))
    assert dict(facts.reads) == {"a": 3}
    assert facts.digest == analyse("%pwd\nx = a").digest


@pytest.mark.parametrize("source", ["%%setup?", "%%step??", "# how?\n%%capture?", "%%nobody?"])
def test_help_on_a_cell_magic_hides_no_names(source: str) -> None:
    facts = analyse(source)
    assert (facts.dynamic, facts.binds, facts.syntax_error) == ((), {}, None)
