# Which classes a picture holds: narrow VGG-16, MSRC-21, from
# random weights. Learns from tags of crops of the training images only; its
# network then stands in for the paper's, which ImageNet trained. Ours.
_base_ = [
    '../_base_/models/tags_narrow_vgg16.py',
    '../_base_/datasets/msrc21_tags.py',
    '../_base_/schedules/scratch_tags.py',
    '../_base_/default_runtime.py',
]
model = dict(num_classes=21)
