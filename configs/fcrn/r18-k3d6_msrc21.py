# FCRN on ResNet-18 at half the width, stride 8, MSRC-21, from random weights.
# Reproduces the idea on real photographs, not a published number.
#   python tools/train.py configs/fcrn/r18-k3d6_msrc21.py
_base_ = [
    '../_base_/models/fcrn_narrow_resnet18.py',
    '../_base_/datasets/msrc21.py',
    '../_base_/schedules/scratch_fcrn_msrc21.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(stem_channels=32, base_channels=32),
    decode_head=dict(in_channels=256),
)
