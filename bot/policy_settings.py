"""The `[[policies]]` of the TOML file, and what they mean to the domain."""

import json
import re
from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.domain.freeze import DatedFreeze, Freeze, WeeklyFreeze
from bot.domain.policy import ApproverGroup, Confirm, Policy, SafetyBackup

_DURATION = re.compile(r"^(\d+)(s|m|h|d)$")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_HOUR = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)$|^24:00$")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERYBODY = "*"
_WHO = re.compile(r"[UWS][A-Z0-9]+")
_CHANNEL = re.compile(r"[CG*?\[][A-Z0-9*?!\[\]-]*")
_WHO_HELP = (
    "ids of people begin with U or W, those of user groups with S (in Slack: profile, ⋮, Copy member ID; "
    "a user group's id is the last part of its address in the web client)"
)
_CHANNEL_HELP = (
    "ids of channels begin with C or G, and a pattern fits ids, not names "
    "(in Slack: View channel details, the id is at the bottom)"
)


def _duration(value: object) -> object:
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a duration such as "30s", "10m", "2h" or "1d"')
    return timedelta(**{_UNIT[found[2]]: int(found[1])})


def _hour(value: object) -> object:
    if not isinstance(value, str) or not _HOUR.match(value):
        raise ValueError('write a time of day such as "22:00"')
    return time() if value == "24:00" else time.fromisoformat(value)


def _zone(value: object) -> object:
    if not isinstance(value, str) or value not in available_timezones():
        raise ValueError('write a time zone such as "Europe/Berlin" or "UTC"')
    return value


def _who(value: str) -> str:
    if value == EVERYBODY:
        raise ValueError(f'"*" names nobody, and a second person must be named here: {_WHO_HELP}')
    if not _WHO.fullmatch(value):
        raise ValueError(f"{_quoted(value)} is a name, not an id: {_WHO_HELP}")
    return value


def _who_or_everybody(value: str) -> str:
    return value if value == EVERYBODY else _who(value)


def _channel(value: str) -> str:
    if not _CHANNEL.fullmatch(value):
        raise ValueError(f"{_quoted(value)} is a name, not an id: {_CHANNEL_HELP}")
    return value


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


Who = Annotated[str, AfterValidator(_who)]
"""The id of a person or a user group. Never `*`: a second person is somebody whom the policy names."""
WhoOrEverybody = Annotated[str, AfterValidator(_who_or_everybody)]
Channel = Annotated[str, AfterValidator(_channel)]
"""The id of a channel, or a pattern that an id can fit."""
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Hour = Annotated[time, BeforeValidator(_hour)]
Zone = Annotated[str, BeforeValidator(_zone)]


class Strict(BaseModel):
    """Values that do not change, with keys that are all known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupSettings(Strict):
    """One of several groups that must all approve, each with its own count."""

    name: str = Field(default="", max_length=60)
    """What the card calls the group."""
    approvers: tuple[Who, ...] = Field(min_length=1)
    """Ids of people (`U…`) and user groups (`S…`)."""
    approvals: int = Field(default=1, ge=1, le=10)
    """How many different people of it must approve."""


class FreezeSettings(Strict):
    """A time without restores: `begins` and `ends`, or `days` of each week with hours and a zone."""

    begins: AwareDatetime | None = None
    """Begin of a dated freeze, with its offset from UTC."""
    ends: AwareDatetime | None = None
    """End of a dated freeze; the moment itself is not part of it."""
    days: tuple[Day, ...] = ()
    """A weekly freeze: the days on which it begins."""
    start: Hour = Field(default=time(), alias="from")
    """When a weekly freeze begins on these days."""
    end: Hour = Field(default=time(), alias="until")
    """When it ends. What is not later than the beginning belongs to the next day."""
    zone: Zone = "UTC"
    """The clock of `from` and `until`."""
    why: str = Field(default="", max_length=200)
    """Said to those who are refused."""

    @model_validator(mode="after")
    def _one_of_both(self) -> "FreezeSettings":
        dated = self.begins is not None or self.ends is not None
        if dated == bool(self.days):
            raise ValueError("give either begins and ends, or days")
        if dated and (self.begins is None or self.ends is None or self.ends <= self.begins):
            raise ValueError("begins must be before ends, and both are needed")
        return self

    def freeze(self) -> Freeze:
        """As the domain sees it."""
        if isinstance(self.begins, datetime) and isinstance(self.ends, datetime):
            return DatedFreeze(self.begins, self.ends, self.why)
        days = frozenset(DAYS.index(day) for day in self.days)
        return WeeklyFreeze(days, self.start, self.end, ZoneInfo(self.zone), self.why)


class PolicySettings(Strict):
    """Who may ask and who may approve; the first entry whose patterns match the target decides."""

    projects: tuple[str, ...] = ("*",)
    """Names of projects, shell patterns."""
    targets: tuple[str, ...] = ("*",)
    """Names of the instances that are overwritten, shell patterns."""
    channels: tuple[Channel, ...] = ("*",)
    """Ids of the channels where it may be asked for, shell patterns."""
    requesters: tuple[WhoOrEverybody, ...] = ("*",)
    """Who may ask: ids of people (`U…`), of user groups (`S…`), or `*`. An empty list: nobody."""
    approvers: tuple[Who, ...] = ()
    """Who may approve or deny: ids of people and user groups. This or `groups` is needed. The requester never counts."""
    approvals: int = Field(default=1, ge=1, le=10)
    """How many different people must approve."""
    groups: tuple[GroupSettings, ...] = ()
    """Several groups that must all approve, instead of `approvers` and `approvals`."""
    notify: tuple[Who, ...] = ()
    """Who is mentioned: ids of people and user groups. Nobody given: those who may approve."""
    safety_backup: Literal["required", "offered", "off"] = "offered"
    """A backup of the target before it is overwritten: always, as a box in the form, or never."""
    confirm: Literal["type_name", "button"] = "type_name"
    """How the approver confirms: by typing the target's name, or only by the button."""
    pending_for: Duration = timedelta(minutes=30)
    """A request that nobody decides on expires after this."""
    remind_every: Duration = timedelta(minutes=10)
    """When the approvers are reminded first; the wait doubles each time."""
    escalate_to: tuple[Who, ...] = ()
    """Who is mentioned once when nobody has decided for so long. Whether they may decide is said by `approvers` alone."""
    escalate_after: Duration = timedelta(minutes=15)
    """When they are mentioned."""
    break_glass: tuple[Who, ...] = ()
    """Who may start a restore without the approvals: ids of people and user groups. Nobody given: nobody."""
    freeze: tuple[FreezeSettings, ...] = ()
    """Times without restores."""
    max_live_per_person: int | None = Field(default=None, ge=1)
    """How many unfinished requests one person may have under this policy. Not given: no limit."""

    @model_validator(mode="after")
    def _approvers_or_groups(self) -> "PolicySettings":
        if bool(self.approvers) == bool(self.groups):
            raise ValueError("give either approvers (with approvals), or groups")
        if self.groups and "approvals" in self.model_fields_set:
            raise ValueError("with groups, each group has its own approvals")
        return self

    def policy(self) -> Policy:
        """As the domain sees it."""
        return Policy(
            projects=self.projects,
            targets=self.targets,
            channels=self.channels,
            requesters=self.requesters,
            approvers=self.approvers,
            approvals=self.approvals,
            groups=tuple(ApproverGroup(group.approvers, group.approvals, group.name) for group in self.groups),
            notify=self.notify,
            safety_backup=SafetyBackup(self.safety_backup),
            confirm=Confirm(self.confirm),
            pending_for=self.pending_for,
            remind_every=self.remind_every,
            escalate_to=self.escalate_to,
            escalate_after=self.escalate_after,
            break_glass=self.break_glass,
            freeze=tuple(freeze.freeze() for freeze in self.freeze),
            max_live_per_person=self.max_live_per_person,
        )
