"""Perplexity and its interval, up to where floats end."""

from math import exp

import pytest

from stages.judging import perplexity
from stages.judging.intervals import Interval


def test_it_is_exp_of_the_loss_and_so_are_its_bounds() -> None:
    assert perplexity.of(2.5) == exp(2.5)
    assert perplexity.interval(Interval(1.0, 2.0)) == (exp(1.0), exp(2.0))


@pytest.mark.parametrize("loss", [710.0, 1e6])
def test_beyond_all_floats_it_is_undefined_and_no_interval_ends_there(loss: float) -> None:
    assert perplexity.of(loss) is None
    assert perplexity.interval(Interval(1.0, loss)) is None


def test_without_an_interval_of_the_loss_there_is_none() -> None:
    assert perplexity.interval(None) is None
