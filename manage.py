#!/usr/bin/env python3
"""The door for operators: every command of the site."""

import os
import sys

# These change tables or who may touch them, so they connect as the owner of the database; so does smoke, which deletes
# what it made, conversations too, and the role of the site may delete none.
OWNER_COMMANDS = {"migrate", "sqlmigrate", "showmigrations", "flush", "smoke", "drop_v1"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carecollective.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("DATABASE_ROLE", "owner")
    from carecollective.env import Unreadable

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except Unreadable as problem:
        sys.exit(f"{problem}")


if __name__ == "__main__":
    main()
