"""Tables that a bureau files: counted from what is kept, frozen, printed, handed up and merged. Pure functions."""
