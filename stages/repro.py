"""All that is out of date, as many stages at once as there are cores: `python -m stages.repro [--jobs N]`.

It ends in what `dvc repro` ends in, which runs one stage after another; so does this where N is 1, or where
each stage has to wait for another.
"""

import argparse
import os
import sys
from typing import NoReturn

from stages.core.errors import UserError
from stages.core.params import load
from stages.scheduling import jobs, pipeline, size
from stages.scheduling.crew import Crew


def main(asked: int | None) -> None:
    """Run what is out of date, `asked` jobs at once, or as many as the machine is good for."""
    if asked is not None and asked < 1:
        raise UserError(f"jobs must be at least 1, got {asked}")
    params, now = load(), pipeline.read()
    todo = jobs.group(jobs.due(now.graph, now.stale))
    if not todo:
        print("nothing is out of date")
        return
    at_once = 1 if jobs.chained(todo) else asked or size.fitting(params)
    if at_once == 1:
        _one_by_one()
    try:
        Crew(todo, size=at_once).work()
    finally:
        pipeline.tidy(now)


def _one_by_one() -> NoReturn:
    """Become `dvc repro`."""
    os.execv(sys.executable, [sys.executable, "-m", "dvc", "repro"])  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run all that is out of date, on every core.")
    parser.add_argument("--jobs", type=int, help="at once; unless given, cores / threads of params.yaml")
    try:
        main(parser.parse_args().jobs)
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
