# The network of r101-final_voc.py, SIFT-Flow test.
# Not in the paper; chosen: all of that leaf, scales, crops and batches of
# siftflow.py.
_base_ = [
    '../_base_/models/fcrn_final_resnet101.py',
    '../_base_/datasets/siftflow.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=33))
views = dict(scales=(0.75, 1.0, 1.25), flip=True)
