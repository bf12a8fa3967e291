"""A BERT of the hub, from its name or its folder to a network that says what transformers says."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from stages import adopt, train
from stages.core import paths, yaml12
from stages.core.adopted import Origin
from stages.core.errors import UserError
from stages.modelling import weights
from tests import tiny_bert
from tests.from_hub import PINNED, adopted, configure, left, read_texts
from tests.misbehaving import Handler, Server, reply
from tests.tiny_bert import HYPER, NAME, PIECES, REVISION


def test_a_folder_and_the_hub_give_the_same_bytes(served: Server, folder: Path) -> None:
    configure("my_model")
    tensors, origin = adopted()
    first = paths.weights("tiny").read_bytes()
    configure(**PINNED)
    adopt.main("tiny")
    assert paths.weights("tiny").read_bytes() == first
    assert origin == Origin(architecture="bert", hyper=HYPER, vocabulary=PIECES)
    assert tensors.keys() == set(load_file(folder / "model.safetensors")) - {
        "pooler.dense.weight",
        "pooler.dense.bias",
    }
    assert left() == ["model.safetensors"]


@pytest.mark.parametrize("kind", ["BertModel", "BertForPreTraining", "BertForSequenceClassification"])
def test_a_run_has_the_sizes_of_its_start_and_says_of_texts_what_transformers_says(
    served: Server, folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_bert.save(folder, kind=kind)
    served.behaviours = [tiny_bert.serving(folder)]
    frozen = {"body": {"parameters": "backbone.*", "frozen": "always"}}
    configure(**PINNED, fit={"epochs": 1, "groups": frozen})
    read_texts()
    adopt.main("tiny")
    train.main("run")
    assert capsys.readouterr().out.count("not taken: head.1.bias, head.1.weight (not there)\n") == 1
    model, card = weights.load("run")  # from the file alone
    assert card.hyper == HYPER
    x = torch.tensor([[2, 5, 6, 7, 8, 9, 3, 0, 0], [2, 11, 13, 3, 0, 0, 0, 0, 0]])
    expected, seen = tiny_bert.states(tiny_bert.theirs(folder), x), x > 0
    assert torch.allclose(model.states(x)[seen], expected[seen], atol=1e-5)


def test_a_run_that_starts_from_such_a_run_has_its_sizes_too(served: Server, folder: Path) -> None:
    served.behaviours = [tiny_bert.serving(folder)]
    configure(**PINNED)
    read_texts()
    adopt.main("tiny")
    train.main("run")
    content = yaml12.load(Path("params.yaml"))
    content["models"]["second"] = content["models"]["run"] | {"start": "run"}
    Path("params.yaml").write_text(json.dumps(content))
    train.main("second")
    assert weights.load("second")[1].hyper == HYPER


def test_weights_that_broke_off_are_gone_on_with(served: Server, folder: Path) -> None:
    whole = tiny_bert.serving(folder)

    def breaking(handler: Handler) -> None:
        if handler.path.startswith("/elsewhere"):
            reply(handler, bytes(2**17), length=2**18)
        else:
            whole(handler)

    configure(**PINNED)
    served.behaviours = [breaking]
    with pytest.raises(UserError, match=r"model\.safetensors"):
        adopt.main("tiny")
    served.behaviours, served.asked = [whole], []
    adopt.main("tiny")
    assert f"bytes={2**17}-" in served.asked


def test_names_of_the_first_files_are_todays(folder: Path) -> None:
    configure("my_model")
    today, _ = adopted()
    file = folder / "model.safetensors"
    before = {
        f"bert.{name}".replace("LayerNorm.weight", "LayerNorm.gamma").replace("Norm.bias", "Norm.beta"): one
        for name, one in load_file(file).items()
    }
    assert sum(name.endswith((".gamma", ".beta")) for name in before) == 10
    save_file(before, file)
    found, _ = adopted()
    assert found.keys() == today.keys() and all(torch.equal(found[name], today[name]) for name in found)


def test_halved_precision_is_read_as_whole(folder: Path) -> None:
    file = folder / "model.safetensors"
    halves = {name: one.half() for name, one in load_file(file).items()}
    save_file(halves, file)
    configure("my_model")
    found, _ = adopted()
    assert all(torch.equal(one, halves[name].float()) for name, one in found.items())
    assert {one.dtype for one in found.values()} == {torch.float32}


def test_rows_behind_the_last_piece_only_fill_up(folder: Path) -> None:
    tiny_bert.save(folder, vocab_size=len(PIECES) + 7)
    configure("my_model")
    tensors, origin = adopted()
    words = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    assert len(words) == len(PIECES) + 7 and len(origin.vocabulary) == len(PIECES)
    assert torch.equal(tensors["embeddings.word_embeddings.weight"], words[: len(PIECES)])


def test_the_mirror_is_asked_first(served: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path("mirror/hub") / NAME / REVISION
    place.parent.mkdir(parents=True)
    folder.rename(place)
    monkeypatch.setenv("DATA_MIRROR", "mirror")
    configure(**PINNED)
    adopt.main("tiny")
    read_texts()
    assert not served.asked
