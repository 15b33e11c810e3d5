# Bootstrapping once the network has learned: what r18-k3d6_msrc21.py trained
# goes on for 1000 iterations with the 96 hardest cells.
_base_ = './r18-tuned_msrc21.py'
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='BootstrappedCrossEntropyLoss', k=96
        )
    )
)
