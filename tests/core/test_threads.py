"""Threads: the same bytes on each of them."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from stages.core import threads


class Calls(TorchDispatchMode):
    """Counts what torch computes of tensors with one number."""

    def __init__(self) -> None:
        super().__init__()
        self.of_one: Counter[tuple[str, torch.dtype]] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if args and isinstance(args[0], torch.Tensor) and args[0].numel() == 1:
            self.of_one[func.overloadpacket.__name__, args[0].dtype] += 1
        return func(*args, **(kwargs or {}))


def test_every_function_of_intels_library_is_called_on_one_number() -> None:
    header = Path(torch.__file__).parent / "include" / "ATen" / "cpu" / "vml.h"
    vectorised = re.findall(r"^IMPLEMENT_VML_MKL\((\w+), \w+\)", header.read_text(), re.MULTILINE)
    assert len(vectorised) > 10
    count = torch.get_num_threads()
    with Calls() as calls:
        threads.share(count)
    assert set(calls.of_one) >= {
        (name, dtype) for name in vectorised for dtype in (torch.float, torch.double)
    }


def test_torch_computes_on_the_threads_that_are_said() -> None:
    before = torch.get_num_threads()
    try:
        threads.share(before + 1)
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
