"""Examples that stand in train too: scores on them say less of what is new."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

_DIGEST = 16  # bytes


def shares(parts: Mapping[str, Iterable[bytes]]) -> dict[str, float]:
    """Of each split the share of examples that stand in train too; of train that of repetitions.

    Args:
        parts: split -> each example as bytes.
    """
    digests = {
        name: [blake2b(each, digest_size=_DIGEST).digest() for each in part] for name, part in parts.items()
    }
    known = set(digests["train"])
    repeated = {name: sum(each in known for each in part) / len(part) for name, part in digests.items()}
    return repeated | {"train": 1 - len(known) / len(digests["train"])}


def tell(dataset: str, repeated: Mapping[str, float]) -> None:
    """Say what of val and test stands in train too."""
    for name in ("val", "test"):
        if share := repeated[name]:
            print(f"{dataset}: {100 * share:.3g} % of {name} stand in train too", flush=True)
