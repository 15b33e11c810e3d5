"""Sources: folders with links in them, archives under any name."""

import io
import os
import zipfile

import pytest
from PIL import Image
from releases import tar_file, zip_file

from zoo.datasets.prepare.cityscapes import prepare_cityscapes
from zoo.datasets.prepare.sources import is_archive, source_files
from zoo.errors import UserError

FILES = {'b/two.jpg': b'2', 'a/one.jpg': b'1'}


def contents(source):
    return list(source_files(source, lambda name: True))


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_links_to_folders_and_files_are_followed(tmp_path):
    disk = write(tmp_path / 'disk', {**FILES, 'z': b'3'})
    root = write(tmp_path / 'root', {'c/own': b'0'})
    (root / 'b').symlink_to(disk / 'b')
    (root / 'sub').mkdir()
    (root / 'sub/again').symlink_to(disk, target_is_directory=True)
    (root / 'd').symlink_to(disk / 'z')
    (root / 'lost').symlink_to(tmp_path / 'nowhere')
    (root / 'self').symlink_to(root / 'self')
    assert contents(root) == [
        ('b/two.jpg', b'2'),
        ('c/own', b'0'),
        ('d', b'3'),
        ('sub/again/a/one.jpg', b'1'),
        ('sub/again/b/two.jpg', b'2'),
        ('sub/again/z', b'3'),
    ]


def test_links_that_lead_back_end(tmp_path):
    root = write(tmp_path / 'root', FILES)
    (root / 'a/up').symlink_to(root)
    (root / 'a/here').symlink_to('.')
    assert [name for name, _ in contents(root)] == ['a/one.jpg', 'b/two.jpg']


def test_the_name_that_is_wanted_may_be_that_of_the_link(tmp_path):
    """The folder itself comes first, under a name that nobody knows."""
    root = write(tmp_path / 'root', {'a/one.jpg': b'1'})
    (root / 'images').symlink_to('a')
    assert [name for name, _ in contents(root)] == [
        'a/one.jpg',
        'images/one.jpg',
    ]


def test_cityscapes_of_links_is_prepared(tmp_path):
    image, ids = io.BytesIO(), io.BytesIO()
    Image.new('RGB', (3, 2)).save(image, 'PNG')
    Image.new('L', (3, 2), 7).save(ids, 'PNG')
    name = 'train/ulm/ulm_0_0'
    disk = write(
        tmp_path / 'disk',
        {
            f'images/{name}_leftImg8bit.png': image.getvalue(),
            f'labels/{name}_gtFine_labelIds.png': ids.getvalue(),
        },
    )
    root = tmp_path / 'root'
    root.mkdir()
    (root / 'leftImg8bit').symlink_to(disk / 'images')
    (root / 'gtFine').symlink_to(disk / 'labels')
    prepare_cityscapes(root, [root])
    made = disk / f'labels/{name}_gtFine_labelTrainIds.png'
    assert Image.open(made).getpixel((0, 0)) == 0


def forbid(monkeypatch, folder):
    original = os.listdir

    def listdir(path):
        if os.fspath(path) == str(folder):
            raise PermissionError(13, 'Permission denied', str(path))
        return original(path)

    monkeypatch.setattr(os, 'listdir', listdir)


def test_a_folder_without_permission_is_named(tmp_path, monkeypatch):
    root = write(tmp_path, FILES)
    forbid(monkeypatch, root / 'a')
    with pytest.raises(UserError) as told:
        contents(root)
    assert str(told.value) == (
        f'{root}/a: cannot be read (Permission denied). Correct its '
        'permissions, or get it again.'
    )


@pytest.mark.parametrize('name', ['lost+found', '.Trash-1000'])
def test_folders_of_the_system_are_passed_over(tmp_path, monkeypatch, name):
    root = write(tmp_path, {**FILES, f'{name}/x': b'x'})
    forbid(monkeypatch, root / name)
    assert contents(root) == sorted(FILES.items())


@pytest.mark.parametrize(
    'name',
    [
        'a.tar.gz?dl=1',
        'a.tar.gz.part',
        'a.zip (1)',
        'a.tar.1',
        'download',
        'a.octet-stream',
    ],
)
@pytest.mark.parametrize('pack', [zip_file, tar_file])
def test_archives_are_known_under_any_name(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack(FILES))
    assert sorted(contents(path)) == sorted(FILES.items())


@pytest.mark.parametrize(
    'name', ['a.zip', 'A.TGZ', 'a.tar.gz.part', 'a.zip?x']
)
def test_a_damaged_archive_is_said_to_be(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b'half')
    with pytest.raises(UserError, match='cannot be read as a zip or tar'):
        contents(path)


@pytest.mark.parametrize('suffix', ['mat', 'txt', 'json', 'png', 'PNG', 'jpg'])
def test_a_plain_file_is_not_opened_as_an_archive(
    tmp_path, monkeypatch, suffix
):
    path = tmp_path / f'a.{suffix}'
    path.write_bytes(zip_file(FILES))
    monkeypatch.setattr(zipfile, 'is_zipfile', None)  # a call would fail
    assert contents(path) == [(path.name, path.read_bytes())]


def test_another_file_is_taken_as_it_is(tmp_path):
    path = tmp_path / 'a.dat'
    path.write_bytes(b'plain')
    assert contents(path) == [('a.dat', b'plain')]
    assert not is_archive(path)


def test_what_is_not_there_is_no_plain_file(tmp_path):
    with pytest.raises(UserError, match=r'a\.mat: no such archive'):
        contents(tmp_path / 'a.mat')
