"""The time axis of a series: its stamps, and the steps from the first of them to the last."""

import warnings
from collections.abc import Iterator
from typing import Any

from stages.core.checking import shown
from stages.core.errors import UserError
from stages.sourcing import tables

_USUAL = 0.9  # of the steps, where a frequency is worth telling


def times(stamps: Any, form: str, file: str) -> Any:
    """The time stamps of a column, each later than the one before.

    Raises:
        ValueError: nothing has the form `form`.
        UserError: one has another, goes back or stands there twice.
    """
    import pandas as pd

    try:
        found = pd.to_datetime(stamps, format=form, errors="coerce", utc=True)
    except ValueError as error:
        told = f"got {shown(form)}: {error}{_hint('time_format', _forms(stamps))}"
        raise ValueError(f"time_format must be as strptime has it, {told}") from error
    if found.isna().any():
        hint = _hint("time_format", _forms(stamps))
        tables.refuse(stamps, found.isna(), f"must be of the time_format {form}", file, hint)
    tables.refuse(stamps, found.diff() < pd.Timedelta(0), "must not go back", file)
    tables.refuse(stamps, found.duplicated(), "must not stand there twice", file)
    return pd.DatetimeIndex(found)


def grid(times: Any, frequency: str, file: str) -> Any:
    """All steps from the first time stamp to the last; each time stamp must be one of them.

    Raises:
        ValueError: the frequency is none of pandas, or not that of most rows.
        UserError: there are less than two, or one is no step.
    """
    import pandas as pd

    if len(times) < 2:
        raise UserError(f"{file} must hold two rows at least, got {len(times)}")
    try:
        offset = _offset(frequency)
        following = _after(times[:-1], offset)
    except (ValueError, OverflowError, FutureWarning, DeprecationWarning) as error:
        told = f"such as h, 15min, D or MS, got {shown(frequency)}{_hint('frequency', _frequencies(times))}"
        raise ValueError(f"frequency must be an offset of pandas, {told}") from error
    # It bounds the steps, too: of seconds there are many between two days.
    if (following == times[1:]).mean() < 0.5:
        apart = pd.Series(times).diff().median()
        told = f"{apart}, got {shown(frequency)}{_hint('frequency', _frequencies(times))}"
        raise ValueError(f"frequency must be what lies between most rows, {told}")
    steps = pd.date_range(times[0], times[-1], freq=offset)
    stray = times.difference(steps)
    if len(stray):
        raise UserError(f"{file}: time stamps must be steps of {frequency} from the first, got {stray[0]}")
    return steps


def _offset(frequency: str) -> Any:
    """A frequency as pandas has it, where it is to have it on."""
    from pandas.tseries.frequencies import to_offset

    with warnings.catch_warnings():
        for forgotten in (FutureWarning, DeprecationWarning):
            warnings.simplefilter("error", forgotten)
        return to_offset(frequency)


def _after(times: Any, offset: Any) -> Any:
    """The time stamps a step later, also where pandas takes them one by one and warns of it."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
        return times + offset


def _hint(key: str, fitting: Iterator[str]) -> str:
    """What to write for a key of `prepare`: all that fits."""
    found = " or ".join(dict.fromkeys(fitting))
    return f"; write {key}: {found}" if found else ""


def _forms(stamps: Any) -> Iterator[str]:
    """The forms that all time stamps have: that of ISO 8601, else day or month first."""
    from pandas.tseries.api import guess_datetime_format

    if _fits(stamps, "ISO8601"):
        yield "ISO8601"  # of 2020-01-02 another form would be a guess
        return
    first = stamps.dropna().iloc[:1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        guessed = [guess_datetime_format(one, dayfirst=day) for one in first for day in (True, False)]
    for form in filter(None, guessed):
        if _fits(stamps, form):
            yield f'"{form}"'


def _fits(stamps: Any, form: str) -> bool:
    import pandas as pd

    return bool(pd.to_datetime(stamps, format=form, errors="coerce", utc=True).notna().all())


def _frequencies(times: Any) -> Iterator[str]:
    """The frequency of most steps."""
    import pandas as pd
    from pandas.tseries.frequencies import to_offset

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inferred = [pd.infer_freq(some) for some in (times, times[:9]) if len(some) > 2]
        for one in filter(None, [*inferred, to_offset(pd.Series(times).diff().median())]):
            if ((times[:-1] + to_offset(one)) == times[1:]).mean() > _USUAL:
                yield getattr(one, "freqstr", one)
                return
