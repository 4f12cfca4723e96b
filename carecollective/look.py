"""How somebody likes to read: kept in cookies, so the sign-in page reads as well as every other."""

from django.http import HttpRequest

LOOKS = {
    "theme": ("light", "dark"),
    "contrast": ("more",),
    "text": ("1", "2", "3"),
    "motion": ("less",),
    "enter": ("send", "line"),
}


def look(request: HttpRequest) -> dict[str, str]:
    """Unknown values count as not chosen."""
    chosen = {name: request.COOKIES.get(f"look_{name}", "") for name in LOOKS}
    return {name: value if value in LOOKS[name] else "" for name, value in chosen.items()}
