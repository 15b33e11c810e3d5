# Local networks of zoom-out on superpixels alone, VOC 2012, random weights:
# 21 + 2 features. The paper gives no schedule: this one is ours.
_base_ = [
    '../_base_/models/zoom_out_local.py',
    '../_base_/datasets/voc_patches.py',
    '../_base_/schedules/scratch_local_convnet.py',
    '../_base_/default_runtime.py',
]
model = dict(
    superpixels={{_base_.superpixels}},
    decode_head=dict(num_classes=21, foreground=list(range(1, 21))),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=100, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=20000, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=20000, val_interval=10000)
