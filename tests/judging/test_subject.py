"""What may be asked of a run, and what is said where it cannot answer."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.core import rooms
from stages.core.errors import UserError
from stages.core.ranges import Count
from stages.judging import filters, inference, network, subject
from tests import samples

FACTS = samples.spec()


class Doubling(nn.Module):
    """A network that embeds and draws."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * x

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, :3]

    def sample(self, count: int, seed: int, *, steps: Count = 2) -> Tensor:
        if steps > 5:
            raise ValueError(f"steps must be at most 5, got {steps}")
        return torch.full((count, *FACTS.shape), seed + steps / 10)


class Method:
    """A classical method that does the same without tensors."""

    def answer(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        return 2 * x

    def encode(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        return x.reshape(len(x), -1)[:, :3]

    def sample(self, count: int, seed: int, *, steps: Count = 2) -> NDArray[np.float32]:
        return Doubling().sample(count, seed, steps=steps).numpy()


BOTH = pytest.mark.parametrize(
    "functions", [network.functions(Doubling()), subject.classical(Method())], ids=["network", "method"]
)


@BOTH
def test_a_network_and_a_method_are_asked_alike(functions: dict[str, subject.Function]) -> None:
    asked, x = samples.subject(FACTS, functions), torch.rand(4, *FACTS.shape)
    np.testing.assert_array_equal(asked.ask("forward", x), 2 * x)
    np.testing.assert_array_equal(asked.ask("encode", x), x.flatten(1)[:, :3])
    assert asked.can("sample") and not asked.can("elbo")
    assert asked.sample(3, 1, {}).shape == (3, *FACTS.shape)
    np.testing.assert_allclose(asked.sample(3, 1, {"steps": 5}), 1.5)


@BOTH
def test_what_is_said_beside_the_outputs_stands_in_the_order_of_the_split(
    functions: dict[str, subject.Function],
) -> None:
    split = samples.split(FACTS)
    judged = inference.over(
        samples.subject(FACTS, functions), split, shape=FACTS.shape, beside=("encode", "elbo")
    )
    assert judged.beside.keys() == {"encode"}
    np.testing.assert_array_equal(judged.outputs.reshape(len(split), -1)[:, :3], 2 * judged.beside["encode"])


@BOTH
def test_sampling_is_held_against_what_the_run_takes(functions: dict[str, subject.Function]) -> None:
    asked = samples.subject(FACTS, functions)
    for sampling, told in [({"step": 1}, "steps"), ({"steps": 0}, "0"), ({"steps": 1.5}, "1.5")]:
        with pytest.raises(UserError, match=rf"^models\.run\.measure\.sampling\.step.*{told}"):
            asked.sample(1, 0, sampling)


def test_a_value_that_the_network_refuses_is_told_with_its_path() -> None:
    asked = samples.subject(FACTS, network.functions(Doubling()))
    with pytest.raises(UserError) as caught:
        asked.sample(1, 0, {"steps": 6})
    assert str(caught.value) == "models.run.measure.sampling.steps must be at most 5, got 6"


def test_a_run_for_another_task_is_refused() -> None:
    asked = samples.subject(FACTS, {"forward": lambda x: x.numpy()})
    with pytest.raises(UserError, match=r"^models\.run: its task must be given outputs of shape \(4,\), got"):
        inference.over(asked, samples.split(FACTS), shape=FACTS.outputs)
    with pytest.raises(UserError, match=r"^models\.run\.task must be one .* asks it to draw"):
        asked.needs("samples", task="generation")


@pytest.mark.parametrize("name", ["gan", "dcgan", "diffusion"])
def test_a_generator_answers_to_no_examples_and_has_no_filters_over_pixels(name: str) -> None:
    model = rooms.build("architectures", name, FACTS, {}, at="here")  # its latents are as many as the pixels
    asked = samples.subject(FACTS, network.functions(model))
    assert asked.can("sample") and filters.draw(model, FACTS) == {}
    with pytest.raises(UserError, match=r"'classification', which asks it to answer to examples$"):
        asked.needs("outputs", task="classification")


@pytest.mark.parametrize("name", ["autoencoder", "vae", "gan", "diffusion"])
@pytest.mark.parametrize("objective", ["cross_entropy", "squared_error"])
def test_an_objective_with_targets_refuses_what_makes_images(name: str, objective: str) -> None:
    model = rooms.build("architectures", name, FACTS, {}, at="here")
    with pytest.raises(ValueError, match=r"^an objective with targets must be given an architecture"):
        rooms.build("objectives", objective, FACTS, {}, at="here").parts(model)
