"""Split a data set and measure its facts: `python -m stages.preprocess <dataset>`."""

from stages.core import choices, command, files, folders, params, paths, rooms
from stages.core.checking import shown
from stages.core.errors import UserError
from stages.core.spec import GENERATED, Labelled, Spec
from stages.sourcing import cores, given


def main(name: str) -> command.Done:
    """Write data/processed/<dataset>: train, val and test, and their spec.json."""
    dataset = params.pick(params.load().datasets, name, kind="datasets")
    source = choices.load("datasets", dataset.source)
    raw = paths.raw(name)
    if not raw.is_dir():
        raise UserError(f"{raw} is missing: run `dvc repro download@{name}` first")
    at = f"datasets.{name}"
    # Before the reading, which may take long.
    rooms.check_arguments(source.encode, dataset.encode, at=f"{at}.encode")
    with given.as_given(raw, dataset.fetching.get("path", str(raw)), at=at):
        examples = rooms.call(source.prepare, raw, arguments=dataset.prepare, at=f"{at}.prepare")
    encoded = rooms.call(
        source.encode, examples, dataset.split, name, arguments=dataset.encode, at=f"{at}.encode"
    )
    with folders.filling(paths.processed(name)) as folder:
        places = (folder / paths.split(name, split).name for split in encoded.splits)
        with cores.beside(files.write_tensors, places, encoded.splits.values()) as digests:
            facts = encoded.kind(
                dataset=name,
                source=dataset.source,
                generated=getattr(source, "GENERATED", False),
                reading=examples.reading,
                **encoded.facts,
                **encoded.measure(),
                sha256=dict(zip(encoded.splits, digests, strict=True)),  # last: it waits for the writing
            )
        files.write_json(folder / paths.spec(name).name, facts.model_dump(mode="json"))
    return command.Done(_told(facts), paths.processed(name))


def _told(facts: Spec) -> str:
    """How many examples there are, and of what classes: one that was misspelt is among the rarest."""
    sizes = ", ".join(f"{facts.size(split):,} {split}" for split in paths.SPLITS)
    told = f"{sizes} examples" + f" ({GENERATED})" * facts.generated
    if not isinstance(facts, Labelled):
        return told
    learnt = [each for each in zip(facts.counts["train"], facts.classes, strict=True) if each[0]]
    fewest, rarest = min(learnt)
    if len(learnt) == 1:
        return f"{told}, {shown(rarest)} alone to learn"
    return f"{told}, {len(learnt):,} classes to learn, {shown(rarest)} the rarest: {fewest:,} in train"


if __name__ == "__main__":
    command.run(main, takes="dataset")
