"""A restriction is stored only together with the decision it follows from, whatever code does."""

from django.db import migrations

FORWARD = """
ALTER TABLE public.user_restrictions ADD CONSTRAINT user_restrictions_have_their_decision
    FOREIGN KEY (decision_id) REFERENCES public.decisions (id) DEFERRABLE INITIALLY DEFERRED;
"""
BACKWARD = "ALTER TABLE public.user_restrictions DROP CONSTRAINT user_restrictions_have_their_decision;"


class Migration(migrations.Migration):
    dependencies = [("moderation", "0006_phrases"), ("members", "0004_restrictions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
