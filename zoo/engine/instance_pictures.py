"""Draw and write the instances of a tested photograph."""

import colorsys
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmseg.structures import SegDataSample
from PIL import Image, ImageDraw
from pycocotools import mask as coco
from scipy import ndimage

from zoo.files import write_text

SHOWN = 0.5  # the least score of what is drawn; files hold all
HEIGHT = 360  # pixels; smaller photographs are enlarged to about as many
TURN = 0.618034  # of the colour circle, so that neighbours differ


def enlargement(height: int) -> int:
    """Return how many times a picture is enlarged, for words to fit in."""
    return max(1, round(HEIGHT / height))


def draw_instances(
    image: np.ndarray, found: InstanceData, names: Sequence[str]
) -> np.ndarray:
    """Return a photograph with outlines, classes and scores of instances.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        found: ``labels`` and ``masks`` ``(m, H, W)``; with ``scores`` only
            those of at least ``SHOWN`` are drawn.
        names: Of all classes, by label.

    Returns:
        ``(f H, f W, 3)`` uint8, enlarged ``enlargement(H)`` times.
    """
    factor = enlargement(len(image))
    picture = enlarged(image, factor).astype(np.float32)
    words = []
    for index, (mask, text) in enumerate(_shown(found, names)):
        region = enlarged(mask, factor)
        colour = _colour(index)
        inside = ndimage.binary_erosion(region, iterations=2)
        picture[inside] = 0.6 * picture[inside] + 0.4 * colour
        picture[region & ~inside] = colour
        rows, columns = np.nonzero(region)
        if rows.size:
            words.append((int(columns.min()), int(rows.min()), text))
    drawn = Image.fromarray(picture.astype(np.uint8))
    pen = ImageDraw.Draw(drawn)
    for left, top, text in words:
        place = (left, max(0, top - 12))
        pen.rectangle(pen.textbbox(place, text), fill='black')
        pen.text(place, text, fill='white')
    return np.asarray(drawn)


def enlarged(picture: np.ndarray, factor: int) -> np.ndarray:
    """Return ``(H, W, ...)`` with every pixel repeated."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def true_instances(sample: SegDataSample) -> InstanceData:
    """Return the instances that a sample was loaded with, as masks."""
    truth = sample.gt_instances
    numbers = sample.gt_instance_map.data.squeeze(0).cpu().numpy()
    each = np.arange(1, len(truth.labels) + 1)
    masks = numbers[None] == each[:, None, None]
    return InstanceData(labels=truth.labels.cpu().numpy(), masks=masks)


def write_instances(
    sample: SegDataSample, names: Sequence[str], path: Path
) -> None:
    """Write the predicted instances of a sample as JSON, the best first.

    A list of objects: ``label``, ``class``, ``score``, ``box`` (x0, y0, x1,
    y1 in pixels) and ``mask``, COCO's compressed run lengths ``{size,
    counts}``.
    """
    found = sample.pred_instances
    entries = []
    for index, label in enumerate(found.labels.tolist()):
        mask = np.asfortranarray(found.masks[index].cpu().numpy(), np.uint8)
        runs = coco.encode(mask)
        box = found.bboxes[index].tolist()
        entries.append(
            {
                'label': label,
                'class': names[label],
                'score': round(float(found.scores[index]), 6),
                'box': [round(edge, 2) for edge in box],
                'mask': {**runs, 'counts': runs['counts'].decode()},
            }
        )
    lines = ',\n'.join(json.dumps(entry) for entry in entries)
    write_text(path, f'[\n{lines}\n]\n' if entries else '[]\n')


def _shown(
    found: InstanceData, names: Sequence[str]
) -> list[tuple[np.ndarray, str]]:
    """Return mask and caption of what is drawn, the best on top of others."""
    scores = found.get('scores')
    shown = []
    for index, label in enumerate(found.labels.tolist()):
        text = names[label]
        if scores is not None:
            if (score := float(scores[index])) < SHOWN:
                continue
            text = f'{text} {score:.2f}'
        mask = torch.as_tensor(found.masks[index]).cpu().numpy()
        shown.append((mask, text))
    return shown[::-1]


def _colour(index: int) -> np.ndarray:
    hue = (index * TURN) % 1
    return 255 * np.array(colorsys.hsv_to_rgb(hue, 0.9, 1.0), np.float32)
