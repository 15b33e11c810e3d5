"""Count the ids of the PNG files that label maps mostly are."""

import struct
import zlib
from typing import NamedTuple

import numpy as np

_SIGNATURE = b'\x89PNG\r\n\x1a\n'
_HEADER = struct.Struct('>IIBBBBB')
_NEEDED = (b'IHDR', b'PLTE', b'IDAT')
_GREY, _PALETTE = 0, 3
_LARGEST = 1 << 16  # bytes of compressed pixels: at most 68 MB unpacked


class Counts(NamedTuple):
    """What a label map consists of.

    Attributes:
        shape: ``(H, W)``.
        pixels: ``(256,)`` how many of each stored id.
        wide: Ids that eight bits do not hold, ascending.
    """

    shape: tuple[int, int]
    pixels: np.ndarray
    wide: tuple[int, ...] = ()


def count_plain_png(content: bytes) -> Counts | None:
    """Count the ids of a PNG of 8-bit palette or grey, unfiltered.

    That is the form in which VOC and the zoo write label maps. To a decoder
    the pixels of such a file are its decompressed bytes, one of which, the
    filter, stands before every row; they are counted in runs of one id.

    Every checksum is compared, so that a file that a decoder would refuse is
    not accepted here.

    Args:
        content: Of the file.

    Returns:
        ``None`` for any other file, intact or not: let a decoder judge it.
    """
    chunks = _chunks(content)
    if chunks is None:
        return None
    width, height, *form = _HEADER.unpack(chunks[b'IHDR'])
    packed = chunks[b'IDAT']
    if form not in ([8, _PALETTE, 0, 0, 0], [8, _GREY, 0, 0, 0]):
        return None
    if form[1] == _PALETTE and not chunks[b'PLTE']:
        return None
    size = height * (width + 1)
    # DEFLATE packs at most 1032 bytes into one.
    if not 0 < size <= 1032 * len(packed) or len(packed) > _LARGEST:
        return None
    try:
        # One byte more or less of room makes it copy.
        raw = zlib.decompress(packed, bufsize=size)
    except zlib.error:
        return None
    if len(raw) != size or raw[:: width + 1] != bytes(height):
        return None
    pixels = _count_runs(np.frombuffer(raw, np.uint8))
    pixels[0] -= height  # the filters
    return Counts((height, width), pixels)


def _chunks(content: bytes) -> dict[bytes, bytes] | None:
    """Return what is in the chunks; ``None`` if the file is not intact."""
    if not content.startswith(_SIGNATURE):
        return None
    place, kind = len(_SIGNATURE), b''
    found: dict[bytes, list[bytes]] = {x: [] for x in _NEEDED}
    while kind != b'IEND':
        if len(content) < place + 12:
            return None
        size, kind = struct.unpack_from('>I4s', content, place)
        end = place + 8 + size
        body = content[place + 4 : end]
        if zlib.crc32(body).to_bytes(4, 'big') != content[end : end + 4]:
            return None
        if kind in found:
            found[kind].append(body[4:])
        place = end + 4
    joined = {kind: b''.join(parts) for kind, parts in found.items()}
    return joined if len(joined[b'IHDR']) == _HEADER.size else None


def _count_runs(values: np.ndarray) -> np.ndarray:
    """Return ``(256,)``: how often each occurs; fast where runs are long."""
    ends = np.empty(len(values), bool)
    ends[-1] = True
    np.not_equal(values[1:], values[:-1], out=ends[:-1])
    places = np.flatnonzero(ends)
    lengths = np.empty(len(places))
    lengths[0] = places[0] + 1
    np.subtract(places[1:], places[:-1], out=lengths[1:])
    counts = np.bincount(values[places], lengths, minlength=256)
    return counts.astype(np.int64)
