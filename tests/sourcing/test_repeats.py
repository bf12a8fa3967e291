"""Examples that stand in train too, as they are told."""

import pytest

from stages.sourcing import repeats


@pytest.mark.parametrize(
    ("share", "told"), [(0.0000042, "0.00042"), (0.0004, "0.04"), (1 / 3, "33.3"), (1.0, "100")]
)
def test_a_share_is_told_however_small_it_is(
    share: float, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    repeats.tell("toy", {"train": 0.5, "val": share, "test": 0.0})
    assert capsys.readouterr().out == f"toy: {told} % of val stand in train too\n"
