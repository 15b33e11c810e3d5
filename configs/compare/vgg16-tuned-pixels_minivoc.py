# Control of vgg16-crf-rnn_minivoc.py: as many further iterations with its loss
# on pixels, the CRF as a post-processor. Ours.
_base_ = '../deeplab_crf/vgg16-tuned_minivoc.py'
model = dict(decode_head=dict(loss_at='pixels'))
