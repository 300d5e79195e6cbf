"""The ERPs: one folder each, all alike behind protocol.py."""
