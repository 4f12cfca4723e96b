"""What the role that runs the site may do, table by table; set anew by the owner after every migration."""

from typing import LiteralString

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

EVERYDAY: tuple[LiteralString, ...] = ("SELECT", "INSERT", "UPDATE", "DELETE")

# Django's own tables that only a migration fills.
FIXED: dict[str, tuple[LiteralString, ...]] = dict.fromkeys(
    (
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "django_content_type",
        "django_migrations",
        "members_user_permissions",
    ),
    ("SELECT",),
)

TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') ORDER BY relname
"""


def apply() -> None:
    """Grants the site's role what each model says and takes everything else back, all at once."""
    if not is_needed():
        return
    rights = wanted()
    with transaction.atomic(), connection.cursor() as cursor:
        _say("GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            _say("REVOKE ALL ON TABLE public.{table} FROM PUBLIC, {role}", table)
            if rights.get(table):
                _say("GRANT {rights} ON TABLE public.{table} TO {role}", table, rights[table])
        _say("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {role}")
        _say("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")


def is_needed() -> bool:
    """Not where one role does both: it owns the tables, so there is nothing to grant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        row = cursor.fetchone()
    return bool(settings.SITE_ROLE) and row != (settings.SITE_ROLE,)


def wanted() -> dict[str, tuple[LiteralString, ...]]:
    """The rights of each table; a model that says nothing gets the everyday ones, an unknown table none."""
    models = apps.get_models(include_auto_created=True)
    rights = {model._meta.db_table: getattr(model, "site_rights", EVERYDAY) for model in models}
    return rights | FIXED


def _say(statement: LiteralString, table: str = "", rights: tuple[LiteralString, ...] = ()) -> None:
    # Names cannot be parameters, so they are quoted; rights come from our models and are checked.
    if not set(rights) <= set(EVERYDAY):
        raise ValueError(f"{table}: {', '.join(rights)} are not rights a model can give.")
    parts = {
        "role": sql.Identifier(settings.SITE_ROLE),
        "table": sql.Identifier(table),
        "rights": sql.SQL(", ").join(map(sql.SQL, rights)),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**parts))
