"""Models as the hub has them, small enough to be made in a test, and the hub itself on a local server."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import BertWordPieceTokenizer
from torch import Tensor, nn

from stages.core import vision  # noqa: F401  transformers goes past this door

# isort: split
from transformers import AutoModel
from transformers.models.bert import modeling_bert

from tests.misbehaving import Behaviour, Handler, reply

NAME, REVISION = "someone/tiny-bert", "0123456789abcdef0123456789abcdef01234567"
HYPER = {"width": 8, "heads": 2, "layers": 2, "hidden": 16, "length": 20}
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PIECES = (*SPECIAL, "the", "film", "was", "play", "##ing", "##ed", "good", "bad", ".")
FILES = ("config.json", "tokenizer.json", "model.safetensors")


def save(folder: Path, *, kind: str = "BertModel", pieces: tuple[str, ...] = PIECES, **config: Any) -> Path:
    """Write one of the classes of transformers that have a BERT in them, and its tokenizer."""
    torch.manual_seed(0)
    sizes = {
        "vocab_size": len(pieces),
        "hidden_size": HYPER["width"],
        "num_attention_heads": HYPER["heads"],
        "num_hidden_layers": HYPER["layers"],
        "intermediate_size": HYPER["hidden"],
        "max_position_embeddings": HYPER["length"],
    }
    network = getattr(modeling_bert, kind)(modeling_bert.BertConfig(**sizes | config))
    # As drawn, its norms and shifts would all be alike.
    network.load_state_dict({name: torch.randn_like(one) / 2 for name, one in network.state_dict().items()})
    network.save_pretrained(folder)
    numbers = {piece: number for number, piece in enumerate(pieces)}
    BertWordPieceTokenizer(numbers).save(str(folder / "tokenizer.json"))
    return folder


def edit(folder: Path, **config: Any) -> None:
    """Change what config.json says; None leaves it unsaid."""
    file = folder / "config.json"
    said = json.loads(file.read_text()) | config
    file.write_text(json.dumps({key: value for key, value in said.items() if value is not None}))


def theirs(folder: Path) -> nn.Module:
    """The encoder as transformers reads it."""
    network: nn.Module = AutoModel.from_pretrained(folder, local_files_only=True)
    return network.eval()


@torch.no_grad()
def states(network: nn.Module, x: Tensor) -> Tensor:
    """What it says of the words (B, T) of texts that are filled up with 0."""
    said: Tensor = network(x, attention_mask=(x > 0).long()).last_hidden_state
    return said


def serving(folder: Path, *, digest: str = "") -> Behaviour:
    """The hub with this one model: weights lie elsewhere, and who is led there is told their digest."""
    there = f"/{NAME}/resolve/{REVISION}/"
    sha256 = digest or hashlib.sha256((folder / FILES[-1]).read_bytes()).hexdigest()

    def give(handler: Handler) -> None:
        name = handler.path.removeprefix("/elsewhere").removeprefix(there)
        if name not in FILES or not (folder / name).exists():
            handler.send_error(404)
        elif name == FILES[-1] and handler.path.startswith(there):
            place = f"/elsewhere{handler.path}"
            reply(handler, b"", status=302, length=0, Location=place, X_Linked_Etag=f'"{sha256}"')
        else:
            body = (folder / name).read_bytes()
            reply(handler, body, length=len(body))

    return give
