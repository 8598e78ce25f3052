"""`python -m playground`."""

from playground.cli import app

if __name__ == "__main__":
    app(prog_name="python -m playground")
