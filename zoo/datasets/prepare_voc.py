"""Merge the labels of SBD into PASCAL VOC 2012: the augmented set."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mmseg.datasets import PascalVOCDataset

from zoo.datasets.archives import archive_files
from zoo.datasets.catalogue import require
from zoo.datasets.sbd_mat import sbd_classes
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import (
    Progress,
    in_parallel,
    write_label_map,
    write_list,
)
from zoo.errors import UserError
from zoo.files import write_bytes

_SBD = 'dataset/cls'


def prepare_voc(
    root: str | Path,
    *,
    source: str | Path,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Merge the labels of SBD into ``SegmentationClassAug``.

    The folder gets VOC's own labels for VOC's own images and SBD's for the
    others; ``aug.txt`` and ``trainaug.txt`` list them. Labels that are there
    already stay as they are.

    Source: Hariharan et al., ICCV 2011 (SBD). Its validation images train
    too, unless they are VOC's.

    Args:
        root: Folder ``VOC2012``.
        source: ``benchmark.tgz``, or a folder that holds ``dataset/cls``.
        progress: Called with the number done and, where known, the total.

    Returns:
        Images in ``aug`` and ``trainaug``.

    Raises:
        UserError: If either data set is not there, incomplete or damaged.
    """
    folder = require('voc', root)
    lists = folder / 'ImageSets/Segmentation'
    train, val = (read_ids(lists / f'{n}.txt') for n in ('train', 'val'))
    own = set(train) | set(val)
    target = folder / 'SegmentationClassAug'
    if progress:
        progress(0, None)  # an archive has to be read to its end first
    labels = [x for x in _sbd_labels(Path(source)) if x[0] not in own]
    aug = sorted(image_id for image_id, _ in labels)
    _check_sbd(folder, Path(source), aug)
    in_parallel(lambda x: _write_sbd(target, *x), labels, progress)
    in_parallel(lambda i: _copy_own(folder, i), sorted(own), None)
    write_list(lists / 'aug.txt', aug)
    write_list(lists / 'trainaug.txt', [*train, *aug])
    return {'aug': len(aug), 'trainaug': len(train) + len(aug)}


def _sbd_labels(source: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and ``.mat`` content of each labelled image."""
    if source.is_dir():
        folders = [source / _SBD, source / 'cls', source]
        folders += source.glob(f'*/{_SBD}')
        for folder in folders:
            if paths := sorted(folder.glob('*.mat')):
                return ((p.stem, p.read_bytes()) for p in paths)
        return iter(())

    def wanted(name: str) -> bool:
        path = PurePosixPath(name)
        return path.suffix == '.mat' and str(path.parent).endswith(_SBD)

    files = archive_files(source, wanted)
    return ((PurePosixPath(name).stem, content) for name, content in files)


def _write_sbd(target: Path, image_id: str, content: bytes) -> None:
    path = target / f'{image_id}.png'
    if path.is_file():
        return
    name = f'{_SBD}/{image_id}.mat'
    labels = sbd_classes(content, name)
    write_label_map(path, labels, PascalVOCDataset.METAINFO['palette'])


def _copy_own(root: Path, image_id: str) -> None:
    path = root / f'SegmentationClassAug/{image_id}.png'
    own = root / f'SegmentationClass/{image_id}.png'
    if own.is_file() and not path.is_file():
        write_bytes(path, own.read_bytes())


def _check_sbd(root: Path, source: Path, aug: list[str]) -> None:
    if not aug:
        raise UserError(
            f'{source}: holds no {_SBD}/*.mat of further images. Is it '
            'benchmark.tgz of SBD, or the folder it unpacks to?'
        )
    images = {p.stem for p in (root / 'JPEGImages').glob('*.jpg')}
    lost = [image_id for image_id in aug if image_id not in images]
    if lost:
        raise UserError(
            f'{root / "JPEGImages"}: lacks {len(lost)} images that SBD '
            f'labels, first {lost[0]}.jpg. Unpack the whole of VOC 2012.'
        )
