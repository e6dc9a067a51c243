"""What a workflow passes to our step, and what its invitation remembers. Untrusted: shape and length are checked."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

NAME = 200
"""Characters; no name of an instance or a backup is longer."""


class StepInputs(BaseModel):
    """The inputs, under the names that the manifest gives them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    channel: str = Field(min_length=2, max_length=40)
    source: str = Field(min_length=1, max_length=NAME)
    target: str = Field(default="", max_length=NAME)
    restore_time: str = Field(default="", max_length=100)
    backup: str = Field(default="", max_length=NAME)
    reason: str = Field(default="", max_length=500)


class Invitation(BaseModel):
    """What the button carries: the step that waits, and what fills in the form."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    execution: str = Field(min_length=1, max_length=100)
    source: str = Field(max_length=NAME)
    target: str = Field(default="", max_length=NAME)
    time: str = Field(default="", max_length=100)
    backup: str = Field(default="", max_length=NAME)

    @classmethod
    def of(cls, execution: str, inputs: StepInputs) -> Self:
        """For a step that has just begun."""
        return cls(
            execution=execution,
            source=inputs.source.strip(),
            target=inputs.target.strip(),
            time=inputs.restore_time.strip(),
            backup=inputs.backup.strip(),
        )
