# The contextual CRF on the features of FCRN-101, its unary bootstrapped: no
# published number.
_base_ = '../fcrn/r101-bs512_voc.py'
model = dict(
    decode_head=dict(
        _delete_=True,
        type='ContextCRFHead',
        potentials=('unary', 'surrounding', 'above_below'),
        in_index=3,  # one map for all three
        in_channels=2048,
        channels=512,
        num_classes=21,
        loss_decode=dict(type='BootstrappedCrossEntropyLoss', k=512),
    )
)
published = []
