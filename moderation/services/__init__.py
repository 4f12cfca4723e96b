"""What members and moderators do about what is not all right."""
