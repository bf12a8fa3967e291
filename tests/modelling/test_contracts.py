"""What a network must have, asked of the network itself."""

import re

import pytest
from torch import nn

from stages.modelling import contracts


class Named(nn.Module):
    """Modules of those names, and a function `features`."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        for name in names:
            self.add_module(name, nn.Linear(1, 1))

    def features(self) -> None:
        raise NotImplementedError


def test_modules_of_a_network_are_seen_as_its_functions_are() -> None:
    assert contracts.has(Named("head"), "head", "features")
    assert not contracts.has(Named("head"), "head", "backbone")


def test_what_is_missing_is_told_with_all_that_is_asked() -> None:
    contracts.needs(Named("head"), "head", "features", by="this")
    told = "this must be given an architecture with head and tail, got Named"
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        contracts.needs(Named("head"), "head", "tail", by="this")
