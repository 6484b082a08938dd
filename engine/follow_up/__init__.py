"""What a bureau has to keep after: ledgers, findings, clocks, grading. Lists of models in, results out; no store."""
