"""How the bot's database stands: reachable, writable, of this program's version. Changes nothing and takes no lock."""

import os

from bot.domain.condition import Condition, doubtful, fine, wrong
from bot.store import lost, migrate
from bot.store.address import address, place, real, sqlite_file
from bot.store.engine import Store
from bot.store.file_lock import look_at


async def condition(url: str) -> Condition:
    """Raises Unavailable or Misconfigured where the database does not answer or refuses us."""
    target = address(url)
    file = sqlite_file(target)
    if file is not None:
        folder = real(file).parent
        if not os.access(folder, os.W_OK | os.X_OK) or (look_at(file) is not None and not os.access(file, os.W_OK)):
            return wrong(
                f"{file}: this user may not write the file or its folder.",
                f"Create {folder} and give it to the user that runs the bot, or correct DATABASE_URL.",
            )
        absent = lost.condition_of_file(file)
        if absent is not None:
            return absent
    store = Store(target, read_only=True)
    try:
        revision = await migrate.current(store)
    finally:
        await store.close()
    return _standing(revision, place(target))


def _standing(revision: str | None, where: str) -> Condition:
    if revision is None:
        return lost.condition_of_empty(where)
    if revision == migrate.newest():
        return fine(f"{where}, schema {revision}. Whether the audit log is whole, `audit verify` tells.")
    if migrate.is_known(revision):
        return doubtful(
            f"The database ({where}) has the older schema {revision}; this program's is {migrate.newest()}.",
            "`serve` migrates at its start: back the database up before.",
        )
    return wrong(
        f"The program is older than the database ({where}): it does not know the schema {revision}.",
        "Install the version that last worked with this database, or a newer one.",
    )
