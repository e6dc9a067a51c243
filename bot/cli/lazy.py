"""A group of commands of which only the one that was asked for is imported: `--help` has to answer at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that is not imported yet."""

    where: str
    """`module:name` of its function, or of the Typer app that holds its sub-commands."""
    help: str
    """The sentence that the list of commands shows: the same as the command's own."""


class LazyGroup(TyperGroup):
    """Lists its entries without their modules, and imports the module of the one that is run."""

    entries: ClassVar[Mapping[str, Entry]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in self.entries.items():
            self.add_command(TyperCommand(name, help=entry.help))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The real command for the first argument, and the arguments that are left."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else imported(name, self.entries[name]), rest


def imported(name: str, entry: Entry) -> Any:
    """The command with its options, from its module."""
    found = loaded(entry.where)
    holder = typer.Typer(add_completion=False, callback=_nothing)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    return cast("TyperGroup", get_command(holder)).commands[name]


def loaded(where: str) -> Any:
    """What `module:name` names, from its module."""
    module, _, attribute = where.partition(":")
    return getattr(import_module(module), attribute)


def _nothing() -> None:
    """With a callback, Typer makes a group of a single command too."""
