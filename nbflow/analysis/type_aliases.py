"""Which expressions are types written out, as ``Optional[int]``, and nothing that is computed."""

from __future__ import annotations

import ast

#: What nobody calls data by.
_GENERICS = frozenset(
    {
        *("Optional", "Union", "Callable", "Annotated", "ClassVar", "Final", "Type", "NDArray"),
        *("Sequence", "MutableSequence", "Iterable", "Iterator", "Collection", "Container"),
        *("Mapping", "MutableMapping", "FrozenSet", "DefaultDict", "OrderedDict", "AbstractSet"),
        *("Generator", "Awaitable", "Coroutine", "AsyncIterator", "AsyncIterable"),
    }
)
#: Somebody may have called a list or a dictionary so: what stands in them has to be types beyond
#: doubt.
_CONTAINERS = frozenset(
    {"List", "Tuple", "Set", "list", "tuple", "set", "frozenset", "type"} | {"Dict", "dict"}
)
_SIMPLE = frozenset({"int", "float", "str", "bool", "bytes", "complex"})
_BUILTIN = _SIMPLE | frozenset(
    {"object", "list", "dict", "set", "tuple", "Any", "AnyStr", "Hashable", "Sized"}
)


def is_type(node: ast.expr) -> bool:
    """Whether an expression puts types together, and nothing else.

    >>> def check(text): return is_type(ast.parse(text, mode="eval").body)
    >>> check("Dict[str, List[np.ndarray]]"), check("int | None"), check("Literal['a', 1]")
    (True, True, True)
    >>> check("list[0]"), check("Dict['a']"), check("list[i]"), check("a | b"), check("int")
    (False, False, False, False, False)
    """
    match node:
        case ast.Subscript(value=ast.Name(id=base) | ast.Attribute(attr=base), slice=within):
            return _is_generic(base, within)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return (_is_plain(left) or _is_plain(right)) and _is_part(left) and _is_part(right)
    return False


def is_alias(target: str, node: ast.expr) -> bool:
    """Whether a name that is written as those of classes are is another one for a type."""
    match node:
        case ast.Name(id=name):
            return _is_class(target) and name in _SIMPLE
        case ast.Attribute(value=ast.Name(), attr="ndarray"):
            return _is_class(target)
    return is_type(node)


def _is_class(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _is_generic(base: str, within: ast.expr) -> bool:
    if base == "Literal":
        return all(isinstance(each, ast.Constant) for each in _elements(within))
    if base in _GENERICS:
        return all(_is_part(each) or isinstance(each, ast.Attribute) for each in _elements(within))
    if base in ("Dict", "dict"):
        return isinstance(within, ast.Tuple) and all(map(_is_part, within.elts))
    return base in _CONTAINERS and all(map(_is_part, _elements(within)))


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _is_part(node: ast.expr) -> bool:
    """Whether it can be nothing but a type, where types stand."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _is_class(name) or name in _BUILTIN or name == "ndarray"
        case ast.Constant(value=value):
            return value is None or value is ... or isinstance(value, str)
        case ast.List(elts=elements):
            return all(map(_is_part, elements))
    return is_type(node)


def _is_plain(node: ast.expr) -> bool:
    """Whether it cannot be a number or a set, which are put together by ``|``, too."""
    match node:
        case ast.Name(id=name):
            return name in _BUILTIN
        case ast.Constant(value=value):
            return value is None
    return is_type(node)
