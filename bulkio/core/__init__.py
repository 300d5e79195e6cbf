"""Pure code: values in, values out. No files, network, clock, printing or threads."""
