"""Engines: an open database and its upkeep."""

from __future__ import annotations

import ctypes as _c
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import _abi, records as r
from ._buffers import Buffer, arena_arguments, pack, set_numbers
from ._callbacks import forget, keep
from ._library import call, library, new_error, raise_for, text
from ._values import Arena, from_time
from .constants import Durability, LogLevel, OpenFlags, Status
from .errors import InvalidInput
from .session import Session

@dataclass(frozen=True)
class LogMessage:
    level: LogLevel
    target: str
    text: str


@dataclass(frozen=True)
class Completion:
    """What became of one submitted batch."""

    tag: int
    status: Status
    results: list[r.Result]
    message: str
    """When status is negative."""


class Engine:
    """An open database. Any thread may use it, many at once. Close it with close(), or use it in a with block."""

    def __init__(
        self,
        path: str | os.PathLike[str] = "",
        *,
        flags: OpenFlags | int = 0,
        durability: Durability | int = 0,
        log: Callable[[LogMessage], object] | None = None,
        log_level: LogLevel | int = 0,
        clock: Callable[[], datetime] | None = None,
        max_readers: int = 0,
        cache_bytes: int = 0,
        filter_bytes: int = 0,
        page_cache_kib: int = 0,
        queue_capacity: int = 0,
        checkpoint_bytes: int = 0,
        wal_limit_bytes: int = 0,
        busy_timeout_ms: int = 0,
        replay_limit: int = 0,
        reader_age_limit_ms: int = 0,
    ) -> None:
        """Opens a database file, creating it unless flags say otherwise; without a path and with MEMORY, one in
        memory. 0 is the default everywhere. log and clock must not use the engine."""
        self._handle = _c.c_void_p()
        data, length = text(os.fspath(path), "path")
        kept_path = _c.create_string_buffer(data, max(length, 1))
        options = _abi.RawOptions()
        options.struct_size = _c.sizeof(options)
        options.flags = flags
        options.path = _c.cast(kept_path, _c.c_char_p) if length else None
        options.path_len = length
        options.durability = durability
        options.log_level = log_level
        numbers = {
            "max_readers": max_readers,
            "cache_bytes": cache_bytes,
            "filter_bytes": filter_bytes,
            "page_cache_kib": page_cache_kib,
            "queue_capacity": queue_capacity,
            "checkpoint_bytes": checkpoint_bytes,
            "wal_limit_bytes": wal_limit_bytes,
            "busy_timeout_ms": busy_timeout_ms,
            "replay_limit": replay_limit,
            "reader_age_limit_ms": reader_age_limit_ms,
        }
        set_numbers(options, numbers)
        if log is not None:
            options.log, options.log_user_data = _log_function(log)
            options.log_destroy = forget
        if clock is not None:
            options.clock, options.clock_user_data = _clock_function(clock)
            options.clock_destroy = forget
        call("qenex_open", _c.byref(options), _c.byref(self._handle))
        self._closed = False

    def session(self, principal: str, on_behalf_of: str = "") -> Session:
        """A session: principal is who acts in every command of it, on_behalf_of for whom."""
        return Session(self, principal, on_behalf_of)

    def close(self) -> None:
        """Closes the file; again does nothing. Sessions of the engine raise Closed from then on."""
        closed, self._closed = self._closed, True
        # The handle stays as it was: the library knows that it is none any more.
        if not closed:
            call("qenex_close", self._handle)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            library().qenex_close(self._handle, None)

    def collect(self, timeout_ms: int, max: int = 64) -> list[Completion]:
        """Waits until a submitted batch is done and gives up to max of them, each once. Raises TimedOut."""
        with Buffer() as buffer:
            call("qenex_collect", self._handle, timeout_ms, max, buffer.out())
            data, count, size = buffer.raw()
            results, arena = buffer.results, buffer.arena
            found = []
            for index in range(count):
                raw = _abi.RawCompletion.from_buffer_copy(data[index * size : (index + 1) * size])
                first, number = int(raw.first_result), int(raw.results)
                offset, length = int(raw.message.offset), int(raw.message.length)
                found.append(
                    Completion(
                        int(raw.tag),
                        Status(raw.status),
                        results[first : first + number],
                        arena[offset : offset + length].decode(),
                    )
                )
            return found

    def apply_feed(self, entries: list[r.FeedEntry]) -> None:
        """Applies changes that another file's Session.read_feed gave to this one, which is empty or was filled in this
        way alone. Changes that are here already are passed over."""
        arena = Arena()
        packed = pack(entries, arena)
        call(
            "qenex_feed_apply",
            self._handle,
            packed,
            len(entries),
            r.FeedEntry._struct.size,
            *arena_arguments(arena),
        )

    def stats(self) -> r.Stats:
        """The engine's figures."""
        raw = _abi.RawStats()
        raw.struct_size = _c.sizeof(raw)
        call("qenex_stats_get", self._handle, _c.byref(raw))
        return r.Stats._unpack(memoryview(bytes(raw)), 0, b"")

    def backup(self, path: str | os.PathLike[str], progress: Callable[[int, int], bool | None] | None = None) -> None:
        """Copies the file to a path that must not exist, while writing goes on. progress is told pages done and in
        all; when it answers False, or raises, the copy is given up."""
        raised: list[BaseException] = []

        def told(_: int | None, done: int, total: int) -> int:
            try:
                return int(progress is not None and progress(done, total) is False)
            except BaseException as error:
                raised.append(error)
                return 1

        function = _abi.RawProgressFunction(told) if progress is not None else _abi.RawProgressFunction(0)
        error = new_error()
        status = library().qenex_backup(
            self._handle, *text(os.fspath(path), "path"), function, None, _c.byref(error)
        )
        if raised:
            library().qenex_error_free(error)
            raise raised[0]
        raise_for(status, error)

    def integrity_check(self) -> list[str]:
        """Checks the whole file. Gives what is wrong, in words; nothing: all is well."""
        with Buffer() as buffer:
            call("qenex_integrity_check", self._handle, buffer.out())
            data, count, size = buffer.raw()
            arena = buffer.arena
            found = []
            for index in range(count):
                at = _abi.RawText.from_buffer_copy(data[index * size : (index + 1) * size])
                offset, length = int(at.offset), int(at.length)
                found.append(arena[offset : offset + length].decode())
            return found

    def state_hash(self) -> bytes:
        """The SHA3-256 of the whole durable state: equal for files with the same history."""
        out = _c.create_string_buffer(32)
        call("qenex_state_hash", self._handle, out)
        return out.raw

    def support_bundle(self) -> str:
        """What a person who helps needs to know; no names, numbers, ids or amounts."""
        with Buffer() as buffer:
            call("qenex_support_bundle", self._handle, buffer.out())
            return buffer.arena.decode()


def restore(backup: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Makes a database at target, which must not exist, out of a backup."""
    call("qenex_restore", *text(os.fspath(backup), "backup"), *text(os.fspath(target), "target"))


def upgrade(path: str | os.PathLike[str], *, dry_run: bool = False) -> tuple[int, int]:
    """Brings a closed file to the format of this version; gives the formats before and after."""
    before, after = _c.c_uint32(), _c.c_uint32()
    call("qenex_upgrade", *text(os.fspath(path), "path"), int(dry_run), _c.byref(before), _c.byref(after))
    return before.value, after.value


def rebuild_caches(path: str | os.PathLike[str]) -> None:
    """Makes everything anew that a closed file keeps beside its transfers and changes. All or nothing."""
    call("qenex_rebuild_caches", *text(os.fspath(path), "path"))


class Bank(Session):
    """A database and a session in one, for programs with one principal: closing it closes both."""

    def __init__(
        self, path: str | os.PathLike[str] = "", principal: str = "host", on_behalf_of: str = "", **options: Any
    ) -> None:
        """Opens a file; the options are those of Engine. Without a path: a database in memory."""
        if not os.fspath(path):
            options["flags"] = options.get("flags", 0) | OpenFlags.MEMORY
        engine = Engine(path, **options)
        try:
            super().__init__(engine, principal, on_behalf_of)
        except BaseException:
            engine.close()
            raise

    def close(self) -> None:
        """Closes the session and the file."""
        super().close()
        self.engine.close()

    def __enter__(self) -> Bank:
        return self


def _log_function(log: Callable[[LogMessage], object]) -> tuple[Any, int]:
    def take(_: int | None, level: int, target: int, target_len: int, message: int, message_len: int) -> None:
        log(
            LogMessage(
                LogLevel(level),
                _c.string_at(target, target_len).decode(errors="replace"),
                _c.string_at(message, message_len).decode(errors="replace"),
            )
        )

    return keep(_abi.RawLogFunction(take))


def _clock_function(clock: Callable[[], datetime]) -> tuple[Any, int]:
    def tell(_: int | None) -> int:
        return from_time(clock())

    return keep(_abi.RawClockFunction(tell))


__all__ = ["Bank", "Completion", "Engine", "LogMessage", "rebuild_caches", "restore", "upgrade"]
