"""What a run takes over from weights that were trained elsewhere, before any network is built."""

from pathlib import Path
from typing import Any

import pytest
import torch

from stages.core import files, paths
from stages.core.adopted import Adopted, Origin
from stages.core.errors import UserError
from stages.core.spec import Spec
from stages.modelling import origins
from tests import samples

RUN = samples.params().models["text_bag"]
TEXTS = samples.texts_spec()
BERT = Origin(architecture="bert", hyper={"width": 8, "heads": 2}, vocabulary=TEXTS.vocabulary)
NAMED = Origin(architecture="torchvision_backbone", hyper={"name": "resnet18", "preset": "v1"})


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def settled(
    origin: Origin | None, spec: Spec = TEXTS, *, architecture: str = "bert", **hyper: Any
) -> dict[str, Any]:
    adopted = Adopted({"a": torch.ones(1)}, origin)
    files.write_tensors(paths.weights("elsewhere"), adopted.tensors, said=adopted.said)
    changed = {"start": "elsewhere", "architecture": architecture, "hyper": hyper}
    run = RUN.model_copy(update=changed)
    return origins.hyper(origins.of(run.start), run, spec, at="models.own")


def test_what_the_weights_know_need_not_be_said_and_may_be() -> None:
    assert settled(BERT) == {"width": 8, "heads": 2}
    assert settled(BERT, width=8, dropout=0.3) == {"width": 8, "heads": 2, "dropout": 0.3}


def test_weights_that_are_missing_are_told_where_they_are_read() -> None:
    assert origins.of("nowhere") is None
    assert origins.hyper(None, RUN, TEXTS, at="models.own") == RUN.hyper


@pytest.mark.parametrize("origin", [None, NAMED])
def test_what_is_not_known_of_the_architecture_is_the_runs_to_say(origin: Origin | None) -> None:
    assert settled(origin, width=16) == {"width": 16}


def test_a_network_that_tells_images_reads_no_vocabulary() -> None:
    given = {"architecture": "torchvision_backbone", "side": 32}
    assert settled(NAMED, samples.spec(), **given) == {"name": "resnet18", "preset": "v1", "side": 32}


def test_what_is_said_otherwise_is_told_line_by_line() -> None:
    with pytest.raises(UserError) as error:
        settled(BERT, width=16, heads="two")
    assert str(error.value).split("\n       ") == [
        "models.own.hyper.width must be 8 as in 'elsewhere', got 16",
        "models.own.hyper.heads must be 2 as in 'elsewhere', got 'two'",
    ]


def test_words_that_stand_in_another_order_are_others() -> None:
    turned = TEXTS.model_copy(update={"vocabulary": TEXTS.vocabulary[::-1]})
    with pytest.raises(
        UserError, match=r"^models\.own\.dataset must be read by the tokenizer of 'elsewhere'"
    ):
        settled(BERT, turned)
