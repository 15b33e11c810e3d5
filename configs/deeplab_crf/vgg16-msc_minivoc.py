# Ablation of vgg16_minivoc.py: with MSc's side branches, at a quarter of their
# width. As in the release only they learn, on top of a trained vgg16_minivoc;
# their rate and first spread are ours.
_base_ = './vgg16_minivoc.py'
starts_from = 'deeplab_crf/vgg16_minivoc'
model = dict(
    backbone=dict(frozen_blocks=5),
    decode_head=dict(
        type='DeepLabMScHead',
        trained='branches',
        branch_inputs=(3, 16, 32, 64, 128),
        branch_channels=32,
        init_cfg=dict(type='Normal', layer='Conv2d', std=0.05),
    ),
)
optim_wrapper = dict(optimizer=dict(lr=0.02))
