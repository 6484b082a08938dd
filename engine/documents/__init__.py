"""Checklists and records as HTML and PDF. Templates lie in templates/<document>/; nothing is fetched."""
