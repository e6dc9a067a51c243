"""Builds the Bolt app with all its listeners."""

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import errors, middleware
from bot.slack.listeners import actions, commands, home, options, shortcuts, views
from bot.slack.opening import FormOpener
from bot.slack.services import Services


def build_app(client: AsyncWebClient, services: Services) -> AsyncApp:
    """The app. Signatures are checked by our own front door, or are not needed (Socket Mode)."""
    app = AsyncApp(
        client=client,
        request_verification_enabled=False,
        ignoring_self_events_enabled=True,
        raise_error_for_unhandled_request=False,
    )
    opener = FormOpener(services)
    errors.register(app)
    middleware.register(app)
    commands.register(app, services, opener)
    shortcuts.register(app, opener)
    options.register(app, services)
    views.register(app, services)
    home.register(app, services, opener)
    # Last: it ends with a listener for every button that nobody else knows.
    actions.register(app, services, opener)
    return app
