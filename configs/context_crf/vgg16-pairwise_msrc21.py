# Ablation of vgg16_msrc21.py: pairwise potentials, no dense CRF.
_base_ = './vgg16_msrc21.py'
trained_by = 'context_crf/vgg16_msrc21'  # the CRF has no weights
model = dict(post_processors=None)
