"""Fetch weights that were trained elsewhere: `python -m stages.adopt <pretrained>`."""

from stages.core import command, files, folders, paths, rooms
from stages.core.adopted import Adopted
from stages.core.params import load, pick


def main(name: str) -> None:
    """Write models/<pretrained>: tensors by their names at the source, for runs to start from."""
    block = pick(load().pretrained, name, kind="pretrained")
    source = rooms.load("pretrained", block.source)
    file, at = paths.weights(name), f"pretrained.{name}.fetch"
    with folders.passing(file.parent / "fetched") as folder:
        adopted: Adopted = rooms.call(source.fetch, folder, arguments=block.fetching, at=at)
    files.write_tensors(file, adopted.tensors, said=adopted.said)


if __name__ == "__main__":
    command.run(main, takes="block of pretrained")
