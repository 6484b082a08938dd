"""Every message explained: what it means, an example of the wrong and of the right. Texts in the files beside it."""
