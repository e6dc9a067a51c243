"""The rules of a restore. Pure: standard library only, no input or output, no clock."""
