"""What stays behind: somebody decides about it, or it is tried once more."""

from django.db import migrations, models

# As the owner, because the site may delete no rows here; what was moved is not among these.
OPEN_AGAIN = """
CREATE FUNCTION public.legacy_open_again(given uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    people uuid[];
    ids uuid[];
BEGIN
    -- Whoever was missing may be here now; then all that is between the same people is read from now on.
    people := ARRAY(
        SELECT DISTINCT user_id FROM public.conversation_participants WHERE conversation_id = ANY (given)
    );
    PERFORM public.legacy_adopt(ARRAY(
        SELECT id FROM public.legacy_moves AS move
        WHERE (id = ANY (given) OR move.reason = 'people_missing' AND move.settled_at IS NULL AND EXISTS (
            SELECT FROM public.conversation_participants WHERE conversation_id = move.id AND user_id = ANY (people)
        )) AND (
            SELECT count(*) FROM public.conversation_participants AS person
            JOIN public.members AS member ON member.id = person.user_id WHERE person.conversation_id = move.id
        ) > 1
    ));
    -- With those of their pairs that wait for the same, or the others would find them in V2 and stay for ever.
    ids := ARRAY(
        SELECT unnest(given)
        UNION
        SELECT other.id FROM public.legacy_conversations AS mine
        JOIN public.legacy_conversations AS other ON other.kind = mine.kind AND (
            other.help_request_id = mine.help_request_id AND other.helper_id = mine.helper_id
            OR mine.kind = 'direct'
               AND least(other.requester_id, other.helper_id) = least(mine.requester_id, mine.helper_id)
               AND greatest(other.requester_id, other.helper_id) = greatest(mine.requester_id, mine.helper_id))
        JOIN public.legacy_moves AS move ON move.id = other.id
        WHERE mine.id = ANY (given) AND move.outcome = 'quarantined' AND move.settled_at IS NULL
    );
    PERFORM FROM public.legacy_conversations WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    PERFORM FROM public.conversations WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    -- What was too long, and was shortened there: nothing else that is edited there is followed.
    PERFORM set_config('legacy.is_adopting', 'yes', true);
    WITH changed AS (
        UPDATE public.legacy_messages AS said SET
            content = earlier.content, edited_at = clock_timestamp(), updated_at = clock_timestamp()
        FROM public.messages AS earlier
        WHERE earlier.id = said.id AND said.conversation_id = ANY (ids) AND said.origin = 'v1' AND said.key_id = ''
          AND said.moderation = '' AND said.deleted_at IS NULL AND earlier.deleted_at IS NULL
          AND length(said.content) > 1000 AND length(earlier.content) <= 1000 AND earlier.content ~ '\\S'
        RETURNING said.conversation_id, said.id, said.sequence
    ), changed_opening AS (
        UPDATE public.legacy_conversations AS side SET
            initial_message = earlier.content, opening_edited_at = clock_timestamp(), updated_at = clock_timestamp()
        FROM public.messages AS earlier
        WHERE earlier.id = coalesce(side.opening_v1_id, side.id) AND side.id = ANY (ids) AND side.origin = 'v1'
          AND side.key_id = '' AND side.opening_moderation = '' AND side.opening_deleted_at IS NULL
          AND earlier.deleted_at IS NULL AND length(side.initial_message) > 1000
          AND length(earlier.content) <= 1000 AND earlier.content ~ '\\S'
        RETURNING side.id
    )
    INSERT INTO public.message_audit_log (conversation_id, message_id, sequence, deed)
    SELECT conversation_id, id, sequence, 'edited' FROM changed
    UNION ALL SELECT id, id, 1, 'edited' FROM changed_opening;
    PERFORM set_config('legacy.is_adopting', '', true);
    DELETE FROM public.legacy_moves WHERE id = ANY (ids) AND outcome = 'quarantined';
END $$;
"""

# Whoever settles holds the conversation, and so do all who write in it: one of the two comes later. Its name comes after
# legacy_adopt_messages, which takes that lock for words from outside.
ASK_AGAIN = """
CREATE FUNCTION public.legacy_settled_no_more() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.legacy_moves SET settled_at = NULL, settled_as = '', settled_by = '', settled_why = ''
    WHERE settled_at IS NOT NULL AND id IN (SELECT conversation_id FROM fresh);
    RETURN NULL;
END $$;
CREATE TRIGGER legacy_settled_no_more AFTER INSERT ON public.messages REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.legacy_settled_no_more();
"""

BACKWARD = """
DROP TRIGGER legacy_settled_no_more ON public.messages;
DROP FUNCTION public.legacy_settled_no_more();
DROP FUNCTION public.legacy_open_again(uuid[]);
"""


class Migration(migrations.Migration):
    dependencies = [("legacy", "0007_faster")]

    operations = [
        migrations.AlterModelOptions(
            name="run",
            options={"verbose_name": "backfill of V1", "verbose_name_plural": "V1 into V2"},
        ),
        migrations.AddField(
            model_name="move",
            name="settled_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="move",
            name="settled_as",
            field=models.CharField(
                blank=True, choices=[("archived", "Archived")], db_default="", default="", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="move",
            name="settled_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="move",
            name="settled_why",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddConstraint(
            model_name="move",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_as", ""), ("settled_at__isnull", True), ("settled_by", ""), ("settled_why", "")),
                    models.Q(
                        ("outcome", "quarantined"),
                        ("settled_as__in", ["archived"]),
                        ("settled_at__isnull", False),
                        models.Q(("settled_by", ""), _negated=True),
                        models.Q(("settled_why", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="legacy_moves_settled_says_how_by_whom_and_why",
            ),
        ),
        migrations.RunSQL(OPEN_AGAIN + ASK_AGAIN, BACKWARD),
    ]
