"""Work on every core: its order, and how far it goes ahead."""

import threading

import pytest

from stages.sourcing import cores

COUNTS = pytest.mark.parametrize("count", [1, 2, 7])


def test_there_is_a_core_at_least() -> None:
    assert cores.count() >= 1


@COUNTS
def test_results_come_in_the_order_of_the_items(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "count", lambda: count)
    assert list(cores.each(pow, range(100), range(100))) == [n**n for n in range(100)]


@COUNTS
def test_no_more_is_done_than_may_wait(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "count", lambda: count)
    monkeypatch.setattr(cores, "_AHEAD", 3)
    done: list[int] = []
    results = cores.each(done.append, range(1_000))
    next(results)
    results.close()
    assert 0 < len(done) <= 3 * count + 1


def test_two_items_are_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "count", lambda: 2)
    both = threading.Barrier(2, timeout=10)  # breaks where one goes after the other
    assert sorted(cores.each(lambda _: both.wait(), range(2))) == [0, 1]


def test_what_goes_wrong_is_raised_in_its_place() -> None:
    results = cores.each(lambda n: 1 // n, [1, 0])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
