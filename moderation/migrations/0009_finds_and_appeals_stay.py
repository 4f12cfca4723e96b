"""What a rule found and what somebody asked stay what they are, as reports do."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.moderation_finds_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- Like a report it may come to another case, where two about the same are put together.
    IF (NEW.id, NEW.categories, NEW.evidence_digest, NEW.created_at) IS DISTINCT FROM
       (OLD.id, OLD.categories, OLD.evidence_digest, OLD.created_at) THEN
        RAISE EXCEPTION 'A find keeps what was found in what, and its digest.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'moderation_finds_stay_what_they_are';
    END IF;
    -- Another key seals the same words anew; the same key has no reason to.
    IF (NEW.evidence = OLD.evidence) <> (NEW.evidence_key_id = OLD.evidence_key_id) THEN
        RAISE EXCEPTION 'Sealed words change only together with their key.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'moderation_finds_stay_sealed';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.appeals_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.decision_id, NEW.appellant_id, NEW.side, NEW.case_id, NEW.created_at) IS DISTINCT FROM
       (OLD.id, OLD.decision_id, OLD.appellant_id, OLD.side, OLD.case_id, OLD.created_at) THEN
        RAISE EXCEPTION 'An appeal keeps who asked what about which decision.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeals_stay_what_they_are';
    END IF;
    IF (NEW.words = OLD.words) <> (NEW.words_key_id = OLD.words_key_id) THEN
        RAISE EXCEPTION 'Sealed words change only together with their key.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeals_stay_sealed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER moderation_finds_stay BEFORE UPDATE ON public.moderation_finds
    FOR EACH ROW EXECUTE FUNCTION public.moderation_finds_stay();
CREATE TRIGGER appeals_stay BEFORE UPDATE ON public.appeals
    FOR EACH ROW EXECUTE FUNCTION public.appeals_stay();
"""

BACKWARD = """
DROP TRIGGER moderation_finds_stay ON public.moderation_finds;
DROP TRIGGER appeals_stay ON public.appeals;
DROP FUNCTION public.moderation_finds_stay();
DROP FUNCTION public.appeals_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("moderation", "0008_look_again")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
