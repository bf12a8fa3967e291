"""What is known of a data set: facts that preprocess measured, never written by hand."""

from pydantic import BaseModel, ConfigDict

from stages.core import files, paths


class Spec(BaseModel):
    """The facts of a data set.

    `shape` is that of one input without its batch axis: (C, H, W) for images. `mean` and `std` are per
    channel, of the train split, for pixels scaled to [0, 1]. `sha256` are the digests of the split files.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    source: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    counts: dict[str, tuple[int, ...]]  # split -> examples of each class
    mean: tuple[float, ...]
    std: tuple[float, ...]
    sha256: dict[str, str]  # split -> digest

    def size(self, split: str) -> int:
        """How many examples a split holds."""
        return sum(self.counts[split])


def read(dataset: str) -> Spec:
    """The facts of a preprocessed data set."""
    return Spec.model_validate(files.read_json(paths.spec(dataset), made_by=f"preprocess@{dataset}"))
