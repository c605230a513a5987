"""What the programs that drive foreign stacks have in common."""

import contextlib
import ctypes
import socket
import sys


def tied(signal):
    """Has a program end with this one, however that ends (prctl, PR_SET_PDEATHSIG)."""
    return lambda: ctypes.CDLL(None).prctl(1, signal)


def tell(*words):
    """Says something to whoever has started this program, if that still listens."""
    with contextlib.suppress(BrokenPipeError):
        # In one piece: several threads speak.
        sys.stdout.write(" ".join(map(str, words)) + "\n")
        sys.stdout.flush()


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
