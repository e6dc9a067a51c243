"""Answers to the sub-commands: one request, several, or how to use the command."""

from collections.abc import Sequence

from bot.domain.request import Request
from bot.slack.render import blocks, limits, text, words
from bot.slack.render.card import Message

USAGE = (
    "`/rds-restore` opens the form",
    "`/rds-restore orders-prod to orders-staging at 2026-11-23 10:00` opens it filled in",
    "`/rds-restore orders-prod to orders-staging from backup NAME` likewise",
    "`/rds-restore status` the newest requests of this channel, `status R-7KQ2M` one of them",
    "`/rds-restore list` what is not finished",
    "`/rds-restore history` what is",
    "`/rds-restore cancel R-7KQ2M` takes your own request back",
    "`/rds-restore help` this text",
)


def line(words_said: str) -> Message:
    """One sentence, escaped already."""
    return Message(text.cut_markup(words_said, limits.SECTION) or " ", blocks.dumped([blocks.section(words_said)]))


def usage(unknown: str = "", missing: str = "") -> Message:
    """What can be typed; begins with what was not understood, or with the sub-command that needs a request id."""
    lines = list(USAGE)
    if missing:
        lines.insert(0, f"Say which request, for example `/rds-restore {missing} R-7KQ2M`. What can be typed:")
    elif unknown:
        lines.insert(0, f"I do not know a sub-command or an instance {text.code(unknown, 80)}. What can be typed:")
    return line("\n".join(lines))


def one(request: Request) -> Message:
    """How a request stands."""
    said = row(request)
    end = words.outcome(request) or text.said(request.trouble or "")
    return line(f"{said}\n{end}" if end else said)


def several(title: str, requests: Sequence[Request]) -> Message:
    """A list, newest first."""
    if not requests:
        return line(f"*{title}*\nNothing.")
    rows = [f"*{title}*", *(row(request) for request in requests)]
    # A section for each: together they are longer than one may be.
    shown = blocks.dumped([blocks.section(each) for each in rows[: limits.MESSAGE_BLOCKS]])
    return Message(text.cut_markup("\n".join(rows), limits.SECTION), shown)


def row(request: Request) -> str:
    """A request in one line, mrkdwn."""
    sign, word = words.STATE[request.state]
    percent = f" {request.job.percent} %" if request.job and request.job.percent and not request.closing else ""
    return (
        f"{sign} *{request.id}* {word}{percent}: {text.code(request.wish.source.name, 64)} onto "
        f"{text.code(request.wish.target.name, 64)}, asked by {text.person(request.requester.user)} "
        f"{text.day_time(request.opened_at)} in {text.channel(request.place.channel)}"
    )
