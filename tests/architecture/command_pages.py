"""Writes docs/commands.md from the command line: every command with its arguments and options."""

from enum import Enum
from pathlib import Path
from typing import Any

import typer
import typer.main

from bot.cli.main import app

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
BEGIN, END = "<!-- commands begin -->", "<!-- commands end -->"
PROGRAM = "rds-restore-bot"


def commands() -> dict[str, Any]:
    """Every command that does something, by the words that call it: "audit verify"."""
    found: dict[str, Any] = {}

    def walk(command: Any, path: tuple[str, ...]) -> None:
        if not hasattr(command, "list_commands"):
            found[" ".join(path)] = command
            return
        context = typer.Context(command)
        for name in command.list_commands(context):
            # As when it is called: a group may import a command only then.
            _, each, _ = command.resolve_command(context, [name])
            walk(each, (*path, name))

    walk(typer.main.get_command(app), ())
    return found


def options(command: Any) -> dict[str, Any]:
    """The options of a command by the names that may be typed, without `--help`."""
    return {name: each for each in command.params for name in (*each.opts, *each.secondary_opts) if name.startswith("--")}


def section(name: str, command: Any) -> str:
    """One command."""
    arguments = [each for each in command.params if not each.opts[0].startswith("--")]
    has_options = len(arguments) < len(command.params)
    usage = " ".join([PROGRAM, name, *(each.name.upper() for each in arguments), *(["[options]"] if has_options else [])])
    lines = [f"### `{name}` {{ #{name.replace(' ', '-')} }}", "", str(command.help), "", "```", usage, "```"]
    if has_options:
        lines += ["", "| option | default | meaning |", "| --- | --- | --- |"]
        lines += [_row(each) for each in command.params if each.opts[0].startswith("--")]
    return "\n".join(lines)


def _row(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = option.default.value if isinstance(option.default, Enum) else option.default
    said = getattr(option, "show_default", None)
    shown = said if isinstance(said, str) else "" if value in (None, False, "") else f"`{value}`"
    annotation = option.type_descriptor.annotation
    is_choice = isinstance(annotation, type) and issubclass(annotation, Enum)
    choices = [str(each.value) for each in annotation] if is_choice else []
    one_of = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return f"| {names} | {shown} | {option.help or ''}{one_of} |"


def page(text: str) -> str:
    """The page with today's commands."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    sections = "\n\n".join(section(name, command) for name, command in commands().items())
    return f"{before}{BEGIN}\n\n{sections}\n\n{END}{after}"
