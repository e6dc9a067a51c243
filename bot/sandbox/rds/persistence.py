"""Keeps instances, backups and jobs in a JSON file, so that a server that starts again goes on where it stopped."""

import json
from dataclasses import asdict
from pathlib import Path

from bot.sandbox.rds.state import Backup, CloudState, Instance, Job, Range


def save(state: CloudState, path: Path) -> None:
    """Write the file in one step: a reader sees the old one or the new one. Raises OSError."""
    content = {
        "instances": [asdict(instance) for instance in state.instances.values()],
        "backups": [asdict(backup) for backup in state.backups.values()],
        "jobs": [asdict(job) for job in state.jobs.values()],
    }
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(content, indent=1), encoding="utf-8")
    fresh.replace(path)


def load(state: CloudState, path: Path) -> None:
    """Replace what the state holds by what the file holds; nothing happens where there is no file. Settings, users and
    projects stay. Raises ValueError, KeyError or TypeError for a file that `save` did not write."""
    if not path.exists():
        return
    content = json.loads(path.read_text(encoding="utf-8"))
    instances = [Instance(**{**row, "ranges": [Range(**span) for span in row["ranges"]]}) for row in content["instances"]]
    state.fill(instances, [Backup(**row) for row in content["backups"]], [Job(**row) for row in content["jobs"]])
