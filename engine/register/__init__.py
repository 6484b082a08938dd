"""Register and visits as pure functions: models in, models out. What is kept is the matter of engine.workspace."""
