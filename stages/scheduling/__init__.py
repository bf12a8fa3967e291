"""Stages at once: jobs out of the graph that DVC has, and the processes that do them."""
