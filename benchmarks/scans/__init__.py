"""Scans made up from the real printed checklist: marks drawn with a seeded hand, pages spoilt as scanners spoil them."""
