# Zoom-out with one hidden layer of 128, MSRC-21, without ImageNet's weights.
# The paper has no row for it.
_base_ = [
    '../_base_/models/zoom_out_narrow_vgg16.py',
    '../_base_/datasets/msrc21_superpixels.py',
    '../_base_/schedules/scratch_zoom_out.py',
    '../_base_/default_runtime.py',
]
model = dict(
    superpixels={{_base_.superpixels}},
    backbone=dict(
        crop_size=48,  # 64 would take twice as long
        local=dict(
            num_classes=21,
            init_cfg=dict(leaf='zoom_out/local-convnet_msrc21'),
        ),
        network=dict(init_cfg=dict(leaf='zoom_out/vgg16-tags_msrc21')),
    ),
    decode_head=dict(
        in_channels=3913,
        num_classes=21,
        hidden=[128],
        loss_decode=dict(num_classes=21),
    ),
)
