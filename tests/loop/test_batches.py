"""Batches: every example has its turn, in an order that the seed decides."""

from pathlib import Path

import pytest
import torch

from stages.core.spec import Spec
from stages.core.splits import Batch, Split
from stages.loop import batches
from tests import samples

CPU = torch.device("cpu")


def numbered(path: Path, labels: list[int]) -> Split:
    """Images whose one pixel is their number."""
    from stages.core import splits

    x = torch.arange(len(labels), dtype=torch.uint8).reshape(-1, 1, 1, 1)
    splits.write(path, x=x, y=torch.tensor(labels))
    return Split(path)


def spec(counts: tuple[int, ...]) -> Spec:
    facts = samples.spec((1, 1, 1), len(counts))
    return facts.model_copy(update={"counts": {"train": counts}, "mean": (0.0,), "std": (1 / 255,)})


def epoch(split: Split, facts: Spec, *, seed: int = 0, **own: object) -> list[Batch]:
    generator = torch.Generator().manual_seed(seed)
    return list(batches.shuffled(split, facts, samples.settings(**own), generator=generator, device=CPU))


def numbers(found: list[Batch]) -> list[int]:
    return [round(float(value)) for batch in found for value in batch.x.flatten()]


@pytest.mark.parametrize(("examples", "size"), [(100, 32), (65, 64), (7, 7), (5, 64), (9, 1)])
def test_every_example_once_in_batches_of_nearly_equal_size(tmp_path: Path, examples: int, size: int) -> None:
    split = numbered(tmp_path / "x.safetensors", [0] * examples)
    found = epoch(split, spec((examples,)), batch_size=size)
    assert sorted(numbers(found)) == list(range(examples))
    sizes = [len(batch.y) for batch in found]
    assert max(sizes) <= size and max(sizes) - min(sizes) <= 1


def test_the_order_is_shuffled_and_the_seed_decides_it(tmp_path: Path) -> None:
    split, facts = numbered(tmp_path / "x.safetensors", [0] * 50), spec((50,))
    first, again, other = (numbers(epoch(split, facts, seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert first != other and first != sorted(first)


def test_labels_stay_with_their_images(tmp_path: Path) -> None:
    labels = [number % 3 for number in range(60)]
    split = numbered(tmp_path / "x.safetensors", labels)
    for batch in epoch(split, spec((20, 20, 20)), batch_size=8):
        assert [labels[number] for number in numbers([batch])] == batch.y.tolist()


def test_balanced_sampling_draws_rare_classes_as_often_as_common_ones(tmp_path: Path) -> None:
    split = numbered(tmp_path / "x.safetensors", [0] * 225 + [1] * 25)
    facts = spec((225, 25))
    drawn = torch.cat(
        [batch.y for seed in range(20) for batch in epoch(split, facts, seed=seed, sampler="balanced")]
    )
    assert len(drawn) == 20 * 250
    # 5,000 fair coins: the share of one side is within four standard deviations of a half.
    assert abs(drawn.float().mean().item() - 0.5) < 4 * 0.5 / 5000**0.5
