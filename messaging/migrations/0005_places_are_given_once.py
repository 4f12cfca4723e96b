"""A message gets its place once: when it is said, or when it is released."""

from django.db import migrations

STAY = """
CREATE OR REPLACE FUNCTION public.messages_v2_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.conversation_id, NEW.type, NEW.digest, NEW.digest_key_id, NEW.origin) IS DISTINCT FROM
       (OLD.id, OLD.conversation_id, OLD.type, OLD.digest, OLD.digest_key_id, OLD.origin)
       OR {sequence}
       OR NEW.sender_id IS DISTINCT FROM OLD.sender_id THEN
        RAISE EXCEPTION 'A message keeps its writer, its place and its first digest.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_v2_stay_what_they_are';
    END IF;
    RETURN NEW;
END $$;
"""
FORWARD = STAY.format(sequence="OLD.sequence IS NOT NULL AND NEW.sequence IS DISTINCT FROM OLD.sequence")
BACKWARD = STAY.format(sequence="NEW.sequence IS DISTINCT FROM OLD.sequence")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_moderation")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
