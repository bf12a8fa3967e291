"""What is known of a data set: facts that preprocess measured, never written by hand."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from stages.core import files, paths

# What is said wherever a score on such data is shown.
GENERATED = "generated data"

# The first words of every vocabulary: what fills up a text, and what stands for a word that is not in it.
PAD, UNKNOWN = 0, 1


class Facts(BaseModel):
    """What is known of any data set. Each kind adds its own, and says what a network for it gives back.

    `shape` is that of one input without its batch axis; `sha256` are the digests of the split files.
    `generated` data are drawn by a program: no score on them says anything of the world. `reading` is what a
    source makes of what it reads, where it does not take it as it is: its arguments, or `steps` in Python.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    source: str
    generated: bool = False
    reading: dict[str, Any] = {}
    shape: tuple[int, ...]
    sha256: dict[str, str]  # split -> digest


class Labelled(Facts):
    """Inputs that each belong to one of K `classes`."""

    classes: tuple[str, ...]
    counts: dict[str, tuple[int, ...]]  # split -> examples of each class

    @property
    def outputs(self) -> tuple[int, ...]:
        """The shape of what a network that tells classes says of one input: logits (K)."""
        return (len(self.classes),)

    def size(self, split: str) -> int:
        """How many examples a split holds."""
        return sum(self.counts[split])


class Images(Labelled):
    """Images (C, H, W). `mean` and `std` are per channel, of the train split, for pixels scaled to [0, 1].

    Where some classes are `normal`, train and val hold no others; test holds all. By split, `repeated` is the
    share of images that stand in the train split too, to the pixel.
    """

    kind: Literal["images"] = "images"
    normal: tuple[str, ...] = ()
    repeated: dict[str, float] = Field(default_factory=dict)
    mean: tuple[float, ...]
    std: tuple[float, ...]


class Texts(Labelled):
    """Texts (T): the numbers of their words in `vocabulary` (V), filled up behind with 0.

    `words` is the regular expression of a word, after NFC and, with `lower`, lower case; with `punctuation`
    signs are words of their own. Where there is a `tokenizer`, words are its pieces and it says all of that
    instead: a `tokenizer.json` less its pieces, which are `vocabulary`. `special` numbers stand for no word.
    By split, `cut` is the share of words that were cut off, `unknown` that of
    words outside of `vocabulary`, `repeated` that of texts that stand in the train split too. `empty` counts
    texts without words, which are left out.
    """

    kind: Literal["texts"] = "texts"
    lower: bool
    punctuation: bool
    cut: dict[str, float]
    unknown: dict[str, float]
    repeated: dict[str, float]
    empty: int
    special: tuple[int, ...] = (PAD, UNKNOWN)
    # What is long stands last, where it hides nothing from who reads the file.
    vocabulary: tuple[str, ...]
    tokenizer: dict[str, Any] | None = None
    words: str


class Series(Facts):
    """Windows (T, C) of `columns`, and what follows them: `horizon` (F) steps of the first `targets` columns.

    `mean` and `std` are per column, of the train split. A season takes `period` steps. `steps` are those that
    each split holds, the window before its first horizon included.
    """

    kind: Literal["series"] = "series"
    columns: tuple[str, ...]
    targets: int
    horizon: int
    period: int
    steps: dict[str, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def window(self) -> int:
        """The steps that a network sees."""
        return self.shape[0]

    @property
    def outputs(self) -> tuple[int, ...]:
        """The shape of what a network says of one input: the forecast (F, targets)."""
        return (self.horizon, self.targets)

    def size(self, split: str) -> int:
        """How many windows a split holds."""
        return self.steps[split] - self.window - self.horizon + 1


class Vectors(Labelled):
    """Numbers (D) as networks take them, on no disk: what the part of one says that never changes."""


Spec: TypeAlias = Images | Texts | Series


def read(dataset: str) -> Spec:
    """The facts of a preprocessed data set."""
    content = files.read_json(paths.spec(dataset), made_by=f"preprocess@{dataset}")
    known: TypeAdapter[Spec] = TypeAdapter(Annotated[Spec, Field(discriminator="kind")])
    return known.validate_python(content)
