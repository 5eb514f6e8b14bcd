"""Batches out to the library and answers back: packing records with their arena, and reading buffers."""

from __future__ import annotations

import ctypes as _c
import struct
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from . import _abi, records
from ._library import library
from ._values import Arena, exactly, from_time
from .constants import CommandKind, ExecuteFlags, Status
from .errors import InvalidInput, QenexError


class Packable(Protocol):
    """A record that a program fills."""

    _struct: struct.Struct

    def _pack(self, arena: Arena) -> bytes: ...


R = TypeVar("R")


def pack(items: Sequence[Any], arena: Arena) -> bytes:
    """The records one after another. What does not fit a field is an error that names the item."""
    parts = []
    for index, item in enumerate(items):
        try:
            parts.append(item._pack(arena))
        except UnicodeEncodeError as error:
            raise InvalidInput(Status.INVALID_UTF8, str(error), index) from error
        except (struct.error, ValueError, TypeError, AttributeError) as error:
            raise InvalidInput(Status.INVALID_ARGUMENT, f"{type(item).__name__}: {error}", index) from error
    return b"".join(parts)


_COMMAND = struct.Struct("<IIII32x")


def pack_commands(items: Sequence[Any], arena: Arena) -> bytes:
    """A mixed batch: each record into the arena, and what says of which kind it is and where it lies."""
    parts = []
    for index, item in enumerate(items):
        kind = records.COMMANDS.get(type(item))
        if kind is None:
            raise InvalidInput(Status.KIND_UNKNOWN, f"{type(item).__name__} is no command", index)
        offset, size = arena.put(pack([item], arena))
        parts.append(_COMMAND.pack(kind, 0, offset, size))
    return b"".join(parts)


def kind_of(items: Sequence[Any]) -> CommandKind:
    """The kind of a batch: that of its items when all are of one class."""
    classes = {type(item) for item in items}
    if len(classes) == 1:
        return records.COMMANDS.get(classes.pop(), CommandKind.MIXED)
    return CommandKind.MIXED


def execute_options(time: datetime | None, dry_run: bool, trace: bytes) -> _abi.RawExecuteOptions:
    options = _abi.RawExecuteOptions()
    options.struct_size = _c.sizeof(options)
    options.flags = ExecuteFlags.DRY_RUN if dry_run else 0
    try:
        options.time = from_time(time)
        options.trace[:] = exactly(16, trace) if trace else bytes(16)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(Status.INVALID_ARGUMENT, str(error)) from error
    return options


def set_numbers(options: Any, numbers: dict[str, int]) -> None:
    """Sets numbers of an option struct; ctypes would cut off what does not fit."""
    for name, value in numbers.items():
        setattr(options, name, value)
        if getattr(options, name) != value:
            raise InvalidInput(Status.INVALID_ARGUMENT, f"{name} is out of range: {value}")


def arena_arguments(arena: Arena) -> tuple[bytes | None, int]:
    return (bytes(arena.data), len(arena.data)) if arena.data else (None, 0)


def as_list(items: Iterable[R]) -> list[R]:
    return items if isinstance(items, list) else list(items)


def results_of(raw: bytes, count: int) -> list[records.Result]:
    view = memoryview(raw)
    size = records.Result._struct.size
    return [records.Result._unpack(view, index * size, b"") for index in range(count)]


class Buffer:
    """What the library made: read, then freed at the end of the with block."""

    def __init__(self) -> None:
        self.handle = _c.c_void_p()

    def __enter__(self) -> Buffer:
        return self

    def __exit__(self, *_: object) -> None:
        if self.handle.value:
            library().qenex_buffer_free(self.handle)
            self.handle = _c.c_void_p()

    def out(self) -> Any:
        return _c.byref(self.handle)

    @property
    def arena(self) -> bytes:
        length = _c.c_size_t()
        start = library().qenex_buffer_arena(self.handle, _c.byref(length))
        return _c.string_at(start, length.value) if start else b""

    @property
    def cursor(self) -> bytes | None:
        length = _c.c_size_t()
        start = library().qenex_buffer_cursor(self.handle, _c.byref(length))
        return _c.string_at(start, length.value) if start else None

    @property
    def results(self) -> list[records.Result]:
        count = _c.c_size_t()
        start = library().qenex_buffer_results(self.handle, _c.byref(count))
        size = records.Result._struct.size
        return results_of(_c.string_at(start, count.value * size), count.value) if start else []

    def raw(self) -> tuple[memoryview, int, int]:
        """The bytes of the records, how many there are, and how far apart they are."""
        lib = library()
        count = int(lib.qenex_buffer_count(self.handle))
        size = int(lib.qenex_buffer_record_size(self.handle))
        start = lib.qenex_buffer_records(self.handle)
        return memoryview(_c.string_at(start, count * size) if start else b""), count, size

    def read(self, kind: type[R]) -> list[R]:
        """All records."""
        data, count, size = self.raw()
        unpack = kind._unpack  # type: ignore[attr-defined]
        arena = self.arena
        try:
            return [unpack(data, index * size, arena) for index in range(count)]
        except (struct.error, ValueError) as error:
            raise QenexError(Status.INVALID_ENCODING, f"{kind.__name__}: {error}") from error
