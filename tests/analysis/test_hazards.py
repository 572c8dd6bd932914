"""Which calls in a source give something else each time."""

from __future__ import annotations

import pytest

from nbflow.analysis import analyse


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("t = time.time()", ["clock"]),
        ("from time import time\nt = time()", ["clock"]),
        ("t = datetime.datetime.now()", ["clock"]),
        ("t = dt.now(timezone.utc)", ["clock"]),
        ("t = pd.Timestamp.today()\nu = date.today()", ["clock", "clock"]),
        ("t = [datetime.utcnow() for _ in range(3)]", ["clock"]),
        ("%time t = time.time_ns()", ["clock"]),
        ("print(time.strftime('%Y', time.localtime()))", ["clock"]),
        ("x = g(lambda: time.time())", ["clock"]),
        ("print(time.strftime('%Y'))", ["clock"]),
        ("t = pd.Timestamp('now')\nd = np.datetime64('today')", ["clock", "clock"]),
        ("rng = np.random.default_rng()", ["randomness"]),
        ("rng = default_rng(None)", ["randomness"]),
        ("r = random.Random()", ["randomness"]),
        ("u = uuid.uuid4()\nk = os.urandom(8)\ns = secrets.token_hex()", ["randomness"] * 3),
        ("a = time.time()\nb = time.time()", ["clock"]),
    ],
)
def test_what_asks_the_clock_or_the_system_is_told(body: str, kinds: list[str]) -> None:
    assert [hazard.kind for hazard in analyse(body).hazards] == kinds


@pytest.mark.parametrize(
    "body",
    [
        "rng = np.random.default_rng(0)",
        "rng = np.random.default_rng(seed=n)",
        "random.seed(0)\nx = random.random()",
        "when = stamp.time()",
        "when = time.localtime(0)",
        "print(time.strftime('%Y', when), when.strftime('%Y'))",
        "t = pd.Timestamp('2020-01-01')\nd = np.datetime64(b)",
        "t = time.perf_counter()\n%timeit f()",
        "now = 1\ntoday(now)",
        "import time\ndef stamp():\n    return time.time()",
        "x = model.random_state",
    ],
)
def test_what_gives_the_same_each_time_is_no_hazard(body: str) -> None:
    assert analyse(body).hazards == ()


def test_a_definition_has_its_own() -> None:
    facts = analyse("def stamp():\n    return time.time()\nclass Run:\n    id = uuid.uuid4()")
    assert [[h.text for h in d.hazards] for d in facts.definitions] == [
        ["time.time()"],
        ["uuid.uuid4()"],
    ]
