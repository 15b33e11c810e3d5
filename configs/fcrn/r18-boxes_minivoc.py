# Localisation network on a narrow ResNet-18, stride 8, minivoc, from random
# weights. Reproduces the idea, not a published number.
_base_ = [
    '../_base_/models/fcrn_boxes_narrow_resnet18.py',
    '../_base_/datasets/minivoc_boxes.py',
    '../_base_/schedules/scratch_fcrn_minivoc.py',
    '../_base_/default_runtime.py',
]
