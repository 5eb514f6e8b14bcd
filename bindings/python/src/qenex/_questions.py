"""Balances, trial balances, statements and the feed. A part of Session."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Iterable
from datetime import date, datetime

from . import _abi, records as r
from ._buffers import Buffer, arena_arguments, as_list, pack, set_numbers
from ._calls import AccountName, Calls, Page, as_of_options, key, one_key, set_cursor
from ._library import call
from ._values import Arena, from_date, from_time
from .constants import StatementFlags


class Questions(Calls):
    """Balances, trial balances, statements and the feed."""

    def get_balances(
        self,
        keys: Iterable[r.AccountKey],
        *,
        sequence: int = 0,
        booking_date: date | None = None,
        value_date: date | None = None,
        known_at: datetime | None = None,
    ) -> list[r.Balance]:
        """One balance per key, now or as of a sequence number or a system time, a booking date or a value date."""
        items, arena = as_list(keys), Arena()
        packed = pack(items, arena)
        as_of = as_of_options(sequence, booking_date, value_date, known_at)
        size = r.Balance._struct.size
        out = _c.create_string_buffer(max(len(items), 1) * size)
        call(
            "qenex_balances_get",
            self._handle,
            packed,
            len(items),
            r.AccountKey._struct.size,
            *arena_arguments(arena),
            _c.byref(as_of),
            out,
        )
        view = memoryview(out.raw)
        return [r.Balance._unpack(view, index * size, b"") for index in range(len(items))]

    def get_balance_below(self, account: AccountName, asset: int) -> r.Balance:
        """The sum of the balances of an account and of every account below it."""
        arguments = one_key(account, asset)
        out = _abi.RawBalance()
        call(
            "qenex_balance_hierarchy",
            self._handle,
            *arguments,
            _c.byref(out),
        )
        return r.Balance._unpack(memoryview(bytes(out)), 0, b"")

    def trial_balance(self, entity: int = 0) -> list[r.TrialLine]:
        """Debits and credits of every asset in an entity, 0: in every entity."""
        return self._asked("qenex_trial_balance", r.TrialLine, entity)

    def trial_balance_as_of(
        self,
        entity: int = 0,
        *,
        sequence: int = 0,
        booking_date: date | None = None,
        value_date: date | None = None,
        known_at: datetime | None = None,
    ) -> list[r.TrialLine]:
        """The trial balance at another time."""
        as_of = as_of_options(sequence, booking_date, value_date, known_at)
        return self._asked("qenex_trial_balance_as_of", r.TrialLine, entity, _c.byref(as_of))

    def list_trial_accounts(self, options: r.TrialOptions) -> list[r.TrialAccount]:
        """A page of a trial balance by account, in the order of opening."""
        return self._asked("qenex_trial_accounts_list", r.TrialAccount, pack([options], Arena()))

    def statement(
        self,
        account: AccountName,
        asset: int,
        *,
        oldest_first: bool = False,
        booked_from: date | None = None,
        booked_to: date | None = None,
        value_from: date | None = None,
        value_to: date | None = None,
        after: int = 0,
        up_to: int = 0,
        limit: int = 0,
        cursor: bytes | None = None,
    ) -> Page[r.StatementLine]:
        """A page of the statement of an account in an asset: the newest posting first, or the oldest. Go on with the
        page's cursor and the same arguments."""
        arguments = one_key(account, asset)
        options = _abi.RawStatementOptions()
        options.struct_size = _c.sizeof(options)
        set_numbers(options, {"limit": limit, "after": after, "up_to": up_to})
        options.flags = StatementFlags.OLDEST_FIRST if oldest_first else 0
        options.booked_from, options.booked_to = from_date(booked_from), from_date(booked_to)
        options.value_from, options.value_to = from_date(value_from), from_date(value_to)
        kept = set_cursor(options, cursor)
        with Buffer() as buffer:
            call(
                "qenex_statement_get",
                self._handle,
                *arguments,
                _c.byref(options),
                buffer.out(),
            )
            del kept
            return Page(buffer.read(r.StatementLine), buffer.cursor)

    def read_feed(self, after: int = 0, *, limit: int = 0) -> list[r.FeedEntry]:
        """The durable changes after a sequence number, in order and without gaps."""
        return self._asked("qenex_feed_read", r.FeedEntry, after, limit)

    def sequence_at(self, time: datetime) -> int:
        """The sequence number of the last durable change up to a system time; 0: there was none."""
        number = _c.c_uint64()
        call("qenex_sequence_at", self._handle, from_time(time), _c.byref(number))
        return number.value

    def sequence(self) -> int:
        """The sequence number of the newest durable change."""
        number = _c.c_uint64()
        call("qenex_sequence_get", self._handle, _c.byref(number))
        return number.value
