"""Grouping written out pixel by pixel, as the reference of its tests."""

import math


def overlap(first, second):
    """Intersection over union of two boxes; 0 where one is no box."""
    sides = []
    for box in (first, second):
        width, height = box[2] - box[0], box[3] - box[1]
        if not (width > 0 and height > 0 and math.isfinite(width * height)):
            return 0.0
        sides.append(width * height)
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (sides[0] + sides[1] - shared)


def among_highest(probs, label, y, x, rank):
    """Whether fewer than ``rank`` classes are above this one."""
    own = probs[label][y][x]
    if own <= 0:
        return False
    rivals = [plane[y][x] for plane in probs]
    rivals.append(max(0.0, 1 - sum(rivals)))
    return sum(rival > own for rival in rivals) < rank


def pixel_box(planes, y, x):
    dy, dx, height, width = (plane[y][x] for plane in planes)
    cy, cx = y + 0.5 + dy, x + 0.5 + dx
    return (
        cx - width / 2,
        cy - height / 2,
        cx + width / 2,
        cy + height / 2,
    )


def clusters_of(pixels, box_iou):
    """Greedy suppression over ``(score, place, box)``, best first."""
    left = sorted(pixels, key=lambda pixel: (-pixel[0], pixel[1]))
    while left:
        best, *others = left
        cluster, left = [best], []
        for other in others:
            near = overlap(best[2], other[2]) > box_iou
            (cluster if near else left).append(other)
        yield cluster


def reference(
    probs, boxes, *, top_n, box_iou, mask_iou, min_pixels, max_per_class
):
    """Return ``(label, score, pixels, box, rank)`` by falling score."""
    probs, boxes = probs.tolist(), boxes.tolist()
    places = [
        (y, x) for y in range(len(probs[0])) for x in range(len(probs[0][0]))
    ]
    result = []
    for label, planes in enumerate(boxes):
        pooled, former = [], None
        for rank in range(1, top_n + 1):
            chosen = [
                (y, x)
                for y, x in places
                if among_highest(probs, label, y, x, rank)
            ]
            if chosen == former:
                continue
            former = chosen
            pixels = [
                (probs[label][y][x], (y, x), pixel_box(planes, y, x))
                for y, x in chosen
            ]
            found = []
            for cluster in clusters_of(pixels, box_iou):
                if len(cluster) < min_pixels:
                    continue
                score = math.fsum(p[0] for p in cluster) / len(cluster)
                members = {p[1] for p in cluster}
                found.append((label, score, members, cluster[0][2], rank))
            found.sort(key=lambda item: -item[1])
            pooled += found[:max_per_class]
        pooled.sort(key=lambda item: -item[1])
        kept = []
        for item in pooled:
            ious = [
                len(item[2] & other[2]) / len(item[2] | other[2])
                for other in kept
            ]
            if all(iou <= mask_iou for iou in ious):
                kept.append(item)
        result += kept
    return sorted(result, key=lambda item: -item[1])
