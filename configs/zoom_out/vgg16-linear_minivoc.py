# Zoom-out, all features, linear, minivoc.
# Reproduces the idea of a row of Tables 1 and 2, not a published number.
_base_ = [
    '../_base_/models/zoom_out_narrow_vgg16.py',
    '../_base_/datasets/minivoc_superpixels.py',
    '../_base_/schedules/scratch_zoom_out.py',
    '../_base_/default_runtime.py',
]
model = dict(
    superpixels={{_base_.superpixels}},
    backbone=dict(
        sift_step=4,  # superpixels have 6 pixels a side
        local=dict(
            num_classes=12,
            foreground=[5, 6, 7, 8, 9, 10, 11],
            init_cfg=dict(leaf='zoom_out/local-convnet_minivoc'),
        ),
        network=dict(init_cfg=dict(leaf='zoom_out/vgg16-tags_minivoc')),
    ),
    decode_head=dict(
        in_channels=3906,
        num_classes=12,
        loss_decode=dict(num_classes=12),
    ),
)
