"""SVG as text: small, escaped, and the same on every machine."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

FONT = 'system-ui, sans-serif'
INK = '#1f2933'
MUTED = '#5b6673'
GRID = '#e1e6eb'
BAND = '#f5f7f9'
PAPER = '#ffffff'
_EDGE = '#d0d7de'
_GAP = 10.0  # between pictures on top of each other
_NARROW = 'fijlrt.,:;|!\'"()[]{} -/'
_BROAD = 'mwMW@%—…'


@dataclass(frozen=True)
class Drawing:
    """A picture of ``width`` x ``height`` user units, about CSS pixels.

    ``body`` holds elements. ``role`` is ARIA's: 'img', or 'group' where parts
    of the picture can be focused, which those of an image cannot.
    """

    title: str
    description: str
    width: float
    height: float
    body: Sequence[str]
    role: str = 'img'

    def svg(self, **attributes: str | float) -> str:
        """Return the picture as one element that scales with its place."""
        # A background of its own: the page behind it may be dark.
        card = element(
            'rect',
            x=0.5,
            y=0.5,
            width=self.width - 1,
            height=self.height - 1,
            rx=6,
            fill=PAPER,
            stroke=_EDGE,
        )
        return element(
            'svg',
            tooltip(self.title),
            element('desc', escape(self.description)),
            card,
            *self.body,
            xmlns='http://www.w3.org/2000/svg',
            viewBox=f'0 0 {number(self.width)} {number(self.height)}',
            role=self.role,
            font_family=FONT,
            **attributes,
        )


def stack(drawings: Sequence[Drawing]) -> str:
    """Return drawings as one picture, the first one at the top.

    Raises:
        ValueError: If there is none.
    """
    if not drawings:
        raise ValueError('drawings must not be empty')
    if len(drawings) == 1:
        return drawings[0].svg() + '\n'
    parts, height = [], 0.0
    for drawing in drawings:
        size = {'width': drawing.width, 'height': drawing.height}
        parts.append(drawing.svg(x=0, y=height, **size))
        height += drawing.height + _GAP
    whole = Drawing(
        title='; '.join(dict.fromkeys(d.title for d in drawings)),
        description=' '.join(d.description for d in drawings),
        width=max(d.width for d in drawings),
        height=height - _GAP,
        body=parts,
    )
    return whole.svg() + '\n'


def element(name: str, *children: str, **attributes: str | float) -> str:
    """Return an element; children are markup, attributes are escaped here.

    An underscore in a name stands for a hyphen, one at its end for nothing:
    ``class_='point'``, ``font_size=12``.
    """
    words = [name]
    for key, value in attributes.items():
        text = value if isinstance(value, str) else number(value)
        words.append(f'{key.rstrip("_").replace("_", "-")}={quoteattr(text)}')
    if not children:
        return f'<{" ".join(words)}/>'
    inside = ''.join(children)
    if '<' in inside:
        inside = '\n'.join(['', *children, ''])
    return f'<{" ".join(words)}>{inside}</{name}>'


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float = 12,
    fill: str = INK,
    **attributes: str | float,
) -> str:
    """Return a line of text with its baseline at ``y``."""
    return element(
        'text',
        escape(words),
        x=x,
        y=y,
        font_size=size,
        fill=fill,
        **attributes,
    )


def tooltip(words: str) -> str:
    """Return the name of the element that it stands in as the first one."""
    return element('title', escape(words))


def number(value: float) -> str:
    """Return at most one decimal: a tenth of a pixel is not seen."""
    shown = f'{value:.1f}'.removesuffix('.0')
    return '0' if shown == '-0' else shown


def text_width(words: str, size: float) -> float:
    """Estimate, rather too wide than too narrow, as fonts differ."""
    return size * sum(map(_share, words))


def _share(letter: str) -> float:
    """Return the width of a letter as a share of the font's size."""
    if unicodedata.east_asian_width(letter) in 'WF' or letter in _BROAD:
        return 1.0
    if letter in _NARROW:
        return 0.42
    return 0.72 if letter.isupper() else 0.64


def cut(words: str, width: float, size: float) -> str:
    """Shorten a text that is wider than ``width``; an ellipsis shows it."""
    if text_width(words, size) <= width:
        return words
    while words and text_width(f'{words}…', size) > width:
        words = words[:-1]
    return f'{words.rstrip()}…'
