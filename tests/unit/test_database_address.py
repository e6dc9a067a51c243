"""DATABASE_URL in words that hold no secret."""

import pytest
from sqlalchemy import make_url

from bot.store.address import without_secrets

SAID = "connection to server at port 5432 failed"


@pytest.mark.parametrize(
    ("password", "text", "told"),
    [
        ("p", SAID, SAID),
        ("serve", SAID, SAID),
        ("server", SAID, "connection to *** at port 5432 failed"),
        ("a%2Fb-secret", "invalid: a/b-secret", "invalid: ***"),
    ],
)
def test_a_password_is_blotted_out_unless_it_could_be_a_part_of_any_word(password, text, told):
    assert without_secrets(text, make_url(f"postgresql://bot:{password}@db/bot")) == told
