"""Seconds of the textbook loop against those of `stages.train`: whole processes, in pairs.

    python -m benchmarks.speed mlp
    python -m benchmarks.speed cnn

mlp: five epochs of 784-128-64-10 each. cnn: 3 convolutions 32-64-128 and 512, to 99.0 % test accuracy; the
textbook loop stops after the first epoch that reaches it, ours trains the schedule of mnist_cnn_fast and must
have reached it. The sides alternate, with a new seed each round, on the same number of threads, with the data
already on disk (the raw files for the textbook, the splits of preprocess for ours).

`ratio` leaves out the seconds in which the textbook loop judges the test split; `whole` counts them. Ours
judges its validation split after each epoch, in its time, and the test split in a stage of its own, untimed.
"""

import argparse
import json
import re
from dataclasses import dataclass
from statistics import mean, median

from benchmarks.workspace import Workspace, scratch
from stages.core import paths

ENOUGH = 0.99
STOP = {
    "mlp": ("--epochs", "5"),
    # The textbook loop reaches it in fewer than ten.
    "cnn": ("--epochs", "10", "--until", str(ENOUGH)),
}
WANTED = {"mlp": 6, "cnn": 4}


@dataclass(frozen=True, slots=True)
class Side:
    """How one side did in one round."""

    seconds: float
    judging: float  # seconds on the test split, within
    accuracy: float


def textbook(here: Workspace, model: str, seed: int) -> Side:
    """The textbook loop."""
    folder = str(paths.raw("mnist"))
    ran = here.module("benchmarks.textbook", folder, "--model", model, "--seed", str(seed), *STOP[model])
    epochs = re.findall(r"accuracy (\S+) judging (\S+)", ran.output)
    return Side(ran.seconds, sum(float(judging) for _, judging in epochs), float(epochs[-1][0]))


def ours(here: Workspace, model: str, seed: int) -> Side:
    """The train stage; what evaluate then says of its weights."""
    run = f"mnist_{model}_fast"
    here.set("seed", seed)
    seconds = here.stage("train", run).seconds
    here.stage("evaluate", run)
    return Side(seconds, 0.0, json.loads((here.folder / paths.metrics(run)).read_text())["accuracy"])


def main() -> None:
    """Measure a model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=WANTED)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    pairs = []
    with scratch() as here:
        here.prepare("mnist")
        for seed in range(options.rounds):
            slow, fast = (side(here, options.model, seed) for side in (textbook, ours))
            pairs.append((slow, fast))
            print(
                f"round {seed + 1}: textbook {slow.seconds:.1f} s, of it judging {slow.judging:.1f} s, "
                f"{slow.accuracy:.2%}; ours {fast.seconds:.1f} s, {fast.accuracy:.2%}; "
                f"ratio {(slow.seconds - slow.judging) / fast.seconds:.2f}, "
                f"whole {slow.seconds / fast.seconds:.2f}",
                flush=True,
            )
        print(f"{here.params['threads']} threads each, n = {len(pairs)}")
    summary(options.model, pairs)


def summary(model: str, pairs: list[tuple[Side, Side]]) -> None:
    """Medians of the seconds and ratios, means of the accuracies."""
    slow, fast = ([pair[side] for pair in pairs] for side in (0, 1))
    for name, sides in (("textbook", slow), ("ours", fast)):
        seconds, judging = (median(getattr(side, key) for side in sides) for key in ("seconds", "judging"))
        right = [side.accuracy for side in sides]
        reached = sum(one >= ENOUGH for one in right)
        print(
            f"{name}: median {seconds:.1f} s, of it judging {judging:.1f} s; accuracy {mean(right):.2%}, "
            f"least {min(right):.2%}, {ENOUGH:.0%} reached in {reached} rounds"
        )
    ratio = median((a.seconds - a.judging) / b.seconds for a, b in pairs)
    whole = median(a.seconds / b.seconds for a, b in pairs)
    print(f"{model}: ratio {ratio:.2f} (wanted >= {WANTED[model]}), whole {whole:.2f}; medians of the pairs")


if __name__ == "__main__":
    main()
