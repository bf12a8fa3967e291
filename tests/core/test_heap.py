"""Memory that is kept for the next tensor."""

import platform
import resource

import pytest
import torch

from stages.core import heap


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
