"""Where in params.yaml a key belongs that the block it stands in does not know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_origin

from stages.core import annotations, arguments
from stages.core.choices import ArgumentsOf

Path = tuple[str, ...]


@dataclass(frozen=True)
class NameIn:
    """What a text is: the name of a block of `heading`, whose keys are looked for there too."""

    heading: str


class Place(NamedTuple):
    """A place in params.yaml: the type of what it may hold, what it holds, and the path to it."""

    kind: Any
    content: Any
    path: Path = ()

    @property
    def mapping(self) -> Mapping[str, Any]:
        """What it holds, by key."""
        return self.content if isinstance(self.content, dict) else {}

    def at(self, step: str, kind: Any) -> "Place":
        """The place of a key."""
        return Place(kind, self.mapping.get(step), (*self.path, step))

    def inside(self, step: str) -> "Place":
        """The place of a key that it knows, or of one of the names that its user chose."""
        known = {place.path[-1]: place for place in self.known()}
        return known.get(step) or self.at(step, annotations.inside(self.kind, [step]))

    def known(self) -> Iterator["Place"]:
        """The places of the keys that it knows."""
        for name, field in annotations.fields(self.kind).items():
            given = [one for one in field.metadata if isinstance(one, ArgumentsOf)]
            names = tuple(arguments.names(given[0], self.mapping)) if given else field.annotation
            yield self.at(name, names)
        if isinstance(self.kind, tuple):  # the names of arguments
            yield from (self.at(name, None) for name in self.kind)

    def below(self, key: str) -> Iterator[Path]:
        """The paths below it that end in `key`, what it knows itself before what stands deeper."""
        places = list(self.known())
        yield from (place.path for place in places if place.path[-1] == key)
        for place in places:
            yield from place.below(key)


def find(file: Place, path: Sequence[str]) -> Path | None:
    """The path of a key that the block before the end of `path` does not know, if another block does.

    The nearest: below the block itself, below those around it, or below a block that one of these names. Of
    the whole file only its own values count, such as `seed`: a block has what it refines of the shared ones
    below itself.
    """
    *steps, key = path
    around = _around(file, steps)
    homes = [home for place in around for home in place.below(key) if place.path or _is_value(file, home)]
    if not steps:
        homes = list(file.below(key))
    named = [home for place in around for block in _named(file, place) for home in block.below(key)]
    return next(iter(homes + named), None)


def known(file: Place, steps: Sequence[str]) -> list[str] | None:
    """The keys that the block at `steps` knows; None where its user chooses them."""
    place = _around(file, steps)[0]
    return None if get_origin(place.kind) is dict else [one.path[-1] for one in place.known()]


def _around(file: Place, steps: Sequence[str]) -> list[Place]:
    """The block at `steps` and those around it, the whole file last."""
    around = [file]
    for step in steps:
        around.insert(0, around[0].inside(step))
    return around


def _is_value(file: Place, home: Path) -> bool:
    """Whether a path leads to a value of the file itself, no block and no mapping of blocks."""
    kind = file.inside(home[0]).kind
    return len(home) == 1 and not annotations.fields(kind) and get_origin(kind) is not dict


def _named(file: Place, block: Place) -> Iterator[Place]:
    """The blocks that a block names."""
    for name, field in annotations.fields(block.kind).items():
        for one in field.metadata:
            named = block.mapping.get(name)
            if isinstance(one, NameIn) and isinstance(named, str):
                yield file.inside(one.heading).inside(named)
