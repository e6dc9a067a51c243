"""Where the database is: DATABASE_URL, read and put into words that hold no secret."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.domain.errors import Misconfigured

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""What may stand before `://`, and the driver that is used for it."""
SHORTEST = 6
"""Characters. A password that is shorter could be a part of any word, so blotting it out would only spoil the message."""


def address(text: str) -> URL:
    """The database's address. Raises Misconfigured `store.url`; the message never repeats the text, which may hold a
    password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # Not chained: the library's message repeats the whole text.
        raise Misconfigured("store.url", "DATABASE_URL is not the address of a database.") from None
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise Misconfigured("store.url", "DATABASE_URL must begin with sqlite+aiosqlite:// or postgresql+psycopg://.")
    url = url.set(drivername=driver)
    if url.get_backend_name() == "sqlite" and (not url.database or url.database.startswith((":memory:", "file:"))):
        raise Misconfigured(
            "store.url", "DATABASE_URL must name a file, for example sqlite+aiosqlite:///rds-restore-bot.db."
        )
    return url


def sqlite_file(url: URL) -> Path | None:
    """The database's file, by the name that people gave it; None for a server."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database).absolute()


def real(file: Path) -> Path:
    """Where symbolic links lead from `file`, whether or not anything is there. SQLite works there, so what belongs to the
    file is looked for there; people are told the name that they gave."""
    return Path(os.path.realpath(file))


def beside(file: Path, ending: str) -> Path:
    """What belongs to `file` and has its name with `ending`: one and the same by whichever link the file is reached."""
    found = real(file)
    return found.with_name(found.name + ending)


def place(url: URL) -> str:
    """The database in words for people: a file, or a name and a server. Without user and password."""
    file = sqlite_file(url)
    if file is not None:
        return str(file)
    hosts = url.query.get("host", ())
    server = url.host or (hosts if isinstance(hosts, str) else ", ".join(hosts)) or "this machine"
    return f"{url.database or 'the default database'} on {server}" + (f":{url.port}" if url.port else "")


def without_secrets(text: str, url: URL) -> str:
    """A driver's message with the address's password blotted out, if it is not shorter than `SHORTEST`."""
    secrets = [url.password, url.query.get("password")]
    for secret in secrets:
        for part in (secret,) if isinstance(secret, str) else secret or ():
            text = text.replace(part, "***") if len(part) >= SHORTEST else text
    return text
