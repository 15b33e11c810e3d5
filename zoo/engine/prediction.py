"""Predict photographs that no data set knows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from mmengine.config import Config, ConfigDict
from mmengine.dataset import Compose, pseudo_collate
from mmengine.model import BaseModel
from mmseg.structures import SegDataSample
from torch import no_grad

from zoo.datasets.metainfo import stated_metainfo
from zoo.engine import pictures
from zoo.engine.config import load_config
from zoo.engine.experiment import build_runner
from zoo.engine.hooks.output import panels
from zoo.engine.instance_pictures import draw_instances, write_instances
from zoo.engine.views import use_views
from zoo.engine.weights import find_checkpoint
from zoo.engine.workdir import require_writable
from zoo.errors import UserError
from zoo.photo import read_photo

LABELS = ('LoadLabels', 'LoadAnnotations', 'LoadInstances')
SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')


class Predictor:
    """A trained config, ready for photographs.

    Args:
        path: Of the leaf.
        checkpoint: Its weights.
        options: ``key.path=value`` changes.
        work_dir: Where mmengine's log goes.
        tta: Whether several views are averaged where the leaf states none.

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
        tta: bool = False,
    ) -> None:
        config = load_config(path, options=options)
        config.load_from, config.work_dir = str(checkpoint), str(work_dir)
        dataset = config.test_dataloader.dataset
        dataset.pipeline = _without_labels(dataset)
        use_views(config, tta=tta)
        self.pipeline = Compose(dataset.pipeline)
        runner = build_runner(_without_data(config), path)
        runner.whole = True
        content = runner.load_checkpoint(str(checkpoint))
        known = content.get('meta', {}).get('dataset_meta') or {}
        if not (known.get('classes') and known.get('palette')):
            known = {**stated_metainfo(dataset), **known}
        # those of the classes that the weights were trained for
        self.palette, self.names = known['palette'], known['classes']
        self.model: BaseModel = runner.model.eval()

    @no_grad()
    def __call__(self, path: str | Path) -> SegDataSample:
        """Return the prediction for one photograph."""
        data = self.pipeline({'img_path': str(path)})
        return self.model.test_step(pseudo_collate([data]))[0]

    def save(self, path: str | Path, out: Path) -> None:
        """Predict and write mask, overlay and pictures under ``out``."""
        sample, name = self(path), Path(path).stem
        if 'pred_sem_seg' not in sample:
            raise UserError(
                'boxes or tags alone are nothing to look at: predict with a '
                'leaf of instances or classes that they serve'
            )
        labels = sample.pred_sem_seg.data[0].cpu().numpy().astype(np.uint8)
        mask = pictures.label_image(labels, self.palette)
        pictures.save(mask, out / f'{name}_mask.png')
        mixed = pictures.overlay(read_photo(path), labels, self.palette)
        mixed_image = pictures.Image.fromarray(mixed)
        pictures.save(mixed_image, out / f'{name}_overlay.png')
        sheet = pictures.side_by_side(panels(sample, self.palette, self.names))
        pictures.save(sheet, out / f'{name}_steps.png')
        if 'pred_instances' in sample:
            self._save_instances(sample, path, out)

    def _save_instances(
        self, sample: SegDataSample, path: str | Path, out: Path
    ) -> None:
        name = Path(path).stem
        write_instances(sample, self.names, out / f'{name}_instances.json')
        drawn = draw_instances(
            read_photo(path), sample.pred_instances, self.names
        )
        image = pictures.Image.fromarray(drawn)
        pictures.save(image, out / f'{name}_instances.png')


def predict(
    photographs: Sequence[Path],
    config: str | Path,
    checkpoint: str | Path | None,
    out: str | Path,
    *,
    options: Sequence[str] = (),
    tta: bool = False,
) -> Iterator[Path]:
    """Predict photographs; yield each when its results are written.

    Without a checkpoint the newest of the config is taken; ``tta`` averages
    several views where the config states none.
    """
    out = require_writable(out)
    if checkpoint is None:
        checkpoint = find_checkpoint(
            config, load_config(config, options=options), None
        )
    if checkpoint is None:
        raise UserError(
            f'{config}: an oracle has no weights, and looks at labels that a '
            'photograph lacks. Choose another leaf'
        )
    predictor = Predictor(
        config, checkpoint, options=options, work_dir=out / 'log', tta=tta
    )
    for path in photographs:
        predictor.save(path, out)
        yield path


def find_photographs(images: Sequence[str | Path]) -> list[Path]:
    """Return the photographs among files and folders.

    Raises:
        UserError: If one is missing, a folder holds none, or two have the
            same name: their results would have too.
    """
    found: dict[str, Path] = {}
    for path in _expand(images):
        if path.stem in found:
            raise UserError(
                f'{path}: has the name of {found[path.stem]}, and so would '
                'its results. Rename one, or predict them into two folders'
            )
        found[path.stem] = path
    return list(found.values())


def _expand(images: Sequence[str | Path]) -> Iterator[Path]:
    for image in map(Path, images):
        if image.is_dir():
            inside = sorted(
                p for p in image.iterdir() if p.suffix.lower() in SUFFIXES
            )
            if not inside:
                raise UserError(f'{image}: holds no photographs')
            yield from inside
        elif image.is_file():
            yield image
        else:
            raise UserError(f'{image}: no such photograph')


def _without_labels(dataset: ConfigDict) -> list[dict]:
    """Return the test pipeline without the labels."""
    return [step for step in dataset.pipeline if step['type'] not in LABELS]


def _without_data(config: Config) -> Config:
    for name in ('dataloader', 'cfg', 'evaluator'):
        for part in ('train', 'val', 'test'):
            config.pop(f'{part}_{name}', None)
    config.pop('optim_wrapper', None)
    config.pop('param_scheduler', None)
    return config
