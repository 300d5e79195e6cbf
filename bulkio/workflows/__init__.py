"""The recipes: export, check, plan, apply. Each file reads top to bottom; none prints, asks or exits."""
