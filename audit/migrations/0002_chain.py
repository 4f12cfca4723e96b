"""The digest chain and the refusals, in the database where no code can get around them."""

from django.db import migrations

# Every function pins its search path, with pg_temp last, so nobody can slip another table under it.
FORWARD = """
INSERT INTO public.audit_head DEFAULT VALUES;

CREATE FUNCTION public.audit_digest(entry public.audit_log) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        entry.previous_digest, entry.sequence,
        to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        entry.actor, entry.actor_label, entry.action, entry.subject_kind, entry.subject_id,
        entry.case_id, entry.reason, entry.details
    )::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION public.audit_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT last_sequence + 1, last_digest INTO NEW.sequence, NEW.previous_digest
    FROM public.audit_head FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'The end of the audit log is missing.' USING ERRCODE = 'data_corrupted';
    END IF;
    -- The clock is read under the lock, so the moments stand in the order of the chain.
    NEW.at := clock_timestamp();
    NEW.digest := public.audit_digest(NEW);
    UPDATE public.audit_head SET last_sequence = NEW.sequence, last_digest = NEW.digest;
    RETURN NEW;
END $$;

CREATE FUNCTION public.audit_last(OUT sequence bigint, OUT digest varchar)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(max(last_sequence), -1), coalesce(max(last_digest), '') FROM public.audit_head
$$;

CREATE FUNCTION public.audit_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is only ever added to.' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_chain BEFORE INSERT ON public.audit_log
    FOR EACH ROW EXECUTE FUNCTION public.audit_chain();
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON public.audit_log
    FOR EACH ROW EXECUTE FUNCTION public.audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse();
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON public.audit_head
    FOR EACH ROW EXECUTE FUNCTION public.audit_refuse();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON public.audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse();
"""

BACKWARD = """
DROP TRIGGER audit_chain ON public.audit_log;
DROP TRIGGER audit_no_change ON public.audit_log;
DROP TRIGGER audit_no_truncate ON public.audit_log;
DROP TRIGGER audit_head_no_delete ON public.audit_head;
DROP TRIGGER audit_head_no_truncate ON public.audit_head;
DROP FUNCTION public.audit_refuse();
DROP FUNCTION public.audit_chain();
DROP FUNCTION public.audit_last();
DROP FUNCTION public.audit_digest(public.audit_log);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
