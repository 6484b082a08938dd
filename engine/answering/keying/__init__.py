"""Answers keyed from paper, as a dialogue without a terminal: what is typed goes in, screens and the sheet come out."""
