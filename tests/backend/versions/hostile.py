"""Files that run something when joblib's own loader reads them: they leave a marker behind.

Each is the plain bytes of a pickle. The tests check that they run there, so that none is a dud.
"""

import contextlib
import copyreg
import io
import os
import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from joblib.numpy_pickle_compat import NDArrayWrapper
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

Make = Callable[[Path], bytes]
EXTENSION = 0xE7
NEVER = "which no artefact may hold"


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function: Any, *args: Any) -> None:
        self._call = (function, args)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self._call


def plain(value: object, protocol: int = 4) -> bytes:
    """joblib bytes, not compressed."""
    buffer = io.BytesIO()
    joblib.dump(value, buffer, protocol=protocol)
    return buffer.getvalue()


def touch(marker: Path) -> Call:
    """A call that leaves the marker behind."""
    return Call(os.system, f"touch {marker}")


def holding(value: object) -> BaseEstimator:
    """An estimator with a strange attribute."""
    model = LogisticRegression()
    model.coef_ = value
    return model


def text(value: str) -> bytes:
    """The instruction that pushes a short text."""
    return b"\x8c" + bytes([len(value)]) + value.encode()


def named(module: str, name: str) -> bytes:
    """The instructions that push what is called so."""
    return text(module) + text(name) + pickle.STACK_GLOBAL


def program(*instructions: bytes) -> bytes:
    """A pickle of protocol 4."""
    return b"\x80\x04" + b"".join(instructions) + pickle.STOP


def _called(module: str, name: str) -> Make:
    """A pickle that calls `module.name` with the shell's command as its only argument."""

    def make(marker: Path) -> bytes:
        command = text(f"touch {marker}")
        return program(named(module, name), command, pickle.TUPLE1, pickle.REDUCE)

    return make


def _objects(value: object) -> "np.ndarray[Any, np.dtype[np.object_]]":
    array = np.empty(1, dtype=object)
    array[0] = value
    return array


def _beside(marker: Path) -> bytes:
    """joblib's format until 0.9 kept arrays in files beside, which numpy loads with all in them."""
    file = marker.with_suffix(".npy")
    np.save(file, _objects(touch(marker)), allow_pickle=True)
    return pickle.dumps(NDArrayWrapper(str(file), np.ndarray, allow_mmap=False), 4)


def _by_extension(marker: Path) -> bytes:
    with contextlib.suppress(ValueError):  # registered by a test before
        copyreg.add_extension("posix", "system", EXTENSION)
    code = pickle.EXT1 + bytes([EXTENSION])
    return program(code, text(f"touch {marker}"), pickle.TUPLE1, pickle.REDUCE)


def _written(marker: Path) -> str:
    return f"open({str(marker)!r}, 'w').close()"


def _fetched(marker: Path) -> bytes:
    """`getattr(__import__("os"), "system")`, called."""
    module = named("builtins", "__import__") + text("os") + pickle.TUPLE1 + pickle.REDUCE
    return program(
        *(named("builtins", "getattr"), module, text("system"), pickle.TUPLE2, pickle.REDUCE),
        *(text(f"touch {marker}"), pickle.TUPLE1, pickle.REDUCE),
    )


# By name: how it is made, and part of the sentence that refuses it.
RUNNING: dict[str, tuple[Make, str]] = {
    "os.system": (lambda m: plain(touch(m)), f"it names `posix.system`, {NEVER}"),
    "subprocess.Popen": (
        lambda m: plain(Call(subprocess.Popen, ["touch", str(m)])),
        "it names `subprocess.Popen`",
    ),
    "eval": (lambda m: plain(Call(eval, _written(m))), "it names `builtins.eval`"),
    "exec": (lambda m: plain(Call(exec, _written(m))), "it names `builtins.exec`"),
    "getattr and __import__": (_fetched, "it names `builtins.getattr`"),
    "an attribute of a pipeline": (
        lambda m: plain(Pipeline([("scale", StandardScaler()), ("model", touch(m))])),
        "it names `posix.system`",
    ),
    "in an array of objects": (
        lambda m: plain(holding(_objects(touch(m)))),
        "it names `posix.system`",
    ),
    "in an array in an array": (
        lambda m: plain(holding(_objects([_objects(touch(m))]))),
        "it names `posix.system`",
    ),
    "protocol 2": (
        lambda m: plain(touch(m), protocol=2),
        "it has the instruction GLOBAL, which no artefact needs",
    ),
    "protocol 0": (
        lambda m: f"(S'touch {m}'\nios\nsystem\n.".encode(),
        "it has the instruction STRING, which no artefact needs",
    ),
    "a name with dots": (
        _called("joblib.numpy_pickle", "os.system"),
        "it names `joblib.numpy_pickle.os.system`",
    ),
    "a way out of a listed module": (
        _called("sklearn.pipeline", "np.lib._npyio_impl.os.system"),
        "it names `sklearn.pipeline.np.lib._npyio_impl.os.system`",
    ),
    "an extension code": (_by_extension, "it has the instruction EXT1"),
    "arrays in files beside": (_beside, "`joblib.numpy_pickle_compat.NDArrayWrapper`"),
}
