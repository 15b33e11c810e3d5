# The narrow FCRN, bootstrapped, and the dense CRF behind it, minivoc.
_base_ = '../fcrn/r18-bs48_minivoc.py'
trained_by = 'fcrn/r18-bs48_minivoc'  # the CRF has no weights
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
