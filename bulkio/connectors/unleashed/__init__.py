"""Unleashed: customers with their addresses and contacts."""
