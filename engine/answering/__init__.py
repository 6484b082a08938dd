"""Blank sheets of every kind and what comes back from them: fields by name, assembled into one answer sheet."""
