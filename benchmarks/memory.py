"""Peak memory of `stages.train` on a split and on one ten times larger: a split is never in memory whole.

    python -m benchmarks.memory

One epoch of an mlp on 28x28 noise, 60,000 examples (47 MB) against 600,000 (470 MB), each in a process of its
own. The peak is that process's largest resident set, pages of mapped files included. `--examples 600000` goes
on to 470 MB and 4.7 GB.
"""

import argparse
import multiprocessing
from pathlib import Path

import torch

from benchmarks.workspace import scratch
from stages.core import files, paths, spec

VAL = 1_000
CLASSES = 10
SHAPE = (1, 28, 28)
RUN = "mnist_mlp_fast"


def write(folder: Path, dataset: str, sizes: dict[str, int]) -> None:
    """Splits of noise, as preprocess would leave them."""
    generator = torch.Generator().manual_seed(0)
    sha256 = {}
    for split, size in sizes.items():
        x = torch.randint(256, (size, *SHAPE), dtype=torch.uint8, generator=generator)
        sha256[split] = files.write_tensors(
            folder / f"{split}.safetensors", {"x": x, "y": torch.arange(size) % CLASSES}
        )
    facts = spec.Images(
        dataset=dataset,
        source="mnist",
        shape=SHAPE,
        classes=tuple(map(str, range(CLASSES))),
        counts={split: (size // CLASSES,) * CLASSES for split, size in sizes.items()},
        mean=(0.5,),
        std=(0.29,),
        sha256=sha256,
    )
    files.write_json(folder / "spec.json", facts.model_dump(mode="json"))


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=60_000)
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    peaks = []
    with scratch() as here:
        here.set(f"models.{RUN}.fit.epochs", 1)
        for size in (options.examples, 10 * options.examples):
            dataset = f"noise_{size}"
            folder = here.folder / paths.processed(dataset)
            # A process starts with the peak of the one that starts it: what writes is another.
            writer = spawn.Process(target=write, args=(folder, dataset, {"train": size, "val": VAL}))
            writer.start()
            writer.join()
            here.set(f"datasets.{dataset}", here.params["datasets"]["mnist"])
            here.set(f"models.{RUN}.dataset", dataset)
            ran = here.stage("train", RUN)
            peaks.append(ran.peak_mib)
            megabytes = (here.folder / paths.split(dataset, "train")).stat().st_size / 1e6
            print(f"{size:,} examples, {megabytes:,.0f} MB: peak {ran.peak_mib:.0f} MiB, {ran.seconds:.1f} s")
    print(f"growth {peaks[1] / peaks[0] - 1:+.1%} (wanted < 10 %)")


if __name__ == "__main__":
    main()
