# Local network of zoom-out on superpixels alone, MSRC-21, random weights.
# Classes only, as the paper on Stanford Background. Schedule ours.
_base_ = [
    '../_base_/models/zoom_out_local.py',
    '../_base_/datasets/msrc21_patches.py',
    '../_base_/schedules/scratch_local_convnet.py',
    '../_base_/default_runtime.py',
]
model = dict(
    superpixels={{_base_.superpixels}},
    decode_head=dict(num_classes=21),
)
