"""Files that would break what loads them, or want what no artefact needs."""

import importlib
import pickle
import struct

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper
from sklearn.feature_selection import f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from tests.backend.versions.hostile import NEVER, Call, named, plain, program, text


def _built(target: bytes, state: bytes) -> bytes:
    return program(target, state, pickle.BUILD)


def _slots(module: str, name: str) -> bytes:
    """Sets `predict` of what is called so to None."""
    state = (
        *(pickle.NONE, pickle.EMPTY_DICT, text("predict"), pickle.NONE, pickle.SETITEM),
        pickle.TUPLE2,
    )
    return _built(named(module, name), b"".join(state))


def _dtype(code: str, *state: object) -> bytes:
    """A numpy type that says of itself what is not so."""
    made = named("numpy", "dtype") + text(code) + b"\x89\x88" + pickle.TUPLE3 + pickle.REDUCE
    return made + pickle.dumps(tuple(state), 4)[2:-1].split(b"\x95", 1)[-1][8:] + pickle.BUILD


def _wrapper(**state: object) -> bytes:
    """joblib's description of an array, and no array behind it."""
    described = {"subclass": np.ndarray, "shape": (1,), "order": "C", "dtype": np.dtype("f8")}
    empty = NumpyArrayWrapper(*(described | {"allow_mmap": False}).values())
    vars(empty).update(state)
    return pickle.dumps(empty, 4)


def _reduced(module: str, name: str, *args: object) -> bytes:
    return plain(Call(getattr(importlib.import_module(module), name), *args))


def _sized(code: bytes, size: int) -> bytes:
    return b"\x80\x05" + code + struct.pack("<Q", size) + b"few" + pickle.STOP


# By name: the plain bytes of a pickle, and part of the sentence that refuses it.
BREAKING: dict[str, tuple[bytes, str]] = {
    "numpy.load": (_reduced("numpy", "load", "/etc/passwd"), NEVER),
    "joblib.load": (_reduced("joblib", "load", "/etc/passwd"), NEVER),
    "pickle.loads": (_reduced("pickle", "loads", b"N."), NEVER),
    "import_module": (_reduced("importlib", "import_module", "antigravity"), NEVER),
    "attrgetter": (_reduced("operator", "attrgetter", "system"), NEVER),
    "an array from a file": (
        _reduced("joblib._memmapping_reducer", "_strided_from_memmap", *range(8)),
        "_strided_from_memmap",
    ),
    "a persistent id": (program(pickle.NONE, pickle.BINPERSID), "instruction BINPERSID"),
    "an instance by its arguments": (
        program(named("sklearn.pipeline", "Pipeline"), pickle.NONE, pickle.TUPLE1, pickle.NEWOBJ),
        "it makes an object in a way that none is made",
    ),
    "a listed class that is called": (
        program(named("sklearn.pipeline", "Pipeline"), pickle.EMPTY_TUPLE, pickle.REDUCE),
        "it calls a `ABCMeta`",
    ),
    "a class that is changed": (
        _slots("sklearn.linear_model._logistic", "LogisticRegression"),
        "it changes a `type` that it did not just make",
    ),
    "a function that is changed": (
        _slots("sklearn.feature_selection._univariate_selection", "f_classif"),
        "it changes a `function` that it did not just make",
    ),
    "a function to be called later": (
        plain(FunctionTransformer(func=f_classif)),
        "it holds a `FunctionTransformer` with unusual attributes",
    ),
    "_reconstruct of much": (
        _reduced("numpy._core.multiarray", "_reconstruct", np.ndarray, (1 << 40,), b"b"),
        "it calls `numpy._core.multiarray._reconstruct` with unusual arguments",
    ),
    "scalar of an object": (
        _reduced("numpy._core.multiarray", "scalar", np.dtype("f8"), "text"),
        "it calls `numpy._core.multiarray.scalar` with unusual arguments",
    ),
    "objects that are called numbers": (
        program(_dtype("O8", 3, "|", None, None, None, -1, -1, 0)),
        "it holds an array of an unusual type",
    ),
    "objects within records": (
        plain(np.zeros(1, [("a", "O"), ("b", "f8")])),
        "it holds an array of an unusual type",
    ),
    "an array of another class": (_wrapper(subclass=np.matrix), NEVER),
    "an array of no type": (_wrapper(dtype="f8"), "it holds an array of an unusual kind"),
    "an array of a negative shape": (
        _wrapper(shape=(-1,)),
        "it holds an array of an unusual shape",
    ),
    "an array larger than its file": (
        _wrapper(shape=(1 << 40,)),
        "it claims 8,796,093,022,208 bytes that are not there",
    ),
    "bytes larger than the file": (
        _sized(pickle.BYTEARRAY8, 1 << 40),
        "it claims 1,099,511,627,776 bytes that are not there",
    ),
    "an estimator that is added to": (
        program(
            named("sklearn.pipeline", "Pipeline"),
            *(pickle.EMPTY_TUPLE, pickle.NEWOBJ, text("steps"), pickle.NONE, pickle.SETITEM),
        ),
        "it adds to a `Pipeline`",
    ),
    "no estimator": (plain([1, 2]), "it holds a `list` and no scikit-learn estimator"),
    "bytes behind the end": (plain(LogisticRegression()) + b"N.", "there are bytes behind its end"),
}
