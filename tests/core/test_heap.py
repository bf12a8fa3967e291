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
