"""All that is out of date, as many stages at once as there are cores: `python -m stages.repro [--jobs N]`.

It ends in the bytes of `dvc repro`, which runs one stage after another and stops at the first that fails. But
in dvc.lock stages stand in the order of the graph, and those that the graph no longer has are gone.
"""

import argparse
import sys

from stages.core.errors import UserError
from stages.core.params import load
from stages.scheduling import foresight, jobs, pipeline, size
from stages.scheduling.crew import Crew
from stages.scheduling.telling import tell


def main(asked: int | None) -> None:
    """Run what is out of date, `asked` jobs at once, or as many as the machine is good for."""
    if asked is not None and asked < 1:
        raise UserError(f"jobs must be at least 1, got {asked}")
    params, now = load(), pipeline.read()
    todo = jobs.below(now.graph, now.stale)
    if not todo:
        tell("nothing is out of date")
        return
    foresight.check(params, todo, now.graph)
    try:
        pipeline.lighten(now)
        Crew(todo, size=asked or size.fitting(params)).work()
    finally:
        pipeline.tidy(now)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run all that is out of date, on every core.")
    parser.add_argument("--jobs", type=int, help="at once; unless given, as many as cores and memory hold")
    try:
        main(parser.parse_args().jobs)
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
