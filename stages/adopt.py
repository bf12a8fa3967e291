"""Fetch weights that were trained elsewhere: `python -m stages.adopt <pretrained>`."""

from stages.core import choices, command, files, folders, paths
from stages.core.adopted import Adopted
from stages.core.params import load, pick
from stages.sourcing import own


def main(name: str) -> command.Done:
    """Write models/<pretrained>: tensors by their names at the source, for runs to start from."""
    block = pick(load().pretrained, name, kind="pretrained")
    source = choices.load("pretrained", block.source)
    file = paths.weights(name)
    with folders.passing(file.parent / "fetched") as folder:
        adopted: Adopted = own.call(source.fetch, folder, block, at=f"pretrained.{name}")
    files.write_tensors(file, adopted.tensors, said=adopted.said)
    return command.Done(f"{len(adopted.tensors):,} tensors, {file.stat().st_size:,} bytes", file)


if __name__ == "__main__":
    command.run(main, takes="block of pretrained")
