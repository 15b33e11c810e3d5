"""Pipeline steps of instances: numbers and boxes, loaded, moved, packed."""

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import InstanceData, PixelData
from mmseg.datasets.transforms import PackSegInputs, RandomCrop
from mmseg.registry import TRANSFORMS

from zoo.datasets.instance_maps import beside, read_instances
from zoo.datasets.loading import VOID
from zoo.ops.box_maps import instance_boxes

INSTANCE_MAP = 'gt_instance_map'


@TRANSFORMS.register_module()
class LoadInstances(BaseTransform):
    """Load the map of instances that lies beside a label map.

    In VOC's layout ``SegmentationClass/a.png`` has ``SegmentationObject/
    a.png`` beside it, in SBD's ``cls/a.mat`` has ``inst/a.mat``. Stands after
    ``LoadLabels`` and before whatever changes the image's size. An instance
    has the class of most of its pixels, in SBD the one that its file names;
    one of no thing is left out.

    Shapes:
        - adds ``gt_instance_map`` ``(H, W)`` uint8: 0 for none, 1 to n, 255
          for void; ``gt_bboxes`` ``(n, 4)`` float32: x0, y0, x1, y1 in
          pixels, half-open, which mmcv's transforms move along;
          ``gt_bboxes_labels`` ``(n,)`` int64 and ``gt_areas`` ``(n,)``
          float32, pixels.

    Args:
        things: Classes that have instances.
        folder: Where the maps lie, beside the folder of the label maps.

    Raises:
        UserError: If the map cannot be read or has another size.
    """

    def __init__(
        self, *, things: Sequence[int], folder: str = 'SegmentationObject'
    ) -> None:
        self.things = list(things)
        self.folder = folder

    def transform(self, results: dict) -> dict:
        """Add numbers, boxes, classes and areas."""
        labels = results['gt_seg_map']
        path = beside(results['seg_map_path'], self.folder)
        raw, kinds = read_instances(path, labels)
        numbers = np.where(raw == VOID, VOID, 0).astype(np.uint8)
        classes: list[int] = []
        for value, kind in kinds.items():
            mask = raw == value
            if kind in self.things:
                classes.append(kind)
                numbers[mask] = len(classes)
            elif kind == VOID:
                numbers[mask] = VOID
        count = len(classes)
        results[INSTANCE_MAP] = numbers
        results['gt_bboxes'] = instance_boxes(numbers, count)
        results['gt_bboxes_labels'] = np.array(classes, np.int64)
        pixels = np.bincount(numbers.ravel(), minlength=count + 1)
        results['gt_areas'] = pixels[1 : count + 1].astype(np.float32)
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(things={self.things}, '
            f'folder={self.folder!r})'
        )


@TRANSFORMS.register_module()
class LabelByInstance(BaseTransform):
    """Put the numbers of the instances in the place of the classes.

    A network that predicts boxes learns from these: every transform that
    follows, mmcv's, mmseg's or the zoo's, moves them as it does classes.

    Shapes:
        - ``gt_instance_map`` becomes ``gt_seg_map`` ``(H, W)``.
    """

    def transform(self, results: dict) -> dict:
        """Rename the map."""
        results['gt_seg_map'] = results.pop(INSTANCE_MAP)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'


@TRANSFORMS.register_module()
class RandomCropWithBoxes(RandomCrop):
    """Crop at random, boxes included.

    Differs: mmseg's ``RandomCrop`` leaves boxes where they were. They are
    not clipped here: the whole instance is what a pixel has to tell.

    Shapes:
        - ``gt_bboxes`` ``(n, 4)`` keep their number; those of instances
          outside the crop lie outside.
    """

    def transform(self, results: dict) -> dict:
        """Crop the image and its labels, move the boxes."""
        place = self.crop_bbox(results)
        top, left = place[0], place[2]
        corner = np.array([left, top, left, top], np.float32)
        moved = results['gt_bboxes'] - corner
        results['gt_bboxes'] = moved
        for key in ('img', *results.get('seg_fields', ())):
            results[key] = self.crop(results[key], place)
        results['img_shape'] = results['img'].shape[:2]
        return results


@TRANSFORMS.register_module()
class PackInstances(PackSegInputs):
    """Pack an image with its labels and its instances.

    Shapes:
        - the sample has ``gt_instances`` with ``labels`` ``(n,)``,
          ``bboxes`` ``(n, 4)`` and ``areas`` ``(n,)``; item ``i`` has number
          ``i + 1``. It has ``gt_instance_map`` ``(1, H, W)`` int64, unless
          the numbers stand as labels.
    """

    def transform(self, results: dict) -> dict:
        """Pack."""
        packed = super().transform(results)
        sample = packed['data_samples']
        if 'gt_bboxes_labels' not in results:  # a photograph without labels
            return packed
        sample.gt_instances = InstanceData(
            labels=torch.from_numpy(results['gt_bboxes_labels']),
            bboxes=torch.from_numpy(results['gt_bboxes'].astype(np.float32)),
            areas=torch.from_numpy(results['gt_areas']),
        )
        if INSTANCE_MAP in results:
            numbers = results[INSTANCE_MAP][None].astype(np.int64)
            sample.set_data(
                {INSTANCE_MAP: PixelData(data=torch.from_numpy(numbers))}
            )
        return packed
