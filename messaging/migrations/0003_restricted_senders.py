"""The second line of defence: no words of a suspended or banned member are stored, even where code forgets to ask."""

from django.db import migrations

# Lines of our own (system) tell what happened, and what came from the earlier system (v1) was said long ago.
FORWARD = """
CREATE FUNCTION public.must_not_be_restricted(writer uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.user_restrictions
        WHERE member_id = writer AND lifted_at IS NULL AND level IN ('suspended', 'banned')
          AND starts_at <= clock_timestamp() AND (ends_at IS NULL OR ends_at > clock_timestamp())
    ) THEN
        RAISE EXCEPTION 'A suspended or banned member writes nothing.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sender_is_not_restricted';
    END IF;
END $$;

CREATE FUNCTION public.messages_v2_not_restricted() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.must_not_be_restricted(NEW.sender_id);
    RETURN NEW;
END $$;

CREATE FUNCTION public.conversations_v2_not_restricted() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.must_not_be_restricted(NEW.opening_sender_id);
    RETURN NEW;
END $$;

CREATE TRIGGER messages_v2_not_restricted BEFORE INSERT ON public.messages_v2
    FOR EACH ROW WHEN (NEW.type <> 'system' AND NEW.origin = 'v2')
    EXECUTE FUNCTION public.messages_v2_not_restricted();
CREATE TRIGGER messages_v2_edit_not_restricted BEFORE UPDATE OF edited_at ON public.messages_v2
    FOR EACH ROW WHEN (NEW.edited_at IS DISTINCT FROM OLD.edited_at)
    EXECUTE FUNCTION public.messages_v2_not_restricted();
CREATE TRIGGER conversations_v2_not_restricted BEFORE INSERT ON public.conversations_v2
    FOR EACH ROW WHEN (NEW.origin = 'v2')
    EXECUTE FUNCTION public.conversations_v2_not_restricted();
CREATE TRIGGER conversations_v2_edit_not_restricted BEFORE UPDATE OF opening_edited_at ON public.conversations_v2
    FOR EACH ROW WHEN (NEW.opening_edited_at IS DISTINCT FROM OLD.opening_edited_at)
    EXECUTE FUNCTION public.conversations_v2_not_restricted();
"""

BACKWARD = """
DROP TRIGGER messages_v2_not_restricted ON public.messages_v2;
DROP TRIGGER messages_v2_edit_not_restricted ON public.messages_v2;
DROP TRIGGER conversations_v2_not_restricted ON public.conversations_v2;
DROP TRIGGER conversations_v2_edit_not_restricted ON public.conversations_v2;
DROP FUNCTION public.messages_v2_not_restricted();
DROP FUNCTION public.conversations_v2_not_restricted();
DROP FUNCTION public.must_not_be_restricted(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_guards"), ("members", "0004_restrictions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
