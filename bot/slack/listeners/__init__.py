"""One module per kind of thing that Slack sends; each has `register`."""
