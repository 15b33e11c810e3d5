# Ablation of r18-os16-k3d3_msrc21.py: learns from the 24 hardest cells.
_base_ = './r18-os16-k3d3_msrc21.py'
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='BootstrappedCrossEntropyLoss', k=24
        )
    )
)
