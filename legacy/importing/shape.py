"""The tables of an original installation as we know them, under every name their columns have had."""

from dataclasses import dataclass

ID, MOMENT, FLAG, TEXT, NUMBER, TIME = "uuid", "timestamptz", "boolean", "text", "integer", "time"

USERS, PROFILES, REQUESTS = "auth.users", "public.profiles", "public.help_requests"
CONVERSATIONS, PARTICIPANTS = "public.conversations", "public.conversation_participants"
MESSAGES, SETTINGS = "public.messages", "public.messaging_preferences"
REPORTS, RESTRICTIONS = "public.message_reports", "public.user_restrictions"
LATER_CONVERSATIONS, LATER_MESSAGES = "public.conversations_v2", "public.messages_v2"


@dataclass(frozen=True)
class Column:
    name: str
    type: str = TEXT
    # Other names it has had; the first that is there is read.
    also: tuple[str, ...] = ()
    # What is taken where it is missing; nothing is said of what nobody misses.
    without: str = ""


CREATED = Column("created_at", MOMENT, without="the moment of the import")
UPDATED = Column("updated_at", MOMENT, without="the moment it was made")

TABLES: dict[str, tuple[Column, ...]] = {
    USERS: (
        Column("id", ID),
        Column("email"),
        Column("email_confirmed_at", MOMENT, ("confirmed_at",), "the moment the account was made"),
        Column("created_at", MOMENT, without="the moment of the import"),
        Column("raw_user_meta_data", also=("user_metadata",)),
        Column("deleted_at", MOMENT),
    ),
    PROFILES: (
        Column("id", ID, ("user_id",)),
        Column("name", also=("full_name", "display_name"), without="the name given at sign-up"),
        Column("location", also=("town", "city"), without="no town"),
        Column("bio", also=("about",)),
        Column("verification_status", without="waiting"),
        Column("is_admin", FLAG, without="no administrator"),
        Column("caregiving_situation", also=("caregiving",), without="nothing"),
        Column("application_reason", also=("reason",)),
        Column("rejection_reason"),
        Column("applied_at", MOMENT),
        CREATED,
        UPDATED,
    ),
    REQUESTS: (
        Column("id", ID),
        Column("user_id", ID, ("requester_id", "created_by")),
        Column("helper_id", ID, without="no helper"),
        Column("title", without="its topic"),
        Column("description", without="nothing"),
        Column("category", without="“Something else”"),
        Column("subcategory"),
        Column("urgency", without="no rush"),
        Column("status", without="open"),
        Column("is_ongoing", FLAG),
        Column("exchange_offer"),
        Column("location_override", without="the town of whoever asked"),
        Column("location_privacy", without="told after a yes"),
        CREATED,
        UPDATED,
        Column("helped_at", MOMENT, ("in_progress_at",)),
        Column("completed_at", MOMENT),
        Column("cancelled_at", MOMENT, ("canceled_at",)),
    ),
    CONVERSATIONS: (
        Column("id", ID),
        Column("help_request_id", ID, without="between two members"),
        Column("created_by", ID, ("created_by_id", "helper_id"), "whoever did not ask"),
        Column("title"),
        Column("status", without="active"),
        CREATED,
        UPDATED,
        Column("last_message_at", MOMENT),
    ),
    PARTICIPANTS: (
        Column("conversation_id", ID),
        Column("user_id", ID, ("participant_id", "profile_id")),
        Column("joined_at", MOMENT, ("created_at",)),
        Column("left_at", MOMENT, without="nobody left"),
        Column("role"),
    ),
    MESSAGES: (
        Column("id", ID),
        Column("conversation_id", ID),
        Column("sender_id", ID),
        Column("recipient_id", ID),
        Column("help_request_id", ID),
        Column("content", also=("body",)),
        Column("message_type", also=("type",), without="text"),
        Column("status", without="sent"),
        Column("read_at", MOMENT),
        Column("is_flagged", FLAG),
        Column("flagged_reason"),
        Column("moderation_status", without="approved"),
        CREATED,
        UPDATED,
        Column("deleted_at", MOMENT),
    ),
    SETTINGS: (
        Column("user_id", ID, ("id", "member_id")),
        Column("can_receive_from", without="people of the same requests"),
        Column("email_notifications", FLAG, ("email_enabled",), "mail as it happens"),
        Column("quiet_hours_start", TIME),
        Column("quiet_hours_end", TIME),
        Column("read_receipts", FLAG, ("read_receipts_enabled", "show_read_receipts")),
        Column("presence", FLAG, ("show_online_status", "presence_enabled")),
        UPDATED,
    ),
    REPORTS: (
        Column("id", ID),
        Column("message_id", ID),
        Column("reported_by", ID, ("reporter_id", "reporter_user_id")),
        Column("reason"),
        Column("description", also=("details",)),
        Column("status", without="pending"),
        Column("reviewed_by", ID),
        Column("reviewed_at", MOMENT),
        Column("action_taken"),
        CREATED,
    ),
    RESTRICTIONS: (
        Column("id", ID),
        Column("user_id", ID, ("member_id",)),
        Column("restriction_level", also=("restriction_type", "level", "type")),
        Column("reason"),
        Column("applied_by", ID, ("created_by",)),
        Column("applied_at", MOMENT, ("created_at",)),
        Column("expires_at", MOMENT, ("ends_at",), "until it is lifted"),
        Column("lifted_at", MOMENT, ("revoked_at", "removed_at")),
        Column("is_active", FLAG, ("active",)),
        Column("message_limit_per_day", NUMBER),
    ),
    LATER_CONVERSATIONS: (
        Column("id", ID),
        Column("help_request_id", ID),
        Column("requester_id", ID),
        Column("helper_id", ID),
        Column("initial_message"),
        Column("status"),
        CREATED,
        UPDATED,
        Column("last_message_at", MOMENT),
    ),
    LATER_MESSAGES: (
        Column("id", ID),
        Column("conversation_id", ID),
        Column("sender_id", ID),
        Column("content"),
        Column("encryption_status"),
        CREATED,
        UPDATED,
    ),
}

# Without these a row is nobody's and nothing's, so the table counts as missing where one of them is.
NEEDED: dict[str, tuple[str, ...]] = {
    USERS: ("id", "email"),
    PROFILES: ("id",),
    REQUESTS: ("id", "user_id"),
    CONVERSATIONS: ("id",),
    PARTICIPANTS: ("conversation_id", "user_id"),
    MESSAGES: ("id", "conversation_id", "content"),
    SETTINGS: ("user_id",),
    REPORTS: ("message_id", "reported_by"),
    RESTRICTIONS: ("user_id", "restriction_level"),
    LATER_CONVERSATIONS: ("id", "requester_id", "helper_id"),
    LATER_MESSAGES: ("id", "conversation_id", "content"),
}
# Nobody misses these where they never were.
WHERE_PRESENT = {SETTINGS, REPORTS, RESTRICTIONS, LATER_CONVERSATIONS, LATER_MESSAGES}
# Known, and left where they are on purpose.
LEFT_THERE = {
    USERS: {"encrypted_password", "last_sign_in_at"},
    PROFILES: {"avatar_url"},
}
