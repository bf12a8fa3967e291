"""Train a network: `python -m stages.train mlp`."""

from stages import loop
from stages.core import command, heap, paths, rooms, spec, splits
from stages.core.blocks import Run
from stages.core.params import Params, load, pick
from stages.loop.checkpoint import Checkpoint, alone
from stages.modelling import answering, machine, origins, starting, weights


def main(run: str) -> command.Done:
    """Train a run of params.yaml; write its weights, learning curves and gradient norms."""
    params = load()
    block = pick(params.models, run, kind="models")
    device = machine.prepare(threads=params.threads, device=params.device)
    machine.seed(params.seed)
    card = _card(run, block, params)
    model = machine.place(weights.build(card), device)
    objective = rooms.build("objectives", block.objective, card.spec, block.loss, at=f"models.{run}.loss")
    answering.check(model, card.spec, block.task, at=f"models.{run}")
    start = starting.start(model, card, block.start, at=f"models.{run}.start")
    with alone(run):
        job = loop.Job(
            run=run,
            spec=card.spec,
            settings=loop.settings(run, block.fit, params.fit),
            seed=params.seed,
            device=device,
            train=splits.load(card.spec, "train", device=device),
            val=splits.load(card.spec, "val", device=device),
            left=start.left,
            checkpoint=Checkpoint(run, [block.fitted, card, device.type, start.digest]),
        )
        heap.sweep()
        history = loop.fit(model, objective, job)
        weights.save(model, card)
        history.write(run, block.fit)
        history.write_timing(run, job.train)
        job.checkpoint.clear()
    return command.Done(history.told(block.fit), paths.weights(run))


def _card(run: str, block: Run, params: Params) -> weights.Card:
    facts, origin = spec.read(block.dataset), origins.of(block.start)
    return weights.Card(
        run=run,
        architecture=block.architecture,
        hyper=origins.hyper(origin, block, facts, at=f"models.{run}"),
        spec=facts,
        seed=params.seed,
        threads=params.threads,
        device=params.device,
        origin=origin,
    )


if __name__ == "__main__":
    command.run(main, takes="run")
