"""Every kind of broken data has a message of its own, with a remedy."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from zoo.datasets.catalogue import CATALOGUE
from zoo.datasets.checking import audit, shorten
from zoo.datasets.palettes import voc_palette

SPLITS = {'train': ('1_1_s', '1_2_s'), 'val': ('2_1_s',), 'test': ('3_1_s',)}
SIZE = (24, 30)  # (H, W)
HTML = b'\n<!DOCTYPE html><html><title>404 Not Found</title></html>'
PALETTE = [[0, 0, 0], *voc_palette(254), [224, 224, 192]]  # VOC's


@pytest.fixture
def root(tmp_path):
    """An intact MSRC-21 of four images, in a folder with a full stop."""
    return write_intact(tmp_path / 'My data. Copy')


def write_intact(root):
    rng = np.random.default_rng(0)
    for folder in ('Images', 'SegmentationClass21', 'splits'):
        (root / folder).mkdir(parents=True)
    for split, names in SPLITS.items():
        write_list(root, split, *names)
        for name in names:
            pixels = rng.integers(0, 256, (*SIZE, 3), np.uint8)
            Image.fromarray(pixels).save(root / f'Images/{name}.jpg')
            save_ids(root, name, every_id(21))
    return root


def every_id(count):
    ids = (np.arange(SIZE[0] * SIZE[1]) % count).reshape(SIZE)
    ids[:2] = 255
    return ids.astype(np.uint8)


def write_list(root, split, *names, end='\n'):
    text = ''.join(f'{name}{end}' for name in names)
    (root / f'splits/{split}.txt').write_bytes(text.encode())


def image(root, name='1_2_s', suffix='.jpg'):
    return root / f'Images/{name}{suffix}'


def label(root, name='1_2_s'):
    return root / f'SegmentationClass21/{name}.png'


def save_ids(root, name, ids):
    picture = Image.fromarray(ids)
    if ids.dtype == np.uint8:
        picture.putpalette(np.array(PALETTE, np.uint8).tobytes())
    picture.save(label(root, name))


def save_as(path, picture, kind, **options):
    """Write under a name that may belong to another format."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    path.write_bytes(buffer.getvalue())


def cut(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def ids_of(root):
    return np.array(Image.open(label(root)))


def swap_sides(root):
    save_ids(root, '1_2_s', np.ascontiguousarray(ids_of(root).T))


def with_ids(change):
    """Return a damage: other ids in one label map."""

    def damage(root):
        save_ids(root, '1_2_s', change(ids_of(root)))

    return damage


def shift(ids):
    return np.where(ids == 255, 0, ids + 1).astype(np.uint8)


def some(*values):
    def change(ids):
        ids[3, : len(values)] = values
        return ids

    return change


def save_float(root):
    picture = Image.fromarray(ids_of(root).astype(np.float32))
    save_as(label(root), picture, 'TIFF')


def copy_image(root, source, target):
    image(root, target).write_bytes(image(root, source).read_bytes())


L = 'SegmentationClass21/1_2_s.png'
I = 'Images/1_2_s.jpg'  # noqa: E741  beside L
# name: (damage, level, file that is named, what, remedy)
BROKEN = {
    'absent image': (
        lambda r: image(r).unlink(),
        'error',
        I,
        r'^1 images of train are not there, first \S',
        'Run: python tools/data.py prepare msrc21 --root ',
    ),
    'absent label map': (
        lambda r: label(r).unlink(),
        'error',
        L,
        r'^1 label maps of train are not there, first \S',
        'Run: python tools/data.py prepare msrc21 --root ',
    ),
    'both absent': (
        lambda r: write_list(r, 'train', *SPLITS['train'], '1_3_s'),
        'error',
        'Images/1_3_s.jpg',
        '^1 images and their label maps of train are not there, first ',
        'Run: python tools/data.py prepare msrc21 --root ',
    ),
    'other suffix': (
        lambda r: image(r).rename(image(r, suffix='.JPG')),
        'error',
        I,
        '^1 images of train are not there, first ',
        'There is 1_2_s.JPG: convert it, or rename its suffix',
    ),
    'cut image': (
        lambda r: cut(image(r)),
        'error',
        I,
        r': cannot be read as an image \(damaged or cut short: ',
        'Replace it, or take its name out of the split file',
    ),
    'empty image': (
        lambda r: image(r).write_bytes(b''),
        'error',
        I,
        r': cannot be read as an image \(the file is empty\)$',
        'Replace it, or take its name out of the split file',
    ),
    'web page as image': (
        lambda r: image(r).write_bytes(HTML),
        'error',
        I,
        r': cannot be read as an image \(it is an HTML page, sent in place',
        'Download it again; its address may have moved or need a login',
    ),
    'pointer as image': (
        lambda r: image(r).write_bytes(b'version https://git-lfs.github.com'),
        'error',
        I,
        r': cannot be read as an image \(it is a pointer of Git LFS\)$',
        'Run: git lfs pull',
    ),
    'text as image': (
        lambda r: image(r).write_text('a photograph'),
        'error',
        I,
        r': cannot be read as an image \(not an image of a known format\)$',
        'Replace it, or take its name out of the split file',
    ),
    'deep image': (
        lambda r: save_as(
            image(r), Image.fromarray(np.full(SIZE, 999, np.uint16)), 'PNG'
        ),
        'error',
        I,
        ': has more than 8 bits per channel, which would be clipped to white$',
        'Convert it to 8 bits',
    ),
    'cut label map': (
        lambda r: cut(label(r)),
        'error',
        L,
        r': cannot be read as a label map \(damaged or cut short',
        'Replace it, or take its name out of the split file',
    ),
    'web page as label map': (
        lambda r: label(r).write_bytes(HTML),
        'error',
        L,
        r': cannot be read as a label map \(it is an HTML page, sent in',
        'Download it again; its address may have moved or need a login',
    ),
    'other size': (
        with_ids(lambda ids: ids[:, :-1].copy()),
        'error',
        L,
        r': label map of 29x24 pixels for an image of 30x24 pixels, .*jpg$',
        'Replace it, or take its name out of the split file',
    ),
    'sides swapped': (
        swap_sides,
        'error',
        L,
        ': label map of 24x30 pixels for an image of 30x24 pixels, .*jpg: '
        'width and height are swapped$',
        'One of the two was turned, mostly by a program that applied an EXIF '
        'orientation; get both as published, or turn it back',
    ),
    'colours': (
        lambda r: Image.open(label(r)).convert('RGB').save(label(r)),
        'error',
        L,
        ': has 3 channels, a label map has one channel of class ids$',
        'Its palette was turned into colours: get the original, or convert ',
    ),
    'equal channels': (
        lambda r: Image.fromarray(np.stack([ids_of(r)] * 3, -1)).save(
            label(r)
        ),
        'error',
        L,
        ': has 3 channels, a label map has one channel of class ids$',
        'All are equal: keep the first, e.g. in Pillow image.getchannel(0)',
    ),
    'JPEG': (
        lambda r: save_as(label(r), Image.fromarray(ids_of(r)), 'JPEG'),
        'error',
        L,
        ': is a JPEG image, whose compression changes ids$',
        'Get the label map as PNG; converting this file does not bring the',
    ),
    'ids beyond the classes': (
        with_ids(some(21, 99, 254)),
        'error',
        L,
        r': ids 21, 99, 254 are beyond the 21 classes \(only 255 may be: ',
        'Correct the label map, or the number of classes (num_classes of ',
    ),
    'ids from 1': (
        with_ids(shift),
        'error',
        L,
        r': ids 21 are beyond the 21 classes \(only 255 may be: void\)$',
        'If its ids are 1 .. 21 and 0 is unknown, subtract 1 and make 0 255',
    ),
    '16 bits': (
        with_ids(lambda ids: np.where(ids == 255, 65535, ids.astype('u2'))),
        'error',
        L,
        r': ids 65535 are beyond the 21 classes \(only 255 may be: void\)$',
        'It has more than 8 bits: save it with 8, void as 255 (in 16 bits',
    ),
    '16 bits, void alone': (
        with_ids(lambda ids: np.full(ids.shape, 65535, np.uint16)),
        'error',
        L,
        r': ids 65535 are beyond the 21 classes \(only 255 may be: void\)$',
        'It has more than 8 bits: save it with 8, void as 255 (in 16 bits',
    ),
    'fractions': (
        save_float,
        'error',
        L,
        ': holds float32 values, a label map holds whole numbers$',
        'Convert it to an 8-bit image',
    ),
    'void alone': (
        with_ids(lambda ids: np.full_like(ids, 255)),
        'warning',
        L,
        '^1 label maps are void all over, first ',
        'They teach and test nothing: get them again, or take the names out',
    ),
    'empty list': (
        lambda r: write_list(r, 'train'),
        'error',
        'splits/train.txt',
        ': names no image$',
        'Get the list again',
    ),
    'list of files': (
        lambda r: write_list(r, 'train', '1_1_s.jpg', '1_2_s.jpg'),
        'error',
        'splits/train.txt',
        ': names files such as 1_1_s.jpg, a list has names without suffix$',
        'Take the suffixes out',
    ),
    'list with one file': (
        lambda r: write_list(r, 'train', '1_1_s', '1_2_s.jpg'),
        'error',
        'Images/1_2_s.jpg.jpg',
        '^1 images and their label maps of train are not there, first ',
        'Take the suffixes out of the list: it holds names such as 1_2_s',
    ),
    'list with an empty line': (
        lambda r: write_list(r, 'train', '1_1_s', '', '1_2_s'),
        'error',
        'Images/.jpg',
        '^1 images and their label maps of train are not there, first ',
        'Take the empty line out of the list',
    ),
    'list with a mark': (
        lambda r: write_list(r, 'train', '\ufeff1_1_s', '1_2_s'),
        'error',
        'Images/\ufeff1_1_s.jpg',
        '^1 images and their label maps of train are not there, first ',
        'Save the list as UTF-8 without a byte order mark, which now belongs',
    ),
    'list in UTF-16': (
        lambda r: (r / 'splits/train.txt').write_text('1_1_s', 'utf-16'),
        'error',
        'splits/train.txt',
        ': is not UTF-8 text$',
        'Get the list again, or write it as plain text, one name a line',
    ),
    'named twice': (
        lambda r: write_list(r, 'val', '2_1_s', '2_1_s'),
        'error',
        'splits/val.txt',
        ': names 1 images more than once, first 2_1_s$',
        'Take the further lines out',
    ),
    'named twice in training': (
        lambda r: write_list(r, 'train', '1_1_s', '1_2_s', '1_1_s'),
        'warning',
        'splits/train.txt',
        ': names 1 images more than once, first 1_1_s$',
        'Take the further lines out',
    ),
    'in two splits': (
        lambda r: write_list(r, 'val', '2_1_s', '1_2_s'),
        'error',
        '1_2_s.jpg',
        '^1 images of train are also in val, first 1_2_s.jpg = 1_2_s.jpg$',
        'Take them out of one of the two lists',
    ),
    'copy in another split': (
        lambda r: copy_image(r, '1_2_s', '3_1_s'),
        'warning',
        '3_1_s.jpg',
        '^1 images of train are also in test, first 1_2_s.jpg = 3_1_s.jpg$',
        'Take them out of one of the two lists',
    ),
    'copy in one split': (
        lambda r: copy_image(r, '1_2_s', '1_1_s'),
        'warning',
        '1_1_s.jpg',
        '^1 images of train are there under two names, first 1_1_s.jpg = 1_2',
        'Take one of the two names out of the list',
    ),
}


def found(root, **options):
    """Return all problems but the sizes: a tiny set has no published size."""
    problems = audit('msrc21', root, **options)['problems']
    return [item for item in problems if item['kind'] != 'count']


def test_an_intact_data_set_has_no_problem(root):
    assert found(root) == []
    report = audit('msrc21', root)
    assert report['verdict'] == 'fit for use'
    assert [p['what'] for p in report['problems']] == [
        'train has 2 images, MSRC-21 (MSRC v2) has 276',
        'val has 1 images, MSRC-21 (MSRC v2) has 58 or 59',
        'test has 1 images, MSRC-21 (MSRC v2) has 257 or 256',
    ]


@pytest.mark.parametrize('name', BROKEN)
def test_the_message_names_the_file_and_the_remedy(root, name):
    damage, level, file, what, remedy = BROKEN[name]
    damage(root)
    [problem] = found(root)
    assert problem['level'] == level
    assert file in problem['what']
    assert re.search(what, problem['what'])
    assert problem['remedy'].startswith(remedy)
    assert '\n' not in problem['what'] + problem['remedy']
    assert not problem['remedy'].endswith('.')
    if '/' in file and 'list' not in problem['kind']:
        assert str(root / file) in problem['what']
    fit = audit('msrc21', root)['verdict']
    assert fit == ('not fit for use' if level == 'error' else 'fit for use')


def test_no_two_kinds_read_alike(tmp_path):
    """Also without the names of the files in the texts."""
    names = {}
    for name, (damage, *_) in BROKEN.items():
        root = write_intact(tmp_path / name)
        damage(root)
        [problem] = found(root)
        text = f'{problem["what"]}. {problem["remedy"]}'
        text = re.sub(r'\d_\d_s|train|val', '', text.replace(str(root), ''))
        names.setdefault(text, []).append(name)
    assert [x for x in names.values() if len(x) > 1] == [
        ['16 bits', '16 bits, void alone'],
        ['named twice', 'named twice in training'],
    ]


def test_a_class_that_no_map_has_is_named(root):
    for path in (root / 'SegmentationClass21').iterdir():
        save_ids(root, path.stem, every_id(20))
    [problem] = found(root)
    assert problem['level'] == 'warning'
    assert problem['what'] == 'classes never seen: boat'
    assert problem['remedy'].startswith('Check that the ids of the labels')


@pytest.mark.parametrize('mode', ['L', '1', 'RGBA', 'LA', 'P', 'CMYK'])
def test_other_images_are_fine(root, mode):
    picture = Image.open(image(root)).convert(mode)
    options = {'transparency': 3} if mode == 'P' else {}
    kind = 'JPEG' if mode == 'CMYK' else 'PNG'
    save_as(image(root), picture, kind, **options)
    assert found(root) == []


def test_transparency_of_each_colour_is_fine(root):
    picture = Image.open(image(root)).convert('P')
    save_as(image(root), picture, 'PNG', transparency=bytes(range(256)))
    assert found(root) == []


@pytest.mark.parametrize('end', ['\r\n', ' \n', '\t\r\n'])
def test_ends_of_lines_may_be_those_of_windows(root, end):
    for split, names in SPLITS.items():
        write_list(root, split, *names, end=end)
    assert found(root) == []


def test_vocs_lists_may_have_suffixes_and_ends_of_windows(tiny_voc, tmp_path):
    lists = tmp_path / 'ImageSets/Segmentation'
    lists.mkdir(parents=True)
    for part in ('JPEGImages', 'SegmentationClass'):
        (tmp_path / part).symlink_to(tiny_voc / part)
    (lists / 'train.txt').write_bytes(b'a.jpg\r\n')
    (lists / 'val.txt').write_bytes(b'/JPEGImages/b.jpg /Labels/b.png\r\n')
    report = audit('voc', tmp_path)
    assert report['splits'] == {'train': 1, 'val': 1}
    assert [p for p in report['problems'] if p['level'] == 'error'] == []
    (lists / 'val.txt').write_text('b', 'utf-16')
    [problem] = [
        p for p in audit('voc', tmp_path)['problems'] if p['level'] == 'error'
    ]
    assert problem['what'] == f'{lists}/val.txt: is not UTF-8 text'


def test_16_bits_with_the_usual_ids_are_fine(root):
    save_ids(root, '1_2_s', ids_of(root).astype(np.uint16))
    assert found(root) == []
    report = audit('msrc21', root)
    assert report['classes']['boat']['images'] == 4


def test_all_that_is_wrong_is_told_at_once(root):
    for name in ('absent image', 'colours', 'ids beyond the classes'):
        other = {'absent image': '1_1_s', 'colours': '2_1_s'}.get(name)
        if name == 'absent image':
            image(root, other).unlink()
        elif name == 'colours':
            path = label(root, other)
            Image.open(path).convert('RGB').save(path)
        else:
            BROKEN[name][0](root)
    cut(image(root, '2_1_s'))
    write_list(root, 'test')
    kinds = [item['kind'] for item in found(root)]
    assert sorted(kinds) == [
        *('absent images', 'ids', 'image', 'label map', 'list')
    ]
    assert audit('msrc21', root)['splits'] == {'train': 1, 'val': 1}


def test_ids_beyond_the_classes_are_counted(root):
    with_ids(some(21, 99, 99))(root)
    report = audit('msrc21', root)
    assert report['label_ids'] == {'21': 1, '99': 2}


def test_labels_alone_leave_images_unread(root):
    for path in (root / 'Images').iterdir():
        path.write_bytes(b'')
    assert found(root, labels_only=True) == []
    report = audit('msrc21', root, labels_only=True)
    assert report['mean'] is report['std'] is None
    assert report['splits'] == {'train': 2, 'val': 1, 'test': 1}
    whole = {name: seen['images'] for name, seen in report['classes'].items()}
    assert set(whole.values()) == {4}
    with_ids(some(21))(root)
    write_list(root, 'val', '2_1_s', '1_1_s')
    kinds = [item['kind'] for item in found(root, labels_only=True)]
    assert kinds == ['ids', 'overlap']


def test_many_of_one_kind_are_counted(root):
    names = [f'9_{i}_s' for i in range(25)]
    write_list(root, 'train', '1_1_s', *names)
    for name in names:
        image(root, name).write_bytes(b'')
        save_ids(root, name, every_id(21))
    cut(label(root, '1_1_s'))
    problems = found(root)
    assert [p['kind'] for p in problems].count('image') == 25
    short = shorten(problems, limit=20)
    assert [p['kind'] for p in short].count('image') == 21
    assert [p['kind'] for p in short].count('label map') == 1
    last = short[-1]
    assert last['level'] == 'error'
    assert last['what'] == '5 more of this kind: image'
    assert last['remedy'] == 'See all with --json'
    assert shorten(problems, limit=25) == problems


def test_ids_count_as_the_data_set_reads_them(tiny_context60):
    """Of 60 stored ids, 0 is void and the others move down by one."""
    root = tiny_context60
    entry = CATALOGUE['context59']
    assert entry.missing(root) == []
    report = audit('context59', root)
    ids = np.array(Image.open(next(root.glob('SegmentationClassContext/*'))))
    classes = list(report['classes'].values())
    assert len(classes) == 59
    for i, seen in enumerate(classes, start=1):
        assert seen == {'pixels': 2 * (ids == i).sum(), 'images': 2}
    void = ((ids == 0) | (ids == 255)).mean()
    assert report['void'] == round(float(void), 4)
    assert report['label_ids'] == {}


def test_the_remedy_for_colours_brings_the_ids_back(root):
    intact = Image.open(label(root, '1_1_s'))
    ids = every_id(21)
    save_ids(root, '1_2_s', ids)
    Image.open(label(root)).convert('RGB').save(label(root))
    colours = Image.open(label(root))
    again = colours.convert('RGB').quantize(palette=intact, dither=0)
    np.testing.assert_array_equal(np.array(again), ids)
