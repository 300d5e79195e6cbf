"""Xentral: customers with their delivery addresses and contact persons."""
