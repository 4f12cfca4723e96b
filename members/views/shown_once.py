"""A secret on its way to one page: it waits in the person's session, sealed, until they have seen it."""

from django.contrib.sessions.backends.base import SessionBase

from carecollective import encryption


def put(session: SessionBase, name: str, text: str) -> None:
    sealed = encryption.seal(text, _place(name))
    session[name] = [sealed.key_id, sealed.text]


def look(session: SessionBase, name: str) -> str:
    """Empty when there is nothing to show."""
    if name not in session:
        return ""
    return encryption.open_sealed(encryption.Sealed(*session[name]), _place(name))


def take(session: SessionBase, name: str) -> str:
    text = look(session, name)
    session.pop(name, None)
    return text


def _place(name: str) -> str:
    return f"member_sessions.session_data:{name}"
