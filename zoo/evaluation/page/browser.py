"""The picture browser of the page: methods side by side on one image."""

from collections.abc import Sequence

from .markup import Markup, element, join
from .pictures import (
    ERROR_COLOURS,
    VOID_COLOUR,
    Picture,
    map_uri,
    photograph_uri,
)

SHOWN = 4  # methods that are ticked at first


def render_browser(
    title: str,
    pictures: Sequence[Picture],
    order: Sequence[str],
    *,
    id: str,
) -> Markup:
    """Return the section for pictures of one data set.

    All pictures and methods are in it and seen without a script; the script
    of the page shows those that are chosen.

    Args:
        title: Of the section.
        pictures: One or more.
        order: Configs; methods of others come last. The first word of a
            method is its config.
        id: Of the section, unique on the page.
    """
    places = {config: place for place, config in reversed([*enumerate(order)])}
    labels = sorted(
        {label for picture in pictures for label in picture.predictions},
        key=lambda label: (places.get(label.split()[0], len(order)), label),
    )
    articles = [_article(picture, labels) for picture in pictures]
    return element(
        'section',
        element('h2', title, id=f'{id}-title'),
        _choice(pictures, labels),
        element(
            'div',
            *articles,
            class_='stage',
            tabindex=0,
            role='group',
            aria_label='Pictures. Left and right arrow: another image',
        ),
        id=id,
        class_='pictures',
        aria_labelledby=f'{id}-title',
    )


def _choice(pictures: Sequence[Picture], labels: Sequence[str]) -> Markup:
    options = [
        element('option', picture.name, value=number)
        for number, picture in enumerate(pictures)
    ]
    boxes = [
        element(
            'label',
            element(
                'input', type='checkbox', value=label, checked=number < SHOWN
            ),
            f' {label}',
        )
        for number, label in enumerate(labels)
    ]
    image = element(
        'label', 'Image ', element('select', *options, name='image')
    )
    return element(
        'div',
        element(
            'p',
            element('button', 'Previous', type='button', name='previous'),
            image,
            element('button', 'Next', type='button', name='next'),
        ),
        element(
            'fieldset',
            element('legend', 'Methods'),
            *boxes,
            element('button', 'All', type='button', name='all'),
            element('button', 'None', type='button', name='none'),
        ),
        class_='choice',
        hidden=True,
    )


def _article(picture: Picture, labels: Sequence[str]) -> Markup:
    name = picture.name
    truth = map_uri(picture.truth, _palette(picture))
    panels = [
        _figure(
            'photograph',
            (photograph_uri(picture.image), f'{name}, photograph'),
        ),
        _figure('truth', (truth, f'{name}, true classes')),
        *(_method(picture, x) for x in labels if x in picture.predictions),
    ]
    return element(
        'article',
        element('h3', name),
        element('div', *panels, class_='panels'),
        _legend(picture),
    )


def _method(picture: Picture, label: str) -> Markup:
    """Return prediction and error map of one method."""
    share = picture.wrong_share(label)
    says = 'no labelled pixel' if share is None else f'{share:.1f} % wrong'
    name = picture.name
    predicted = map_uri(picture.predictions[label], _palette(picture))
    errors = map_uri(picture.errors(label), ERROR_COLOURS[:-1])
    return _figure(
        f'{label}: {says}',
        (predicted, f'{name}, classes predicted by {label}'),
        (errors, f'{name}, errors of {label}: {says}'),
        data_method=label,
    )


def _figure(
    caption: str, *images: tuple[str, str], **attributes: str
) -> Markup:
    shown = [element('img', src=uri, alt=text) for uri, text in images]
    pair = element('div', *shown, class_='pair')
    return element(
        'figure', pair, element('figcaption', caption), **attributes
    )


def _palette(picture: Picture) -> Sequence[Sequence[int]]:
    return picture.palette[: len(picture.classes)]


def _legend(picture: Picture) -> Markup:
    """Return the classes that occur in a picture, and colours of errors."""
    classes = [
        _entry(picture.classes[number], picture.palette[number])
        for number in picture.occurring()
    ]
    void = _entry('void', VOID_COLOUR)
    right, wrong = (
        _entry(text, colour)
        for text, colour in zip(
            ('right', 'wrong'), ERROR_COLOURS[:-1], strict=True
        )
    )
    return join(
        [
            element(
                'ul', *classes, void, class_='legend', aria_label='Classes'
            ),
            element(
                'ul', right, wrong, class_='legend', aria_label='Error maps'
            ),
        ]
    )


def _entry(name: str, colour: Sequence[int]) -> Markup:
    red, green, blue = (int(part) for part in colour)
    swatch = element(
        'span',
        class_='swatch',
        style=f'background:#{red:02x}{green:02x}{blue:02x}',
    )
    return element('li', swatch, f' {name}')
