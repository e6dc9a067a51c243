import traceback

import pytest

from bot import settings
from bot.domain.errors import Misconfigured

GOOD = """
[[projects]]
name = "prod"
region = "eu-de"

[[policies]]
approvers = ["S0DBA"]
pending_for = "45m"
"""


@pytest.fixture
def environment(monkeypatch, tmp_path):
    config = tmp_path / "rds-restore.toml"
    config.write_text(GOOD)
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "RDS_RESTORE_CONFIG": str(config),
        "HUAWEICLOUD_SDK_AK": "ak",
        "HUAWEICLOUD_SDK_SK": "sk",
    }.items():
        monkeypatch.setenv(name, value)
    return config


def load_fails():
    with pytest.raises(Misconfigured) as wrong:
        settings.load()
    return wrong.value.message


@pytest.mark.usefixtures("environment")
def test_the_smallest_installation():
    loaded = settings.load()
    assert loaded.environment.slack_api_url == "https://slack.com/api/"
    assert loaded.environment.port == 3000
    assert loaded.configuration.policies[0].pending_for.total_seconds() == 45 * 60
    key = loaded.credentials["prod"].access_key
    assert key is not None
    assert key.get_secret_value() == "ak"


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"])
def test_what_is_missing_is_named(monkeypatch, name):
    monkeypatch.delenv(name)
    assert name in load_fails()


@pytest.mark.usefixtures("environment")
def test_one_way_to_slack_is_needed(monkeypatch):
    monkeypatch.delenv("SLACK_APP_TOKEN")
    message = load_fails()
    assert "SLACK_APP_TOKEN" in message
    assert "SLACK_SIGNING_SECRET" in message


@pytest.mark.usefixtures("environment")
def test_several_signing_secrets(monkeypatch):
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "new, old ,")
    assert settings.load().environment.signing_secrets == ("new", "old")


@pytest.mark.usefixtures("environment")
def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("xoxb-from-file\n")
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    monkeypatch.setenv("SLACK_BOT_TOKEN_FILE", str(tmp_path / "token"))
    token = settings.load().environment.slack_bot_token
    assert token is not None
    assert token.get_secret_value() == "xoxb-from-file"


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "DATABASE_URL", "HUAWEICLOUD_SDK_SK"])
def test_where_both_are_there_the_variable_counts_and_the_file_is_not_read(monkeypatch, tmp_path, name):
    monkeypatch.setenv(name, "sqlite:///from-the-variable")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "nothing"))
    loaded = settings.load()
    texts = {loaded.environment.database_url.get_secret_value(), settings.database_url(), *loaded.secrets()}
    assert "sqlite:///from-the-variable" in texts


@pytest.mark.usefixtures("environment")
def test_a_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("HUAWEICLOUD_SDK_SK")
    monkeypatch.setenv("HUAWEICLOUD_SDK_SK_FILE", str(tmp_path / "nothing"))
    assert "HUAWEICLOUD_SDK_SK_FILE" in load_fails()


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (GOOD.replace("region", "regoin"), "project 1, regoin: is not a setting"),
        (GOOD.replace("region", "regoin"), "project 1, region: is missing"),
        (GOOD + "\n[extra]\nx = 1\n", "extra"),
        (GOOD.replace('"45m"', '"45 minutes"'), "pending_for"),
        (GOOD.replace('["S0DBA"]', "[]"), "approvers"),
        (GOOD.replace("[[policies]]", "[[polices]]"), "policies"),
        (GOOD + '\n[[projects]]\nname = "prod"\nregion = "eu-nl"\n', "prod"),
        (GOOD.replace('region = "eu-de"', 'region = "eu-de"\nauth = "token"'), "username"),
        ("this is not TOML", "TOML"),
    ],
)
def test_a_wrong_file_names_the_key(environment, content, key):
    environment.write_text(content)
    assert key in load_fails()


def test_a_wrong_key_is_said_once_and_counted_from_1(environment):
    environment.write_text(GOOD + '\n[[policies]]\napprovers = ["U0X"]\npending = "1m"\n')
    assert load_fails() == f"{environment}: policy 2, pending: is not a setting."
    environment.write_text(GOOD.replace('approvers = ["S0DBA"]', 'approvers = ["S0DBA"]\naprovals = 2'))
    assert load_fails() == f"{environment}: policy 1, aprovals: is not a setting."
    environment.write_text(GOOD + "\n[[policies.groups]]\napprovers = []\n")
    assert load_fails() == f"{environment}: policy 1, group 1, approvers: list at least one."


WHO = GOOD.replace('"45m"', '"45m"\nKEY = ["U0BOB", VALUE]')
LISTS = ["notify", "escalate_to", "break_glass"]


@pytest.mark.parametrize("key", LISTS)
def test_everybody_cannot_be_the_second_person(environment, key):
    said = '"*" names nobody, and a second person must be named here: ids of people begin with U or W'
    environment.write_text(WHO.replace("KEY", key).replace("VALUE", '"*"'))
    assert f"policy 1, {key} 2: {said}" in load_fails()
    environment.write_text(GOOD.replace('["S0DBA"]', '["*"]'))
    assert f"policy 1, approvers 1: {said}" in load_fails()
    environment.write_text(GOOD.replace('approvers = ["S0DBA"]', "groups = [{ approvers = ['*'] }]"))
    assert f"policy 1, group 1, approvers 1: {said}" in load_fails()


@pytest.mark.parametrize("key", [*LISTS, "requesters"])
@pytest.mark.parametrize("value", ["@bob", "dba", "u0bob", "C0INC", "U0*", "", "U0BOB "])
def test_a_name_is_no_id_of_a_person_or_group(environment, key, value):
    environment.write_text(WHO.replace("KEY", key).replace("VALUE", f'"{value}"'))
    message = load_fails()
    assert f'policy 1, {key} 2: "{value}" is a name, not an id: ids of people begin with U or W' in message
    assert "Copy member ID" in message


@pytest.mark.parametrize("value", ["#incidents", "incidents", "inc-*", "c0inc", "D0ALICE", "U0BOB", ""])
def test_a_name_is_no_id_of_a_channel(environment, value):
    environment.write_text(WHO.replace('"U0BOB"', '"C0INC"').replace("KEY", "channels").replace("VALUE", f'"{value}"'))
    message = load_fails()
    assert f'policy 1, channels 2: "{value}" is a name, not an id: ids of channels begin with C or G' in message
    assert "View channel details" in message


@pytest.mark.parametrize(
    ("key", "good"),
    [
        ("requesters", ["*", "U012AB3CD", "W012AB3CD", "S012AB3CD"]),
        ("channels", ["*", "C012AB3CD", "G012AB3CD", "C0INC*", "[CG]0?", "C[!A-Z]*"]),
    ],
)
def test_ids_and_what_may_stand_for_all(environment, key, good):
    environment.write_text(GOOD + f"{key} = {good}\n")
    assert getattr(settings.load().configuration.policies[0], key) == tuple(good)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('approvers = ["S0DBA"]', 'approvers = ["S0DBA"]\ntargets = "orders-*"', 'targets: is a list: write ["orders-*"].'),
        ('approvers = ["S0DBA"]', 'approvers = "S0DBA"', 'approvers: is a list: write ["S0DBA"].'),
        (
            'approvers = ["S0DBA"]',
            "approvers = 1",
            'approvers: is a list: write the values in brackets, such as ["orders-*"].',
        ),
        ('approvers = ["S0DBA"]', "approvers = [1]", 'approvers 1: write a text in quotes, such as "orders-prod".'),
        ("[[policies]]", "[policies]", "policies: is a list: write [[policies]], with two brackets on each side."),
        (
            '["S0DBA"]',
            '["S0DBA"]\n[policies.groups]',
            "is a list: write [[policies.groups]], with two brackets on each side.",
        ),
        ('"eu-de"', '""', "project 1, region: is empty."),
    ],
)
def test_how_a_value_is_written_is_said_in_words(environment, old, new, said):
    environment.write_text(GOOD.replace(old, new).replace('pending_for = "45m"\n', ""))
    assert said in load_fails()


def test_a_configuration_that_is_not_there(monkeypatch, environment):
    environment.unlink()
    message = load_fails()
    assert "RDS_RESTORE_CONFIG" in message
    assert str(environment) in message


@pytest.mark.usefixtures("environment")
def test_secrets_are_not_shown(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-very-secret")
    assert "xoxb-very-secret" not in repr(settings.load())


@pytest.mark.usefixtures("environment")
def test_a_port_out_of_range_is_named(monkeypatch):
    monkeypatch.setenv("PORT", "70000")
    assert "PORT" in load_fails()


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SLACK_BOT_TOKEN", "xapp-very-secret", "this is an app-level token; it belongs in SLACK_APP_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxp-very-secret", "this is a user's token"),
        ("SLACK_APP_TOKEN", "xoxb-very-secret", "this is a bot's token; it belongs in SLACK_BOT_TOKEN"),
        ("SLACK_APP_TOKEN", "xoxe.xoxb-very-secret", "this is a bot's token; it belongs in SLACK_BOT_TOKEN"),
        ("SLACK_APP_TOKEN", "xoxp-very-secret", "this is a user's token"),
    ],
)
def test_a_token_in_the_place_of_another_is_named_and_not_shown(monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)
    with pytest.raises(Misconfigured) as wrong:
        settings.environment_only()
    assert f"{variable}: {words}" in wrong.value.message
    assert "very-secret" not in "".join(traceback.format_exception(wrong.value))


@pytest.mark.usefixtures("environment")
def test_other_tokens_are_let_through(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxe.xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "demo")
    assert settings.load().environment.slack_app_token is not None


def test_all_variables_that_are_read_are_known():
    known = settings.variables()
    assert {"DATABASE_URL", "SLACK_CLIENT_ID", "OTEL_EXPORTER_OTLP_ENDPOINT", "HUAWEICLOUD_SDK_PROJECT_ID"} <= known
    assert {"HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK_FILE", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "PORT_FILE"} <= known
