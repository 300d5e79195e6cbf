"""`python -m bulkio`: the same as the program `bulkio`."""

from bulkio.cli.main import main

if __name__ == "__main__":
    main()
