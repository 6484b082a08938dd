"""A campaign's plan: what answers each of its clauses, and what it wants by which day."""
