"""The strip: the same latents over the epochs, each as dark as it was drawn."""

from pathlib import Path

import numpy as np
import pytest
import torch

from stages.core import files, paths
from stages.judging import strip
from tests import samples

LATENTS = 2


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("shape", samples.SHAPES)
def test_a_row_is_a_latent_and_a_column_an_epoch_in_their_order(shape: tuple[int, int, int]) -> None:
    """As numbers: as words, 12 comes before 9."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (3, LATENTS, *shape), dtype=torch.uint8, generator=generator)
    shown = dict(zip(("12", "1", "9"), images, strict=True))
    files.write_tensors(paths.snapshots("gan"), shown)
    (axes,) = strip.draw("gan")["strip"].axes
    ordered = torch.stack([shown["1"], shown["9"], shown["12"]], dim=1)  # (latents, epochs, C, H, W)
    found = {(image.get_extent()[3], image.get_extent()[0]): image for image in axes.images}
    in_place = [np.atleast_3d(np.asarray(found[place].get_array())) for place in sorted(found)]
    np.testing.assert_array_equal(np.stack(in_place), ordered.flatten(0, 1).movedim(1, -1))
    lines = [text for text in axes.texts if text.get_text()]
    lowest = max(top for top, _ in found)
    assert all(text.get_position()[1] > lowest for text in lines)
    written = [text.get_text() for text in sorted(lines, key=lambda text: text.get_position()[0])]
    assert written == ["epoch 1", "epoch 9", "epoch 12"]


def test_all_are_drawn_on_one_scale_from_black_to_white() -> None:
    pale = torch.full((LATENTS, 1, 4, 4), 100, dtype=torch.uint8)
    files.write_tensors(paths.snapshots("gan"), {"1": pale, "2": 2 * pale})
    (axes,) = strip.draw("gan")["strip"].axes
    assert {image.get_clim() for image in axes.images} == {(0, 255)}


def test_what_generates_nothing_has_no_strip() -> None:
    files.write_tensors(paths.snapshots("mlp"), {})
    assert strip.draw("mlp") == {}
