"""Judge a trained network: `python -m stages.evaluate mlp`."""

from stages.core import command, files, inputs, paths, rooms, spec
from stages.core.params import load, pick
from stages.judging import inference, insight, verdict
from stages.modelling import machine, weights


def main(run: str) -> None:
    """Run a trained network over every split; write its predictions, metrics, charts and figures."""
    params = load()
    block = pick(params.models, run, kind="models")
    device = machine.prepare(params)
    model, card = weights.load(run)
    weights.check_data(card, spec.read(block.dataset))
    task = rooms.load("tasks", block.task)
    rooms.check_kind(task.metrics, card.spec, at=f"models.{run}: {block.task}")
    answer = inference.network(machine.place(model, device))
    judged, throughput = inference.judge(card.spec, answer, device=device, batch_size=inputs.IN_ORDER)
    seen = (model.cpu(), card.spec, judged["test"])
    verdict.report(
        run,
        task,
        card.spec,
        judged,
        facts={"parameters": sum(p.numel() for p in model.parameters()), "seed": card.seed},
        pictures=insight.pictures(*seen),
        rows=insight.rows(*seen),
    )
    files.write_json(paths.timing("evaluate", run), {"samples_per_second": throughput})


if __name__ == "__main__":
    command.run(main, takes="run")
