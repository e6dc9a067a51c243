"""`python -m bot.ops.probe HOST PORT`: does a bot that listens there answer? For the image's health check.

A command of its own, with the standard library alone: it starts every few seconds and must cost next to nothing.
"""

import http.client
import sys
from collections.abc import Sequence

PATIENCE = 4.0
"""Seconds that an answer may take; less than the health check's own limit, so that the reason is told."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared with, not listened on
"""Where to reach a program that listens on all addresses."""


def trouble(host: str, port: int) -> str | None:
    """None if `/healthz` answers with 200, else what is wrong."""
    connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"no answer from {host}:{port}: {error}"
    finally:
        connection.close()
    return None if status == http.client.OK else f"{host}:{port} answers with {status}"


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 if the bot answers, 1 if it does not, 2 if it is called in another way."""
    if len(arguments) != 2 or not arguments[1].isdigit():
        sys.stderr.write("usage: python -m bot.ops.probe HOST PORT\n")
        return 2
    wrong = trouble(arguments[0], int(arguments[1]))
    if wrong is not None:
        sys.stderr.write(f"{wrong}\n")
    return 0 if wrong is None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
