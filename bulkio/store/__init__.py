"""What bulkio keeps on disk: what was exported (baseline), what was sent (journal), where things are (state)."""
