"""The program ``scinno``, also as ``python -m scinno``."""

from scinno._runtime.extras import needs_extra


def main() -> None:
    """Run the command line; without its packages end with one line that says how to get them."""
    try:
        with needs_extra("scinno: error: the command line", "cli"):
            from scinno.cli import main as run
    except ModuleNotFoundError as error:
        raise SystemExit(str(error)) from None
    run()


if __name__ == "__main__":
    main()
