"""Fit and judge a classical method: `python -m stages.baseline nearest_neighbours`."""

import time

import torch
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
    train = splits.load(block.dataset, "train")
    with threadpool_limits(params.threads):
        started = time.perf_counter()
        method.fit(inference.rows(train, facts), train.y.numpy())
        seconds = time.perf_counter() - started
        answer = inference.classical(method.logits)
        judged, throughput = inference.judge(
            block.dataset,
            facts,
            answer,
            device=torch.device("cpu"),
            batch_size=inference.CLASSICAL_BATCH,
        )
    verdict.report(
        name,
        rooms.load("tasks", block.task),
        facts,
        judged,
        facts={"parameters": method.parameters, "seed": params.seed},
        pictures={},
    )
    timing = {"fit_seconds": seconds, "samples_per_second": throughput}
    files.write_json(paths.timing("baseline", name), timing)


if __name__ == "__main__":
    command.run(main, takes="baseline")
