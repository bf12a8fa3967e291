"""Work on every core: its order, and how far it goes ahead."""

import os
import threading
from pathlib import Path

import pytest

from stages.sourcing import cores

COUNTS = pytest.mark.parametrize("count", [1, 2, 7])


def test_there_is_a_core_at_least() -> None:
    assert cores.count() >= 1


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "200000 100000\n"}, 2),
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "1000 100000\n"}, 1),
        ({"cpu.max": "1600000 100000\n"}, 8),
        ({"cpu.max": "max 100000\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000\n"}, 8),
        ({}, 8),
    ],
    ids=str,
)
def test_of_eight_cores_a_container_has_those_of_its_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: int
) -> None:
    """As control groups of version 2 write it, and of version 1; a part of a core counts as one."""
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(cores, "_GROUP", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert cores.count() == expected


def test_cores_are_counted_as_joblib_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    joblib = pytest.importorskip("joblib")
    monkeypatch.delenv("LOKY_MAX_CPU_COUNT", raising=False)
    assert cores.count() == joblib.cpu_count()


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


@COUNTS
def test_work_beside_a_block_needs_nothing_of_it(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on while the block waits for it, and its results come in the order of the items."""
    monkeypatch.setattr(cores, "count", lambda: count)
    done = threading.Event()
    with cores.beside(lambda number: done.set() or -number, range(9)) as found:
        assert done.wait(timeout=60)
        assert list(found) == [-number for number in range(9)]


def test_work_beside_a_block_that_fails_is_over_when_the_block_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would write into a folder that is being taken away. What was not begun is not done."""
    monkeypatch.setattr(cores, "count", lambda: 1)
    begun, may_end, ended = threading.Event(), threading.Event(), list[int]()

    def work(number: int) -> None:
        begun.set()
        assert may_end.wait(timeout=60)
        ended.append(number)

    with pytest.raises(ZeroDivisionError), cores.beside(work, range(9)):
        assert begun.wait(timeout=60)
        threading.Timer(0.05, may_end.set).start()
        raise ZeroDivisionError
    assert ended == [0]


def test_what_fails_beside_a_block_is_raised_where_its_result_is_taken() -> None:
    with pytest.raises(ZeroDivisionError), cores.beside(divmod, [1], [0]) as found:
        list(found)
