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
MESSAGE_BLOCKS = 50
MESSAGE_CHARACTERS = 13_000
"""All texts of a message together. Undocumented: Slack refuses a little more (msg_blocks_too_long)."""
MODAL_BLOCKS = 100
ERROR = 2000
"""A field error in a form: Slack names no limit; that of a label is kept."""
TYPED = 100
"""Our own limit for what was typed behind the command and fills in a field."""
REASON = 500
"""Our own limit for a reason."""
