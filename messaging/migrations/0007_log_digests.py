"""What the log of messages is sealed by: where it ends for certain, and the digest of a part of it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.message_audit_log_end() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- A number is drawn before its row is committed; whoever holds one is waited for, so no lower one comes later.
    LOCK TABLE public.message_audit_log IN SHARE MODE;
    RETURN (SELECT coalesce(max(id), 0) FROM public.message_audit_log);
END $$;

CREATE FUNCTION public.message_audit_log_digest(first bigint, last bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(jsonb_build_array(
        id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        conversation_id, message_id, sequence, actor_id, deed
    )::text, '' ORDER BY id), ''), 'UTF8')), 'hex')
    FROM public.message_audit_log WHERE id BETWEEN first AND last
$$;
"""
BACKWARD = """
DROP FUNCTION public.message_audit_log_digest(bigint, bigint);
DROP FUNCTION public.message_audit_log_end();
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_caution")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
