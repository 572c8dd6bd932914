"""A comparison and a sweep, for the views to show."""

from __future__ import annotations

from msgspec.structs import replace

from nbflow.comparison import (
    CellCode,
    Column,
    Comparison,
    Output,
    PutOut,
    Shown,
    StepTimes,
    Varied,
)
from nbflow.records.digest import of_bytes
from nbflow.records.picture import Picture
from nbflow.records.task import RunRecord

_PIXEL = "iVBORw0KGgo="
RUNS = tuple(
    RunRecord(
        id=f"2026010{day}-030405-abc{day}",
        notebook="notebooks/study.ipynb",
        flow="study",
        parameters={"lr": lr, "depth": "2", "model": "'ridge'"},
        status="completed",
        started=1_767_323_045.0 + 86400 * day,
        seconds=10.5 * day,
    )
    for day, lr in ((1, "0.1"), (2, "0.3"), (3, "0.5"))
)


def _number(value: float) -> Shown:
    return Shown("there", f"{value:.6g}", of_bytes(repr(value).encode()), value)


def _shown(text: str, *columns: Column, state: str = "there") -> Shown:
    return Shown(state, text, of_bytes(repr((text, columns)).encode()), None, columns)  # type: ignore[arg-type]


def _frame(mean: float) -> Shown:
    numbers = Column("prediction", "float64", mean - 1, mean, mean + 1.5, 3)
    return _shown("DataFrame[200 × 2]", Column("x", "float64", 0.0, 0.5, 1.0), numbers)


ALL = Comparison(
    runs=(
        replace(RUNS[0], tags=("good",), note="the first"),
        RUNS[1],
        replace(RUNS[2], status="failed"),
    ),
    parameters=(
        Varied("lr", ("0.1", "0.3", "0.5")),
        Varied("depth", ("2", "2", "2")),
        Varied("model", ("'ridge'", "'ridge'", None)),
    ),
    cells=(
        CellCode("cell [3] train", ("w = 0.0\nfor _ in range(10):\n    w -= lr",) * 2 + ("w = 1",)),
        CellCode("cell [5]", ("print(w)", None, "print(w)")),
    ),
    surroundings=(
        Varied("numpy", ("1.26.4", "2.1.0", "2.1.0"), "distribution"),
        Varied("pandas", ("2.2.3", "2.2.3", None), "distribution"),
        Varied("data/points.csv", ("0123456789ab", "ba9876543210", "ba9876543210"), "file"),
        Varied("helpers.py", ("0123456789ab", "0123456789ab", ""), "module"),
        Varied("HOME_OF_DATA", ("0123456789ab", "cd0123456789", "cd0123456789"), "environment"),
        Varied("", ("3.11", "3.12", "3.12"), "python"),
    ),
    steps=(
        StepTimes("load", (0.5, 0.5, 0.5), ("completed", "cached", "cached"), (100, 100, 100)),
        StepTimes("train", (9.0, 18.0, 0.2), ("completed", "completed", "failed"), (100, 90, 80)),
        StepTimes("report", (1.0, 2.0, None), ("completed", "completed", None), (100, 90, None)),
        StepTimes("plot", (1.0, 2.0, 0.0), ("completed", "completed", "skipped"), (100, 90, 0)),
    ),
    outputs=(
        Output("load", "points", (_frame(1.0),) * 3),
        Output("train", "loss", (_number(0.25), _number(0.125), None)),
        Output("train", 'scores["r2"]', (_number(0.91234567), _number(0.87), _number(0.87))),
        Output("train", "rounds", (_number(10), _number(10), _number(10))),
        Output("train", "fitted", (_frame(1.0), _frame(2.25), None)),
        Output("train", "weights", tuple(
            _shown("float64[3]", Column("", "float64", low, low + 1, low + 2)) for low in (0, 1, 2)
        )),
        Output("report", "text", (_shown("'good'"), _shown("'better'"), None)),
        Output("report", "model", (_shown("Ridge", state="collected"), _shown("Ridge"), None)),
        Output("report", "loss", (_number(0.25), _number(0.25), None)),
    ),
    put_out=(
        PutOut("train", ("loss 0.25\n", "loss 0.125\n", "loss 0.125\n"), ((),) * 3, (False,) * 3),
        PutOut(
            "plot",
            (None, "", None),
            ((), (Picture("image/png", _PIXEL),), (Picture("image/svg+xml", "<svg/>"),) * 2),
            (True, False, False),
        ),
    ),
    other_code=((), ("cell [3] train", "cell [6] (gone)"), None),
)  # fmt: skip
#: Two runs that differ in nothing but their times.
NOTHING = replace(
    ALL,
    runs=RUNS[:2],
    parameters=(Varied("lr", ("0.1", "0.1")),),
    cells=(),
    surroundings=(),
    steps=(StepTimes("load", (0.5, 0.5), ("completed", "cached"), (100, 100)),),
    outputs=(Output("train", "loss", (_number(0.25),) * 2),),
    put_out=(),
    other_code=((), ()),
)
#: More than stand abreast.
MANY = replace(
    NOTHING,
    runs=(*RUNS, *RUNS),
    parameters=(Varied("lr", ("0.1", "0.3", "0.5", "0.7", "0.9", "1.1")),),
    steps=(),
    outputs=(Output("a_step", "an_output_with_a_very_long_name", tuple(map(_number, range(6)))),),
    other_code=((),) * 6,
)

SWEPT = tuple(
    (run, {"loss": loss, 'scores["r2"]': 1 - loss, "rounds": 10.0, "weight": 123456.789, "b": loss})
    for run, loss in zip(RUNS, (0.5, 0.25, 0.125), strict=True)
)
