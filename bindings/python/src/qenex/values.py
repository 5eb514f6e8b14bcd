"""Functions that need no file: ids, amounts, dates, times and currencies as libqenex reads and writes them."""

from __future__ import annotations

import ctypes as _c
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from . import _abi
from ._library import call, library, text
from ._values import MASK, from_date, from_id, from_time, to_date, to_time
from .constants import Status
from .errors import InvalidInput
from .records import Currency


def version() -> str:
    """Version of the library, such as '0.1.0'."""
    found: bytes = library().qenex_version()
    return found.decode()


def abi_version() -> int:
    """Version of the library's binary interface."""
    return int(library().qenex_abi_version())


def has_feature(name: str) -> bool:
    """Whether the library has a feature: 'ledger', 'host_records', 'completion_queue'."""
    return bool(library().qenex_has_feature(*text(name, "name")))


def status_name(status: int) -> str:
    """The name of a status in C, such as 'QENEX_INSUFFICIENT_FUNDS'."""
    found: bytes = library().qenex_status_name(status)
    return found.decode()


def status_explanation(status: int) -> str:
    """What a status means and what to do about it."""
    found: bytes = library().qenex_status_explanation(status)
    return found.decode()


def _raw_id(value: UUID | None) -> _abi.RawId:
    return _abi.RawId.from_buffer_copy(from_id(value))


def _raw_amount(minor: int) -> _abi.RawAmount:
    if not -(1 << 127) <= minor < 1 << 127:
        raise InvalidInput(Status.OVERFLOW, f"{minor} does not fit the 128 bits of an amount")
    return _abi.RawAmount(minor & MASK, minor >> 64)


def _minor(raw: _abi.RawAmount) -> int:
    low: int = raw.lo
    high: int = raw.hi
    return high << 64 | low


def _written(name: str, *arguments: object) -> str:
    buffer = _c.create_string_buffer(256)
    length = _c.c_size_t()
    call(name, *arguments, buffer, len(buffer), _c.byref(length))
    return buffer.raw[: length.value].decode()


def new_id() -> UUID:
    """A new id: a UUID of version 7, greater than every one made before in this process."""
    raw = _abi.RawId()
    call("qenex_id_new", _c.byref(raw))
    return UUID(bytes=bytes(raw))


def parse_id(value: str) -> UUID:
    """Reads 32 hexadecimal digits, plain or as 8-4-4-4-12."""
    raw = _abi.RawId()
    call("qenex_id_parse", *text(value, "id"), _c.byref(raw))
    return UUID(bytes=bytes(raw))


def format_id(value: UUID) -> str:
    """The id as a UUID in lower case."""
    return _written("qenex_id_format", _c.byref(_raw_id(value)))


def now() -> datetime:
    """The time of the system's clock."""
    found = to_time(library().qenex_time_now())
    assert found is not None
    return found


def parse_time(value: str) -> datetime:
    """Reads a time written as 2024-01-31T12:00:00Z."""
    raw = _c.c_int64()
    call("qenex_time_parse", *text(value, "time"), _c.byref(raw))
    return to_time(raw.value) or datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def format_time(value: datetime) -> str:
    """Writes a time as 2024-01-31T12:00:00.000000Z."""
    return _written("qenex_time_format", from_time(value))


def parse_date(value: str) -> date:
    """Reads a date written YYYY-MM-DD."""
    raw = _c.c_int32()
    call("qenex_date_parse", *text(value, "date"), _c.byref(raw))
    found = to_date(raw.value)
    assert found is not None
    return found


def format_date(value: date) -> str:
    """Writes a date as YYYY-MM-DD."""
    return _written("qenex_date_format", from_date(value))


def add_days(day: date, days: int) -> date:
    """The day that many days later, or earlier; years 1 to 9999."""
    raw = _c.c_int32()
    call("qenex_date_add_days", from_date(day), days, _c.byref(raw))
    found = to_date(raw.value)
    assert found is not None
    return found


def _currency(raw: _abi.RawCurrency) -> Currency:
    return Currency._unpack(memoryview(bytes(raw)), 0, b"")


def currency(code: str) -> Currency:
    """The currency of ISO 4217 with a code of three capital letters, active or withdrawn."""
    raw = _abi.RawCurrency()
    call("qenex_currency_by_code", *text(code, "code"), _c.byref(raw))
    return _currency(raw)


def currency_by_number(number: int) -> Currency:
    """The currency of ISO 4217 with a number."""
    raw = _abi.RawCurrency()
    call("qenex_currency_by_number", number, _c.byref(raw))
    return _currency(raw)


def parse_amount(value: str, scale: int) -> int:
    """Reads an amount into minor units; more decimals than the scale are refused, never rounded."""
    raw = _abi.RawAmount()
    call("qenex_amount_parse", *text(value, "amount"), scale, _c.byref(raw))
    return _minor(raw)


def format_amount(minor: int, scale: int) -> str:
    """Writes minor units with exactly scale decimals."""
    return _written("qenex_amount_format", _c.byref(_raw_amount(minor)), scale)


def to_decimal(minor: int, scale: int) -> Decimal:
    """Minor units as a Decimal, exactly: 10000 with scale 2 is Decimal('100.00')."""
    sign, digits = int(minor < 0), tuple(int(digit) for digit in str(abs(minor)))
    return Decimal((sign, digits, -scale))


def to_minor(amount: Decimal | int | str, scale: int) -> int:
    """An amount as minor units; raises InvalidInput when it has more decimals than the scale."""
    if isinstance(amount, float):
        raise InvalidInput(Status.INVALID_ARGUMENT, "money is no float: give a Decimal, an int or a text")
    if not isinstance(amount, Decimal):
        return parse_amount(str(amount), scale)
    digits = format(amount, "f")
    # Zeros at the end say nothing: Decimal("1.500") is 1.50 exactly.
    return parse_amount(digits.rstrip("0").rstrip(".") if "." in digits else digits, scale)


def add_amounts(a: int, b: int) -> int:
    """a + b in the 128 bits of an amount; raises on overflow. Plain Python integers never overflow, the ledger does."""
    raw = _abi.RawAmount()
    call("qenex_amount_add", _c.byref(_raw_amount(a)), _c.byref(_raw_amount(b)), _c.byref(raw))
    return _minor(raw)


def subtract_amounts(a: int, b: int) -> int:
    """a - b in the 128 bits of an amount; raises on overflow."""
    raw = _abi.RawAmount()
    call("qenex_amount_subtract", _c.byref(_raw_amount(a)), _c.byref(_raw_amount(b)), _c.byref(raw))
    return _minor(raw)


def compare_amounts(a: int, b: int) -> int:
    """-1, 0 or 1: a is less than, equal to, or greater than b."""
    return int(library().qenex_amount_compare(_c.byref(_raw_amount(a)), _c.byref(_raw_amount(b))))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Splits an amount in proportion to weights by the largest remainder: the parts sum to it."""
    count = len(weights)
    if any(not 0 <= weight < 1 << 64 for weight in weights):
        raise InvalidInput(Status.INVALID_ARGUMENT, "a weight is 0 to 2^64 - 1")
    out = (_abi.RawAmount * max(count, 1))()
    call("qenex_allocate", _c.byref(_raw_amount(total)), (_c.c_uint64 * count)(*weights), count, out)
    return [part.hi << 64 | part.lo for part in out[:count]]
