"""Save what a test predicts: masks, probabilities, pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from mmseg.structures import SegDataSample

from zoo.engine import pictures
from zoo.engine.instance_pictures import (
    draw_instances,
    enlarged,
    enlargement,
    true_instances,
    write_instances,
)
from zoo.engine.refining.saved_probs import write_probs
from zoo.engine.workdir import require_writable
from zoo.photo import read_photo


@HOOKS.register_module()
class OutputHook(Hook):
    """Write one file per image and kind, named after the image.

    Args:
        masks: Folder for label maps, ``NAME.png``: palette pictures whose
            values are class ids; of instances ``NAME.json``.
        probs: Folder for probabilities, ``NAME.npy``: float16
            ``(C, H, W)``, after post-processing.
        show: Folder for pictures, ``NAME.png``: photograph, truth,
            prediction and, where post-processors ran, the one after them;
            true and predicted instances where there are any.
    """

    def __init__(
        self,
        *,
        masks: str | None = None,
        probs: str | None = None,
        show: str | None = None,
    ) -> None:
        self.masks, self.probs, self.show = (
            None if folder is None else require_writable(folder)
            for folder in (masks, probs, show)
        )

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: list[SegDataSample] | None = None,
    ) -> None:
        """Save the predictions of one batch."""
        meta = runner.test_dataloader.dataset.metainfo
        for sample in outputs or ():
            if 'pred_sem_seg' in sample:  # boxes alone are no picture
                self._save(sample, meta['palette'], meta['classes'])

    def _save(
        self,
        sample: SegDataSample,
        palette: pictures.Palette,
        names: Sequence[str],
    ) -> None:
        name = Path(sample.img_path).stem
        if self.masks is not None:
            labels = _array(sample, 'pred_sem_seg')
            image = pictures.label_image(labels, palette)
            pictures.save(image, self.masks / f'{name}.png')
            if 'pred_instances' in sample:
                write_instances(sample, names, self.masks / f'{name}.json')
        if self.probs is not None:
            save_probs(sample, self.probs / f'{name}.npy')
        if self.show is not None:
            sheet = pictures.side_by_side(panels(sample, palette, names))
            pictures.save(sheet, self.show / f'{name}.png')


def panels(
    sample: SegDataSample, palette: pictures.Palette, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return the titled pictures of a tested sample."""
    image = read_photo(sample.img_path)
    found = {'image': image}
    if 'gt_sem_seg' in sample:
        truth = _array(sample, 'gt_sem_seg')
        found['truth'] = pictures.colourise(truth, palette)
    last = pictures.colourise(_array(sample, 'pred_sem_seg'), palette)
    if 'raw_sem_seg' in sample:
        raw = pictures.colourise(_array(sample, 'raw_sem_seg'), palette)
        found |= {'prediction': raw, 'post-processed': last}
    else:
        found['prediction'] = last
    if 'pred_instances' not in sample:
        return found
    factor = enlargement(len(image))
    found = {title: enlarged(p, factor) for title, p in found.items()}
    if 'gt_instances' in sample:
        truth = true_instances(sample)
        found['true instances'] = draw_instances(image, truth, names)
    predicted = draw_instances(image, sample.pred_instances, names)
    return {**found, 'instances': predicted}


def save_probs(sample: SegDataSample, path: Path) -> None:
    """Write the class probabilities of a sample as float16."""
    write_probs(path, sample.seg_logits.data.softmax(0).cpu().numpy())


def _array(sample: SegDataSample, key: str) -> np.ndarray:
    return sample.get(key).data.squeeze(0).cpu().numpy()
