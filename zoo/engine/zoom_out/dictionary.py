"""Textons and visual words: fitted once, kept with where they come from."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo.engine.checkpoint import load_plain, save_plain
from zoo.engine.meter import open_meter
from zoo.engine.runner import require_fit
from zoo.engine.zoom_out.plan import FeaturePlan
from zoo.errors import UserError
from zoo.ops.handmade import sample_descriptors, sample_texton_responses
from zoo.ops.visual_words import fit_words

PARTS = ('backbone.textons', 'backbone.words')


def load_or_fit_dictionary(plan: FeaturePlan, dataset: Any) -> None:
    """Fill the extractor's dictionaries: from a file, else from images.

    Args:
        plan: Its folder keeps what was fitted.
        dataset: Training images.

    Raises:
        UserError: If the file is damaged, has other sizes, or was fitted on
            a data set of other classes, or there are too few samples.
    """
    own = plan.folder / 'dictionary.pth'
    stated = plan.settings.dictionary
    if stated is None and not own.is_file():
        save_plain(_fitted(plan, dataset), own)
    _load(plan, Path(stated or own))


def _load(plan: FeaturePlan, path: Path) -> None:
    content = load_plain(path)
    meta = content.get('meta', {})
    state = content.get('state_dict', {})
    classes = plan.provenance['classes']
    if not set(PARTS) <= set(state):
        raise UserError(
            f'{path}: holds no dictionaries. Take out features.dictionary to '
            'have them fitted'
        )
    if meta.get('classes') != classes:
        raise UserError(
            f'{path}: was fitted on a data set of other classes '
            f'({len(meta.get("classes") or [])}, here {len(classes)}). Take '
            'out features.dictionary to have one fitted'
        )
    extractor = plan.extractor
    here = {f'backbone.{k}': v for k, v in extractor.state_dict().items()}
    require_fit(
        here,
        {name: state[name] for name in PARTS},
        path,
        strict=False,
        remedy='Take out features.dictionary to have one fitted',
    )
    for name in PARTS:
        getattr(extractor, name.split('.')[1]).copy_(state[name])


def _sampled(plan: FeaturePlan, dataset: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return texton responses ``(n, 38)`` and descriptors ``(3, n, 128)``."""
    settings, extractor = plan.settings, plan.extractor
    rng = np.random.default_rng(settings.seed)
    count = min(settings.images, len(dataset))
    chosen = np.sort(rng.choice(len(dataset), count, replace=False))
    each = -(-settings.samples // count)  # rounded up
    responses, descriptors = [], []
    meter = open_meter('sample', count)
    for index in chosen:
        photo = np.ascontiguousarray(dataset[int(index)]['img'][..., ::-1])
        responses.append(sample_texton_responses(photo, count=each, rng=rng))
        descriptors.append(
            sample_descriptors(
                photo,
                count=each,
                rng=rng,
                step=extractor.sift_step,
                sizes=extractor.sift_sizes,
            )
        )
        meter.step(str)
    meter.close()
    print(f'{plan.folder}: fitting textons and SIFT words on {count} images')
    return np.concatenate(responses), np.concatenate(descriptors, axis=-2)


def _fitted(plan: FeaturePlan, dataset: Any) -> dict:
    """Fit both dictionaries on a sample of the training images."""
    responses, descriptors = _sampled(plan, dataset)
    try:
        textons = fit_words(
            responses,
            count=len(plan.extractor.textons),
            seed=plan.settings.seed,
        )
        words = _words(descriptors, plan)
    except ValueError as error:
        raise UserError(
            f'{plan.folder}: {error}. Raise features.samples or '
            'features.images, or lower textons and words of the backbone'
        ) from None
    state = dict(zip(PARTS, (torch.from_numpy(textons), words), strict=True))
    return {'meta': dict(plan.provenance), 'state_dict': state}


def _words(descriptors: np.ndarray, plan: FeaturePlan) -> Tensor:
    """Fit the SIFT words; descriptors ``(3, n, 128)`` by channel."""
    shape, seed = plan.extractor.words.shape, plan.settings.seed
    pools = (
        list(descriptors)
        if len(shape) == 3
        else [descriptors.reshape(-1, descriptors.shape[-1])]
    )
    found = [fit_words(pool, count=shape[-2], seed=seed) for pool in pools]
    return torch.from_numpy(np.stack(found)).reshape(shape)
