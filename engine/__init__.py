"""春风 (chunfeng): campaign rules in, checklists, findings and inspection records out."""

__version__ = "0.1.0"
