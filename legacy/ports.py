"""What the legacy room offers the frame."""

from carecollective.ports import EarlierConversations

EARLIER_CONVERSATIONS = EarlierConversations(conversations="legacy_conversations", messages="legacy_messages")
