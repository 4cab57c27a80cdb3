"""Store: what must survive. Plain functions on one SQL connection; nothing here books, renders or sends."""
