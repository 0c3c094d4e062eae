"""joblib's unpickler with most of it taken out.

A pickle is a program for a small machine. This one knows only the instructions that today's
pickler writes, only the names of an exact list (`permitted.py`), only calls whose arguments were
looked at, and gives attributes only to objects that were just made.
"""

import importlib
import io
import math
import pickle
import pickletools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler, Unpickler
from sklearn.utils import Bunch

from backend.versions.arrays import check_array, is_shape, state_of_dtype
from backend.versions.permitted import CALLS, INSTANCES, STATES, VALUES, Forbidden, OtherRelease

MOST_INSTRUCTIONS = 20_000_000
"""So that small bytes cannot ask for many objects; a forest of 1,000 deep trees needs 200,000."""


@dataclass(frozen=True)
class _Call:
    """A callable of the list; only the machine calls it, so it may lie anywhere in an estimator."""

    name: tuple[str, str]

    def make(self, args: object) -> Any:
        if type(args) is not tuple or not CALLS[self.name](args):
            raise Forbidden(f"it calls `{_dotted(*self.name)}` with unusual arguments")
        return _found(*self.name)(*args)


class Machine(NumpyUnpickler):  # type: ignore[misc]  # joblib ships no types
    """Reads one pickle, with the arrays that joblib puts between its instructions."""

    def __init__(self, file: io.BytesIO, size: int, ticks: Iterator[int] | None = None) -> None:
        """Over a file of `size` bytes; `ticks` are the instructions that are left to it."""
        super().__init__("", file, ensure_native_byte_order=True)
        self.size = size
        self.ticks = iter(range(MOST_INSTRUCTIONS)) if ticks is None else ticks
        # All bytes are there, so the frames in them need no buffers of their own.
        self.read, self.readinto = file.read, file.readinto
        self.stack: list[Any] = []
        self.metastack: list[list[Any]] = []
        self.append = self.stack.append
        self._classes: set[type] = set()
        self._new: dict[int, object] = {}  # made and not built yet, by id; held, so ids stay theirs

    def load(self) -> Any:
        """Run to the end and return what is on the stack then."""
        read, dispatch, stop = self.read, self.dispatch, pickle.STOP
        for _ in self.ticks:
            code = read(1)
            if code == stop:
                return self.stack.pop()
            if not code:
                raise EOFError("the bytes end too early")
            dispatch[code[0]](self)
        raise Forbidden(f"it has more than {MOST_INSTRUCTIONS:,} instructions")

    def find_class(self, module: str, name: str) -> Any:
        """What an instruction names, if it is on the list."""
        if (module, name) in CALLS:
            return _Call((module, name))
        if (module, name) not in INSTANCES and (module, name) not in VALUES:
            raise Forbidden(f"it names `{_dotted(module, name)}`, which no artefact may hold")
        found = _found(module, name)
        if (module, name) in INSTANCES:
            self._classes.add(found)
        return found

    def load_frame(self) -> None:
        self.read(8)

    def load_bytearray8(self) -> None:
        (size,) = struct.unpack("<Q", self.read(8))
        self.append(bytearray(self.read(self._sized(size))))

    def load_reduce(self) -> None:
        args, call = self.stack.pop(), self.stack[-1]
        if type(call) is not _Call:
            raise Forbidden(f"it calls a `{type(call).__name__}`")
        self.stack[-1] = self._made(call.make(args))

    def load_newobj(self) -> None:
        args: object = self.stack.pop()
        kind: Any = self.stack[-1]
        if kind not in self._classes or args != ():
            raise Forbidden("it makes an object in a way that none is made")
        self.stack[-1] = self._made(kind.__new__(kind))

    def load_build(self) -> None:
        state, target = self.stack[-1], self.stack[-2]
        if self._new.pop(id(target), self) is not target:
            raise Forbidden(f"it changes a `{type(target).__name__}` that it did not just make")
        if type(target) is NumpyArrayWrapper:
            del self.stack[-2:]
            self.append(self._array(state))
            return
        if isinstance(target, np.dtype):
            self.stack[-1] = state_of_dtype(target, state)
        elif isinstance(target, np.ndarray):
            check_array(state)
        else:
            _check_state(target, state)
        _BUILD(self)

    def load_append(self) -> None:
        self._only(self.stack[-2], list)
        super().load_append()

    def load_appends(self) -> None:
        self._only(self.metastack[-1][-1], list)
        super().load_appends()

    def load_setitem(self) -> None:
        self._only(self.stack[-3], dict, Bunch)
        super().load_setitem()

    def load_setitems(self) -> None:
        self._only(self.metastack[-1][-1], dict, Bunch)
        super().load_setitems()

    def load_additems(self) -> None:
        self._only(self.metastack[-1][-1], set)
        super().load_additems()

    def _only(self, target: object, *kinds: type) -> None:
        if type(target) not in kinds:
            raise Forbidden(f"it adds to a `{type(target).__name__}`")

    def _made(self, found: Any) -> Any:
        self._new[id(found)] = found
        return found

    def _sized(self, size: int) -> int:
        """A size that the bytes claim: nothing is made larger than what is left of them."""
        if size > self.size - self.file_handle.tell():
            raise Forbidden(f"it claims {size:,} bytes that are not there")
        return size

    def nested(self) -> "Machine":
        """A machine for a pickle within this one: the same rules, what is left of the limits."""
        return Machine(self.file_handle, self.size, self.ticks)

    def _array(self, state: dict[str, Any]) -> Any:
        """An array as joblib writes it: described by a wrapper, its bytes behind that."""
        wrapper = NumpyArrayWrapper(**state)
        shape, dtype = wrapper.shape, wrapper.dtype
        if wrapper.subclass is not np.ndarray or not isinstance(dtype, np.dtype):
            raise Forbidden("it holds an array of an unusual kind")
        if wrapper.order not in {"C", "F"} or not is_shape(shape):
            raise Forbidden("it holds an array of an unusual shape")
        if not dtype.hasobject:
            self._sized(math.prod(shape) * max(dtype.itemsize, 1))
            return wrapper.read(self, ensure_native_byte_order=True)
        # A pickle within the pickle, and joblib would read it with a machine of its own.
        array = self.nested().load()
        if not isinstance(array, np.ndarray) or (array.shape, array.dtype) != (shape, dtype):
            raise Forbidden("it holds an array that is not as described")
        return array


def _check_state(target: object, state: object) -> None:
    kind = type(target)
    if (
        type(state) is dict
        and state.get("_sklearn_version", sklearn.__version__) != sklearn.__version__
    ):
        raise OtherRelease(state["_sklearn_version"])
    check = STATES.get((kind.__module__, kind.__name__), lambda _: True)
    if not check(state) or not (hasattr(target, "__setstate__") or type(state) is dict):
        raise Forbidden(f"it holds a `{kind.__name__}` with unusual attributes")


def _refuse(code: int) -> Callable[[Machine], None]:
    def handler(_: Machine) -> None:
        name = _NAMES.get(code, code)
        raise Forbidden(f"it has the instruction {name}, which no artefact needs")

    return handler


_BUILD = Unpickler.dispatch[pickle.BUILD[0]]  # joblib's own would read arrays by itself
_NAMES = {ord(op.code): op.name for op in pickletools.opcodes}
_AS_IT_IS = (
    *("PROTO", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8"),
    *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    *("EMPTY_LIST", "EMPTY_TUPLE", "EMPTY_DICT", "EMPTY_SET", "FROZENSET"),
    *("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "MARK", "POP", "POP_MARK"),
    *("MEMOIZE", "BINGET", "LONG_BINGET", "STACK_GLOBAL"),
)
_WATCHED = {
    pickle.FRAME: Machine.load_frame,
    pickle.BYTEARRAY8: Machine.load_bytearray8,
    pickle.REDUCE: Machine.load_reduce,
    pickle.NEWOBJ: Machine.load_newobj,
    pickle.BUILD: Machine.load_build,
    pickle.APPEND: Machine.load_append,
    pickle.APPENDS: Machine.load_appends,
    pickle.SETITEM: Machine.load_setitem,
    pickle.SETITEMS: Machine.load_setitems,
    pickle.ADDITEMS: Machine.load_additems,
}
Machine.dispatch = (
    {code: _refuse(code) for code in range(256)}
    | {getattr(pickle, n)[0]: NumpyUnpickler.dispatch[getattr(pickle, n)[0]] for n in _AS_IT_IS}
    | {code[0]: handler for code, handler in _WATCHED.items()}
)


def _found(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _dotted(module: str, name: str) -> str:
    return f"{module}.{name}"[:120]
