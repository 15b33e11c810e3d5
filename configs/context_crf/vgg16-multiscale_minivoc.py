# Ablation of vgg16-crf_minivoc.py: no dense CRF.
_base_ = './vgg16-unary_minivoc.py'
trained_by = 'context_crf/vgg16-unary_minivoc'  # the same network
