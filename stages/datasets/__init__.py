"""Where data come from: one file a source, each with `fetch` and `prepare`."""
