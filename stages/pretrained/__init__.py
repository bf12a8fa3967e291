"""Where weights come from that were trained elsewhere: one file a source, each with `fetch`."""
