"""Xentral's customers, spoken strictly: a second reading of the vendor's pages, independent of our own connector.

Sources, named in comments by these words:

- "the description": the vendor's public OpenAPI of the V3 endpoints (26.34), and of V1 (24.48) for DELETE.
- "the page": the vendor's page about filtering, ordering and pagination in V3, or about rate limiting.
- "measured": what the vendor's own programs say they found out from a live system.
- "assumed": nothing is documented; of the likely answers the one that is hardest on a client was chosen.
"""
