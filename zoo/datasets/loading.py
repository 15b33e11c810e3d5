"""Read images and label maps, and say at once which file is wrong."""

import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmseg.datasets.transforms import LoadAnnotations
from mmseg.registry import TRANSFORMS

from zoo.datasets.label_maps import (
    VOID,
    describe_size,
    id_table,
    read_label_map,
    unknown_ids,
    wrong_ids,
    wrong_size,
)
from zoo.errors import UserError
from zoo.photo import read_photo

__all__ = [
    'VOID',
    'LoadImage',
    'LoadLabels',
    'describe_size',
    'read_label_map',
    'unknown_ids',
]


@TRANSFORMS.register_module()
class LoadImage(LoadImageFromFile):
    """Load an image; a damaged one is named instead of padded with grey.

    Differs: mmseg's default, OpenCV, turns images by their EXIF orientation
    and, before version 5, fills what a truncated JPEG lacks without a word.

    Shapes:
        - adds ``img`` ``(H, W, 3)`` uint8 BGR (float32 with
          ``to_float32``), ``img_shape`` and ``ori_shape`` ``(H, W)``.

    Args:
        to_float32: Return float32, values still 0 to 255.
        backend_args: Passed to ``mmengine.fileio.get``.

    Raises:
        UserError: See ``read_photo``.
    """

    def __init__(
        self, *, to_float32: bool = False, backend_args: dict | None = None
    ):
        super().__init__(
            to_float32=to_float32,
            color_type='color_ignore_orientation',
            imdecode_backend='pillow',
            backend_args=backend_args,
        )

    def transform(self, results: dict) -> dict:
        """Add the image and its size."""
        photo = read_photo(results['img_path'], backend_args=self.backend_args)
        image = np.ascontiguousarray(photo[..., ::-1])  # mmseg works in BGR
        results['img'] = image.astype(np.float32) if self.to_float32 else image
        results['img_shape'] = results['ori_shape'] = image.shape[:2]
        return results


@TRANSFORMS.register_module()
class LoadLabels(LoadAnnotations):
    """Load a label map and refuse one that cannot belong to the image.

    Stands after ``LoadImage``; it compares with ``ori_shape``, so that test
    pipelines may resize the image before. ``reduce_zero_label`` and
    ``label_map`` of the data set are applied as mmseg does.

    Shapes:
        - adds ``gt_seg_map`` ``(H, W)`` uint8: ``0 .. num_classes - 1`` or
          255 for void.

    Args:
        num_classes: Classes of the data set, after ``reduce_zero_label``
            and ``label_map``; where ``None``, the data set puts its
            ``num_classes`` into each record, as ``OwnDataset`` does.
        backend_args: Passed to ``mmengine.fileio.get``.

    Raises:
        ValueError: If ``num_classes`` is not in 1 .. 255.
        UserError: If the map cannot be read, has another size than the
            image, or holds ids beyond the classes.
    """

    def __init__(
        self,
        *,
        num_classes: int | None = None,
        backend_args: dict | None = None,
    ):
        if num_classes is not None and not 1 <= num_classes <= VOID:
            raise ValueError(
                f'num_classes must be in 1 .. {VOID}, got {num_classes}'
            )
        super().__init__(backend_args=backend_args)
        self.num_classes = num_classes

    def _load_seg_map(self, results: dict) -> None:
        path = results['seg_map_path']
        count = self._count(results)
        raw = read_label_map(path, backend_args=self.backend_args)
        size = tuple(results.get('ori_shape', raw.shape))
        if raw.shape != size:
            raise wrong_size(path, raw.shape, results.get('img_path'), size)
        if raw.dtype != np.uint8:
            # Too wide for the table below: such ids would wrap around.
            if wide := unknown_ids(raw, VOID):
                raise wrong_ids(path, wide, count)
            raw = raw.astype(np.uint8)
        table = id_table(results)
        labels = table[raw]
        if unknown_ids(labels, count):
            beyond = set(unknown_ids(table, count))
            ids = np.unique(raw).tolist()
            wrong = [i for i in ids if table[i] in beyond]
            raise wrong_ids(path, wrong, count)
        results['gt_seg_map'] = labels
        results['seg_fields'].append('gt_seg_map')

    def _count(self, results: dict) -> int:
        if self.num_classes is not None:
            return self.num_classes
        if 'num_classes' not in results:
            raise UserError(
                'LoadLabels: the data set does not say how many classes it '
                'has. Give LoadLabels num_classes.'
            )
        return results['num_classes']

    def __repr__(self) -> str:
        return f'{type(self).__name__}(num_classes={self.num_classes})'
