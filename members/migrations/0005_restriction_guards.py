"""What no code can get around: a restriction stays what it was, is lifted once, and is never removed."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.user_restrictions_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.member_id, NEW.decision_id, NEW.level, NEW.rule, NEW.reason, NEW.decided_by_id, NEW.starts_at)
       IS DISTINCT FROM
       (OLD.id, OLD.member_id, OLD.decision_id, OLD.level, OLD.rule, OLD.reason, OLD.decided_by_id, OLD.starts_at)
       OR (NEW.message_limit_per_day, NEW.ends_at, NEW.look_again_on) IS DISTINCT FROM
          (OLD.message_limit_per_day, OLD.ends_at, OLD.look_again_on) THEN
        RAISE EXCEPTION 'A restriction is never changed into another one.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_restrictions_stay_what_they_are';
    END IF;
    IF OLD.lifted_at IS NOT NULL AND (NEW.lifted_at, NEW.lifted_by_id, NEW.lift_reason) IS DISTINCT FROM
       (OLD.lifted_at, OLD.lifted_by_id, OLD.lift_reason)
       OR OLD.ended_told_at IS NOT NULL AND NEW.ended_told_at IS DISTINCT FROM OLD.ended_told_at THEN
        RAISE EXCEPTION 'A restriction is lifted once, and its end is told once.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_restrictions_end_once';
    END IF;
    -- Another key seals the same words anew; the same key has no reason to.
    IF (NEW.facts = OLD.facts) <> (NEW.facts_key_id = OLD.facts_key_id) THEN
        RAISE EXCEPTION 'Sealed words change only together with their key.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_restrictions_stay_sealed';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.user_restrictions_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Restrictions are never removed.' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER user_restrictions_stay BEFORE UPDATE ON public.user_restrictions
    FOR EACH ROW EXECUTE FUNCTION public.user_restrictions_stay();
CREATE TRIGGER user_restrictions_no_delete BEFORE DELETE ON public.user_restrictions
    FOR EACH ROW EXECUTE FUNCTION public.user_restrictions_refuse();
CREATE TRIGGER user_restrictions_no_truncate BEFORE TRUNCATE ON public.user_restrictions
    FOR EACH STATEMENT EXECUTE FUNCTION public.user_restrictions_refuse();
"""

BACKWARD = """
DROP TRIGGER user_restrictions_stay ON public.user_restrictions;
DROP TRIGGER user_restrictions_no_delete ON public.user_restrictions;
DROP TRIGGER user_restrictions_no_truncate ON public.user_restrictions;
DROP FUNCTION public.user_restrictions_stay();
DROP FUNCTION public.user_restrictions_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0004_restrictions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
