"""What developers run: set-up, law verification, generated files."""
