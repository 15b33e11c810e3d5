"""Summaries to draw, and pictures to read."""

import dataclasses
from xml.etree import ElementTree

import pytest

from zoo.evaluation import Stat, summarise
from zoo.evaluation.kinds import KINDS

SVG = '{http://www.w3.org/2000/svg}'


@dataclasses.dataclass
class Picture:
    """A parsed picture."""

    root: ElementTree.Element

    def all(self, name, kind=None, *, inside=None):
        """Return elements by name and class."""
        place = self.root if inside is None else inside
        return [
            x
            for x in place.iter(f'{SVG}{name}')
            if kind in (None, x.get('class'))
        ]

    def texts(self):
        """Return what can be read in the picture."""
        return [x.text for x in self.all('text')]

    def says(self, name, inside=None):
        """Return the text of the first 'title' or 'desc'."""
        return (self.root if inside is None else inside).find(SVG + name).text

    def labels(self, kind):
        """Return the methods of all groups of a class."""
        return [x.get('data-row') for x in self.all('g', kind)]

    def cut_off(self):
        """Return the texts that leave the picture."""
        _, _, width, height = map(float, self.root.get('viewBox').split())
        found = []
        for text in self.all('text'):
            # 0.62 em is the mean width of a letter in DejaVu Sans, a wide font
            room = 0.62 * float(text.get('font-size')) * len(text.text)
            share = {'end': 1, 'middle': 0.5}.get(text.get('text-anchor'), 0)
            left = float(text.get('x')) - share * room
            inside = 10 < float(text.get('y')) < height - 3
            if left < 0 or left + room > width or not inside:
                found.append(text.text)
        return found

    def ruler(self, axis):
        """Return the line through the ticks of 'x' or 'y': value -> place.

        A tick's text is a number, in the small size, and stands at a line.
        """
        anchor = {'x': 'middle', 'y': 'end'}[axis]
        ticks = [
            (float(t.text), float(t.get(axis)) - (4 if axis == 'y' else 0))
            for t in self.all('text')
            if t.get('text-anchor') == anchor
            and t.get('font-size') == '11'
            and t.text.replace('.', '').isdigit()
        ]
        (v0, p0), (v1, p1) = ticks[0], ticks[-1]
        return lambda value: p0 + (value - v0) * (p1 - p0) / (v1 - v0)


def middle(mark):
    """Return the middle of a marker's box."""
    if mark.tag == f'{SVG}circle':
        return float(mark.get('cx')), float(mark.get('cy'))
    corners = [pair.split(',') for pair in mark.get('points').split()]
    xs, ys = zip(*((float(x), float(y)) for x, y in corners), strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


@pytest.fixture
def read():
    """Return a function that parses a picture."""
    return lambda text: Picture(ElementTree.fromstring(text))


@pytest.fixture
def centre():
    """Return a function: a marker -> the middle of its box."""
    return middle


@pytest.fixture
def make_summary(make_record):
    """Return a function: config, scores of its seeds -> a summary."""

    def make(config, *scores, interval=None, kind='semantic', **changes):
        [summary] = summarise([make_record(kind, config=config)])
        rank = KINDS[kind].rank
        known = [score for score in scores if score is not None]
        stat = (
            Stat(sum(known) / len(known), None, len(known)) if known else None
        )
        return dataclasses.replace(
            summary,
            **{
                'metrics': {**summary.metrics, rank: stat},
                'runs': [{rank: score} for score in scores],
                'seeds': list(range(len(scores))),
                'interval': interval,
                **changes,
            },
        )

    return make
