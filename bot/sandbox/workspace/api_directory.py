"""auth.*, team.*, bots.*, users.*, usergroups.*: who is who.

Source: Slack's reference of these methods.
"""

from bot.sandbox.workspace import shapes
from bot.sandbox.workspace.calls import Call, Method
from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Json


def api_test(call: Call) -> Json:
    """api.test: asks for no token."""
    return {"args": dict(call.arguments)}


def auth_test(call: Call) -> Json:
    """auth.test."""
    platform = call.platform
    team = platform.workspace.team
    return {
        "url": f"{platform.url}/",
        "team": team.name,
        "user": platform.bot.name,
        "team_id": team.id,
        "user_id": platform.bot.id,
        "bot_id": platform.app.bot_id,
        "is_enterprise_install": False,
    }


def team_info(call: Call) -> Json:
    """team.info."""
    team = call.platform.workspace.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}


def bots_info(call: Call) -> Json:
    """bots.info."""
    platform = call.platform
    if call.text("bot", platform.app.bot_id) != platform.app.bot_id:
        raise ApiError("bot_not_found")
    bot = {
        "id": platform.app.bot_id,
        "deleted": False,
        "name": platform.app.name,
        "updated": 0,
        "app_id": platform.app.app_id,
        "user_id": platform.bot.id,
        "icons": {},
    }
    return {"bot": bot}


def users_info(call: Call) -> Json:
    """users.info."""
    workspace = call.platform.workspace
    person = workspace.people.get(call.required("user"))
    if person is None:
        raise ApiError("user_not_found")
    return {"user": shapes.user(workspace, person, call.platform.now())}


def users_list(call: Call) -> Json:
    """users.list."""
    workspace, now = call.platform.workspace, call.platform.now()
    return call.page([shapes.user(workspace, person, now) for person in workspace.people.values()], "members")


def usergroups_list(call: Call) -> Json:
    """usergroups.list."""
    workspace = call.platform.workspace
    with_disabled, with_users = call.flag("include_disabled"), call.flag("include_users")
    groups = [group for group in workspace.groups.values() if with_disabled or not group.disabled]
    return {"usergroups": [shapes.group(group, workspace.team.id, with_users=with_users) for group in groups]}


def usergroups_users_list(call: Call) -> Json:
    """usergroups.users.list."""
    group = call.platform.workspace.groups.get(call.required("usergroup"))
    if group is None or (group.disabled and not call.flag("include_disabled")):
        raise ApiError("no_such_subteam")
    return {"users": list(group.users)}


METHODS = {
    "api.test": Method(api_test, (), 600),
    "auth.test": Method(auth_test, (), 600),
    "team.info": Method(team_info, ("team:read",), 50),
    "bots.info": Method(bots_info, ("users:read",), 50),
    "users.info": Method(users_info, ("users:read",), 100),
    "users.list": Method(users_list, ("users:read",), 20),
    "usergroups.list": Method(usergroups_list, ("usergroups:read",), 20),
    "usergroups.users.list": Method(usergroups_users_list, ("usergroups:read",), 20),
}
