"""COCO's images with labels of VOC's classes, for training besides VOC."""

from mmseg.datasets import PascalVOCDataset
from mmseg.registry import DATASETS

from zoo.datasets.catalogue import require

_PREFIX = {'img_path': 'JPEGImages', 'seg_map_path': 'SegmentationClass'}


@DATASETS.register_module()
class COCOVOC20Dataset(PascalVOCDataset):
    """COCO in VOC's folders and 21 ids; see docs/datasets/coco_voc20.md.

    Source: Lin, Maire et al., Microsoft COCO: common objects in context,
    ECCV 2014 (images, outlines).
    Differs: papers that train on COCO besides VOC do not say which images
    they took; here it is those of the list.

    Args:
        ann_file: List of image names, relative to ``data_root``.
        data_root: Folder with ``JPEGImages`` and ``SegmentationClass``.
        data_prefix: Folders of images and label maps.
        **kwargs: Passed to ``PascalVOCDataset``.

    Raises:
        UserError: If the data set is not there.
    """

    def __init__(
        self,
        *,
        ann_file: str = 'ImageSets/Segmentation/train.txt',
        data_root: str = 'data/coco_voc20',
        data_prefix: dict[str, str] = _PREFIX,
        **kwargs,
    ):
        super().__init__(
            ann_file=ann_file,
            data_root=str(require('coco_voc20', data_root)),
            data_prefix=data_prefix,
            **kwargs,
        )
