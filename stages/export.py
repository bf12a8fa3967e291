"""Export a trained network to ONNX and prove it equal: `python -m stages.export mlp`."""

import torch

from stages.core import command, files, paths, spec, splits
from stages.core.params import load, pick
from stages.exporting import onnx_file, parity
from stages.modelling import weights


def main(run: str) -> None:
    """Write `models/<run>/model.onnx`, and how far onnxruntime and torch differ on the whole test split."""
    params = load()
    block = pick(params.models, run, kind="models")
    torch.set_num_threads(params.threads)
    model, card = weights.load(run)
    weights.check_data(card, spec.read(block.dataset))
    path = paths.onnx(run)
    with files.replacing(path) as partial:  # what fails the proof never takes its place
        onnx_file.write(model, card, partial)
        session = onnx_file.session(partial, threads=params.threads)
        test = splits.load(card.spec, "test")
        report = parity.prove(*parity.outputs(model, session, card.spec, test), run=run)
    files.write_json(paths.export(run), {"size_bytes": path.stat().st_size} | report)
    files.write_json(paths.timing("export", run), parity.latency(session, card.spec))


if __name__ == "__main__":
    command.run(main, takes="run")
