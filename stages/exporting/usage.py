"""What the user of an exported file alone must know: what goes in, and what comes out."""

from typing import Any

import torch
from torch import Tensor, nn

from stages.core.spec import PAD, UNKNOWN, Images, Series, Spec, Texts
from stages.modelling import sequences
from stages.modelling.shipping import Shipped, Ships

_FILLED = f"texts of a batch are filled up with {PAD} behind, to spec.shape[0] if the input is of one length"


def parts(model: nn.Module, spec: Spec) -> dict[str, Shipped]:
    """What is shipped of a network, by the names of the files: its own parts, else all of it as `model`."""
    if isinstance(model, Ships):
        return model.shipped()
    return {
        "model": Shipped(
            part=model,
            inputs=("x",),
            outputs=(output(spec),),
            given=lambda x: (x,),
            told=instructions(spec),
        )
    }


def example(spec: Spec, batch: int) -> Tensor:
    """Inputs of the right shape and type, of which nothing else is asked."""
    if isinstance(spec, Texts):
        return torch.full((batch, *spec.shape), UNKNOWN)
    return torch.zeros(batch, *spec.shape)


def axes(model: nn.Module) -> dict[int, Any]:
    """The axes of the input that are free: the batch, and the length where the network takes any."""
    free = {0: torch.export.Dim("batch")}
    return free | {1: torch.export.Dim("time")} if sequences.is_any_length(model) else free


def output(spec: Spec) -> str:
    """What the output is called."""
    return "forecast" if isinstance(spec, Series) else "logits"


def instructions(spec: Spec) -> dict[str, Any]:
    """How to prepare an input and read the output, beside the facts of the data themselves."""
    known: dict[str, Any] = {"preprocessing": preprocessing(spec)}
    if isinstance(spec, Series):
        said = f"forecast (batch, horizon, targets) of spec.columns[:{spec.targets}], scaled: "
        return known | {"output": f"{said}value = forecast * std[:{spec.targets}] + mean[:{spec.targets}]"}
    said = "logits (batch, classes); softmax gives the probabilities"
    return known | {"output": said, "classes": spec.classes}


def preprocessing(spec: Spec) -> dict[str, Any]:
    """How raw examples become the input `x`: first by the `reading` of their source, if there is any."""
    return ({"reading": spec.reading} if spec.reading else {}) | _formula(spec)


def _formula(spec: Spec) -> dict[str, Any]:
    match spec:
        case Images():
            return {
                "input": "pixels 0 to 255, (batch, channels, height, width)",
                "formula": "(pixels / 255 - mean) / std, per channel, float32",
                "mean": spec.mean,
                "std": spec.std,
            }
        case Texts():
            return _words(spec)
        case Series():
            return {
                "input": "the last spec.shape[0] steps of spec.columns, oldest first, (batch, time, columns)",
                "formula": "(value - mean) / std, per column, float32",
                "mean": spec.mean,
                "std": spec.std,
            }


def _words(spec: Texts) -> dict[str, Any]:
    if spec.tokenizer:
        return {
            "input": "numbers of pieces in spec.vocabulary, (batch, time), int64",
            # Cut to the longest text seen, not to `length` of params: a BERT may have no positions beyond.
            "formula": "those that Tokenizer.from_str of the library tokenizers gives, made of "
            "spec.tokenizer as JSON, its model.vocab being {piece: place in spec.vocabulary}, cut to "
            f"spec.shape[0] with what it puts around a text; {_FILLED}",
        }
    return {
        "input": "numbers of words in spec.vocabulary, (batch, time), int64",
        "formula": "by Python: text = unicodedata.normalize('NFC', text); if spec.lower: "
        "text = unicodedata.normalize('NFC', text.lower()); words = re.findall(spec.words, "
        "text.replace('\N{RIGHT SINGLE QUOTATION MARK}', \"'\"))[:spec.shape[0]]; each is its place in "
        f"spec.vocabulary, {UNKNOWN} where it has none; {_FILLED}; {PAD} alone is a text without words",
    }
