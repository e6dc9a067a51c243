"""Nothing secret gets into a line, whatever it stands in."""

import io
import json
import logging
import sys
import warnings

import pytest
import structlog

from bot.ops import logs
from bot.ops.scrubbing import REPLACEMENT, Scrubber

BOT = "xoxb-" + "1234567890-abcdefghijkl"
SHAPED = [
    BOT,
    "xapp-" + "1-A0-123-abcdef0123",
    "xoxe.xoxb-" + "1-Mi0yLTEyMw",
    "xwfp-" + "1-Mi0yLTEyMw",
    "xoxe-" + "1-My0xLTEyMw",
    "v0=" + "a" * 64,
    "SDK-HMAC-SHA256 Access=AKID, SignedHeaders=host, Signature=" + "0" * 64,
    "X-Auth-Token: MIIDkgYJKoZIhvcNAQcCoIIDgzCC",
    "{'X-Subject-Token': 'MIIDkgYJKoZIhvcNAQcCoIIDgzCC'}",
    "Bearer abcdef0123456789",
    "postgresql+psycopg://bot:hunter2!@db:5432/bot",
    "password=hunter22 host=db",
    "https://hooks.slack.com/actions/T0123456/7891011/aBcDeFgHiJ",
    "https://hooks.slack.com/commands/T0123456/7891011/aBcDeFgHiJ",
    "wss://wss-primary.slack.com/link/?ticket=3f1c-88aa&app_id=A0",
]
INNER = ["1234567890-abc", "A0-123", "Mi0yLT", "My0xLT", "aaaa", "0000", "MIIDkg", "abcdef0123", "hunter2", "aBcDeF", "3f1c"]


@pytest.mark.parametrize("text", SHAPED)
def test_shapes_are_taken_out(text):
    scrubbed = Scrubber().text(f"before {text} after")
    assert REPLACEMENT in scrubbed
    assert scrubbed.startswith("before ")
    assert scrubbed.endswith(" after")
    assert not [inner for inner in INNER if inner in scrubbed]


@pytest.mark.parametrize(
    "text", ["R-7KQ2M", "https://rds.eu-de.otc.t-systems.com/v3/0123/instances", "access was refused", "Signature missing"]
)
def test_what_is_no_secret_stays(text):
    assert Scrubber().text(text) == text


@pytest.mark.parametrize(
    "value",
    [
        {"a": {"b": [BOT]}},
        (BOT,),
        {BOT},
        BOT.encode(),
        bytearray(BOT.encode()),
        ValueError(BOT),
        {BOT: 1},
        [[[[BOT]]]],
        ExceptionGroup("two", [ValueError(BOT)]),
    ],
)
def test_structures_bytes_and_errors_are_looked_through(value):
    assert BOT not in repr(Scrubber().value(value))


@pytest.mark.parametrize(
    "name", ["password", "SLACK_BOT_TOKEN", "client_secret", "Authorization", "secret_key", "response_url"]
)
def test_what_is_named_as_a_secret_is_one(name):
    assert Scrubber().value({name: "plain"}) == {name: REPLACEMENT}


def test_the_programs_own_secrets_are_known_by_heart():
    scrubber = Scrubber(["plain words that sign", "short", "plain"])
    assert scrubber.text("so: plain words that sign!") == f"so: {REPLACEMENT}!"
    assert scrubber.text("short and plain") == "short and plain"


def test_what_lies_too_deep_is_not_written():
    nested: object = BOT
    for _ in range(50):
        nested = [nested]
    assert BOT not in repr(Scrubber().value(nested))


@pytest.fixture(params=["json", "console"])
def lines(request):
    """The log, set up as in the program, into a text; everything is put back afterwards."""
    root = logging.getLogger()
    before = root.handlers, root.level, sys.excepthook
    written = io.StringIO()
    logs.configure(request.param, secrets=["known by heart"], stream=written)
    yield written
    root.handlers, root.level, sys.excepthook = before[0], before[1], before[2]
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def crash():
    try:
        raise ValueError(f"went wrong with {BOT} and known by heart")
    except ValueError as error:
        return error


def test_a_line_is_scrubbed_with_its_traceback(lines):
    structlog.get_logger("bot").error("It broke", action="x", exc_info=crash(), given={"deep": [BOT, b"known by heart"]})
    logging.getLogger("some.library").warning("sent %s to %s", BOT, {"token": "abc"})
    with structlog.contextvars.bound_contextvars(bound=BOT):
        structlog.get_logger("bot").info("bound")
    text = lines.getvalue()
    assert "It broke" in text
    assert "Traceback" in text
    assert BOT not in text
    assert "known by heart" not in text


def test_an_error_that_ends_the_program_and_a_warning_go_through_the_log(lines):
    error = crash()
    sys.excepthook(type(error), error, error.__traceback__)
    logging.captureWarnings(capture=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"beware of {BOT}", UserWarning, stacklevel=1)
    text = lines.getvalue()
    assert "crashed" in text
    assert "beware of" in text
    assert BOT not in text


def test_json_stays_json(lines):
    structlog.get_logger("bot").info("said", why='"signature=abc", access=def" and \\ known by heart\n', action="x")
    text = lines.getvalue()
    if text.startswith("{"):
        assert json.loads(text)["action"] == "x"
        assert text.count("\n") == 1


@pytest.mark.parametrize(("level", "said"), [(logging.INFO, True), (logging.WARNING, False)])
def test_a_call_that_is_tried_again_is_told_only_from_info_on(lines, level, said):
    logs.configure("json", level, stream=lines)
    logging.getLogger("stamina").warning("stamina.retry_scheduled")
    assert ("retry_scheduled" in lines.getvalue()) is said
    logs.configure("json", stream=lines)
