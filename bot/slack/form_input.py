"""Reads the restore form: what was typed and chosen becomes a draft, or errors at their fields."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.databases import read_renames
from bot.domain.errors import Refused
from bot.domain.people import Place
from bot.slack import ids
from bot.slack.payloads import View
from bot.slack.render.form import FormState
from bot.slack.restore_time import read_time
from bot.workflow.open_request import Draft


class FieldErrors(Exception):
    """One sentence for each field that must be changed."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def read_form(view: View, state: FormState, zone: str, now: datetime) -> Draft:
    """The draft. Raises FieldErrors with every error at once."""
    errors: dict[str, str] = {}
    source, target = view.choice(ids.SOURCE), view.choice(ids.TARGET)
    if source is None:
        errors[ids.SOURCE] = "Choose the instance that the data comes from."
    if target is None:
        errors[ids.TARGET] = "Choose the instance that will be overwritten."
    backup_id, at, databases = None, None, None
    if (ids.RESTORE_TIME if state.mode == ids.MODE_TIMESTAMP else ids.BACKUP) not in view.inputs():
        raise FieldErrors({ids.MODE: "The form has not caught up with this choice. Please choose it once more."})
    try:
        if state.mode == ids.MODE_TIMESTAMP:
            at = read_time(view.text(ids.RESTORE_TIME), zone, now)
        else:
            backup_id = _backup(view)
        databases = read_renames(view.text(ids.DATABASES))
    except Refused as error:
        errors[error.field or ids.SOURCE] = error.message
    reason = view.text(ids.REASON)
    if len(reason) < 3:
        errors[ids.REASON] = "Say why, in a few words."
    if errors or source is None or target is None:
        raise FieldErrors(errors)
    return Draft(
        project=state.project,
        source_id=source.id,
        target_id=target.id,
        reason=reason,
        backup_id=backup_id,
        at=at,
        databases=databases,
        safety_backup=view.checked(ids.SAFETY_BACKUP),
    )


def place_of(view: View, state: FormState) -> Place:
    """Where the request will live. Raises FieldErrors if no channel was chosen."""
    channel = state.channel or view.conversation(ids.CHANNEL)
    if channel is None:
        raise FieldErrors({ids.CHANNEL: "Choose the channel that the request is posted in."})
    return Place(channel, state.thread)


def _backup(view: View) -> str:
    chosen = view.choice(ids.BACKUP)
    if chosen is None:
        raise Refused("no_backup", "Choose a backup.", field=ids.BACKUP)
    return chosen.id
