"""`python -m stages.evaluate <run>`."""

import json
from pathlib import Path

import pytest
import torch

from stages import evaluate
from stages.core import files, paths, splits, yaml12
from stages.core import spec as specs
from stages.core.errors import UserError
from stages.modelling import weights
from tests import project


@pytest.fixture(autouse=True)
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    monkeypatch.chdir(tmp_path)
    project.configure()
    return project.train(project.preprocess())


def test_the_accuracy_is_that_of_the_network_by_hand(trained: torch.nn.Module) -> None:
    evaluate.main("perceptron")
    found = project.metrics("perceptron")
    for split, key in (("train", "train_accuracy"), ("val", "val_accuracy"), ("test", "accuracy")):
        examples = splits.load(specs.read("shapes"), split)
        with torch.inference_mode():
            said = trained((examples.x.float() / 255 - 0.3) / 0.2).argmax(dim=1)
        assert found[key] == pytest.approx((said == examples.y).float().mean().item())


def test_parameters_are_counted_and_the_seed_is_that_of_the_weights() -> None:
    evaluate.main("perceptron")
    found = project.metrics("perceptron")
    assert (found["parameters"], found["seed"]) == (16 * 3 + 3, 7)


def test_a_second_evaluation_declares_the_same_bytes() -> None:
    evaluate.main("perceptron")
    first = project.declared("perceptron")
    evaluate.main("perceptron")
    assert project.declared("perceptron") == first
    assert {Path(path).name for path in first} >= {"mistakes.png", "filters.png"}


def test_what_a_run_drew_while_it_was_trained_is_one_more_picture() -> None:
    shown = torch.zeros((2, 1, 4, 4), dtype=torch.uint8)
    evaluate.main("perceptron")
    assert not (paths.figures("perceptron") / "strip.png").exists()
    files.write_tensors(paths.snapshots("perceptron"), {"1": shown})
    evaluate.main("perceptron")
    assert (paths.figures("perceptron") / "strip.png").exists()


def explain(examples: object) -> None:
    block = yaml12.load(Path("params.yaml"))["models"]["perceptron"]
    project.configure(models={"perceptron": block | {"measure": {"explain": examples}}})


def test_explained_examples_are_one_more_picture_and_change_no_score_and_no_other_picture() -> None:
    evaluate.main("perceptron")
    plain = project.declared("perceptron")
    explain(2)
    evaluate.main("perceptron")
    first = project.declared("perceptron")
    evaluate.main("perceptron")
    assert project.declared("perceptron") == first
    assert {Path(path).name for path in first.keys() - plain.keys()} == {"explained.png"}
    predictions = paths.predictions("perceptron").as_posix()
    assert all(first[path] == content for path, content in plain.items() if path != predictions)
    explain(0)
    evaluate.main("perceptron")
    assert project.declared("perceptron") == plain


@pytest.mark.parametrize(
    ("examples", "told"),
    [
        (21, r"must be at most 20, got 21"),
        (-1, r"must be greater than or equal to 0, got -1"),
        (True, r"must be a valid integer, got True"),
    ],
)
def test_a_number_of_examples_that_does_not_fit_is_told(examples: object, told: str) -> None:
    explain(examples)
    with pytest.raises(UserError, match=rf"^models\.perceptron\.measure\.explain {told}$"):
        evaluate.main("perceptron")


def test_the_throughput_stands_apart_from_the_metrics() -> None:
    evaluate.main("perceptron")
    timing = json.loads(paths.timing("evaluate", "perceptron").read_text())
    assert timing["samples_per_second"] > 0
    assert set(timing).isdisjoint(project.metrics("perceptron"))


def test_weights_that_learnt_from_other_data_are_refused() -> None:
    facts = specs.read("shapes")
    files.write_json(paths.spec("shapes"), facts.model_copy(update={"mean": (0.4,)}).model_dump())
    with pytest.raises(UserError, match="learnt from other data than data/processed/shapes"):
        evaluate.main("perceptron")


def test_a_network_that_its_task_cannot_ask_is_refused() -> None:
    block = yaml12.load(Path("params.yaml"))["models"]["perceptron"]
    generator = block | {"task": "generation", "referee": "judge"}
    project.configure(models={"perceptron": generator, "judge": block})
    with pytest.raises(UserError, match=r"^models\.perceptron\.task must be one .* which asks it to draw"):
        evaluate.main("perceptron")


def test_a_run_that_is_not_trained_names_the_stage_that_trains_it() -> None:
    paths.weights("perceptron").unlink()
    with pytest.raises(UserError, match="run `dvc repro train@perceptron` first, adopt@"):
        evaluate.main("perceptron")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"device": "mps"}, ": device must be one that this machine has"),
        ({"strange": 1}, " was written by other code than this: run `dvc repro train@perceptron` again"),
    ],
)
def test_weights_for_another_machine_and_of_other_code_are_told_by_their_file(
    said: dict[str, object], told: str
) -> None:
    if torch.backends.mps.is_available() and "device" in said:
        pytest.skip("this machine has the device")
    facts = specs.read("shapes").model_dump()
    card = {"run": "perceptron", "architecture": "perceptron", "hyper": {}, "spec": facts}
    whole = card | {"seed": 0, "threads": 1, "device": "cpu"} | said
    tensors, _ = weights.read("perceptron")
    files.write_tensors(paths.weights("perceptron"), tensors, said={"card": json.dumps(whole)})
    with pytest.raises(UserError) as error:
        evaluate.main("perceptron")
    assert str(error.value).startswith(f"models/perceptron/model.safetensors{told}")
