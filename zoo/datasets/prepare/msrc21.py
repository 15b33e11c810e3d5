"""Bring MSRC v2 as published into the form that the zoo reads."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.mat_files import load_mat
from zoo.datasets.msrc21 import (
    PALETTE,
    labels_from_colours,
    labels_from_regions,
    make_splits,
)
from zoo.datasets.prepare.unpacking import Place, in_parallel, unpack
from zoo.datasets.prepared import IMAGE_SUFFIXES
from zoo.datasets.voc_aug import read_ids
from zoo.datasets.writing import Progress, write_label_map, write_list
from zoo.errors import UserError
from zoo.photo import read_photo

_FOLDERS = {
    'Images': IMAGE_SUFFIXES,
    'GroundTruth': ('.bmp', '.png'),
    'newsegmentations_mats': ('.mat',),
}


def prepare_msrc21(
    root: Path,
    sources: Sequence[Path],
    progress: Progress | None = None,
    *,
    seed: int = 0,
) -> None:
    """Write ``SegmentationClass21`` and ``splits`` beside the release.

    Reads ``Images`` and, per image, ``newsegmentations_mats/<id>_GT.mat``
    (cleaned labels) or else ``GroundTruth/<id>_GT.bmp`` (original labels).
    What is there already stays as it is, lists of splits included; but a
    label map that is older than its cleaned label is made anew.

    Args:
        root: Folder of the data set.
        sources: The original zip file, and the cleaned labels'; or folders
            that they unpack to.
        progress: Called with what is done, and the total.
        seed: Of the split; see ``make_splits``.

    Raises:
        UserError: If images or labels are missing or damaged.
    """
    unpack(sources, partial(_place, root), of='MSRC v2', progress=progress)
    ids = sorted(
        p.stem
        for p in (root / 'Images').glob('*')
        if p.suffix.lower() in IMAGE_SUFFIXES
    )
    if not ids:
        raise UserError(
            f'{root / "Images"}: no images. Get it: '
            f'{CATALOGUE["msrc21"].command(root)}; or pass --archive FILE.'
        )
    target = root / 'SegmentationClass21'
    todo = [i for i in ids if not _is_decoded(root, target / f'{i}.png')]
    in_parallel(partial(_decode, root), todo, progress)
    _write_splits(root / 'splits', ids, seed)


def _is_decoded(root: Path, path: Path) -> bool:
    """Tell whether a label map is there, and no cleaned label came later."""
    mat = root / f'newsegmentations_mats/{path.stem}_GT.mat'
    if not path.is_file() or not mat.is_file():
        return path.is_file()
    return mat.stat().st_mtime_ns <= path.stat().st_mtime_ns


def _place(root: Path, path: PurePosixPath) -> Place | None:
    folder = path.parent.name
    known = path.suffix.lower() in _FOLDERS.get(folder, ())
    return Place(root / folder / path.name) if known else None


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


def _write_splits(folder: Path, ids: list[str], seed: int) -> None:
    """Write the lists, or leave those of somebody else where all are there."""
    made = make_splits(ids, seed=seed)
    paths = {name: folder / f'{name}.txt' for name in made}
    there = [name for name, path in paths.items() if path.is_file()]
    if len(there) == len(made):
        return
    for name in there:
        if read_ids(paths[name]) != made[name]:
            lost = next(n for n in made if n not in there)
            raise UserError(
                f'{folder}: has {name}.txt but not {lost}.txt. Add it, or '
                'remove the others to get the seeded split.'
            )
    for name, members in made.items():
        write_list(paths[name], members)
