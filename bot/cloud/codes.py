"""What the cloud's codes mean.

Sources: RDS API reference, appendix "Error Codes"; API gateway, "Error Codes"; the vendor's Terraform provider for the set
of codes that mean "busy".
"""

from dataclasses import dataclass

from bot.domain.errors import BotError, Conflict, Misconfigured, Refused, Unavailable


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a group of the cloud's codes means: the error, its stable code, what happened, and what to do about it."""

    error: type[BotError]
    code: str
    what: str
    advice: str


BUSY = Meaning(Conflict, "cloud.busy", "Another operation runs on the instance", "Wait until it is done, then ask again.")
BACKUP_RUNNING = Meaning(
    Conflict, "cloud.backup_running", "A backup of the instance is being made", "Wait until it is done, then ask again."
)
STATE = Meaning(
    Refused, "cloud.state", "The instance's status does not allow this", "Wait until it is available, or choose another one."
)
STORAGE_FULL = Meaning(
    Refused, "cloud.storage_full", "The instance's storage is full", "Enlarge it or choose another target."
)
NO_INSTANCE = Meaning(
    Refused, "cloud.no_such_instance", "The cloud does not know this instance", "Choose one from the list."
)
NO_BACKUP = Meaning(Refused, "cloud.no_such_backup", "The cloud does not know this backup", "Choose one from the list.")
NO_DATABASE = Meaning(Refused, "cloud.no_such_database", "The cloud does not know this database", "Check the names.")
NO_JOB = Meaning(Refused, "cloud.no_such_job", "The cloud does not show this task", "It may show it in a few seconds.")
VERSION = Meaning(
    Refused, "cloud.version", "Source and target do not fit: engine or version", "Choose a target of the same version."
)
STORAGE = Meaning(
    Refused, "cloud.storage", "The target's storage is too small for the source", "Choose a larger target or enlarge it."
)
PARAMETER = Meaning(Refused, "cloud.parameter", "The cloud did not accept a value", "Check what was asked for.")
PERMISSION = Meaning(
    Misconfigured,
    "cloud.permission",
    "The bot's cloud account may not do this",
    "The operator must grant it the RDS permissions that the command check names.",
)
CREDENTIALS = Meaning(
    Misconfigured,
    "cloud.credentials",
    "The cloud did not accept the bot's credentials",
    "The operator must check the project's keys, and that the server's clock is right.",
)
NOT_PUBLISHED = Meaning(
    Misconfigured,
    "cloud.not_published",
    "The cloud does not offer this call in this region",
    "The operator must check the project's endpoint and api_version.",
)
THROTTLED = Meaning(
    Unavailable,
    "cloud.throttled",
    "The cloud takes no more calls for the moment, so this one was not carried out",
    "Try again in a minute.",
)
DOWN = Meaning(Unavailable, "cloud.down", "The cloud has trouble of its own", "Try again in a few minutes.")
CONFLICT = Meaning(
    Conflict, "cloud.conflict", "Something in the cloud stands against this now", "Look at the instance, then ask again."
)
REFUSED = Meaning(Refused, "cloud.refused", "The cloud refused", "Check what was asked for.")

_GROUPS: tuple[tuple[Meaning, str], ...] = (
    (
        BUSY,
        """
        DBS.200011 DBS.200019 DBS.200047 DBS.201202 DBS.212006 DBS.200018 DBS.200611 DBS.200080 DBS.200452
        DBS.200463 DBS.201015 DBS.201206 DBS.212033 DBS.280011 DBS.280343 DBS.280816 DBS.01010337
        """,
    ),
    (BACKUP_RUNNING, "DBS.201205"),
    (
        STATE,
        """
        DBS.200086 DBS.201014 DBS.200076 DBS.201208 DBS.280449 DBS.200038 DBS.200039 DBS.01280030 DBS.280036
        DBS.280406
        """,
    ),
    (STORAGE_FULL, "DBS.200316"),
    (
        NO_INSTANCE,
        """
        DBS.200002 DBS.200045 DBS.200408 DBS.200602 DBS.201028 DBS.290005 DBS.290011 DBS.200013 DBS.280404
        """,
    ),
    (NO_BACKUP, "DBS.201010 DBS.201203 DBS.280214"),
    (NO_DATABASE, "DBS.280128 DBS.200823"),
    (NO_JOB, "DBS.200543"),
    (VERSION, "DBS.200037 DBS.200040 DBS.201207 DBS.280238 DBS.200041 DBS.200504"),
    (STORAGE, "DBS.200306 DBS.200023 DBS.200073"),
    (
        PARAMETER,
        """
        DBS.200001 DBS.200004 DBS.200405 DBS.280001 DBS.280204 DBS.290000 DBS.200006 DBS.201035 APIGW.0106
        APIGW.0602
        """,
    ),
    (CONFLICT, "DBS.200402 DBS.201201"),
    (
        PERMISSION,
        """
        DBS.200010 DBS.200604 DBS.200044 DBS.201003 DBS.280015 APIGW.0302 APIGW.0304 APIGW.0306 APIGW.0310
        APIGW.0401 APIGW.0402 APIGW.0404 APIGW.0501 APIGW.0502 APIGW.0802
        """,
    ),
    (CREDENTIALS, "DBS.280056 APIGW.0301 APIGW.0303 APIGW.0305 APIGW.0307"),
    (NOT_PUBLISHED, "APIGW.0101 APIGW.0607"),
    (THROTTLED, "APIGW.0308"),
    (
        DOWN,
        """
        DBS.111205 DBS.108000 DBS.108002 DBS.108005 DBS.200005 DBS.200208 DBS.213004 DBS.290006 DBS.290015
        APIGW.0103 APIGW.0104 APIGW.0105 APIGW.0601 APIGW.0605 APIGW.0606 APIGW.0608 APIGW.0609 APIGW.0610
        APIGW.0611 APIGW.0612 APIGW.0613 APIGW.0705
        """,
    ),
)
MEANINGS = {cloud_code: meaning for meaning, codes in _GROUPS for cloud_code in codes.split()}
"""What each known code of the cloud means."""

DEFINITE = frozenset(
    code for code, meaning in MEANINGS.items() if code.startswith("DBS.") and meaning not in (DOWN, CREDENTIALS)
)
"""Codes by which RDS itself says no, whatever the HTTP status: nothing was changed."""
