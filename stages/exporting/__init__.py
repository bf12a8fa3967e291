"""What lies beneath an export: the file, and the proof that it is still the network."""
