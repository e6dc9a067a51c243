import pytest

from bot.slack.command_text import CancelRequest, Form, Help, History, ListRunning, Status, read


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [
        ("", Form()),
        ("   ", Form()),
        ("help", Help()),
        ("HELP", Help()),
        ("help me please", Help("help me please")),
        ("status", Status(None)),
        ("status r-7kq2m", Status("R-7KQ2M")),
        ("status of everything", Help("status of everything")),
        ("list", ListRunning()),
        ("history", History()),
        ("cancel R-7KQ2M", CancelRequest("R-7KQ2M")),
        ("cancel", Help(missing="cancel")),
        ("cancel that one", Help(missing="cancel")),
        ("orders-prod", Form(source="orders-prod")),
        ("orders-prod to orders-staging", Form(source="orders-prod", target="orders-staging")),
        (
            "orders-prod to orders-staging at 2026-11-23 10:00",
            Form(source="orders-prod", target="orders-staging", time="2026-11-23 10:00"),
        ),
        ("orders-prod onto x at 10 minutes ago", Form(source="orders-prod", target="x", time="10 minutes ago")),
        ("orders-prod at 2026-11-23T10:00:00Z", Form(source="orders-prod", time="2026-11-23T10:00:00Z")),
        ("a to b from backup nightly-1", Form(source="a", target="b", backup="nightly-1")),
        ("please bring it back", Help("please bring it back")),
    ],
)
def test_what_was_typed_has_one_meaning(typed, meaning):
    assert read(typed) == meaning
