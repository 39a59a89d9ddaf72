"""Simulated time is whole minutes inside; days and weeks at the surface."""

DAY = 24 * 60
WEEK = 7 * DAY
MOST_DAYS = 36_500.0
"""What one step of a lab may take: a century."""


def minutes(*, days: float = 0.0, weeks: float = 0.0) -> int:
    """Whole minutes in so many days and weeks."""
    return round(days * DAY + weeks * WEEK)


def duration(seconds: float) -> str:
    """Wall time for a reader: `2 h 05 min`, `3 min 20 s` or `8 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def as_weeks(minute: int) -> float:
    """Weeks since the campaign opened."""
    return minute / WEEK


def as_days(minute: int) -> float:
    """Days since the campaign opened."""
    return minute / DAY
