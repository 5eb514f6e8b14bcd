"""Business days, periods, schedules, ends of days and years. A part of Session."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from . import _abi, records as r
from ._calls import Calls, result_of
from ._library import call, library, text
from ._values import from_date, from_id, to_date


class Days(Calls):
    """Business days, periods, schedules, ends of days and years."""

    def roll_business_dates(
        self, dates: Iterable[r.BusinessDate], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Moves business dates forward."""
        return self._bulk(library().qenex_business_dates_roll, dates, time, dry_run, trace)

    def close_periods(
        self, periods: Iterable[r.PeriodClose], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Forbids booking dates up to a day."""
        return self._bulk(library().qenex_periods_close, periods, time, dry_run, trace)

    def set_calendars(
        self, calendars: Iterable[r.Calendar], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Defines business calendars, or replaces them whole; their numbers are in the results."""
        return self._bulk(library().qenex_calendars_set, calendars, time, dry_run, trace)

    def set_entity_rules(
        self, rules: Iterable[r.EntityRules], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Sets the rules of entities: their calendar, and when a customer's account becomes dormant."""
        return self._bulk(library().qenex_entity_rules_set, rules, time, dry_run, trace)

    def schedule_transfers(
        self, schedules: Iterable[r.Schedule], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Schedules transfers for days to come."""
        return self._bulk(library().qenex_transfers_schedule, schedules, time, dry_run, trace)

    def cancel_schedules(
        self, cancellations: Iterable[r.ScheduleCancel], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Takes scheduled transfers back that still wait."""
        return self._bulk(library().qenex_schedules_cancel, cancellations, time, dry_run, trace)

    def seal_day_portions(
        self, portions: Iterable[r.DayEnd], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Seals a portion of the balances of days that are over; end_day does it to the end."""
        return self._bulk(library().qenex_day_end_portions, portions, time, dry_run, trace)

    def close_year_portions(
        self, portions: Iterable[r.YearEnd], *, time: datetime | None = None, dry_run: bool = False, trace: bytes = b""
    ) -> list[r.Result]:
        """Closes a portion of the income and expense accounts; end_year does it to the end."""
        return self._bulk(library().qenex_year_end_portions, portions, time, dry_run, trace)

    def end_day(self, day: date, *, entity: int = 0, portion: int = 0) -> r.Result:
        """Seals a day of an entity to its end, portion accounts a commit; calling again goes on where it stood. The
        result says why a day was refused."""
        result = _abi.RawResult()
        call("qenex_day_end_run", self._handle, entity, from_date(day), portion, _c.byref(result))
        return result_of(result)

    def end_year(self, through: date, retained: str, *, entity: int = 0, code: int = 0) -> r.Result:
        """Closes the income and expense accounts into the equity account with the number retained."""
        result = _abi.RawResult()
        call(
            "qenex_year_end_run",
            self._handle,
            entity,
            from_date(through),
            *text(retained, "retained"),
            code,
            _c.byref(result),
        )
        return result_of(result)

    def next_business_date(self, entity: int = 0) -> r.Result:
        """Rolls the business date to the next business day of the entity's calendar."""
        result = _abi.RawResult()
        call("qenex_business_date_next", self._handle, entity, _c.byref(result))
        return result_of(result)

    def list_calendars(self) -> list[r.CalendarRecord]:
        """All business calendars."""
        return self._asked("qenex_calendars_list", r.CalendarRecord)

    def business_day_after(self, day: date, entity: int = 0) -> date:
        """The first business day after a day in the calendar of an entity."""
        number = _c.c_int32()
        call("qenex_business_day_after", self._handle, entity, from_date(day), _c.byref(number))
        found = to_date(number.value)
        assert found is not None
        return found

    def list_periods(self, entity: int = 0) -> list[r.PeriodRecord]:
        """The closes of booking periods, oldest first."""
        return self._asked("qenex_periods_list", r.PeriodRecord, entity)

    def list_sealed_balances(self, account: UUID, asset: int, first: date, last: date) -> list[r.SealedBalance]:
        """The balances of an account on each sealed day: as sealed, and as known now."""
        return self._asked(
            "qenex_sealed_balances_list",
            r.SealedBalance,
            from_id(account),
            asset,
            from_date(first),
            from_date(last),
        )

    def list_corrections(self, entity: int = 0, *, after: int = 0, limit: int = 0) -> list[r.Correction]:
        """Postings that reached into days that were sealed or closed, oldest first."""
        return self._asked("qenex_corrections_list", r.Correction, entity, after, limit)

    def list_schedules(
        self, entity: int = 0, *, waiting_only: bool = False, after: int = 0, limit: int = 0
    ) -> list[r.ScheduleRecord]:
        """Scheduled transfers, oldest first."""
        return self._asked("qenex_schedules_list", r.ScheduleRecord, entity, int(waiting_only), after, limit)
