"""Time zones of columns of dates: which one, and the same moments by the clock of another.

A network is given hours and days as a clock shows them. That of new rows has to be the clock of the rows of ``fit``:
the same moments in UTC would be other hours.
"""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ...tables import dtype_of

_UTC = datetime.timedelta(0)


class Zone(NamedTuple):
    """Of the dates of a column.

    Attributes
    ----------
    is_known : bool
        Whether all say how far their clock is from UTC.
    clock : tzinfo or None
        The one of all of them. None: they have none, or each has its own, such as text with the offsets of summer and
        winter, and is taken as it is written.
    """

    is_known: bool = False
    clock: datetime.tzinfo | None = None

    def __str__(self) -> str:
        return str(self.clock or "offsets") if self.is_known else "none"


def zone_of_type(column: Any) -> Zone | None:
    """The zone that the type of a column of pandas or polars has; None if it has none."""
    dtype = dtype_of(column)
    clock = getattr(dtype, "tz", None)
    name = getattr(dtype, "time_zone", None)
    if clock is None and name is not None:
        clock = ZoneInfo(name)
    return None if clock is None else Zone(True, clock)


def zone_of_dates(dates: list[Any]) -> Zone:
    """That of dates as Python's objects. An offset other than zero may be one of summer or winter, and is no zone."""
    clocks = {getattr(date, "tzinfo", None) for date in dates}
    if not clocks or None in clocks:
        return Zone()
    names = {str(clock) for clock in clocks}
    clock = clocks.pop()
    is_offset = isinstance(clock, datetime.timezone) and clock.utcoffset(None) != _UTC
    return Zone(True, None if len(names) > 1 or is_offset else clock)


def by_the_clock(column: Any, clock: datetime.tzinfo | None) -> Any:
    """A column whose type has a zone without it: as ``clock`` shows its moments, or, for None, its own."""
    if hasattr(column.dt, "tz_localize"):  # pandas
        return (column if clock is None else column.dt.tz_convert(clock)).dt.tz_localize(None)
    if isinstance(clock, datetime.timezone):  # polars knows names only
        return column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) + clock.utcoffset(None)
    return (column if clock is None else column.dt.convert_time_zone(str(clock))).dt.replace_time_zone(None)


def date_by_the_clock(date: datetime.datetime, clock: datetime.tzinfo | None) -> datetime.datetime:
    """One date without its zone, likewise."""
    moved = date if clock is None or date.tzinfo is None else date.astimezone(clock)
    return moved.replace(tzinfo=None)
