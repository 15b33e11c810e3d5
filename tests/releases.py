"""Build releases of data sets as owners pack them; stop their preparation."""

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat


def picture(rng, height, width, suffix='.png'):
    """Return a photograph of noise as the content of a file."""
    image = Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, {'.png': 'PNG', '.jpg': 'JPEG'}[suffix])
    return buffer.getvalue()


def mat(**variables):
    """Return the content of a MATLAB file, version 5, compressed."""
    buffer = io.BytesIO()
    savemat(buffer, variables, do_compression=True)
    # without the time that scipy writes into the header: bytes repeat
    return b'MATLAB 5.0 MAT-file'.ljust(116) + buffer.getvalue()[116:]


def cell(*items):
    """Return a column of cells."""
    cells = np.empty((len(items), 1), object)
    cells[:, 0] = items
    return cells


def zip_file(files):
    """Return a zip archive of contents by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)  # of no time, so that bytes repeat
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def tar_file(files, *, packed=True):
    """Return a tar archive with its folders, also gzipped."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w') as archive:
        folders = {n.rsplit('/', 1)[0] for n in files if '/' in n}
        for name in sorted(folders):
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    content = buffer.getvalue()
    return gzip.compress(content, mtime=0) if packed else content


def pack(path, files):
    """Write a zip or tar file, with a copy of macOS's; returns its path."""
    path.parent.mkdir(exist_ok=True)
    first = next(iter(files))
    hidden = '/'.join([*first.split('/')[:-1], '._' + first.split('/')[-1]])
    files = {hidden: b'mac', **files}
    if path.suffix == '.zip':
        content = zip_file(files)
    else:
        content = tar_file(files, packed=path.suffix != '.tar')
    path.write_bytes(content)
    return path


def lay_out(folder, files):
    """Write the files of an archive as it unpacks; returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def snapshot(root):
    """Return the content of each file below a folder."""
    files = (p for p in sorted(root.rglob('*')) if p.is_file())
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}


def stop_at(monkeypatch, module, count):
    """Interrupt what writes through ``module.write_bytes`` after some files.

    Returns a function that lets it write again.
    """
    written = []
    original = module.write_bytes

    def write(path, content):
        if len(written) == count:
            raise KeyboardInterrupt
        written.append(path)
        original(path, content)

    monkeypatch.setattr(module, 'write_bytes', write)
    return lambda: monkeypatch.setattr(module, 'write_bytes', original)


def interrupted_equals_whole(monkeypatch, prepare, folder, module, files):
    """Assert that a stopped preparation, called again, ends the same.

    ``prepare`` takes the folder of the result; ``module`` writes the files,
    of which the first ``files`` get through.
    """
    prepare(folder / 'whole')
    whole = snapshot(folder / 'whole')
    go_on = stop_at(monkeypatch, module, files)
    with pytest.raises(KeyboardInterrupt):
        prepare(folder / 'half')
    half = snapshot(folder / 'half')
    assert len(half) < len(whole)
    assert half.items() <= whole.items()
    assert not any('splits' in n or 'Context/train' in n for n in half)
    go_on()
    for _ in range(2):  # the second time all is there
        prepare(folder / 'half')
        assert snapshot(folder / 'half') == whole
