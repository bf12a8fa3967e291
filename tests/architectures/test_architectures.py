"""What every architecture owes: shapes, gradients, a seed that decides, and weights that rebuild it."""

from pathlib import Path

import pytest
import torch

from stages.core.spec import Spec
from stages.modelling import weights
from stages.modelling.shipping import Ships
from tests import samples
from tests.networks import BLOCKS, FILES, Block, batch, build, card, objective, outspoken, says

# Beside the one of `samples`, of each kind.
SPECS: dict[str, list[Spec]] = {
    "images": [samples.spec(shape, classes=5) for shape in samples.SHAPES],
    "texts": [samples.texts_spec(), samples.texts_spec(time=1, classes=2)],
    "series": [samples.series_spec(), samples.series_spec(5, 9, columns=1, targets=1)],
}
SHAPED = [block._replace(spec=spec) for block in BLOCKS for spec in SPECS[block.spec.kind]]
every = pytest.mark.parametrize("block", BLOCKS, ids=str)
every_shape = pytest.mark.parametrize("block", SHAPED, ids=lambda block: f"{block}-{block.spec.shape}")


def test_every_file_of_the_room_is_tested() -> None:
    assert {block.architecture for block in BLOCKS} == set(FILES)


@every_shape
def test_inputs_become_finite_outputs_of_the_shape_that_the_spec_says(block: Block) -> None:
    model = outspoken(block)
    said = says(model, block.spec, batch(block.spec).x)
    assert all(len(outputs) == 6 and outputs.isfinite().all() for outputs in said.values())
    if not isinstance(model, Ships):
        assert {tuple(outputs.shape[1:]) for outputs in said.values()} == {block.spec.outputs}


@every_shape
def test_what_generates_or_rebuilds_gives_images(block: Block) -> None:
    model = build(block).eval()
    made = [model.sample(3, 0)] if hasattr(model, "sample") else []
    made += [model(batch(block.spec).x)] if hasattr(model, "decode") else []
    for pixels in made:
        assert pixels.shape[1:] == block.spec.shape
        assert pixels.min() >= 0 and pixels.max() <= 1


@every_shape
def test_every_parameter_gets_a_gradient(block: Block) -> None:
    model = build(block)
    for turn in objective(block).losses(model, batch(block.spec)):
        turn.loss.backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


@every
def test_the_seed_decides_the_first_weights(block: Block) -> None:
    first, again, other = (build(block, seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    drawn = any(not torch.equal(first[name], other[name]) for name in first)
    assert drawn != (block.architecture == "perceptron")  # Rosenblatt's starts at zero


ALONE = [block for block in BLOCKS if block.objective != "adversarial"]  # no loss of two players falls


@pytest.mark.parametrize("block", ALONE, ids=str)
def test_one_batch_can_be_learnt_by_heart(block: Block) -> None:
    model, learnt, minimised = build(block), batch(block.spec, 10), objective(block)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    model.train()
    # Of what an image is drawn from only a part can be known by heart.
    # The perceptron's loss is zero where all scores tie, from where it begins.
    share = 0.75 if isinstance(model, Ships) else 0.2
    losses: list[float] = []
    while len(losses) < 10 or sum(losses[-10:]) / 10 > share * losses[0]:
        assert len(losses) < 100, losses
        (turn,) = minimised.losses(model, learnt)
        optimizer.zero_grad()
        turn.loss.backward()
        optimizer.step()
        losses.append(float(turn.loss.detach()))


@every
def test_a_file_of_weights_rebuilds_the_network(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model, (x, _) = outspoken(block), batch(block.spec)
    says(model, block.spec, x)  # moves the running statistics of batch norm
    weights.save(model, card(block))
    rebuilt, read = weights.load(block.name)
    assert read == card(block)
    first, second = (says(one, block.spec, x) for one in (rebuilt, model.eval()))
    assert all(torch.equal(first[name], second[name]) for name in first)


@every
def test_the_same_weights_make_the_same_file(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    contents = []
    for _ in range(2):
        weights.save(build(block), card(block))
        contents.append((tmp_path / "models" / block.name / "model.safetensors").read_bytes())
    assert contents[0] == contents[1]
