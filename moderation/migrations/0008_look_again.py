from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0007_every_restriction_has_its_reasons"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="look_again_on",
            field=models.DateField(null=True),
        ),
    ]
