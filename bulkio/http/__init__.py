"""HTTP as the ERPs need it: one session per account, one layer of retries, one pace."""
