"""Judge a trained network: `python -m stages.evaluate mlp`."""

import time

from stages.core import command, files, paths, rooms, spec, splits
from stages.core.params import load, pick
from stages.judging import filters, inference, verdict
from stages.modelling import machine, weights


def main(run: str) -> None:
    """Run a trained network over every split; write its predictions, metrics, charts and figures."""
    params = load()
    block = pick(params.models, run, kind="models")
    device = machine.prepare(params)
    model, card = weights.load(run)
    weights.check_data(card, spec.read(block.dataset))
    answer = inference.network(machine.place(model, device), card.spec, device)
    parts = {split: splits.load(block.dataset, split) for split in paths.SPLITS}
    started = time.perf_counter()
    judged = {
        split: inference.judge(part, answer, batch_size=inference.NETWORK_BATCH)
        for split, part in parts.items()
    }
    seconds = time.perf_counter() - started
    verdict.report(
        run,
        rooms.load("tasks", block.task),
        card.spec,
        judged,
        facts={"parameters": sum(p.numel() for p in model.parameters()), "seed": card.seed},
        pictures=filters.draw(model, card.spec),
    )
    files.write_json(
        paths.timing("evaluate", run), {"samples_per_second": sum(map(len, parts.values())) / seconds}
    )


if __name__ == "__main__":
    command.run(main, takes="run")
