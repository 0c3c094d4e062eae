"""Tables that the tests of training share."""

import numpy as np
import pandas as pd


def mixed(rows: int = 160, seed: int = 3) -> pd.DataFrame:
    """Every kind of column, missing values in each but `count`, and a target of each task.

    `risk` follows `size`, `colour` and `member`, with noise.
    """
    draw = np.random.default_rng(seed)
    size = draw.normal(10, 2, rows)
    colour = draw.choice(["red", "green", "blue"], rows)
    member = draw.random(rows) < 0.5
    risk = 0.5 * (size - 10) + (colour == "red") - member + draw.normal(0, 0.3, rows)
    frame = pd.DataFrame(
        {
            "size": size,
            "count": draw.integers(0, 50, rows),
            "colour": colour.astype(object),
            "member": member.astype(object),
            "risk": risk,
            "bought": np.where(risk > 0, "yes", "no"),
            "grade": np.select([risk < -0.7, risk < 0.7], [1, 2], 3),
        }
    )
    for place, name in enumerate(("size", "colour", "member")):
        frame.loc[frame.index % 11 == place, name] = None
    return frame


def csv_of(frame: pd.DataFrame) -> bytes:
    """The table as a CSV file's bytes."""
    return frame.to_csv(index=False).encode()
