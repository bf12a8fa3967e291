"""What classical methods know of texts: words and runs of words, counted."""
