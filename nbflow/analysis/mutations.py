"""Which calls change an object in place: tables, each group with its reason.

A change that is missed here is found when the task runs; a change that is claimed wrongly costs
parallelism. So a name stands in these tables only where few harmless methods share it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

#: Methods that change their object and return None. Where the value of the call is used, it is
#: another method of that name (``polars.DataFrame.sort``, ``Image.resize``), so they count only
#: where the value is dropped.
_SILENT_METHODS = frozenset(
    {
        # list, set, dict, Counter, OrderedDict, deque, bytearray
        *("append", "extend", "insert", "remove", "clear", "sort", "reverse", "add", "discard"),
        *("update", "difference_update", "intersection_update", "symmetric_difference_update"),
        *("subtract", "move_to_end", "appendleft", "extendleft", "rotate"),
        *("__setitem__", "__delitem__", "__setattr__"),
        # numpy.ndarray
        *("fill", "resize", "partition", "put", "setflags", "itemset"),
        # random.Random, numpy.random.Generator: the order of another object, and their own state
        *("shuffle", "seed"),
        # keras and torch models, optimisers
        *("compile", "zero_grad", "backward", "train", "eval", "set_weights", "load_weights"),
        *("load_state_dict",),
        # open files and writers: position and content
        *("write", "writelines", "writerow", "writerows", "seek", "truncate", "close"),
    }
)

#: Of these, the ones that take no keywords: with one it is another (``DataFrame.add``).
_WITHOUT_KEYWORDS = frozenset({"append", "extend", "remove", "add", "discard"})

#: Methods that change their object and return something.
_VALUED_METHODS = frozenset(
    {
        # list, dict, set, deque
        *("pop", "popitem", "popleft", "setdefault"),
        # scikit-learn and its likes
        *("fit", "partial_fit", "fit_transform", "fit_predict", "fit_resample", "set_params"),
        # torch optimisers and schedulers, gymnasium environments
        *("step",),
        # every draw moves a generator on
        *("random", "integers", "normal", "standard_normal", "uniform", "choice", "choices"),
        *("permutation", "permuted", "randint", "randrange", "rand", "randn", "gauss"),
        *("poisson", "exponential", "binomial", "multinomial", "multivariate_normal"),
        *("lognormal", "laplace", "dirichlet", "triangular", "normalvariate"),
        # open files
        *("read", "readline", "readlines"),
        # matplotlib's setters; not every `set_*`: pandas' `set_index` makes a new frame
        *("set_title", "set_xlabel", "set_ylabel", "set_zlabel", "set_xlim", "set_ylim"),
        *("set_zlim", "set_xticks", "set_yticks", "set_xticklabels", "set_yticklabels"),
        *("set_xscale", "set_yscale", "set_aspect", "set_facecolor", "set_axis_off"),
        *("set_visible", "set_size_inches", "set_data", "set_text", "set_color", "set_array"),
        *("set_ticks", "set_label", "tick_params", "invert_xaxis", "invert_yaxis"),
        *("suptitle", "tight_layout", "subplots_adjust", "add_subplot", "add_axes"),
        *("add_patch", "add_artist", "add_collection", "add_gridspec", "autofmt_xdate"),
    }
)

#: Drawing methods of Axes and Figure. Frames and arrays have methods of the same names that
#: change nothing, so they count only for names that start like axes and figures.
_DRAWING_METHODS = frozenset(
    {
        *("plot", "scatter", "bar", "barh", "hist", "hist2d", "hexbin", "imshow", "matshow"),
        *("pcolormesh", "contour", "contourf", "fill_between", "errorbar", "boxplot"),
        *("violinplot", "axhline", "axvline", "axhspan", "axvspan", "axline", "hlines"),
        *("vlines", "annotate", "text", "legend", "grid", "set", "axis", "stem", "pie", "quiver"),
        *("plot_surface", "plot_wireframe", "loglog", "semilogx", "semilogy", "margins"),
        *("autoscale", "cla", "clf", "twinx", "twiny", "colorbar", "bar_label", "table"),
        *("arrow", "eventplot", "stackplot", "streamplot", "subplots", "label_outer", "title"),
    }
)
_DRAWING_NAMES = ("ax", "fig")

#: Functions that change their first argument and return None.
_SILENT_FUNCTIONS = frozenset(
    {
        *("shuffle", "heappush", "heapify", "insort", "insort_left", "insort_right"),
        *("setattr", "delattr", "setitem", "delitem"),
        *("copyto", "putmask", "place", "fill_diagonal", "put_along_axis"),
    }
)

#: Functions that change their first argument and return something.
_VALUED_FUNCTIONS = frozenset({"next", "anext", "heappop", "heapreplace", "heappushpop"})

#: Keywords that name an object to be changed: ``np.add(a, b, out=x)``, ``df.plot(ax=ax)``.
_CHANGED_KEYWORDS = frozenset({"out", "ax"})

#: Methods that return a part or a view of their object, so that a change of it is a change there.
VIEWS = frozenset(
    {
        *("get", "setdefault", "values", "items"),
        *("reshape", "view", "ravel", "flatten", "squeeze", "transpose", "swapaxes"),
    }
)

#: Functions that hand on the elements of their first argument as they are.
ELEMENTWISE = frozenset({"iter", "list", "tuple", "reversed", "sorted", "tqdm", "chain"})


def changed_by(call: ast.Call, *, dropped: bool) -> Iterator[ast.expr]:
    """The expressions whose object a call changes in place; ``dropped``: its value is not used."""
    function = call.func
    if isinstance(function, ast.Attribute):
        if _changes_its_object(function, call, dropped):
            yield function.value
        name = function.attr
        if name == "at" and dropped and call.args:  # np.add.at(x, indices, 1)
            yield call.args[0]
    else:
        name = function.id if isinstance(function, ast.Name) else ""
    if call.args and (name in _VALUED_FUNCTIONS or (dropped and name in _SILENT_FUNCTIONS)):
        yield call.args[0]
    for keyword in call.keywords:
        if keyword.arg in _CHANGED_KEYWORDS or (keyword.arg == "file" and name == "print"):
            yield keyword.value


def _changes_its_object(method: ast.Attribute, call: ast.Call, dropped: bool) -> bool:
    name = method.attr
    if name == "sort" and any(isinstance(a, ast.Constant | ast.List) for a in call.args):
        return False  # polars sorts by columns, into a new frame; lists take keywords only
    if name in _WITHOUT_KEYWORDS and call.keywords:
        return False
    if name in _VALUED_METHODS or (dropped and name in _SILENT_METHODS):
        return True
    if name in _DRAWING_METHODS:
        return _name_of(method.value).startswith(_DRAWING_NAMES)
    if name.endswith("_") and not name.startswith("_"):
        return True  # torch marks its in-place methods so: `x.add_(1)`
    return any(
        keyword.arg == "inplace"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is True
        for keyword in call.keywords
    )


def _name_of(node: ast.expr) -> str:
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return ""
    return node.id
