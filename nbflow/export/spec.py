"""Writes a `FlowSpec`: a method for each step, and for what splits and joins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from nbflow.export.arguments import comment, literal
from nbflow.export.attributes import OWN, Attributes
from nbflow.export.body import indented, renamed
from nbflow.export.module import call, definitions, functions, head, imports, items_name, joined
from nbflow.export.program import Function, Program
from nbflow.export.prose import introduction, quoted, title
from nbflow.export.topology import Parts, Side, arranged
from nbflow.parameters import present, shape, told
from nbflow.records.artifact import Artifact
from nbflow.records.parameter import Parameter

#: Each task is a process of its own, and gets this from the first.
_ORDER = [
    "# In all tasks sets of texts have one order, that of the notebook.",
    'os.environ["PYTHONHASHSEED"] = "0"',
]
_PLAIN = (bool, int, float, str)
_IMMUTABLE = frozenset({"int", "float", "complex", "bool", "str", "bytes", "NoneType"})


@dataclass(slots=True)
class Method:
    """One method of the `FlowSpec`."""

    name: str
    lines: list[str] = field(default_factory=list)
    doc: str = ""
    #: Whether it joins what ran side by side, or the splits of a foreach.
    joins: bool = False
    #: What those before it have each stored once more, which Metaflow takes for a conflict.
    stored_anew: frozenset[str] = frozenset()
    #: Whether its lines come before it takes over what its inputs agree on.
    gathers: bool = False
    #: The attribute with the items of a foreach.
    foreach: str = ""
    #: The methods that come next.
    then: list[str] = field(default_factory=list)
    cpus: int = 1
    #: Variables of its process's environment.
    environment: tuple[tuple[str, str], ...] = ()
    #: Attributes of steps above that it reads, and so stores once more, where the pickle of what
    #: was unpickled may be another one; and those that it makes.
    reads: frozenset[str] = frozenset()
    makes: frozenset[str] = frozenset()


@dataclass(slots=True)
class Spec:
    """The module of an export to Metaflow."""

    made: Program
    attributes: Attributes = field(init=False)
    methods: list[Method] = field(default_factory=list)
    #: Names of the functions that methods can have; and of all methods there are or are to be.
    _functions: set[str] = field(default_factory=set)
    _taken: set[str] = field(default_factory=set)
    #: What has been read on the sides that are joined next.
    _read_beside: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.attributes = Attributes(self.made)
        self._functions = {f.name for f in self.made.functions} - OWN
        self._taken = self._functions | OWN

    def module(self) -> str:
        """Its text."""
        made = self.made
        name = title(made.basis.notebook, made.flow)
        about = introduction(made.basis.notebook).partition("\n\n")[0]
        source = Path(made.flow.path).name
        text = f"{name.rstrip('.')}.\n\n{about}\n\nExported from {source} by nbflow; see README.md."
        spec = self._class_name()
        parts = [*definitions(made), *functions(made), self._class(spec)]
        last = indented("\n".join([*_ORDER, f"{spec}()"]))
        parts.append(f'if __name__ == "__main__":\n{last}')
        rest = joined(parts)
        own = [
            "import asyncio",
            "import os",
            "from metaflow import FlowSpec, JSONType, Parameter, environment, resources, step",
            "from copy import deepcopy",
            "from check import check_files, compare",
            "import matplotlib.pyplot as plt",
        ]
        return joined([f"{head(text)}\n\n{imports(made, rest, own)}", rest.rstrip("\n")])

    def _class_name(self) -> str:
        words = re.findall(r"[A-Za-z0-9]+", self.made.flow.name)
        name = "".join(word[:1].upper() + word[1:] for word in words)
        return f"{name if name[:1].isalpha() else f'Flow{name}'}Flow"

    def _class(self, name: str) -> str:
        flow = self.made.flow
        heading = title(self.made.basis.notebook, flow)
        lines = [f"class {name}(FlowSpec):", indented(quoted(f"{heading.rstrip('.')}.")), ""]
        lines += [indented(self._parameter(each)) for each in flow.parameters]
        lines.append(
            '    check = Parameter(\n        "check",\n        type=bool,\n        default=False,\n'
            '        help="compare the results with digests.json",\n    )'
        )
        above = {f.step.id: f.step.above() | self._givers(f) for f in self.made.functions}
        begin = Method("start", ["if self.check:", "    check_files()"], "Begin.")
        start = self._append(begin, [])
        last = self._lay(arranged(tuple(flow.order), above), start)
        self._append(self._end(), self._joined(last))  # Metaflow's rule: the end joins nothing
        for method in self.methods:
            lines += ["", indented(_rendered(method))]
        return "\n".join(lines)

    def _parameter(self, parameter: Parameter) -> str:
        value = self.made.basis.parameters[parameter.name]
        kind = type(value).__name__
        is_plain = isinstance(value, bool | int | float | str)
        takes = present(shape(parameter)).kind
        if (takes is float and is_plain) or (value is None and takes in _PLAIN):
            kind, is_plain = takes.__name__, True
        default = literal(value) if is_plain or value is None else repr(json.dumps(value))
        arguments = [
            f'"{parameter.name}"',
            f"type={kind if is_plain else 'JSONType'}",
            f"default={default}",
            f"help={comment(self.made.flow, parameter) or told(shape(parameter))!r}",
        ]
        attribute = self.attributes.parameters[parameter.name]
        return call(f"{attribute} = Parameter", arguments)

    def _lay(self, parts: Parts, ends: list[Method]) -> list[Method]:
        """Methods for parts one after the other, behind these; the last ones, side by side."""
        for part in parts:
            if isinstance(part, Side):
                (before,) = self._joined(ends)
                if before.joins:
                    # Metaflow's rule: what joins does not split as well.
                    (before,) = self._branch(before)
                ends, first = [], len(self.methods)
                for side in part.parts:
                    # And: what splits is joined as a whole.
                    start = self._branch(before) if isinstance(side[0], Side) else [before]
                    ends += self._joined(self._lay(side, start))
                self._read_beside = _left_as_read(self.methods[first:])
                continue
            function = next(f for f in self.made.functions if f.step.id == part)
            if function.is_foreach:
                ends = self._foreach(function, ends)
            else:
                ends = self._append(self._plain(function), ends)
        return ends

    def _branch(self, before: Method) -> list[Method]:
        return self._append(Method(self._free("branch"), doc="Go on side by side."), [before])

    def _append(self, method: Method, ends: list[Method]) -> list[Method]:
        for each in ends:
            each.then.append(method.name)
        if len(ends) > 1:
            method.joins, method.stored_anew = True, self._read_beside
        self.methods.append(method)
        return [method]

    def _joined(self, ends: list[Method]) -> list[Method]:
        if len(ends) == 1:
            return ends
        doc = "Put together what ran side by side."
        return self._append(Method(self._free("join"), doc=doc), ends)

    def _plain(self, function: Function) -> Method:
        gives = ", ".join(
            f"self.{self.attributes.made(function.step, n)}" for n in function.returns
        )
        start = f"{gives} = " if gives else ""
        given = (["self.input"] if function.is_foreach else []) + self._given(function)
        called = call(f"{start}{function.name}", given)
        if function.awaits:
            called = call(f"{start}asyncio.run({function.name}", given, "))")
        return Method(
            self._method(function.name),
            [called],
            function.doc.partition("\n")[0],
            cpus=function.step.step.directive.options.cpus,
            environment=function.environment,
            reads=self._unsteady(function, function.arguments),
            makes=frozenset(self.attributes.made(function.step, n) for n in function.returns),
        )

    def _foreach(self, function: Function, ends: list[Method]) -> list[Method]:
        items = self._free(f"{function.step.name}_items")
        expression = function.items
        names = function.item_arguments
        if function.items_nested:
            given = [self._seen(function, name) for name in names]
            expression = f"{items_name(function)}({', '.join(given)})"
            lines = [f"self.{items} = list({expression})"]
        else:
            seen = {name: self._seen(function, name) for name in names}
            said = renamed(expression, seen)
            lines = [] if said else [f"{name} = {value}" for name, value in seen.items()]
            said = said or expression
            is_list = said.startswith("[") and said.endswith("]")
            lines.append(f"self.{items} = {said if is_list else f'list({said})'}")
        split = Method(
            self._free(_plain(f"split_{function.step.name}")),
            lines,
            foreach=items,
            environment=function.environment,
            reads=self._unsteady(function, names),
        )
        ends = self._append(split, self._joined(ends))
        ends = self._append(self._plain(function), ends)
        anew = _left_as_read(ends)
        made = [self.attributes.made(function.step, name) for name in function.returns]
        gathered = [f"self.{name} = [split.{name} for split in inputs]" for name in made]
        name = self._free(_plain(f"join_{function.step.name}"))
        join = Method(name, gathered, joins=True, gathers=True, stored_anew=anew)
        return self._append(join, ends)

    def _givers(self, function: Function) -> set[str]:
        """Cell ids of the steps from which a function takes what it may hand on as it is."""
        last: dict[str, str] = {}
        for each in self.made.functions:
            if each.step.index < function.step.index:
                last |= dict.fromkeys(each.returns, each.step.id)
        return {last[name] for name in function.arguments if name in last}

    def _given(self, function: Function) -> list[str]:
        found: list[str] = []
        for name in function.arguments:
            value = self._seen(function, name)
            changed = name in function.step.outputs and not self._is_immutable(function, name)
            found.append(f"deepcopy({value})" if changed else value)
        return found

    def _is_immutable(self, function: Function, name: str) -> bool:
        if (found := self._artifact(function, name)) is not None:
            return found.type in _IMMUTABLE
        value = self.made.basis.parameters.get(name)
        return type(value).__name__ in _IMMUTABLE

    def _unsteady(self, function: Function, names: Iterable[str]) -> frozenset[str]:
        """The attributes behind names, where a pickle may be another one each time."""
        return frozenset(
            self._seen(function, name).removeprefix("self.")
            for name in names
            if (found := self._artifact(function, name)) is not None
            and not _is_steady(self.made.basis.load(found))
        )

    def _artifact(self, function: Function, name: str) -> Artifact | None:
        """What a name of data means to a function, where a step above has made it."""
        step = function.step
        one = step.body.inputs.get(name) or step.clause.inputs.get(name)
        known = self.made.basis.known.get(one.versions[0]) if one and one.versions else None
        return known if isinstance(known, Artifact) else None

    def _seen(self, function: Function, name: str) -> str:
        return f"self.{self.attributes.seen(self.made, function.step, name)}"

    def _end(self) -> Method:
        made = self.made
        values = [f'"{n}": self.{self.attributes.last(made, n)}' for n in made.results]
        of = self.attributes.parameters
        given = [f'"{p.name}": self.{of[p.name]}' for p in made.flow.parameters]
        lines = [
            "if self.check:",
            indented(_dictionary("values", values)),
            indented(_dictionary("parameters", given)),
            "    if compare(values, parameters):",
            '        raise ValueError("these are not the values of the notebook")',
        ]
        return Method("end", lines, "Compare the results, where that is asked for.")

    def _method(self, name: str) -> str:
        """What the method of a function is called: as that, where it can be."""
        plain = _plain(name)
        return name if plain == name and name in self._functions else self._free(plain)

    def _free(self, name: str) -> str:
        data = {n for f in self.made.functions for n in (*f.returns, *f.arguments)}
        candidate, count = name, 2
        while candidate in self._taken | data:
            candidate, count = f"{name}_{count}", count + 1
        self._taken.add(candidate)
        return candidate


def _left_as_read(methods: list[Method]) -> frozenset[str]:
    """The attributes from above that some of these methods have stored once more."""
    made = frozenset[str]().union(*(method.makes for method in methods))
    return frozenset[str]().union(*(method.reads for method in methods)) - made


def _is_steady(value: object, within: tuple[int, ...] = ()) -> bool:
    """Whether its pickle stays the same, however often it is unpickled and looked at."""
    if id(value) in within:
        return False
    if type(value) in (list, tuple):
        items = cast("Iterable[object]", value)
        return all(_is_steady(each, (*within, id(value))) for each in items)
    if isinstance(value, dict) and type(value) is dict:
        return all(_is_steady(each, (*within, id(value))) for each in value.items())
    return type(value).__name__ in _IMMUTABLE


def _plain(name: str) -> str:
    """As Metaflow takes names of methods: of small letters of ASCII, and digits."""
    return re.sub(r"[^a-z0-9_]+", "_", name.lower())


def _dictionary(name: str, items: list[str]) -> str:
    line = f"{name} = {{{', '.join(items)}}}"
    if len(line) <= 76:
        return line
    return "\n".join([f"{name} = {{", *(f"    {each}," for each in items), "}"])


def _rendered(method: Method) -> str:
    lines = [f"@resources(cpu={method.cpus})"] if method.cpus > 1 else []
    if method.environment:
        lines.append(f"@environment(vars={dict(method.environment)!r})")
    arguments = "self, inputs" if method.joins else "self"
    lines += ["@step", f"def {method.name}({arguments}):"]
    if method.doc:
        lines.append(indented(quoted(method.doc)))
    merging = [f"self.{name} = inputs[0].{name}" for name in sorted(method.stored_anew)]
    merging += ["self.merge_artifacts(inputs)"] if method.joins else []
    body = [*method.lines, *merging] if method.gathers else [*merging, *method.lines]
    lines += map(indented, body)
    if method.foreach:
        lines.append(f'    self.next(self.{method.then[0]}, foreach="{method.foreach}")')
    elif method.then:
        lines.append(f"    self.next({', '.join(f'self.{name}' for name in method.then)})")
    return "\n".join(lines)
