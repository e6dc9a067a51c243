"""The parts of `check`: each asks its questions, and none keeps the others from being asked."""
