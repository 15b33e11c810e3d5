"""minivoc as an mmseg data set that generates itself on first use."""

import os

from mmengine.logging import print_log
from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from zoo.datasets.minivoc import CLASSES, PALETTE, ensure_minivoc, read_marker
from zoo.errors import UserError


@DATASETS.register_module()
class MiniVOCDataset(BaseSegDataset):
    """Small generated scenes in VOC's layout; see docs/datasets/minivoc.md.

    Pictures are 161 x 121 px (width x height), 12 classes, 255 = void.
    Where ``data_root`` is absent or empty, the default data set is written
    there first. A minivoc of any seed and size that is there already is
    used as it is; one of an older version is generated again.

    Source: our own. It has no counterpart in a paper.

    Args:
        data_root: Folder of the data set.
        ann_file: List of pictures, relative to ``data_root``.
        data_prefix: Folders of pictures and class maps; VOC's by default.
        **kwargs: For ``BaseSegDataset``, which rejects unknown names.

    Raises:
        UserError: ``data_root`` holds something else, or no such list.
    """

    METAINFO = {'classes': CLASSES, 'palette': PALETTE}

    def __init__(
        self,
        data_root: str = 'data/minivoc',
        ann_file: str = 'ImageSets/Segmentation/train.txt',
        data_prefix: dict[str, str] | None = None,
        **kwargs,
    ) -> None:
        if not data_root:
            raise ValueError(f'data_root must be a folder, got {data_root!r}')
        if data_prefix is None:
            data_prefix = {
                'img_path': 'JPEGImages',
                'seg_map_path': 'SegmentationClass',
            }
        super().__init__(
            data_root=str(data_root),
            ann_file=ann_file,
            data_prefix=data_prefix,
            img_suffix='.jpg',
            seg_map_suffix='.png',
            reduce_zero_label=False,
            **kwargs,
        )

    def load_data_list(self) -> list[dict]:
        """Generate the data set if need be, then list it."""
        marker = read_marker(self.data_root)
        recipe = {}
        if marker is None:
            print_log(f'generating minivoc in {self.data_root}', 'current')
        else:
            recipe = {key: marker[key] for key in ('seed', 'train', 'val')}
        ensure_minivoc(self.data_root, **recipe)
        if not os.path.isfile(self.ann_file):
            raise UserError(
                f'{self.ann_file}: no such list of pictures. minivoc has '
                'train.txt, val.txt and trainval.txt.'
            )
        return super().load_data_list()
