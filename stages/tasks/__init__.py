"""What is measured: one file a task, each with `metrics`, `charts` and `figures`."""
