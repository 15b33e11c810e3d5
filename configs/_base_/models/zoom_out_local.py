# Zoom-out's local networks (Mostajabi et al., CVPR 2015): one tells the
# classes, the other, where a leaf names foreground classes, foreground from
# background. Knows no data set or schedule: other bases bring those.
model = dict(
    type='SuperpixelSegmentor',
    per_image=64,
    backbone=dict(type='SuperpixelPatches'),
    decode_head=dict(type='LocalConvnetHead', num_classes=21),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)
