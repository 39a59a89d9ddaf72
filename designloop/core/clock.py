"""Simulated time is whole minutes inside; days and weeks at the surface."""

DAY = 24 * 60
WEEK = 7 * DAY


def minutes(*, days: float = 0.0, weeks: float = 0.0) -> int:
    """Whole minutes in so many days and weeks."""
    return round(days * DAY + weeks * WEEK)


def as_weeks(minute: int) -> float:
    """Weeks since the campaign opened."""
    return minute / WEEK


def as_days(minute: int) -> float:
    """Days since the campaign opened."""
    return minute / DAY
