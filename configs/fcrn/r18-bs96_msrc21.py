# Ablation of r18-k3d6_msrc21.py: learns from the 96 hardest cells.
_base_ = './r18-k3d6_msrc21.py'
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='BootstrappedCrossEntropyLoss', k=96
        )
    )
)
