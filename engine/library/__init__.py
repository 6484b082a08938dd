"""The rules as a whole: files, cross-references, resolved campaigns and their releases."""
