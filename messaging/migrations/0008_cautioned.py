"""Messages whose reader was warned are few among many; the page of community health counts them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0007_log_digests")]
    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("caution", ""), _negated=True), fields=["created_at"], name="messages_cautioned"
            ),
        ),
    ]
