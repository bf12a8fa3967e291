"""Whether deep learning pays: the chosen network against the chosen baseline."""

from stages.comparing import gains
from stages.comparing.comparison import KINDS
from stages.comparing.gains import Gain
from stages.comparing.groups import Group
from stages.judging.columns import Column


def verdict(group: Group) -> str:
    """A sentence, or what is missing for one. Validation has chosen who is compared, test tells the gain."""
    chosen, column = group.chosen, group.leading
    for kind in KINDS:
        if kind not in chosen:
            return f"**No verdict**: {_lacking(group, kind)}."
    network, baseline = (chosen[kind] for kind in KINDS)
    gain = gains.over(network, baseline, column)
    (ours, theirs) = (
        f"{entry.kind} `{entry.name}` ({column.told(entry.metrics[column.metric])})"
        for entry in (network, baseline)
    )
    return (
        f"**{_answer(gain, column)}**: on test the chosen {ours} is {gains.told(gain, column)} "
        f"the chosen {theirs}; {gains.reach(gain, column)}."
    )


def _lacking(group: Group, kind: str) -> str:
    if any(entry.kind == kind for entry in group.entries):
        return f"no {kind} for {group.title} has a {group.choice.title} and a test {group.leading.title}"
    return f"params.yaml has no {kind} for {group.title}"


def _answer(gain: Gain, column: Column) -> str:
    if gain.is_clear:
        return f"Deep learning {'pays' if gain.lead > 0 else 'does not pay'} here"
    ahead = "ahead" if gain.lead > 0 else "behind"
    where = "level" if column.is_tie(gain.lead) else ahead
    return f"Deep learning is {where} here, {gains.clearness(gain)}"
