# FCRN-101 on images of SBD, bootstrapped with 512 cells: the classes for the
# rows of Table 6. Which network gave them is not printed; bootstrapping is our
# choice. Not trainaug: it holds many of the 5732 images that are tested.
_base_ = [
    '../_base_/models/fcrn_resnet101.py',
    '../_base_/datasets/voc_sbd.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='BootstrappedCrossEntropyLoss', k=512
        )
    )
)
