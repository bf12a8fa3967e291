"""The cheap methods beside the networks: one file a method, each ending in `build(spec, *, ...)`."""
