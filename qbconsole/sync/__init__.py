"""The verbs: pull, book, deliver, settle. Each is one conductor over the store and the edges."""
