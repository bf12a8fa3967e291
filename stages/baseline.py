"""Fit and judge a classical method: `python -m stages.baseline nearest_neighbours`."""

import time

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from stages.core import command, files, paths, rooms, spec, splits
from stages.core.params import load, pick
from stages.judging import inference, verdict


def main(name: str) -> None:
    """Fit a baseline of params.yaml on the train split and judge it as networks are judged."""
    params = load()
    block = pick(params.baselines, name, kind="baselines")
    facts = spec.read(block.dataset)
    method = rooms.build("classical", block.method, facts, block.hyper, at=f"baselines.{name}.hyper")
    parts = {split: splits.load(block.dataset, split) for split in paths.SPLITS}
    with threadpool_limits(params.threads):
        started = time.perf_counter()
        method.fit(inference.rows(parts["train"], facts), parts["train"].y.numpy())
        fitted = time.perf_counter()
        answer = inference.classical(method.logits, facts)
        judged = {
            split: inference.judge(part, answer, batch_size=inference.CLASSICAL_BATCH)
            for split, part in parts.items()
        }
        seconds = time.perf_counter() - fitted
    verdict.report(
        name,
        rooms.load("tasks", block.task),
        facts,
        judged,
        facts={"parameters": method.parameters, "seed": params.seed},
        pictures={},
    )
    examples = sum(len(answers.y) for answers in judged.values())
    files.write_json(
        paths.timing("baseline", name),
        {"fit_seconds": fitted - started, "samples_per_second": examples / seconds},
    )


if __name__ == "__main__":
    command.run(main, takes="baseline")
