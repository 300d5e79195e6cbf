"""Unleashed's customers, spoken strictly: a second reading of the vendor's page, independent of our own connector."""
