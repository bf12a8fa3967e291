"""The columns of the comparison: what metrics are called, which way is better, how they are written."""

from typing import Literal, NamedTuple

_ARROWS = {"higher": " \N{UPWARDS ARROW}", "lower": " \N{DOWNWARDS ARROW}", None: ""}


class Column(NamedTuple):
    """A metric as it stands in the tables of the comparison; `meaning` tells who never met it what it is.

    `trivial` is the same of answers that take no learning: who scores no better has shown nothing. `floor`
    is that of the data themselves, below which hardly any score comes.
    """

    metric: str
    title: str
    better: Literal["higher", "lower"] | None
    form: str  # as `format` takes it; `#` keeps zeros at the end
    meaning: str
    trivial: "tuple[Column, ...]" = ()
    floor: "tuple[Column, ...]" = ()

    @property
    def head(self) -> str:
        """The title, and an arrow to where it is better."""
        return self.title + _ARROWS[self.better]

    def told(self, value: float) -> str:
        """A value as it is written everywhere: no 0 is negative, and `#` leaves no bare point behind 1234."""
        sign, rest = self.form[: self.form.startswith("+")], self.form.removeprefix("+")
        return format(value, f"{sign}z{rest}").removesuffix(".")

    def bounds(self, low: float, high: float) -> str:
        """An interval as it stands behind its value, which tells the unit."""
        return "[{}, {}]".format(*(self.told(bound).removesuffix("%") for bound in (low, high)))

    def apart(self, distance: float) -> str:
        """How far two values are apart, whichever is higher: percentages by points."""
        plain = self._replace(form=self.form.removeprefix("+"))
        return plain.told(abs(distance)).replace("%", " points")

    def is_tie(self, distance: float) -> bool:
        """Whether so little lies between two values that no digit of it is written."""
        return not set("123456789") & set(self.apart(distance))


def validation(of: Column) -> Column:
    """The same metric on the validation split."""
    return Column(
        f"val_{of.metric}",
        f"validation {of.title}",
        of.better,
        of.form,
        f"{of.title} on the validation split",
    )


def gap(of: Column) -> Column:
    """The same metric on train less that on test."""
    where = "above" if of.better == "higher" else "below"
    return Column(
        f"{of.metric}_gap",
        f"{of.title}, train less test",
        None,
        f"+{of.form}",
        f"{of.title} on train less that on test: far {where} 0 is overfitting: train was learnt by heart",
    )
