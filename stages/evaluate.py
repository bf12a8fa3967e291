"""Judge a trained network: `python -m stages.evaluate mlp`."""

import time

from stages.core import (
    command,
    files,
    filters,
    inference,
    judging,
    machine,
    paths,
    rooms,
    spec,
    splits,
    weights,
)
from stages.core.errors import UserError
from stages.core.params import load, pick


def main(run: str) -> None:
    """Run a trained network over every split; write its predictions, metrics, charts and figures."""
    params = load()
    block = pick(params.models, run, kind="models")
    device = machine.prepare(params)
    model, card = weights.load(run)
    model = machine.place(model, device)
    if card.spec != spec.read(block.dataset):
        raise UserError(
            f"{paths.weights(run)} learnt from other data than {paths.processed(block.dataset)} "
            f"holds now: run `dvc repro train@{run}` first"
        )
    answer = inference.network(model, card.spec, device)
    started = time.perf_counter()
    judged = {
        split: inference.judge(splits.load(block.dataset, split), answer, batch_size=inference.NETWORK_BATCH)
        for split in paths.SPLITS
    }
    seconds = time.perf_counter() - started
    judging.report(
        run,
        rooms.load("tasks", block.task),
        card.spec,
        judged,
        facts={"parameters": sum(p.numel() for p in model.parameters()), "seed": card.seed},
        pictures=filters.draw(model, card.spec),
    )
    examples = sum(len(answers.y) for answers in judged.values())
    files.write_json(
        paths.timing("evaluate", run), {"samples_per_second": examples / seconds, "device": device.type}
    )


if __name__ == "__main__":
    command.run(main, takes="run")
