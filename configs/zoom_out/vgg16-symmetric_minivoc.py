# Zoom-out, all features, linear, the symmetric loss, minivoc.
# Reproduces the idea of a row of Table 1, not a published number.
_base_ = './vgg16-linear_minivoc.py'
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='CrossEntropyLoss', avg_non_ignore=True
        )
    )
)
