# The network of r101-final_voc.py, Stanford Background, first of five folds.
# Not in the paper; chosen: all of that leaf, scales, crops and batches of
# stanford.py.
_base_ = [
    '../_base_/models/fcrn_final_resnet101.py',
    '../_base_/datasets/stanford.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=8))
views = dict(scales=(0.75, 1.0, 1.25), flip=True)
