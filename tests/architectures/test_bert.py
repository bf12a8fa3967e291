"""BERT: heads over one encoder, whose tensors go from one network to the other."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from stages.architectures import bert
from stages.core import masking, rooms
from stages.core.spec import PAD
from stages.modelling import sequences, starting, weights
from stages.modelling.weights import Card
from tests import samples

SPEC = samples.texts_spec()


def build(*, seed: int = 0, **hyper: object) -> nn.Module:
    torch.manual_seed(seed)
    model: nn.Module = rooms.build("architectures", "bert", SPEC, hyper, at="here")
    return model.eval()


def words(count: int = 8) -> Tensor:
    return samples.split(SPEC).x[:count].long()


@torch.no_grad()
def test_a_network_is_its_head_on_its_features() -> None:
    model = build(width=12)
    features = model.features(words())
    assert features.shape == (8, 12)
    assert torch.equal(model(words()), model.head(features))


@torch.no_grad()
def test_features_are_the_mean_of_the_words_or_the_first_of_them() -> None:
    x = words()
    states = build().states(x)
    mean = torch.stack([row[: int(n)].mean(dim=0) for row, n in zip(states, (x != PAD).sum(1), strict=True)])
    assert torch.allclose(build().features(x), mean, atol=1e-6)
    assert torch.equal(build(pooling="first").features(x), states[:, 0])


def test_the_encoder_of_one_head_is_taken_whole_by_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    card = Card(
        run="first", architecture="bert", hyper={"head": "words"}, spec=SPEC, seed=0, threads=2, device="cpu"
    )
    first = build(head="words")
    weights.save(first, card)
    second = build(seed=1)
    own = card.model_copy(update={"run": "second", "hyper": {}})
    starting.start(second, own, "first", at="models.second.start")
    given, taken = first.state_dict(), second.state_dict()
    shared = [name for name in taken if name.startswith("backbone.")]
    assert shared and all(torch.equal(given[name], taken[name]) for name in shared)
    assert taken.keys() - shared == {"head.1.weight", "head.1.bias"}
    assert "not taken: head.1.bias, head.1.weight" in capsys.readouterr().out


@torch.no_grad()
def test_a_guess_depends_on_the_words_around_and_on_their_order() -> None:
    model, x = build(head="words"), torch.tensor([[5, 9, 3, 7]])
    hidden = torch.tensor([[False, True, False, False]])

    def guess(x: Tensor) -> Tensor:
        said: Tensor = model.guess(masking.hide(x, hidden, SPEC), hidden)
        return said

    assert guess(x).shape == (1, len(SPEC.vocabulary))
    assert torch.equal(guess(x), guess(torch.tensor([[5, 4, 3, 7]])))  # what is hidden cannot be seen
    assert not torch.allclose(guess(x), guess(torch.tensor([[5, 9, 7, 3]])), atol=1e-4)


@torch.no_grad()
def test_guesses_come_row_by_row_and_padding_changes_none() -> None:
    model, x = build(head="words"), words()
    hidden = masking.draw(x, SPEC, share=0.4, generator=torch.Generator().manual_seed(0))
    together = model.guess(x, hidden)
    alone = torch.cat([model.guess(row[None], at[None]) for row, at in zip(x, hidden, strict=True)])
    assert torch.allclose(together, alone, atol=1e-5)
    padded = (nn.functional.pad(one, (0, 9)) for one in (x, hidden))
    assert torch.allclose(model.guess(*padded), together, atol=1e-5)


def test_a_guess_is_how_near_a_state_is_to_the_vectors_of_the_words_alone() -> None:
    guess = bert.Guess(4, 7)
    states, vectors = torch.randn(3, 4), torch.randn(9, 4)  # more rows than words: the mask has one
    nn.init.uniform_(guess.bias)
    expected = guess.layer(states) @ vectors[:7].T + guess.bias
    assert torch.allclose(guess(states, vectors), expected, atol=1e-6)


def test_the_first_word_vectors_are_as_the_paper_draws_them() -> None:
    vectors = build(width=64).backbone.get_input_embeddings()  # type: ignore[operator]
    assert isinstance(vectors, sequences.WordVectors)
    assert (
        float(vectors.weight[2:].detach().std()) == pytest.approx(0.02, rel=0.1)
        and not vectors.weight[PAD].any()
    )


def test_words_are_guessed_by_no_head_of_classes_and_classes_by_none_of_words() -> None:
    for head, objective in (("classes", "masked_language"), ("words", "cross_entropy")):
        built = rooms.build("objectives", objective, SPEC, {}, at="here")
        with pytest.raises(ValueError, match="must be given an architecture"):
            built.parts(build(head=head))


@pytest.mark.slow
@pytest.mark.parametrize("broken", [False, True])
def test_transformers_is_imported_where_one_is_built_alone_whatever_became_of_torchvision(
    broken: bool,
) -> None:
    refused = "def refused(path):\n    raise OSError(path)\ntorch.ops.load_library = refused\n"
    code = (
        "import sys, torch\n"
        f"{refused if broken else ''}"
        "from stages.architectures import bert\n"
        "from tests import samples\n"
        "assert 'transformers' not in sys.modules and 'torchvision' not in sys.modules\n"
        "bert.build(samples.texts_spec())\n"
        "from transformers.utils import is_torchvision_available\n"
        "assert is_torchvision_available()\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd=samples.ROOT)
