"""Split a data set and measure its facts: `python -m stages.preprocess <dataset>`."""

import torch

from stages.core import command, files, params, paths, rooms, spec, splits
from stages.core.errors import UserError
from stages.sourcing import folders, holdout, statistics


def main(name: str) -> None:
    """Write data/processed/<dataset>: train, val and test, and their spec.json."""
    dataset = params.pick(params.load().datasets, name, kind="datasets")
    source = rooms.load("datasets", dataset.source)
    if not paths.raw(name).is_dir():
        raise UserError(f"{paths.raw(name)} is missing: run `dvc repro download@{name}` first")
    examples = source.prepare(paths.raw(name))
    parts = holdout.split(examples, dataset.split, dataset=name)
    mean, std = statistics.per_channel(parts["train"].x)
    with folders.filling(paths.processed(name)) as folder:
        sha256 = {}
        for split, (x, y) in parts.items():
            file = folder / paths.split(name, split).name
            sha256[split] = splits.write(file, x=torch.from_numpy(x), y=torch.from_numpy(y))
        facts = spec.Spec(
            dataset=name,
            source=dataset.source,
            shape=parts["train"].x.shape[1:],
            classes=examples.classes,
            counts={split: holdout.counts(part, examples.classes) for split, part in parts.items()},
            mean=mean,
            std=std,
            sha256=sha256,
        )
        files.write_json(folder / paths.spec(name).name, facts.model_dump(mode="json"))


if __name__ == "__main__":
    command.run(main, takes="dataset")
