"""The command line: arguments in, text and exit status out. The only place that prints."""
