# Local network of zoom-out on superpixels alone, Stanford Background, random
# weights. Classes only: the 8 features of the paper. Schedule ours.
_base_ = [
    '../_base_/models/zoom_out_local.py',
    '../_base_/datasets/stanford_patches.py',
    '../_base_/schedules/scratch_local_convnet.py',
    '../_base_/default_runtime.py',
]
model = dict(
    superpixels={{_base_.superpixels}},
    decode_head=dict(num_classes=8),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=20, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=250, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=250, val_interval=250)
