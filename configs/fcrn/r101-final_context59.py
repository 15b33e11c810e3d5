# The network of r101-final_context60.py, PASCAL Context val, 59 classes.
# Not in the paper; chosen: all of that leaf, without background.
_base_ = [
    '../_base_/models/fcrn_final_resnet101.py',
    '../_base_/datasets/context59_crop500.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=59))
views = dict(scales=(0.75, 1.0, 1.25), flip=True)
