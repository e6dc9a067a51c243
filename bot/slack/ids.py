"""Every id that Slack sends back to us. Other programs rely on these names."""

COMMAND = "/rds-restore"

SHORTCUT_HERE = "restore_here"
SHORTCUT = "restore"

RESTORE_FORM = "restore_form"
CONFIRM_REQUEST = "confirm_request"
APPROVE_FORM = "approve_form"
DENY_FORM = "deny_form"
BREAK_GLASS_FORM = "break_glass_form"

# Fields: the block_id is the action_id.
CHANNEL = "channel"
PROJECT = "project"
SOURCE = "source"
MODE = "mode"
MODE_BACKUP = "backup"
MODE_TIMESTAMP = "timestamp"
BACKUP = "backup"
RESTORE_TIME = "restore_time"
TARGET = "target"
DATABASES = "databases"
SAFETY_BACKUP = "safety_backup"
REASON = "reason"
CONFIRM_TARGET = "confirm_target"

# Buttons: the value is the request id.
APPROVE = "approve"
DENY = "deny"
CANCEL = "cancel"
DETAILS = "details"
ADOPT_JOB = "adopt_job"
DECLARE_FAILED = "declare_failed"
BREAK_GLASS = "break_glass"
SIGN_OFF = "sign_off"
VERIFIED = "verified"
NOT_AS_EXPECTED = "not_as_expected"
UNDO = "undo"
START = "start"
OLDER = "older"
NEWER = "newer"

METADATA_EVENT = "rds_restore"

NOTHING = "nothing"
"""The value of an option that only says that there is nothing to choose."""
