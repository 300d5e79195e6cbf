"""One file a command; each is a thin caller of bulkio.account."""
