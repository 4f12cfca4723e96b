from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("members", "0005_restriction_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="trust",
            field=models.PositiveSmallIntegerField(db_default=75, default=75, editable=False),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(condition=models.Q(("trust__lte", 100)), name="members_trust_is_a_score"),
        ),
    ]
