"""From a config to a table of features that its classifier trains on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config

from zoo.engine.checkpoint import load_meta, save_plain
from zoo.engine.zoom_out.dictionary import load_or_fit_dictionary
from zoo.engine.zoom_out.extraction import Described, announce, extract
from zoo.engine.zoom_out.plan import (
    FeaturePlan,
    image_dataset,
    plan_features,
)
from zoo.engine.zoom_out.provenance import digest_of_files
from zoo.engine.zoom_out.statistics import column_statistics
from zoo.errors import UserError
from zoo.files import replacing, write_text


@dataclass(frozen=True)
class PreparedFeatures:
    """What a classifier needs of prepared features.

    Attributes:
        fitted: File that it starts from: networks, dictionaries, means and
            deviations.
        table: Arguments of ``FeatureTable``, besides ``dataset``.
        class_counts: How many training superpixels are of each class.
    """

    fitted: str
    table: dict
    class_counts: list[int]

    def use_in(self, config: Config) -> None:
        """Make a config train on the table and start from the fitted."""
        loader = config.train_dataloader
        loader.dataset = {
            'type': 'FeatureTable',
            'dataset': loader.dataset.to_dict(),
            **self.table,
        }
        losses = config.model.decode_head.get('loss_decode') or []
        for loss in losses if isinstance(losses, list) else [losses]:
            if loss.type == 'AsymmetricCrossEntropyLoss':
                loss.setdefault('class_counts', self.class_counts)
        if config.get('load_from') is None:  # neither resumed nor stated
            config.load_from = self.fitted


def prepare_features(
    config: Config,
    path: str | Path,
    *,
    splits: Sequence[str] = (),
    extracting: bool = True,
) -> PreparedFeatures:
    """Fit what has to be fitted and extract what is not there yet.

    Args:
        config: Of a leaf with the key ``features``.
        path: Of the leaf.
        splits: Loaders whose images to extract besides the training's:
            ``'val'``, ``'test'``.
        extracting: Whether it may; otherwise all has to be there.

    Raises:
        UserError: For all that a user can put right.
    """
    plan = plan_features(config, path)
    training = image_dataset(config.train_dataloader.dataset, config)
    waiting = _waiting(plan, config, training, splits)
    if waiting and not extracting:
        raise UserError(
            f'{path}: the features for its {", ".join(waiting)} images are '
            'not there, and several processes cannot extract them together. '
            f'First: python tools/extract_features.py {path}'
        )
    if waiting:
        done = _complete_images(plan)
        announce(plan, {k: len(v) for k, v in waiting.items()}, done)
        load_or_fit_dictionary(plan, training)
    for split, images in waiting.items():
        found = extract(plan, images)
        if split == 'train':
            _save_table(plan.table, found)
            _save_fitted(plan, found)
        else:
            write_text(_note(plan, images), f'{len(images)}\n')
    return _prepared(plan, config)


def _waiting(
    plan: FeaturePlan, config: Config, training: Any, splits: Sequence[str]
) -> dict[str, Any]:
    """Return the data sets whose features are not complete, by split."""
    waiting = {} if _has_all_rows(plan) else {'train': training}
    for split in splits:
        if (loader := config.get(f'{split}_dataloader')) is not None:
            images = image_dataset(loader.dataset, config)
            if not _note(plan, images).is_file():
                waiting[split] = images
    return waiting


def _has_all_rows(plan: FeaturePlan) -> bool:
    """Tell whether the training's features are all there, and fitted to."""
    if not (plan.table.is_file() and plan.fitted.is_file()):
        return False
    with np.load(plan.table) as table:
        return all(plan.store.has(key) for key in table['keys'].tolist())


def _complete_images(plan: FeaturePlan) -> int:
    """Return how many images the complete splits have."""
    notes = (plan.folder / 'complete').glob('*')
    count = sum(int(note.read_text()) for note in notes)
    if _has_all_rows(plan):
        with np.load(plan.table) as table:
            count += len(table['keys'])
    return count


def _note(plan: FeaturePlan, images: Any) -> Path:
    """Return the file that says that a split is complete."""
    return plan.folder / 'complete' / digest_of_files(images)


def _prepared(plan: FeaturePlan, config: Config) -> PreparedFeatures:
    store, layout = plan.store, plan.extractor.layout
    use = config.model.backbone.get('use') or layout.levels
    return PreparedFeatures(
        fitted=str(plan.fitted),
        table={
            'table': str(plan.table),
            'folder': str(store.folder),
            'columns': store.own + store.shared,
            'shared': store.shared,
            'use': layout.columns(use),
        },
        class_counts=load_meta(plan.fitted)['class_counts'],
    )


def _save_table(path: Path, found: list[Described]) -> None:
    """Write which superpixels there are, and of which class each is."""
    with replacing(path) as temporary, temporary.open('wb') as stream:
        np.savez(
            stream,
            keys=np.array([item.key for item in found]),
            counts=np.array([len(item.labels) for item in found]),
            labels=np.concatenate([item.labels for item in found]).astype(
                'u1'
            ),
        )


def _save_fitted(plan: FeaturePlan, found: list[Described]) -> None:
    """Write all that the classifier is to know before it learns.

    What is there stays: runs name it by its digest.
    """
    if plan.fitted.is_file():
        return
    labels = np.concatenate([item.labels for item in found])
    classes = len(plan.provenance['classes'])
    counts = np.bincount(labels[labels < classes], minlength=classes)
    if not counts.any():
        raise UserError(
            f'{plan.folder}: no training image has a label. Check the data '
            'set: python tools/data.py check NAME'
        )
    mean, deviation = column_statistics(
        plan.store,
        [item.key for item in found],
        images=plan.settings.statistics_images,
        seed=plan.settings.seed,
    )
    state = {
        **plan.extractor.state_dict(),
        'mean': torch.from_numpy(mean),
        'deviation': torch.from_numpy(deviation),
    }
    state = {f'backbone.{k}': value.cpu() for k, value in state.items()}
    meta = {**plan.provenance, 'class_counts': counts.tolist()}
    save_plain({'meta': meta, 'state_dict': state}, plan.fitted)
