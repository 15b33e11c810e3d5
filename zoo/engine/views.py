"""Which views multi-view testing looks at."""

from mmengine.config import Config

from zoo.errors import UserError

SCALES = (0.75, 1.0, 1.25)


def use_views(config: Config, scales: tuple[float, ...] = SCALES) -> int:
    """Make a config test every scale, plain and flipped; return how many.

    Source: none; the papers average over views without listing them. Scales
    0.75, 1 and 1.25 with flips are a choice of ours.
    """
    if config.model.type != 'PostProcessedEncoderDecoder':
        raise UserError(
            f'--tta: model.type is {config.model.type!r}, views need '
            "'PostProcessedEncoderDecoder'"
        )
    pipeline = list(config.test_dataloader.dataset.pipeline)
    load, *rest = pipeline
    resizes = [
        {'type': 'Resize', 'scale_factor': scale, 'keep_ratio': True}
        for scale in scales
    ]
    flips = [{'type': 'RandomFlip', 'prob': prob} for prob in (0.0, 1.0)]
    steps = [[step] for step in rest]
    config.test_dataloader.dataset.pipeline = [
        load,
        {'type': 'TestTimeAug', 'transforms': [resizes, flips, *steps]},
    ]
    config.model = {'type': 'MultiViewSegmentor', 'module': config.model}
    return len(scales) * 2
