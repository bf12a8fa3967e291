"""Which words of a text are hidden, and what stands for them."""

import pytest
import torch
from torch import Tensor

from stages.core import masking
from stages.core.spec import PAD, UNKNOWN
from tests import samples

SPEC = samples.texts_spec(time=20)
LENGTHS = torch.tensor([1, 2, 3, 7, 10, 13, 20])


def texts(lengths: Tensor = LENGTHS) -> Tensor:
    """Known words, and padding behind them."""
    drawn = torch.Generator().manual_seed(0)
    x = torch.randint(UNKNOWN + 1, len(SPEC.vocabulary), (len(lengths), 20), generator=drawn)
    return x.masked_fill(torch.arange(20) >= lengths[:, None], PAD)


def drawn(x: Tensor, seed: int = 0, share: float = 0.15) -> Tensor:
    return masking.draw(x, SPEC, share=share, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("share", [0.0, 0.15, 0.5])
def test_of_each_text_the_share_is_hidden_and_one_word_at_least(share: float) -> None:
    x = texts()
    for seed in range(20):
        hidden = drawn(x, seed, share)
        assert hidden.sum(dim=1).tolist() == [max(1, round(share * n)) for n in LENGTHS.tolist()]
        assert not hidden[x == PAD].any()


def test_every_word_of_a_text_is_as_likely_to_be_hidden() -> None:
    x = texts(torch.full((4000,), 10))
    shares = drawn(x).float().mean(dim=0)[:10]
    assert torch.allclose(shares, torch.full((10,), 0.2), atol=0.03)


def test_unknown_words_are_hidden_only_where_there_are_no_others() -> None:
    x = torch.tensor([[UNKNOWN, 5, UNKNOWN, PAD], [UNKNOWN, UNKNOWN, PAD, PAD]])
    for seed in range(20):
        hidden = drawn(x, seed)
        assert hidden[0].tolist() == [False, True, False, False]
        assert int(hidden[1, :2].sum()) == 1 and not hidden[1, 2:].any()


def test_a_text_without_words_has_none_to_hide() -> None:
    assert not drawn(torch.full((2, 3), PAD)).any()


def test_the_seed_decides_what_is_hidden() -> None:
    x = texts()
    assert torch.equal(drawn(x, 1), drawn(x, 1)) and not torch.equal(drawn(x, 1), drawn(x, 2))


def test_what_is_hidden_is_masked_and_nothing_else_changes() -> None:
    x = texts()
    hidden = drawn(x)
    seen = masking.hide(x, hidden, SPEC)
    assert (seen[hidden] == masking.mask(SPEC)).all() and torch.equal(seen[~hidden], x[~hidden])
    assert masking.mask(SPEC) not in range(len(SPEC.vocabulary))


def test_in_training_eight_of_ten_are_masked_one_is_kept_and_one_is_any_word() -> None:
    x = texts(torch.full((20000,), 20))
    hidden = drawn(x, seed=1)
    torch.manual_seed(0)
    seen = masking.disguise(x, hidden, SPEC)
    assert torch.equal(seen[~hidden], x[~hidden])
    masked = seen[hidden] == masking.mask(SPEC)
    kept = seen[hidden] == x[hidden]
    words = len(SPEC.vocabulary) - UNKNOWN - 1
    assert float(masked.float().mean()) == pytest.approx(0.8, abs=0.01)
    assert float(kept.float().mean()) == pytest.approx(0.1 + 0.1 / words, abs=0.01)
    swapped = seen[hidden][~masked & ~kept]
    assert swapped.min() == UNKNOWN + 1 and swapped.max() == len(SPEC.vocabulary) - 1


def test_what_stands_for_no_word_is_neither_hidden_nor_put_in_place_of_a_word() -> None:
    special = (PAD, UNKNOWN, 4, 9)
    facts = SPEC.model_copy(update={"special": special})
    x = torch.tensor([[4, 5, 6, 9, PAD], [4, UNKNOWN, 9, PAD, PAD]]).repeat(2000, 1)
    assert masking.words(x, facts)[:2].tolist() == [
        [False, True, True, False, False],
        [True, True, True, False, False],
    ]
    hidden = masking.draw(x, facts, share=1.0)
    seen = masking.disguise(x, hidden, facts)
    swapped = seen[hidden & (seen != x) & (seen != masking.mask(facts))]
    assert set(swapped.tolist()) == set(range(len(facts.vocabulary))) - set(special)
