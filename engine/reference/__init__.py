"""The rules as pages to look things up in: opened from a folder or a USB stick, searched without a network."""
