"""What is built: one file an architecture, each ending in `build(spec, *, ...)`."""
