"""Export a trained network to ONNX and prove it equal: `python -m stages.export mlp`."""

from stages.core import command, files, folders, paths, spec, splits, threads
from stages.core.params import load, pick
from stages.exporting import onnx_file, parity, usage
from stages.modelling import machine, weights


def main(run: str) -> command.Done:
    """Write `models/<run>/onnx/`, and how far onnxruntime and torch differ on the whole test split."""
    block = pick(load().models, run, kind="models")
    model, card = weights.load(run)
    threads.share(card.threads)
    weights.check_data(card, spec.read(block.dataset))
    machine.seed(card.seed)  # of the latents that a generator is proved by
    test = splits.load(card.spec, "test")
    reports, timing = [], {}
    with folders.filling(paths.exported(run)) as folder:  # what fails the proof never takes its place
        for name, shipped in usage.parts(model, card.spec).items():
            path = folder / paths.onnx(run, name).name
            onnx_file.write(shipped, card, path)
            session = onnx_file.session(path, threads=card.threads)
            proof = parity.prove(parity.outputs(shipped, session, card.spec, test), run=run)
            reports.append({"size_bytes": path.stat().st_size} | proof)
            timing[name] = parity.latency(shipped, session, card.spec)
    report = parity.together(reports)
    files.write_json(paths.export(run), report)
    files.write_json(paths.timing("export", run), timing)
    return command.Done(parity.told(report, timing), paths.exported(run))


if __name__ == "__main__":
    command.run(main, takes="run")
