"""Two ways to the same conclusions: durable_rules and plain Python. Every result is compared; there is no fallback."""
