# Ablation of true-instances_coco20.py: every pixel is a cell; clusters of less
# than 16 pixels are dropped.
_base_ = './true-instances_coco20.py'
model = dict(grouper=dict(stride=1, min_pixels=16))
