"""Papers: blank checklists against Typst, records against WeasyPrint used plainly, memory over many documents."""
