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
    case(
        "a column that shows an array's memory, and one that does not",
        "import numpy as np\nimport pandas as pd\na = np.arange(4.0)",
        "s, other = pd.Series(a, copy=False), pd.Series(a)",
        "a[0] = 99",
        "print(s.tolist(), other.tolist())",
        "s[1] = -1",
        "print(a, s.tolist())",
    ),
    case(
        "a frame that shows an array's memory",
        "import numpy as np\nimport pandas as pd",
        "a = np.arange(6.0).reshape(3, 2)\nframe = pd.DataFrame(a, copy=False)",
        "a[0, 0] = 99",
        "print(frame)\nframe.iloc[1, 1] = -1",
        "print(frame, a)",
    ),
    case(
        "values of a column that is written to once more columns are there",
        "import pandas as pd\nframe = pd.DataFrame({'t': [1.0, 2.0, 3.0], 'u': [4.0, 5.0, 6.0]})",
        "y = frame['t'].values",
        "frame['v'] = frame.u * 2",
        "frame.loc[frame.t > 2, 't'] = 100",
        "print(y, y.flags.writeable)",
    ),
    case(
        "frames in one list that copy before they are written to",
        """
        import pandas as pd
        frame = pd.DataFrame({'x': [1, 2, 3], 'y': pd.Categorical(['u', 'v', 'u'])})
        pair = [frame, frame.reset_index(drop=True), frame['x'], frame['y']]
        """,
        "pair[1].loc[0, 'x'] = 9\npair[1].loc[0, 'y'] = 'v'",
        "pair[2][1] = 8\npair[3][1] = 'u'",
        "print(*pair)",
        "pair[0].loc[2, 'x'] = 7",
        "print(frame, pair[2])",
    ),
    case(
        "an array and its own iterator",
        "import numpy as np\na = np.arange(4)\nflat = a.flat",
        "flat[0] = 9\nprint(next(flat))",
        "print(a, next(flat))",
        "a[2] = 7",
        "print(next(flat), flat.index)",
    ),
)
