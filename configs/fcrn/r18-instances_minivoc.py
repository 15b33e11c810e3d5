# Instances from the narrow FCRNs for classes and for boxes, minivoc.
# Reproduces the idea, not a published number.
_base_ = [
    '../_base_/models/hough_instances_minivoc.py',
    '../_base_/datasets/minivoc_instances.py',
    '../_base_/schedules/test_only.py',
    '../_base_/default_runtime.py',
]
assembled_from = dict(
    semantic='fcrn/r18-k3d6_minivoc',
    localisation='fcrn/r18-boxes_minivoc',
)
