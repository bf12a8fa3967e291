"""What a block of params.yaml chooses, held against its data and the arguments that it has for it."""

from collections.abc import Collection, Iterator

from stages.core import arguments, choices, outlines, signatures
from stages.core.blocks import NOTHING, SCRATCH, Baseline, Dataset, Pretrained, Run
from stages.core.checking import Home, nearest, shown


def broken(
    block: Dataset | Pretrained | Run | Baseline, held: outlines.Kinds, *, at: str, home: Home
) -> Iterator[str]:
    """The choices of a block that are for other data than are `held`, and what is wrong with its arguments.

    Args:
        held: the kinds of its data, none where they are not known.
        home: where in params.yaml a key belongs.
    """
    if isinstance(block, Dataset | Pretrained):
        fetch = choices.arguments(type(block))["fetch"]
        taken = signatures.read(fetch.room, block.source, fetch.function)
        if taken and (told := unread(block, taken.written)):
            yield f"{at}.{told}"
        else:
            block = block.model_copy(update={"fetch": block.fetching})
    for key, one in choices.arguments(type(block)).items():
        name, given = getattr(block, one.choice), getattr(block, key)
        if isinstance(block, Run | Baseline) and not outlines.fits(held, one.room, name):
            yield f"{at}.{one.choice} {_misfit(one.room, name, held, block.dataset)}"
            continue
        # What a run starts from may bring how its network is built.
        may_lack = isinstance(block, Run) and key == "hyper" and block.start != SCRATCH
        yield from arguments.broken(one, name, given, at=f"{at}.{key}", home=home, may_lack=may_lack)


def unread(block: Dataset | Pretrained, names: Collection[str]) -> str:
    """What is wrong with the path of a block whose source takes arguments of those names; "" if nothing."""
    if block.path == NOTHING or "path" in names:
        return ""
    told = f"which reads no file of your own, got {shown(block.path)}"
    return f"path must be {NOTHING} for {block.source}, {told}"


def _misfit(room: str, name: str, held: outlines.Kinds, dataset: str) -> str:
    fitting = [other for other in choices.names(room) if outlines.fits(held, room, other)]
    wanted = f"must be one for {outlines.called(held)}, as {dataset!r} holds"
    got = f"got {shown(name)} for {outlines.called(outlines.takes(room, name))}"
    return f"{wanted}, {got}; {nearest(name, fitting)}"
