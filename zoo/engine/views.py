"""Which views multi-view testing looks at."""

from dataclasses import dataclass, fields
from pathlib import Path

from mmengine.config import Config

from zoo.errors import UserError

AVERAGED = (
    'PostProcessedEncoderDecoder',
    'SuperpixelSegmentor',
    'ZoomOutSegmentor',
    'BoxRegressor',
    'InstanceSegmentor',
)


@dataclass(frozen=True, kw_only=True)
class Views:
    """Every scale, plain and mirrored, at every shift.

    Source: none; Wu et al., 2016, test several views without listing them.
    Scales 0.75, 1 and 1.25 with flips are a choice of ours.

    Args:
        scales: Factors of the size that an image is tested at, above 0.
        flip: Whether each scale is seen mirrored as well.
        shifts: Pairs ``(dy, dx)`` of pixels of the scaled image, fewer than
            the network's stride; ``MultiViewSegmentor`` checks them.

    Raises:
        ValueError: If there is no scale, one is not above 0, or ``flip`` is
            neither true nor false.
    """

    scales: tuple[float, ...] = (0.75, 1.0, 1.25)
    flip: bool = True
    shifts: tuple[tuple[int, int], ...] = ((0, 0),)

    def __post_init__(self) -> None:
        """Check."""
        several = isinstance(self.scales, list | tuple) and self.scales
        if not several or not all(map(_is_scale, self.scales)):
            raise ValueError(
                'scales must be a list of numbers above 0, '
                f'got {self.scales!r}'
            )
        if type(self.flip) is not bool:
            raise ValueError(f'flip must be True or False, got {self.flip!r}')

    @property
    def count(self) -> int:
        """How many predictions of an image are averaged."""
        return len(self.scales) * (1 + self.flip) * len(self.shifts)


def _is_scale(value: object) -> bool:
    return type(value) in (int, float) and value > 0  # type: ignore[operator]


def require_views(config: Config, path: str | Path) -> None:
    """Refuse a key ``views`` that says nothing about views.

    Raises:
        UserError: If it is no dict, an entry of it is unknown, or has a
            value that is not allowed.
    """
    views = config.get('views')
    known = [field.name for field in fields(Views)]
    if views is None:
        return
    if not isinstance(views, dict):
        raise UserError(
            f'{path}: views must be a dict of {", ".join(known)}, or None, '
            f'got {views!r}'
        )
    for key in views:
        if key not in known:
            raise UserError(
                f'{path}: views has no entry {key!r}, only {", ".join(known)}'
            )
    try:
        Views(**views)
    except ValueError as error:
        raise UserError(f'{path}: views.{error}') from None


def use_views(config: Config, *, tta: bool = False) -> Views | None:
    """Make a config test several views of an image; return which.

    Args:
        config: States them under ``views``; changed in place.
        tta: Whether one that states none is tested with the default ones.

    Returns:
        ``None``, and an unchanged config, where one view is enough.

    Raises:
        UserError: If its model cannot average views.
    """
    stated = config.get('views')
    if stated is None and not tta:
        return None
    views = Views(**(stated or {}))
    model, dataset = config.model, config.test_dataloader.dataset
    if model.type not in AVERAGED:
        raise UserError(
            f'views, --tta: model.type is {model.type!r}, several views need '
            f'one of {", ".join(AVERAGED)}'
        )
    if 'pipeline' not in dataset:
        raise UserError(
            'views, --tta: the test data set is a '
            f'{dataset.type}, several views need one with a pipeline'
        )
    dataset.pipeline = _pipeline(list(dataset.pipeline), views)
    if model.type == 'InstanceSegmentor':  # averages for each of its parts
        model.shifts = views.shifts
        return views
    config.model = {
        'type': 'MultiViewSegmentor',
        'module': model,
        'shifts': views.shifts,
    }
    if 'data_preprocessor' in model:  # goes before that of the data set
        config.model.data_preprocessor = model.data_preprocessor
    return views


def _pipeline(steps: list[dict], views: Views) -> list[dict]:
    """Return a test pipeline that loads once and makes every view.

    A size that its own steps ask for comes first: it would undo the scales.
    """
    own = [i for i, step in enumerate(steps) if 'Resize' in step['type']]
    first = own[-1] + 1 if own else 1
    resizes = [
        {'type': 'Resize', 'scale_factor': float(scale), 'keep_ratio': True}
        for scale in views.scales
    ]
    mirrored = (0.0, 1.0) if views.flip else (0.0,)
    flips = [{'type': 'RandomFlip', 'prob': prob} for prob in mirrored]
    each = [[step] for step in steps[first:]]
    return [
        *steps[:first],
        {'type': 'TestTimeAug', 'transforms': [resizes, flips, *each]},
    ]
