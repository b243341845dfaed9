"""Eight clients of a Python driver that work at the same time and meet; not a test by itself.

Where to connect comes from PGHOST, PGUSER and PGDATABASE. Any failure ends the whole program.
"""

import itertools
import os
import sys
import threading
import traceback

CLIENTS = int(os.environ.get("CLIENTS", "8"))
ROUNDS = 20
_checks = itertools.count()
_barrier = threading.Barrier(CLIENTS)


def check(got, expected):
    """Counts a comparison, and fails when the two differ (an answer of somebody else, mostly)."""
    next(_checks)
    if got != expected:
        raise AssertionError(f"got {got!r}, expected {expected!r}")


def check_raises(kind, action, *arguments):
    next(_checks)
    try:
        action(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"no {kind}")


def meet():
    """Waits for all clients of the crew, so that each has prepared its statements, and idles."""
    _barrier.wait(60)


def fail():
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)


def finish():
    print(next(_checks), "checks")
    print("all well", flush=True)


def run(work):
    """Calls work(n) for each n of the crew, each in a thread of its own."""

    def one(n):
        try:
            work(n)
        except BaseException:
            fail()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    finish()
