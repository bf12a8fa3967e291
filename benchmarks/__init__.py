"""What the project is measured by: each module says what it measures, how, and with which command."""
