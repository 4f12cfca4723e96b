"""The settings of this site, each with the sentence that explains it; `.env.example` is written from here."""

KNOWN = {
    "DATABASE_URL": "PostgreSQL, as the role that runs the site: postgresql://user:password@host/name.",
    "DATABASE_OWNER_URL": "The same, as the role that owns the tables and migrates; empty: DATABASE_URL does both.",
    "DATABASE_ROLE": "Which of the two this process uses: site or owner. manage.py chooses by itself.",
    "PREPARED_STATEMENTS": "false behind a PgBouncer older than 1.21, otherwise true.",
    "SECRET_KEY": "At least 50 random characters that sign sessions and links. bin/serve makes one for this machine.",
    "ENCRYPTION_KEYS": "Keys for text at rest, newest first: name:key, the key being 32 random bytes in base64.",
    "DEBUG": "true shows errors in detail to everybody. Never on a site that people use.",
    "PRODUCTION_LIKE": "true on a local site: everything as in production but HTTPS redirect, HSTS and Secure cookies.",
    "ALLOWED_HOSTS": "The host names this site answers to, separated by commas.",
    "SITE_URL": "The address people type, used in mails: https://care.example.org.",
    "TRUSTED_PROXIES": "How many proxies in front of the site add X-Forwarded-For and X-Forwarded-Proto.",
    "EMAIL_URL": "How mail leaves: smtp+tls://user:password@host:587, or filemail:///folder.",
    "MAIL_FROM": "The sender of our mails: CARE Collective <hello@example.org>.",
    "SERVICE_AREA": "The towns we serve, separated by semicolons. Without it, people write their town freely.",
    "DEFAULT_TIME_ZONE": "The time zone of members who chose none: America/Chicago.",
    "UNANSWERED_MESSAGES_MOST": "How many messages a helper may send before the asker has answered once; 0: no cap.",
    "MESSAGING_V2_ENABLED": "false: nobody has messaging_v2, whatever else says so. true: everybody, unless switched.",
    "MESSAGING_V2_ROLLOUT": "Where MESSAGING_V2_ENABLED is empty: internal, or percentage:N with N from 0 to 100.",
    "NEXT_PUBLIC_MESSAGING_V2_ENABLED": "An older name of MESSAGING_V2_ENABLED.",
    "NEXT_PUBLIC_MESSAGING_V2_ROLLOUT": "An older name of MESSAGING_V2_ROLLOUT.",
    "ALERT_WEBHOOK_URL": 'Where alarms and changes of messaging_v2 are posted too, as {"text": …} in JSON.',
    "LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR.",
}


def example() -> str:
    """The text of `.env.example`."""
    head = "# Copy to .env and fill in. An empty line keeps its default. The process environment wins.\n"
    return head + "".join(f"\n# {meaning}\n{name}=\n" for name, meaning in KNOWN.items())
