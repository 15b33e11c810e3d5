"""Data sets of images, label maps and lists under one folder."""

from pathlib import Path
from typing import ClassVar

from mmseg.datasets import BaseSegDataset

from zoo.datasets.catalogue import CATALOGUE, require
from zoo.datasets.lists import read_lines, why_absent
from zoo.errors import UserError

IMAGE_SUFFIXES = ('.jpg', '.bmp', '.png')
_PREFIX = {'img_path': 'Images', 'seg_map_path': 'Labels'}


class PreparedDataset(BaseSegDataset):
    """Base of data sets in the zoo's own folders.

    ``Images/NAME.jpg`` (or ``.bmp``, ``.png``; all images of one kind),
    ``Labels/NAME.png`` and ``splits/{train,test}.txt`` with one ``NAME`` a
    line. A label map holds ``0 .. classes - 1``, and 255 for void.

    Attributes:
        entry: Key of the catalogue; set by each data set.

    Args:
        ann_file: List of image names, relative to ``data_root``.
        data_root: The folder; the catalogue's where ``None``.
        data_prefix: Folders of images and label maps.
        img_suffix: Of all images; that of the first one where ``None``.
        **kwargs: Passed to ``BaseSegDataset``.

    Raises:
        UserError: If the folder is not prepared or the list names an image
            that is not there.
    """

    entry: ClassVar[str]
    img_suffix: str | None

    def __init__(
        self,
        *,
        ann_file: str = 'splits/train.txt',
        data_root: str | None = None,
        data_prefix: dict[str, str] = _PREFIX,
        img_suffix: str | None = None,
        **kwargs,
    ):
        super().__init__(
            ann_file=ann_file,
            data_root=data_root or CATALOGUE[self.entry].root,
            data_prefix=data_prefix,
            img_suffix=img_suffix,
            **kwargs,
        )

    def load_data_list(self) -> list[dict]:
        """Return one record per name; see ``BaseSegDataset``."""
        require(self.entry, self.data_root)
        if not Path(self.ann_file).is_file():
            raise UserError(f'{self.ann_file}: not found. Correct ann_file.')
        self.img_suffix = self.img_suffix or self._find_suffix()
        return super().load_data_list()

    def _find_suffix(self) -> str:
        """Return the suffix of the first image there: all are of one kind."""
        lines = read_lines(Path(self.ann_file))
        names = [line.strip() for line in lines if line.strip()]
        if not names:
            raise UserError(
                f'{self.ann_file}: names no image. Get the list again.'
            )
        folder = Path(self.data_prefix['img_path'])
        if Path(names[0]).suffix in IMAGE_SUFFIXES:
            raise UserError(
                f'{self.ann_file}: names files such as {names[0]}, a list '
                'has names without suffix. Take the suffixes out.'
            )
        for name in names:
            for suffix in IMAGE_SUFFIXES:
                if Path(folder, name + suffix).is_file():
                    return suffix
        first = folder / names[0]
        cause = why_absent(Path(f'{first}{IMAGE_SUFFIXES[0]}'))
        raise UserError(
            f'{first}: no such image ({", ".join(IMAGE_SUFFIXES)}), though '
            f'{self.ann_file} names it. '
            f'{cause or "Correct the list or the images"}.'
        )
