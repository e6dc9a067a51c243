"""Builds the Bolt app with all its listeners."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import errors, middleware
from bot.slack.correlation import CorrelatedApp
from bot.slack.draining import DrainingApp
from bot.slack.installations import Authorize
from bot.slack.listeners import actions, afterwards, break_glass, commands, home, options, shortcuts, views
from bot.slack.listeners import workflow_step as workflow_step_listeners
from bot.slack.oauth import Installing, register_removal
from bot.slack.opening import FormOpener
from bot.slack.services import Services
from bot.workflow.observing import Spans, untraced


def build_app(
    client: AsyncWebClient,
    services: Services,
    installing: Installing | None = None,
    *,
    workflow_step: bool = False,
    spans: Spans = untraced,
) -> DrainingApp:
    """The app. Signatures are checked by our own front door, or are not needed (Socket Mode).

    With `installing` each request is answered with the token of the workspace that it comes from.
    """
    tokens = {} if installing is None else {"authorize": Authorize(installing.workspaces), "oauth_flow": installing.flow}
    app = CorrelatedApp(
        spans=spans,
        client=client,
        **tokens,
        logger=_quiet(),
        request_verification_enabled=False,
        ignoring_self_events_enabled=True,
        raise_error_for_unhandled_request=True,
    )
    opener = FormOpener(services)
    errors.register(app)
    if installing is not None:
        register_removal(app, installing)
    middleware.register(app)
    commands.register(app, services, opener)
    shortcuts.register(app, opener)
    options.register(app, services)
    views.register(app, services)
    home.register(app, services, opener)
    break_glass.register(app, services)
    afterwards.register(app, services, opener)
    if workflow_step:
        workflow_step_listeners.register(app, opener)
    # Last: it ends with a listener for every button that nobody else knows.
    actions.register(app, services, opener)
    return app


def _quiet() -> logging.Logger:
    """Bolt's loggers follow this one. Bolt finds SLACK_BOT_TOKEN by itself and then warns that the client has it too."""
    logger = logging.getLogger("bot.slack.bolt")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(lambda record: "`token` will be unused" not in record.getMessage())
    return logger
