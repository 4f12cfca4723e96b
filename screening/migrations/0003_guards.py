"""What the code promises about rules, held by the database, where no code can get around it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.screening_pattern_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'What a version of a rule looks for never changes.' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION public.screening_only_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are only ever added.', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER screening_pattern_stays BEFORE UPDATE ON public.screening_rule_versions
    FOR EACH ROW WHEN (
        (OLD.rule_id, OLD.number, OLD.phrases, OLD.unless, OLD.detector, OLD.examples, OLD.counter_examples,
         OLD.made_by_id, OLD.why, OLD.created_at)
        IS DISTINCT FROM
        (NEW.rule_id, NEW.number, NEW.phrases, NEW.unless, NEW.detector, NEW.examples, NEW.counter_examples,
         NEW.made_by_id, NEW.why, NEW.created_at)
    ) EXECUTE FUNCTION public.screening_pattern_stays();
CREATE TRIGGER screening_changes_only_added BEFORE UPDATE OR DELETE ON public.screening_rule_changes
    FOR EACH ROW EXECUTE FUNCTION public.screening_only_added();
CREATE TRIGGER screening_verdicts_only_added BEFORE UPDATE ON public.screening_verdicts
    FOR EACH ROW EXECUTE FUNCTION public.screening_only_added();
"""

BACKWARD = """
DROP TRIGGER screening_pattern_stays ON public.screening_rule_versions;
DROP TRIGGER screening_changes_only_added ON public.screening_rule_changes;
DROP TRIGGER screening_verdicts_only_added ON public.screening_verdicts;
DROP FUNCTION public.screening_pattern_stays();
DROP FUNCTION public.screening_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("screening", "0002_first_rules")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
