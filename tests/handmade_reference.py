"""Hand-made features written out region by region, with masks of pixels."""

import math

import cv2
import numpy as np

RANGES = [(0, 100), (-86.2, 98.3), (-107.9, 94.5)]


def shares(codes, bins):
    """Histogram of a list of codes, each a share of all."""
    histogram = [0.0] * bins
    for code in codes:
        histogram[code] += 1 / len(codes)
    return histogram


def entropy(histogram):
    return -sum(p * math.log(p) for p in histogram if p > 0)


def even_code(value, channel, bins):
    low, high = RANGES[channel]
    place = math.floor((value - low) / (high - low) * bins)
    return min(max(place, 0), bins - 1)


def adaptive_code(value, edges):
    """Count the edges below: each is the last value of its bin."""
    return sum(edge < value for edge in edges)


def quantile_edges(values, bins):
    """Return the least values that k of bins parts do not exceed."""
    ranked = sorted(values)
    return [
        ranked[math.ceil(k * len(ranked) / bins) - 1] for k in range(1, bins)
    ]


def closest(sample, words):
    distances = [((sample - word) ** 2).sum() for word in words]
    return int(np.argmin(distances))


def grid(height, width, step):
    return [
        (x, y)
        for y in range(step // 2, height, step)
        for x in range(step // 2, width, step)
    ]


def region_row(photo, mask, *, responses, textons, words, descriptors, step):
    """Return the row of one region; dictionaries one for each channel.

    ``responses`` are ``(38, H, W)``, ``descriptors`` of each size and channel
    ``(P, 128)``.
    """
    height, width = mask.shape
    lab = cv2.cvtColor(np.float32(photo) / 255, cv2.COLOR_RGB2Lab)
    even, adaptive, even_entropies = [], [], []
    for channel in range(3):
        values = lab[..., channel][mask].tolist()
        for bins in (32, 8):
            codes = [even_code(value, channel, bins) for value in values]
            even += shares(codes, bins)
            if bins == 32:
                even_entropies.append(entropy(shares(codes, bins)))
            edges = quantile_edges(lab[..., channel].ravel().tolist(), bins)
            codes = [adaptive_code(value, edges) for value in values]
            adaptive += shares(codes, bins)
    found = [closest(r, textons) for r in responses[:, mask].T]
    texture = shares(found, len(textons))
    inside = [
        i for i, (x, y) in enumerate(grid(height, width, step)) if mask[y, x]
    ]
    bags, bag_entropies = [], []
    for channel in range(3):
        each = [
            shares(
                [closest(size[channel][i], words[channel]) for i in inside],
                len(words[channel]),
            )
            for size in descriptors
        ]
        bags += [sum(column) / len(each) for column in zip(*each, strict=True)]
        bag_entropies += [entropy(histogram) for histogram in each]
    ys, xs = np.nonzero(mask)
    x = ((xs + 0.5).mean() - width / 2) / (width / 2)
    y = ((ys + 0.5).mean() - height / 2) / (height / 2)
    return [
        *even,
        *even_entropies,
        *adaptive,
        *texture,
        entropy(texture),
        *bags,
        *bag_entropies,
        *[x, y, abs(x), abs(y)],
    ]
