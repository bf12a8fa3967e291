"""Memory that is kept for the next tensor."""

import ctypes
import platform
import subprocess
import sys
from types import SimpleNamespace

import pytest

from stages.core import heap
from tests.samples import ROOT


def test_a_library_that_knows_no_such_requests_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    heap.keep()


# The new pages of memory, 4 kB each, that tensors of up to 28 MB ask for after others of such sizes.
PAGES = """
import random, resource, torch
from stages.core import heap
{first}
random.seed(0)
def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        a = torch.zeros(random.randint(1, 7) * 2**20)
        b = a + 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
pages()
print(pages())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="no other C library can be told")
def test_memory_that_tensors_of_many_sizes_held_is_taken_again() -> None:
    """In processes of their own: what other tests hold lies in between."""

    def pages(first: str) -> int:
        code = [sys.executable, "-c", PAGES.format(first=first)]
        return int(subprocess.run(code, cwd=ROOT, check=True, capture_output=True, text=True).stdout)

    assert pages("heap.keep()") < pages("") / 4


# The most networks that are there at once, of many that hold themselves.
CIRCLES = """
import gc, weakref
import stages
from stages.core import heap
class Network: pass
before = [Network() for _ in range(9)]
for one in before: one.itself = one
old = [weakref.ref(one) for one in before]
del before, one
{first}
alive = weakref.WeakSet()
most = 0
for _ in range(20_000):
    one = Network()
    one.itself = one
    alive.add(one)
    most = max(most, len(alive))
print(most, sum(one() is not None for one in old))
"""


def test_what_holds_itself_is_found_soon_in_a_sweep_of_what_is_new() -> None:
    def most(first: str) -> list[int]:
        code = [sys.executable, "-c", CIRCLES.format(first=first)]
        done = subprocess.run(code, cwd=ROOT, check=True, capture_output=True, text=True)
        return [int(count) for count in done.stdout.split()]

    assert most("") == [20_000, 9]  # so long as a stage gets ready
    soon, old = most("heap.sweep()")
    assert soon < 2_000
    assert old == 9
