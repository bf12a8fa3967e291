"""Memory that is kept for the next tensor."""

import ctypes
import platform
import resource
from types import SimpleNamespace

import pytest
import torch

from stages.core import heap


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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="no other C library can be told")
def test_memory_that_tensors_of_many_sizes_held_is_taken_again_without_new_pages() -> None:
    heap.keep()

    def pages() -> int:
        """New pages of memory that tensors of up to 16 MB asked for."""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for million in (4, 1, 3, 2, 4, 2):
            torch.zeros(million * 2**20)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    pages()
    assert pages() < 100  # they are of 4 kB: 16,384 without
