"""Sessions: who acts, and everything that can be done and asked, by subject in the modules that it is made of."""

from __future__ import annotations

import ctypes as _c
from typing import TYPE_CHECKING

from ._accounts import Accounts
from ._books import Books
from ._calls import AccountName as AccountName, Page as Page, key as key
from ._days import Days
from ._library import call, library, text
from ._payments import Payments
from ._questions import Questions

if TYPE_CHECKING:
    from .engine import Engine


class Session(Payments, Accounts, Days, Books, Questions):
    """Who is acting. Any thread may use it, many at once. It keeps its engine alive, not open.

    Commands in bulk give one result per item, in order; a refused item is in its result."""

    def __init__(self, engine: Engine, principal: str, on_behalf_of: str = "") -> None:
        self._engine = engine
        self._handle = _c.c_void_p()
        call(
            "qenex_session_open",
            engine._handle,
            *text(principal, "principal"),
            *text(on_behalf_of, "on_behalf_of"),
            _c.byref(self._handle),
        )

    @property
    def engine(self) -> Engine:
        """The engine that the session belongs to."""
        return self._engine

    def close(self) -> None:
        """Ends the session; again does nothing. What is called afterwards raises Closed."""
        library().qenex_session_free(self._handle)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            library().qenex_session_free(self._handle)
