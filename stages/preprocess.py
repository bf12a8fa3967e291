"""Split a data set and measure its facts: `python -m stages.preprocess <dataset>`."""

from stages.core import command, files, folders, params, paths, rooms
from stages.core.errors import UserError


def main(name: str) -> None:
    """Write data/processed/<dataset>: train, val and test, and their spec.json."""
    dataset = params.pick(params.load().datasets, name, kind="datasets")
    source = rooms.load("datasets", dataset.source)
    if not paths.raw(name).is_dir():
        raise UserError(f"{paths.raw(name)} is missing: run `dvc repro download@{name}` first")
    at = f"datasets.{name}"
    # Before the reading, which may take long.
    rooms.check_arguments(source.encode, dataset.encode, at=f"{at}.encode")
    examples = rooms.call(source.prepare, paths.raw(name), arguments=dataset.prepare, at=f"{at}.prepare")
    encoded = rooms.call(
        source.encode, examples, dataset.split, name, arguments=dataset.encode, at=f"{at}.encode"
    )
    with folders.filling(paths.processed(name)) as folder:
        digests = {
            split: files.write_tensors(folder / paths.split(name, split).name, arrays)
            for split, arrays in encoded.splits.items()
        }
        facts = encoded.kind(
            dataset=name,
            source=dataset.source,
            generated=getattr(source, "GENERATED", False),
            sha256=digests,
            **encoded.facts,
        )
        files.write_json(folder / paths.spec(name).name, facts.model_dump(mode="json"))


if __name__ == "__main__":
    command.run(main, takes="dataset")
