from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("help_requests", "0003_moderation"),
        ("messaging", "0005_places_are_given_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="opening_caution",
            field=models.CharField(
                blank=True,
                choices=[("money", "It talks about money"), ("fine", "The reader says it is fine")],
                db_default="",
                default="",
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="caution",
            field=models.CharField(
                blank=True,
                choices=[("money", "It talks about money"), ("fine", "The reader says it is fine")],
                db_default="",
                default="",
                max_length=5,
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("opening_caution__in", ["", "money", "fine"])),
                name="conversations_v2_opening_caution_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("caution__in", ["", "money", "fine"])), name="messages_v2_caution_known"
            ),
        ),
    ]
