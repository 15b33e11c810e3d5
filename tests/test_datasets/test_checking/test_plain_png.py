"""Plain PNG files are counted without a decoder, and as a decoder would."""

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from zoo.datasets.checking.plain_png import count_plain_png

RNG = np.random.default_rng(1)


def png(ids, mode='P', **options):
    picture = Image.fromarray(ids)
    if mode == 'P':
        picture.putpalette(bytes(range(256)) * 3)
    buffer = io.BytesIO()
    picture.save(buffer, 'PNG', **options)
    return buffer.getvalue()


def blocks(height, width):
    """Return regions of a few ids with borders of 255."""
    small = RNG.choice([0, 0, 7, 20, 255], (height // 4 + 1, width // 4 + 1))
    large = small.repeat(4, 0).repeat(4, 1)[:height, :width]
    return large.astype(np.uint8)


@pytest.mark.parametrize('size', [(1, 1), (1, 9), (9, 1), (37, 53), (375, 5)])
def test_counts_are_those_of_the_decoded_file(size):
    ids = blocks(*size)
    counts = count_plain_png(png(ids))
    assert counts.shape == size
    np.testing.assert_array_equal(
        counts.pixels, [(ids == i).sum() for i in range(256)]
    )
    assert counts.wide == ()


def test_noise_is_counted_too():
    ids = RNG.integers(0, 256, (30, 40), np.uint8)
    pixels = count_plain_png(png(ids)).pixels
    assert pixels.tolist() == [(ids == i).sum() for i in range(256)]


def test_several_chunks_of_pixels_are_one_file():
    ids = RNG.integers(0, 256, (30, 40), np.uint8)
    content = png(ids)
    place = content.index(b'IDAT') - 4
    size = int.from_bytes(content[place : place + 4], 'big')
    body = content[place + 8 : place + 8 + size]
    chunks = b''
    for part in (body[:50], body[50:]):
        check = zlib.crc32(b'IDAT' + part)
        chunks += len(part).to_bytes(4, 'big') + b'IDAT' + part
        chunks += check.to_bytes(4, 'big')
    content = content[:place] + chunks + content[place + 12 + size :]
    counts = np.bincount(ids.ravel(), minlength=256)
    np.testing.assert_array_equal(count_plain_png(content).pixels, counts)


def test_large_files_are_left_to_the_decoder():
    """Noise hardly shrinks; what may unpack to more than it says, neither."""
    ids = RNG.integers(0, 256, (300, 400), np.uint8)
    assert count_plain_png(png(ids)) is None


@pytest.mark.parametrize(
    ('ids', 'mode', 'options'),
    [
        (np.tile(np.arange(40, dtype=np.uint8), (30, 1)), 'L', {}),
        (np.eye(9, dtype=bool), '1', {}),
        (np.eye(9, dtype=np.uint8), 'P', {'bits': 4}),
        (np.full((9, 9), 300, np.uint16), 'I;16', {}),
        (np.zeros((9, 9, 3), np.uint8), 'RGB', {}),
    ],
)
def test_other_forms_are_left_to_the_decoder(ids, mode, options):
    assert count_plain_png(png(ids, mode, **options)) is None


def test_a_damaged_byte_is_seen_wherever_it_is():
    content = png(blocks(11, 13))
    assert count_plain_png(content) is not None
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        assert count_plain_png(bytes(damaged)) is None, place


def test_a_file_cut_short_is_seen_wherever_it_ends():
    content = png(blocks(11, 13))
    for end in range(len(content)):
        assert count_plain_png(content[:end]) is None, end


def chunk(kind, body):
    crc = zlib.crc32(kind + body)
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', crc)


def grey(height, width, packed):
    form = struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0)
    chunks = [(b'IHDR', form), (b'IDAT', packed), (b'IEND', b'')]
    return b'\x89PNG\r\n\x1a\n' + b''.join(chunk(*x) for x in chunks)


@pytest.mark.parametrize('rows', [2, 4, 4.5])
def test_other_than_the_stated_rows_are_left_to_the_decoder(rows):
    assert count_plain_png(grey(3, 9, zlib.compress(bytes(30)))) is not None
    packed = zlib.compress(bytes(int(rows * 10)))
    assert count_plain_png(grey(3, 9, packed)) is None


def test_pixels_without_their_checksum_are_left_to_the_decoder():
    packed = zlib.compress(bytes(30))
    for end in range(len(packed)):
        assert count_plain_png(grey(3, 9, packed[:end])) is None, end


def test_a_bomb_does_not_fill_the_memory():
    content = grey(10, 10, zlib.compress(bytes(100 << 20), 9))
    tracemalloc.start()
    try:
        assert count_plain_png(content) is None
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize('content', [b'', b'<html>', b'\xff\xd8\xff\xe0JFIF'])
def test_other_files_are_left_to_the_decoder(content):
    assert count_plain_png(content) is None
