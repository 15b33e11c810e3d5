# Ablation of true-instances_coco20.py: every pixel is a cell, no cluster is
# too small, only boxes all but equal join, and masks hardly suppress.
_base_ = './true-instances_coco20.py'
model = dict(grouper=dict(stride=1, min_pixels=1, box_iou=0.9, mask_iou=0.9))
