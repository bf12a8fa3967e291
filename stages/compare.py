"""Set all runs and baselines side by side: `python -m stages.compare`."""

from stages.comparing import comparison, groups, overview, page
from stages.comparing.comparison import Entry
from stages.core import command, files
from stages.core.params import load
from stages.core.paths import REPORTS
from stages.judging import figures

METRICS = ("run", "kind", "dataset", "task", "metric", "value")
CURVES = ("run", "dataset", "task", "epoch", "split", "measure", "value", "kept")
MEMORY = ("run", "dataset", "steps_back", "gradient")


def main() -> command.Done:
    """Compare what params.yaml names, whatever else lies among the reports."""
    found = comparison.entries(load())
    _write_data(found)
    together = groups.find(found)
    files.write_text(REPORTS / "comparison.md", page.write(together))
    figures.save(overview.draw(together), REPORTS / "comparison.png")
    tables = f"{len(together)} table{'s' * (len(together) > 1)}"
    said = f"{len(found)} runs and baselines in {tables}" if found else page.NOTHING
    return command.Done(said, REPORTS / "comparison.md")


def _write_data(found: list[Entry]) -> None:
    """The same in long form, as DVC plots it."""
    metrics = (
        # Text, of which no digit is lost: who rounds what was rounded gets another last digit than the table.
        (entry.name, entry.kind, entry.dataset, entry.task, metric, str(value))
        for entry in found
        for metric, value in entry.metrics.items()
    )
    curves = ((entry.name, entry.dataset, entry.task, *point) for entry in found for point in entry.curves)
    memory = ((entry.name, entry.dataset, *step) for entry in found for step in entry.memory)
    files.write_csv(REPORTS / "comparison.csv", METRICS, metrics)
    files.write_csv(REPORTS / "comparison_curves.csv", CURVES, curves)
    files.write_csv(REPORTS / "comparison_memory.csv", MEMORY, memory)


if __name__ == "__main__":
    command.run(main)
