# Contextual deep CRF, PASCAL Context val, 59 classes.
# Not in the paper; chosen: all of vgg16_context60.py, scales, crops and
# batches of the data set's base, all potentials in one run.
_base_ = [
    '../_base_/models/context_crf_vgg16.py',
    '../_base_/datasets/context59.py',
    '../_base_/schedules/context_crf_poly.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=59))
