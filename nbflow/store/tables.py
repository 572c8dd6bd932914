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


def layout_of(column: Any) -> tuple[tuple[int, bool], ...] | None:
    """Of a frame's column its pieces, and whether each says which items are missing.

    One may say so of none: a frame's memory usage tells. None where a stream gives just the same.
    """
    import pyarrow

    kind = column.type
    if pyarrow.types.is_nested(kind) or pyarrow.types.is_dictionary(kind) or not len(column):
        return None
    layout = tuple((len(each), each.buffers()[0] is not None) for each in column.chunks)
    if (0, False) in layout or (0, True) in layout:
        return None
    return None if layout == ((len(column), column.null_count > 0),) else layout


def in_pieces(column: Any) -> Buffer:
    """The stream of a column that is to be laid out again."""
    import pyarrow

    return _arrow_stream(pyarrow.table([column], names=[""]), combined=False)


def laid_out(column: Any, layout: Sequence[tuple[int, bool]]) -> Any:
    """A column whose pieces say again which items are missing, or do not."""
    import pyarrow

    pieces: list[Any] = []
    for piece, (length, says) in zip(column.chunks, layout, strict=True):
        missing, *others = piece.buffers()
        if says != (missing is not None):
            bits = pyarrow.py_buffer(b"\xff" * -(-(piece.offset + length) // 8)) if says else None
            # With an unknown number of missing items they are kept, though there are none.
            told = [bits, *others], -1 if says else 0, piece.offset
            piece = pyarrow.Array.from_buffers(piece.type, length, *told)
        pieces.append(piece)
    return pyarrow.chunked_array(pieces, column.type)


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


def _arrow_stream(table: Any, combined: bool = True) -> memoryview:
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        # However it was put together, an equal table has equal bytes.
        writer.write_table(table.combine_chunks() if combined else table)
    return memoryview(sink.getvalue())
