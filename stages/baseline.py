"""Fit and judge a classical method: `python -m stages.baseline nearest_neighbours`."""

import time
from typing import Any

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from stages.core import command, files, inputs, paths, rooms, spec, splits, threads
from stages.core.params import Params, load, pick
from stages.core.spec import Spec
from stages.judging import subject, verdict
from stages.judging.subject import Subject


def main(name: str) -> command.Done:
    """Fit a baseline of params.yaml on the train split and judge it as networks are judged."""
    params = load()
    block = pick(params.baselines, name, kind="baselines")
    at = f"baselines.{name}"
    facts = spec.read(block.dataset)
    task = rooms.build("tasks", block.task, facts, block.measure, at=f"{at}.measure")
    method = rooms.build("classical", block.method, facts, block.hyper, at=f"{at}.hyper")
    judge = _subject(method, name, facts, block.referee, params)
    task.check(judge)
    threads.share(params.threads)
    with threadpool_limits(params.threads):
        started = time.perf_counter()
        method.fit(*(inputs.whole(splits.load(facts, part), facts) for part in ("train", "val")))
        fitted = time.perf_counter()
        judged = task.ask(judge)
        seconds = time.perf_counter() - fitted
        known = {"parameters": method.parameters, "seed": params.seed}
        scores = verdict.report(name, task, facts, judged, facts=known, pictures={})
    timing = {"fit_seconds": fitted - started} | verdict.throughput(judged, seconds)
    files.write_json(paths.timing("baseline", name), timing)
    said = verdict.headline(scores, task=block.task, is_generated=facts.generated)
    return command.Done(said, paths.metrics(name))


def _subject(method: Any, name: str, facts: Spec, referee: str, params: Params) -> Subject:
    return Subject(
        run=name,
        at=f"baselines.{name}",
        spec=facts,
        seed=params.seed,
        threads=params.threads,
        referee=referee,
        device=torch.device("cpu"),
        batch_size=inputs.AT_ONCE,
        functions=subject.classical(method),
    )


if __name__ == "__main__":
    command.run(main, takes="baseline")
