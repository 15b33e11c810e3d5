# The network of r101-final_voc.py, NYUDv2-40 test.
# Not in the paper; chosen: all of that leaf, scales, crops and batches of
# nyud40.py.
_base_ = [
    '../_base_/models/fcrn_final_resnet101.py',
    '../_base_/datasets/nyud40.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=40))
views = dict(scales=(0.75, 1.0, 1.25), flip=True)
