"""The shop of tables.ipynb: its branches, its prices, and what a sale is worth."""

from pathlib import Path

import numpy as np
import pandas as pd

BRANCHES = ("harbour", "market", "station")
PRICES = {"bread": 3.20, "butter": 2.49, "coffee": 6.99, "honey": 5.75, "tea": 4.10}


def deliver(folder: Path, branch: str, count: int) -> Path:
    """Write one branch's sales of a quarter as a CSV file; the same for the same arguments."""
    random = np.random.default_rng([BRANCHES.index(branch), count])
    sales = pd.DataFrame(
        {
            "day": pd.Timestamp("2026-01-01")
            + pd.to_timedelta(np.sort(random.integers(0, 90, count)), unit="D"),
            "product": random.choice(list(PRICES), count),
            "pieces": random.integers(1, 6, count),
        }
    )
    path = folder / f"{branch}.csv"
    sales.to_csv(path, index=False)
    return path


def with_revenue(sales: pd.DataFrame) -> pd.DataFrame:
    """Add what each sale brought in."""
    return sales.assign(revenue=sales["pieces"] * sales["product"].map(PRICES))
