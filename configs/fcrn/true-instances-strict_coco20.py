# Ablation of true-instances-fine_coco20.py: only boxes that are all but equal
# join, and masks hardly suppress.
_base_ = './true-instances-fine_coco20.py'
model = dict(grouper=dict(box_iou=0.9, mask_iou=0.9))
