# The narrow FCRN, bootstrapped, and the dense CRF behind it, MSRC-21.
_base_ = '../fcrn/r18-bs96_msrc21.py'
trained_by = 'fcrn/r18-bs96_msrc21'  # the CRF has no weights
model = dict(
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=5.0,
            bilateral_xy_std=40.0,
            bilateral_rgb_std=6.0,
        )
    ]
)
