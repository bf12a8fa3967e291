"""Examples that stand in train too: scores on them say less of what is new."""

from collections.abc import Mapping
from hashlib import sha256
from itertools import chain

import numpy as np

from stages.sourcing import cores, disk
from stages.sourcing.disk import Rows


def shares(parts: Mapping[str, Rows]) -> dict[str, float]:
    """Of each split the share of examples that stand in train too; of train that of repetitions.

    Args:
        parts: split -> its examples, each an array.
    """
    digests = {
        name: [*chain.from_iterable(cores.each(_digests, disk.pieces(rows)))] for name, rows in parts.items()
    }
    known = set(digests["train"])
    repeated = {name: sum(each in known for each in part) / len(part) for name, part in digests.items()}
    return repeated | {"train": 1 - len(known) / len(digests["train"])}


def tell(dataset: str, repeated: Mapping[str, float]) -> None:
    """Say what of val and test stands in train too."""
    for name in ("val", "test"):
        if share := repeated[name]:
            print(f"{dataset}: {100 * share:.3g} % of {name} stand in train too", flush=True)


def _digests(rows: Rows) -> list[bytes]:
    return [sha256(np.ascontiguousarray(each).data).digest() for each in np.asarray(rows)]
