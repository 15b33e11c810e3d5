# Localisation network on ResNet-50, bootstrapped and weighted: small instances
# count as much as large ones. The formula, 1 / (height width), is ours.
_base_ = './r50-boxes-bs512_voc.py'
model = dict(decode_head=dict(loss_decode=dict(weight='box')))
