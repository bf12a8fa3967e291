"""Fetch a data set from its source: `python -m stages.download <dataset>`."""

from stages.core import choices, command, folders, params, paths
from stages.sourcing import own


def main(name: str) -> command.Done:
    """Fill data/raw/<dataset>, or leave it as it was."""
    dataset = params.pick(params.load().datasets, name, kind="datasets")
    source = choices.load("datasets", dataset.source)
    with folders.filling(paths.raw(name)) as folder:
        own.call(source.fetch, folder, dataset, at=f"datasets.{name}")
    return command.Done(folders.held(paths.raw(name)), paths.raw(name))


if __name__ == "__main__":
    command.run(main, takes="dataset")
