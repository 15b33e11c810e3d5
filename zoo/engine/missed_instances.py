"""Which instances a test has missed, and what those are like."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from mmseg.registry import DATASETS
from mmseg.structures import SegDataSample
from scipy import ndimage

from zoo.engine.config import load_config, set_data_root
from zoo.engine.testing import TestOptions, evaluate
from zoo.errors import UserError
from zoo.evaluation.segmentation_metric import image_keys
from zoo.ops.box_maps import box_map_iou

FOUND = 0.5  # overlap above which a mask finds an instance


@dataclass(frozen=True)
class Instance:
    """A true instance, and how well a mask of its class fits it.

    Attributes:
        iou: The highest overlap with a mask of its class, 0 to 1.
        cells: Cells of the grouping's grid that it covers.
        neighbour: The highest overlap of its box with that of another
            instance of its class in the image, 0 to 1.
        parts: Number of pieces that do not touch, corners included.
    """

    iou: float
    cells: int
    neighbour: float
    parts: int


def instances_of_test(
    path: str | Path, checkpoint: str | None, options: TestOptions
) -> tuple[list[Instance], dict]:
    """Test a leaf of instances; return each true one, and the grouper.

    Raises:
        UserError: For all that a user can put right.
    """
    config = load_config(path, options=options.options)
    if config.get('model', {}).get('type') != 'InstanceSegmentor':
        raise UserError(f'{path}: is no leaf of instances')
    record = evaluate(path, checkpoint, options)
    if options.data_root is not None:
        set_data_root(config, options.data_root)
    dataset = DATASETS.build(config.test_dataloader.dataset)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    keys = image_keys([info['img_path'] for info in infos])
    things = config.test_evaluator.things
    stride = config.model.grouper.get('stride', 8)
    found: list[Instance] = []
    for index, key in enumerate(keys):
        sample = dataset[index]['data_samples']
        rows = {
            things[row[0]]: row[2] for row in record['per_image'].get(key, ())
        }
        found += _instances(sample, rows, stride)
    return found, dict(config.model.grouper)


def _instances(
    sample: SegDataSample, rows: dict[int, list], stride: int
) -> Iterator[Instance]:
    """Yield the instances of an image; ``rows`` are those of a record."""
    numbers = sample.gt_instance_map.data.squeeze(0).numpy()
    truth = sample.gt_instances
    overlaps = _box_overlaps(truth.bboxes)
    labels = truth.labels.tolist()
    place: dict[int, int] = {}
    for index, label in enumerate(labels):
        order = place.get(label, 0)  # of its class, as the metric counts
        place[label] = order + 1
        mask = numbers == index + 1
        same = [
            float(overlaps[index, other])
            for other, kind in enumerate(labels)
            if kind == label and other != index
        ]
        ious = [ious[order] for _, ious in rows.get(label, ())]
        yield Instance(
            iou=max(ious, default=0.0),
            cells=int(mask[::stride, ::stride].sum()),
            neighbour=max(same, default=0.0),
            parts=int(ndimage.label(mask, np.ones((3, 3)))[1]),
        )


def _box_overlaps(boxes: torch.Tensor) -> torch.Tensor:
    """Return ``(n, n)`` IoU of ``(n, 4)`` corners."""
    x0, y0, x1, y1 = boxes.unbind(1)
    centred = torch.stack(
        [(y0 + y1) / 2, (x0 + x1) / 2, y1 - y0, x1 - x0], dim=0
    )
    count = len(boxes)
    first = centred[None, :, :, None].expand(1, 4, count, count)
    return box_map_iou(first, first.transpose(2, 3))[0]


def kinds_of_missed(
    instances: Iterable[Instance], grouper: dict
) -> list[tuple[str, int, int]]:
    """Return ``(words, how many there are, how many of them are missed)``.

    An instance can be of several kinds; the last line has those of none.

    Args:
        instances: See ``instances_of_test``.
        grouper: Config of ``HoughInstances``: what is small, what overlaps.
    """
    least = grouper.get('min_pixels', 16)
    near = grouper.get('box_iou', 0.5)
    kinds = {
        f'on fewer than {least} cells': lambda x: x.cells < least,
        f'box overlaps another of its class by more than {near:g}': (
            lambda x: x.neighbour > near
        ),
        'in several parts': lambda x: x.parts > 1,
    }
    known = list(instances)
    groups = [('all', known)]
    groups += [
        (words, [x for x in known if is_one(x)])
        for words, is_one in kinds.items()
    ]
    rest = [x for x in known if not any(f(x) for f in kinds.values())]
    groups.append(('none of these', rest))
    return [
        (words, len(group), sum(x.iou <= FOUND for x in group))
        for words, group in groups
    ]
