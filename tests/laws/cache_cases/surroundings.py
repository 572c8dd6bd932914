"""The environment, the machine and the clock: C36 to C42, C45 and C59."""

# A row on each line: they are to be compared.
# ruff: noqa: E501

from __future__ import annotations

from tests.laws.cache_cases.case import Case, both, edits, nothing, puts, sets, unsets

OTHER = "%%step b\ny = 5"
A = {"NBF_A": "one", "NBF_B": "one"}
#: Ways to read ``NBF_A``.
_READ = {
    "os.environ": "import os\nx = os.environ['NBF_A']",
    "os.environ.get": "import os\nx = os.environ.get('NBF_A')",
    "os.getenv": "import os\nx = os.getenv('NBF_A', '')",
    "from os import environ": "from os import environ\nx = environ['NBF_A']",
    "from os import getenv": "from os import getenv\nx = getenv('NBF_A')",
    "as bytes": "import os\nx = os.environb[b'NBF_A']",
    "os.getenvb": "import os\nx = os.getenvb(b'NBF_A')",
    "in": "import os\nx = os.environ['NBF_A'] if 'NBF_A' in os.environ else ''",
    "expandvars": "import os\nx = os.path.expandvars('$NBF_A/x')",
    "a helper": "import os\ndef h():\n    return os.environ['NBF_A']\nx = h()",
    "setdefault": "import os\nx = os.environ.setdefault('NBF_A', 'none')",
    "a comprehension": "import os\nx = sorted(v for k, v in os.environ.items() if k == 'NBF_A')",
    "a copy": "import os\nx = dict(os.environ)['NBF_A']",
    "a copy of its own": "import os\nx = os.environ.copy()['NBF_A']",
    "the env magic": "x = %env NBF_A",
    "a thread": "import os, threading\nx = []\n"
    "t = threading.Thread(target=lambda: x.append(os.environ['NBF_A']))\nt.start()\nt.join()\ndel t",
    "a shell line": "x = !echo $NBF_A",
    "a child process": "import subprocess\nx = subprocess.check_output('echo $NBF_A', shell=True)",
    "a Python child": "import subprocess, sys\n"
    "x = subprocess.check_output([sys.executable, '-c', \"import os; print(os.environ['NBF_A'])\"])",
}


def _read() -> list[Case]:
    found = []
    for title, source in _READ.items():
        cells = (f"%%step a\n{source}", OTHER)
        found.append(
            Case(
                "C37",
                f"{title}, read",
                cells,
                sets(NBF_A="two"),
                "a",
                environment=A,
                everyday=title == "os.environ",
            )
        )
        copied = "copy" in title or title == "a comprehension"
        found.append(
            Case(
                "C37",
                f"{title}, unread",
                cells,
                sets(NBF_B="two"),
                "a" if copied else "",
                environment=A,
            )
        )
    return found


#: What the standard library looks up in variables for a step, one of these, and another value.
_LOOKED_UP = {
    "where temporary files lie": ("import tempfile\nx = tempfile.gettempdir()", "TMPDIR", "/var"),
    "where temporary files lie, by a name of its own": (
        "from tempfile import gettempdir\nx = gettempdir()",
        "TMPDIR",
        "/var",
    ),
    "the proxies": (
        "import urllib.request\nx = urllib.request.getproxies().get('http')",
        "http_proxy",
        "http://two:1",
    ),
    "the proxies of a library": (
        "import requests\nx = requests.utils.get_environ_proxies('http://a.org').get('http')",
        "http_proxy",
        "http://two:1",
    ),
    "how wide the terminal is": (
        "import shutil\nx = shutil.get_terminal_size().columns",
        "COLUMNS",
        "61",
    ),
}


def _looked_up() -> list[Case]:
    found = []
    for title, (source, name, value) in _LOOKED_UP.items():
        cells = (f"%%step a\n{source}", OTHER)
        needs = ["requests"] if "library" in title else []
        found.append(Case("C37", title, cells, sets(**{name: value}), "a", needs=needs))
    cells = (
        "%%step a\nimport tempfile\nwith tempfile.TemporaryFile() as f:\n    x = 1\ndel f",
        OTHER,
    )
    return [*found, Case("C37", "a temporary file, elsewhere", cells, sets(TMPDIR="/var"))]


_RANDOM = {
    "datetime.now": "import datetime\nx = datetime.datetime.now()",
    "time.time": "import time\nx = time.time()",
    "uuid4": "import uuid\nx = uuid.uuid4()",
    "urandom": "import os\nx = os.urandom(4)",
}

CASES = (
    *_read(),
    *_looked_up(),
    Case(
        "C37",
        "a variable that was not set",
        ("%%step a\nimport os\nx = os.environ.get('NBF_NEW', '')", OTHER),
        sets(NBF_NEW="one"),
        "a",
    ),
    Case(
        "C37",
        "a variable that is no longer set",
        ("%%step a\nimport os\nx = os.environ.get('NBF_A', '')", OTHER),
        unsets("NBF_A"),
        "a",
        environment=A,
    ),
    Case(
        "C37",
        "a variable that is empty, and then not set",
        ("%%step a\nimport os\nx = os.environ.get('NBF_A', 'none')", OTHER),
        unsets("NBF_A"),
        "a",
        environment={"NBF_A": ""},
    ),
    Case(
        "C37",
        "in a module at import",
        ("import conf", "%%step a\nx = conf.A", OTHER),
        sets(NBF_A="two"),
        "a",
        files={"conf.py": "import os\nA = os.environ['NBF_A']\n"},
        environment=A,
    ),
    Case(
        "C37",
        "in a module, unread",
        ("import conf", "%%step a\nx = conf.A", OTHER),
        sets(NBF_B="two"),
        files={"conf.py": "import os\nA = os.environ['NBF_A']\n"},
        environment=A,
        everyday=True,
    ),
    Case(
        "C37",
        "in a set-up cell",
        ("%%setup\nimport os\nA = os.environ['NBF_A']", "%%step a\nx = A"),
        sets(NBF_A="two"),
        "a",
        environment=A,
    ),
    Case(
        "C37",
        "set by the step's own option",
        ("%%step a --env NBF_A=mine\nimport os\nx = os.environ['NBF_A']", OTHER),
        sets(NBF_A="two"),
        environment=A,
    ),
    Case(
        "C37",
        "set by the step itself",
        ("%%step a\nimport os\nos.environ['NBF_A'] = 'mine'\nx = os.environ['NBF_A']", OTHER),
        sets(NBF_A="two"),
        environment=A,
    ),
    Case(
        "C37",
        "set by a step above",
        (
            "%%step k\nimport os\nos.environ['NBF_A'] = 'mine'\nk = 1",
            "%%step a\nimport os\nx = os.environ['NBF_A'], k",
        ),
        sets(NBF_A="two"),
        environment=A,
    ),
    Case(
        "C37",
        "changed by a step above",
        (
            "%%step k\nimport os\nos.environ['NBF_A'] = 'mine'\nk = 1",
            "%%step a\nimport os\nx = os.environ['NBF_A'], k",
        ),
        edits("'mine'", "'yours'"),
        "k a",
        environment=A,
    ),
    Case(
        "C37",
        "given to a child process by name",
        (
            "%%step a\nimport os, subprocess\n"
            "x = subprocess.check_output('echo $A', shell=True, env={'A': os.environ['NBF_A']})",
            OTHER,
        ),
        sets(NBF_B="two"),
        environment=A,
    ),
    Case(
        "C37",
        "of a foreach's split",
        (
            "names = ['NBF_A', 'NBF_B']",
            "%%foreach name in names\nimport os\nt = os.environ[name]",
            OTHER,
        ),
        sets(NBF_B="two"),
        "t",
        environment=A,
    ),
    Case(
        "C37",
        "libraries read what they like",
        (
            "%%step a\nimport numpy as np\nimport pandas as pd\n"
            "x = pd.DataFrame({'v': np.arange(3)})\nx",
            OTHER,
        ),
        sets(NBF_A="two", COLUMNS="60"),
        environment=A,
    ),
    Case(
        "C39",
        "the time zone",
        ("%%step a\nimport time\nx = time.localtime(0).tm_hour", OTHER),
        sets(TZ="Asia/Tokyo"),
        "a b",
        environment={"TZ": "UTC"},
    ),
    Case(
        "C39",
        "the time zone of a datetime",
        ("%%step a\nimport datetime\nx = datetime.datetime.fromtimestamp(0).hour", OTHER),
        sets(TZ="Asia/Tokyo"),
        "a b",
        environment={"TZ": "UTC"},
        everyday=True,
    ),
    Case(
        "C39",
        "the locale",
        ("%%step a\nimport locale\nx = locale.getlocale()", OTHER),
        sets(LC_ALL="C.UTF-8"),
        "a b",
        environment={"LC_ALL": "C"},
    ),
    Case(
        "C39",
        "another name of the same time zone",
        ("%%step a\nx = 1",),
        nothing,
        environment={"TZ": "UTC"},
    ),
    *(
        Case("C40", title, (f"%%step a\n{source}\nx = 1", OTHER), nothing)
        for title, source in _RANDOM.items()
    ),
    Case(
        "C41",
        "random, unseeded",
        (
            "%%step a\nimport random\nx = random.random()",
            "%%step b\nimport random\ny = random.random()",
        ),
        nothing,
    ),
    Case(
        "C41",
        "numpy, unseeded",
        (
            "import numpy as np",
            "%%step a\nx = np.random.rand(3)",
            "%%step b\ny = np.random.rand(3)",
        ),
        nothing,
    ),
    Case(
        "C41",
        "numpy, unseeded, in splits",
        ("import numpy as np", "%%foreach i in range(3)\nt = np.random.rand(3)"),
        nothing,
    ),
    Case(
        "C58",
        "a data file given another name and a step that reads the old one",
        ("%%step a\nx = open('d.txt').read()", OTHER),
        both(puts("e.txt", "one")),
        files={"d.txt": "one"},
    ),
)
