"""Read images and label maps, and say at once which file is wrong."""

from pathlib import Path

import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmseg.datasets.transforms import LoadAnnotations
from mmseg.registry import TRANSFORMS

from zoo.errors import UserError
from zoo.photo import REMEDY, decode, read_photo

VOID = 255


def read_label_map(
    path: str | Path, *, backend_args: dict | None = None
) -> np.ndarray:
    """Return the class ids as stored, whatever their range.

    Args:
        path: A single-channel image; of a palette image the indices count,
            not the colours. Or a file of SBD's ``cls``, ``.mat``.
        backend_args: Passed to ``mmengine.fileio.get``.

    Returns:
        ``(H, W)`` integers; uint8 for files of up to eight bits.

    Raises:
        UserError: If the file cannot be read or has several channels.
    """
    if Path(path).suffix == '.mat':
        from zoo.datasets.sbd_mat import read_mat_file, sbd_classes

        content = read_mat_file(path, backend_args=backend_args)
        return sbd_classes(content, path)
    labels = decode(
        path, what='a label map', flag='unchanged', backend_args=backend_args
    )
    if labels.ndim != 2:
        raise UserError(
            f'{path}: has {labels.shape[-1]} channels, a label map has one '
            'channel of class ids. Convert the colours to ids.'
        )
    if labels.dtype.kind not in 'bui':
        raise UserError(
            f'{path}: holds {labels.dtype} values, a label map holds whole '
            'numbers. Convert it to an 8-bit image.'
        )
    return labels.astype(np.uint8) if labels.dtype == bool else labels


def unknown_ids(labels: np.ndarray, num_classes: int) -> list[int]:
    """Return the ids that are neither a class nor void (255), ascending."""
    wrong = (labels >= num_classes) & (labels != VOID)
    return np.unique(labels[wrong]).tolist() if wrong.any() else []


def describe_size(shape: tuple[int, ...]) -> str:
    """Return ``'WxH pixels'`` for a shape ``(H, W, ...)``."""
    return f'{shape[1]}x{shape[0]} pixels'


def _id_table(results: dict) -> np.ndarray:
    """Return ``(256,)``: the class that the data set makes of a stored id."""
    table = np.arange(256)
    if results.get('reduce_zero_label'):
        table = np.where((table == 0) | (table == VOID), VOID, table - 1)
    label_map = results.get('label_map') or {}
    return np.array([label_map.get(i, i) for i in table.tolist()], np.uint8)


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
            and ``label_map``.
        backend_args: Passed to ``mmengine.fileio.get``.

    Raises:
        ValueError: If ``num_classes`` is not in 1 .. 255.
        UserError: If the map cannot be read, has another size than the
            image, or holds ids beyond the classes.
    """

    def __init__(self, *, num_classes: int, backend_args: dict | None = None):
        if not 1 <= num_classes <= VOID:
            raise ValueError(
                f'num_classes must be in 1 .. {VOID}, got {num_classes}'
            )
        super().__init__(backend_args=backend_args)
        self.num_classes = num_classes

    def _load_seg_map(self, results: dict) -> None:
        path = results['seg_map_path']
        raw = read_label_map(path, backend_args=self.backend_args)
        size = tuple(results.get('ori_shape', raw.shape))
        if raw.shape != size:
            raise UserError(
                f'{path}: label map of {describe_size(raw.shape)} for an '
                f'image of {describe_size(size)}, {results.get("img_path")}. '
                f'{REMEDY}'
            )
        if raw.dtype != np.uint8:
            # Too wide for the table below: such ids would wrap around.
            self._refuse(path, unknown_ids(raw, VOID))
            raw = raw.astype(np.uint8)
        table = _id_table(results)
        labels = table[raw]
        if unknown_ids(labels, self.num_classes):
            beyond = set(unknown_ids(table, self.num_classes))
            ids = np.unique(raw).tolist()
            self._refuse(path, [i for i in ids if table[i] in beyond])
        results['gt_seg_map'] = labels
        results['seg_fields'].append('gt_seg_map')

    def _refuse(self, path: str, ids: list[int]) -> None:
        if ids:
            shown = ', '.join(map(str, ids[:8])) + (', ...' * (len(ids) > 8))
            raise UserError(
                f'{path}: ids {shown} are beyond the {self.num_classes} '
                f'classes (only {VOID} may be: void). Correct the label map, '
                'or num_classes of LoadLabels.'
            )

    def __repr__(self) -> str:
        return f'{type(self).__name__}(num_classes={self.num_classes})'
