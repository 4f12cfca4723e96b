"""Who people are: account, verification, roles, tokens, limits."""
