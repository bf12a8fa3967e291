"""What batches of texts of one length save: tokens trained a second, against texts all equally long.

    python -m benchmarks.padding imdb_lstm

Both are `python -m stages.train` for one epoch, each a process of its own, alternating. The other one takes
the texts shuffled and padded to the longest that the data set allows. Tokens are words, padding does not
count; the seconds are those of the epoch, its validation and checkpoint included.
"""

import argparse
import json
from statistics import median

from benchmarks.workspace import Workspace, scratch
from stages.core import paths

WANTED = 2.0


def padded(run: str) -> None:
    """Train with every text as long as the longest may be."""
    from stages import train
    from stages.core import inputs, splits

    inputs.trimmed = lambda x: x.long()
    load = splits.load

    def unsorted(*given: object, **options: object) -> splits.Split:
        split = load(*given, **options)  # type: ignore[arg-type]
        split.lengths = None
        return split

    splits.load = unsorted
    train.main(run)


def seconds(here: Workspace, run: str, *, fixed: bool) -> tuple[float, float]:
    """Examples and tokens trained a second."""
    if fixed:
        here.module("benchmarks.padding", run, "--fixed")
    else:
        here.stage("train", run)
    timing = json.loads((here.folder / paths.timing("train", run)).read_text())
    return timing["samples_per_second"], timing.get("tokens_per_second", 0.0)


def main() -> None:
    """Measure a run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fixed", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fixed:
        padded(options.run)
        return
    with scratch() as here:
        here.set(f"models.{options.run}.fit.epochs", 1)
        here.prepare(here.params["models"][options.run]["dataset"])
        ratios = []
        for _ in range(options.rounds):
            ours, tokens = seconds(here, options.run, fixed=False)
            theirs, _ = seconds(here, options.run, fixed=True)
            ratios.append(ours / theirs)
            each = tokens / ours
            print(
                f"bucketed {tokens:,.0f} tokens/s, fixed length {theirs * each:,.0f}: {ratios[-1]:.2f}",
                flush=True,
            )
    print(f"{options.run}: ratio {median(ratios):.2f} (wanted >= {WANTED})")


if __name__ == "__main__":
    main()
