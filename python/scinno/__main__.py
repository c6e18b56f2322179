"""The program ``scinno``, also as ``python -m scinno``."""

import _thread
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from scinno._runtime.extras import needs_extra

INTERRUPTED = 128 + signal.SIGINT
SENTENCE = "scinno: interrupted: nothing half-written is left"


class Interrupts:
    """What Ctrl-C does to the program, also while libraries are loaded and when it is over.

    Attributes
    ----------
    number : int
        How often it was pressed.
    begun : bool
        Whether there is work that must be put in order before the end.
    """

    def __init__(self) -> None:
        self.number = 0
        self.begun = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.number += 1
        if not self.begun:  # a library that is being loaded may make any error of it, or none
            os.write(2, f"{SENTENCE}\n".encode())
            os._exit(INTERRUPTED)
        raise KeyboardInterrupt


def _interrupt(number: int) -> None:
    """A signal for the main thread, which may be waiting."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:  # Windows
        _thread.interrupt_main()


def _try_again(lost: "sys.UnraisableHookArgs") -> None:
    """Repeat a signal that fell into a callback of Python itself, which would print and drop it."""
    if issubclass(lost.exc_type, KeyboardInterrupt | SystemExit):  # SIGTERM raises the second
        number = signal.SIGINT if lost.exc_type is KeyboardInterrupt else signal.SIGTERM
        again = threading.Timer(0.05, _interrupt, [number])
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)


@contextmanager
def one_end() -> Iterator[Interrupts]:
    """However often Ctrl-C is pressed inside: exit status 130 and one sentence, no traceback.

    After it the program only has to end, which Ctrl-C no longer disturbs.
    """
    interrupts = Interrupts()
    # Not where Ctrl-C is another one's: under nohup, or in a thread of another program.
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    hook = sys.unraisablehook
    if ours:
        signal.signal(signal.SIGINT, interrupts)
        sys.unraisablehook = _try_again
    why = ""
    try:
        yield interrupts
    except BaseException as error:
        if ours:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        expected = isinstance(error, KeyboardInterrupt | SystemExit)
        if isinstance(error, SystemExit) and error.code != INTERRUPTED:
            raise
        if not expected and not interrupts.number:
            raise
        if not expected:  # what a library made of it
            why = f" ({type(error).__name__}: {error})"
        print(SENTENCE + why, file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            sys.unraisablehook = hook


def main() -> None:
    """Run the command line; without its packages end with one line that says how to get them."""
    with one_end() as interrupts:
        try:
            with needs_extra("scinno: error: the command line", "cli"):
                from scinno.cli import main as run
        except ModuleNotFoundError as error:
            raise SystemExit(str(error)) from None
        interrupts.begun = True
        run()


if __name__ == "__main__":
    main()
