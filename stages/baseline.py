"""Fit and judge a classical method: `python -m stages.baseline nearest_neighbours`."""

import time

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from stages.core import command, files, inputs, paths, rooms, spec, splits
from stages.core.params import load, pick
from stages.judging import inference, verdict


def main(name: str) -> None:
    """Fit a baseline of params.yaml on the train split and judge it as networks are judged."""
    params = load()
    block = pick(params.baselines, name, kind="baselines")
    facts = spec.read(block.dataset)
    task = rooms.load("tasks", block.task)
    rooms.check_kind(task.metrics, facts, at=f"baselines.{name}: {block.task}")
    method = rooms.build("classical", block.method, facts, block.hyper, at=f"baselines.{name}.hyper")
    with threadpool_limits(params.threads):
        started = time.perf_counter()
        method.fit(*(inputs.whole(splits.load(facts, name), facts) for name in ("train", "val")))
        seconds = time.perf_counter() - started
        answer = inference.classical(method.answer)
        judged, throughput = inference.judge(
            facts, answer, device=torch.device("cpu"), batch_size=inputs.AT_ONCE
        )
    verdict.report(
        name,
        task,
        facts,
        judged,
        facts={"parameters": method.parameters, "seed": params.seed},
        pictures={},
    )
    timing = {"fit_seconds": seconds, "samples_per_second": throughput}
    files.write_json(paths.timing("baseline", name), timing)


if __name__ == "__main__":
    command.run(main, takes="baseline")
