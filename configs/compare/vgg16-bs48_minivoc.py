# DeepLab's narrow network, bootstrapped as an FCRN: learns from the 48 hardest
# cells of each image; minivoc, from random weights.
_base_ = '../deeplab_crf/vgg16-nocrf_minivoc.py'
trained_by = None
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='BootstrappedCrossEntropyLoss', k=48
        )
    )
)
