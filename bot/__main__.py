"""`python -m bot`: the same as `rds-restore-bot`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
