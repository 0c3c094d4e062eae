"""Rows that would show a difference between two engines."""

import numpy as np
import pandas as pd

from backend.versions.probes import probes
from backend.versions.signature import Signature, feature_of
from tests.backend.versions.tables import signature_of, table


def test_every_probe_is_a_row_that_a_caller_may_send() -> None:
    frame = table()
    signature = signature_of(frame, ["whole", "size", "colour", "member"], "two")
    for row in probes(signature, frame):
        np.testing.assert_equal(signature.read(signature.as_object(row)), row)


def test_probes_are_missing_and_unseen_where_that_may_be() -> None:
    frame = table()
    signature = signature_of(frame, ["whole", "size", "colour", "member"], "two")
    probed = pd.DataFrame(probes(signature, frame), columns=signature.names)
    assert probed["whole"].notna().all()
    assert 0.05 < probed["size"].isna().mean() < 0.15
    assert probed[["colour", "member"]].isna().any().all()
    assert set(probed["colour"].dropna()) - {"red", "green", "blue"}
    assert probed.iloc[-1].tolist()[1:] != probed.iloc[0].tolist()[1:]
    assert probed.iloc[-1][["size", "colour", "member"]].isna().all()
    closed = Signature(signature.features, "two", "binary", ("no", "yes"), "yes", False)
    strict = pd.DataFrame(probes(closed, frame), columns=signature.names)
    assert set(strict["colour"].dropna()) == {"red", "green", "blue"}


def test_numbers_are_probed_on_and_beside_the_middle_of_two_neighbours() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0] * 20})
    signature = Signature((feature_of(frame["x"]),), "two", "binary", ("no", "yes"), "yes")
    seen = {row[0] for row in probes(signature, frame)}
    assert {1.0, 2.0, 1.5, np.nextafter(1.5, 2), np.nextafter(1.5, 1)} <= seen
    assert float(np.nextafter(np.float32(1.5), np.float32(2))) in seen
    assert {0.0, 3.0} <= seen  # as far outside as what was seen is wide
