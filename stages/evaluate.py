"""Judge a trained network: `python -m stages.evaluate mlp`."""

import time

import torch
from torch import nn

from stages.core import command, files, inputs, paths, rooms, spec
from stages.core.params import load, pick
from stages.judging import insight, network, strip, verdict
from stages.judging.subject import Subject
from stages.modelling import machine, weights


def main(run: str) -> command.Done:
    """Ask a trained network what its task asks; write its predictions, metrics, charts and figures."""
    block = pick(load().models, run, kind="models")
    model, card = weights.load(run)
    device = machine.prepare(threads=card.threads, device=card.device, of=f"{paths.weights(run)}: ")
    weights.check_data(card, spec.read(block.dataset))
    task = rooms.build("tasks", block.task, card.spec, block.measure, at=f"models.{run}.measure")
    judge = _subject(model, card, block.referee, device)
    task.check(judge)
    started = time.perf_counter()
    judged = task.ask(judge)
    seconds = time.perf_counter() - started
    seen = (model.cpu(), card.spec, judged["test"])
    scores = verdict.report(
        run,
        task,
        card.spec,
        judged,
        facts={"parameters": sum(p.numel() for p in model.parameters()), "seed": card.seed},
        pictures=insight.pictures(*seen) | strip.draw(run),
        rows=insight.rows(*seen),
    )
    files.write_json(paths.timing("evaluate", run), verdict.throughput(judged, seconds))
    said = verdict.headline(scores, task=block.task, is_generated=card.spec.generated)
    return command.Done(said, paths.metrics(run))


def _subject(model: nn.Module, card: weights.Card, referee: str, device: torch.device) -> Subject:
    return Subject(
        run=card.run,
        at=f"models.{card.run}",
        spec=card.spec,
        seed=card.seed,
        threads=card.threads,
        referee=referee,
        device=device,
        batch_size=inputs.IN_ORDER,
        functions=network.functions(machine.place(model, device)),
    )


if __name__ == "__main__":
    command.run(main, takes="run")
