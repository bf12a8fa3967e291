"""What tasks share: a run's answers, the verdict on them and its pictures."""
