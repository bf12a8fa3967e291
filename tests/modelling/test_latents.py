"""The noise that images are made of."""

import torch
from torch import nn

from stages.modelling import latents


def test_of_a_seed_the_latents_are_the_same_whatever_was_drawn_before() -> None:
    first = latents.draw(5, 3, seed=7, of=nn.Linear(1, 1))
    torch.rand(9)
    assert first.shape == (5, 3) and torch.equal(first, latents.draw(5, 3, seed=7, of=nn.Linear(1, 1)))
    assert not torch.equal(first, latents.draw(5, 3, seed=8, of=nn.Linear(1, 1)))


def test_they_come_to_where_the_network_is_and_leave_torchs_own_generator_alone() -> None:
    state = torch.get_rng_state()
    assert latents.draw(5, 3, seed=7, of=nn.Linear(1, 1, device="meta")).device.type == "meta"
    assert torch.equal(torch.get_rng_state(), state)
