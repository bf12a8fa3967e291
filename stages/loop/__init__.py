"""The one training loop, for every network and every objective."""

from stages.loop.fit import check, fit
from stages.loop.job import Job, settings

__all__ = ["Job", "check", "fit", "settings"]
