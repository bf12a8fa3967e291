"""Blocks of params.yaml under a heading of others, or too far in or out: a line for each of them."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from stages.core import annotations
from stages.core.checking import Block, path_to

Kinds = Mapping[str, Any]  # heading -> what blocks stand below it


def strays(file: type[Block], content: Any) -> Iterator[str]:
    """What is wrong with where the blocks stand in the `content` of params.yaml, a `file`."""
    fields = {name: field.annotation for name, field in file.model_fields.items()}
    kinds = {name: get_args(kind)[-1] for name, kind in fields.items() if get_origin(kind) is dict}
    for heading in kinds:
        yield from _outside(kinds, heading, _mapping(content).get(heading))
    for path, block in _places(kinds, content):
        keys = block.keys() - fields  # what is shared need not stand in a block, but may
        own = _faults(kinds[path[0]], keys, fields.keys()) if len(path) == 2 else len(keys)
        if own:
            best = min(kinds, key=lambda heading: _faults(kinds[heading], keys, fields.keys()))
            known = keys & annotations.fields(kinds[best]).keys()
            if _faults(kinds[best], keys, fields.keys()) < min(own, len(known)):
                yield f"{path_to(*path)} looks like {kinds[best].CALLED}: move it under {best}"


def _outside(kinds: Kinds, heading: str, named: Any) -> Iterator[str]:
    """Keys of a block that stand where its name does, and headings that stand where names do."""
    fields = annotations.fields(kinds[heading])
    required = {name for name, field in fields.items() if field.is_required()}
    # A block may be called as a heading or a key is: then it holds what it must, or some of it.
    others = {name: block for name, block in _mapping(named).items() if not required & _mapping(block).keys()}
    for name in kinds:
        if _mapping(others.get(name)):
            yield f"{path_to(heading, name)} must stand at the left margin, as every heading does"
    if keys := [key for key in others if key in fields]:
        further = f", and so must {', '.join(keys[1:])}" if keys[1:] else ""
        place = f"below the name of {kinds[heading].CALLED}, two spaces further in"
        yield f"{path_to(heading, keys[0])} must stand {place}{further}"


def _places(kinds: Kinds, content: Any) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """The mappings that are, or may be, blocks: under the headings, beside these, and too far in."""
    for key, value in _mapping(content).items():
        if key not in kinds:
            yield (key,), _mapping(value)
            continue
        for name, block in _mapping(value).items():
            if name in kinds:
                continue
            yield (key, name), _mapping(block)
            for inner in (one for one in _mapping(block) if one not in annotations.fields(kinds[key])):
                yield (key, name, inner), _mapping(block[inner])


def _faults(kind: Any, keys: Any, shared: Any) -> int:
    """How many keys a block has too many or too few to be of a kind."""
    known = annotations.fields(kind)
    required = {name for name, field in known.items() if field.is_required()} - shared
    return len(keys - known.keys()) + len(required - keys)


def _mapping(content: Any) -> Mapping[str, Any]:
    return content if isinstance(content, dict) else {}
