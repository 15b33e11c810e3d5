"""HTML as text in which nothing from outside is left unescaped."""

from collections.abc import Iterable
from html import escape

_VOID = frozenset({'img', 'input', 'link', 'meta'})


class Markup(str):
    """Text that is HTML already; all other text is escaped."""

    __slots__ = ()


def element(
    tag: str, /, *children: str, **attributes: str | float | None
) -> Markup:
    """Return an element.

    Args:
        tag: Its name.
        *children: ``Markup`` is taken as it is, other text escaped.
        **attributes: ``data_row`` stands for ``data-row`` and ``class_`` for
            ``class``. ``True`` is an attribute without a value, ``None`` and
            ``False`` leave it out.

    Example:
        >>> element('td', 'a < b', class_='x', data_key=1.5, hidden=None)
        '<td class="x" data-key="1.5">a &lt; b</td>'
    """
    words = [tag]
    for key, value in attributes.items():
        key = key.rstrip('_').replace('_', '-')
        if value is True:
            words.append(key)
        elif value is not None and value is not False:
            words.append(f'{key}="{escape(str(value))}"')
    start = f'<{" ".join(words)}>'
    end = '' if tag in _VOID else f'{join(children)}</{tag}>'
    return Markup(start + end)


def join(parts: Iterable[str]) -> Markup:
    """Return parts one after the other, escaped where they need it."""
    return Markup(
        ''.join(
            part if isinstance(part, Markup) else escape(part)
            for part in parts
        )
    )
