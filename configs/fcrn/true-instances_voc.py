# Oracle of both parts, VOC 2012 val with its own outlines: what the grouping
# loses. No weights.
_base_ = [
    '../_base_/models/hough_instances.py',
    '../_base_/datasets/voc_objects.py',
    '../_base_/schedules/test_only.py',
    '../_base_/default_runtime.py',
]
assembled_from = dict()
model = dict(
    semantic=dict(type='TrueClasses', num_classes=21),
    localisation=dict(type='TrueBoxes', things=list(range(1, 21))),
)
