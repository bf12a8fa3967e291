"""Every network says the same from its exported files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from stages.core.spec import Spec, Texts
from stages.exporting import onnx_file, parity, usage
from stages.modelling import sequences
from tests.networks import BLOCKS, Block, batch, card, outspoken

# One of each way to be shipped: an export takes seconds.
QUICK = {
    *(("perceptron", "images"), ("recurrent", "texts"), ("linear_forecaster", "series")),
    *(("autoencoder", "images"), ("dcgan", "images"), ("diffusion", "images")),
}


def exported() -> Iterator[Any]:
    """Every block; most are slow."""
    quick = QUICK.copy()
    for block in BLOCKS:
        slow = [] if block.shows in quick else [pytest.mark.slow]
        quick.discard(block.shows)
        yield pytest.param(block, marks=slow, id=str(block))


def resized(spec: Spec, x: Tensor, *, any_length: bool) -> Iterator[Tensor]:
    """Inputs in batches of other sizes and, where any length is taken, cut and made longer."""
    for count in (1, 2, 7):
        yield x[:count]
    if any_length:
        yield x[:, :1]
        yield F.pad(x, (0, 9)) if isinstance(spec, Texts) else torch.cat([x, x], dim=1)


@pytest.mark.parametrize("block", list(exported()))
def test_the_exported_files_say_what_the_network_says(block: Block, tmp_path: Path) -> None:
    model, spec, file = outspoken(block).eval(), block.spec, tmp_path / "model.onnx"
    any_length = sequences.is_any_length(model)
    for shipped in usage.parts(model, spec).values():
        onnx_file.write(shipped, card(block), file)
        session = onnx_file.session(file, threads=1)
        for x in resized(spec, batch(spec, 7).x, any_length=any_length):
            parity.prove(parity.both(shipped, session, x), run=block.name)
        for given in onnxruntime.InferenceSession(file).get_inputs():
            assert given.shape[0] == "batch" and all(isinstance(size, int) for size in given.shape[2:])
            assert not any_length or given.shape[1] == "time"
        if isinstance(spec, Texts):  # padding is no word to the file either
            x = batch(spec, 7).x.numpy()
            (longer,), (shorter,) = session(np.pad(x, [(0, 0), (0, 5)])), session(x)
            np.testing.assert_allclose(longer, shorter, atol=1e-5)
