"""From the text of one cell's body to its facts."""

from __future__ import annotations

import ast
import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from nbflow.analysis import magics, unreadable
from nbflow.analysis.addresses import addresses_kept, calls_kept, gives_address
from nbflow.analysis.ambient import (
    ambient_changes,
    generators_drawn,
    generators_used,
    states_set,
)
from nbflow.analysis.caches import caches_counted, is_cached
from nbflow.analysis.configuration import configurations
from nbflow.analysis.configuring import configurations_in, surely_called
from nbflow.analysis.definitions import (
    decorating,
    definition_kind,
    is_literal,
    modules_of,
    registered_with,
)
from nbflow.analysis.files import paths_in
from nbflow.analysis.hazards import hazards_in
from nbflow.analysis.normal import digest_of_body, digest_of_statement, digest_of_text
from nbflow.analysis.syntax import Magic, Source, parse
from nbflow.analysis.visitor import Walk, Walked
from nbflow.records.digest import Digest
from nbflow.records.facts import Definition, Facts


@lru_cache(maxsize=8192)
def analyse(body: str) -> Facts:
    """The facts of a cell's body; of one that is no valid Python only its digest and the error.

    Parameters
    ----------
    body
        The cell's source; the lines of a directive have become comments.

    Examples
    --------
    >>> dict(analyse("total = sum(prices)").reads)
    {'sum': 1, 'prices': 1}
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the compiler's; they show when the code runs
            return _facts(body)
    except SyntaxError as error:
        return _unreadable(body, error.msg or "invalid syntax", error.lineno or 1)
    except (RecursionError, MemoryError):
        return _unreadable(body, "too deeply nested", 1)
    except (ValueError, OverflowError) as error:  # null bytes, lone surrogates, huge numbers
        return _unreadable(body, str(error), 1)


def _unreadable(body: str, message: str, line: int) -> Facts:
    bound, changed = unreadable.names(body)
    return Facts(
        digest_of_text(body),
        syntax_error=(message, max(line, 1)),
        would_bind=bound,
        would_change=changed,
    )


def _facts(body: str) -> Facts:
    source = parse(body)
    walk = Walk()
    walk.body(source)
    state = walk.module.state
    maybe = {name: line for name, line in state.bound.items() if name not in state.sure}
    maybe |= {name: line for name, line in walk.later.binds.items() if name not in state.bound}
    digests = {statement: digest_of_statement(statement) for statement in source.statements}
    defining = _defining(walk)
    kept = [_definition(each, names, digests.get(each.statement)) for each, names in defining]
    only_defined = {each.statement for each, _ in defining}
    done = [each for each in source.statements if each not in only_defined]
    draws, seeds = generators_used(source.statements)
    only_definitions = not walk.acts and len(kept) == len(walk.definitions)
    # `ls -l` is Python only where `ls` is bound; what a cell alone cannot know.
    command = walk.reads.keys() if magics.is_command(body) else ()
    # What functions do with files, those do that call them.
    files = paths_in(() if only_definitions else source.statements)
    return Facts(
        digest=digest_of_body(list(digests.values()), hides_display=source.hides_display),
        binds={name: line for name, line in state.bound.items() if name in state.sure},
        may_bind=maybe,
        deletes=state.deleted,
        reads=walk.reads,
        excused=frozenset(walk.excused).union(command),
        late_reads={n: line for n, line in walk.later.reads.items() if n not in walk.reads},
        mutates=walk.later.changes | walk.mutates,
        enrols=walk.enrols,
        uses=frozenset(walk.uses),
        definitions=tuple(kept),
        registrations=tuple(_registrations(source, digests)),
        star_imports=tuple(walk.star_imports),
        config_magics=tuple(walk.config_magics),
        configures=tuple(
            configurations(_top_level(source.statements), frozenset(walk.data), _reads_of)
        ),
        surely_calls=surely_called([*_top_level(source.statements)]),
        literals=_literals(source),
        displays=_displays(source),
        only_definitions=only_definitions,
        dynamic=tuple(walk.dynamic),
        runs_tests=walk.runs_tests,
        tells_imports=walk.tells_imports,
        ambient=tuple(sorted(ambient_changes(source.statements))),
        draws=draws,
        seeds=seeds,
        hazards=hazards_in(done),
        addresses=addresses_kept(source.statements),
        calls_kept=calls_kept(source.statements),
        caches_counted=caches_counted(source.statements),
        paths=files.read,
        files_written=files.written,
        written_by_name=files.by_name,
    )


def _displays(source: Source) -> bool:
    """Whether the cell may display a value, and so leave it as ``_``."""
    match next(reversed(source.statements), None):
        case ast.Expr(value=Magic(name=name)) if name in magics.SILENT:
            return False
        case ast.Expr():
            return not source.hides_display
    return False


def _defining(walk: Walk) -> list[tuple[Walked, tuple[str, ...]]]:
    """The definitions whose names are nothing else in this cell, and those names."""
    data = walk.data | walk.changed | walk.module.state.deleted.keys()
    while True:
        kept: list[tuple[Walked, tuple[str, ...]]] = []
        lost: set[str] = set()
        for candidate in walk.definitions:
            names = _names(candidate, data)
            if names is None:
                lost.update(candidate.walk.module.state.bound)
            else:
                kept.append((candidate, names))
        if lost <= data:
            return kept
        data |= lost  # the other names of a statement that is no definition are data, too


def _names(candidate: Walked, data: set[str]) -> tuple[str, ...] | None:
    """The names of a definition, of an import those that are not data; None when it is none."""
    names = tuple(candidate.walk.module.state.bound)
    if not data.intersection(names):
        return names
    if definition_kind(candidate.statement) == "import":
        return tuple(name for name in names if name not in data) or None
    return None


def _definition(candidate: Walked, names: tuple[str, ...], digest: Digest | None) -> Definition:
    statement, walk = candidate.statement, candidate.walk
    kind = definition_kind(statement)
    assert kind is not None
    files = paths_in([statement])
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return Definition(
        names=names,
        kind=kind,
        source=candidate.source.text_of(statement),
        line=min([statement.lineno, *(node.lineno for node in decorators)]),
        digest=digest or digest_of_statement(statement),
        needs=frozenset(walk.reads),
        calls=frozenset(walk.later.reads),
        writes=frozenset(walk.later.binds),
        changes=frozenset(walk.later.changes),
        draws=generators_drawn(statement),
        hazards=hazards_in([statement]),
        decorators=decorating(statement),
        bases=_bases(statement),
        sets=states_set(statement),
        gives_address=gives_address(statement),
        is_cached=is_cached(statement),
        paths=files.read,
        files_written=files.written,
        written_by_name=files.by_name,
        modules=modules_of(statement),
        configures=tuple(configurations_in(statement, _reads_of)),
        surely_calls=frozenset(surely_called(getattr(statement, "body", []))),
    )


def _registrations(source: Source, digests: Mapping[ast.stmt, Digest]) -> Iterator[Definition]:
    for statement in source.statements:
        if name := registered_with(statement):
            alone = Walk()
            alone.visit(statement)
            yield Definition(
                names=(),
                kind="function",
                source=source.text_of(statement),
                line=statement.lineno,
                digest=digests[statement],
                needs=frozenset(alone.reads),
                calls=frozenset(alone.later.reads),
                decorators=frozenset({name}),
            )


def _bases(statement: ast.stmt) -> frozenset[str]:
    if not isinstance(statement, ast.ClassDef):
        return frozenset()
    names = {base.id for base in statement.bases if isinstance(base, ast.Name)}
    if not names:
        return frozenset()
    without = copy.copy(statement)
    without.bases = []
    return frozenset(names - _reads_of(without)[0])


def _reads_of(statement: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    alone = Walk()
    alone.visit(statement)
    return frozenset(alone.reads), frozenset(alone.later.reads)


def _literals(source: Source) -> dict[str, tuple[str | None, str]]:
    found: dict[str, tuple[str | None, str]] = {}
    for statement in _top_level(source.statements):
        match statement:
            case ast.Assign(targets=targets, value=value) if is_literal(value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        found[target.id] = (None, ast.unparse(value))
            case ast.AnnAssign(
                target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value
            ) if is_literal(value):
                found[name] = (ast.unparse(annotation), ast.unparse(value))
    return found


def _top_level(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in statements:
        match statement:
            case ast.Expr(value=Magic(source=Source() as inner)):
                yield from _top_level(inner.statements)
            case _:
                yield statement
