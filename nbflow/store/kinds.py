"""Where a type comes from."""

from __future__ import annotations

import sys

#: Packages whose objects load again whenever they could be dumped. All others are tried.
PROVEN = sys.stdlib_module_names | {
    *("numpy", "pandas", "polars", "pyarrow", "scipy", "sklearn", "statsmodels", "patsy"),
    *("matplotlib", "seaborn", "plotly", "xgboost", "lightgbm", "catboost", "torch", "PIL"),
    *("networkx", "sympy", "pytz", "dateutil", "cloudpickle", "nbflow"),
}


def package_of(kind: type) -> str:
    """The package that a type says it is of; some that libraries make name no module at all."""
    return str(kind.__module__).partition(".")[0]
