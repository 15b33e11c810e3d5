# Ablation of r18-k3d6_minivoc.py: ResNet-34, as narrow.
_base_ = './r18-k3d6_minivoc.py'
model = dict(backbone=dict(depth=34))
