"""One inspection from plan to record: its site, its checklist, its answers opened against their release."""
