"""What the restricted loader refuses, and that what it does not refuse is what was packed."""

import bz2
import contextlib
import copyreg
import gzip
import io
import lzma
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from joblib.numpy_pickle_compat import write_zfile
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from backend.errors import TooLarge
from backend.versions import machine, unpickler
from backend.versions.permitted import CALLS, INSTANCES, VALUES, Forbidden, OtherRelease
from tests.backend.versions import honest
from tests.backend.versions.breaking import BREAKING
from tests.backend.versions.hostile import EXTENSION, RUNNING, holding, plain, touch


def _zfile(content: bytes) -> bytes:
    file = io.BytesIO()
    write_zfile(file, content)
    return file.getvalue()


SQUEEZERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "lzma": lambda content: lzma.compress(content, lzma.FORMAT_ALONE),
    "xz": lzma.compress,
    "lz4": lambda content: b"\x04\x22\x4d\x18" + content,  # its first bytes decide the loader
    "joblib 0.9": _zfile,
    "none": lambda content: content,
}


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[Path]:
    """What a file that runs leaves behind."""
    yield tmp_path / "ran"
    with contextlib.suppress(ValueError):
        copyreg.remove_extension("posix", "system", EXTENSION)


def _fitted(kind: type) -> Any:
    return next(made for made, _ in honest.cases() if type(made) is kind)


@pytest.mark.filterwarnings("ignore")  # joblib's own loader warns of old formats
@pytest.mark.parametrize("name", RUNNING)
def test_what_runs_in_joblibs_loader_is_refused_and_does_not_run(name: str, marker: Path) -> None:
    make, refusal = RUNNING[name]
    content = make(marker)
    with contextlib.suppress(Exception):
        joblib.load(io.BytesIO(content))
    for _ in range(200):  # a process of its own may still be on its way
        if marker.exists():
            break
        time.sleep(0.01)
    marker.unlink()  # so it is no dud
    with pytest.raises(Forbidden) as refused:
        unpickler.load(zlib.compress(content))
    assert refusal in str(refused.value)
    assert not marker.exists()


@pytest.mark.parametrize("name", BREAKING)
def test_what_would_break_the_process_is_refused(name: str) -> None:
    content, refusal = BREAKING[name]
    with pytest.raises(Forbidden) as refused:
        unpickler.load(zlib.compress(content))
    assert refusal in str(refused.value)


@pytest.mark.parametrize("squeezer", SQUEEZERS)
def test_only_zlib_is_read(squeezer: str, marker: Path) -> None:
    with pytest.raises(Forbidden, match="it is not compressed by zlib"):
        unpickler.load(SQUEEZERS[squeezer](plain(touch(marker))))
    assert not marker.exists()


def test_refusing_to_change_a_class_leaves_it_as_it_is() -> None:
    content, _ = BREAKING["a class that is changed"]
    with pytest.raises(Forbidden):
        unpickler.load(zlib.compress(content))
    assert callable(LogisticRegression.predict)


def test_small_bytes_do_not_become_many() -> None:
    with pytest.raises(Forbidden, match="it has more than 64 MB when decompressed"):
        unpickler.load(zlib.compress(bytes(65 << 20)))


def test_an_honest_estimator_of_zeros_is_packed_so_that_it_can_be_loaded() -> None:
    content = unpickler.dump(holding(np.zeros(9 << 20)))
    assert not unpickler.load(content).coef_.any()


def test_an_estimator_over_the_limit_is_refused_when_it_is_packed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unpickler, "MOST_BYTES", 1 << 20)
    with pytest.raises(TooLarge, match=r"The estimator has 2 MB; the limit is 1 MB\. Train a"):
        unpickler.dump(np.zeros(2 << 17))


def test_more_instructions_than_the_limit_are_refused_also_within_arrays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forest = unpickler.dump(_fitted(GradientBoostingClassifier))
    assert unpickler.load(forest) is not None
    monkeypatch.setattr(machine, "MOST_INSTRUCTIONS", 1_000)
    with pytest.raises(Forbidden, match="it has more than 1,000 instructions"):
        unpickler.load(forest)


@pytest.mark.parametrize("cut", [0, 1, 10, 100, -1])
def test_a_part_of_a_file_is_refused(cut: int) -> None:
    content = unpickler.dump(_fitted(LogisticRegression))
    with pytest.raises(Forbidden, match="it is cut short, or there are bytes behind its end"):
        unpickler.load(content[:cut])
    with pytest.raises(Forbidden, match="it is cut short, or there are bytes behind its end"):
        unpickler.load(content + b"more")


def test_an_estimator_of_another_release_is_refused() -> None:
    model = _fitted(LogisticRegression)
    content = zlib.compress(plain(model).replace(b"1.9.1", b"1.2.2"))
    with pytest.raises(OtherRelease, match=r"1\.2\.2"):
        unpickler.load(content)


@pytest.mark.parametrize("protocol", [4, 5])
def test_honest_estimators_answer_as_they_did(protocol: int) -> None:
    assert len({type(made) for made, _ in honest.cases()}) > 60
    for made, rows in honest.cases():
        found = unpickler.load(zlib.compress(plain(made, protocol)))
        assert type(found) is type(made)
        for method in ("predict", "predict_proba"):
            if hasattr(made, method):
                expected, answers = getattr(made, method)(rows), getattr(found, method)(rows)
                assert expected.dtype == answers.dtype
                assert np.array_equal(expected, answers), made


def test_the_list_has_what_honest_estimators_name_and_nothing_else() -> None:
    named: set[tuple[str, str]] = set()

    class Recorder(machine.Machine):
        def find_class(self, module: str, name: str) -> Any:
            named.add((module, name))
            return super().find_class(module, name)

        def nested(self) -> machine.Machine:
            return Recorder(self.file_handle, self.size, self.ticks)

    for made, _ in honest.cases():
        content = plain(made)
        Recorder(io.BytesIO(content), len(content)).load()
    assert named == INSTANCES | VALUES | set(CALLS)
