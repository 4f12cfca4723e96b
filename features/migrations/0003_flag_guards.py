"""The switch of messaging_v2, and what no code can get around: changes and alarms are only added."""

from typing import Any

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.features_only_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are only ever added.', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER flag_changes_only_added BEFORE UPDATE OR DELETE ON public.flag_changes
    FOR EACH ROW EXECUTE FUNCTION public.features_only_added();
CREATE TRIGGER flag_changes_no_truncate BEFORE TRUNCATE ON public.flag_changes
    FOR EACH STATEMENT EXECUTE FUNCTION public.features_only_added();
CREATE TRIGGER alarms_only_added BEFORE UPDATE OR DELETE ON public.alarms
    FOR EACH ROW EXECUTE FUNCTION public.features_only_added();
"""

BACKWARD = """
DROP TRIGGER flag_changes_only_added ON public.flag_changes;
DROP TRIGGER flag_changes_no_truncate ON public.flag_changes;
DROP TRIGGER alarms_only_added ON public.alarms;
DROP FUNCTION public.features_only_added();
"""


def add_switch(apps: Any, schema_editor: Any) -> None:
    apps.get_model("features", "Flag").objects.get_or_create(name="messaging_v2")


class Migration(migrations.Migration):
    dependencies = [("features", "0002_flags")]
    operations = [
        migrations.RunPython(add_switch, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
