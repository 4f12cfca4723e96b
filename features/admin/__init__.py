"""What operators see and do at the desk."""

from features.admin import attempts, rollout

__all__ = ["attempts", "rollout"]
