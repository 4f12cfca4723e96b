"""Puts a database back into its first state without copying it: what was written is deleted, the rest written back."""

from psycopg import Connection, sql
from psycopg.rows import TupleRow

Owner = Connection[TupleRow]

# A table that never held a row has no page. The planner takes any small table for one of ten pages, so what deleted
# rows leave behind in one of fewer changes no plan.
PAGES_MOST = 9
TABLES = """
SELECT relname, pg_relation_size(oid) / current_setting('block_size')::int FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0 ORDER BY relname
"""
GUARDED = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
SEQUENCES = """
SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences
WHERE schemaname = 'public'
"""
# PostgreSQL's own objects have lower numbers. What ANALYZE found shows in pg_class too.
CATALOGS = {
    "pg_attrdef": "oid",
    "pg_class": "oid",
    "pg_default_acl": "oid",
    "pg_extension": "oid",
    "pg_largeobject_metadata": "oid",
    "pg_policy": "polrelid",
    "pg_proc": "oid",
    "pg_rewrite": "oid",
    "pg_sequence": "seqrelid",
    "pg_trigger": "oid",
}
# Large ones, in which nothing is changed in place and not by us: whatever changes has a row version of its own.
VERSIONED = {"pg_attribute": "attrelid", "pg_constraint": "oid", "pg_type": "oid"}
SCHEMA = [
    *(
        f"SELECT md5(string_agg(it::text, '' ORDER BY it::text)) FROM {catalog} it WHERE {number} >= 16384"
        for catalog, number in CATALOGS.items()
    ),
    *(
        f"SELECT sum(hashtextextended(concat(ctid, xmin), 0))::text FROM {catalog} WHERE {number} >= 16384"
        for catalog, number in VERSIONED.items()
    ),
    "SELECT string_agg(it::text, '' ORDER BY it::text) FROM pg_namespace it WHERE nspname NOT LIKE 'pg_%temp_%'",
    "SELECT datacl::text FROM pg_database WHERE datname = current_database()",
    "SELECT string_agg(it.setrole || it.setconfig::text, '' ORDER BY it.setrole) FROM pg_db_role_setting it"
    " JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()",
]


class FirstState:
    """Tables, rights and rows as the migrations left them, and how far each sequence had counted."""

    def __init__(self, owner: Owner) -> None:
        self._schema = _schema(owner)
        self._rows = {name: _rows_of(owner, name) for name in _tables(owner)}
        self._sequences = _sequences(owner)
        self._guarded = {str(name) for (name,) in owner.execute(GUARDED)}

    def restore(self, owner: Owner) -> bool:
        """Whether it is as new now. If not, it changed nothing: the tables are others, or have become large."""
        tables = _tables(owner)
        if (
            max(tables.values()) > PAGES_MOST
            or not tables.keys() >= self._rows.keys()
            or _schema(owner) != self._schema
        ):
            return False
        written = [name for name in tables if _rows_of(owner, name) != self._rows.get(name, b"")]
        with owner.transaction():
            self._guard(owner, written, "DISABLE")
            for name in written:
                _say(owner, "DELETE FROM {}", name)
                _write(owner, name, self._rows.get(name, b""))
            # Now, while no foreign key is left to be looked at: a table with some cannot be altered.
            owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self._guard(owner, written, "ENABLE")
        for name, state in _sequences(owner).items():
            if state != self._sequences[name]:
                owner.execute("SELECT setval(%s::regclass, %s, %s)", [f'public."{name}"', *self._sequences[name]])
        return True

    def _guard(self, owner: Owner, tables: list[str], do: str) -> None:
        for name in self._guarded.intersection(tables):
            _say(owner, f"ALTER TABLE {{}} {do} TRIGGER USER", name)


def _schema(owner: Owner) -> list[object]:
    return list(owner.execute("SELECT " + ", ".join(f"({part})" for part in SCHEMA)).fetchone() or ())


def _tables(owner: Owner) -> dict[str, int]:
    """Those that hold rows or did once, with their pages."""
    return dict(owner.execute(TABLES).fetchall())


def _sequences(owner: Owner) -> dict[str, tuple[int, bool]]:
    return {name: (value, called) for name, value, called in owner.execute(SEQUENCES)}


def _rows_of(owner: Owner, table: str) -> bytes:
    with owner.cursor().copy(sql.SQL("COPY public.{} TO STDOUT").format(sql.Identifier(table))) as rows:
        return b"".join(bytes(row) for row in rows)


def _write(owner: Owner, table: str, rows: bytes) -> None:
    if rows:
        with owner.cursor().copy(sql.SQL("COPY public.{} FROM STDIN").format(sql.Identifier(table))) as into:
            into.write(rows)


def _say(owner: Owner, statement: str, table: str) -> None:
    owner.execute(sql.SQL(statement).format(sql.Identifier("public", table)))
