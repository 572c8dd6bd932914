"""The four spellings say the same, survive what people type, and every mistake has a name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nbflow.directives import OPTIONS, RESERVED, parse
from nbflow.records.directive import Directive, Options
from nbflow.records.notebook import Cell
from nbflow.records.problem import Problem


def cell(source: str, *tags: str, **metadata: Any) -> Cell:
    return Cell("abc", 3, "code", source, tags, metadata)


def good(a_cell: Cell) -> Directive:
    directive, problems = parse(a_cell)
    assert problems == ()
    assert directive is not None
    return directive


def bad(a_cell: Cell) -> tuple[Directive | None, Problem]:
    directive, problems = parse(a_cell)
    assert len(problems) == 1, problems
    assert (problems[0].cell, problems[0].number) == ("abc", 3)
    assert problems[0].message
    assert problems[0].remedy
    return directive, problems[0]


OPTION_CASES = [
    ("--in a b", Options(inputs=("a", "b"))),
    ("--in a,b", Options(inputs=("a", "b"))),
    ("--in a, b", Options(inputs=("a", "b"))),
    ("--out=a", Options(outputs=("a",))),
    ("--out a --out b", Options(outputs=("a", "b"))),
    ("--after load,clean", Options(after=("load", "clean"))),
    ("--no-cache", Options(cache=False)),
    ("--seed 7", Options(seed=7)),
    ("--seed=0", Options(seed=0)),
    ("--env B=2 --env A=1", Options(env=(("A", "1"), ("B", "2")))),
    ("--env 'A=one two' B=x=y", Options(env=(("A", "one two"), ("B", "x=y")))),
    ("--env A=", Options(env=(("A", ""),))),
    ("--file data.csv 'my file.csv'", Options(files=("data.csv", "my file.csv"))),
    ("--cpus 2", Options(cpus=2)),
    ("--here", Options(here=True)),
    ("--cpus 2 --cpus 2", Options(cpus=2)),
    ("--cpus 2 # two of four", Options(cpus=2)),
    ('--env "A=#1" # a note, isn\'t it', Options(env=(("A", "#1"),))),
    ("--in a \\\n   --out b \\\n  --cpus 2", Options(inputs=("a",), outputs=("b",), cpus=2)),
]


@pytest.mark.parametrize(("text", "options"), OPTION_CASES)
def test_options_mean_the_same_in_a_step_and_in_a_foreach(text: str, options: Options) -> None:
    assert good(cell(f"%%step load {text}\nx = 1")).options == options
    foreach = good(cell(f"%%foreach x in xs {text}\nx = 1"))
    assert foreach.options == options
    assert foreach.clause == "x in xs"


def test_options_of_a_foreach() -> None:
    directive = good(cell("%%foreach x in xs --max-parallel 3 --on-error continue --name squares"))
    assert directive.options == Options(max_parallel=3, on_error="continue")
    assert directive.name == "squares"


SPELLINGS: list[tuple[str, Cell]] = [
    ("magic", cell("%%step load --out a b --cpus 2 --no-cache --env K=V")),
    (
        "comment",
        cell("#| step: load\n#| out: a b\n#| cpus: 2\n#| no-cache: true\n#| env: K=V\na = 1"),
    ),
    ("comment", cell("#| step: load\n#| out: [a, b]\n#| cpus: 2\n#| no-cache\n#| env: K=V")),
    ("comment", cell("#| step: load --out a b --cpus 2 --no-cache --env K=V")),
    (
        "tag",
        cell("a = 1", "step:load", out=["a", "b"], cpus=2, no_cache=True, env={"K": "V"}),
    ),
    (
        "metadata",
        cell("a = 1", step="load", out="a b", cpus="2", **{"no-cache": True}, env=["K=V"]),
    ),
    ("magic", cell("%%step load --out a\n#| out: b\n#| cpus: 2", no_cache=True, env="K=V")),
]


@pytest.mark.parametrize(("spelling", "marked"), SPELLINGS)
def test_the_spellings_of_a_step_say_the_same(spelling: str, marked: Cell) -> None:
    directive = good(marked)
    expected = Options(outputs=("a", "b"), cpus=2, cache=False, env=(("K", "V"),))
    assert directive.options == expected
    assert (directive.kind, directive.name, directive.clause) == ("step", "load", None)
    assert directive.spelling == spelling


@pytest.mark.parametrize(
    "marked",
    [
        cell("%%foreach chunk in chunks --name primes"),
        cell("#| foreach: chunk in chunks\n#| name: primes"),
        cell("", "foreach:chunk in chunks", name="primes"),
        cell("", "foreach: chunk in chunks --name primes"),
        cell("", "other", "foreach:chunk", "in", "chunks", "hide-input", name="primes"),
        cell("", foreach="chunk in chunks", name="primes"),
        cell("%%foreach chunk in chunks", "foreach:chunk in chunks", name="primes"),
    ],
)
def test_the_spellings_of_a_foreach_say_the_same(marked: Cell) -> None:
    directive = good(marked)
    assert (directive.kind, directive.clause) == ("foreach", "chunk in chunks")
    assert directive.name == "primes"


@pytest.mark.parametrize("kind", ["parameters", "setup"])
def test_the_spellings_of_parameters_and_setup(kind: str) -> None:
    for marked in (
        cell(f"%%{kind}\nn = 1"),
        cell(f"%%{kind}   # what can be changed\nn = 1"),
        cell(f"#| {kind}\nn = 1"),
        cell(f"#| {kind}: true\nn = 1"),
        cell("n = 1", kind),
        cell("n = 1", **{kind: True}),
        cell(f"%%{kind}\nn = 1", kind),
    ):
        assert good(marked).kind == kind


def test_papermills_injected_parameters_are_parameters() -> None:
    assert good(cell("n = 1", "injected-parameters")).kind == "parameters"


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "",
        "# %%step load",
        "%%step?",
        "%%step??",
        "%%foreach ?",
        "%%script bash\nls",
        "%%writefile flow.py\n# %%\n%%step load",
        "%%time\nx = 1",
        "'''\n%%step load'''",
        "#| label: fig-1\n#| echo: false\n#| fig-cap: it's a plot\nplot()",
        "x = 1\n#| step: load",
        "#| out: a",
        "#| step: false\nx = 1",
    ],
)
def test_what_is_not_a_mark(source: str) -> None:
    assert parse(cell(source)) == (None, ())


@pytest.mark.parametrize(
    ("written", "meant", "severity"),
    [
        (cell("%%steps load\nx = 1"), "`%%step`", "error"),
        (cell("# the data\n%%stp load\nx = 1"), "`%%step`", "error"),
        (cell("%%stpe load\nx = 1"), "`%%step`", "error"),
        (cell("%% step load\nx = 1"), "`%%step`", "error"),
        (cell("%step\nx = 1"), "`%%step`", "error"),
        (cell("%%parameter\nn = 1"), "`%%parameters`", "error"),
        (cell("x = 1\n%%step load"), "first line of the cell", "error"),
        (cell("x = 1", stp="load"), "`step`", "error"),
        (cell("#| stp: load\nx = 1"), "`#| step:`", "warning"),
        (cell("x = 1", "steps:load"), "`step:load`", "warning"),
        (cell("x = 1", "Step:load"), "`step:load`", "warning"),
    ],
)
def test_a_slip_of_the_pen_is_named(written: Cell, meant: str, severity: str) -> None:
    directive, problems = parse(written)
    assert directive is None
    assert [(each.code, each.severity) for each in problems] == [("misspelt-mark", severity)]
    assert meant in problems[0].remedy


def test_other_tags_and_cells_that_are_not_code_are_not_marks() -> None:
    assert parse(cell("x = 1", "hide-input", "remove_cell", "parameters:x")) == (None, ())
    assert parse(Cell("a", 0, "markdown", "%%step load", ("parameters",))) == (None, ())


def test_quartos_options_beside_ours_are_ignored() -> None:
    source = "#| label: fig-1\n#| step: load\n#| fig-cap: it's\n#| cache: false\nx = 1"
    assert good(cell(source)) == Directive("step", "comment", "load", None, Options(), source, 2)


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("%%step load\nx = 1", "# %%step load\nx = 1"),
        ("# why\n\n%%step load\nx = 1", "# why\n\n# %%step load\nx = 1"),
        ("\n  %%step load\n  x = 1", "\n  # %%step load\n  x = 1"),
        ("%%step load \\\n  --cpus 2\nx = 1", "# %%step load \\\n  # --cpus 2\nx = 1"),
        ("%%step load\n%%time\nx = 1", "\n%%time\nx = 1"),
        ("# why\n%%step load\n# note\n\n%%capture out\nx", "\n\n\n\n%%capture out\nx"),
        ("#| step: load\n%%time\nx = 1", "\n%%time\nx = 1"),
        ("#| step: load\nx = 1", "#| step: load\nx = 1"),
        ("%%step load\r\nx = 1", "# %%step load\r\nx = 1"),
        ("%%parameters\nn = 1", "# %%parameters\nn = 1"),
        # IPython takes off the indentation of the first line.
        ("%%step load\n\n  for x in y:\n    x", "  # %%step load\n\n  for x in y:\n    x"),
    ],
)
def test_the_body_keeps_every_line_where_it_was(source: str, body: str) -> None:
    assert good(cell(source)).body == body
    assert body.count("\n") == source.count("\n")


def test_a_comment_may_follow_another_cell_magic() -> None:
    directive = good(cell("%%time\n#| step: load\nx = 1"))
    assert directive.name == "load"
    assert directive.body == "%%time\n#| step: load\nx = 1"


def test_the_line_is_that_of_the_directive() -> None:
    assert good(cell("\n# why\n%%step load")).line == 3
    assert good(cell("\n#| step: load")).line == 2
    assert good(cell("", "step:load")).line == 0


def test_a_step_may_leave_its_name_out() -> None:
    for marked in (cell("%%step"), cell("#| step"), cell("", "step"), cell("", step=True)):
        assert good(marked).name is None
    assert good(cell("%%step --name load")).name == "load"
    assert good(cell("%%step --cpus 2 --no-cache load")).name == "load"
    assert good(cell("%%step", "step:load")).name == "load"


MISTAKES = [
    ("%%step load --cpu 2", "unknown-option", "`--cpu`", "`--cpus`"),
    ("%%step load --no_cache", "unknown-option", "`--no_cache`", "`--no-cache`"),
    ("%%step load -o a", "unknown-option", "`--o`", "`--out`"),
    ("%%step load --xyz", "unknown-option", "`--xyz`", "There are"),
    ("#| step: load\n#| cpuss: 2", "unknown-option", "`--cpuss`", "`--cpus`"),
    ("%%foreach x in xs --no-cach", "unknown-option", "`--no-cach`", "`--no-cache`"),
    ("%%foreach x in xs --frobnicate 3", "unknown-option", "`--frobnicate`", ""),
    ("%%step load --max-parallel 2", "misplaced-option", "foreach", "Remove"),
    ("%%step load --on-error stop", "misplaced-option", "foreach", "Remove"),
    ("%%parameters --cpus 2", "misplaced-option", "`--cpus`", "Remove"),
    ("%%setup --retry 2", "misplaced-option", "`--retry`", "Remove"),
    ("%%parameters --cpu 2", "unknown-option", "`--cpu`", "no options"),
    ("%%parameters of mine", "bad-name", "`of mine`", "`%%parameters` alone"),
    ("%%step load data", "bad-name", "`data`", "one word"),
    ("%%step load-data", "bad-name", "`load_data`", ""),
    ("%%step class", "bad-name", "`class`", ""),
    ("%%step 2nd", "bad-name", "`_2nd`", ""),
    ("%%step load --name other", "bad-name", "`load` and `other`", ""),
    ("%%step load --out a-b", "bad-option", "`a-b`", "`--out NAMES`"),
    ("%%step load --in", "bad-option", "none is given", ""),
    ("%%step load --in for", "bad-option", "`for`", ""),
    ("%%step load --cpus two", "bad-option", "whole number", "`--cpus N`"),
    ("%%step load --cpus 0", "bad-option", "`0`", ""),
    ("%%step load --cpus", "bad-option", "none is given", ""),
    ("%%step load --cpus 1 2", "bad-name", "`2` is left over", ""),
    ("%%foreach x in xs --cpus 1 squares", "bad-name", "`squares`", "`--name`"),
    ("%%step load --cpus 1 --cpus 2", "bad-option", "twice", "one"),
    ("%%step load --seed -1", "bad-option", "`-1`", ""),
    ("%%step load --seed 4294967296", "bad-option", "4294967295", ""),
    ("%%step load --env K", "bad-option", "`NAME=VALUE`", ""),
    ("%%step load --env K=1 K=2", "bad-option", "`K`", ""),
    ("%%step load --file ''", "bad-option", "paths", ""),
    ("%%step load --no-cache=maybe", "bad-option", "`maybe`", ""),
    ("%%step load --file 'a", "bad-option", "quote", "Close"),
    ("%%foreach x in xs --on-error ignore", "bad-option", "`ignore`", ""),
    ("%%foreach x in xs --max-parallel 0", "bad-option", "`0`", ""),
    ("%%foreach", "bad-clause", "needs a clause", "chunk in chunks"),
    ("%%foreach chunks", "bad-clause", "`chunks`", "chunk in chunks"),
    ("%%foreach for x in xs", "bad-clause", "for", "`x in xs`"),
    ("%%foreach x in xs:", "bad-clause", "x in xs:", "colon"),
    ("%%foreach odds x in xs", "bad-clause", "", "`x in xs --name odds`"),
    ("%%foreach x in [1, 2 --cpus 2", "bad-clause", "`x in [1, 2`", ""),
    ("%%foreach x.y in xs", "bad-clause", "`x.y`", "names"),
    ("%%foreach x in xs] + [y for y in ys", "bad-clause", "", ""),
    ("%%foreach x in (y := xs)", "bad-clause", "", ""),
    ("%%step load\n%%foreach x in xs", "marked-twice", "`%%step load`", "Keep one"),
    ("%%step load\n#| step: other", "marked-twice", "`#| step: other`", "Keep one"),
    ("#| step: load\n#| parameters", "marked-twice", "`#| parameters`", "Keep one"),
    *(
        (f"%%step load --{name} 1", "unsupported-option", f"`--{name}`", "Remove")
        for name in RESERVED
    ),
    *(
        (f"#| step: load\n#| {name}: 1", "unsupported-option", f"`--{name}`", "")
        for name in RESERVED
    ),
]


@pytest.mark.parametrize(("source", "code", "message", "remedy"), MISTAKES)
def test_each_mistake_is_one_problem_and_the_cell_stays_marked(
    source: str, code: str, message: str, remedy: str
) -> None:
    directive, problem = bad(cell(source))
    assert directive is not None
    assert problem.code == code
    assert message in problem.message
    assert remedy in problem.remedy
    assert problem.line is not None


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        (cell("%%step load", "foreach:x in xs"), "marked-twice"),
        (cell("", "step:load", step="other"), "marked-twice"),
        (cell("", "step:load", "parameters"), "marked-twice"),
        (cell("", step=3), "bad-option"),
        (cell("", "step:load", cpus=[[1]]), "bad-option"),
        (cell("", "step:load", frobnicate=1), "unknown-option"),
        (cell("", "foreach"), "bad-clause"),
    ],
)
def test_tags_and_metadata_can_be_wrong_too(marked: Cell, code: str) -> None:
    directive, problem = bad(marked)
    assert directive is not None
    assert problem.code == code


def test_all_mistakes_are_reported_at_once() -> None:
    directive, problems = parse(cell("%%step load --cpus two --retry 3 --sed 1 --out a"))
    assert [problem.code for problem in problems] == [
        "unsupported-option",
        "unknown-option",
        "bad-option",
    ]
    assert directive is not None
    assert directive.options == Options(outputs=("a",))


def test_a_mistaken_foreach_has_no_clause_but_keeps_its_options() -> None:
    directive, _ = bad(cell("%%foreach chunks --cpus 2"))
    assert directive is not None
    assert (directive.clause, directive.options.cpus) == (None, 2)


@pytest.mark.parametrize("mark", ["%%step " + "x" * 10**6, "#| step: " + "x " * 10**6])
def test_a_book_behind_a_mark_is_not_read(mark: str) -> None:
    assert bad(cell(mark))[1].remedy == "Write no more than 20,000."


def test_names_are_read_as_python_reads_them() -> None:
    assert good(cell("%%step ﬁnd --out größe")).name == "find"


PIECES = st.sampled_from(
    [
        "%%step",
        "%%foreach",
        "%%parameters",
        "#| step:",
        "#|",
        "x in xs",
        " ",
        "\n",
        "\\\n",
        "'",
        '"',
    ]
    + [f"--{name}" for name in (*OPTIONS, *RESERVED)]
    + ["=", ",", "#", "load", "2", "[", "(", "\0", "\ud800", "?", ":", "\t", "lambda", "\r"]
)


@given(
    st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join), st.lists(PIECES, max_size=3)
)
@example("%%foreach " + "(" * 3000, [])
@example("%%foreach x in " + "-" * 9000 + "1", [])
@example("%%step " + "9" * 5000 + " --cpus " + "9" * 5000, [])
def test_no_text_makes_it_raise_and_no_line_moves(source: str, tags: list[str]) -> None:
    directive, problems = parse(Cell("abc", 3, "code", source, tuple(tags)))
    assert all(problem.cell == "abc" and problem.remedy for problem in problems)
    if directive is not None:
        assert directive.body.count("\n") == source.count("\n")


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = st.sampled_from([*OPTIONS, *RESERVED, "step", "foreach", "parameters", "setup", "no_cache"])


@given(st.dictionaries(KEYS | st.text(max_size=5), json, max_size=4))
def test_no_metadata_makes_it_raise(metadata: dict[str, Any]) -> None:
    parse(Cell("abc", 3, "code", "x = 1", (), metadata))
