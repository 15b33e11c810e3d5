"""Bring MSRC v2 as published into the form that the zoo reads."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from zoo.datasets.archives import archive_files
from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.msrc21 import (
    PALETTE,
    labels_from_colours,
    labels_from_regions,
    make_splits,
)
from zoo.datasets.prepared import IMAGE_SUFFIXES
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import (
    Progress,
    in_parallel,
    load_mat,
    write_label_map,
    write_list,
)
from zoo.errors import UserError
from zoo.files import write_bytes
from zoo.photo import read_photo

_FOLDERS = {
    'Images': IMAGE_SUFFIXES,
    'GroundTruth': ('.bmp', '.png'),
    'newsegmentations_mats': ('.mat',),
}


def prepare_msrc21(
    root: str | Path,
    *,
    archives: Sequence[str | Path] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Write ``SegmentationClass21`` and ``splits`` beside the release.

    Reads ``Images`` and, per image, ``newsegmentations_mats/<id>_GT.mat``
    (cleaned labels) or else ``GroundTruth/<id>_GT.bmp`` (original labels).
    What is there already stays as it is, lists of splits included.

    Args:
        root: Folder of the data set; made where archives are given.
        archives: The original zip file, and the cleaned labels'.
        seed: Of the split; see ``make_splits``.
        progress: Called with the number done and the total.

    Returns:
        Images per split.

    Raises:
        UserError: If images or labels are missing or damaged.
    """
    folder = Path(root)
    for archive in archives:
        _unpack(folder, archive)
    ids = sorted(
        p.stem
        for p in (folder / 'Images').glob('*')
        if p.suffix.lower() in IMAGE_SUFFIXES
    )
    if not ids:
        raise UserError(
            f'{folder / "Images"}: no images. Get it: '
            f'{CATALOGUE["msrc21"].where}; or pass --archive FILE.'
        )
    target = folder / 'SegmentationClass21'
    todo = [i for i in ids if not (target / f'{i}.png').is_file()]
    in_parallel(lambda i: _decode(folder, i), todo, progress)
    return _write_splits(folder / 'splits', ids, seed)


def _unpack(root: Path, archive: str | Path) -> None:
    def place(name: str) -> Path | None:
        parts = PurePosixPath(name).parts
        folder = parts[-2] if len(parts) > 1 else ''
        suffix = PurePosixPath(name).suffix.lower()
        known = suffix in _FOLDERS.get(folder, ())
        return root / folder / parts[-1] if known else None

    found = False
    for name, content in archive_files(archive, lambda n: bool(place(n))):
        path = place(name)
        if path is not None and not path.exists():
            write_bytes(path, content)
        found = True
    if not found:
        raise UserError(
            f'{archive}: holds none of the folders '
            f'{", ".join(_FOLDERS)}. Is it the archive of MSRC v2?'
        )


def _decode(root: Path, image_id: str) -> None:
    mat = root / f'newsegmentations_mats/{image_id}_GT.mat'
    colours = [
        root / f'GroundTruth/{image_id}_GT{s}' for s in ('.bmp', '.png')
    ]
    source = next((p for p in [mat, *colours] if p.is_file()), None)
    if source is None:
        raise UserError(
            f'{root}: no label of {image_id}, neither {mat.name} in '
            f'{mat.parent.name} nor {colours[0].name} in GroundTruth. Get the '
            'file, or remove the image.'
        )
    try:
        if source == mat:
            content = load_mat(str(mat), str(mat))
            labels = labels_from_regions(
                content['newseg'], content['newlabels']
            )
        else:
            labels = labels_from_colours(read_photo(source))
    except (KeyError, ValueError) as error:
        raise UserError(
            f'{source}: not a label of MSRC-21 ({error}). Download it again.'
        ) from error
    write_label_map(
        root / f'SegmentationClass21/{image_id}.png', labels, PALETTE
    )


def _write_splits(folder: Path, ids: list[str], seed: int) -> dict[str, int]:
    names = tuple(CATALOGUE['msrc21'].splits)
    there = [n for n in names if (folder / f'{n}.txt').is_file()]
    if not there:
        for name, members in make_splits(ids, seed=seed).items():
            write_list(folder / f'{name}.txt', members)
    elif len(there) < len(names):
        lost = next(n for n in names if n not in there)
        raise UserError(
            f'{folder}: has {there[0]}.txt but not {lost}.txt. Add it, or '
            'remove the others to get the seeded split.'
        )
    return {n: len(read_ids(folder / f'{n}.txt')) for n in names}
