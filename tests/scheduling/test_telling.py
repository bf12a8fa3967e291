"""What is told of jobs: how much of all is done."""

import pytest

from stages.scheduling.telling import Teller


def test_counts_stand_below_each_other_however_many_digits_they_have(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stages = [f"train@{n}" for n in range(10)]
    Teller(stages, size=2).done(stages)
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "[ 0/10] 10 stages to look at, 2 at once"
    assert others == [f"[{n:2}/10] {stage}: done" for n, stage in enumerate(stages, start=1)]
