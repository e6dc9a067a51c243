"""Slack's limits in characters and pieces (source: Block Kit reference, Web API methods)."""

SECTION = 3000
FIELD = 2000
HEADER = 150
OPTION_TEXT = 75
OPTION_DESCRIPTION = 75
OPTIONS = 100
PLACEHOLDER = 150
BUTTON = 75
TITLE = 24
METADATA = 3000
MESSAGE_TEXT = 4000
MODAL_BLOCKS = 100
ERROR = 2000
"""A field error in a form: Slack names no limit; that of a label is kept."""
REASON = 500
"""Our own limit for a reason."""
