"""`python -m tests.architecture.generate` writes what the documentation takes from the code.

These are tables of settings, commands and error codes.
"""

from types import ModuleType

from tests.architecture import command_pages, error_table, settings_tables

PAGES: tuple[ModuleType, ...] = (settings_tables, command_pages, error_table)
"""Each has PAGE, and page(text), which gives the page's text as it should be."""

if __name__ == "__main__":
    for each in PAGES:
        each.PAGE.write_text(each.page(each.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
