"""Memory that is shown by more than arrays, and arrays that show more than memory."""

from __future__ import annotations

from tests.laws.cases.case import case

CASES = (
    case(
        "an array of the bytes of a bytearray",
        "import numpy as np\ndata = bytearray(8)\nshown = np.frombuffer(data, dtype=np.uint8)",
        "data[0] = 5",
        "print(shown)",
        "shown[1] = 7",
        "print(data, shown)",
    ),
    case(
        "memoryviews of parts of a bytearray, of an array and of a typed row",
        """
        import array
        import numpy as np
        data, numbers, row = bytearray(b"hello"), np.arange(6), array.array("i", [1, 2, 3])
        """,
        "part = memoryview(data)[1:3]\nwhole = memoryview(numbers)\nfirst = memoryview(row)[:1]",
        "part[0] = 74\nnumbers[2] = 20\nfirst[0] = 9",
        "print(data, whole.tolist(), row)\npart = whole = first = None",
    ),
    case(
        "an array that is mapped from a file to be read",
        "import numpy as np\nnp.arange(4, dtype='i4').tofile('x.dat')",
        "m = np.memmap('x.dat', dtype='i4', mode='r')",
        "print(m.mode, m.filename[-5:] if isinstance(m.filename, str) else m.filename.name)",
        "try:\n    m[0] = 5\nexcept ValueError as error:\n    print(error)\nm = None",
    ),
)
