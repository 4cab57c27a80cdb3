"""The Textual app. Sync never lives in its process; it reads views and posts messages."""
