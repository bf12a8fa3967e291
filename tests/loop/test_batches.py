"""Batches: every example has its turn, in an order that the seed decides."""

import pytest
import torch

from stages.core.spec import Images, Spec, Texts
from stages.core.splits import Batch, Split
from stages.loop import batches
from tests import samples

CPU = torch.device("cpu")


def numbered(labels: list[int]) -> Split:
    """Images whose one pixel is their number."""
    return Split(torch.arange(len(labels), dtype=torch.uint8).reshape(-1, 1, 1, 1), torch.tensor(labels))


def spec(counts: tuple[int, ...]) -> Images:
    facts = samples.spec((1, 1, 1), len(counts))
    return facts.model_copy(update={"counts": {"train": counts}, "mean": (0.0,), "std": (1 / 255,)})


def epoch(split: Split, facts: Spec, *, seed: int = 0, **own: object) -> list[Batch]:
    generator = torch.Generator().manual_seed(seed)
    return list(batches.shuffled(split, facts, samples.settings(**own), generator=generator, device=CPU))


def numbers(found: list[Batch]) -> list[int]:
    return [round(float(value)) for batch in found for value in batch.x.flatten()]


@pytest.mark.parametrize(("examples", "size"), [(100, 32), (65, 64), (7, 7), (5, 64), (9, 1)])
def test_every_example_once_in_batches_of_nearly_equal_size(examples: int, size: int) -> None:
    split = numbered([0] * examples)
    found = epoch(split, spec((examples,)), batch_size=size)
    assert sorted(numbers(found)) == list(range(examples))
    sizes = [len(batch.y) for batch in found]
    assert max(sizes) <= size and max(sizes) - min(sizes) <= 1


def test_the_order_is_shuffled_and_the_seed_decides_it() -> None:
    split, facts = numbered([0] * 50), spec((50,))
    first, again, other = (numbers(epoch(split, facts, seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert first != other and first != sorted(first)


def test_labels_stay_with_their_images() -> None:
    labels = [number % 3 for number in range(60)]
    split = numbered(labels)
    for batch in epoch(split, spec((20, 20, 20)), batch_size=8):
        assert [labels[number] for number in numbers([batch])] == batch.y.tolist()


def test_balanced_sampling_draws_rare_classes_as_often_as_common_ones() -> None:
    split = numbered([0] * 225 + [1] * 25)
    facts = spec((225, 25))
    drawn = torch.cat(
        [batch.y for seed in range(20) for batch in epoch(split, facts, seed=seed, sampler="balanced")]
    )
    assert len(drawn) == 20 * 250
    # 5,000 fair coins: the share of one side is within four standard deviations of a half.
    assert abs(drawn.float().mean().item() - 0.5) < 4 * 0.5 / 5000**0.5


def test_balanced_sampling_goes_by_the_classes_that_there_are() -> None:
    labels = [0] * 90 + [2] * 10
    found = epoch(numbered(labels * 2), spec((180, 0, 20)), sampler="balanced")
    drawn = torch.cat([batch.y for batch in found])
    assert abs((drawn == 2).float().mean().item() - 0.5) < 4 * 0.5 / 200**0.5


def skewed(count: int = 2000, longest: int = 400) -> tuple[Split, Texts]:
    """Texts of which most are short and a few long, each of its own number over and over."""
    draw = torch.Generator().manual_seed(0)
    lengths = (20 * torch.randn(count, generator=draw).exp()).long().clamp(1, longest)
    numbers = torch.arange(1, count + 1)[:, None].expand(count, longest)
    x = numbers.masked_fill(torch.arange(longest) >= lengths[:, None], 0)
    return Split(x.int(), torch.arange(count) % 4, lengths), samples.texts_spec(longest, each=count // 4)


def texts(found: list[Batch]) -> list[int]:
    return [int(number) - 1 for batch in found for number in batch.x[:, 0]]


@pytest.mark.parametrize("size", [1, 7, 32, 5000])
def test_every_text_stands_in_one_batch_with_its_label_and_sizes_differ_by_one_at_most(size: int) -> None:
    split, facts = skewed(count=200)
    found = epoch(split, facts, batch_size=size)
    assert sorted(texts(found)) == list(range(200))
    labels = torch.cat([batch.y for batch in found]).tolist()
    assert labels == [number % 4 for number in texts(found)]
    sizes = [len(batch.y) for batch in found]
    assert max(sizes) <= size and max(sizes) - min(sizes) <= 1


def test_texts_of_about_one_length_share_a_batch_so_that_little_padding_is_computed() -> None:
    split, facts = skewed()
    assert split.lengths is not None
    words = int(split.lengths.sum())
    computed = sum(batch.x.numel() for batch in epoch(split, facts, batch_size=32))
    anyhow = torch.randperm(2000, generator=torch.Generator().manual_seed(1)).split(32)
    in_any_order = sum(len(rows) * int(split.lengths[rows].max()) for rows in anyhow)
    assert computed - words < 0.15 * computed
    assert in_any_order - words > 5 * (computed - words)


def test_batches_of_texts_come_neither_in_the_order_of_their_lengths_nor_twice_the_same() -> None:
    split, facts = skewed()
    first, again, other = (epoch(split, facts, seed=seed, batch_size=32) for seed in (0, 0, 1))
    widths = [batch.x.shape[1] for batch in first]
    assert widths != sorted(widths) and widths != sorted(widths, reverse=True)
    assert texts(first) == texts(again)
    together = [{frozenset(texts([batch])) for batch in found} for found in (first, other)]
    assert len(together[0] & together[1]) < 0.1 * len(first)


def test_balanced_texts_are_drawn_as_often_from_rare_classes_and_still_batched_by_length() -> None:
    split, facts = skewed()
    labels = (torch.arange(2000) >= 1800).long()
    uneven = Split(split.x, labels, split.lengths)
    facts = facts.model_copy(update={"counts": {"train": (1800, 200)}})
    found = epoch(uneven, facts, batch_size=32, sampler="balanced")
    drawn = torch.cat([batch.y for batch in found])
    assert abs(drawn.float().mean().item() - 0.5) < 4 * 0.5 / 2000**0.5
    words = sum(int((batch.x != 0).sum()) for batch in found)
    assert sum(batch.x.numel() for batch in found) < 1.2 * words


def test_windows_of_a_series_are_shuffled_each_once() -> None:
    facts = samples.series_spec(steps=60)
    split = samples.split(facts)
    found = epoch(split, facts, batch_size=8)
    firsts = torch.cat([batch.x[:, 0, 0] for batch in found])
    expected = (split.x[:, 0, 0] - facts.mean[0]) / facts.std[0]
    assert not torch.equal(firsts, expected)
    assert torch.allclose(firsts.sort().values, expected.sort().values)
