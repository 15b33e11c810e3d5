# FCRN on a narrow ResNet-18, stride 8, minivoc, from random weights.
# Reproduces the idea, not a published number.
#   python tools/train.py configs/fcrn/r18-k3d6_minivoc.py
_base_ = [
    '../_base_/models/fcrn_narrow_resnet18.py',
    '../_base_/datasets/minivoc_rescaled.py',
    '../_base_/schedules/scratch_fcrn_minivoc.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=12))
