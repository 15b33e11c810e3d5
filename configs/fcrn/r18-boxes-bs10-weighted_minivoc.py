# Ablation of r18-boxes-bs10_minivoc.py: cells of small instances weigh more.
_base_ = './r18-boxes-bs10_minivoc.py'
model = dict(decode_head=dict(loss_decode=dict(weight='box')))
