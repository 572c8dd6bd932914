"""Codec ``arrow``: tables and columns of polars and pyarrow as an Arrow IPC stream."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from nbflow.store.kinds import package_of
from nbflow.store.layout import Buffer


def encode(value: Any) -> tuple[str, list[Buffer]] | None:
    """Kind and stream of a table or column; None where the round trip would not be exact.

    A slice of a large table is as small as what it shows.
    """
    root = package_of(type(value))
    package: Any = sys.modules.get(root)
    if root == "polars":
        if type(value) is package.DataFrame:
            return _encode_polars("polars.DataFrame", value)
        if type(value) is package.Series:
            return _encode_polars("polars.Series", value.to_frame())
    elif root == "pyarrow" and hasattr(package, "Table"):
        if type(value) is package.Table:
            return "pyarrow.Table", [_arrow_stream(value)]
        if type(value) is package.RecordBatch:
            return "pyarrow.RecordBatch", [_arrow_stream(package.Table.from_batches([value]))]
        if isinstance(value, package.ChunkedArray):
            return "pyarrow.ChunkedArray", [_arrow_stream(package.table([value], names=[""]))]
        if isinstance(value, package.Array):
            return "pyarrow.Array", [_arrow_stream(package.table([value], names=[""]))]
    return None


def decode(kind: str, buffers: Sequence[memoryview]) -> Any:
    """The table or column of a stream; those of pyarrow are views of the stream."""
    root, _, name = kind.partition(".")
    if root == "polars":
        import polars

        frame = polars.read_ipc_stream(BytesIO(buffers[0]))
        return frame if name == "DataFrame" else frame.to_series()
    import pyarrow

    table = pyarrow.ipc.open_stream(pyarrow.py_buffer(buffers[0])).read_all()
    match name:
        case "Table":
            return table
        case "RecordBatch":
            batches = table.to_batches()
            return batches[0] if batches else pyarrow.RecordBatch.from_pylist([], table.schema)
        case "ChunkedArray":
            return table.column(0)
        case _:
            return table.column(0).combine_chunks()


def is_marked(value: Any) -> bool:
    """Whether a column of pyarrow marks each of its values as there, which a stream leaves out.

    As what is left of a column does when its gaps have been dropped. It counts as its memory.
    """
    if package_of(type(value)) != "pyarrow" or not _can_be_marked(value) or value.null_count:
        return False
    return any(each.buffers()[0] is not None for each in getattr(value, "chunks", [value]))


def marked(column: Any) -> Any:
    """The column, with each of its values marked as there."""
    import pyarrow

    def filled(array: Any) -> Any:
        marks = pyarrow.py_buffer(b"\xff" * ((array.offset + len(array) + 7) // 8))
        held = [marks, *array.buffers()[1:]]
        # That none is missing is not said: the marks would be dropped.
        return pyarrow.Array.from_buffers(array.type, len(array), held, -1, array.offset)

    if isinstance(column, pyarrow.ChunkedArray):
        return pyarrow.chunked_array([filled(each) for each in column.chunks], column.type)
    return filled(column)


def _can_be_marked(value: Any) -> bool:
    import pyarrow

    if not isinstance(value, pyarrow.Array | pyarrow.ChunkedArray) or not len(value):
        return False
    kind: Any = value.type
    nested = isinstance(kind, pyarrow.DictionaryType | pyarrow.BaseExtensionType)
    return not (kind.num_fields or nested or pyarrow.types.is_null(kind))


def _encode_polars(kind: str, frame: Any) -> tuple[str, list[Buffer]] | None:
    import polars

    # Not every type of column survives the way through Arrow (arbitrary objects do not).
    if polars.Object in frame.dtypes:
        return None
    without_rows = polars.read_ipc_stream(BytesIO(_polars_stream(frame.clear())))
    if without_rows.schema != frame.schema:
        return None
    return kind, [_polars_stream(frame)]


def _polars_stream(frame: Any) -> bytes:
    import polars

    stream = BytesIO()
    frame.rechunk().write_ipc_stream(stream, compat_level=polars.CompatLevel.newest())
    return stream.getvalue()


def _arrow_stream(table: Any) -> memoryview:
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        # However it was put together, an equal table has equal bytes.
        writer.write_table(table.combine_chunks())
    return memoryview(sink.getvalue())
