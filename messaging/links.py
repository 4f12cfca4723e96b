"""Web addresses in what people write: which words are a link, and whose site it really leads to."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from carecollective.text import is_invisible

# Never part of an address: blanks, signs nobody sees or that turn the writing round, and what only stands around one.
# A browser reads a backslash as a slash, so what comes after one is not what it seems to be.
STOPS = (
    r"\x00-\x20\x7f-\xa0\xad\u034f\u061c\u1680\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164"
    r"\ufeff\uffa0\ufff9-\ufffd\U000e0000-\U000e0fff<>\"\\^`{|}“”„«»‹›"
)
# Part of a path perhaps, but never of the name of a site.
ENDS_SITE = r"'‘’…,;!()\[\]*+=&$、。，；！（）「」『』【】"

# Every repeated part is one set of signs, so nothing is ever tried twice, however long and hostile the text. A scheme
# that only ends like ours is not ours (“xhttp:”, “svn+http:”), and “www.” must begin a word of its own: it is never
# taken out of an e-mail address, a longer name or what stands behind another scheme.
BEGINS = re.compile(rf"(?<![A-Za-z0-9+])https?://|(?<![^{STOPS}{ENDS_SITE}])www\.", re.IGNORECASE | re.ASCII)
AUTHORITY = re.compile(rf"[^/?#{STOPS}]*")
SITE = re.compile(rf"[^/?#{STOPS}{ENDS_SITE}]*")
PATH = re.compile(rf"[^{STOPS}]*")
PORT = re.compile(r"[0-9]{0,5}")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

BRACKETS = {")": "(", "]": "[", "）": "（", "」": "「", "』": "『", "】": "【"}
OPENING = {opening: closing for closing, opening in BRACKETS.items()}
OF_THE_SENTENCE = frozenset(".,:;!?'\"*_~‘’…、。，：；！？").union(OPENING)
LONGEST_SITE = 253
LONGEST_LABEL = 63
LAST_PORT = 65535


@dataclass(frozen=True)
class Piece:
    """Some of the words; a link, if it has a `url`. Whom that really asks stands in `site`, as people read it."""

    text: str
    url: str = ""
    site: str = ""

    @property
    def hides_site(self) -> bool:
        """Whether the site must be named beside the link: unless the words themselves plainly begin with it.

        Plainly: after “https://” and “www.” comes the site, and then a port, a path, a question, a mark or nothing.
        """
        shown = self.text.lower().removeprefix("https://").removeprefix("http://")
        begins = (words for words in (shown, shown.removeprefix("www.")) if words.startswith(self.site))
        return bool(self.url) and not any(words[len(self.site) :][:1] in ("", ":", "/", "?", "#") for words in begins)


def pieces(text: str) -> list[Piece]:
    """All of the text, in order: what is plain, and what is a link."""
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[Piece]:
    told = at = 0
    while found := BEGINS.search(text, at):
        link = _link(text, found)
        if not link:
            at = found.end()
            continue
        if told < found.start():
            yield Piece(text[told : found.start()])
        yield link
        told = at = found.start() + len(link.text)
    if told < len(text):
        yield Piece(text[told:])


def _link(text: str, found: re.Match[str]) -> Piece | None:
    is_bare = not found[0].endswith("/")
    begin = found.start() if is_bare else found.end()
    end = _end_of_authority(text, begin, is_bare)
    host, port = _asked(text[begin:end], is_bare)
    if not host:
        return None
    # Only behind a site is a path looked at: what is no address costs no more than its beginning.
    last = _without_sentence(text, end, _reach(PATH, text, end)) if _has_path(text, end) else end
    scheme = "https://" if is_bare else found[0].lower()
    # What stands before an “@” only looks like a site: it is not asked, and the address goes without it.
    return Piece(text[found.start() : last], scheme + host + port + text[end:last], _without_www(host))


def _end_of_authority(text: str, begin: int, is_bare: bool) -> int:
    end = _reach(SITE, text, begin)
    if not is_bare:
        # A browser asks what stands behind the last “@”, whatever stands before it.
        whole = _reach(AUTHORITY, text, begin)
        end = whole if "@" in text[begin:whole] else end
    return end if _has_path(text, end) else _without_sentence(text, begin, end)


def _reach(signs: re.Pattern[str], text: str, begin: int) -> int:
    found = signs.match(text, begin)
    return found.end() if found else begin


def _has_path(text: str, end: int) -> bool:
    return text.startswith(("/", "?", "#"), end)


def _without_sentence(text: str, begin: int, end: int) -> int:
    """Where the address ends, when full stops, quotes and brackets behind it belong to the sentence around it."""
    spare = {one: text.count(one, begin, end) - text.count(other, begin, end) for one, other in BRACKETS.items()}
    while end > begin:
        last = text[end - 1]
        if last in OPENING:
            spare[OPENING[last]] += 1
        elif spare.get(last, 0) > 0:
            spare[last] -= 1
        elif last not in OF_THE_SENTENCE:
            return end
        end -= 1
    return end


def _asked(authority: str, is_bare: bool) -> tuple[str, str]:
    """The host and the port (with its colon) a browser would ask; no host, if it could not read one."""
    _, is_named, asked = authority.rpartition("@")
    host, _, port = asked.partition(":")
    if (is_bare and is_named) or not PORT.fullmatch(port) or int(port or 0) > LAST_PORT:
        return "", ""
    # “www.” alone promises little: a site has to stand behind it.
    return _host(host, least=3 if is_bare else 2), port and f":{port}"


def _host(written: str, *, least: int) -> str:
    """As it is asked on the wire: in punycode where it is not ASCII, so that no letter looks like another."""
    # First, because the work of what follows grows faster than the length.
    if len(written) > LONGEST_SITE:
        return ""
    labels = [_label(label) for label in written.split(".")]
    host = ".".join(labels)
    if len(labels) < least or not all(labels) or len(host) > LONGEST_SITE:
        return ""
    # Browsers take what ends in a number for one, in octal and hexadecimal, too.
    return host if not NUMBER.fullmatch(labels[-1]) or _is_address(host) else ""


def _label(written: str) -> str:
    # One letter after the other, because a sigma at the end of a word has a small letter of its own.
    folded = "".join(map(str.lower, unicodedata.normalize("NFKC", written)))
    folded = unicodedata.normalize("NFKC", folded)
    if not folded or not all(map(_is_of_a_name, folded)):
        return ""
    label = folded if folded.isascii() else "xn--" + folded.encode("punycode").decode()
    return label if len(label) <= LONGEST_LABEL else ""


def _is_of_a_name(sign: str) -> bool:
    return sign in "-_" or (unicodedata.category(sign)[0] in "LMN" and not is_invisible(sign))


def _is_address(host: str) -> bool:
    try:
        return bool(IPv4Address(host))
    except AddressValueError:
        return False


def _without_www(host: str) -> str:
    """“www.” tells nobody anything, unless it is the name itself."""
    short = host.removeprefix("www.")
    return short if "." in short else host
