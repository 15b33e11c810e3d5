"""Downloads go on where they broke off, and are what they should be."""

import hashlib
import random
import shutil

import pytest
from releases import tar_file, zip_file
from serving import serving

from zoo.datasets.prepare import connection
from zoo.datasets.prepare.downloads import download, verify
from zoo.errors import UserError
from zoo.files import digest

NOISE = random.Random(1).randbytes(2_300_000)  # more than two pieces
CONTENT = zip_file({'a.bin': NOISE})
OTHER = zip_file({'a.bin': NOISE[::-1]})
PAGE = b'<html>Please log in</html>'
MD5 = f'md5:{hashlib.md5(CONTENT).hexdigest()}'
SHA = f'sha256:{hashlib.sha256(CONTENT).hexdigest()}'


def fetch(served, path, **options):
    options = {'page': 'http://owner', 'pause': 0, **options}
    download(f'{served.url}/{path.name}', path, **options)


@pytest.mark.parametrize('checksum', [MD5, SHA, None])
def test_a_file_is_fetched_whole(tmp_path, checksum):
    path = tmp_path / 'new/a.zip'
    steps = []
    with serving({'a.zip': CONTENT}) as served:
        fetch(
            served,
            path,
            size=len(CONTENT),
            checksum=checksum,
            progress=lambda *x: steps.append(x),
        )
        assert path.read_bytes() == CONTENT
        assert steps[-1] == (len(CONTENT), len(CONTENT))
        assert [x for x, _ in steps] == sorted({x for x, _ in steps})
        fetch(served, path, checksum=checksum)
    assert served.asked == [('a.zip', None)]  # once
    assert [p.name for p in path.parent.iterdir()] == ['a.zip']


@pytest.mark.parametrize('drops', [1, 3])
def test_a_broken_connection_is_taken_up(tmp_path, drops):
    with serving({'a.zip': CONTENT}, drops=drops) as served:
        fetch(served, tmp_path / 'a.zip', checksum=MD5)
    assert (tmp_path / 'a.zip').read_bytes() == CONTENT
    spans = [span for _, span in served.asked]
    assert spans[:2] == [None, f'bytes={len(CONTENT) // 2}-']
    assert len(spans) == drops + 1


def test_only_attempts_in_a_row_are_counted(tmp_path):
    with serving({'a.zip': CONTENT}, drops=9) as served:
        fetch(served, tmp_path / 'a.zip', checksum=MD5)
    assert len(served.asked) == 10


def test_a_server_that_fails_is_asked_five_times(tmp_path):
    with (
        serving({'a.zip': CONTENT}, status=500, failures=9) as served,
        pytest.raises(UserError, match=r'broke 5 times in a row \(500'),
    ):
        fetch(served, tmp_path / 'a.zip')
    assert len(served.asked) == 5


def test_another_call_goes_on(tmp_path):
    path = tmp_path / 'a.zip'
    (tmp_path / 'a.zip.part').write_bytes(CONTENT[:1000])
    with serving({'a.zip': CONTENT}) as served:
        fetch(served, path, checksum=MD5)
    assert served.asked == [('a.zip', 'bytes=1000-')]
    assert path.read_bytes() == CONTENT


def test_what_has_come_already_is_only_verified(tmp_path):
    (tmp_path / 'a.zip.part').write_bytes(CONTENT)
    with serving({'a.zip': CONTENT}) as served:
        fetch(served, tmp_path / 'a.zip', checksum=MD5)
    assert (tmp_path / 'a.zip').read_bytes() == CONTENT


def test_what_has_come_already_must_have_the_size(tmp_path):
    (tmp_path / 'a.zip.part').write_bytes(CONTENT)
    with (
        serving({'a.zip': CONTENT}) as served,
        pytest.raises(UserError, match='the published file has 7'),
    ):
        fetch(served, tmp_path / 'a.zip', size=7, checksum=MD5)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_goes_on_elsewhere_is_begun_anew(tmp_path):
    with serving({'a.zip': CONTENT}, drops=1, late=10) as served:
        fetch(served, tmp_path / 'a.zip')
    assert (tmp_path / 'a.zip').read_bytes() == CONTENT
    assert [span for _, span in served.asked][2:] == [None]


def test_a_weak_tag_is_not_named_to_a_server(tmp_path):
    """It would send all again."""
    steps = []
    with serving({'a.zip': CONTENT}, drops=1, tag='W/"1"') as served:
        fetch(
            served,
            tmp_path / 'a.zip',
            checksum=MD5,
            progress=lambda done, total: steps.append(done),
        )
    assert steps == sorted(steps)
    assert (tmp_path / 'a.zip').read_bytes() == CONTENT


@pytest.mark.parametrize('tag', ['', 'W/"1"'])
@pytest.mark.parametrize('known', [{}, {'size': len(CONTENT)}])
def test_two_versions_are_not_mixed_where_none_is_named(tmp_path, tag, known):
    """Nothing would tell: the halves fit together."""
    path = tmp_path / 'a.zip'
    with serving({'a.zip': CONTENT}, drops=1, tag=tag) as served:
        with pytest.raises(UserError, match='go on from 0 bytes'):
            fetch(served, path, progress=change(served, OTHER, tag), **known)
        assert (tmp_path / 'a.zip.part').stat().st_size == len(CONTENT) // 2
        fetch(served, path, **known)
    assert path.read_bytes() == OTHER
    assert {span for _, span in served.asked} == {None}


def test_a_server_that_cannot_resume_sends_all_again(tmp_path):
    with serving({'a.zip': CONTENT}, drops=1, resumable=False) as served:
        fetch(served, tmp_path / 'a.zip', checksum=MD5)
    assert (tmp_path / 'a.zip').read_bytes() == CONTENT


@pytest.mark.parametrize('other', [OTHER, zip_file({'b': b'x'})])
@pytest.mark.parametrize('version', [{}, {'tag': '', 'modified': 'Mon'}])
def test_a_file_that_has_changed_is_begun_anew(tmp_path, other, version):
    """Two halves of two versions are no file, even where none is known."""
    path = tmp_path / 'a.zip'
    with serving({'a.zip': CONTENT}, drops=1, **version) as served:
        with pytest.raises(UserError, match='broke'):
            fetch(served, path, progress=change(served, other))
        fetch(served, path)
    assert path.read_bytes() == other


def change(served, other, tag='"2"'):
    """Return a progress that replaces the file after half of it has come."""

    def progress(done, total):
        if done == len(CONTENT) // 2:
            served.files['a.zip'] = other
            served.tag, served.modified = tag, 'Tue' if tag == '"2"' else ''
            served.status, served.failures = 503, 5

    return progress


@pytest.mark.parametrize('checksum', [MD5, None])
def test_a_part_of_another_length_is_begun_anew(tmp_path, checksum):
    (tmp_path / 'a.zip.part').write_bytes(CONTENT + b'more')
    with serving({'a.zip': CONTENT}) as served:
        fetch(served, tmp_path / 'a.zip', checksum=checksum)
    assert (tmp_path / 'a.zip').read_bytes() == CONTENT


@pytest.mark.parametrize(
    ('options', 'known', 'message'),
    [
        (
            {'status': 404, 'failures': 9},
            {},
            'server says 404 .* http://owner',
        ),
        ({'status': 403, 'failures': 9}, {}, 'server says 403'),
        ({'status': 416, 'failures': 9}, {}, 'server says 416'),
        ({'status': 503, 'failures': 9}, {}, r'broke 5 times in a row \(503'),
        ({}, {'size': 7}, f'server has {len(CONTENT)} bytes, .* has 7'),
        (
            {},
            {'checksum': 'md5:00'},
            f'has {MD5.replace(":", " ")}, .* has 00',
        ),
    ],
)
def test_what_cannot_be_had_ends_in_one_line(
    tmp_path, options, known, message
):
    with (
        serving({'a.zip': CONTENT}, **options) as served,
        pytest.raises(UserError, match=message) as told,
    ):
        fetch(served, tmp_path / 'a.zip', **known)
    assert '\n' not in str(told.value)
    assert not (tmp_path / 'a.zip').exists()
    assert not (tmp_path / 'a.zip.part').exists()


@pytest.mark.parametrize('name', ['a.zip', 'a.mat'])
@pytest.mark.parametrize(
    'start',
    [
        b'\n<!DOCTYPE html><html>',
        b'<HTML>',
        b'\xef\xbb\xbf<!doctype html>',
        b'<head><title>Log in',
        b'<!-- from a cache --><html>',
        b'<script>location = "/login"',
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-"><html>',
    ],
)
def test_a_web_page_is_no_file_of_data(tmp_path, start, name):
    with (
        serving({name: start + PAGE}) as served,
        pytest.raises(UserError, match='sends a web page, not the file'),
    ):
        fetch(served, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('length', [True, False])
@pytest.mark.parametrize('size', [len(CONTENT), None])
@pytest.mark.parametrize('checksum', [MD5, None])
def test_a_login_page_costs_nothing_of_what_has_come(
    tmp_path, length, size, checksum
):
    """A proxy sends it with a status, and a tag, like any file."""
    path, part = tmp_path / 'a.zip', tmp_path / 'a.zip.part'
    known = {'size': size, 'checksum': checksum}
    with serving({'a.zip': CONTENT}, drops=1) as served:
        served.status = 503
        with pytest.raises(UserError, match='go on from'):
            fetch(served, path, progress=fail(served), **known)
        before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
        assert part.stat().st_size == len(CONTENT) // 2
        served.files['a.zip'], served.tag = PAGE, '"page"'
        served.length = length
        with pytest.raises(UserError, match='sends a web page'):
            fetch(served, path, **known)
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
        served.files['a.zip'], served.tag = CONTENT, '"1"'
        fetch(served, path, **known)
    assert served.asked[-1] == ('a.zip', f'bytes={len(CONTENT) // 2}-')
    assert path.read_bytes() == CONTENT


def test_a_version_is_not_kept_for_bytes_that_have_none(tmp_path):
    path, note = tmp_path / 'a.zip', tmp_path / 'a.zip.part.version'
    with serving({'a.zip': CONTENT}, drops=2, status=503) as served:
        with pytest.raises(UserError, match='go on from'):
            fetch(served, path, progress=fail(served))
        assert note.read_text() == '"1"'
        served.tag = ''
        with pytest.raises(UserError, match='go on from 0 bytes'):
            fetch(served, path, progress=fail(served))
    assert not note.exists()


def fail(served):
    """Return a progress after which the server fails for one call."""

    def progress(done, total):
        served.failures = 5

    return progress


@pytest.mark.parametrize(
    ('content', 'length', 'message'),
    [(b'{}', True, 'server has 2 bytes'), (b'', False, 'sent nothing')],
)
def test_what_comes_in_place_of_a_part_must_have_the_size(
    tmp_path, content, length, message
):
    part = tmp_path / 'a.zip.part'
    part.write_bytes(CONTENT[:1000])
    with (
        serving({'a.zip': content}, length=length) as served,
        pytest.raises(UserError, match=message),
    ):
        fetch(served, tmp_path / 'a.zip', size=len(CONTENT))
    assert part.read_bytes() == CONTENT[:1000]
    assert list(tmp_path.iterdir()) == [part]


@pytest.mark.parametrize('packed', ['zip', 'tar', 'tgz'])
def test_a_cut_that_no_length_tells_of_is_seen(tmp_path, packed):
    files = {'a.bin': NOISE[:5000], 'b.bin': NOISE[5000:]}
    content = {
        'zip': lambda: zip_file(files),
        'tar': lambda: tar_file(files, packed=False),
        'tgz': lambda: tar_file(files),
    }[packed]()
    name = f'a.{packed}'
    path = tmp_path / name
    with serving({name: content}, drops=1, length=False) as served:
        with pytest.raises(UserError, match='cannot be read as a zip') as told:
            fetch(served, path)
        assert '\n' not in str(told.value)
        assert list(tmp_path.iterdir()) == []
        fetch(served, path)
    assert path.read_bytes() == content


def test_a_file_that_is_no_archive_is_taken_as_it_is(tmp_path):
    with serving({'a.mat': b'MATLAB 5.0'}) as served:
        fetch(served, tmp_path / 'a.mat')
    assert (tmp_path / 'a.mat').read_bytes() == b'MATLAB 5.0'


def test_a_server_that_is_not_there_is_named(tmp_path):
    with serving({}) as served:
        pass
    with pytest.raises(UserError, match=r'broke 5 times .* --archive\.$'):
        fetch(served, tmp_path / 'a.zip')


@pytest.mark.parametrize('url', ['file:///etc/passwd', 'ftp://a/b', 'a.zip'])
def test_only_the_web_is_downloaded_from(tmp_path, url):
    with pytest.raises(UserError, match='not an address to download from'):
        download(url, tmp_path / 'a.zip', page='http://owner')


def test_a_full_disk_keeps_what_has_come(tmp_path, monkeypatch):
    class Full:
        def __init__(self, stream):
            self.stream = stream

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.stream.close()

        def __getattr__(self, name):
            return getattr(self.stream, name)

        def write(self, piece):
            if self.stream.tell():
                raise OSError(28, 'No space left on device')
            return self.stream.write(piece)

    kind = type(tmp_path)
    plain = kind.open
    part = tmp_path / 'a.zip.part'
    monkeypatch.setattr(
        kind,
        'open',
        lambda self, mode='r', *a, **k: (
            Full(plain(self, mode, *a, **k))
            if self == part and mode != 'rb'
            else plain(self, mode, *a, **k)
        ),
    )
    with serving({'a.zip': CONTENT}) as served:
        with pytest.raises(UserError, match=r'No space left .* call again'):
            fetch(served, tmp_path / 'a.zip')
        monkeypatch.undo()
        assert part.stat().st_size == connection.PIECE
        fetch(served, tmp_path / 'a.zip', checksum=MD5)
    assert served.asked[-1] == ('a.zip', f'bytes={connection.PIECE}-')


def test_a_wrong_file_that_is_there_is_kept_and_named(tmp_path):
    """It may be one's own."""
    path = tmp_path / 'a.zip'
    path.write_bytes(b'x')
    with pytest.raises(UserError, match='has 1 bytes, the published file'):
        verify(path, size=2)
    with pytest.raises(
        UserError, match=r'has md5 .* the published file has 1'
    ):
        verify(path, checksum='md5:1')
    with serving({'a.zip': CONTENT}) as served:
        for known in ({'size': 2}, {'checksum': MD5}):
            with pytest.raises(UserError, match='the published file has'):
                fetch(served, path, **known)
    assert served.asked == []
    assert path.read_bytes() == b'x'
    assert digest(path, 'sha256') == hashlib.sha256(b'x').hexdigest()
    shutil.rmtree(tmp_path)
