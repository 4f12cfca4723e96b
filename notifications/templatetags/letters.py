"""How the words of a letter become its HTML part."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

BREAK = mark_safe("<br>")


@register.simple_tag
def our_links(paragraph: str, site_url: str) -> SafeString:
    """Only a line that is an address of this site becomes a link, so no name or word of a member ever does."""
    lines = (line.strip() for line in paragraph.splitlines())
    return format_html_join(BREAK, "{}", ((_linked(line, site_url),) for line in lines))


def _linked(line: str, site_url: str) -> str:
    if line.startswith(f"{site_url}/") and " " not in line:
        return format_html('<a href="{}">{}</a>', line, line)
    return line
