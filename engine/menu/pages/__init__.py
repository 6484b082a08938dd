"""The menus under the first one, a module each."""
