"""Memory that is kept for the next tensor."""

import ctypes
import platform
import subprocess
import sys
from types import SimpleNamespace

import pytest

from stages.core import heap
from tests.samples import ROOT


def test_where_memory_may_not_be_kept_nothing_is_made_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    """As before glibc 2.35: the second request alone would end what the library adapts by itself."""
    asked = []

    def refuse(parameter: int, value: int) -> int:
        asked.append(parameter)
        return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(mallopt=refuse))
    heap.keep()
    assert len(asked) == 1


def test_a_library_that_knows_no_such_requests_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    heap.keep()


# The new pages of memory, 4 kB each, that a tensor of 64 MB asks for where one was freed.
PAGES = """
import resource, torch
from stages.core import heap
{first}
def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.zeros(2**24)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
pages()
print(pages())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="no other C library can be told")
def test_memory_that_a_large_tensor_held_is_taken_again_without_new_pages() -> None:
    """In processes of their own: what other tests hold lies in between."""

    def pages(first: str) -> int:
        code = [sys.executable, "-c", PAGES.format(first=first)]
        return int(subprocess.run(code, cwd=ROOT, check=True, capture_output=True, text=True).stdout)

    assert pages("heap.keep()") < 100 < 10_000 < pages("")
