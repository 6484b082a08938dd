"""Frozen domain types: what flows through the program. No input or output happens here."""
