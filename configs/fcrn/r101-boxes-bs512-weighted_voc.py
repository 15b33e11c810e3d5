# Localisation network on ResNet-101, bootstrapped and weighted as
# r50-boxes-bs512-weighted_voc.py is.
_base_ = [
    '../_base_/models/fcrn_boxes_resnet101.py',
    '../_base_/datasets/voc_boxes.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
model = dict(
    decode_head=dict(
        loss_decode=dict(type='BoxRegressionLoss', k=512, weight='box')
    )
)
