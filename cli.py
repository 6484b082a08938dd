"""python cli.py … does in a checkout what the installed command chunfeng does."""

from engine.commands import main

if __name__ == "__main__":
    main()
