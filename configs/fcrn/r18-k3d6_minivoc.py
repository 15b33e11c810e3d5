# FCRN on a narrow ResNet-18, stride 8, minivoc, from random weights.
_base_ = [
    '../_base_/models/fcrn_narrow_resnet18.py',
    '../_base_/datasets/minivoc_rescaled.py',
    '../_base_/schedules/scratch_minivoc.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=12))
