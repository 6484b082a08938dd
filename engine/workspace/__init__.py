"""A bureau's workspace: register, inspections, findings, numbers, ledgers, filings, and who changed what."""
