"""`python -m designloop` is the `designloop` command."""

from designloop.cli.main import main

if __name__ == "__main__":
    main()
