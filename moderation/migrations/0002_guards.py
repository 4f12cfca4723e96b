"""What no code can get around: the database counts reports, and a report with its evidence stays what it is."""

from django.db import migrations

FORWARD = """
ALTER TABLE public.message_reports ALTER COLUMN number DROP DEFAULT;
ALTER TABLE public.message_reports ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (START WITH 1001);

CREATE FUNCTION public.message_reports_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.number, NEW.reporter_id, NEW.author_id, NEW.target_kind, NEW.target_id, NEW.reason,
        NEW.evidence_digest, NEW.created_at) IS DISTINCT FROM
       (OLD.id, OLD.number, OLD.reporter_id, OLD.author_id, OLD.target_kind, OLD.target_id, OLD.reason,
        OLD.evidence_digest, OLD.created_at)
       OR NEW.conversation_id IS DISTINCT FROM OLD.conversation_id THEN
        RAISE EXCEPTION 'A report keeps who said what about whom, and its digest.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'message_reports_stay_what_they_are';
    END IF;
    -- Another key seals the same words anew; the same key has no reason to.
    IF (NEW.evidence = OLD.evidence) <> (NEW.evidence_key_id = OLD.evidence_key_id)
       OR (NEW.description = OLD.description) <> (NEW.description_key_id = OLD.description_key_id) THEN
        RAISE EXCEPTION 'Sealed words change only together with their key.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'message_reports_stay_sealed';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.message_reports_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Reports are never removed.' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER message_reports_stay BEFORE UPDATE ON public.message_reports
    FOR EACH ROW EXECUTE FUNCTION public.message_reports_stay();
CREATE TRIGGER message_reports_no_delete BEFORE DELETE ON public.message_reports
    FOR EACH ROW EXECUTE FUNCTION public.message_reports_refuse();
CREATE TRIGGER message_reports_no_truncate BEFORE TRUNCATE ON public.message_reports
    FOR EACH STATEMENT EXECUTE FUNCTION public.message_reports_refuse();
"""

BACKWARD = """
DROP TRIGGER message_reports_stay ON public.message_reports;
DROP TRIGGER message_reports_no_delete ON public.message_reports;
DROP TRIGGER message_reports_no_truncate ON public.message_reports;
DROP FUNCTION public.message_reports_stay();
DROP FUNCTION public.message_reports_refuse();
ALTER TABLE public.message_reports ALTER COLUMN number DROP IDENTITY;
ALTER TABLE public.message_reports ALTER COLUMN number SET DEFAULT 0;
"""


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_reports")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
