# Ablation of true-instances_coco20.py: every pixel is a cell, and no cluster
# is too small.
_base_ = './true-instances_coco20.py'
model = dict(grouper=dict(stride=1, min_pixels=1))
