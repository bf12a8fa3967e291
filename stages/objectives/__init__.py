"""What is minimised: one file an objective, each ending in `build(spec, *, ...)`."""
