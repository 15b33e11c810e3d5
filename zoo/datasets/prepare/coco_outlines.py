"""Read COCO's outlines of VOC's classes and draw them."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated

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


_Side = Annotated[int, msgspec.Meta(ge=1, le=1 << 15)]
_Coordinate = Annotated[float, msgspec.Meta(ge=-(1 << 15), le=1 << 15)]
_Polygons = list[list[_Coordinate]]
_MIN_NUMBERS = 6  # of a polygon: three corners


class _Category(msgspec.Struct):
    id: int
    name: str


class _Image(msgspec.Struct):
    id: int
    file_name: str
    height: _Side
    width: _Side


class _Run(msgspec.Struct):
    size: list[int]
    counts: list[Annotated[int, msgspec.Meta(ge=0)]]


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
        file: What a message calls the file.
    """

    name: str
    height: int
    width: int
    outlines: list[Outline] = field(default_factory=list)
    file: str = 'outlines'

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Return classes and numbers of instances, both ``(H, W)`` uint8.

        Crowds first, as void; then objects, the largest first. Numbers go
        by the order of the file; from the 255th on an object is void.

        Raises:
            UserError: If an outline is none.
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
        try:
            code = msgspec.json.decode(outline.code, type=_Run | _Polygons)
            if isinstance(code, _Run):
                return self._from_run(code)
            return self._fill(code)
        except ValueError as error:
            raise UserError(
                f'{self.file}: {self.name} has a damaged outline ({error}). '
                'Get it again.'
            ) from error

    def _from_run(self, run: _Run) -> np.ndarray:
        size = [self.height, self.width]
        if run.size != size or sum(run.counts) != self.height * self.width:
            raise ValueError(f'a run-length code not of {size} pixels')
        code = {'size': size, 'counts': run.counts}
        return coco.decode(coco.frPyObjects(code, *size)).astype(bool)

    def _fill(self, polygons: _Polygons) -> np.ndarray:
        if odd := [len(x) for x in polygons if len(x) % 2]:
            raise ValueError(f'a polygon of {odd[0]} numbers')
        # Fewer corners enclose nothing; pycocotools takes two for a box.
        areas = [x for x in polygons if len(x) >= _MIN_NUMBERS]
        if not areas:
            raise ValueError('no polygon of three corners')
        codes = coco.frPyObjects(areas, self.height, self.width)
        return coco.decode(coco.merge(codes)).astype(bool)


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
            PurePosixPath(i.file_name).stem,
            i.height,
            i.width,
            outlines[i.id],
            name,
        )
        for i in file.images
        if i.id in outlines
    ]
