# Goes on from the trained r18-boxes_minivoc.py, bootstrapped with 10 cells.
_base_ = './r18-boxes-tuned_minivoc.py'
model = dict(decode_head=dict(loss_decode=dict(k=10)))
