"""Predict photographs that no data set knows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.model import BaseModel
from mmseg.registry import DATASETS
from mmseg.structures import SegDataSample
from torch import no_grad

from zoo.engine import pictures
from zoo.engine.config import load_config
from zoo.engine.experiment import build_runner
from zoo.engine.hooks.output import panels
from zoo.engine.testing import find_checkpoint
from zoo.engine.workdir import require_writable
from zoo.errors import UserError
from zoo.photo import read_photo

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')


class Predictor:
    """A trained config, ready for photographs.

    Args:
        path: Of the leaf.
        checkpoint: Its weights.
        options: ``key.path=value`` changes.
        work_dir: Where mmengine's log goes.

    Raises:
        UserError: For all that a user can put right.
    """

    def __init__(
        self,
        path: str | Path,
        checkpoint: str | Path,
        *,
        options: Sequence[str] = (),
        work_dir: str | Path = 'work_dirs/predict',
    ) -> None:
        config = load_config(path, options=options)
        config.load_from, config.work_dir = str(checkpoint), str(work_dir)
        self.palette, self.classes = _meaning(config)
        self.pipeline = Compose(_pipeline(config))
        runner = build_runner(_without_data(config), path)
        runner.whole = True
        runner.load_checkpoint(str(checkpoint))
        self.model: BaseModel = runner.model.eval()

    @no_grad()
    def __call__(self, path: str | Path) -> SegDataSample:
        """Return the prediction for one photograph."""
        data = self.pipeline({'img_path': str(path)})
        return self.model.test_step(pseudo_collate([data]))[0]

    def save(self, path: str | Path, out: Path) -> None:
        """Predict and write mask, overlay and picture under ``out``."""
        sample, name = self(path), Path(path).stem
        labels = sample.pred_sem_seg.data[0].cpu().numpy().astype(np.uint8)
        mask = pictures.label_image(labels, self.palette)
        pictures.save(mask, out / f'{name}_mask.png')
        mixed = pictures.overlay(read_photo(path), labels, self.palette)
        mixed_image = pictures.Image.fromarray(mixed)
        pictures.save(mixed_image, out / f'{name}_overlay.png')
        sheet = pictures.side_by_side(panels(sample, self.palette))
        pictures.save(sheet, out / f'{name}_steps.png')


def predict(
    images: Sequence[str | Path],
    config: str | Path,
    checkpoint: str | Path | None,
    out: str | Path,
    *,
    options: Sequence[str] = (),
) -> Iterator[Path]:
    """Predict photographs, or all in a folder; yield each when written.

    Without a checkpoint the newest of the config is taken.
    """
    paths = list(_expand(images))
    out = require_writable(out)
    if checkpoint is None:
        checkpoint = find_checkpoint(
            config, load_config(config, options=options), None
        )
    predictor = Predictor(
        config, checkpoint, options=options, work_dir=out / 'log'
    )
    for path in paths:
        predictor.save(path, out)
        yield path


def _expand(images: Sequence[str | Path]) -> Iterator[Path]:
    for image in map(Path, images):
        if image.is_dir():
            found = sorted(
                p for p in image.iterdir() if p.suffix.lower() in SUFFIXES
            )
            if not found:
                raise UserError(f'{image}: holds no photographs')
            yield from found
        elif image.is_file():
            yield image
        else:
            raise UserError(f'{image}: no such photograph')


def _meaning(config: Config) -> tuple[pictures.Palette, Sequence[str]]:
    """Return colours and names of the classes that a config was made for."""
    dataset = DATASETS.get(config.test_dataloader.dataset.type)
    return dataset.METAINFO['palette'], dataset.METAINFO['classes']


def _pipeline(config: Config) -> list[dict]:
    """Return the test pipeline without the labels."""
    steps = config.test_dataloader.dataset.pipeline
    return [step for step in steps if step['type'] != 'LoadLabels']


def _without_data(config: Config) -> Config:
    for name in ('dataloader', 'cfg', 'evaluator'):
        for part in ('train', 'val', 'test'):
            config.pop(f'{part}_{name}', None)
    config.pop('optim_wrapper', None)
    config.pop('param_scheduler', None)
    return config
