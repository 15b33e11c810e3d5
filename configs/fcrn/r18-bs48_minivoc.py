# Ablation of r18-k3d6_minivoc.py: learns from the 48 hardest cells.
_base_ = './r18-k3d6_minivoc.py'
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='BootstrappedCrossEntropyLoss', k=48
        )
    )
)
