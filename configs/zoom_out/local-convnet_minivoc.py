# Local networks of zoom-out on superpixels alone, minivoc, random weights.
# Background and stuff against the things, boat to bird. Schedule ours.
_base_ = [
    '../_base_/models/zoom_out_local.py',
    '../_base_/datasets/minivoc_patches.py',
    '../_base_/schedules/scratch_local_convnet.py',
    '../_base_/default_runtime.py',
]
model = dict(
    superpixels={{_base_.superpixels}},
    decode_head=dict(num_classes=12, foreground=list(range(5, 12))),
)
