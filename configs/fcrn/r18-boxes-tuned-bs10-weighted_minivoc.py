# As r18-boxes-tuned-bs10_minivoc.py, and small things weigh more.
_base_ = './r18-boxes-tuned-bs10_minivoc.py'
model = dict(decode_head=dict(loss_decode=dict(weight='box')))
