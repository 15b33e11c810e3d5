# The contextual CRF on the features of the narrow FCRN, its unary
# bootstrapped; minivoc, from random weights.
_base_ = '../fcrn/r18-bs48_minivoc.py'
model = dict(
    decode_head=dict(
        _delete_=True,
        type='ContextCRFHead',
        potentials=('unary', 'surrounding', 'above_below'),
        in_index=3,  # one map for all three
        in_channels=128,
        channels=128,
        norm_cfg=dict(type='BN'),
        num_classes=12,
        loss_decode=dict(type='BootstrappedCrossEntropyLoss', k=48),
    )
)
