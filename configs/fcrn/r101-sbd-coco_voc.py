# FCRN-101 on images of SBD and COCO, bootstrapped with 512 cells: the classes
# for the last row of Table 6. Which network gave them is not printed. There
# COCO comes first (Sec. 3.2); here both are learned at once.
_base_ = [
    '../_base_/models/fcrn_resnet101.py',
    '../_base_/datasets/voc_sbd_coco.py',
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
