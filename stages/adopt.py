"""Fetch weights that were trained elsewhere: `python -m stages.adopt <pretrained>`."""

from stages.core import command, folders, paths, rooms, stored
from stages.core.adopted import Adopted
from stages.core.params import load, pick
from stages.sourcing import own


def main(name: str) -> command.Done:
    """Write models/<pretrained>: tensors called as those of a `backbone`, for runs to start from."""
    block = pick(load().pretrained, name, kind="pretrained")
    source = rooms.load("pretrained", block.source)
    file = paths.weights(name)
    with folders.passing(file.parent / "fetched") as folder:
        adopted: Adopted = own.call(source.fetch, folder, block, at=f"pretrained.{name}")
    tensors = {f"backbone.{key}": tensor for key, tensor in adopted.tensors.items()}
    stored.write(file, tensors, said=adopted.said)
    return command.Done(f"{len(tensors):,} tensors, {file.stat().st_size:,} bytes", file)


if __name__ == "__main__":
    command.run(main, takes="block of pretrained")
