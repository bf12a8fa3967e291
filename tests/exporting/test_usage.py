"""What an exported file tells its user: followed word by word it gives what the network was trained on."""

import json
from collections.abc import Callable

import numpy as np
import pytest
import torch

from stages.core import inputs
from stages.core.spec import Spec
from stages.exporting import onnx_file, usage
from stages.modelling.weights import Card
from tests import samples

KINDS = pytest.mark.parametrize("make", samples.KINDS.values(), ids=lambda make: make.__name__)


@KINDS
def test_an_example_is_of_the_shape_and_type_that_networks_take(make: Callable[[], Spec]) -> None:
    spec = make()
    raw = samples.split(spec).take(slice(0, 3))
    ready = inputs.ready(raw, spec, device=torch.device("cpu")).x
    example = usage.example(spec, 3)
    assert example.dtype == ready.dtype
    assert example.shape == (3, *spec.shape)
    assert example.shape[2:] == ready.shape[2:]


@KINDS
def test_the_instructions_are_json_and_name_what_comes_out(make: Callable[[], Spec]) -> None:
    spec = make()
    told = json.loads(json.dumps(usage.instructions(spec)))
    assert told["output"].startswith(usage.output(spec))
    assert ("classes" in told) == hasattr(spec, "classes")


@pytest.mark.parametrize("make", [samples.spec, samples.series_spec], ids=["images", "series"])
def test_the_formula_gives_what_networks_take(make: Callable[[], Spec]) -> None:
    spec = make()
    raw = samples.split(spec).take(slice(0, 5))
    told = usage.instructions(spec)["preprocessing"]
    per = (-1, 1, 1) if spec.kind == "images" else (-1,)
    known = {key: np.array(told[key]).reshape(per) for key in ("mean", "std")}
    formula, _, _ = told["formula"].partition(", per")
    x = eval(formula, known | {"pixels": raw.x.numpy(), "value": raw.x.numpy()})
    ready = inputs.ready(raw, spec, device=torch.device("cpu"))
    np.testing.assert_allclose(ready.x, x, atol=1e-5)


def test_what_a_source_made_of_what_it_read_is_told_first() -> None:
    reading = {"side": 8, "steps": ["image = Image.open(file)"]}
    told = usage.preprocessing(samples.spec().model_copy(update={"reading": reading}))
    assert next(iter(told.items())) == ("reading", reading)
    assert "reading" not in usage.preprocessing(samples.spec())


def test_a_file_tells_once_what_a_source_made_of_what_it_read() -> None:
    spec = samples.spec().model_copy(update={"reading": {"side": 8}})
    card = Card(run="a", architecture="mlp", hyper={}, spec=spec, seed=0, threads=1, device="cpu")
    told = onnx_file.metadata(usage.parts(torch.nn.Identity(), spec)["model"], card)
    assert json.loads(told["preprocessing"])["reading"] == {"side": 8}
    assert "".join(told.values()).count('"reading"') == 1


def test_a_forecast_is_scaled_back_as_the_instructions_say() -> None:
    other = {"mean": (5.0, 7.0, 9.0), "std": (2.0, 3.0, 4.0)}
    spec = samples.series_spec(columns=3, targets=2).model_copy(update=other)
    raw = samples.split(spec).take(slice(0, 5))
    ready = inputs.ready(raw, spec, device=torch.device("cpu"))
    told = usage.instructions(spec)
    formula = told["output"].partition("value = ")[2]
    known = {key: np.array(told["preprocessing"][key]) for key in ("mean", "std")}
    np.testing.assert_allclose(eval(formula, known | {"forecast": ready.y.numpy()}), raw.y, atol=1e-5)
