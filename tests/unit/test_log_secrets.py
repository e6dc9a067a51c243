import pytest

from bot.ops.logs import scrub


@pytest.mark.parametrize(
    "secret",
    ["xoxb-1-abc", "xoxe.xoxb-1-Mi0y", "xoxe-1-Mi0y", "xapp-1-A0-1", "xwfp-1-abc", "v0=" + "ab" * 32],
)
def test_no_token_gets_into_the_log(secret):
    entry = scrub(None, "info", {"event": f"Slack said Bearer {secret}, then nothing"})
    assert secret not in entry["event"]
    assert entry["event"].startswith("Slack said Bearer ")
