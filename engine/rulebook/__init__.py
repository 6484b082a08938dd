"""The rules as their authors see them: cases, pages that explain a rule, schemas for editors."""
