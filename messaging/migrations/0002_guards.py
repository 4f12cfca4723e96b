"""What no code can get around: who may write in a thread, what never changes, what is only ever added."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.conversations_v2_only_forward() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.kind, NEW.requester_id, NEW.helper_id, NEW.opening_sender_id, NEW.opening_digest,
        NEW.opening_digest_key_id, NEW.origin)
       IS DISTINCT FROM
       (OLD.id, OLD.kind, OLD.requester_id, OLD.helper_id, OLD.opening_sender_id, OLD.opening_digest,
        OLD.opening_digest_key_id, OLD.origin)
       OR NEW.help_request_id IS DISTINCT FROM OLD.help_request_id THEN
        RAISE EXCEPTION 'A conversation keeps its people, its request and its first words.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_v2_stay_what_they_are';
    END IF;
    IF NEW.last_sequence < OLD.last_sequence
       OR NEW.requester_read < OLD.requester_read OR NEW.requester_delivered < OLD.requester_delivered
       OR NEW.helper_read < OLD.helper_read OR NEW.helper_delivered < OLD.helper_delivered THEN
        RAISE EXCEPTION 'Positions only move forward.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_v2_positions_move_forward';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.messages_v2_sender() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.sender_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.conversations_v2
        WHERE id = NEW.conversation_id AND NEW.sender_id IN (requester_id, helper_id)
    ) THEN
        RAISE EXCEPTION 'Only the two of a conversation write in it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_v2_sender_is_one_of_two';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.messages_v2_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.conversation_id, NEW.sequence, NEW.type, NEW.digest, NEW.digest_key_id, NEW.origin) IS DISTINCT FROM
       (OLD.id, OLD.conversation_id, OLD.sequence, OLD.type, OLD.digest, OLD.digest_key_id, OLD.origin)
       OR NEW.sender_id IS DISTINCT FROM OLD.sender_id THEN
        RAISE EXCEPTION 'A message keeps its writer, its place and its first digest.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_v2_stay_what_they_are';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.message_audit_log_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'The record of messages is only ever added to.' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER conversations_v2_only_forward BEFORE UPDATE ON public.conversations_v2
    FOR EACH ROW EXECUTE FUNCTION public.conversations_v2_only_forward();
CREATE TRIGGER messages_v2_sender BEFORE INSERT ON public.messages_v2
    FOR EACH ROW EXECUTE FUNCTION public.messages_v2_sender();
CREATE TRIGGER messages_v2_stay BEFORE UPDATE ON public.messages_v2
    FOR EACH ROW EXECUTE FUNCTION public.messages_v2_stay();
CREATE TRIGGER message_audit_log_no_change BEFORE UPDATE OR DELETE ON public.message_audit_log
    FOR EACH ROW EXECUTE FUNCTION public.message_audit_log_refuse();
CREATE TRIGGER message_audit_log_no_truncate BEFORE TRUNCATE ON public.message_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION public.message_audit_log_refuse();
"""

BACKWARD = """
DROP TRIGGER conversations_v2_only_forward ON public.conversations_v2;
DROP TRIGGER messages_v2_sender ON public.messages_v2;
DROP TRIGGER messages_v2_stay ON public.messages_v2;
DROP TRIGGER message_audit_log_no_change ON public.message_audit_log;
DROP TRIGGER message_audit_log_no_truncate ON public.message_audit_log;
DROP FUNCTION public.conversations_v2_only_forward();
DROP FUNCTION public.messages_v2_sender();
DROP FUNCTION public.messages_v2_stay();
DROP FUNCTION public.message_audit_log_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_conversations")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
