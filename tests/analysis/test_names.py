"""Which names a body binds and reads, and how surely."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from nbflow.analysis import analyse


@dataclass(frozen=True)
class Case:
    """A body and the names that its facts hold, each group as words."""

    body: str
    binds: str = ""
    reads: str = ""
    may_bind: str = ""
    late: str = ""
    deletes: str = ""


def annotated(body: str, binds: str, reads: str, annotations: str) -> Case:
    """A body with annotations, which Python evaluates for who asks only since 3.14."""
    if sys.version_info >= (3, 14):
        return Case(body, binds, reads, late=annotations)
    return Case(body, binds, f"{reads} {annotations}")


BINDINGS = {
    "assignment": Case("x = a", "x", "a"),
    "chained assignment": Case("x = y = a", "x y", "a"),
    "unpacking": Case("(x, [y, *z]) = a", "x y z", "a"),
    "annotated assignment": annotated("x: T = a", "x", "a", "T"),
    "a bare annotation binds nothing": annotated("x: T", "", "", "T"),
    "an annotation is not read under future annotations": Case(
        "from __future__ import annotations\nx: T = a", "annotations x", "a"
    ),
    "a future import may stand below other statements": Case(
        "x = 1\nfrom __future__ import annotations\ny: T = a", "x annotations y", "a"
    ),
    "augmented assignment reads first": Case("x += a", "x", "x a"),
    "augmented assignment of an own name": Case("x = 1\nx += a", "x", "a"),
    "an item binds nothing": Case("x[i] = a", "", "x i a"),
    "an attribute binds nothing": Case("x.b = a", "", "x a"),
    "walrus": Case("f(y := a)\ny", "y", "f a"),
    "walrus behind `and`": Case("a and (y := b)", "", "a b", may_bind="y"),
    "walrus in a chained comparison": Case("a < b < (y := c)", "", "a b c", may_bind="y"),
    "walrus in a comprehension": Case("x = [y := i for i in a]", "x", "a", may_bind="y"),
    "import": Case("import a", "a"),
    "import of a submodule": Case("import a.b.c", "a"),
    "import as": Case("import a.b as c", "c"),
    "import from": Case("from a.b import c, d as e", "c e"),
    "star import": Case("from a import *"),
    "function": Case("def f(x=a, *, y=b): ...", "f", "a b"),
    "decorated function": Case("@d(a)\ndef f(): ...", "f", "d a"),
    "async function": Case("async def f(x=a): await b", "f", "a"),
    "class": Case("class A(B, metaclass=M):\n    x = a", "A", "B M a"),
    "delete": Case("x = 1\ndel x", "", "", deletes="x"),
    "delete of a name from above": Case("del x", "", "x", deletes="x"),
    "delete and bind again": Case("del x\nx = 1", "x", "x"),
    "perhaps delete": Case("x = 1\nif a: del x", "", "a", may_bind="x", deletes="x"),
    "a name is read before it is bound": Case("y = x\nx = 1", "y x", "x"),
    "a name bound surely before is not read": Case("x = 1\ny = x", "x y"),
    "a name in `globals()` is read": Case("y = globals()['x']", "y", "x"),
    "a name in `globals()` is bound": Case("globals()['x'] = a", "x", "a"),
    "a name is asked for": Case("y = 'x' in dir() and vars().get('z', a)", "y", "a", late="x z"),
    "a text that is executed": Case("exec('x = a')", "x", "exec a"),
    "a text that is evaluated": Case("y = eval(' a + b')", "y", "eval a b"),
    "frames in a text": Case("y = pd.eval('a + b')", "y", "pd", late="a b"),
    "a formula": Case("m = ols('y ~ np.log(x)', data=d)", "m", "ols d", late="y np x"),
    "nothing": Case(""),
    "only a comment": Case("# x = y"),
    "top-level await": Case("x = await f(a)", "x", "f a"),
    "top-level async for": Case("async for x in a: b", "", "a b", may_bind="x"),
    "top-level async with": Case("async with a as b: c", "b", "a c"),
    "top-level async comprehension": Case("x = [i async for i in a]", "x", "a"),
    "f-string": Case("x = f\"{a!r:>{b}} {f'{c}'}\"", "x", "a b c"),
    "a query reads names marked with @": Case(
        'd.query("x > @low and y < @high")', "", "d low high"
    ),
    "SQL may read frames": Case(
        "c.sql('SELECT * FROM x JOIN y USING (k), z.t')", "", "c", late="x y"
    ),
    "unicode": Case("größe = breite", "größe", "breite"),
}

PATHS = {
    "if": Case("if a: x = 1", "", "a", may_bind="x"),
    "if and else": Case("if a: x = 1\nelse: x = 2", "x", "a"),
    "if, elif and else": Case("if a: x = 1\nelif b: x = 2\nelse: x = 3", "x", "a b"),
    "if without its last else": Case("if a: x = 1\nelif b: x = 2", "", "a b", may_bind="x"),
    "the other branch raises": Case("if a: x = 1\nelse: raise E\ny = x", "x y", "a E"),
    "a name bound only maybe stays a read": Case("if a: x = 1\ny = x", "y", "a x", may_bind="x"),
    "a constant condition": Case("if True: x = 1\nelse: y = a", "x"),
    "the main guard holds in a notebook": Case("if __name__ == '__main__': x = 1", "x", "__name__"),
    "conditional expression": Case("x = (y := 1) if a else b", "x", "a b", may_bind="y"),
    "for": Case("for i in a: x = i", "", "a", may_bind="i x"),
    "for over a literal": Case("for i in (1, 2): x = i", "i x"),
    "for over a literal range": Case("for i in range(3): x = i", "i x", "range"),
    "for over an empty range": Case("for i in range(0): x = i", "", "range", may_bind="i x"),
    "for over unpacked literals": Case("for i in [*a]: x = i", "", "a", may_bind="i x"),
    "for over an enumerated literal": Case(
        "for i, c in enumerate('ab'): x = c", "i c x", "enumerate"
    ),
    "for and else": Case("for i in a: pass\nelse: x = 1", "x", "a", may_bind="i"),
    "break before the binding": Case(
        "for i in (1, 2):\n    if a: break\n    x = 1", "i", "a", may_bind="x"
    ),
    "continue before the binding": Case(
        "for i in (1, 2):\n    if a: continue\n    x = 1", "i", "a", may_bind="x"
    ),
    "break skips else": Case(
        "for i in (1, 2):\n    if a: break\nelse: x = 1", "i", "a", may_bind="x"
    ),
    "a name of the last round is read": Case(
        "for i in a:\n    b(last)\n    last = i", "", "a b last", may_bind="i last"
    ),
    "while": Case("while a: x = 1", "", "a", may_bind="x"),
    "while True binds up to its break": Case(
        "while True:\n    x = a\n    if x: break\n    y = 1", "x", "a", may_bind="y"
    ),
    "try": Case("try: x = a\nexcept E: pass", "", "a E", may_bind="x"),
    "try, bound on all paths": Case("try: x = a\nexcept E: x = None", "x", "a E"),
    "try whose handler raises": Case("try: x = a\nexcept E: raise", "x", "a E"),
    "try and else": Case("try: a\nexcept E: x = 1\nelse: x = 2", "x", "a E"),
    "try and finally": Case("try: x = a\nfinally: y = b", "x y", "a b"),
    "try without finally's certainty": Case(
        "try: x = a\nexcept E: pass\nfinally: y = x", "y", "a E x", may_bind="x"
    ),
    "the caught exception is unbound afterwards": Case("try: a\nexcept E as e: b(e)", "", "a E b"),
    "the caught exception hides an older name": Case(
        "e = 1\ntry: a\nexcept E as e: pass", "", "a E", may_bind="e"
    ),
    "except star": Case("try: x = a\nexcept* E as e: x = e", "x", "a E"),
    "with": Case("with a as b: x = b", "b x", "a"),
    "with, unpacked": Case("with a as (b, c), d: x = b", "b c x", "a d"),
    "with suppress": Case("with suppress(E): x = a", "", "suppress E a", may_bind="x"),
    "match": Case(
        "match a:\n    case [b, *c]: x = b\n    case {'k': d, **e}: x = d",
        "",
        "a",
        may_bind="b c d e x",
    ),
    "match all": Case(
        "match a:\n    case K(v=b): x = b\n    case _: x = 1", "x", "a K", may_bind="b"
    ),
    "match with a guard": Case("match a:\n    case b if c: x = 1", "", "a c", may_bind="b x"),
    "match value": Case("match a:\n    case m.V | 1: x = 1", "", "a m", may_bind="x"),
}

SCOPES = {
    "comprehension targets stay inside": Case("x = [i + a for i in b for j in i if j]", "x", "a b"),
    "the first iterable is read outside": Case("x = [i for i in i]", "x", "i"),
    "dict comprehension": Case("x = {k: v + a for k, v in b}", "x", "a b"),
    "generator bodies are late": Case("x = sum(i + a for i in b)", "x", "sum b", late="a"),
    "lambda": Case("f(lambda i, j=a: i + b)", "", "f a", late="b"),
    "lambda of an own name": Case("b = g\nf(lambda i: i + b)", "b", "g f"),
    "class scope": Case("class A:\n    x = a\n    y = x\n    def f(self): return x", "A", "a"),
    "a class name in a method, class used": Case(
        "class A:\n    x = a\n    def f(self): return x\nA()", "A", "a", late="x"
    ),
    "comprehension in a class": Case("class A:\n    x = a\n    y = [x for i in x]\n", "A", "a x"),
    "global": Case("def f():\n    global x\n    x = a\nf()", "f", "", may_bind="x", late="a"),
    "global, but never called": Case("def f():\n    global x\n    x = a", "f"),
    "nonlocal": Case(
        "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = a\n    g()\nf()",
        "f",
        late="a",
    ),
    "locals of a function": Case(
        "def f(p, *q, r, **s):\n    import m\n    t = [u for u in p]\n"
        "    for v in q: w = v\n    try: pass\n    except E as x: x\n"
        "    return m, p, q, r, s, t, v, w, (y := 1), y\nf()",
        "f",
        late="E",
    ),
    "a local is a local in the whole function": Case("def f():\n    x\n    x = 1\nf()", "f"),
    "nested functions see the locals around": Case(
        "def f(a):\n    def g(): return a + b\n    return g\nf(1)", "f", late="b"
    ),
    "class in a function": Case(
        "def f(a):\n    class A:\n        b = a + c\n    return A\nf(1)", "f", late="c"
    ),
    "a global in a class": Case("class A:\n    global x\n    x = 1", "A x"),
}

CALLS = {
    "an unused function is not in use": Case("def f(): return a", "f"),
    "a function in use": Case("def f(): return a\ny = f()", "f y", late="a"),
    "transitively": Case("def f(): return g()\ndef g(): return a\ny = f()", "f g y", late="a"),
    "what is bound by then is own": Case("def f(): return a\na = b\ny = f()", "f a y", "b"),
    "what is bound later is from above": Case(
        "def f(): return a\ny = f()\na = b", "f y a", "b", late="a"
    ),
    "a function handed on": Case("def f(): return a\ny = map(f, b)", "f y", "map b", late="a"),
    "recursion": Case("def f(n): return f(n - 1) + a\nf(3)", "f", late="a"),
    "a lambda by name": Case("f = lambda: a\nf()", "f", late="a"),
    "a class in use": Case("class A:\n    def m(self): return a\nA().m()", "A", late="a"),
    "a name bound otherwise is the function no more": Case(
        "def f(): return a\nf = g\nf()", "f", "g"
    ),
    "now and later: a read": Case(
        "x = a\ny = lambda: a\nz = sum(a for i in b)", "x y z", "a sum b"
    ),
}


@pytest.mark.parametrize(
    "table", [BINDINGS, PATHS, SCOPES, CALLS], ids=["binds", "paths", "scopes", "calls"]
)
def test_names_are_bound_and_read_as_python_does(table: dict[str, Case]) -> None:
    for title, case in table.items():
        facts = analyse(case.body)
        assert facts.syntax_error is None, title
        found = Case(
            case.body,
            " ".join(facts.binds),
            " ".join(facts.reads),
            " ".join(facts.may_bind),
            " ".join(facts.late_reads),
            " ".join(facts.deletes),
        )
        assert _sorted(found) == _sorted(case), title


def _sorted(case: Case) -> dict[str, list[str]]:
    groups = ("binds", "reads", "may_bind", "late", "deletes")
    return {group: sorted(getattr(case, group).split()) for group in groups}


def test_mappings_hold_first_lines_in_order() -> None:
    facts = analyse("import b\n\nx = a\ny = c(\n    a)\nif y:\n    z = d\n    x = z")
    assert list(facts.binds.items()) == [("b", 1), ("x", 3), ("y", 4)]
    assert list(facts.reads.items()) == [("a", 3), ("c", 4), ("d", 7)]
    assert dict(facts.may_bind) == {"z": 7}


def test_late_reads_stand_at_the_line_of_use() -> None:
    assert dict(analyse("def f():\n    return a\n\nf()").late_reads) == {"a": 4}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are newer")
@pytest.mark.parametrize(
    ("body", "reads", "late"),
    [
        ("def f[T: B](x: T) -> T: return T", "B", ""),
        ("class A[T](C[T]):\n    x: T = a", "C a", ""),
        ("type X[T] = dict[T, V]\nX.__value__", "", "dict V"),
    ],
)
def test_type_parameters_are_names_of_their_own(body: str, reads: str, late: str) -> None:
    facts = analyse(body)
    assert sorted(facts.reads) == sorted(reads.split())
    assert sorted(facts.late_reads) == sorted(late.split())


@pytest.mark.parametrize(
    ("body", "dynamic"),
    [
        ("exec(a)", [(1, "exec(...)")]),
        ("x = 1\neval(x)", [(2, "eval(...)")]),
        ("def f(): eval('x')", [(1, "eval(...)")]),
        ("eval('x + y')", []),
        ("globals()[x] = 1", [(1, "globals()")]),
        ("globals().update(x)", [(1, "globals()")]),
        ("globals()['x'] = 1", []),
        ("vars()['x']", []),
        ("vars(a)", []),
        ("def f():\n    return locals()", []),
        ("def f():\n    return globals()", [(2, "globals()")]),
        ("def exec(a): ...\nexec(1)", []),
        ("d.eval('a + b')", []),
    ],
)
def test_code_that_hides_its_names_is_named(body: str, dynamic: list[tuple[int, str]]) -> None:
    assert list(analyse(body).dynamic) == dynamic
