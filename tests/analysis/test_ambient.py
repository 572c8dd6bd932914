"""What a cell sets for the whole process."""

from __future__ import annotations

import pytest

from nbflow.analysis import analyse


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("np.random.seed(0)", ["np.random.seed(…)"]),
        ("if n:\n    random.seed(n)", ["random.seed(…)"]),
        ("plt.rcParams['font.size'] = 8", ["plt.rcParams['font.size'] = …"]),
        ("pd.options.display.width = 80", ["pd.options.display.width = …"]),
        (
            "os.environ['K'] = 'v'\nsys.path.append('.')",
            ["os.environ['K'] = …", "sys.path.append(…)"],
        ),
        ("def f():\n    np.random.seed(0)", []),
        ("rng = np.random.default_rng(0)\nrng.shuffle(xs)", []),
        ("seed(0)", []),
        ("df['rc'] = 1\ndf.options = 2", []),
    ],
)
def test_what_is_set_for_the_whole_process_is_told(body: str, expected: list[str]) -> None:
    assert [text for _, text, _ in analyse(body).ambient] == expected
