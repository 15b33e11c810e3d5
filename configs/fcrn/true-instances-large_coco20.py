# Ablation of true-instances_coco20.py: clusters of less than 16 cells, which
# are 1024 pixels, are dropped.
_base_ = './true-instances_coco20.py'
model = dict(grouper=dict(min_pixels=16))
