# Which classes a picture holds: narrow VGG-16, Stanford Background, from
# random weights. Learns from tags of crops of the training images only; its
# network then stands in for the paper's, which ImageNet trained. Ours.
_base_ = [
    '../_base_/models/tags_narrow_vgg16.py',
    '../_base_/datasets/stanford_tags.py',
    '../_base_/schedules/scratch_tags.py',
    '../_base_/default_runtime.py',
]
model = dict(num_classes=8)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=50, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=600, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=600, val_interval=600)
