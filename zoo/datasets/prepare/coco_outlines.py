"""Read COCO's outlines of VOC's classes and draw them."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import msgspec
import numpy as np
from mmseg.datasets import PascalVOCDataset
from pycocotools import mask as coco

from zoo.datasets.loading import VOID
from zoo.errors import UserError

# VOC's classes that COCO names otherwise.
_OTHER_NAMES = {
    'aeroplane': 'airplane',
    'motorbike': 'motorcycle',
    'sofa': 'couch',
    'diningtable': 'dining table',
    'pottedplant': 'potted plant',
    'tvmonitor': 'tv',
}
_VOC = PascalVOCDataset.METAINFO['classes']
CLASSES = {_OTHER_NAMES.get(name, name): i for i, name in enumerate(_VOC) if i}


class _Category(msgspec.Struct):
    id: int
    name: str


class _Image(msgspec.Struct):
    id: int
    file_name: str
    height: int
    width: int


class _Annotation(msgspec.Struct):
    image_id: int
    category_id: int
    area: float
    # Polygons or a run-length code; decoded for VOC's classes only.
    segmentation: msgspec.Raw
    iscrowd: int = 0


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


@dataclass(frozen=True)
class Outline:
    """One object, or a crowd of them.

    Attributes:
        kind: VOC's class, 1 to 20.
        area: Pixels.
        crowd: Whether its members have no outline each.
        code: Polygons or a run-length code, as JSON.
    """

    kind: int
    area: float
    crowd: bool
    code: bytes


@dataclass(frozen=True)
class Picture:
    """An image and its outlines of VOC's classes.

    Attributes:
        name: Of the image, without suffix.
        height: Pixels.
        width: Pixels.
        outlines: In the order of the file.
    """

    name: str
    height: int
    width: int
    outlines: list[Outline] = field(default_factory=list)

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Return classes and numbers of instances, both ``(H, W)`` uint8.

        Crowds first, as void; then objects, the largest first. Numbers go
        by the order of the file; from the 255th on an object is void.
        """
        classes, numbers = (
            np.zeros((self.height, self.width), np.uint8) for _ in range(2)
        )
        objects = [x for x in self.outlines if not x.crowd]
        number = {id(x): i for i, x in enumerate(objects, start=1)}
        for outline in sorted(
            self.outlines, key=lambda x: (not x.crowd, -x.area)
        ):
            inside = self._mask(outline)
            known = number.get(id(outline), VOID)
            classes[inside] = outline.kind if known < VOID else VOID
            numbers[inside] = min(known, VOID)
        return classes, numbers

    def _mask(self, outline: Outline) -> np.ndarray:
        code = msgspec.json.decode(outline.code)
        codes = coco.frPyObjects(code, self.height, self.width)
        merged = coco.merge(codes) if isinstance(codes, list) else codes
        return coco.decode(merged).astype(bool)


def read_outlines(content: bytes, name: str) -> list[Picture]:
    """Return the images that show any of VOC's classes.

    Args:
        content: Of ``instances_*.json``.
        name: What a message calls it.

    Raises:
        UserError: If it is no such file, or lacks one of VOC's classes.
    """
    try:
        file = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f'{name}: no outlines of COCO ({error}). Get it again.'
        ) from error
    kinds = {
        c.id: CLASSES[c.name] for c in file.categories if c.name in CLASSES
    }
    if lost := CLASSES.keys() - {c.name for c in file.categories}:
        raise UserError(
            f'{name}: has no category {min(lost)}. Is it instances_*.json of '
            'COCO?'
        )
    outlines = defaultdict(list)
    for x in file.annotations:
        if x.category_id in kinds:
            code = bytes(x.segmentation)
            kind = kinds[x.category_id]
            found = Outline(kind, x.area, bool(x.iscrowd), code)
            outlines[x.image_id].append(found)
    return [
        Picture(
            PurePosixPath(i.file_name).stem, i.height, i.width, outlines[i.id]
        )
        for i in file.images
        if i.id in outlines
    ]
