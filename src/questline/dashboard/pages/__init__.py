"""One module a page, with one function that draws it."""
