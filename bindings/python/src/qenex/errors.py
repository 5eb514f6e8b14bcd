"""What calls raise. Every exception has the status, the message of the library, and the item it belongs to."""

from __future__ import annotations

from .constants import Status


class IncompatibleLibrary(ImportError):
    """The library that was found is not one that this package can use; the message names both versions."""


class QenexError(Exception):
    """A call failed. Nothing of it was applied, unless the status is OUTCOME_UNKNOWN: then reopen, and repeat with the
    same ids."""

    def __init__(self, status: Status, message: str, item: int | None = None, sqlite_code: int = 0) -> None:
        super().__init__(message)
        self.status = status
        """What went wrong."""
        self.message = message
        """What happened, to what, and what to do."""
        self.item = item
        """Index of the item of the batch that the error belongs to; None: to none."""
        self.sqlite_code = sqlite_code
        """SQLite's extended result code; 0: it had no part in the error."""

    def __str__(self) -> str:
        at = "" if self.item is None else f" (item {self.item})"
        return f"{self.status.name}{at}: {self.message}"


class Refused(QenexError):
    """A one-line call was refused; the file is as it was. In batches the results say what was refused instead."""


class NotFound(QenexError, LookupError):
    """What was asked for does not exist."""


class TimedOut(QenexError, TimeoutError):
    """The wait ended before there was anything to return."""


class InvalidInput(QenexError, ValueError):
    """An argument is not what the call takes."""


class Closed(QenexError):
    """The engine or the session was closed."""


_CLASSES: dict[Status, type[QenexError]] = {
    Status.NOT_FOUND: NotFound,
    Status.TIMED_OUT: TimedOut,
    Status.CLOSED: Closed,
    Status.INVALID_HANDLE: Closed,
    Status.INVALID_ARGUMENT: InvalidInput,
    Status.INVALID_UTF8: InvalidInput,
    Status.INVALID_AMOUNT_TEXT: InvalidInput,
    Status.INVALID_DATE: InvalidInput,
    Status.UNKNOWN_CURRENCY: InvalidInput,
    Status.OVERFLOW: InvalidInput,
    Status.EMPTY_BATCH: InvalidInput,
    Status.BATCH_TOO_LARGE: InvalidInput,
}


def error_for(status: Status, message: str, item: int | None, sqlite_code: int) -> QenexError:
    return _CLASSES.get(status, QenexError)(status, message, item, sqlite_code)
