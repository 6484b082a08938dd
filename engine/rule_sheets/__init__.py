"""Rules as a workbook and back: what a clerk changes in cells is written into the YAML, and nothing beside it."""
