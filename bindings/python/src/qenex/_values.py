"""How values cross the boundary: ids, dates, times, texts in an arena."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from struct import Struct
from uuid import UUID

MASK = (1 << 64) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_NONE = bytes(16)
_PAIR = Struct("<II")
_DAY = Struct("=i")


class Arena:
    """The block of bytes that the texts of a batch's records lie in."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data = bytearray()

    def put(self, text: str | bytes) -> tuple[int, int]:
        """Adds a text and gives its offset and length."""
        if not text:
            return (0, 0)
        data = text.encode() if isinstance(text, str) else text
        offset = len(self.data)
        self.data += data
        return (offset, len(data))


def pair(offset: int, length: int) -> bytes:
    return _PAIR.pack(offset, length)


def exactly(size: int, data: bytes) -> bytes:
    if len(data) != size:
        raise ValueError(f"{size} bytes are expected, not {len(data)}")
    return data


def from_id(value: UUID | None) -> bytes:
    return _NONE if value is None else value.bytes


def to_id(data: bytes) -> UUID | None:
    return None if data == _NONE else UUID(bytes=data)


def from_date(value: date | None) -> int:
    return 0 if value is None else value.year * 10000 + value.month * 100 + value.day


def to_date(number: int) -> date | None:
    return None if number == 0 else date(number // 10000, number // 100 % 100, number % 100)


def from_dates(values: tuple[date, ...]) -> bytes:
    """Days as the numbers that a calendar holds, four bytes each in this machine's order."""
    return b"".join(_DAY.pack(from_date(value)) for value in values)


def to_dates(data: bytes) -> tuple[date, ...]:
    found = (to_date(number) for (number,) in _DAY.iter_unpack(data))
    return tuple(day for day in found if day is not None)


def from_time(value: datetime | None) -> int:
    if value is None:
        return 0
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone: give one, such as datetime.timezone.utc")
    return (value - _EPOCH) // _MICROSECOND


def to_time(microseconds: int) -> datetime | None:
    return None if microseconds == 0 else _EPOCH + timedelta(microseconds=microseconds)


def to_texts(pairs: bytes, arena: bytes) -> tuple[str, ...]:
    found = (_PAIR.unpack_from(pairs, at) for at in range(0, len(pairs), _PAIR.size))
    return tuple(arena[offset : offset + length].decode() for offset, length in found)
