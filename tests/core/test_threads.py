"""Threads: the same bytes on each of them."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from stages.core import threads
from tests.samples import ROOT


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


@pytest.mark.parametrize("stage", ["train", "evaluate", "baseline", "export", "compare"])
def test_openmp_is_told_how_long_to_look_for_work_before_torch_loads_it(stage: str) -> None:
    code = (
        f"import os, sys; sys.modules['torch'] = None\ntry: import stages.{stage}\nexcept ImportError: pass\n"
    )
    code += "print(os.environ.get('GOMP_SPINCOUNT'))"
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=bare, check=True, capture_output=True, text=True
    )
    assert done.stdout == "3000\n"


def test_torch_computes_on_the_threads_that_are_said() -> None:
    before = torch.get_num_threads()
    try:
        threads.share(before + 1)
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
