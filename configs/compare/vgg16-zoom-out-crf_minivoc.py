# Zoom-out and the dense CRF behind it, minivoc. The paper leaves such a
# combination to future work.
_base_ = '../zoom_out/vgg16_minivoc.py'
trained_by = 'zoom_out/vgg16_minivoc'  # the CRF has no weights
model = dict(
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=5.0,
            bilateral_xy_std=10.0,
            bilateral_rgb_std=6.0,
            gaussian_weight=1.0,
        )
    ]
)
