"""Scans made up from the printed checklist: marks drawn with a seeded hand, pages spoilt as scanners spoil them."""
