"""Tables that people keep in .xlsx workbooks and CSV files: as strict values with the name of every cell."""
