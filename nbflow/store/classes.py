"""The notebook's own classes: which class of one process is the same as one of another.

A class is known by its identity, a digest of its definition. Where a value is loaded, a class of
the same name and identity in the namespace *is* its class; otherwise it is built anew, once.
"""

from __future__ import annotations

import contextlib
import enum
import importlib
import sys
import types
import typing
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from cloudpickle import cloudpickle

from nbflow.store import class_objects, functions, models
from nbflow.store.functions import Reduced

#: Attributes that are not what a class is: where it stands, what pickling its instances leaves on
#: it, and how Python 3.14 has its annotations.
_PLACE = ("__firstlineno__", "__slotnames__", "__annotate_func__", "__annotations_cache__")

#: Identities, kept from when they were first asked for: state on a class may change, the class
#: remains. By ``id``, as a metaclass could have a hash of its own.
_identities: dict[int, tuple[weakref.ref[type], str]] = {}
#: Classes built here, by namespace and identity.
_built: weakref.WeakValueDictionary[tuple[int, str], Any] = weakref.WeakValueDictionary()


class Context:
    """Where a value is loaded: the namespace, and the classes that are there already."""

    def __init__(
        self, namespace: dict[str, Any], identify: Callable[[type], str], live: bool = False
    ) -> None:
        self.namespace = namespace
        self.identify = identify
        #: Whether steps run there, and so what classes have made is the classes' own.
        self.live = live
        #: What classes had made, as it was stored with them, by ``id`` and number.
        self._stored: dict[int, dict[int, Any]] = {}
        #: Classes that need no filling, by ``id``.
        self.known: set[int] = set()

    def find(self, identity: str, qualname: str) -> type | None:
        """The class of this identity, if there is one here."""
        found = _resolve(self.namespace, qualname)
        if found is None or self.identify(found) != identity:
            found = _built.get((id(self.namespace), identity))
        if found is None:
            held = behind(self.namespace.get(qualname.partition(".")[0]))
            others = (v for v in (*self.namespace.values(), *held) if _is_called(v, qualname))
            found = next((other for other in others if self.identify(other) == identity), None)
        if found is not None:
            self.known.add(id(found))
        return found

    def made(self, cls: type, number: int, kind: Any, *arguments: Any) -> Any:
        """One of the objects that a class has made; an empty one, if it is to be filled."""
        if self._is_there(cls):
            return class_objects.of(cls)[number]
        stored = self._stored.setdefault(id(cls), {})
        if number not in stored:
            stored[number] = kind.__new__(kind)
            if arguments:
                stored[number].__init__(*arguments)
        return stored[number]

    def fill(self, cls: type, each: Any, content: Any) -> None:
        """Fill an object that a class has made, unless it is the one that is there."""
        if not self._is_there(cls):
            class_objects.fill(each, content)

    def filled(self, cls: type) -> None:
        """A class that was not there has all that it had made."""
        stored = self._stored.get(id(cls))
        if self.live and stored and id(cls) not in self.known:
            class_objects.keep(cls, tuple(stored.get(n, object()) for n in range(max(stored) + 1)))

    def _is_there(self, cls: type) -> bool:
        return self.live and id(cls) in self.known and bool(class_objects.of(cls))

    def keep(self, identity: str, made: Any) -> Any:
        """Remember a class built here, so that the next value finds it."""
        _built[id(self.namespace), identity] = made
        return made


def settled(cls: type, identity: str, namespace: dict[str, Any]) -> type:
    """Of a class that has been defined: itself, or the same one, if values brought it before."""
    return (identity and _built.get((id(namespace), identity))) or cls


def identity_of(
    cls: type, compute: Callable[[type], str], namespace: Mapping[str, Any] | None
) -> str:
    """The class's identity, computed when it is first asked for."""
    known = _identities.get(id(cls))
    if known is not None and known[0]() is cls:
        return known[1]
    _note(cls, "")  # of one that refers to itself, meanwhile
    identity = compute(cls)
    if identity:
        class_objects.note(cls, namespace)
    if identity and (name := _other_name(cls, namespace)):
        # What one function has made twice is alike, and two classes all the same.
        identity = f"{identity} {name}"
    _note(cls, identity)
    return identity


def _note(cls: type, identity: str) -> None:
    number = id(cls)
    _identities[number] = (weakref.ref(cls, lambda _: _identities.pop(number, None)), identity)


def is_own(thing: Any) -> bool:
    """Whether a class or function cannot be found by importing its module."""
    if cloudpickle._should_pickle_by_reference(thing):
        return False
    module = str(getattr(thing, "__module__", None))
    if module in sys.modules or module.partition(".")[0] not in sys.modules:
        return True
    # Its library has the module for those who ask for it only, as numpy has ``numpy.rec``.
    with contextlib.suppress(Exception):
        importlib.import_module(module)
    return not cloudpickle._should_pickle_by_reference(thing)


def behind(thing: Any) -> list[type]:
    """The notebook's classes that a decorator has put something else in the place of."""
    if isinstance(thing, types.FunctionType):
        cells = thing.__closure__ or ()
        held = [content for cell in cells for content in functions.cell_state(cell)]
    elif isinstance(thing, type) or type(thing).__module__ != "__main__":
        return []
    else:
        held = []
    held += class_objects.attributes_of(thing).values()
    return [each for each in held if isinstance(each, type) and is_own(each)]


def names_of(cls: type, namespace: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The name under which a class, or the one around it, is found in the notebook."""
    if name := _other_name(cls, namespace):
        return (name,)
    return () if "<locals>" in cls.__qualname__ else (cls.__qualname__.partition(".")[0],)


def parts(cls: type) -> tuple[Reduced, dict[str, Any]]:
    """What :func:`new_class` takes after the identity, and the state to fill it with."""
    skeleton: Reduced
    if issubclass(cls, enum.Enum):
        # With other names of the same members, and what flags are together.
        members = {name: member.value for name, member in cls.__members__.items()}
        skeleton = (cls.__bases__, cls.__name__, cls.__qualname__, members, cls.__module__)
        state, _ = cloudpickle._enum_getstate(cls)
        for name in members:
            state.pop(name, None)
    else:
        bases = cloudpickle._get_bases(cls)
        if typing.NamedTuple in bases:
            # It makes its classes complete, and bars what is to be filled in.
            bases = cls.__bases__
        skeleton = (type(cls), cls.__name__, bases, _keywords(cls))
        state, _ = cloudpickle._class_getstate(cls)
        state.pop("__slots__", None)
        models.settle(state)
    for name in _PLACE:
        state.pop(name, None)
    if sys.version_info >= (3, 14) and (annotations := functions.annotations_of(cls)):
        state["__annotations__"] = annotations
    if "__static_attributes__" in state:
        state["__static_attributes__"] = tuple(sorted(state["__static_attributes__"]))
    if "_abc_impl" in state:
        state["_abc_impl"].sort(key=lambda registered: registered.__qualname__)
    return skeleton, state


def new_class(context: Context, identity: str, qualname: str, *skeleton: Any) -> type:
    """The class of this identity: the one that is here, or a new one to be filled."""
    found = context.find(identity, qualname)
    if found is not None:
        return found
    if isinstance(skeleton[0], tuple):
        made = cloudpickle._make_skeleton_enum(*skeleton, None, None)
    else:
        made = cloudpickle._make_skeleton_class(*skeleton, None, None)
    _note(made, identity)
    return typing.cast(type, context.keep(identity, made))


def fill_class(cls: type, state: tuple[Any, ...]) -> None:
    """Give a new class its attributes; one that was here already keeps its own."""
    context, attributes = state[0], state[-1]
    if id(cls) not in context.known:
        cloudpickle._class_setstate(cls, (attributes, {}))
        models.complete(cls, attributes)
        context.filled(cls)


def new_type_variable(
    context: Context, name: str, constraints: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """The type variable of this name that is here, or a new one."""
    found = context.namespace.get(name)
    if type(found) is not typing.TypeVar:
        found = _built.get((id(context.namespace), f"TypeVar {name}"))
    if found is not None:
        return found
    return context.keep(f"TypeVar {name}", typing.TypeVar(name, *constraints, **keywords))


def _keywords(cls: type) -> dict[str, Any]:
    """What a class body must hold already when the class is made."""
    own = {name: cls.__dict__[name] for name in ("__module__", "__slots__") if name in cls.__dict__}
    return own | {"__qualname__": cls.__qualname__}


def _other_name(cls: type, namespace: Mapping[str, Any] | None) -> str | None:
    """Of a class that is not found under its own name, the one that it is bound to."""
    if namespace is None or _resolve(namespace, cls.__qualname__) is cls:
        return None
    # IPython's own names have letters in them only where they hold no values.
    names = (name for name, value in namespace.items() if value is cls)
    return next((name for name in names if name.strip("_0123456789")), None)


def _is_called(thing: Any, qualname: str) -> bool:
    return issubclass(type(thing), type) and thing.__qualname__ == qualname


def _resolve(namespace: Mapping[str, Any], qualname: str) -> type | None:
    first, *rest = qualname.split(".")
    found = namespace.get(first)
    for name in rest:
        found = vars(found).get(name) if isinstance(found, type) else None
    return found if isinstance(found, type) else None
