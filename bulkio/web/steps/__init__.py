"""The five steps of the page, a module each: its routes, and what it shows."""
