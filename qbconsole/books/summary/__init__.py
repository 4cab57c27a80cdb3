"""PURE. Summary mode: what a shop day's orders come to, added up in few documents."""
