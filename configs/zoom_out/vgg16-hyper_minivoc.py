# Zoom-out end to end at a quarter of the width, minivoc, from random weights.
# Reproduces the idea, not a published number.
#   python tools/train.py configs/zoom_out/vgg16-hyper_minivoc.py
_base_ = [
    '../_base_/models/zoom_out_hyper_narrow_vgg16.py',
    '../_base_/datasets/minivoc_patches.py',
    '../_base_/schedules/scratch_hyper_minivoc.py',
    '../_base_/default_runtime.py',
]
model = dict(
    superpixels={{_base_.superpixels}},
    decode_head=dict(num_classes=12),
)
train_dataloader = dict(batch_size=4)
