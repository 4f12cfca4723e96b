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

# What the site's role has, and what everybody has; whoever owns a table needs no grant.
GIVEN = """
WITH site AS (SELECT oid, rolsuper FROM pg_roles WHERE rolname = %s)
SELECT relname, relkind = 'S', array(
    SELECT DISTINCT given.privilege_type FROM (
        SELECT * FROM aclexplode(relacl)
        UNION ALL SELECT acl.* FROM pg_attribute, aclexplode(attacl) AS acl WHERE attrelid = it.oid
    ) AS given WHERE given.grantee IN (0, site.oid)
)
FROM pg_class AS it, site
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
  AND NOT site.rolsuper AND NOT pg_has_role(site.oid, relowner, 'MEMBER')
  AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = it.oid AND deptype = 'e')
ORDER BY relname
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


def differences() -> list[str]:
    """Where the site's role may do less or more than it should, whoever asks."""
    rights, said = wanted(), []
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, [settings.SITE_ROLE])
        for name, is_sequence, given in cursor.fetchall():
            should = {"USAGE"} if is_sequence else set(rights.get(name, ()))
            if lacks := ", ".join(sorted(should.difference(given))):
                said.append(f"The site's role lacks {lacks} on {name}: run manage.py migrate, which grants it.")
            if has := ", ".join(sorted(set(given) - should)):
                said.append(f"The site's role has {has} on {name}: run manage.py migrate, which takes it back.")
    return said


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
