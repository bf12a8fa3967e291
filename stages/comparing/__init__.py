"""What lies beneath the comparison: reading all verdicts, tables and the overview."""
